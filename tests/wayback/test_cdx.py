"""Rows of the index: complete, each once, without malformed ones; with a server that loses rows at page edges."""

import json
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from extractor.errors import ArchiveError, ExcludedError, TransientError
from extractor.wayback import cdx
from extractor.wayback.archive import IndexQuery
from extractor.wayback.cdx import CDX_FIELDS, CdxIndex, is_well_formed
from extractor.wayback.transport import HttpReply

GOOD = ["example,a)/p", "20050101000000", "http://a.example/p", "text/html", "200", "A" * 32, "100"]


def row(urlkey: str, second: int, original: str = "http://a.example/p") -> list[str]:
    return [urlkey, f"200501010000{second:02}", original, "text/html", "200", "A" * 32, "100"]


def reply(rows: object, status: int = 200) -> HttpReply:
    body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    return HttpReply(status, CaseInsensitiveDict(), body, body, "")


class IndexServer:
    """An index with resume keys like the Wayback Machine's: one second after the last row."""

    def __init__(self, rows: list[list[str]]) -> None:
        self.rows, self.asked = sorted(rows), []

    def __call__(self, url: str) -> HttpReply:
        query = parse_qs(urlsplit(url).query)
        limit, key = int(query["limit"][0]), unquote_plus(query.get("resumeKey", [""])[0])
        self.asked.append(key)
        page = [one for one in self.rows if f"{one[0]} {one[1]}" >= key][:limit]
        more = []
        if len(page) == limit:
            last = page[-1]
            more = [[], [quote_plus(f"{last[0]} {last[1][:-1]}{chr(ord(last[1][-1]) + 1)}")]]
        return reply([list(CDX_FIELDS), *page, *more])


def all_rows(server, malformed=None, limit: int = 3) -> list[list[str]]:
    cdx.ROWS_PER_QUERY, before = limit, cdx.ROWS_PER_QUERY
    try:
        index = CdxIndex(
            IndexQuery("http://a.example/p"),
            "http://archive.test",
            server,
            (malformed if malformed is not None else []).append,
        )
        return [[c.urlkey, c.timestamp, c.original, c.mime, c.status, c.digest, c.length] for c in index.rows()]
    finally:
        cdx.ROWS_PER_QUERY = before


def test_rows_with_the_second_at_a_page_edge_are_complete():
    rows = [row("example,a)/p", 1, f"http://a.example/{n}") for n in "pqrst"]
    assert len(all_rows(IndexServer(rows), limit=6)) == 5
    rows = [
        row("example,a)/p", second, f"http://a.example/{n}")
        for second, n in [(1, "p"), (2, "q"), (2, "r"), (2, "s"), (3, "t")]
    ]
    assert all_rows(IndexServer(rows), limit=3) == rows


@settings(max_examples=60)
@given(
    st.sets(st.tuples(st.sampled_from(["example,a)/", "example,a)/b", "example,b)/+"]), st.integers(0, 59), st.sampled_from("xyz"))),
    st.integers(4, 9),
)  # fmt: skip
def test_rows_over_pages_of_any_size_are_returned_once(places, limit):
    rows = sorted(row(urlkey, second, f"http://a.example/{path}") for urlkey, second, path in places)
    server = IndexServer(rows)
    assert all_rows(server, limit=limit) == rows
    assert len(server.asked) <= 2 * (len(rows) // (limit - 3) + 2)


def test_rows_with_a_second_larger_than_a_page_end():
    rows = [row("example,a)/p", 1, f"http://a.example/{n}") for n in range(9)]
    assert len(all_rows(IndexServer(rows), limit=3)) >= 3


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (["example,a)/", "20050001000000", *GOOD[2:]], "month 00"),
        (["example,a)/", "20050100000000", *GOOD[2:]], "day 00"),
        (["example,a)/", "2005", *GOOD[2:]], "a year alone"),
        (GOOD[:3], "three words"),
        ([*GOOD, "more"], "eight words"),
        ([*GOOD[:4], 200, *GOOD[5:]], "a number"),
        ([*GOOD[:6], None], "a null"),
        ([GOOD[0], "20050101", *GOOD[2:]], "a day"),
        ([GOOD[0], GOOD[1], "http://a.example/\nb", *GOOD[3:]], "a line end"),
        ([GOOD[0], GOOD[1], "", *GOOD[3:]], "no address"),
        ("example,a)/ 2005", "no list"),
        (None, "nothing"),
    ],
)
def test_rows_with_a_malformed_row_report_it_and_keep_the_others(bad, why):
    malformed = []
    rows = all_rows(lambda _: reply([list(CDX_FIELDS), bad, GOOD]), malformed)
    assert (rows, malformed) == ([GOOD], [json.dumps(bad)]), why


@pytest.mark.parametrize("length", ["-", "0", "100"])
def test_is_well_formed_without_a_length_is_true(length):
    assert is_well_formed(dict(zip(CDX_FIELDS, [*GOOD[:6], length], strict=True)))


HEADER = list(CDX_FIELDS)
REORDERED = [1, 0, 2, 4, 3, 5, 6]
OBJECT = {"urlkey": GOOD[0], "timestamp": GOOD[1], "url": GOOD[2], "mime": GOOD[3], "status": "200", "digest": GOOD[5], "length": "100", "offset": "7"}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [
        ([HEADER, GOOD], {}),
        ([GOOD], {}),
        ([[HEADER[n] for n in REORDERED], [GOOD[n] for n in REORDERED]], {}),
        ([[*HEADER, "robotflags"], [*GOOD, "-"]], {}),
        ([["robotflags", *HEADER], ["-", *GOOD]], {}),
        ([HEADER[:6], GOOD[:6]], {6: "-"}),
        ([HEADER[1:3], GOOD[1:3]], {3: "-", 4: "-", 5: "-", 6: "-"}),
        ([HEADER, [*GOOD[:3], "", *GOOD[4:]]], {3: ""}),
        ([HEADER, [*GOOD[:2], "http://a.example/p?a b", *GOOD[3:]]], {2: "http://a.example/p?a b"}),
        ([HEADER, [*GOOD[:3], "text/html; charset=utf-8", *GOOD[4:]]], {3: "text/html; charset=utf-8"}),
        (json.dumps(OBJECT).encode(), {}),
        ([OBJECT], {}),
        (" ".join(GOOD).encode(), {}),
    ],
)
def test_rows_are_read_by_the_names_of_their_columns(answer, lacks):
    assert all_rows(lambda _: reply(answer)) == [[lacks.get(n, value) for n, value in enumerate(GOOD)]]


LATER = [row("example,a)/p", second) for second in range(1, 6)]


@pytest.mark.parametrize(
    "pages",
    [
        [[HEADER, *LATER[:3], [], ["key+1"]], [HEADER, *LATER[3:]]],
        [[HEADER, *LATER[:3], ["key+1"]], [HEADER, *LATER[3:]]],
        [[HEADER, *LATER[:3], [], "key+1"], [HEADER, *LATER[3:]]],
        [[*LATER[:3], [], ["key+1"]], LATER[3:]],
        [[HEADER, *LATER[:3], [], ["key+1"]], [[], ["key+2"]], [HEADER, *LATER[3:]]],
        [[HEADER, *LATER[:3], [], ["key+1"]], [HEADER, [], ["key+2"]], [HEADER, *LATER[3:]]],
        [[[], ["key+1"]], [HEADER, *LATER], []],
    ],
)
def test_rows_after_a_resume_key_in_any_form_are_read(pages):
    keys = ["", "key+1", "key+2"]
    assert (
        all_rows(lambda url: reply(pages[keys.index(parse_qs(urlsplit(url).query).get("resumeKey", [""])[0])])) == LATER
    )


@pytest.mark.parametrize("keys", [["key+1"], ["key+1", "key+2"], ["example%2Ca%29%2Fp+20050101000006"]])
@pytest.mark.parametrize("rows", [LATER, []])
def test_rows_with_a_resume_key_that_comes_again_raise_archive_error_after_one_repeat(keys, rows):
    asked = []
    with pytest.raises(ArchiveError, match="do not come to an end"):
        all_rows(lambda url: asked.append(url) or reply([HEADER, *rows, [], [keys[(len(asked) - 1) % len(keys)]]]))
    assert len(asked) == len(keys) + 1


@pytest.mark.parametrize("bad", [[GOOD[0], "20050101", *GOOD[2:]], [*GOOD[:4], 200, *GOOD[5:]], [None] * 7, "no rows"])
def test_rows_of_which_none_can_be_read_raise_archive_error_and_are_reported(bad):
    malformed = []
    with pytest.raises(ArchiveError, match="none of them can be read"):
        all_rows(lambda _: reply([HEADER, bad, [*bad]]), malformed)
    assert malformed[0] == json.dumps(bad)


@pytest.mark.parametrize(
    ("body", "content_type", "is_answer"),
    [(b"", "text/x-ndjson", True), (b"", "text/plain; charset=utf-8", True), (b"", "application/json", False), (b"[]", "application/json", True),
     (b"", "text/html", False), (b"", "", False), (b" \n", "text/html", False), (b"[]", "", True),
     (b'{"error": "too many requests"}', "application/json", False), (b"<html>503", "text/html", False)],
)  # fmt: skip
def test_rows_are_none_only_where_the_index_says_so(body, content_type, is_answer):
    answer = HttpReply(200, CaseInsensitiveDict({"Content-Type": content_type}), body, body, "")
    if is_answer:
        assert all_rows(lambda _: answer) == []
    else:
        with pytest.raises(TransientError, match="The index's answer about"):
            all_rows(lambda _: answer)


def test_rows_include_revisits_and_redirects():
    rows = [[*GOOD[:3], "warc/revisit", "-", *GOOD[5:]], [GOOD[0], "20060101000000", *GOOD[2:4], "301", *GOOD[5:]]]
    assert all_rows(lambda _: reply([list(CDX_FIELDS), *rows])) == rows


def test_rows_after_an_incomplete_answer_are_requested_again():
    answers = [reply(b'[["urlkey"'), reply([list(CDX_FIELDS), GOOD])]
    assert all_rows(lambda _: answers.pop(0)) == [GOOD]
    with pytest.raises(TransientError, match="not whole"):
        all_rows(lambda _: reply(b"[["))


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("AdministrativeAccessControlException", "excluded"), ("RobotAccessControlException", "robots")],
)
def test_rows_of_a_hidden_site_raise_excluded_error(text, outcome):
    with pytest.raises(ExcludedError) as raised:
        all_rows(lambda _: reply(f"org.archive.wayback.exception.{text}: Blocked".encode(), 403))
    assert raised.value.outcome == outcome


def test_rows_send_the_parameters_of_the_query():
    asked = []
    query = IndexQuery("a.example", match="domain", urlkey_pattern=".*privacy.*", status="200", monthly=True)
    list(CdxIndex(query, "http://archive.test", lambda url: asked.append(url) or reply([]), print).rows())
    found = parse_qs(urlsplit(asked[0]).query)
    assert found["fl"] == [",".join(CDX_FIELDS)]
    assert found["filter"] == ["urlkey:.*privacy.*", "statuscode:200"]
    assert (found["collapse"], found["matchType"], found["showResumeKey"]) == (["timestamp:6"], ["domain"], ["true"])
