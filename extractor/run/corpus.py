"""`annotate`: pages from files to records, without a network."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.corpora import find_files, read_file
from extractor.errors import UnreadableError
from extractor.records import Policy, Snapshot
from extractor.run.annotator import Annotator

log = logging.getLogger(__name__)


def annotate_corpus(
    annotator: Annotator, paths: Iterable[Path], unread: list[str], *, workers: int = 1
) -> Iterator[Policy]:
    """The policies in files and folders, in order. What cannot be read is named in `unread` and passed over."""
    return annotator.pipe(read_paths(paths, unread), workers=workers)


def read_corpus(path: str | Path) -> Iterator[Snapshot]:
    """The snapshots in a file or folder: pages, WARC, WACZ, Princeton-Leuven Markdown.

    A file in a folder that cannot be read is passed over with a warning; raises UnreadableError where there is
    nothing to read at all.
    """
    for file in find_files(Path(path)):
        unread: list[str] = []
        yield from read_if_possible(file, unread)
        for reason in unread:
            log.warning("%s", reason)


def read_paths(paths: Iterable[Path], unread: list[str]) -> Iterator[Snapshot]:
    """The snapshots in files and folders; the reasons of those that cannot be read are added to `unread`."""
    for path in paths:
        try:
            files = find_files(path)
        except UnreadableError as error:
            unread.append(str(error))
            continue
        for file in files:
            yield from read_if_possible(file, unread)


def read_if_possible(file: Path, unread: list[str]) -> Iterator[Snapshot]:
    """The snapshots in a file, as many as can be read."""
    try:
        yield from read_file(file)
    except UnreadableError as error:
        unread.append(str(error))
