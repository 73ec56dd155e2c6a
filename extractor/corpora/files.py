"""Files and folders: pages, PDF, Markdown, text, each also gzipped, and WARC and WACZ."""

from __future__ import annotations

import gzip
import logging
import os
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from extractor import warcfile
from extractor.corpora.princeton import princeton_snapshot
from extractor.errors import UnreadableError
from extractor.records import Snapshot, Source

log = logging.getLogger(__name__)

LEDGER = "ledger.sqlite"  # makes a folder that of a run
PAGE_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
}


def find_files(path: Path) -> list[Path]:
    """The files to read at a path: itself, or all pages and archives in the folder, in order of their names.

    Of a run folder these are its WARCs; its report and the like are no pages.
    Raises UnreadableError where there is nothing to read.
    """
    if not path.exists():
        raise UnreadableError(f"There is no file or folder {path}: check the path.")
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file() and is_readable(file.relative_to(path)))
    runs = {ledger.parent for ledger in path.rglob(LEDGER)}
    found = [file for file in found if not is_by_product(file, runs)]
    if not found and path in runs:
        raise UnreadableError(
            f"The run folder {path} holds no captures yet: `archived-policy status {path}` tells why."
        )
    if not found:
        known = ", ".join(PAGE_TYPES)
        raise UnreadableError(f"The folder {path} holds no pages: looked for {known}, each also .gz, .warc and .wacz.")
    return found


def is_readable(path: Path) -> bool:
    """Whether a file in a folder is a page or an archive; hidden folders such as .git are passed over."""
    return not any(part.startswith(".") for part in path.parts) and bool(page_type(path) or warcfile.is_warc(path))


def is_by_product(file: Path, runs: set[Path]) -> bool:
    """Whether a file lies in one of these run folders and not in its archive."""
    return any(folder in runs and folder / "archive" not in file.parents for folder in file.parents)


def page_type(path: Path) -> str:
    """The media type that a file's name tells, "" where it tells none.

    >>> page_type(Path("kayako.com.md.gz")), page_type(Path("logo.png"))
    ('text/markdown', '')
    """
    name = path.with_suffix("") if path.suffix == ".gz" else path
    return PAGE_TYPES.get(name.suffix.lower(), "")


def read_file(path: Path) -> Iterator[Snapshot]:
    """The snapshots in a file: one page, or each page of an archive. Raises UnreadableError."""
    return archived_pages(path) if warcfile.is_warc(path) else iter([read_page(path)])


def read_page(path: Path) -> Snapshot:
    """The page in a file; a document of the Princeton-Leuven corpus is known by its first line."""
    content = read_bytes(path)
    source = Source(name_of(path))
    if found := princeton_snapshot(content):
        return replace(found, source=source)
    return Snapshot(content, source=source, content_type=page_type(path))


def name_of(path: Path) -> str:
    """A path as a record names it; bytes of it that are no UTF-8 are written out, since JSON cannot hold them.

    >>> name_of(Path("caf\\udce9.html"))
    'caf\\\\xe9.html'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, unpacked if its name ends in .gz."""
    try:
        return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(f"{path} cannot be read: {getattr(error, 'strerror', '') or error}.") from error


def archived_pages(path: Path) -> Iterator[Snapshot]:
    """The pages in a WARC or WACZ; a revisit gives the bytes of the page it repeats.

    Raises UnreadableError after the pages that can be read where the file is cut or damaged.
    """
    records, fault = warcfile.readable(path)
    originals = {record.capture.digest: record.place for record in reversed(records) if not is_revisit(record)}
    for record in records:
        place = originals.get(record.capture.digest) if is_revisit(record) else record.place
        if place and is_page(record):
            yield archived_page(path, record, place)
    if fault:
        raise fault


def is_revisit(record: warcfile.Indexed) -> bool:
    """Whether a record only says that a page was seen again unchanged."""
    return record.capture.mime == "warc/revisit"


def is_page(record: warcfile.Indexed) -> bool:
    """Whether a record may be a page: of a type that is text or PDF, or of none stated."""
    mime = record.capture.mime
    return mime.startswith("text/") or mime in ("application/xhtml+xml", "application/pdf", "warc/revisit", "unk")


def archived_page(path: Path, record: warcfile.Indexed, place: warcfile.Place) -> Snapshot:
    """The snapshot of one record, its bytes from `place`; an empty one, with a warning, where they are damaged."""
    try:
        page = warcfile.read(path, place)
    except UnreadableError as error:  # one damaged record must not cost those after it
        log.warning("%s", error)
        page = warcfile.Page(0, "", "", b"")
    return Snapshot(
        page.content,
        record.capture,
        Source(name_of(path), record.record_id),
        page.content_type,
        page.status,
        served_url=record.capture.original,
        served_timestamp=record.capture.timestamp,
    )
