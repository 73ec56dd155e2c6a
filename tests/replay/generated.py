"""Archives of many generated captures: a WARC for pywb, and a server that generates them on request.

PYTHONPATH=tests python -m replay.generated 100000      # serves that many captures of one URL; prints its port
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import ClassVar, NamedTuple
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import timestamp_to_iso_date
from warcio.warcwriter import WARCWriter

from extractor.warcfile import iter_records
from extractor.wayback import cdxj_line

URL = "http://www.many.example/privacy"
KEY = "example,many)/privacy"
FIRST = datetime(1998, 1, 1, tzinfo=timezone.utc)
SENTENCES = (
    "We collect the name and the address you give us when you order lamp number {n}.",
    "We share what we know of order {n} with the carrier and with nobody else.",
    "A cookie with the number {n} remembers what is in your basket until you close the window.",
    "You may ask at any time what we keep under number {n}, and we will correct or delete it.",
    "We do not knowingly collect anything from children under {n}.",
)


def time_of(number: int) -> datetime:
    """The time of a capture: two hours after the one before."""
    return FIRST + timedelta(hours=2 * number)


def timestamp(number: int) -> str:
    """The timestamp of a capture."""
    return f"{time_of(number):%Y%m%d%H%M%S}"


def number_of(stamp: str) -> int:
    """The capture with a timestamp."""
    time = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
    return int((time - FIRST) / timedelta(hours=2))


@cache
def template() -> bytes:
    """The page of all captures, about 6 KB, with "@" for the number."""
    lines = [f"<p>{sentence.format(n=f'@{part}')}</p>" for part in range(14) for sentence in SENTENCES]
    return f"<html><title>Privacy @</title><h1>Privacy policy</h1>{''.join(lines)}</html>".encode()


def page_of(number: int) -> bytes:
    """The page of a capture, different for each."""
    return template().replace(b"@", str(number).encode())


def digest_of(content: bytes) -> str:
    """The SHA-1 of a page in the form of an index."""
    return base64.b32encode(hashlib.sha1(content).digest()).decode()


def write_archive(folder: Path, count: int) -> tuple[Path, Path]:
    """Writes a WARC of `count` captures and its CDXJ."""
    return write_pages(folder, "many", ((timestamp(number), URL, page_of(number)) for number in range(count)))


class Response(NamedTuple):
    """A captured response: its time, URL and body, its Content-Type, and for a redirect its status and Location."""

    time: str
    url: str
    content: bytes = b""
    content_type: str = "text/html"
    status: str = "200 OK"
    location: str = ""


def redirect(time: str, url: str, location: str, status: str = "301 Moved Permanently") -> Response:
    """A captured redirect."""
    return Response(time, url, f"{time} moved".encode(), status=status, location=location)


def write_pages(folder: Path, name: str, pages: Iterable[tuple[str, str, bytes]]) -> tuple[Path, Path]:
    """Writes a WARC of pages (timestamp, URL, HTML) and its CDXJ."""
    return write_responses(folder, name, (Response(*page) for page in pages))


def write_responses(folder: Path, name: str, responses: Iterable[Response]) -> tuple[Path, Path]:
    """Writes a WARC of responses and its CDXJ."""
    warc, cdxj = folder / f"{name}.warc.gz", folder / f"{name}.cdxj"
    with warc.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="WARC/1.1")
        for response in responses:
            headers = [("Content-Type", response.content_type), ("Content-Length", str(len(response.content)))]
            if response.location:
                headers.append(("Location", response.location))
            record = writer.create_warc_record(
                response.url, "response", payload=BytesIO(response.content),
                http_headers=StatusAndHeaders(response.status, headers, "HTTP/1.1"),
                warc_headers_dict={"WARC-Date": timestamp_to_iso_date(response.time)},
            )  # fmt: skip
            writer.write_record(record)
    cdxj.write_text("".join(sorted(cdxj_line(record, warc.name) for record in iter_records(warc))))
    return warc, cdxj


class Handler(BaseHTTPRequestHandler):
    """Answers like the Wayback Machine to the requests of a run."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rows: ClassVar[list[list[str]]] = []
    requested: ClassVar[list[str]] = []
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/seen":
            return self.answer({}, json.dumps(len(self.requested)).encode())
        if parts.path == "/cdx/search/cdx":
            return self.answer({}, self.index(parse_qs(parts.query)))
        self.requested.append(self.path)
        number = number_of(self.path.split("/")[2][:14])
        content = page_of(number)
        return self.answer(
            {
                "Memento-Datetime": format_datetime(time_of(number), usegmt=True),
                "Link": f'<{URL}>; rel="original"',
                "Content-Type": "text/html",
            },
            content,
        )

    def index(self, query: dict[str, list[str]]) -> bytes:
        limit, key = int(query["limit"][0]), unquote_plus(query.get("resumeKey", [""])[0])
        start = number_of(key[-14:]) if key else 0
        rows = self.rows[start : start + limit]
        more = [[], [quote_plus(f"{KEY} {timestamp(start + limit)}")]] if start + limit < len(self.rows) else []
        head = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
        return json.dumps([head, *rows, *more]).encode()

    def answer(self, headers: dict[str, str], content: bytes) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def row(number: int) -> list[str]:
    """A row of the index."""
    return [KEY, timestamp(number), URL, "text/html", "200", digest_of(page_of(number)), "2100"]


def serve(count: int) -> None:
    """Serves `count` captures until standard input ends."""
    Handler.rows = [row(number) for number in range(count)]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=lambda: (os.read(0, 1), os._exit(0)), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
