"""The WARCs that a run stores pages in, one after the other, and the lines of the CDXJ beside them.

For each page there are the redirects of the site that were followed, the response, the request that we sent to the
archive, and a metadata record. For a capture whose bytes are in the WARC already, there is a revisit.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from http.client import responses
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import iso_date_to_timestamp, timestamp_to_iso_date
from warcio.warcwriter import WARCWriter

from extractor.files import write_atomically
from extractor.layout import CDXJ, WARC, warc_name, warc_number
from extractor.records import Capture
from extractor.warcfile import IndexedRecord, RecordPosition, urlkey_of
from extractor.wayback.archive import Headers, Memento, ReplayedPage

_REPLACED_HEADERS = (
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "location",
)

DEFAULT_WARC_SIZE = 1_000_000_000  # bytes after which another WARC is begun, as the WARC standard recommends

_Line = tuple[str, str, str]  # URL, timestamp, line of CDXJ


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The result of writing to the WARC: the position of the page, lines for the CDXJ, and the file's name and new end.

    The page may be in an earlier file than the one that was written to.
    """

    position: RecordPosition
    lines: tuple[_Line, ...]
    end: int
    part: str = WARC


class WarcStore:
    """The WARCs of a run folder, of which the last is written to; another is begun where it has `max_size` bytes.

    `add_page` and `add_revisits` return when the bytes are on disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        committed: int,
        part: str = WARC,
        max_size: int = DEFAULT_WARC_SIZE,
        user_agent: str = "archived-policy",
    ) -> None:
        """Opens the WARC called `part` and cuts it at `committed`, the last offset that the ledger knows of."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._max_size, self._user_agent = folder, max_size, user_agent
        self._open(part, committed)

    def _open(self, part: str, committed: int) -> None:
        self._part = part
        self._file = (self._folder / part).open("ab")
        self._file.truncate(committed)
        self._file.seek(0, os.SEEK_END)
        self._writer = WARCWriter(self._file, gzip=True, warc_version="WARC/1.1")
        if not committed:
            info = {"software": "archived-policy", "format": "WARC File Format 1.1"}
            self._writer.write_record(self._writer.create_warcinfo_record(part, info))

    def _begin_another_if_full(self) -> None:
        """Begins the next WARC where this one is full; pages and the records about them are never split."""
        if self._file.tell() >= self._max_size:
            self._file.close()
            self._open(warc_name(warc_number(self._part) + 1), 0)

    def add_page(
        self, replayed: ReplayedPage, *, hops: Iterable[Memento] = (), position: RecordPosition | None = None
    ) -> WriteResult:
        """Writes redirects, and the page with its other records unless it is at a `position` already."""
        self._begin_another_if_full()
        lines = [self._write(_hop_record(self._writer, hop))[1] for hop in hops]
        if position is None:
            response = _response_record(self._writer, replayed)
            position, line = self._write(response)
            lines.append(line)
            self._write_related(response, replayed)
        return self._sync(position, lines)

    def add_revisits(self, pairs: Iterable[tuple[Capture, str, str, str]]) -> WriteResult:
        """Writes a revisit for each capture, of the page with the URL, timestamp and payload digest after it."""
        self._begin_another_if_full()
        lines = [self._write(_revisit_record(self._writer, *pair))[1] for pair in pairs]
        return self._sync(RecordPosition(self._part, 0, 0), lines)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _write(self, record: Any) -> tuple[RecordPosition, _Line]:
        offset = self._file.tell()
        self._writer.write_record(record)
        position = RecordPosition(self._part, offset, self._file.tell() - offset)
        return position, _index_line(record, position)

    def _write_related(self, response: Any, replayed: ReplayedPage) -> None:
        if replayed.snapshot.archive_url:
            self._writer.write_record(_request_record(self._writer, response, replayed, self._user_agent))
        self._writer.write_record(_metadata_record(self._writer, response, replayed))

    def _sync(self, position: RecordPosition, lines: list[_Line]) -> WriteResult:
        self._file.flush()
        os.fsync(self._file.fileno())
        return WriteResult(position, tuple(lines), self._file.tell(), self._part)


def _response_record(writer: WARCWriter, replayed: ReplayedPage) -> Any:
    """The response record of a page: its bytes without encodings, and the site's headers without those about encodings.

    WARC-Source-URI and WARC-Creation-Date say where and when the copy was made, as in cdx_toolkit.
    """
    snapshot = replayed.snapshot
    return writer.create_warc_record(
        snapshot.served_url,
        "response",
        payload=BytesIO(snapshot.content),
        http_headers=_http_headers(snapshot.status, snapshot.content_type, len(snapshot.content), replayed.headers),
        warc_headers_dict=_capture_headers(snapshot.served_timestamp, snapshot.archive_url),
    )


def _hop_record(writer: WARCWriter, hop: Memento) -> Any:
    """The response record of a redirect of the site."""
    location = (("Location", hop.redirect[1]),) if hop.redirect else ()
    return writer.create_warc_record(
        hop.url,
        "response",
        payload=BytesIO(hop.content),
        http_headers=_http_headers(hop.status, hop.content_type, len(hop.content), hop.headers, location),
        warc_headers_dict=_capture_headers(hop.timestamp, ""),
    )


def _revisit_record(writer: WARCWriter, capture: Capture, url: str, timestamp: str, digest: str) -> Any:
    """The revisit record of a capture that has the same bytes as the page of `url` at `timestamp`."""
    return writer.create_revisit_record(
        capture.original,
        digest=f"sha1:{digest}",
        refers_to_uri=url,
        refers_to_date=timestamp_to_iso_date(timestamp),
        warc_headers_dict=_capture_headers(capture.timestamp, ""),
    )


def _request_record(writer: WARCWriter, response: Any, replayed: ReplayedPage, user_agent: str) -> Any:
    """The record of our request to the archive; its URI is the archive's, as that is where the request went."""
    parts = urlsplit(replayed.snapshot.archive_url)
    headers = [("Host", parts.netloc), ("User-Agent", user_agent), ("Accept-Encoding", "gzip")]
    line = f"GET {parts.path}{f'?{parts.query}' if parts.query else ''} HTTP/1.1"
    return writer.create_warc_record(
        replayed.snapshot.archive_url,
        "request",
        payload=BytesIO(),
        http_headers=StatusAndHeaders(line, headers, is_http_request=True),
        warc_headers_dict={"WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")},
    )


def _metadata_record(writer: WARCWriter, response: Any, replayed: ReplayedPage) -> Any:
    """The record of what was asked for, the redirects, and fixity."""
    snapshot, capture = replayed.snapshot, replayed.snapshot.capture
    fields = {
        "via": snapshot.archive_url,
        "requested": f"{capture.timestamp}/{capture.original}",
        "outcome": replayed.outcome,
        "redirects": " ".join(f"{hop.timestamp}/{hop.url}" for hop in replayed.hops),
        "index-digest": capture.digest,
        "fixity": replayed.fixity,
        "sha256": snapshot.sha256,
    }
    lines = (f"{name}: {_one_line(value)}\r\n" for name, value in fields.items() if value)
    return writer.create_warc_record(
        snapshot.served_url,
        "metadata",
        payload=BytesIO("".join(lines).encode()),
        warc_content_type="application/warc-fields",
        warc_headers_dict={"WARC-Refers-To": response.rec_headers.get_header("WARC-Record-ID")},
    )


def _capture_headers(timestamp: str, archive_url: str) -> dict[str, str]:
    """The WARC headers that say when the page was captured, and when and from where our copy was made."""
    made = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"WARC-Date": timestamp_to_iso_date(timestamp), "WARC-Creation-Date": made}
    return headers | ({"WARC-Source-URI": archive_url} if archive_url else {})


def _http_headers(
    status: int, content_type: str, length: int, site_headers: Headers, extra: Headers = ()
) -> StatusAndHeaders:
    """The HTTP headers of a record: the site's, with those that describe the bytes replaced."""
    headers = [("Content-Type", _one_line(content_type))] if content_type else []
    headers += [
        (_one_line(name), _one_line(value)) for name, value in site_headers if name.lower() not in _REPLACED_HEADERS
    ]
    return StatusAndHeaders(status_line(status), [*headers, *extra, ("Content-Length", str(length))], "HTTP/1.1")


def _one_line(value: str) -> str:
    """A header's value without line ends and other control characters."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", value)


def status_line(status: int) -> str:
    """A status with its standard reason phrase.

    >>> status_line(404)
    '404 Not Found'
    """
    return f"{status} {responses.get(status, 'Unknown')}"


def _index_line(record: Any, position: RecordPosition) -> _Line:
    """The line of CDXJ for a record that was written, with its URL and timestamp."""
    head, http = record.rec_headers, record.http_headers
    url, timestamp = head.get_header("WARC-Target-URI"), iso_date_to_timestamp(head.get_header("WARC-Date"))
    digest = str(head.get_header("WARC-Payload-Digest")).removeprefix("sha1:")
    is_revisit = record.rec_type == "revisit"
    mime = "warc/revisit" if is_revisit else (http.get_header("Content-Type") or "unk").split(";")[0].strip().lower()
    capture = Capture(urlkey_of(url), timestamp, url, mime, "-" if is_revisit else http.get_statuscode(), digest)
    return url, timestamp, cdxj_line(IndexedRecord(capture, position, ""), position.part)


def write_cdxj(folder: Path, lines: Iterable[str]) -> Path:
    """Writes lines, sorted by URL key and time, as the CDXJ in a folder; returns its path."""
    with write_atomically(folder / CDXJ) as out:
        for line in lines:
            out.write(line.encode())
    return folder / CDXJ


def cdxj_line(record: IndexedRecord, file_name: str) -> str:
    """The line of CDXJ for a record of a WARC, in pywb's form."""
    capture, position = record.capture, record.position
    fields = {
        "url": capture.original,
        "mime": capture.mime,
        "status": capture.status,
        "digest": capture.digest,
        "length": str(position.length),
        "offset": str(position.offset),
        "filename": file_name,
    }
    return f"{capture.urlkey} {capture.timestamp} {json.dumps(fields)}\n"
