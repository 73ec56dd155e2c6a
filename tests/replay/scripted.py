"""An archive of a few captures, which answers like the Wayback Machine, or as a test tells it to."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from surt import surt

FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
EMPTY_DIGEST = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
EXCLUDED = ("X-Archive-Wayback-Runtime-Error", "AdministrativeAccessControlException: Blocked Site Error")


@dataclass(frozen=True, slots=True)
class Held:
    """A capture that the archive holds.

    `row_status`, `row_digest` and `row_mime` are what the index says where that is not what the capture has; `shown_as`
    is the address that the archive says the page is of, and `location` the address that it redirects to.
    """

    url: str
    timestamp: str
    content: bytes = b""
    status: int = 200
    location: str = ""
    row_status: str = ""
    row_digest: str = ""
    row_mime: str = ""
    shown_as: str = ""

    @property
    def row(self) -> list[str]:
        """The row of the index."""
        digest = self.row_digest or base64.b32encode(hashlib.sha1(self.content).digest()).decode()
        kind = self.row_mime or "text/html"
        return [surt(self.url), self.timestamp, self.url, kind, self.row_status or str(self.status), digest, "900"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the archive; a `status` of 0 resets the connection.

    `missing` is how many bytes the Content-Length has more than the body.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    missing: int = 0


@dataclass(slots=True)
class ScriptedArchive:
    """The captures, and what the archive answers instead where `answer_for` returns an answer for a path.

    `paths` are those requested, in order. A page takes `seconds`.
    """

    base: str
    captures: list[Held]
    answer_for: Callable[[str], Answer | None] = lambda _: None
    seconds: float = 0.0
    paths: list[str] = field(default_factory=list)

    def replays(self) -> list[str]:
        """The paths of the pages that were requested."""
        return [path for path in self.paths if path.startswith("/web/")]

    def answer(self, path: str) -> Answer:
        """The answer to a request."""
        if path.startswith("/cdx/"):
            return self._index(parse_qs(urlsplit(path).query))
        found = re.fullmatch(r"/web/(\d+)id_/(.+)", path)
        return self._replay(found[1], found[2]) if found else Answer(404, b"Not found")

    def _index(self, query: dict[str, list[str]]) -> Answer:
        key = surt(query["url"][0])
        if query.get("matchType") == ["domain"]:
            rows = [held.row for held in self.captures if held.row[0].startswith(key.rstrip("/").rstrip(")"))]
        else:
            rows = [held.row for held in self.captures if held.row[0] == key]
        for text in query.get("filter", []):
            name, _, pattern = text.partition(":")
            rows = [row for row in rows if re.fullmatch(pattern, row[FIELDS.index(name)])]
        return Answer(200, json.dumps([FIELDS, *sorted(rows)] if rows else []).encode())

    def _replay(self, timestamp: str, url: str) -> Answer:
        time.sleep(self.seconds)
        same = [held for held in self.captures if surt(held.url) == surt(url)]
        if not same:
            return Answer(404, b"<p>The Wayback Machine has not archived that URL.</p>")
        held = min(same, key=lambda one: (abs(int(one.timestamp) - int(timestamp)), one.url != url))
        if held.timestamp != timestamp:
            return Answer(302, headers=(("Location", f"{self.base}/web/{held.timestamp}id_/{held.url}"),))
        taken = datetime.strptime(held.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
        headers = [
            ("Memento-Datetime", format_datetime(taken, usegmt=True)),
            ("Link", f'<{held.shown_as or held.url}>; rel="original"'),
            ("Content-Type", "text/html"),
        ]
        if held.location:
            headers.append(("Location", f"{self.base}/web/{held.timestamp}id_/{held.location}"))
        return Answer(held.status, held.content, tuple(headers))


class Handler(BaseHTTPRequestHandler):
    """Sends the answers of the server's archive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        archive = self.server.archive  # type: ignore[attr-defined]
        archive.paths.append(self.path)
        answer = archive.answer_for(self.path) or archive.answer(self.path)
        if not answer.status:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(answer.body) + answer.missing))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        self.close_connection |= answer.missing > 0

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A server that logs nothing where the client closed the connection."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def scripted_archive(*captures: Held) -> Iterator[ScriptedArchive]:
    """Runs an archive with these captures on a port of 127.0.0.1."""
    server = Server(("127.0.0.1", 0), Handler)
    archive = ScriptedArchive(f"http://127.0.0.1:{server.server_address[1]}", list(captures))
    server.archive = archive  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield archive
    finally:
        server.shutdown()
        server.server_close()


def policy(name: str) -> bytes:
    """A page with a privacy policy of this version."""
    return f"""<html><head><title>Privacy policy</title></head><body><h1>Privacy policy</h1>
<p>This is version {name} of the privacy policy of our shop for lamps and lanterns.</p>
<h2>What we collect</h2><p>We collect your name, your address and your e-mail address when you order a lamp from us.</p>
<h2>Cookies</h2><p>We use cookies to remember what is in your basket. You may refuse cookies in your browser.</p>
<h2>Sharing</h2><p>We share your address with the carrier that delivers your order, and with nobody else.</p>
<h2>Your rights</h2><p>You may ask us at any time to show you, to correct or to delete what we hold about you.</p>
</body></html>""".encode()


def home_page(*links: str) -> bytes:
    """A home page with links to addresses, each as "Privacy policy"."""
    anchors = "".join(f'<a href="{link}">Privacy policy</a> ' for link in links)
    return f"<html><title>Lamps</title><h1>Lamps and lanterns</h1><p>We sell lamps.</p>{anchors}</html>".encode()
