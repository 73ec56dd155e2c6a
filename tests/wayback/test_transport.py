"""Transport and replay: complete bodies or a named error, the meaning of refusals, and which addresses are asked."""

import gzip
import socket
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli
import pytest
import zstandard
from replay.proxy import Fault
from requests.structures import CaseInsensitiveDict

from extractor.errors import (
    ArchiveError,
    ArchiveStopError,
    ExcludedError,
    InterruptedRunError,
    TransientError,
    UnconfirmedError,
)
from extractor.records import Capture
from extractor.wayback import ClientOptions, open_archive, replay
from extractor.wayback import connection as connections
from extractor.wayback.archive import IndexQuery, redirect_target
from extractor.wayback.cdx import parse_cdx_reply
from extractor.wayback.fixity import sha1_base32
from extractor.wayback.politeness import MAX_RETRY_AFTER, MAX_THROTTLES, Politeness
from extractor.wayback.transport import HttpReply, RequestPolicy, Transport, decode_body, parse_retry_after
from extractor.wayback.wayback_machine import original_url

BODY = b"<p>We collect your name.</p>" * 50
RAW_DEFLATE = zlib.compress(BODY)[2:-4]
ONCE = RequestPolicy("tests", 0, tries=1)
POLICY = "http://www.tadpole-club.example/privacy"


@pytest.fixture
def proxy(wayback):
    wayback.reset()
    yield wayback
    wayback.reset()


@pytest.fixture
def transport(tmp_path):
    return Transport("tests", Politeness(tmp_path / "state.sqlite"))


def machine(proxy):
    return open_archive(proxy.base, rate=0, cdx_rate=0, connections=1)


def page_url(proxy) -> str:
    return f"{proxy.base}/web/20141201080059id_/{POLICY}"


def headers(**named: str) -> CaseInsensitiveDict[str]:
    return CaseInsensitiveDict({name.replace("_", "-"): value for name, value in named.items()})


SITE_ENCODING = "X_Archive_Orig_Content_Encoding"


@pytest.mark.parametrize(
    ("sent", "head", "twice"),
    [
        (BODY, {}, False),
        (gzip.compress(BODY), {"Content_Encoding": "gzip"}, False),
        (gzip.compress(BODY), {"Content_Encoding": "X-Gzip"}, False),
        (
            BODY,
            {"Content_Encoding": "gzip", SITE_ENCODING: "gzip"},
            False,
        ),  # old servers stated gzip and did not compress
        (zlib.compress(BODY), {"Content_Encoding": "deflate"}, False),
        (RAW_DEFLATE, {"Content_Encoding": "deflate"}, False),
        (gzip.compress(gzip.compress(BODY)), {"Content_Encoding": "gzip"}, True),
        (gzip.compress(BODY), {SITE_ENCODING: "gzip"}, False),  # the archive dropped the header and kept the coding
        (BODY, {"Content_Encoding": "gzip"}, False),
        (BODY, {"Content_Encoding": "utf-8"}, False),
        (gzip.compress(BODY), {"Content_Encoding": ", gzip"}, False),  # two headers, of which one is empty
        (gzip.compress(BODY), {"Content_Encoding": "gzip, gzip"}, False),
        (gzip.compress(BODY), {"X_Archive_Orig_Content_Type": "text/html"}, False),
        (b"%X\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n", {"X_Archive_Orig_Transfer_Encoding": "chunked"}, False),
    ],
)
def test_decode_body_undoes_content_encodings(sent, head, twice):
    assert decode_body(sent, headers(**head), "http://a.example/") == (BODY, twice)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.compress), ("deflate", zlib.compress)],
)
def test_decode_body_of_nothing_in_any_coding_is_nothing(coding, pack):
    assert decode_body(pack(b""), headers(Content_Encoding=coding), "u") == (b"", False)


def test_decode_body_of_an_empty_body_or_a_gzip_file_leaves_it_unchanged():
    assert decode_body(b"", headers(Content_Encoding="gzip"), "u") == (b"", False)
    packed = gzip.compress(BODY)
    assert (
        decode_body(
            packed, headers(Content_Type="application/gzip", X_Archive_Orig_Content_Type="application/gzip"), "u"
        )[0]
        == packed
    )


@pytest.mark.parametrize(
    ("sent", "coding", "error", "outcome"),
    [
        (gzip.compress(BODY)[:-12], "gzip", TransientError, "cut"),
        (gzip.compress(BODY)[:30] + b"x" * 30, "gzip", TransientError, "bad-encoding"),
        (gzip.compress(BODY)[4:], "gzip", TransientError, "bad-encoding"),
        (gzip.compress(BODY)[4:], "compress", TransientError, "bad-encoding"),
        (bytes(range(256)), "br", TransientError, "bad-encoding"),
        (gzip.compress(bytes(30_000_000)), "gzip", ArchiveError, "too-large"),
        (gzip.compress(gzip.compress(bytes(30_000_000))), "gzip", ArchiveError, "too-large"),
    ],
)
def test_decode_body_of_a_damaged_or_too_large_body_raises_an_error(sent, coding, error, outcome):
    with pytest.raises(error) as raised:
        decode_body(sent, headers(Content_Encoding=coding), "http://a.example/")
    assert raised.value.outcome == outcome


@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"])
def test_parse_retry_after_of_a_date_in_each_form_is_the_seconds_until_then(form, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    soon = time.strftime(form, time.gmtime(time.time() + 30))
    try:
        assert 25 < (parse_retry_after(soon) or 0) <= 30
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "value",
    ["", "soon", "²", "٣", "-5", "-1e3", "nan", "1.5", "12, 30", "Mon, 01 Jan 2001 00:00:00 GMT", "Mon, 99 Jan 2001",
     "Mon, 01 Jan 0000 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 -0000", "\x00"],
)  # fmt: skip
def test_parse_retry_after_of_an_invalid_value_is_none(value):
    assert parse_retry_after(value) is None


@pytest.mark.parametrize("value", ["1000000000000", "9" * 400, "Fri, 31 Dec 9999 23:59:59 -2359"])
@pytest.mark.parametrize("status", [429, 503])
def test_get_with_a_huge_retry_after_raises_archive_stop_error(proxy, transport, value, status):
    proxy.faults.append(Fault("status", status=status, retry_after=value))
    with pytest.raises(ArchiveStopError, match="Come back after 20") as stopped:
        transport.get(page_url(proxy), RequestPolicy("tests", 0))
    assert stopped.value.come_back <= time.time() + MAX_RETRY_AFTER
    assert len(proxy.requests) == 1


def test_get_with_a_retry_after_in_the_past_pauses_for_a_minute(proxy, transport, caplog):
    proxy.faults.append(Fault("status", status=429, retry_after="Mon, 01 Jan 2001 00:00:00 GMT"))
    transport.politeness._sleep = lambda seconds: transport.politeness._db.execute("UPDATE waits SET until = 0")
    assert transport.get(page_url(proxy), ONCE).status == 200
    assert "All workers wait 60 s" in caplog.text


def test_get_of_an_interruptible_request_ends_on_a_stop(proxy, tmp_path):
    stop = threading.Event()
    transport = Transport("tests", Politeness(tmp_path / "state.sqlite", stop=stop))
    proxy.faults.append(Fault("stall", seconds=20))
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    with pytest.raises(InterruptedRunError):
        transport.get(page_url(proxy), RequestPolicy("tests", 0, interruptible=True))
    assert time.monotonic() - started < 3
    with pytest.raises(InterruptedRunError):
        transport.get(page_url(proxy), ONCE)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("cut", path="/web/"), "cut"),
        (Fault("bad_gzip", path="/web/"), "bad-encoding"),
        (Fault("reset", path="/web/"), "broken-off"),
        (Fault("status", path="/web/", status=503), "archive-error"),
        (Fault("drip", path="/web/", seconds=0.05), "too-slow"),
        (Fault("drip_head", path="/web/", seconds=0.05), "too-slow"),
        (Fault("stall", path="/web/", seconds=1), "too-slow"),
    ],
)
def test_get_with_a_transient_fault_raises_its_outcome_in_time(proxy, transport, fault, outcome):
    proxy.faults.append(fault)
    started = time.monotonic()
    with pytest.raises(TransientError) as raised:
        transport.get(page_url(proxy), RequestPolicy("tests", 0, tries=1, time_limit=0.5))
    assert raised.value.outcome == outcome
    assert time.monotonic() - started < 3
    assert transport.get(page_url(proxy), ONCE).status == 200


def test_get_with_transient_faults_tries_again(proxy, transport):
    proxy.faults += [Fault("cut"), Fault("reset"), Fault("status", status=500)]
    assert transport.get(page_url(proxy), RequestPolicy("tests", 0, first_wait=0.01)).status == 200
    assert len(proxy.requests) == 4


def test_get_with_a_503_and_retry_after_pauses(proxy, transport):
    proxy.faults.append(Fault("status", status=503, retry_after="1"))
    transport.get(page_url(proxy), RequestPolicy("tests", 0, first_wait=0.01))
    first, second = proxy.requests
    assert second.time - first.time >= 1


@pytest.mark.parametrize("status", [403, 429, 503])
def test_get_with_a_retry_after_of_0_pauses_all_the_same(proxy, transport, status):
    proxy.faults.append(Fault("status", status=status, retry_after="0"))
    transport.get(page_url(proxy), RequestPolicy("tests", 0, first_wait=0.01))
    first, second = proxy.requests
    assert second.time - first.time >= 1


def test_get_with_429_does_not_use_up_tries(proxy, transport):
    proxy.faults += [Fault("status", status=429, retry_after="0")] * 4
    assert transport.get(page_url(proxy), ONCE).status == 200


def test_get_with_endless_429_raises_archive_stop_error(proxy, transport):
    proxy.faults += [Fault("status", status=429, retry_after="0")] * 12
    with pytest.raises(ArchiveStopError, match="did not let up"):
        transport.get(page_url(proxy), ONCE)
    with pytest.raises(ArchiveStopError, match="Come back after"):
        transport.get(page_url(proxy), ONCE)
    assert len(proxy.requests) == MAX_THROTTLES + 1


class CannedHandler(BaseHTTPRequestHandler):
    """Sends the next reply of the server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        status, head, body = self.server.replies.pop(0)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **head}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def canned():
    """A server that sends prepared replies one after another: (status, headers, body)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), CannedHandler)
    server.replies, server.seen = [], []
    server.base = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


MEMENTO = {"Memento-Datetime": "Mon, 01 Dec 2014 08:00:59 GMT"}
ROBOTS = {"X-Archive-Wayback-Runtime-Error": "RobotAccessControlException: Blocked By Robots"}
OWNER = {"X-Archive-Wayback-Runtime-Error": "AdministrativeAccessControlException: Blocked Site Error"}


@pytest.mark.parametrize(
    ("status", "head", "body", "outcome", "error"),
    [
        (404, {}, b"<p>Hrm. Not archived. See robots.txt</p>", "not-held", UnconfirmedError),
        (403, OWNER, b"", "excluded", ExcludedError),
        (200, {}, b"<p>This URL has been excluded from the Wayback Machine.</p>", "excluded", ExcludedError),
        (403, ROBOTS, b"", "robots", ExcludedError),
        (403, {}, b"<p>blocked by the site's robots.txt</p>", "robots", ExcludedError),
        (451, {}, b"", "denied", UnconfirmedError),
        (403, {}, b"<h1>403 Forbidden</h1>", "denied", UnconfirmedError),
        (403, {}, b"<title>Just a moment...</title>", "archive-page", TransientError),
        (200, {}, b"<p>Welcome to the archive</p>", "archive-page", UnconfirmedError),
        (200, {}, b"<p>This snapshot cannot be displayed due to an internal error.</p>", "archive-page", TransientError),
        (400, {}, b"", "archive-page", UnconfirmedError),
        (302, {"Location": "http://elsewhere.example/"}, b"", "out-of-archive", ArchiveError),
        (302, {"Location": "http://169.254.169.254/web/2014id_/http://a.example/"}, b"", "out-of-archive", ArchiveError),
        (301, {**MEMENTO, "Location": "file:///etc/passwd"}, b"", "out-of-archive", ArchiveError),
        (302, {"Location": "/web/20141201080059id_/http://a.example/p"}, b"", "loop", ArchiveError),
        (200, {"Memento-Datetime": "Fri, 01 May 2015 00:00:00 GMT"}, BODY, "drift", ArchiveError),
        (200, {"Memento-Datetime": "yesterday"}, BODY, "archive-page", TransientError),
        (200, MEMENTO | {"Content-Length": "20000001"}, b"x" * 20_000_001, "too-large", ArchiveError),
    ],
)  # fmt: skip
def test_replay_of_an_answer_that_is_no_capture_raises_its_outcome(canned, status, head, body, outcome, error):
    canned.replies += [(status, head, body)] * 4
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    with pytest.raises(error) as raised:
        replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert raised.value.outcome == outcome
    assert {path.split("/")[1] for path, _ in canned.seen} == {"web"}


@pytest.mark.parametrize("status", [404, 429, 503])
def test_replay_of_an_archived_error_is_a_page(canned, status):
    canned.replies.append((status, MEMENTO, BODY))
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    served = replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert (served.snapshot.status, served.snapshot.content, served.outcome) == (status, BODY, "whole")


def test_replay_with_too_many_redirects_raises_archive_error(canned):
    step = "/web/201412010800{:02}id_/http://a.example/{}"
    canned.replies += [(301, MEMENTO | {"Location": step.format(59, n)}, b"") for n in range(20)]
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    with pytest.raises(ArchiveError) as raised:
        replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert raised.value.outcome == "too-many-hops"
    assert len(canned.seen) == 11


@pytest.mark.parametrize(
    ("bodies", "digest", "result"),
    [
        ([BODY], "sha1", "equal"),
        ([BODY, BODY], "OTHER", "differs"),
        ([b"cut", BODY], "sha1", "equal"),
        ([b"one", b"two"], "OTHER", "unsteady"),
        ([BODY], "-", "not checked"),
        ([BODY], "", "not checked"),
        ([BODY[:-9]] * 2, "sha1 short", "wrong-length"),
    ],
)
def test_replay_compares_bytes_with_the_digest_in_the_index(canned, bodies, digest, result):
    stated = {"sha1": sha1_base32(BODY), "sha1 short": sha1_base32(BODY), "OTHER": "A" * 32}.get(digest, digest)
    head = MEMENTO | ({"X-Archive-Orig-Content-Length": str(len(BODY))} if digest == "sha1 short" else {})
    canned.replies += [(200, head, body) for body in bodies]
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    capture = Capture("example,a)/p", "20141201080059", "http://a.example/p", digest=stated)
    try:
        found = replay(archive, capture).fixity
    except TransientError as error:
        found = error.outcome
    assert found == result
    assert canned.replies == []


def test_replay_in_an_archive_with_other_digests_throughout_stops_rechecking(canned):
    canned.replies += [(200, MEMENTO, BODY)] * 30
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    for _ in range(20):
        assert (
            replay(archive, Capture("k", "20141201080059", "http://a.example/p", digest="A" * 32)).fixity == "differs"
        )
    assert len(canned.seen) == 23


def test_replay_of_an_encoded_page_has_no_comparable_digest(canned):
    head = MEMENTO | {"X-Archive-Orig-Content-Encoding": "gzip", "Content-Encoding": "gzip"}
    canned.replies.append((200, head, gzip.compress(BODY)))
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    assert (
        replay(archive, Capture("k", "20141201080059", "http://a.example/p", digest="A" * 32)).fixity
        == "not comparable"
    )


def test_useful_workers_depends_on_rate_and_reply_time(canned):
    archive = open_archive(canned.base, rate=8, cdx_rate=0, connections=8)
    assert archive.useful_workers(8) == 1
    for seconds, workers in ((0.05, 1), (0.2, 3), (0.5, 6), (2.0, 8)):
        archive._transport.mean_reply_seconds = seconds
        assert archive.useful_workers(8) == workers
    assert open_archive(canned.base, rate=0, cdx_rate=0, connections=8).useful_workers(8) == 8


def test_user_agent_names_the_package_and_the_contact(canned):
    canned.replies.append((200, MEMENTO, BODY))
    client = ClientOptions(contact="lab@university.example")
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1, client=client)
    replay(archive, Capture("k", "20141201080059", "http://a.example/p"))
    agent = canned.seen[0][1]["User-Agent"]
    assert agent.startswith("archived-policy/")
    assert "lab@university.example" in agent


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "0.0.0.0"])  # fmt: skip
def test_get_of_a_host_in_a_private_network_raises_archive_error(transport, monkeypatch, address):
    asked = []
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]
    monkeypatch.setattr(connections.socket, "getaddrinfo", lambda *_, **__: answer)
    monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *where, **_: asked.append(where))
    with pytest.raises(ArchiveError, match="not on the public network") as raised:
        transport.get("http://archive.example/web/", ONCE)
    assert raised.value.outcome == "unsafe-address"
    assert asked == []


def test_get_of_a_host_that_resolves_differently_the_second_time_raises_archive_error(transport, monkeypatch, canned):
    """The first look-up returns a public address, but the connection goes to this machine."""
    local = socket.create_connection(canned.server_address)
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.114.5", 80))]
    monkeypatch.setattr(connections.socket, "getaddrinfo", lambda *_, **__: answer)
    monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *_, **__: local)
    with pytest.raises(ArchiveError, match="not on the public network"):
        transport.get("http://archive.example/web/", ONCE)
    assert canned.seen == []


def test_replay_of_double_gzip_undoes_it_and_says_so(proxy):
    proxy.faults.append(Fault("double_gzip", path="/web/"))
    capture = Capture("k", "20141201080059", POLICY)
    first, second = replay(machine(proxy), capture), replay(machine(proxy), capture)
    assert (first.outcome, second.outcome) == ("packed-twice", "whole")
    assert first.snapshot.content == second.snapshot.content


def test_replay_of_a_page_of_another_time_is_nearby(proxy):
    proxy.faults.append(Fault("skew", path="/web/", seconds=7200))
    served = replay(machine(proxy), Capture("k", "20141201080059", POLICY))
    assert (served.outcome, served.snapshot.served_timestamp) == ("nearby", "20141201100059")


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("http://secretive.example/privacy", ExcludedError, "excluded"),
        ("http://nobody.example/privacy", ArchiveError, "does not hold it"),
    ],
)
def test_replay_of_a_page_of_the_archives_own_raises_an_error(wayback, url, error, says):
    archive = open_archive(wayback.base, rate=0, cdx_rate=0, connections=1)
    with pytest.raises(error, match=says):
        replay(archive, Capture("", "20100101000000", url))


def test_captures_of_an_excluded_site_raise_excluded_error_and_of_an_unknown_one_are_empty(wayback):
    archive = open_archive(wayback.base, rate=0, cdx_rate=0, connections=1)
    with pytest.raises(ExcludedError):
        list(archive.captures(IndexQuery("http://secretive.example/privacy")))
    assert list(archive.captures(IndexQuery("http://nobody.example/privacy"))) == []


@pytest.mark.parametrize(
    ("location", "goal"),
    [
        ("/web/20050101000000id_/http://b.example/p", ("20050101000000", "http://b.example/p")),
        ("http://archive.test/web/20050101000000/http://b.example/p?q=1", ("20050101000000", "http://b.example/p?q=1")),
        ("https://archive.test/web/2005id_/http://b.example/p", ("2005", "http://b.example/p")),
        ("https://archive.test:443/web/2005id_/http://b.example/p", ("2005", "http://b.example/p")),
        ("http://archive.test:80/web/2005id_/http://b.example/p", ("2005", "http://b.example/p")),
        ("//archive.test/web/2005id_/https://b.example/p", ("2005", "https://b.example/p")),
        ("HTTP://Archive.Test/web/2005id_/http://b.example/p", ("2005", "http://b.example/p")),
        ("/web/2005id_/http:/b.example/p", ("2005", "http://b.example/p")),
        ("/web/2005id_/HTTP://B.EXAMPLE/p", ("2005", "http://B.EXAMPLE/p")),
        ("/web/2005id_/b.example/p", ("2005", "http://b.example/p")),
    ],
)
def test_redirect_target_inside_the_archive_is_a_timestamp_and_url(location, goal):
    for base in ("http://archive.test", "https://archive.test", "http://archive.test:80"):
        assert redirect_target(base, f"{base}/web/2004id_/http://a.example/", location) == goal


@pytest.mark.parametrize(
    "location",
    [
        "http://b.example/p",
        "http://archive.test.evil.example/web/2005/http://b/",
        "/login",
        "http://archive.test:8080/web/2005/http://b.example/",
        "https://archive.test:99999/web/2005/http://b.example/",
        "http://archive.test@evil.example/web/2005/http://b.example/",
        "http://[archive.test/web/2005/http://b.example/",
        "ftp://archive.test/web/2005/http://b.example/",
    ],
)
def test_redirect_target_outside_the_archive_raises_archive_error(location):
    with pytest.raises(ArchiveError, match="out of the archive"):
        redirect_target("http://archive.test", "http://archive.test/web/2004id_/http://a.example/", location)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_replay_of_a_redirect_with_the_archives_address_requests_the_base(canned, scheme):
    """With a port of its own only the scheme may differ; the next request always goes to the base."""
    port = canned.server_address[1]
    goal = f"{scheme}://127.0.0.1:{port}/web/20141201080059id_/http://a.example/q"
    canned.replies += [(302, MEMENTO | {"Location": goal}, b""), (200, MEMENTO, BODY)]
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    served = replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert (served.outcome, served.snapshot.content) == ("redirected", BODY)
    assert [path for path, _ in canned.seen][1] == "/web/20141201080059id_/http://a.example/q"


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("http://a.example/q", "/web/20141201080059id_/http://a.example/q"),
        ("/q", "/web/20141201080059id_/http://a.example/q"),
        ("q?x=1", "/web/20141201080059id_/http://a.example/q?x=1"),
        (
            "https://web.archive.test/web/20141201080058id_/http://a.example/q",
            "/web/20141201080058id_/http://a.example/q",
        ),
    ],
)
def test_replay_of_a_captured_redirect_that_the_archive_did_not_rewrite_stays_in_the_archive(canned, location, path):
    canned.replies += [(302, MEMENTO | {"Location": location}, b""), (200, MEMENTO, BODY)]
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    served = replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert (served.outcome, served.snapshot.content) == ("redirected", BODY)
    assert [path for path, _ in canned.seen][1] == path


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_replay_of_a_redirect_with_a_body_keeps_it_in_whatever_coding(canned, coding):
    moved = b"<p>This page has moved to another place.</p>"
    pack = {"": bytes, "gzip": gzip.compress, "br": brotli.compress}[coding]
    head = (
        MEMENTO
        | {"Location": "/web/20141201080059id_/http://a.example/q"}
        | ({"Content-Encoding": coding} if coding else {})
    )
    canned.replies += [(301, head, pack(moved)), (200, MEMENTO, BODY)]
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    served = replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert [hop.content for hop in served.hops] == [moved]
    assert served.snapshot.content == BODY


@pytest.mark.parametrize("body", [BODY, b"<p>Welcome</p>"])
def test_replay_of_an_answer_without_memento_datetime_is_the_capture_where_its_bytes_say_so(canned, body):
    canned.replies.append((200, {}, body))
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    capture = Capture("example,a)/p", "20141201080059", "http://a.example/p", digest=sha1_base32(BODY))
    if body == BODY:
        served = replay(archive, capture)
        assert (served.outcome, served.fixity, served.snapshot.served_timestamp) == ("whole", "equal", "20141201080059")
    else:
        with pytest.raises(UnconfirmedError, match="a page of its own"):
            replay(archive, capture)


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [(429, b"<h1>429</h1>", "archive-error"), (503, b"<h1>503</h1>", "archive-error"), (200, b"", "wrong-length")],
)
def test_replay_of_an_error_or_of_nothing_where_the_index_lists_a_page_may_pass(canned, status, body, outcome):
    canned.replies += [(status, MEMENTO, body)] * 2
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    capture = Capture("example,a)/p", "20141201080059", "http://a.example/p", status="200", digest=sha1_base32(BODY))
    with pytest.raises(TransientError) as raised:
        replay(archive, capture)
    assert raised.value.outcome == outcome


def test_original_url_is_that_of_the_link_header():
    links = '<http://a.example/x,y>; rel="original", <http://archive.test/web/timemap/link/http://a.example/x,y>; rel="timemap"'
    assert original_url({"Link": links}, "http://asked.example/") == "http://a.example/x,y"


@pytest.mark.parametrize(
    ("body", "rows", "key"),
    [
        ("[]", 0, ""),
        ('[["urlkey"]]', 0, ""),
        ('[["urlkey"], ["a"], [], ["next"]]', 1, "next"),
        ('[["urlkey"], ["a"], [], []]', 1, ""),
        ('[["urlkey"], ["a"], [], 7]', 3, ""),
        ('[["urlkey"], null, 3]', 2, ""),
    ],
)
def test_parse_cdx_reply_returns_rows_and_resume_key(body, rows, key):
    found = parse_cdx_reply(HttpReply(200, CaseInsensitiveDict(), body.encode(), body.encode(), ""), "a.example")
    assert (len(found.rows), found.resume_key) == (rows, key)


@pytest.mark.parametrize("body", ["", "<html>", '[["urlkey"], ["a"', "{}", "[" * 100_000, "\xff"])
def test_parse_cdx_reply_of_an_invalid_answer_raises_transient_error(body):
    with pytest.raises(TransientError, match="The index's answer"):
        parse_cdx_reply(HttpReply(200, CaseInsensitiveDict(), b"", body.encode("latin-1"), ""), "a.example")
