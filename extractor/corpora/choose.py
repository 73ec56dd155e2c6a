"""Which reader a path is for: told by what it holds, unless the user names the format."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from extractor.corpora import git
from extractor.corpora.files import entry_of, list_folder
from extractor.corpora.opp115 import is_opp115, read_opp115
from extractor.corpora.reading import Container, Entry, Facts, Item, Unread, Wanted, items_of
from extractor.corpora.repositories import REPOSITORIES, repository_reader
from extractor.corpora.sidecar import key_of, read_sidecar
from extractor.errors import UnreadableError
from extractor.records import Snapshot

FORMATS = ("pages", "princeton", "open-terms-archive", "opp115", "warc", "jsonl", "datasets")


def read(path: Path, wanted: Wanted = Wanted(), form: str = "") -> Iterator[Item]:
    """The pages at a path, one by one, and what there could not be read; `form` is one of FORMATS.

    Raises UnreadableError where there is nothing to read.
    """
    empty = True
    for entry in entries(path, wanted, form):
        for item in items_of(entry):
            empty = False
            yield item
    if empty:
        yield Unread(no_page(path, wanted))


def no_page(path: Path, wanted: Wanted) -> str:
    """That a path holds no page that is asked for, as a sentence."""
    fitting = f" whose URL fits {wanted.url_pattern}" if wanted.url_pattern else ""
    return f"{path} holds no page{fitting}."


def entries(path: Path, wanted: Wanted, form: str = "", *, tell: bool = True) -> Iterator[Entry]:
    """What there is to read at a path, in order, before any page is read; a container is listed when it is asked.

    What is passed over in a folder is told in the log unless `tell` is false.

    Raises UnreadableError where there is nothing to read.
    """
    if not path.exists():
        raise UnreadableError(f"There is no file or folder {path}: check the path.")
    if form == "opp115" or (not form and is_opp115(path)):
        return read_opp115(path, wanted)
    if form in ("", *REPOSITORIES) and git.is_repository(path) and (reader := repository_reader(path, form)):
        return iter((Container(str(path), partial(reader, path, wanted)),))
    return list_folder(path, wanted, form, tell=tell) if path.is_dir() else iter((_named_entry(path, wanted, form),))


def _named_entry(path: Path, wanted: Wanted, form: str) -> Entry:
    """What there is to read in a file, with what the sidecar says of it where one is named."""
    facts = read_sidecar(wanted.sidecar, path.parent)[0] if wanted.sidecar else {}
    return entry_of(path, wanted, facts.get(key_of(path, path.parent), Facts()), form)


def read_file(path: Path) -> Iterator[Snapshot]:
    """The snapshots in a file: one page, or each page of a corpus. Raises UnreadableError where one cannot be read."""
    for item in items_of(entry_of(path, Wanted())):
        if isinstance(item, Unread):
            raise UnreadableError(item.reason)
        yield item
