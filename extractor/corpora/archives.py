"""The pages in WARC, ARC and WACZ files, found by an index if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from extractor import warcfile
from extractor.corpora.items import CUT, CorpusFilter, CorpusItem, CorpusPart, UnreadableItem, failed_part, source_path
from extractor.corpora.rows import metadata_of_url
from extractor.errors import UnreadableError
from extractor.mediatypes import may_be_page
from extractor.records import Capture, Snapshot, Source


def read_archive(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """The pages in a WARC, ARC or WACZ; a revisit has the content of the page it repeats.

    If the file is cut off or damaged, raises UnreadableError after the pages that can be read.
    """
    records, damage = warcfile.list_records(path)
    originals = warcfile.originals_of(records)
    lost = 0
    for record in filter(lambda record: _is_page(record) and corpus_filter.matches_url(_url_of(record)), records):
        original = originals.get(record.position) if record.is_revisit else record
        lost += not original
        if original:
            yield CorpusPart(f"{path} {record.position}", partial(_read_record, path, record, original.position))
    if lost:
        yield failed_part(f"{path}: {lost} revisits repeat pages that are not in this file.")
    if damage:
        raise damage


def _url_of(record: warcfile.IndexedRecord) -> str:
    """The URL of the page in a record, also if it was crawled from a web archive."""
    return metadata_of_url(record.capture.original).url


def _is_page(record: warcfile.IndexedRecord) -> bool:
    """Whether a record may be a page: its type is text or PDF, or is none that exists, or not stated."""
    mime = record.capture.mime
    is_text = mime.startswith("text/") and may_be_page(mime)
    return is_text or "/" not in mime or mime in ("application/xhtml+xml", "application/pdf", "warc/revisit")


def _read_record(path: Path, record: warcfile.IndexedRecord, position: warcfile.RecordPosition) -> Iterator[CorpusItem]:
    """The snapshot of a record, its content read from `position`; if damaged, the reason and what there is of it."""
    try:
        page = warcfile.read_record(path, position)
    except UnreadableError as error:  # the records after a damaged one are still read
        page = _available_response(path, position)
        part = f"{path}: the record at byte {position.offset} breaks off; what there is of it was read."
        yield UnreadableItem(part, is_kept=True) if page.content else UnreadableItem(str(error))
    capture, archive_url = _capture_of(record)
    if not capture.timestamp:
        at = record.position.offset
        yield UnreadableItem(
            f"{path}: the record at byte {at} states no date that exists: it is read without one.", is_kept=True
        )
    yield Snapshot(
        page.content,
        capture,
        Source(source_path(path), record.record_id or _record_id_of(path, record, position, page)),
        page.content_type,
        page.status,
        archive_url=archive_url,
        served_url=capture.original,
        served_timestamp=capture.timestamp,
        outcome=CUT if page.is_cut else "",
    )


def _available_response(path: Path, position: warcfile.RecordPosition) -> warcfile.ArchivedResponse:
    """The beginning of a damaged record, empty if there is none."""
    try:
        return warcfile.read_record(path, position, keep_cut=True)
    except UnreadableError:
        return warcfile.ArchivedResponse(0, "", "", b"")


def _capture_of(record: warcfile.IndexedRecord) -> tuple[Capture, str]:
    """The capture in a record, and the URL of the web archive that it was crawled from, "" if it was from none."""
    metadata = metadata_of_url(record.capture.original)
    if not metadata.archive_url:
        return record.capture, ""
    timestamp = metadata.timestamp or record.capture.timestamp
    return replace(record.capture, urlkey="", original=metadata.url, timestamp=timestamp), metadata.archive_url


def _record_id_of(
    path: Path, record: warcfile.IndexedRecord, position: warcfile.RecordPosition, page: warcfile.ArchivedResponse
) -> str:
    """The WARC-Record-ID of a record found by an index, which lacks it; a revisit has an id of its own."""
    if position == record.position:
        return page.record_id
    try:
        return warcfile.read_record(path, record.position).record_id
    except UnreadableError:
        return ""
