"""`annotate`: pages from files and corpora to records, without a network."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from extractor.corpora import FORMATS, Container, Entry, Part, Wanted, entries, fault, items_of, no_page, read
from extractor.errors import UnreadableError, UsageError
from extractor.records import Snapshot

_log = logging.getLogger(__name__)

_ENOUGH = 4  # containers a shard, from which on they are dealt out whole: nobody lists one that is another's


@dataclass(frozen=True, slots=True)
class Share:
    """One of so many shares that a corpus is dealt out in, part by part: the first part to the first, and so on."""

    number: int = 1
    of: int = 1

    def has(self, part: int) -> bool:
        """Whether a part, counted from 0, is in the share.

        >>> [part for part in range(8) if Share(2, 3).has(part)]
        [1, 4, 7]
        """
        return part % self.of == self.number - 1


_WHOLE = Share()


@dataclass(slots=True)
class Tally:
    """What came of reading: the reasons of what could not be read, and the paths that gave nothing at all.

    Of the parts of the corpus it has the number and a hash of their names, both whole when all are passed, and of each
    part that was read how many pages it gave.
    """

    unread: list[str] = field(default_factory=list)
    empty: list[Path] = field(default_factory=list)
    parts: int = 0
    pages: list[int] = field(default_factory=list)
    names: hashlib._Hash = field(default_factory=hashlib.sha256)

    def enter(self, part: Part) -> int:
        """The number of a part, from 0, which counts as passed."""
        self.names.update(part.name.encode("utf-8", "surrogatepass") + b"\0")
        self.parts += 1
        return self.parts - 1


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
            _log.warning("%s", item.reason)
    if unread:
        _log.warning("%s: %d could not be read.", path, unread)


def known_format(name: str) -> str:
    """The name of a format. Raises UsageError where there is none of that name."""
    if name and name not in FORMATS:
        raise UsageError(f"There is no format {name}: choose one of {', '.join(FORMATS)}.")
    return name


def read_paths(  # noqa: PLR0913 - as `read_corpus`, for several paths
    paths: Iterable[Path],
    tally: Tally,
    wanted: Wanted,
    *,
    form: str = "",
    strict: bool = False,
    share: Share = _WHOLE,
) -> Iterator[Snapshot]:
    """The snapshots at several paths, in order, or a share of them. What cannot be read is entered in the tally.

    Where `strict`, it raises UnreadableError instead.
    """
    listed = [(path, _entries_at(path, wanted, form, tell=share.number == 1)) for path in paths]
    containers = sum(isinstance(entry, Container) for _, found in listed for entry in found)
    for path, found in listed:
        parts = _parts_of(found, whole=1 < share.of <= containers / _ENOUGH)
        yield from _read_parts(parts, path, tally, wanted, strict=strict, share=share)


def _entries_at(path: Path, wanted: Wanted, form: str, *, tell: bool) -> list[Entry]:
    """What there is to read at a path; why, where there is nothing."""
    try:
        return list(entries(path, wanted, form, tell=tell))
    except UnreadableError as error:
        return [fault(str(error))]


def _parts_of(found: Iterable[Entry], *, whole: bool) -> Iterator[Part]:
    """What is dealt out: pages; containers `whole`, or what is in them."""
    for entry in found:
        if isinstance(entry, Part):
            yield entry
        elif whole:
            yield Part(entry.name, partial(items_of, Container(entry.name, partial(_parts_in, entry))))
        else:
            yield from _parts_in(entry)


def _parts_in(container: Container) -> Iterator[Part]:
    """The parts of a container; the reason, after those that it has, where they cannot be listed."""
    try:
        yield from container.parts()
    except UnreadableError as error:
        yield fault(str(error))


def _read_parts(  # noqa: PLR0913 - as `read_paths`, for one path
    parts: Iterable[Part], path: Path, tally: Tally, wanted: Wanted, *, strict: bool, share: Share
) -> Iterator[Snapshot]:
    """The snapshots in those parts of a path that are in a share; says so where there is none."""
    heard = found = False
    for part in parts:
        if not share.has(tally.enter(part)):
            heard = found = True  # for all we know
            continue
        tally.pages.append(0)
        for item in items_of(part):
            heard = True
            if isinstance(item, Snapshot):
                found = True
                tally.pages[-1] += 1
                yield item
            else:
                _refuse(item.reason, tally, strict=strict)
    if not heard:
        _refuse(no_page(path, wanted), tally, strict=strict)
    if not found:
        tally.empty.append(path)


def _refuse(reason: str, tally: Tally, *, strict: bool) -> None:
    """Enters what could not be read in the tally; where `strict`, raises it as UnreadableError."""
    if strict:
        raise UnreadableError(reason)
    tally.unread.append(reason)
