"""Whole bodies or an error by its name; the pace; what the Wayback Machine's refusals mean."""

import gzip
import threading
import time
import zlib

import pytest
from replay.front import Fault
from requests.structures import CaseInsensitiveDict

from extractor.errors import ArchiveError, ArchiveStopError, ExcludedError, TransientError
from extractor.records import Capture
from extractor.wayback import open_archive, replay
from extractor.wayback.archive import Query, redirect_in_archive
from extractor.wayback.machine import original_url, parse_answer
from extractor.wayback.politeness import Pace
from extractor.wayback.transport import Reply, Transport, parse_retry_after, undo_encoding

BODY = b"<p>We collect your name.</p>" * 50
RAW_DEFLATE = zlib.compress(BODY)[2:-4]


@pytest.mark.parametrize(
    ("sent", "coding", "body"),
    [
        (BODY, "", BODY),
        (gzip.compress(BODY), "gzip", BODY),
        (gzip.compress(BODY), "X-Gzip", BODY),
        (BODY, "gzip", BODY),  # old servers said so and did not do so
        (zlib.compress(BODY), "deflate", BODY),
        (RAW_DEFLATE, "deflate", BODY),
        (b"", "gzip", b""),
    ],
)
def test_encodings_are_undone(sent, coding, body):
    assert undo_encoding(sent, coding, "http://a.example/") == body


@pytest.mark.parametrize(
    ("sent", "coding", "error", "says"),
    [
        (gzip.compress(BODY)[:-12], "gzip", TransientError, "ends early"),
        (gzip.compress(BODY)[:30] + b"x" * 30, "gzip", TransientError, "damaged"),
        (BODY, "br", ArchiveError, "not asked for"),
        (gzip.compress(bytes(30_000_000)), "gzip", ArchiveError, "unpacks to more than"),
    ],
)
def test_a_body_that_is_not_whole_is_an_error(sent, coding, error, says):
    with pytest.raises(error, match=says):
        undo_encoding(sent, coding, "http://a.example/")


def test_retry_after_may_be_a_date():
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    assert 25 < (parse_retry_after(soon) or 0) <= 30


def test_the_pace_is_shared_and_a_pause_holds_everybody():
    pace, passed = Pace(50), []

    def worker():
        for _ in range(5):
            pace.wait()
            passed.append(time.monotonic())

    started = time.monotonic()
    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    pace.pause(0.5)
    paused = time.monotonic()
    for thread in threads:
        thread.join()
    assert len(passed) == 20
    assert passed[-1] - started >= 19 / 50
    assert not [moment for moment in passed if paused + 0.02 < moment < paused + 0.45]


def test_a_page_that_drips_runs_into_its_deadline(wayback, monkeypatch):
    monkeypatch.setattr("extractor.wayback.transport.TRIES", 1)
    wayback.reset()
    wayback.faults.append(Fault("drip", path="/web/", seconds=0.05))
    url = f"{wayback.base}/web/20140101000000id_/http://www.tadpole-club.example/privacy"
    with pytest.raises(TransientError, match="did not arrive within its time"):
        Transport("tests").get(url.replace("20140101000000", "20141201080059"), Pace(0), deadline=0.3)
    wayback.reset()


def test_throttling_that_does_not_let_up_ends_the_run(wayback, monkeypatch):
    monkeypatch.setattr("extractor.wayback.transport.TRIES", 2)
    wayback.reset()
    wayback.faults += [Fault("status", status=429, retry_after="0")] * 2
    with pytest.raises(ArchiveStopError, match="did not let up"):
        Transport("tests").get(wayback.base + "/cdx/search/cdx?url=a.example", Pace(0))
    wayback.reset()


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
    ],
)
def test_a_redirect_inside_the_archive(location, goal):
    assert (
        redirect_in_archive("http://archive.test", "http://archive.test/web/2004id_/http://a.example/", location)
        == goal
    )


@pytest.mark.parametrize(
    "location", ["http://b.example/p", "http://archive.test.evil.example/web/2005/http://b/", "/login"]
)
def test_a_redirect_out_of_the_archive_is_not_followed(location):
    with pytest.raises(ArchiveError, match="out of the archive"):
        redirect_in_archive("http://archive.test", "http://archive.test/web/2004id_/http://a.example/", location)


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
    found, resume_key = parse_answer(Reply(200, CaseInsensitiveDict(), body.encode(), ""), "a.example")
    assert (len(found), resume_key) == (rows, key)


@pytest.mark.parametrize("body", ["<html>", '[["urlkey"], ["a"', "{}", "[" * 100_000, "\xff"])
def test_an_answer_that_is_none_may_pass(body):
    with pytest.raises(TransientError, match="The index's answer"):
        parse_answer(Reply(200, CaseInsensitiveDict(), body.encode("latin-1"), ""), "a.example")
