"""`annotate`: pages from files and corpora to records, without a network."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from extractor.corpora import FORMATS, Unread, Wanted, read
from extractor.errors import UnreadableError, UsageError
from extractor.records import Snapshot

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """What came of reading: the reasons of what could not be read, and the paths that gave nothing at all."""

    unread: list[str] = field(default_factory=list)
    empty: list[Path] = field(default_factory=list)


def read_corpus(  # noqa: PLR0913 - each names a part of a corpus
    path: str | Path,
    *,
    format: str = "",
    documents: str | Iterable[str] = (),
    url_pattern: str = "",
    text_column: str = "",
    sidecar: str | Path | None = None,
    strict: bool = False,
) -> Iterator[Snapshot]:
    """The snapshots in a file, a folder, a git repository or a bundle, one by one, as its format gives them.

    `format` is one of extractor.corpora.FORMATS, "" to tell it by the content; `documents` are names or patterns of
    documents ("Privacy Policy", "*.html"); `url_pattern` is a pattern for the pages' URLs; `text_column` names the
    field or column with the text; `sidecar` is a CSV or JSONL with `path`, `url` and `date` (docs/formats.md).

    What cannot be read is passed over with a warning, and counted at the end; where `strict`, it raises
    UnreadableError. Raises UnreadableError where there is nothing to read at all, UsageError for an unknown format.
    """
    names = (documents,) if isinstance(documents, str) else tuple(documents)
    wanted = Wanted(names, url_pattern, text_column, Path(sidecar) if sidecar else None)
    unread = 0
    for item in read(Path(path), wanted, known_format(format)):
        if isinstance(item, Snapshot):
            yield item
        elif strict:
            raise UnreadableError(item.reason)
        else:
            unread += 1
            log.warning("%s", item.reason)
    if unread:
        log.warning("%s: %d could not be read.", path, unread)


def known_format(name: str) -> str:
    """The name of a format. Raises UsageError where there is none of that name."""
    if name and name not in FORMATS:
        raise UsageError(f"There is no format {name}: choose one of {', '.join(FORMATS)}.")
    return name


def read_paths(
    paths: Iterable[Path], tally: Tally, wanted: Wanted, *, form: str = "", strict: bool = False
) -> Iterator[Snapshot]:
    """The snapshots at several paths, in order. What cannot be read is entered in the tally.

    Where `strict`, it raises UnreadableError instead.
    """
    for path in paths:
        found = False
        for item in items_at(path, wanted, form):
            if isinstance(item, Snapshot):
                found = True
                yield item
            elif strict:
                raise UnreadableError(item.reason)
            else:
                tally.unread.append(item.reason)
        if not found:
            tally.empty.append(path)


def items_at(path: Path, wanted: Wanted, form: str) -> Iterator[Snapshot | Unread]:
    """What is at a path; why, where nothing is."""
    try:
        yield from read(path, wanted, form)
    except UnreadableError as error:
        yield Unread(str(error))
