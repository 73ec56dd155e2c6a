"""What there is to read at a path, in the format that its content shows or the user names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from extractor.corpora import git
from extractor.corpora.files import file_entry, folder_entries
from extractor.corpora.items import (
    Container,
    CorpusEntry,
    CorpusFilter,
    CorpusItem,
    UnreadableItem,
    read_entry,
)
from extractor.corpora.opp115 import is_opp115, read_opp115_corpus
from extractor.corpora.places import named_by_place, place_of_files
from extractor.corpora.repositories import REPOSITORY_FORMATS, repository_reader
from extractor.corpora.rows import PageMetadata
from extractor.corpora.sidecar import read_sidecar, sidecar_key
from extractor.errors import UnreadableError
from extractor.records import Snapshot

CORPUS_FORMATS = ("pages", "princeton", "open-terms-archive", "opp115", "warc", "jsonl", "json", "csv", "datasets")


def read_path(path: Path, corpus_filter: CorpusFilter = CorpusFilter(), format_name: str = "") -> Iterator[CorpusItem]:
    """The pages at a path, one by one, and the reasons for what could not be read.

    `format_name` is one of CORPUS_FORMATS, "" to detect it. Raises UnreadableError if there is nothing to read.
    """
    empty = True
    for entry in list_entries(path, corpus_filter, format_name):
        for item in read_entry(entry):
            empty = False
            yield item
    if empty:
        yield UnreadableItem(no_page_message(path, corpus_filter))


def no_page_message(path: Path, corpus_filter: CorpusFilter) -> str:
    """A sentence that says that a path holds none of the selected pages."""
    condition = f" whose URL fits {corpus_filter.url_pattern}" if corpus_filter.url_pattern else ""
    return f"{path} holds no page{condition}."


def list_entries(
    path: Path, corpus_filter: CorpusFilter, format_name: str, *, root: Path | None = None, log_skipped: bool = True
) -> Iterator[CorpusEntry]:
    """What there is to read at a path, in order. No page is read yet, and containers are not listed yet.

    Pages of which nothing better is known are named by their paths below `root`, else below the folder or beside the
    file. Files of a folder that are skipped are logged if `log_skipped`. Raises UnreadableError if there is nothing to
    read.
    """
    if not path.exists():
        raise UnreadableError(f"There is no file or folder {path}: check the path.")
    if format_name == "opp115" or (not format_name and is_opp115(path)):
        return read_opp115_corpus(path, corpus_filter)
    if (
        format_name in ("", *REPOSITORY_FORMATS)
        and git.is_repository(path)
        and (reader := repository_reader(path, format_name))
    ):
        return iter((Container(str(path), partial(reader, path, corpus_filter)),))
    if path.is_dir():
        return folder_entries(path, corpus_filter, format_name, root=root or path, log_skipped=log_skipped)
    entry = _file_entry_with_sidecar(path, corpus_filter, format_name)
    return iter((named_by_place(entry, place_of_files(root or path.parent, ())),))


def _file_entry_with_sidecar(path: Path, corpus_filter: CorpusFilter, format_name: str) -> CorpusEntry:
    """What there is to read in a file, with its URL, date and names from the sidecar if one is named."""
    sidecar = read_sidecar(corpus_filter.sidecar, path.parent)[0] if corpus_filter.sidecar else {}
    metadata = sidecar.get(sidecar_key(path, path.parent), PageMetadata())
    return file_entry(path, corpus_filter, metadata, format_name)


def read_file(path: Path) -> Iterator[Snapshot]:
    """The snapshots in a file: one page, or each page of a corpus. Raises UnreadableError if one cannot be read."""
    for item in read_entry(named_by_place(file_entry(path, CorpusFilter()), place_of_files(path.parent, ()))):
        if isinstance(item, Snapshot):
            yield item
        elif not item.is_kept:
            raise UnreadableError(item.reason)
