"""Files and folders: which files are pages or corpora, by their names and first bytes, and the pages in them."""

from __future__ import annotations

import logging
import mimetypes
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from extractor import warcfile
from extractor.compression import opened, read_bytes
from extractor.corpora import git, lines, tables
from extractor.corpora.archives import read_archive
from extractor.corpora.lines import read_lines
from extractor.corpora.princeton import is_shadowed, princeton_snapshot, read_princeton
from extractor.corpora.reading import Container, Entry, Facts, Item, Part, Unread, Wanted, fault, name_of, page_suffix
from extractor.corpora.repositories import REPOSITORIES, Reader, read_bundle
from extractor.corpora.sidecar import Sidecar, key_of, read_sidecar, sidecar_of
from extractor.corpora.tables import read_table
from extractor.corpora.terms_archive import PRIVACY, dated_by_name
from extractor.errors import UnreadableError
from extractor.records import Snapshot, Source

_log = logging.getLogger(__name__)

_LEDGER = "ledger.sqlite"  # makes a folder that of a run
_PAGE_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
}
_BEGINNINGS = {b"WARC/1.": "warc", b"PAR1": "datasets", b"ARROW1": "datasets", b"%PDF-": "pages"}
_HTML_BEGINNINGS = (b"<!doctype html", b"<html", b"<head", b"<!--the following is the downloaded html")
_ORNAMENTS = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript")
_OUTPUT = b'{"schema_version":'
_LOOKED_AT = 1024  # bytes
_READERS: dict[str, Reader] = {
    "warc": read_archive,
    "jsonl": read_lines,
    "datasets": read_table,
    "git": read_bundle,
    "princeton": read_princeton,
}


def _find_files(path: Path) -> list[Path]:
    """The files to read at a path: itself, or all pages and corpora in the folder, in order of their names.

    Of a run folder these are its WARCs; its report and the like are no pages.
    Raises UnreadableError where there is nothing to read.
    """
    if not path.exists():
        raise UnreadableError(f"There is no file or folder {path}: check the path.")
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(path)))
    runs = {ledger.parent for ledger in path.rglob(_LEDGER)}
    found = [file for file in files if not _is_by_product(file, runs) and _form_of(file) and not _is_output(file)]
    if not found and path in runs:
        raise UnreadableError(
            f"The run folder {path} holds no captures yet: `archived-policy status {path}` tells why."
        )
    if not found:
        known = ", ".join((*_PAGE_TYPES, *lines.SUFFIXES, *tables.SUFFIXES))
        raise UnreadableError(
            f"The folder {path} holds no pages: looked for {known}, each also .gz, .warc and .wacz, and git corpora."
        )
    return found


def _is_by_product(file: Path, runs: set[Path]) -> bool:
    """Whether a file lies in one of these run folders and not in its archive."""
    return bool(runs) and any(folder in runs and folder / "archive" not in file.parents for folder in file.parents)


def _is_output(path: Path) -> bool:
    """Whether a file holds records that `annotate` wrote, which are read only where they are named."""
    if page_suffix(path) not in lines.SUFFIXES:
        return False
    try:
        with opened(path) as stream:
            return stream.read(len(_OUTPUT)) == _OUTPUT
    except UnreadableError:
        return False  # that is said when it is read


def _is_hidden(path: Path) -> bool:
    """Whether a file lies in a hidden folder such as .git, or is hidden itself."""
    return any(part.startswith(".") for part in path.parts)


def _form_of(path: Path) -> str:
    """Which reader a file is for, "" for none: by the ending of its name, else by its first bytes."""
    suffix = page_suffix(path)
    if warcfile.is_warc(path):
        return "warc"
    if suffix in lines.SUFFIXES:
        return "" if _is_about_a_page(path) else "jsonl"
    if suffix in tables.SUFFIXES:
        return "datasets"
    return "pages" if suffix in _PAGE_TYPES else _form_by_content(path)


def _form_by_content(path: Path) -> str:
    """Which reader a file is for whose name does not tell: pages that a crawler saved often have no ending."""
    if _is_ornament(path) or not path.is_file():  # a pipe is read once
        return ""
    try:
        with path.open("rb") as stream:
            start = stream.read(_LOOKED_AT).lstrip()
    except OSError:
        return ""
    if git.BUNDLE.match(start):
        return "git"
    found = next((form for beginning, form in _BEGINNINGS.items() if start.startswith(beginning)), "")
    return found or ("pages" if start.lower().startswith(_HTML_BEGINNINGS) else "")


def _is_ornament(path: Path) -> bool:
    """Whether a file is by its name what is saved with pages: an image, a font, a style, a script, an index."""
    if path.suffix == ".cdxj":  # the index of a WARC
        return True
    guessed, _ = mimetypes.guess_type(path.name)
    return bool(guessed) and str(guessed).startswith(_ORNAMENTS)


def _is_about_a_page(path: Path) -> bool:
    """Whether a table only tells about a page of the same name beside it: its annotations, its passages."""
    stem = path.name.partition(".")[0]
    return any(path.with_name(stem + suffix).exists() for suffix in _PAGE_TYPES)


def _page_type(path: Path) -> str:
    """The media type that a file's name tells, "" where it tells none.

    >>> _page_type(Path("kayako.com.md.gz")), _page_type(Path("logo.png"))
    ('text/markdown', '')
    """
    return _PAGE_TYPES.get(page_suffix(path), "")


def list_folder(folder: Path, wanted: Wanted, form: str = "", *, tell: bool = True) -> Iterator[Entry]:
    """What there is to read in a folder, in order of the files' names, with what a sidecar says of them.

    Raises UnreadableError where there is nothing to read.
    """
    table = sidecar_of(folder, wanted)
    facts, faults = _facts_beside(table, folder, wanted)
    yield from (fault(wrong.reason) for wrong in faults)
    files = [file for file in _find_files(folder) if file != table]
    kept = [file for file in files if _is_asked_for(file, folder, wanted, form)]
    if not kept:
        raise UnreadableError(_nothing_asked_for(folder, files, wanted, form))
    if tell and not (folder / _LEDGER).exists():
        _tell_passed_over(folder, {*files, *([table] if table else [])})
    for file in kept:
        yield entry_of(file, wanted, facts.get(key_of(file, folder), Facts()) if facts else Facts(), form)


def _facts_beside(table: Path | None, folder: Path, wanted: Wanted) -> tuple[Sidecar, list[Unread]]:
    """What a sidecar says, and what is wrong with it. Raises UnreadableError where one that was named is none."""
    if not table:
        return {}, []
    try:
        return read_sidecar(table, folder)
    except UnreadableError as error:
        if wanted.sidecar:
            raise
        return {}, [Unread(f"{error} The pages are read without it.")]


def _is_asked_for(file: Path, folder: Path, wanted: Wanted, form: str) -> bool:
    """Whether to read a file of a folder."""
    own = _form_of(file)
    if form not in ("", own) and not (form in REPOSITORIES and own == "pages"):
        return False
    if own != "pages":
        return True
    if dated_by_name(file):
        return (wanted if wanted.documents else Wanted(PRIVACY)).names(file.parent.name)
    return wanted.names(file.name) and not is_shadowed(file, wanted) and not _is_readme(file, folder)


def _is_readme(file: Path, folder: Path) -> bool:
    """Whether a file is the README of a corpus, which is no page of it."""
    return file.parent == folder and file.stem.lower() == "readme" and page_suffix(file) in (".md", ".txt")


def _nothing_asked_for(folder: Path, files: list[Path], wanted: Wanted, form: str) -> str:
    """That none of the files of a folder is asked for, as a sentence."""
    asked = [f"of the format {form}"] if form else []
    asked += [f"named {' or '.join(wanted.documents)}"] if wanted.documents else []
    return f"The folder {folder} has {len(files)} files and none {' and '.join(asked) or 'to read'}."


def _tell_passed_over(folder: Path, known: set[Path]) -> None:
    """Says in the log which files of a folder are neither pages nor what belongs to pages."""
    others = [file for file in folder.rglob("*") if file.is_file() and file not in known and not _is_ornament(file)]
    endings = Counter(file.suffix for file in others if not _is_hidden(file.relative_to(folder)))
    if endings:
        counts = ", ".join(f"{number} {ending or 'without ending'}" for ending, number in endings.most_common(8))
        _log.warning("%s: %d files were passed over as no pages: %s.", folder, endings.total(), counts)


def entry_of(file: Path, wanted: Wanted, facts: Facts = Facts(), form: str = "") -> Entry:
    """What there is to read in one file."""
    reader = _READERS.get(form or _form_of(file))  # none for pages, and for a dataset of Open Terms Archive
    if reader:
        return Container(str(file), partial(_parts_of, reader, file, wanted))
    return Part(str(file), partial(_read_page, file, wanted, facts))


def _parts_of(reader: Reader, file: Path, wanted: Wanted) -> Iterator[Part]:
    """The parts of a file; the reason, after those that can be read, where not all can."""
    try:
        yield from reader(file, wanted)
    except UnreadableError as error:
        yield fault(str(error))
    except OSError as error:
        yield fault(f"{file} cannot be read: {error.strerror or error}.")


def _read_page(file: Path, wanted: Wanted, facts: Facts) -> Iterator[Item]:
    """The page in a file; a document of the Princeton-Leuven corpus is known by its header."""
    snapshot = _page_in(file)
    if not snapshot.capture.original:
        dated = facts.timestamp or dated_by_name(file)
        snapshot = replace(snapshot, capture=replace(facts.capture, timestamp=dated))
    if wanted.has_url(snapshot.capture.original):
        yield snapshot


def _page_in(file: Path) -> Snapshot:
    """The page in a file, as far as the file itself tells. Raises UnreadableError."""
    content, source = read_bytes(file), Source(name_of(file))
    return princeton_snapshot(content, source) or Snapshot(content, source=source, content_type=_page_type(file))
