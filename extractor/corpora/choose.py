"""Which reader a path is for: told by what it holds, unless the user names the format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from extractor.corpora import git
from extractor.corpora.files import read_folder, read_one
from extractor.corpora.opp115 import is_opp115, read_opp115
from extractor.corpora.reading import Facts, Item, Unread, Wanted
from extractor.corpora.repositories import REPOSITORIES, Reader, repository_reader
from extractor.corpora.sidecar import key_of, read_sidecar
from extractor.errors import UnreadableError
from extractor.records import Snapshot

FORMATS = ("pages", "princeton", "open-terms-archive", "opp115", "warc", "jsonl", "datasets")


def read(path: Path, wanted: Wanted = Wanted(), form: str = "") -> Iterator[Item]:
    """The pages at a path, one by one, and what there could not be read; `form` is one of FORMATS.

    Raises UnreadableError where there is nothing to read.
    """
    if not path.exists():
        raise UnreadableError(f"There is no file or folder {path}: check the path.")
    empty = True
    for item in items(path, wanted, form):
        empty = False
        yield item
    if empty:
        fitting = f" whose URL fits {wanted.url_pattern}" if wanted.url_pattern else ""
        yield Unread(f"{path} holds no page{fitting}.")


def items(path: Path, wanted: Wanted, form: str) -> Iterator[Item]:
    """What the reader of a path gives."""
    if reader := corpus_reader(path, form):
        return reader(path, wanted)
    return read_folder(path, wanted, form) if path.is_dir() else read_named(path, wanted, form)


def read_named(path: Path, wanted: Wanted, form: str) -> Iterator[Item]:
    """The pages in a file, with what the sidecar says of it where one is named."""
    facts = read_sidecar(wanted.sidecar, path.parent)[0] if wanted.sidecar else {}
    return read_one(path, wanted, facts.get(key_of(path, path.parent), Facts()), form)


def corpus_reader(path: Path, form: str) -> Reader | None:
    """The reader of a corpus that is more than its files, None where there is none."""
    if form == "opp115" or (not form and is_opp115(path)):
        return read_opp115
    return repository_reader(path, form) if form in ("", *REPOSITORIES) and git.is_repository(path) else None


def read_file(path: Path) -> Iterator[Snapshot]:
    """The snapshots in a file: one page, or each page of a corpus. Raises UnreadableError where one cannot be read."""
    for item in read_one(path, Wanted()):
        if isinstance(item, Unread):
            raise UnreadableError(item.reason)
        yield item
