"""Whole bodies or an error by its name; what the Wayback Machine's refusals mean; where requests go and where not."""

import gzip
import socket
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from replay.front import Fault
from requests.structures import CaseInsensitiveDict

from extractor.errors import ArchiveError, ArchiveStopError, ExcludedError, InterruptedRunError, TransientError
from extractor.records import Capture
from extractor.wayback import Visitor, open_archive, replay
from extractor.wayback import connection as connections
from extractor.wayback.archive import Query, redirect_in_archive
from extractor.wayback.cdx import parse_answer
from extractor.wayback.machine import original_url
from extractor.wayback.politeness import LONGEST_RETRY, MAX_THROTTLES, Politeness
from extractor.wayback.transport import Manner, Reply, Transport, parse_retry_after, undo_encodings

BODY = b"<p>We collect your name.</p>" * 50
RAW_DEFLATE = zlib.compress(BODY)[2:-4]
ONCE = Manner("tests", 0, tries=1)
POLICY = "http://www.tadpole-club.example/privacy"


@pytest.fixture
def front(wayback):
    wayback.reset()
    yield wayback
    wayback.reset()


@pytest.fixture
def transport(tmp_path):
    return Transport("tests", Politeness(tmp_path / "state.sqlite"))


def machine(front):
    return open_archive(front.base, rate=0, cdx_rate=0, connections=1)


def page_url(front) -> str:
    return f"{front.base}/web/20141201080059id_/{POLICY}"


def headers(**named: str) -> CaseInsensitiveDict[str]:
    return CaseInsensitiveDict({name.replace("_", "-"): value for name, value in named.items()})


SAID = "X_Archive_Orig_Content_Encoding"


@pytest.mark.parametrize(
    ("sent", "head", "twice"),
    [
        (BODY, {}, False),
        (gzip.compress(BODY), {"Content_Encoding": "gzip"}, False),
        (gzip.compress(BODY), {"Content_Encoding": "X-Gzip"}, False),
        (BODY, {"Content_Encoding": "gzip", SAID: "gzip"}, False),  # old servers said so and did not do so
        (zlib.compress(BODY), {"Content_Encoding": "deflate"}, False),
        (RAW_DEFLATE, {"Content_Encoding": "deflate"}, False),
        (gzip.compress(gzip.compress(BODY)), {"Content_Encoding": "gzip"}, True),
        (gzip.compress(BODY), {SAID: "gzip"}, False),  # the archive dropped the header and not the coding
    ],
)
def test_encodings_are_undone(sent, head, twice):
    assert undo_encodings(sent, headers(**head), "http://a.example/") == (BODY, twice)


def test_an_empty_body_and_a_gzip_file_stay_as_they_are():
    assert undo_encodings(b"", headers(Content_Encoding="gzip"), "u") == (b"", False)
    packed = gzip.compress(BODY)
    assert (
        undo_encodings(
            packed, headers(Content_Type="application/gzip", X_Archive_Orig_Content_Type="application/gzip"), "u"
        )[0]
        == packed
    )


@pytest.mark.parametrize(
    ("sent", "coding", "error", "outcome"),
    [
        (gzip.compress(BODY)[:-12], "gzip", TransientError, "cut"),
        (gzip.compress(BODY)[:30] + b"x" * 30, "gzip", TransientError, "bad-encoding"),
        (BODY, "gzip", TransientError, "bad-encoding"),  # the archive says gzip, and the site did not
        (BODY, "br", ArchiveError, "bad-encoding"),
        (gzip.compress(bytes(30_000_000)), "gzip", ArchiveError, "too-large"),
        (gzip.compress(gzip.compress(bytes(30_000_000))), "gzip", ArchiveError, "too-large"),
    ],
)
def test_a_body_that_is_not_whole_is_an_error(sent, coding, error, outcome):
    with pytest.raises(error) as raised:
        undo_encodings(sent, headers(Content_Encoding=coding), "http://a.example/")
    assert raised.value.outcome == outcome


@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"])
def test_retry_after_may_be_a_date_in_any_of_http_s_forms(form, monkeypatch):
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
def test_a_retry_after_that_says_nothing_is_none(value):
    assert parse_retry_after(value) is None


@pytest.mark.parametrize("value", ["1000000000000", "9" * 400, "Fri, 31 Dec 9999 23:59:59 -2359"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_huge_retry_after_ends_the_run_with_a_time_to_come_back(front, transport, value, status):
    front.faults.append(Fault("status", status=status, retry_after=value))
    with pytest.raises(ArchiveStopError, match="Come back after 20") as stopped:
        transport.get(page_url(front), Manner("tests", 0))
    assert stopped.value.come_back <= time.time() + LONGEST_RETRY
    assert len(front.requests) == 1


def test_a_429_with_a_date_that_is_over_pauses_as_one_without(front, transport, caplog):
    front.faults.append(Fault("status", status=429, retry_after="Mon, 01 Jan 2001 00:00:00 GMT"))
    transport.politeness._sleep = lambda seconds: transport.politeness._db.execute("UPDATE waits SET until = 0")
    assert transport.get(page_url(front), ONCE).status == 200
    assert "All workers wait 60 s" in caplog.text


def test_what_gives_way_ends_as_soon_as_the_user_asks_to_stop(front, tmp_path):
    stop = threading.Event()
    transport = Transport("tests", Politeness(tmp_path / "state.sqlite", stop=stop))
    front.faults.append(Fault("stall", seconds=20))
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    with pytest.raises(InterruptedRunError):
        transport.get(page_url(front), Manner("tests", 0, gives_way=True))
    assert time.monotonic() - started < 3
    with pytest.raises(InterruptedRunError):
        transport.get(page_url(front), ONCE)
    assert len(front.requests) == 1


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
def test_what_may_pass_is_told_apart_and_is_over_in_time(front, transport, fault, outcome):
    front.faults.append(fault)
    started = time.monotonic()
    with pytest.raises(TransientError) as raised:
        transport.get(page_url(front), Manner("tests", 0, tries=1, time_limit=0.5))
    assert raised.value.outcome == outcome
    assert time.monotonic() - started < 3
    assert transport.get(page_url(front), ONCE).status == 200


def test_what_may_pass_is_tried_again(front, transport):
    front.faults += [Fault("cut"), Fault("reset"), Fault("status", status=500)]
    assert transport.get(page_url(front), Manner("tests", 0, first_wait=0.01)).status == 200
    assert len(front.requests) == 4


def test_a_503_with_retry_after_pauses_everybody(front, transport):
    front.faults.append(Fault("status", status=503, retry_after="1"))
    transport.get(page_url(front), Manner("tests", 0, first_wait=0.01))
    first, second = front.requests
    assert second.moment - first.moment >= 1


def test_throttling_is_no_failure_of_the_page(front, transport):
    front.faults += [Fault("status", status=429, retry_after="0")] * 4
    assert transport.get(page_url(front), ONCE).status == 200


def test_throttling_that_does_not_let_up_ends_the_run(front, transport):
    front.faults += [Fault("status", status=429, retry_after="0")] * 12
    with pytest.raises(ArchiveStopError, match="did not let up"):
        transport.get(page_url(front), ONCE)
    with pytest.raises(ArchiveStopError, match="Come back after"):
        transport.get(page_url(front), ONCE)
    assert len(front.requests) == MAX_THROTTLES + 1


class Answer(BaseHTTPRequestHandler):
    """Answers with what the server was given."""

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
    """A server that gives one reply after another: (status, headers, body)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.replies, server.seen = [], []
    server.base = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


SEEN = {"Memento-Datetime": "Mon, 01 Dec 2014 08:00:59 GMT"}
ROBOTS = {"X-Archive-Wayback-Runtime-Error": "RobotAccessControlException: Blocked By Robots"}
OWNER = {"X-Archive-Wayback-Runtime-Error": "AdministrativeAccessControlException: Blocked Site Error"}


@pytest.mark.parametrize(
    ("status", "head", "body", "outcome", "error"),
    [
        (404, {}, b"<p>Hrm. Not archived. See robots.txt</p>", "not-held", ArchiveError),
        (403, OWNER, b"", "excluded", ExcludedError),
        (200, {}, b"<p>This URL has been excluded from the Wayback Machine.</p>", "excluded", ExcludedError),
        (403, ROBOTS, b"", "robots", ExcludedError),
        (403, {}, b"<p>blocked by the site's robots.txt</p>", "robots", ExcludedError),
        (451, {}, b"", "excluded", ExcludedError),
        (200, {}, b"<p>Welcome to the archive</p>", "archive-page", ArchiveError),
        (200, {}, b"<p>This snapshot cannot be displayed due to an internal error.</p>", "archive-page", TransientError),
        (400, {}, b"", "archive-page", ArchiveError),
        (302, {"Location": "http://elsewhere.example/"}, b"", "out-of-archive", ArchiveError),
        (302, {"Location": "http://169.254.169.254/web/2014id_/http://a.example/"}, b"", "out-of-archive", ArchiveError),
        (301, {**SEEN, "Location": "file:///etc/passwd"}, b"", "out-of-archive", ArchiveError),
        (302, {"Location": "/web/20141201080059id_/http://a.example/p"}, b"", "loop", ArchiveError),
        (200, {"Memento-Datetime": "Fri, 01 May 2015 00:00:00 GMT"}, BODY, "drift", ArchiveError),
        (200, {"Memento-Datetime": "yesterday"}, BODY, "archive-page", TransientError),
        (200, SEEN | {"Content-Length": "20000001"}, b"x" * 20_000_001, "too-large", ArchiveError),
    ],
)  # fmt: skip
def test_what_is_no_capture_is_told_apart(canned, status, head, body, outcome, error):
    canned.replies += [(status, head, body)] * 4
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    with pytest.raises(error) as raised:
        replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert raised.value.outcome == outcome
    assert {path.split("/")[1] for path, _ in canned.seen} == {"web"}


@pytest.mark.parametrize("status", [404, 429, 503])
def test_an_archived_error_is_a_capture(canned, status):
    canned.replies.append((status, SEEN, BODY))
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    served = replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert (served.snapshot.status, served.snapshot.content, served.outcome) == (status, BODY, "whole")


def test_redirects_are_followed_inside_the_archive_up_to_a_limit(canned):
    step = "/web/201412010800{:02}id_/http://a.example/{}"
    canned.replies += [(301, SEEN | {"Location": step.format(59, n)}, b"") for n in range(20)]
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
def test_bytes_are_compared_with_the_indexs_digest(canned, bodies, digest, result):
    from extractor.wayback.fixity import sha1

    stated = {"sha1": sha1(BODY), "sha1 short": sha1(BODY), "OTHER": "A" * 32}.get(digest, digest)
    head = SEEN | ({"X-Archive-Orig-Content-Length": str(len(BODY))} if digest == "sha1 short" else {})
    canned.replies += [(200, head, body) for body in bodies]
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    capture = Capture("example,a)/p", "20141201080059", "http://a.example/p", digest=stated)
    try:
        found = replay(archive, capture).fixity
    except TransientError as error:
        found = error.outcome
    assert found == result
    assert canned.replies == []


def test_an_archive_whose_digests_are_all_of_another_kind_is_not_asked_twice_for_every_page(canned):
    canned.replies += [(200, SEEN, BODY)] * 30
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    for _ in range(20):
        assert (
            replay(archive, Capture("k", "20141201080059", "http://a.example/p", digest="A" * 32)).fixity == "differs"
        )
    assert len(canned.seen) == 23


def test_bytes_of_another_coding_are_not_comparable(canned):
    head = SEEN | {"X-Archive-Orig-Content-Encoding": "gzip", "Content-Encoding": "gzip"}
    canned.replies.append((200, head, gzip.compress(BODY)))
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    assert (
        replay(archive, Capture("k", "20141201080059", "http://a.example/p", digest="A" * 32)).fixity
        == "not comparable"
    )


def test_no_more_pages_are_in_flight_than_keep_the_pace(canned):
    archive = open_archive(canned.base, rate=8, cdx_rate=0, connections=8)
    assert archive.useful_workers(8) == 1
    for seconds, workers in ((0.05, 1), (0.2, 3), (0.5, 6), (2.0, 8)):
        archive._transport.seconds_a_reply = seconds
        assert archive.useful_workers(8) == workers
    assert open_archive(canned.base, rate=0, cdx_rate=0, connections=8).useful_workers(8) == 8


def test_the_user_agent_is_honest_and_names_the_contact(canned):
    canned.replies.append((200, SEEN, BODY))
    visitor = Visitor(contact="lab@university.example")
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1, visitor=visitor)
    replay(archive, Capture("k", "20141201080059", "http://a.example/p"))
    agent = canned.seen[0][1]["User-Agent"]
    assert agent.startswith("archived-policy/")
    assert "lab@university.example" in agent


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "0.0.0.0"])  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_not_asked(transport, monkeypatch, address):
    asked = []
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]
    monkeypatch.setattr(connections.socket, "getaddrinfo", lambda *_, **__: answer)
    monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *where, **_: asked.append(where))
    with pytest.raises(ArchiveError, match="not on the public network") as raised:
        transport.get("http://archive.example/web/", ONCE)
    assert raised.value.outcome == "unsafe-address"
    assert asked == []


def test_a_name_that_leads_elsewhere_the_second_time_is_not_asked(transport, monkeypatch, canned):
    """The first look-up gives a public address, the connection goes to this machine."""
    local = socket.create_connection(canned.server_address)
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.114.5", 80))]
    monkeypatch.setattr(connections.socket, "getaddrinfo", lambda *_, **__: answer)
    monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *_, **__: local)
    with pytest.raises(ArchiveError, match="not on the public network"):
        transport.get("http://archive.example/web/", ONCE)
    assert canned.seen == []


def test_double_gzip_is_undone_and_said(front):
    front.faults.append(Fault("double_gzip", path="/web/"))
    capture = Capture("k", "20141201080059", POLICY)
    first, second = replay(machine(front), capture), replay(machine(front), capture)
    assert (first.outcome, second.outcome) == ("packed-twice", "whole")
    assert first.snapshot.content == second.snapshot.content


def test_a_page_of_another_moment_says_so(front):
    front.faults.append(Fault("skew", path="/web/", seconds=7200))
    served = replay(machine(front), Capture("k", "20141201080059", POLICY))
    assert (served.outcome, served.snapshot.served_timestamp) == ("nearby", "20141201100059")


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("http://secretive.example/privacy", ExcludedError, "excluded"),
        ("http://nobody.example/privacy", ArchiveError, "does not hold it"),
    ],
)
def test_a_page_of_the_archives_own_is_no_capture(wayback, url, error, says):
    archive = open_archive(wayback.base, rate=0, cdx_rate=0, connections=1)
    with pytest.raises(error, match=says):
        replay(archive, Capture("", "20100101000000", url))


def test_an_excluded_site_is_told_from_an_empty_answer(wayback):
    archive = open_archive(wayback.base, rate=0, cdx_rate=0, connections=1)
    with pytest.raises(ExcludedError):
        list(archive.captures(Query("http://secretive.example/privacy")))
    assert list(archive.captures(Query("http://nobody.example/privacy"))) == []


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
    ],
)
def test_a_redirect_inside_the_archive(location, goal):
    for base in ("http://archive.test", "https://archive.test", "http://archive.test:80"):
        assert redirect_in_archive(base, f"{base}/web/2004id_/http://a.example/", location) == goal


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
def test_a_redirect_out_of_the_archive_is_not_followed(location):
    with pytest.raises(ArchiveError, match="out of the archive"):
        redirect_in_archive("http://archive.test", "http://archive.test/web/2004id_/http://a.example/", location)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_archives_own_address_in_a_redirect_is_asked_at_the_base_and_nowhere_else(canned, scheme):
    """With a port of its own the scheme alone may differ; what is asked next is always the base's own address."""
    port = canned.server_address[1]
    goal = f"{scheme}://127.0.0.1:{port}/web/20141201080059id_/http://a.example/q"
    canned.replies += [(302, SEEN | {"Location": goal}, b""), (200, SEEN, BODY)]
    archive = open_archive(canned.base, rate=0, cdx_rate=0, connections=1)
    served = replay(archive, Capture("example,a)/p", "20141201080059", "http://a.example/p"))
    assert (served.outcome, served.snapshot.content) == ("redirected", BODY)
    assert [path for path, _ in canned.seen][1] == "/web/20141201080059id_/http://a.example/q"


def test_the_original_url_is_the_links():
    links = '<http://a.example/x,y>; rel="original", <http://archive.test/web/timemap/link/http://a.example/x,y>; rel="timemap"'
    assert original_url({"Link": links}, "http://asked.example/") == "http://a.example/x,y"


@pytest.mark.parametrize(
    ("body", "rows", "key"),
    [
        ("", 0, ""),
        ("[]", 0, ""),
        ('[["urlkey"]]', 0, ""),
        ('[["urlkey"], ["a"], [], ["next"]]', 1, "next"),
        ('[["urlkey"], ["a"], [], []]', 1, ""),
        ('[["urlkey"], ["a"], [], 7]', 3, ""),
        ('[["urlkey"], null, 3]', 2, ""),
    ],
)
def test_an_answer_of_the_index_is_rows_and_a_key_whatever_it_is(body, rows, key):
    found, resume_key = parse_answer(Reply(200, CaseInsensitiveDict(), body.encode(), body.encode(), ""), "a.example")
    assert (len(found), resume_key) == (rows, key)


@pytest.mark.parametrize("body", ["<html>", '[["urlkey"], ["a"', "{}", "[" * 100_000, "\xff"])
def test_an_answer_that_is_none_may_pass(body):
    with pytest.raises(TransientError, match="The index's answer"):
        parse_answer(Reply(200, CaseInsensitiveDict(), b"", body.encode("latin-1"), ""), "a.example")
