"""The WARC that a run writes its bytes to before anything reads them, and the CDXJ beside it."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from http.client import responses
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import timestamp_to_iso_date
from warcio.warcwriter import WARCWriter

from extractor.errors import ConfigurationError
from extractor.records import Snapshot
from extractor.warcfile import Indexed, Place, index

STORE_FILE = "captures.warc.gz"
INDEX_FILE = "captures.cdxj"


class WarcStore:
    """The WARC of a run folder. `add` returns only when the bytes are on the disk."""

    def __init__(self, folder: Path, *, committed: int) -> None:
        """Opens the store; what lies behind `committed`, the last offset the ledger knows of, is cut off.

        Raises ConfigurationError where the file ends before that.
        """
        check_length(folder / STORE_FILE, committed)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / STORE_FILE).open("ab")
        self._file.truncate(committed)
        self._file.seek(0, os.SEEK_END)
        self._writer = WARCWriter(self._file, gzip=True, warc_version="WARC/1.1")
        if not committed:
            info = {"software": "archived-policy", "format": "WARC File Format 1.1"}
            self._writer.write_record(self._writer.create_warcinfo_record(STORE_FILE, info))

    def add(self, snapshot: Snapshot) -> Place:
        """Writes the snapshot as a response record."""
        offset = self._file.tell()
        self._writer.write_record(response_record(self._writer, snapshot))
        self._file.flush()
        os.fsync(self._file.fileno())
        return Place(STORE_FILE, offset, self._file.tell() - offset)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def check_length(path: Path, committed: int) -> None:
    """Raises ConfigurationError where bytes that the ledger knows of are gone; cutting would pad them with zeros."""
    length = path.stat().st_size if path.exists() else 0
    if length < committed:
        raise ConfigurationError(
            f"{path} is shorter than the ledger promises ({length:,} of {committed:,} bytes): bring it back, "
            "or begin in another folder."
        )


def response_record(writer: WARCWriter, snapshot: Snapshot) -> Any:
    """The response record of a snapshot: its bytes without encodings, and what is known of their origin.

    WARC-Source-URI and WARC-Creation-Date say where and when the copy was made, as cdx_toolkit has them.
    """
    headers = [("Content-Type", snapshot.content_type)] if snapshot.content_type else []
    headers.append(("Content-Length", str(len(snapshot.content))))
    origin = {
        "WARC-Date": timestamp_to_iso_date(snapshot.served_timestamp),
        "WARC-Creation-Date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if snapshot.archive_url:
        origin["WARC-Source-URI"] = snapshot.archive_url
    return writer.create_warc_record(
        snapshot.served_url,
        "response",
        payload=BytesIO(snapshot.content),
        http_headers=StatusAndHeaders(status_line(snapshot.status), headers, "HTTP/1.1"),
        warc_headers_dict=origin,
    )


def status_line(status: int) -> str:
    """A status with its usual words.

    >>> status_line(404)
    '404 Not Found'
    """
    return f"{status} {responses.get(status, 'Unknown')}"


def write_cdxj(folder: Path) -> Path:
    """Writes the index of the store, sorted by URL key and time, and gives its path."""
    lines = sorted(cdxj_line(record, STORE_FILE) for record in index(folder / STORE_FILE))
    path = folder / INDEX_FILE
    path.write_text("".join(lines), encoding="utf-8")
    return path


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
