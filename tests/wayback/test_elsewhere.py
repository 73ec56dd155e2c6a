"""The captures of an address that a page names for its policy: of that one address, near the page in time."""

import pytest
from replay.generated import write_pages

from extractor.errors import ExcludedError
from extractor.records import Capture
from extractor.wayback import MAX_DAYS_ELSEWHERE, Window, captures_elsewhere, nearest_capture, open_archive

URL = "https://policies.example/17"
PAGES = (
    ("20181201000000", URL, b"old"),
    ("20190301000000", "http://www.policies.example/17#top", b"same key"),
    ("20190501000000", URL, b"new"),
    ("20190501000000", f"{URL}/history", b"below"),
    ("20190501000000", "https://policies.example/", b"home"),
    ("20200501000000", URL, b"late"),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    warc, _ = write_pages(tmp_path_factory.mktemp("pages"), "pages", PAGES)
    return open_archive(str(warc), rate=0, cdx_rate=0, connections=1)


@pytest.mark.parametrize(
    ("timestamps", "window", "expected"),
    [
        (["20190401000000"], Window(), ["20181201000000", "20190301000000", "20190501000000"]),
        (["20190401000000"], Window("20190101000000", "20190401000000"), ["20190301000000"]),
        (["20190401000000", "20200401000000"], Window("20190501000000"), ["20190501000000", "20200501000000"]),
        (["20050401000000"], Window(), []),
    ],
    ids=["half a year", "in the window", "two pages", "none"],
)
def test_captures_elsewhere_are_those_of_one_address_near_the_pages(archive, timestamps, window, expected):
    found = captures_elsewhere(archive, URL, timestamps, window, print)
    assert [capture.timestamp for capture in found] == expected
    assert {capture.target for capture in found} <= {URL}


def test_captures_elsewhere_are_usable_pages_and_redirects():
    class Index:
        def captures(self, query, on_malformed):
            on_malformed("a row of three words")
            for number, (mime, status) in enumerate([("text/html", "404"), ("image/gif", "200"), ("text/html", "301")]):
                yield Capture("example,policies)/17", f"2019040{number + 1}000000", URL, mime, status, str(number))
            yield Capture("example,policies)/17", "20190409000000", URL, "application/pdf", "200", "pdf")

    malformed: list[str] = []
    found = captures_elsewhere(Index(), URL, ["20190401000000"], Window(), malformed.append)
    assert [(capture.mime, capture.status) for capture in found] == [("application/pdf", "200"), ("text/html", "301")]
    assert nearest_capture(found, "20190403000000").status == "200"
    assert nearest_capture(found[1:], "20190403000000").status == "301"
    assert malformed == ["a row of three words"]


def test_captures_elsewhere_of_an_excluded_address_raise(wayback):
    archive = open_archive(wayback.base, rate=0, cdx_rate=0, connections=1)
    with pytest.raises(ExcludedError):
        captures_elsewhere(archive, "http://secretive.example/privacy", ["20190401000000"], Window(), print)


@pytest.mark.parametrize(
    ("timestamps", "expected"),
    [
        (["20190331000000", "20190403000000"], "20190331000000"),
        (["20190331000000", "20190402000000"], "20190331000000"),
        (["20180928000000", "20191003000000"], ""),
        (["20180930000000"], "20180930000000"),
        ([], ""),
    ],
    ids=["before", "equally near", "too far", "just near enough", "none"],
)
def test_nearest_capture_is_at_most_half_a_year_away(timestamps, expected):
    captures = [Capture("example,policies)/17", timestamp, URL) for timestamp in timestamps]
    found = nearest_capture(captures, "20190401000000")
    assert (found.timestamp if found else "") == expected
    assert MAX_DAYS_ELSEWHERE == 183
