"""Pages read from files and corpora, or the position of them that one shard has."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from extractor.corpora import (
    CORPUS_FORMATS,
    Container,
    CorpusEntry,
    CorpusFilter,
    CorpusPart,
    failed_part,
    list_entries,
    no_page_message,
    read_entry,
    read_path,
    root_of,
)
from extractor.errors import UnreadableError, UsageError
from extractor.records import Snapshot

_log = logging.getLogger(__name__)

_MIN_CONTAINERS_PER_SHARD = 4  # from so many on, whole containers are dealt out, so that no shard opens another's


@dataclass(frozen=True, slots=True)
class ShardPosition:
    """Which of how many shards: parts of a corpus are dealt out to them in turn, as cards are."""

    number: int = 1
    of: int = 1

    def has(self, part: int) -> bool:
        """Whether a part, counted from 0, is in this shard.

        >>> [part for part in range(8) if ShardPosition(2, 3).has(part)]
        [1, 4, 7]
        """
        return part % self.of == self.number - 1


_ONLY_SHARD = ShardPosition()


@dataclass(slots=True)
class CorpusTally:
    """What was read: the reasons why something could not be, the paths without a page, and the pages of each part read.

    The number of parts in the corpus and the hash of their names are complete once all parts have been passed.
    `expected` is how many parts there are to read, 0 where that would cost much to know.
    """

    unread: list[str] = field(default_factory=list)
    empty: list[Path] = field(default_factory=list)
    parts: int = 0
    expected: int = 0
    pages: list[int] = field(default_factory=list)
    names: hashlib._Hash = field(default_factory=hashlib.sha256)

    def count(self, part: CorpusPart) -> int:
        """Counts a part as passed and returns its number, from 0."""
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
    """The snapshots in a file, folder, git repository or git bundle, one by one.

    `format` is one of extractor.corpora.CORPUS_FORMATS, "" to detect it by the content; `documents` are names or
    patterns of documents ("Privacy Policy", "*.html"); `url_pattern` is a pattern for the pages' URLs; `text_column`
    names the field or column with the text; `sidecar` is a CSV or JSONL with `path`, `url`, `date` (docs/formats.md).

    What cannot be read is skipped with a warning and counted at the end; with `strict` it raises UnreadableError.
    Raises UnreadableError also where there is nothing to read at all, UsageError for an unknown format.
    """
    names = (documents,) if isinstance(documents, str) else tuple(documents)
    corpus_filter = CorpusFilter(names, url_pattern, text_column, Path(sidecar) if sidecar else None)
    unread = 0
    for item in read_path(Path(path), corpus_filter, require_known_format(format)):
        if isinstance(item, Snapshot):
            yield item
        elif strict:
            raise UnreadableError(item.reason)
        else:
            unread += 1
            _log.warning("%s", item.reason)
    if unread:
        _log.warning("%s: %d could not be read.", path, unread)


def require_known_format(name: str) -> str:
    """The same name. Raises UsageError where no format has it."""
    if name and name not in CORPUS_FORMATS:
        raise UsageError(f"There is no format {name}: choose one of {', '.join(CORPUS_FORMATS)}.")
    return name


def read_paths(  # noqa: PLR0913 - as `read_corpus`, for several paths
    paths: Iterable[Path],
    tally: CorpusTally,
    corpus_filter: CorpusFilter,
    *,
    format_name: str = "",
    strict: bool = False,
    position: ShardPosition = _ONLY_SHARD,
) -> Iterator[Snapshot]:
    """The snapshots at several paths, in order, or those of one shard. What cannot be read is added to the tally.

    With `strict` it raises UnreadableError instead.
    """
    paths = list(paths)
    root, is_first = root_of(paths), position.number == 1
    listed = [(path, _list_entries(path, corpus_filter, format_name, root, log_skipped=is_first)) for path in paths]
    containers = sum(isinstance(entry, Container) for _, found in listed for entry in found)
    tally.expected = _expected_parts([entry for _, found in listed for entry in found], corpus_filter) // position.of
    for path, found in listed:
        parts = _parts_of(found, whole=1 < position.of <= containers / _MIN_CONTAINERS_PER_SHARD)
        yield from _read_parts(parts, path, tally, corpus_filter, strict=strict, position=position)


def _list_entries(
    path: Path, corpus_filter: CorpusFilter, format_name: str, root: Path, *, log_skipped: bool
) -> list[CorpusEntry]:
    """The entries at a path; where there are none, an entry with the reason."""
    try:
        return list(list_entries(path, corpus_filter, format_name, root=root, log_skipped=log_skipped))
    except UnreadableError as error:
        return [failed_part(str(error))]


def _expected_parts(entries: Iterable[CorpusEntry], corpus_filter: CorpusFilter) -> int:
    """How many parts there are to read, 0 if that is not known: also where pages are selected by what they hold."""
    if corpus_filter.url_pattern or corpus_filter.documents:
        return 0
    counts = [entry.count_parts() if isinstance(entry, Container) else 1 for entry in entries]
    return sum(counts) if all(counts) else 0


def _parts_of(found: Iterable[CorpusEntry], *, whole: bool) -> Iterator[CorpusPart]:
    """The parts to deal out: pages, and containers either `whole` or page by page."""
    for entry in found:
        if isinstance(entry, CorpusPart):
            yield entry
        elif whole:
            yield CorpusPart(entry.name, partial(read_entry, Container(entry.name, partial(_parts_in, entry))))
        else:
            yield from _parts_in(entry)


def _parts_in(container: Container) -> Iterator[CorpusPart]:
    """The parts of a container; where listing them fails, the reason comes last."""
    try:
        yield from container.parts()
    except UnreadableError as error:
        yield failed_part(str(error))


def _read_parts(  # noqa: PLR0913 - as `read_paths`, for one path
    parts: Iterable[CorpusPart],
    path: Path,
    tally: CorpusTally,
    corpus_filter: CorpusFilter,
    *,
    strict: bool,
    position: ShardPosition,
) -> Iterator[Snapshot]:
    """The snapshots in those parts of a path that belong to a shard; reports a path without any."""
    has_items = has_pages = False
    for part in parts:
        if not position.has(tally.count(part)):
            has_items = has_pages = True  # as far as this shard can know
            continue
        tally.pages.append(0)
        for item in read_entry(part):
            has_items = True
            if isinstance(item, Snapshot):
                has_pages = True
                tally.pages[-1] += 1
                yield item
            else:
                _report_unread(item.reason, tally, strict=strict)
    if not has_items:
        _report_unread(no_page_message(path, corpus_filter), tally, strict=strict)
    if not has_pages:
        tally.empty.append(path)


def _report_unread(reason: str, tally: CorpusTally, *, strict: bool) -> None:
    """Adds the reason why something could not be read to the tally; with `strict`, raises it as UnreadableError."""
    if strict:
        raise UnreadableError(reason)
    tally.unread.append(reason)
