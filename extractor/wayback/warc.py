"""The WARC that a run writes its bytes to before anything reads them, and the lines of the CDXJ beside it.

For each page: the request that we sent to the archive, the redirects of the site that were followed, the response, and
a metadata record with what is known of it. For a capture whose bytes are there already: a revisit.
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

from surt import surt
from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import iso_date_to_timestamp, timestamp_to_iso_date
from warcio.warcwriter import WARCWriter

from extractor.files import write_atomically
from extractor.records import Capture
from extractor.warcfile import Indexed, Place
from extractor.wayback.archive import Headers, Memento, Served

STORE_FILE = "captures.warc.gz"
INDEX_FILE = "captures.cdxj"
_NOT_KEPT = ("content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "location")

_Line = tuple[str, str, str]  # URL, timestamp, line of CDXJ


@dataclass(frozen=True, slots=True)
class Written:
    """What was written to the WARC: where the page stands, the lines of the index, and where the file ends now."""

    place: Place
    lines: tuple[_Line, ...]
    end: int


class WarcStore:
    """The WARC of a run folder. `add` and `repeat` return only when the bytes are on the disk."""

    def __init__(self, folder: Path, *, committed: int, user_agent: str = "archived-policy") -> None:
        """Opens the store; what lies behind `committed`, the last offset the ledger knows of, is cut off."""
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / STORE_FILE).open("ab")
        self._file.truncate(committed)
        self._file.seek(0, os.SEEK_END)
        self._writer = WARCWriter(self._file, gzip=True, warc_version="WARC/1.1")
        self._user_agent = user_agent
        if not committed:
            info = {"software": "archived-policy", "format": "WARC File Format 1.1"}
            self._writer.write_record(self._writer.create_warcinfo_record(STORE_FILE, info))

    def add(self, served: Served, *, hops: Iterable[Memento] = (), place: Place | None = None) -> Written:
        """Writes redirects, and the page with all that belongs to it unless it stands at a `place` already."""
        lines = [self._write(_hop_record(self._writer, hop))[1] for hop in hops]
        if place is None:
            response = _response_record(self._writer, served)
            place, line = self._write(response)
            lines.append(line)
            self._write_beside(response, served)
        return self._written(place, lines)

    def repeat(self, pairs: Iterable[tuple[Capture, str, str, str]]) -> Written:
        """Writes a revisit for each capture, of the page with the URL, timestamp and payload digest beside it."""
        lines = [self._write(_revisit_record(self._writer, *pair))[1] for pair in pairs]
        return self._written(Place(STORE_FILE, 0, 0), lines)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _write(self, record: Any) -> tuple[Place, _Line]:
        offset = self._file.tell()
        self._writer.write_record(record)
        place = Place(STORE_FILE, offset, self._file.tell() - offset)
        return place, _index_line(record, place)

    def _write_beside(self, response: Any, served: Served) -> None:
        if served.snapshot.archive_url:
            self._writer.write_record(_request_record(self._writer, response, served, self._user_agent))
        self._writer.write_record(_metadata_record(self._writer, response, served))

    def _written(self, place: Place, lines: list[_Line]) -> Written:
        self._file.flush()
        os.fsync(self._file.fileno())
        return Written(place, tuple(lines), self._file.tell())


def store_size(folder: Path) -> int:
    """The size of the store in a folder, 0 where there is none."""
    path = folder / STORE_FILE
    return path.stat().st_size if path.exists() else 0


def _response_record(writer: WARCWriter, served: Served) -> Any:
    """The response record of a page: its bytes without encodings, the site's headers without those that spoke of them.

    WARC-Source-URI and WARC-Creation-Date say where and when the copy was made, as cdx_toolkit has them.
    """
    snapshot = served.snapshot
    return writer.create_warc_record(
        snapshot.served_url,
        "response",
        payload=BytesIO(snapshot.content),
        http_headers=_http_headers(snapshot.status, snapshot.content_type, len(snapshot.content), served.headers),
        warc_headers_dict=_origin(snapshot.served_timestamp, snapshot.archive_url),
    )


def _hop_record(writer: WARCWriter, hop: Memento) -> Any:
    """The response record of a redirect of the site."""
    goal = (("Location", hop.redirect[1]),) if hop.redirect else ()
    return writer.create_warc_record(
        hop.url,
        "response",
        payload=BytesIO(hop.content),
        http_headers=_http_headers(hop.status, hop.content_type, len(hop.content), hop.headers, goal),
        warc_headers_dict=_origin(hop.timestamp, ""),
    )


def _revisit_record(writer: WARCWriter, capture: Capture, url: str, timestamp: str, digest: str) -> Any:
    """The revisit record of a capture whose bytes are those of the page at `url` and `timestamp`."""
    return writer.create_revisit_record(
        capture.original,
        digest=f"sha1:{digest}",
        refers_to_uri=url,
        refers_to_date=timestamp_to_iso_date(timestamp),
        warc_headers_dict=_origin(capture.timestamp, ""),
    )


def _request_record(writer: WARCWriter, response: Any, served: Served, user_agent: str) -> Any:
    """The record of what we asked the archive for; its URI is the archive's, as that is where the request went."""
    parts = urlsplit(served.snapshot.archive_url)
    headers = [("Host", parts.netloc), ("User-Agent", user_agent), ("Accept-Encoding", "gzip")]
    line = f"GET {parts.path}{f'?{parts.query}' if parts.query else ''} HTTP/1.1"
    return writer.create_warc_record(
        served.snapshot.archive_url,
        "request",
        payload=BytesIO(),
        http_headers=StatusAndHeaders(line, headers, is_http_request=True),
        warc_headers_dict={"WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")},
    )


def _metadata_record(writer: WARCWriter, response: Any, served: Served) -> Any:
    """What is known of a page beyond its bytes: what was asked for, the way to it, fixity."""
    snapshot, capture = served.snapshot, served.snapshot.capture
    fields = {
        "via": snapshot.archive_url,
        "requested": f"{capture.timestamp}/{capture.original}",
        "outcome": served.outcome,
        "redirects": " ".join(f"{hop.timestamp}/{hop.url}" for hop in served.hops),
        "index-digest": capture.digest,
        "fixity": served.fixity,
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


def _origin(timestamp: str, archive_url: str) -> dict[str, str]:
    """When the page was captured, and when and where our copy was made."""
    made = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"WARC-Date": timestamp_to_iso_date(timestamp), "WARC-Creation-Date": made}
    return headers | ({"WARC-Source-URI": archive_url} if archive_url else {})


def _http_headers(status: int, content_type: str, length: int, site: Headers, more: Headers = ()) -> StatusAndHeaders:
    """The head of a reply: the site's headers, those that belong to the bytes replaced."""
    own = [("Content-Type", _one_line(content_type))] if content_type else []
    own += [(_one_line(name), _one_line(value)) for name, value in site if name.lower() not in _NOT_KEPT]
    return StatusAndHeaders(status_line(status), [*own, *more, ("Content-Length", str(length))], "HTTP/1.1")


def _one_line(value: str) -> str:
    """A value without line ends and other control characters, which would end a header."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", value)


def status_line(status: int) -> str:
    """A status with its usual words.

    >>> status_line(404)
    '404 Not Found'
    """
    return f"{status} {responses.get(status, 'Unknown')}"


def _index_line(record: Any, place: Place) -> _Line:
    """A record that was written as a line of CDXJ."""
    head, http = record.rec_headers, record.http_headers
    url, timestamp = head.get_header("WARC-Target-URI"), iso_date_to_timestamp(head.get_header("WARC-Date"))
    digest = str(head.get_header("WARC-Payload-Digest")).removeprefix("sha1:")
    revisit = record.rec_type == "revisit"
    mime = "warc/revisit" if revisit else (http.get_header("Content-Type") or "unk").split(";")[0].strip().lower()
    capture = Capture(_urlkey(url), timestamp, url, mime, "-" if revisit else http.get_statuscode(), digest)
    return url, timestamp, cdxj_line(Indexed(capture, place, ""), STORE_FILE)


def _urlkey(url: str) -> str:
    """The URL key of an address; of one beyond parsing, itself."""
    try:
        return str(surt(url))
    except ValueError:
        return url


def write_cdxj(folder: Path, lines: Iterable[str]) -> Path:
    """Writes the index of the store, its lines sorted by URL key and time, and gives its path."""
    with write_atomically(folder / INDEX_FILE) as out:
        for line in lines:
            out.write(line.encode())
    return folder / INDEX_FILE


def cdxj_line(record: Indexed, file: str) -> str:
    """One record of a WARC as a line of CDXJ, as pywb reads it."""
    capture, place = record.capture, record.place
    fields = {
        "url": capture.original,
        "mime": capture.mime,
        "status": capture.status,
        "digest": capture.digest,
        "length": str(place.length),
        "offset": str(place.offset),
        "filename": file,
    }
    return f"{capture.urlkey} {capture.timestamp} {json.dumps(fields)}\n"
