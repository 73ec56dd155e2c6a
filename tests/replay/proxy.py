"""A proxy in front of pywb that answers like the Wayback Machine, injects faults and logs the requests.

pywb holds the archive and answers; the proxy only translates where web.archive.org differs: its index answers with
lists of lists (parameters as in the README of internetarchive/wayback's wayback-cdx-server, details as in its
CDXServer.java), its redirects are 302 and lead into the archive, and it hides excluded sites.

What its replies look like was read off recorded ones: those of September 2023 in EDGI's wayback
(src/wayback/tests/cassettes), one of June 2017 in issue 185 of oduwsdl/ipwb, one of December 2020 in issue 30 of
palewire/savepagenow. Comments say which showed what; texts of errors are of the server's source.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from email.utils import formatdate, parsedate_to_datetime
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from typing import Literal
from urllib.parse import parse_qsl, unquote_plus, urlencode, urljoin, urlsplit

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
PYWB_FIELDS = ("urlkey", "timestamp", "url", "mime", "status", "digest", "length")
PYWB_PARAMETERS = ("url", "matchType", "from", "to")
COLLECTION = "/sample/"
REPLAY = re.compile(r"/web/(\d*)id_/(.+)")
BLOCKED = "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
EXCLUDED_PAGE = b"<html><body><p>This URL has been excluded from the Wayback Machine.</p></body></html>"
UNPREFIXED = ("content-type", "content-encoding", "content-length", "location")

Row = dict[str, str]
Parameters = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one request, the next whose path matches the regular expression `path`.

    status         the archive's own answer `status`, with `retry_after` if given, and `text`
    cut            the Content-Length is larger than the body
    short          the body is shorter than the site's was, and the Content-Length fits
    double_gzip    the body is compressed twice, and the Content-Encoding says once
    bad_gzip       the Content-Encoding says gzip, and the body is damaged
    reset          the connection is reset
    stall          the answer begins after `seconds`
    drip           the body is sent byte by byte, one every `seconds`
    drip_head      the headers are sent one every `seconds`
    skew           the page is that of another time, `seconds` later
    redirect       the archive redirects to `location`
    malformed_row  the index's JSON answer begins with an additional row of three words
    """

    kind: Literal[
        "status", "cut", "short", "double_gzip", "bad_gzip", "reset", "stall", "drip", "drip_head", "skew", "redirect",
        "malformed_row",
    ]  # fmt: skip
    path: str = ""
    status: int = 503
    retry_after: str = ""
    seconds: float = 0.0
    text: str = "Try again."
    location: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its path with the query, and its time, in seconds of the monotonic clock."""

    path: str
    time: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to send."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(slots=True)
class Proxy:
    """The interface for tests: the base URL, faults to inject, in order, and the requests received.

    `fault_for` returns a fault for a path, or None; it is asked where none of `faults` matches.
    """

    base: str
    faults: list[Fault] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    fault_for: Callable[[str], Fault | None] = lambda _: None

    def reset(self) -> None:
        """Forgets the faults and the requests."""
        self.fault_for = lambda _: None
        self.faults.clear()
        self.requests.clear()

    def paths(self, part: str = "") -> list[str]:
        """The paths requested that contain `part`, in order."""
        return [request.path for request in self.requests if part in request.path]


class ProxyServer(ThreadingHTTPServer):
    """The proxy of the pywb that listens on `pywb_port`; it does not show the domains in `excluded`."""

    request_queue_size = 64

    def __init__(self, pywb_port: int, excluded: Iterable[str] = ("secretive.example",), *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.pywb_port, self.excluded = pywb_port, frozenset(excluded)
        self.proxy = Proxy(f"http://127.0.0.1:{self.server_address[1]}")
        self._lock = threading.Lock()
        self.closing = False

    def stop(self) -> None:
        """Stops the server: from now on it refuses connections, and resets those that were kept open."""
        self.closing = True
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Logs nothing where the client closed the connection, as it does in tests of timeouts."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def take_fault(self, path: str) -> Fault | None:
        """Logs a request, and takes the fault that it matches out of the queue."""
        with self._lock:
            self.proxy.requests.append(Request(path, time.monotonic()))
            fault = next((fault for fault in self.proxy.faults if re.search(fault.path, path)), None)
            if fault:
                self.proxy.faults.remove(fault)
            return fault or self.proxy.fault_for(path)

    def is_excluded(self, url: str) -> bool:
        """Whether a URL, or the pattern of a query, is of an excluded site."""
        bare = url.removeprefix("*.")
        host = urlsplit(bare if "//" in bare else f"//{bare}").hostname or ""
        return any(host == site or host.endswith(f".{site}") for site in self.excluded)


class Handler(BaseHTTPRequestHandler):
    """One connection of a client, with a connection to pywb."""

    server: ProxyServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.pywb = HTTPConnection("127.0.0.1", self.server.pywb_port, timeout=30)

    def finish(self) -> None:
        self.pywb.close()
        super().finish()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.server.closing:
            return self.reset_connection()
        fault = self.server.take_fault(self.path)
        if fault and fault.kind == "reset":
            return self.reset_connection()
        if fault and fault.kind == "stall":
            time.sleep(fault.seconds)
        reply = with_fault(self.answer(), fault) if fault else self.packed_by_archive(self.answer())
        return self.send(reply, fault)

    def packed_by_archive(self, reply: Reply) -> Reply:
        """A reply in gzip also where the site had sent none, as mementos were in 2023."""
        is_packed = any(name.lower() == "content-encoding" for name, _ in reply.headers)
        return reply if is_packed or not reply.body else self.compressed(reply)

    def answer(self) -> Reply:
        if self.path.partition("?")[0] == "/cdx/search/cdx":
            return self.compressed(self.index(parameters(self.path)))
        if found := REPLAY.fullmatch(self.path):
            return self.replay(found[1], found[2])
        return Reply(404, (("Content-Type", "text/plain"),), b"Not found")

    def index(self, query: Parameters) -> Reply:
        if self.server.is_excluded(query.get("url", [""])[0]):
            error = ("x-archive-wayback-runtime-error", BLOCKED.rpartition(".")[2])
            return text_reply(403, f"org.archive.util.io.RuntimeIOException: {BLOCKED}\n", error)
        passed_on = {name: query[name][0] for name in PYWB_PARAMETERS if name in query}
        asked = urlencode({**passed_on, "output": "json", "allowFuzzy": "false"})
        response, body = self.ask_pywb(f"{COLLECTION}cdx?{asked}")
        if response.status != 200:
            return text_reply(response.status, body.decode())
        rows = (row_of(json.loads(line)) for line in body.splitlines())
        return index_reply(*select_rows(rows, query), query)

    def replay(self, timestamp: str, url: str) -> Reply:
        if self.server.is_excluded(url):
            return Reply(200, (("Content-Type", "text/html"),), EXCLUDED_PAGE)
        response, body = self.ask_pywb(f"{COLLECTION}{timestamp}id_/{url}")
        base, own = self.server.proxy.base, f"http://127.0.0.1:{self.server.pywb_port}{COLLECTION}"
        if response.getheader("Memento-Datetime"):
            return Reply(response.status, tuple(memento_headers(response, own, f"{base}/web/", url)), body)
        if location := response.getheader("Location"):
            return Reply(302, (("Location", location.replace(own, f"{base}/web/")),))
        return Reply(response.status, (("Content-Type", "text/html"),), body)

    def ask_pywb(self, path: str) -> tuple[HTTPResponse, bytes]:
        """pywb's answer. It keeps the body's content coding only for a client that accepts it."""
        self.pywb.request("GET", path, headers={"Accept-Encoding": self.headers.get("Accept-Encoding", "identity")})
        response = self.pywb.getresponse()
        return response, response.read()

    def compressed(self, reply: Reply) -> Reply:
        """An answer of the index, compressed unless the client does not accept gzip or asks for `gzip=false`."""
        asked_plain = parameters(self.path).get("gzip") == ["false"]
        if asked_plain or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return reply
        coding = ("Content-Encoding", "gzip")
        return replace(reply, headers=(*reply.headers, coding), body=gzip.compress(reply.body))

    def send(self, reply: Reply, fault: Fault | None) -> None:
        missing = 1000 if fault and fault.kind == "cut" else 0
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        is_chunked = fault is None  # and without Content-Length: recorded in 2020 and 2023, mementos and index
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(reply.body) + missing))
        if fault and fault.kind == "drip_head":
            for number in range(50):
                self.send_header("X-Drop", str(number))
                self.flush_headers()
                time.sleep(fault.seconds)
        self.end_headers()
        for chunk in transfer_chunks(reply.body) if is_chunked else body_chunks(reply.body, fault):
            self.wfile.write(chunk)
        self.close_connection |= bool(missing)

    def reset_connection(self) -> None:
        """Closes with a linger time of zero, which sends RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


def parameters(path: str) -> Parameters:
    """The parameters of a query; a name may occur several times."""
    pairs = parse_qsl(urlsplit(path).query, keep_blank_values=True)
    return {name: [value for other, value in pairs if other == name] for name, _ in pairs}


def row_of(entry: dict[str, str]) -> Row:
    """A row of pywb's index under the Wayback Machine's names."""
    return {ours: entry.get(theirs, "-") for ours, theirs in zip(FIELDS, PYWB_FIELDS, strict=True)}


def select_rows(rows: Iterable[Row], query: Parameters) -> tuple[list[Row], str]:
    """The rows that a query asks for, and the key to resume after them, "" where the limit was not reached.

    There is a key also where the limit falls on the last row: the server does not look ahead.
    """
    limit = int(query.get("limit", ["0"])[0])
    kept = list(collapse(matching(rows_after_key(rows, query), query), query))
    if limit < 0:
        return kept[limit:], ""
    if limit == 0 or len(kept) < limit:
        return kept, ""
    return kept[:limit], resume_key(kept[limit - 1])


def resume_key(row: Row) -> str:
    """The key after a row: its URL key and time, with the last digit of the time one higher."""
    later = row["timestamp"][:-1] + chr(ord(row["timestamp"][-1]) + 1)
    return urlencode({"": f"{row['urlkey']} {later}"})[1:]


def rows_after_key(rows: Iterable[Row], query: Parameters) -> Iterator[Row]:
    """The rows from the resume key on. Clients send the key encoded twice or, after decoding it, once."""
    key = unquote_plus(query.get("resumeKey", [""])[0])
    return (row for row in rows if f"{row['urlkey']} {row['timestamp']}" >= key)


def matching(rows: Iterable[Row], query: Parameters) -> Iterator[Row]:
    """The rows that match all filters `[!]field:regex`; a regex has to match the whole field, as in Java."""
    filters = [re.fullmatch(r"(!?)(\w+):(.*)", text) for text in query.get("filter", [])]
    tests = [(not found[1], found[2], re.compile(found[3])) for found in filters if found]
    return (row for row in rows if all(bool(regex.fullmatch(row[name])) == expected for expected, name, regex in tests))


def collapse(rows: Iterable[Row], query: Parameters) -> Iterator[Row]:
    """The rows without those that share `field`, or the first N letters of it, with the one before."""
    for name, _, letters in (text.partition(":") for text in query.get("collapse", [])):
        groups = groupby(rows, key=lambda row, name=name, n=int(letters or 999): row[name][:n])  # type: ignore[misc]
        rows = [next(group) for _, group in groups]
    return iter(rows)


def index_reply(rows: list[Row], key: str, query: Parameters) -> Reply:
    """The answer of the index: a JSON list of lists with a header, or lines of words."""
    names = query.get("fl", [",".join(FIELDS)])[0].split(",")
    table = [[row[name] for name in names] for row in rows]
    tail = [[], [key]] if key and query.get("showResumeKey") == ["true"] else []
    if query.get("output") == ["json"]:
        body = json.dumps([names, *table, *tail] if table else [])
        return Reply(200, (("Content-Type", "application/json"),), body.encode())
    return text_reply(200, "".join(f"{' '.join(words)}\n" for words in [*table, *tail]))


def text_reply(status: int, body: str, *headers: tuple[str, str]) -> Reply:
    return Reply(status, (("Content-Type", "text/plain;charset=UTF-8"), *headers), body.encode())  # recorded in 2023


def memento_headers(response: HTTPResponse, own: str, web: str, url: str) -> Iterator[tuple[str, str]]:
    """The headers of a memento. pywb leaves some of the page's headers under their own names.

    In 2023 names were in small letters; in 2017 `X-Archive-Orig-` stood before small ones. A page that had come in
    chunks had the length -1 in 2017, and none in 2023.
    """
    datetime = response.getheader("Memento-Datetime", "")
    yield "memento-datetime", datetime
    yield "link", full_link_header(response.getheader("Link", "").replace(own, web), url, web)
    yield "x-archive-src", "sample/sample.warc.gz"
    yield "x-ts", str(response.status)
    yield "X-Archive-Guessed-Charset", "UTF-8"  # 2017 and 2020; a guess of the archive, not what the site said
    if not any(name.lower() == "content-length" for name, _ in response.getheaders()):
        yield "X-Archive-Orig-content-length", "-1"
    for name, value in response.getheaders():
        if name.lower().startswith("x-archive-orig-"):
            yield name.lower(), value
        elif name.lower() in UNPREFIXED:
            yield f"x-archive-orig-{name.lower()}", value
            if name.lower() == "location":
                yield name, f"{web}{timestamp_of(datetime)}id_/{urljoin(url, value)}"
            elif name.lower() != "content-length":
                yield name, value


def full_link_header(link: str, url: str, web: str) -> str:
    """The Link header with the neighbouring mementos, whose dates have commas, as recorded in 2023."""
    neighbours = (
        f'<{web}20050323155300/{url}>; rel="first memento"; datetime="Wed, 23 Mar 2005 15:53:00 GMT"',
        f'<{web}20230319070236/{url}>; rel="last memento"; datetime="Sun, 19 Mar 2023 07:02:36 GMT"',
    )
    return ", ".join((link, *neighbours))


def timestamp_of(datetime: str) -> str:
    """The timestamp of a date in HTTP's form.

    >>> timestamp_of("Mon, 22 Feb 2010 17:05:01 GMT")
    '20100222170501'
    """
    return time.strftime("%Y%m%d%H%M%S", time.strptime(datetime, "%a, %d %b %Y %H:%M:%S GMT"))


def with_fault(reply: Reply, fault: Fault) -> Reply:
    """A reply with a fault, as far as the fault is in the reply itself."""
    if fault.kind == "status":
        wait = (("Retry-After", fault.retry_after),) if fault.retry_after else ()
        return Reply(fault.status, (("Content-Type", "text/html"), *wait), f"<p>{fault.text}</p>".encode())
    if fault.kind == "redirect":
        return Reply(302, (("Location", fault.location),))
    if fault.kind == "short":
        return replace(reply, body=reply.body[: len(reply.body) // 2])
    if fault.kind in ("double_gzip", "bad_gzip"):
        return badly_compressed(reply, twice=fault.kind == "double_gzip")
    if fault.kind == "skew":
        return replace(reply, headers=tuple(later_headers(reply.headers, fault.seconds)))
    if fault.kind == "malformed_row":
        packed = ("Content-Encoding", "gzip") in reply.headers
        header, *rows = json.loads(gzip.decompress(reply.body) if packed else reply.body)
        body = json.dumps([header, ["example,broken)/", "2005", "no address"], *rows]).encode()
        return replace(reply, body=gzip.compress(body) if packed else body)
    return reply


def badly_compressed(reply: Reply, *, twice: bool) -> Reply:
    """A reply whose body is compressed once more than its header says, or damaged."""
    headers = tuple((name, value) for name, value in reply.headers if name != "Content-Encoding")
    packed = gzip.compress(reply.body)
    body = gzip.compress(packed) if twice else packed[:40] + b"damage" + packed[46:]
    return replace(reply, headers=(*headers, ("Content-Encoding", "gzip")), body=body)


def later_headers(headers: Iterable[tuple[str, str]], seconds: float) -> Iterator[tuple[str, str]]:
    """The headers of a memento with a later time."""
    for name, value in headers:
        if name == "memento-datetime":
            yield name, formatdate(parsedate_to_datetime(value).timestamp() + seconds, usegmt=True)
        else:
            yield name, value


def transfer_chunks(body: bytes) -> Iterator[bytes]:
    """The body in the chunked transfer coding."""
    for start in range(0, len(body), 8192):
        part = body[start : start + 8192]
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def body_chunks(body: bytes, fault: Fault | None) -> Iterator[bytes]:
    """The body in the chunks in which it is sent."""
    if fault is None or fault.kind != "drip":
        yield body
        return
    for position in range(len(body)):
        time.sleep(fault.seconds)
        yield body[position : position + 1]
