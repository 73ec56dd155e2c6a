"""Names for the pages of files, of which a corpus says nothing but where they lie: their site, policy and date."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from extractor.corpora.items import Container, CorpusEntry, CorpusItem, CorpusPart, source_path
from extractor.filenames import PlaceName, Series, numbered_series, place_name
from extractor.records import Snapshot


@dataclass(frozen=True, slots=True)
class _Place:
    """The folder below which files are named by their paths, and the numbered series of names in it."""

    root: Path
    numbered: Series = frozenset()

    def name_of(self, path: str) -> PlaceName:
        """The names and date of a file; its path may be relative to the working folder."""
        return place_name(_parts_below(self.root, path), _folder_name(self.root), self.numbered)


def root_of(paths: Iterable[Path]) -> Path:
    """The folder that several paths have in common, absolute: of a folder itself, of a file its parent.

    >>> root_of([Path("/a/b/c.html"), Path("/a/b/d.html")]).as_posix()
    '/a/b'
    """
    folders = {os.path.abspath(path if path.is_dir() else path.parent) for path in paths}  # noqa: PTH100
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # none, or on several drives
        return Path.cwd()


def place_of_files(root: Path, files: Iterable[Path]) -> _Place:
    """The place of some files below a folder."""
    absolute = Path(os.path.abspath(root))  # noqa: PTH100
    return _Place(absolute, numbered_series(_parts_below(absolute, source_path(file)) for file in files))


def _parts_below(root: Path, path: str) -> tuple[str, ...]:
    """The parts of a path below a folder; of one outside, its file name."""
    parts, above = Path(os.path.abspath(path)).parts, Path(source_path(root)).parts  # noqa: PTH100
    return parts[len(above) :] if parts[: len(above)] == above else parts[-1:]


def _folder_name(folder: Path) -> str:
    """The name of a folder; the top of the file system has none."""
    return source_path(Path(folder.name)) or "page"


def named_by_place(entry: CorpusEntry, place: _Place) -> CorpusEntry:
    """The same entry; its pages that nothing better is known of are named by their paths."""
    if isinstance(entry, Container):
        return replace(entry, parts=partial(_named_parts, entry, place))
    return CorpusPart(entry.name, partial(_named_items, entry, place)) if entry.name else entry


def _named_parts(container: Container, place: _Place) -> Iterator[CorpusPart]:
    """The parts of a container with their pages named."""
    for part in container.parts():
        yield CorpusPart(part.name, partial(_named_items, part, place)) if part.name else part


def _named_items(part: CorpusPart, place: _Place) -> Iterator[CorpusItem]:
    """The items of a part with the pages named."""
    for item in part.read():
        yield _named_snapshot(item, place) if isinstance(item, Snapshot) else item


def _named_snapshot(snapshot: Snapshot, place: _Place) -> Snapshot:
    """A page with what the path of its file says, where nothing else does."""
    source, capture = snapshot.source, snapshot.capture
    if not source.path or (snapshot.policy and capture.timestamp) or (capture.original and source.record):
        return snapshot
    site, policy, timestamp = place.name_of(source.path)
    if not (capture.timestamp or source.record) and timestamp:
        source = replace(source, date_from="name")
        snapshot = replace(snapshot, source=source, capture=replace(capture, timestamp=timestamp))
    if snapshot.policy or capture.original or capture.target:
        return snapshot
    if source.record:
        policy = f"{policy}#{source.record}"
        site = policy
    return replace(snapshot, site=snapshot.site or site, policy=policy)
