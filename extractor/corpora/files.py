"""Files and folders: which files are pages or corpora, by their names and first bytes, and the pages in them."""

from __future__ import annotations

import logging
import mimetypes
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from extractor import warcfile
from extractor.compression import open_decompressed
from extractor.corpora import git
from extractor.corpora.archives import read_archive
from extractor.corpora.datasets import DATASET_SUFFIXES, read_dataset
from extractor.corpora.items import (
    Container,
    CorpusEntry,
    CorpusFilter,
    CorpusPart,
    NoPagesError,
    UnreadableItem,
    failed_part,
    page_suffix,
)
from extractor.corpora.json_file import read_json_file
from extractor.corpora.jsonl import JSONL_SUFFIXES, count_json_lines, read_json_lines
from extractor.corpora.page_file import PAGE_MEDIA_TYPES, read_page_file
from extractor.corpora.places import named_by_place, place_of_files
from extractor.corpora.princeton import is_duplicate_html, read_princeton_file
from extractor.corpora.refusals import refusal_of
from extractor.corpora.repositories import REPOSITORY_FORMATS, CorpusReader, read_bundle
from extractor.corpora.rows import PageMetadata
from extractor.corpora.sidecar import Sidecar, find_sidecar, read_sidecar, sidecar_key
from extractor.corpora.tables import TABLE_SUFFIXES, read_table
from extractor.corpora.terms_archive import PRIVACY_DOCUMENTS, timestamp_in_name
from extractor.errors import UnreadableError
from extractor.layout import ARCHIVE, LEDGER, is_run_folder

_log = logging.getLogger(__name__)

_FORMATS_BY_SUFFIX = {
    **dict.fromkeys(PAGE_MEDIA_TYPES, "pages"),
    **dict.fromkeys(JSONL_SUFFIXES, "jsonl"),
    ".json": "json",
    **dict.fromkeys(TABLE_SUFFIXES, "csv"),
    **dict.fromkeys(DATASET_SUFFIXES, "datasets"),
}
_UNSURE_FORMATS = ("", "json", "csv")  # a URL may end like that, and a file in a folder may have nothing to do with it
_MAGIC_BYTES = {b"PAR1": "datasets", b"ARROW1": "datasets", b"%PDF-": "pages"}
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<!--the following is the downloaded html")
_ASSET_TYPES = ("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript")
_RECORD_START = re.compile(rb'[\[\s]*\{"schema_version":')
_JSON_START = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*"|\[\s*[\[{"\]])')
_RTF_START = b"{\\rtf"
_RTF_REASON = "is RTF: save it as PDF, HTML or text"
_SNIFFED_BYTES = 1024
_READERS: dict[str, CorpusReader] = {
    "warc": read_archive,
    "jsonl": read_json_lines,
    "json": read_json_file,
    "csv": read_table,
    "datasets": read_dataset,
    "git": read_bundle,
    "princeton": read_princeton_file,
}


def folder_entries(
    folder: Path, corpus_filter: CorpusFilter, format_name: str = "", *, root: Path, log_skipped: bool = True
) -> Iterator[CorpusEntry]:
    """What there is to read in a folder, ordered by file name, with URLs, dates and names from a sidecar.

    Pages that have none are named by the paths of their files below `root`. Raises UnreadableError if there is nothing
    to read.
    """
    table = find_sidecar(folder, corpus_filter)
    sidecar, problems = _read_sidecar(table, folder, corpus_filter)
    yield from (failed_part(problem.reason) for problem in problems)
    files = [file for file in _find_files(folder, corpus_filter) if file != table]
    selected = [file for file in files if _is_selected(file, folder, corpus_filter, format_name)]
    if not selected:
        raise UnreadableError(_no_match_message(folder, len(files), corpus_filter, format_name))
    if log_skipped and not is_run_folder(folder):
        _log_skipped_files(folder, {*files, *([table] if table else [])})
    place = place_of_files(root, selected)
    for file in selected:
        metadata = sidecar.get(sidecar_key(file, folder), PageMetadata()) if sidecar else PageMetadata()
        yield named_by_place(file_entry(file, corpus_filter, metadata, format_name), place)


def _read_sidecar(
    table: Path | None, folder: Path, corpus_filter: CorpusFilter
) -> tuple[Sidecar, list[UnreadableItem]]:
    """The metadata in a sidecar, and its problems. Raises UnreadableError if the user named it and it is unusable."""
    if not table:
        return {}, []
    try:
        return read_sidecar(table, folder)
    except UnreadableError as error:
        if corpus_filter.sidecar:
            raise
        return {}, [UnreadableItem(f"{error} The pages are read without it.")]


def _find_files(folder: Path, corpus_filter: CorpusFilter) -> list[Path]:
    """All pages and corpora in a folder, ordered by name; of a run folder its WARCs, not its report and the like.

    Raises UnreadableError if there are none.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not _is_hidden(file.relative_to(folder)))
    runs = {ledger.parent for ledger in folder.rglob(LEDGER)}
    found = [file for file in files if not _is_run_output(file, runs) and _holds_pages(file, corpus_filter)]
    if not found and folder in runs:
        raise UnreadableError(
            f"The run folder {folder} holds no captures yet: `archived-policy status {folder}` shows why."
        )
    if not found:
        known = ", ".join(_FORMATS_BY_SUFFIX)
        raise UnreadableError(
            f"The folder {folder} holds no pages: looked for {known}, each also .gz, .warc, .arc, .wacz, git corpora."
        )
    return found


def _is_run_output(file: Path, runs: set[Path]) -> bool:
    """Whether a file is in one of these run folders but not in its archive."""
    return bool(runs) and any(folder in runs and folder / ARCHIVE not in file.parents for folder in file.parents)


def _holds_pages(file: Path, corpus_filter: CorpusFilter) -> bool:
    """Whether a file of a folder is a page or holds some, as far as can be known before it is read."""
    format_name = _format_of(file)
    if format_name not in ("jsonl", "json", "csv"):
        return bool(format_name)
    if _is_annotation_of_page(file) or _has_records(file):
        return False
    try:
        return format_name == "jsonl" or next(_READERS[format_name](file, corpus_filter), None) is not None
    except NoPagesError:
        return False
    except UnreadableError:
        return True  # reported when the file is read


def _has_records(path: Path) -> bool:
    """Whether a file holds records that `annotate` wrote. Such a file is read only if the user names it."""
    return bool(_RECORD_START.match(_decompressed_start(path)))


def _decompressed_start(path: Path) -> bytes:
    """The first bytes of a file, b"" if it cannot be read, which is reported later."""
    try:
        with open_decompressed(path) as stream:
            return stream.peek(_SNIFFED_BYTES)[:_SNIFFED_BYTES]
    except UnreadableError:
        return b""


def _is_hidden(path: Path) -> bool:
    """Whether a file is hidden or in a hidden folder such as .git."""
    return any(part.startswith(".") for part in path.parts)


def _format_of(path: Path) -> str:
    """The format of a file, "" if it is unknown: by its suffix, or else by its first bytes."""
    if warcfile.is_warc(path):
        return "warc"
    format_name = _FORMATS_BY_SUFFIX.get(page_suffix(path), "")
    return (_format_by_content(path) or format_name) if format_name in _UNSURE_FORMATS else format_name


def _format_by_content(path: Path) -> str:
    """The format of a file whose suffix does not show it: pages that a crawler saved often have none."""
    if _is_asset(path) or not path.is_file():  # a pipe can be read only once
        return ""
    try:
        with path.open("rb") as stream:
            start = stream.read(_SNIFFED_BYTES)
    except OSError:
        return ""
    if warcfile.has_warc_start(start):  # a crawler names a file that it writes to x.warc.gz.open
        return "warc"
    start = start.lstrip()
    return "git" if git.BUNDLE_HEADER.match(start) else _format_by_signature(start)


def _format_by_signature(start: bytes) -> str:
    """The format of a file by its first bytes, "" if they do not show it."""
    format_name = next((name for magic, name in _MAGIC_BYTES.items() if start.startswith(magic)), "")
    return format_name or ("pages" if start.lower().startswith(_HTML_STARTS) else "")


def _is_asset(path: Path) -> bool:
    """Whether a file is, by its name, an image, font, style or script that is saved with pages, or an index."""
    if path.suffix == ".cdxj":  # the index of a WARC
        return True
    media_type, _ = mimetypes.guess_type(path.name)
    return bool(media_type) and str(media_type).startswith(_ASSET_TYPES)


def _is_annotation_of_page(path: Path) -> bool:
    """Whether a table is about a page of the same name beside it, such as its annotations."""
    stem = path.name.partition(".")[0]
    return any(path.with_name(stem + suffix).exists() for suffix in PAGE_MEDIA_TYPES)


def _is_selected(file: Path, folder: Path, corpus_filter: CorpusFilter, format_name: str) -> bool:
    """Whether to read a file of a folder."""
    own_format = _format_of(file)
    if format_name not in ("", own_format) and not (format_name in REPOSITORY_FORMATS and own_format == "pages"):
        return False
    if own_format != "pages":
        return True
    if timestamp_in_name(file):
        documents = corpus_filter if corpus_filter.documents else CorpusFilter(PRIVACY_DOCUMENTS)
        return documents.matches_name(file.parent.name)
    return (
        corpus_filter.matches_name(file.name)
        and not is_duplicate_html(file, corpus_filter)
        and not _is_readme(file, folder)
    )


def _is_readme(file: Path, folder: Path) -> bool:
    """Whether a file is the README of a corpus, which is not one of its pages."""
    return file.parent == folder and file.stem.lower() == "readme" and page_suffix(file) in (".md", ".txt")


def _no_match_message(folder: Path, files: int, corpus_filter: CorpusFilter, format_name: str) -> str:
    """A sentence that says that none of so many files of a folder is selected."""
    conditions = [f"of the format {format_name}"] if format_name else []
    conditions += [f"named {' or '.join(corpus_filter.documents)}"] if corpus_filter.documents else []
    return f"The folder {folder} has {files} files and none {' and '.join(conditions) or 'to read'}."


def _log_skipped_files(folder: Path, known: set[Path]) -> None:
    """Logs how many files of a folder are neither pages nor assets of pages."""
    others = [file for file in folder.rglob("*") if file.is_file() and file not in known and not _is_asset(file)]
    suffixes = Counter(file.suffix for file in others if not _is_hidden(file.relative_to(folder)))
    if suffixes:
        counts = ", ".join(f"{count} {suffix or 'without suffix'}" for suffix, count in suffixes.most_common(8))
        _log.warning("%s: %d files are no pages and were skipped: %s.", folder, suffixes.total(), counts)


def file_entry(
    file: Path, corpus_filter: CorpusFilter, metadata: PageMetadata = PageMetadata(), format_name: str = ""
) -> CorpusEntry:
    """What there is to read in one file; of a file that holds no page, the reason."""
    format_name = format_name or _format_of(file) or _format_of_named(file)
    if not format_name:
        return failed_part(f"{file} holds no page: it {refusal_of(file) or _RTF_REASON}.")
    if reader := _READERS.get(format_name):  # none for pages and datasets of Open Terms Archive
        count = partial(count_json_lines, file) if reader is read_json_lines else int
        return Container(str(file), partial(_list_parts, reader, file, corpus_filter), count)
    return CorpusPart(str(file), partial(read_page_file, file, corpus_filter, metadata))


def _format_of_named(file: Path) -> str:
    """The format of a file that the user names although neither name nor content shows one, "" if it holds no page."""
    start = _decompressed_start(file).lstrip() if file.is_file() else b""  # a pipe can be read only once
    if warcfile.has_warc_start(start):
        return "warc"
    if format_name := _format_by_signature(start):
        return format_name
    if start.startswith(_RTF_START) or refusal_of(file):
        return ""
    return "json" if _JSON_START.match(start) else "pages"


def _list_parts(reader: CorpusReader, file: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """The parts of a file; if not all can be read, the last one is the reason."""
    try:
        yield from reader(file, corpus_filter)
    except UnreadableError as error:
        yield failed_part(str(error))
    except OSError as error:
        yield failed_part(f"{file} cannot be read: {error.strerror or error}.")
