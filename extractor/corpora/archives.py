"""WARC and WACZ files: each page in them, by an index where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from extractor import warcfile
from extractor.corpora.reading import Item, Part, Unread, Wanted, fault, name_of
from extractor.errors import UnreadableError
from extractor.records import Snapshot, Source


def read_archive(path: Path, wanted: Wanted) -> Iterator[Part]:
    """The pages in a WARC or WACZ; a revisit gives the bytes of the page it repeats.

    Raises UnreadableError after the pages that can be read where the file is cut or damaged.
    """
    records, damage = warcfile.indexed(path)
    originals = {record.capture.digest: record.place for record in reversed(records) if not _is_revisit(record)}
    lost = 0
    for record in filter(lambda record: _is_page(record) and wanted.has_url(record.capture.original), records):
        place = originals.get(record.capture.digest) if _is_revisit(record) else record.place
        lost += not place
        if place:
            yield Part(f"{path} {record.place}", partial(_read_record, path, record, place))
    if lost:
        yield fault(f"{path}: {lost} revisits repeat pages that are not in this file.")
    if damage:
        raise damage


def _is_revisit(record: warcfile.Indexed) -> bool:
    """Whether a record only says that a page was seen again unchanged."""
    return record.capture.mime == "warc/revisit"


def _is_page(record: warcfile.Indexed) -> bool:
    """Whether a record may be a page: of a type that is text or PDF, or of none stated."""
    mime = record.capture.mime
    return mime.startswith("text/") or mime in ("application/xhtml+xml", "application/pdf", "warc/revisit", "unk")


def _read_record(path: Path, record: warcfile.Indexed, place: warcfile.Place) -> Iterator[Item]:
    """The snapshot of one record, its bytes from `place`; an empty one, and why, where they are damaged."""
    try:
        page = warcfile.read(path, place)
    except UnreadableError as error:  # one damaged record must not cost those after it
        yield Unread(str(error))
        page = warcfile.Page(0, "", "", b"")
    yield Snapshot(
        page.content,
        record.capture,
        Source(name_of(path), record.record_id or _id_of(path, record, place, page)),
        page.content_type,
        page.status,
        served_url=record.capture.original,
        served_timestamp=record.capture.timestamp,
    )


def _id_of(path: Path, record: warcfile.Indexed, place: warcfile.Place, page: warcfile.Page) -> str:
    """The WARC-Record-ID of a record that came from an index, which does not tell it; a revisit has one of its own."""
    if place == record.place:
        return page.record_id
    try:
        return warcfile.read(path, record.place).record_id
    except UnreadableError:
        return ""
