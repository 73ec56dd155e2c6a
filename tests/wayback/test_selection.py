"""Choosing captures: tables of small series, and properties of any series."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import UsageError
from extractor.records import Capture
from extractor.wayback.selection import EVERY_VALUES, CaptureChoice, choose_captures, parse_window


def choose(captures: Iterable[Capture], every: str) -> list[CaptureChoice]:
    """The choices of captures that are taken."""
    return [choice for choice in choose_captures(captures, every) if choice.taken]


def series(*rows: str) -> list[Capture]:
    """Captures from "timestamp status digest" words."""
    return [
        Capture("example,a)/p", timestamp, "http://a.example/p", "text/html", status, digest)
        for timestamp, status, digest in (row.split() for row in rows)
    ]


@pytest.mark.parametrize(
    ("every", "rows", "taken"),
    [
        ("half-year", ["20050102000000 200 A", "20050401000000 200 B", "20050630000000 200 C"], ["20050401000000"]),
        ("half-year", ["20050630235959 200 A", "20050701000000 200 A"], ["20050630235959", "20050701000000"]),
        ("half-year", ["20050401000000 404 A", "20050102000000 200 B"], ["20050102000000"]),
        ("half-year", ["20050401000000 301 A", "20050102000000 302 A"], ["20050401000000"]),
        ("half-year", ["20050401000000 301 A", "20050102000000 200 B"], ["20050102000000"]),
        ("half-year", ["20050401000000 301 A", "20051001000000 200 B"], ["20050401000000", "20051001000000"]),
        ("nearest:20050401", ["20050401000000 301 A", "20030102000000 200 B"], ["20030102000000"]),
        ("half-year", ["20050401000000 304 A", "20050501000000 404 A"], []),
        ("half-year", ["20050102000000 200 A", "20050401000000 - A"], ["20050401000000"]),
        ("half-year", ["20050102000000 301 A", "20050401000000 - A"], ["20050102000000"]),
        ("half-year", ["20050401000000 - Z"], ["20050401000000"]),  # it repeats a row outside the window
        ("half-year", ["20050401000000 200 A", "20050402010000 200 B"], ["20050401000000"]),
        ("year", ["20050301000000 200 A", "20050801000000 200 B"], ["20050801000000"]),
        ("month", ["20050301000000 200 A", "20050314000000 200 A", "20050401000000 200 A"], ["20050314000000", "20050401000000"]),
        ("change", ["20050101000000 200 A", "20050201000000 200 B", "20050301000000 200 A"], ["20050101000000", "20050201000000", "20050301000000"]),
        ("change", ["20050101000000 200 A", "20050201000000 - A", "20050301000000 404 C"], ["20050101000000", "20050301000000"]),
        ("change", ["20050101000000 200 A", "20050102000000 301 X", "20050301000000 200 A", "20050302000000 301 Y"], ["20050101000000"]),
        ("change", ["20050101000000 301 X", "20050102000000 - X", "20050301000000 200 A"], ["20050301000000"]),
        ("all", ["20050301000000 404 A", "20050101000000 - B"], ["20050101000000", "20050301000000"]),
    ],
)  # fmt: skip
def test_choose_captures_takes_the_expected_ones(every, rows, taken):
    assert [choice.capture.timestamp for choice in choose(series(*rows), every)] == taken


def test_choose_captures_says_why():
    rows = series("20050102000000 200 A", "20050401000000 200 B")
    assert [choice.why for choice in choose(rows, "half-year")] == ["nearest the middle of 2005-H1 (of 2 usable)"]
    redirects = series("20050102000000 301 A", "20050401000000 302 B", "20051001000000 200 C", "20051002000000 301 A")
    assert [choice.why for choice in choose_captures(redirects, "half-year")] == [
        "not nearest the middle of 2005-H1",
        "nearest the middle of 2005-H1 (of 2 redirects, which are followed in the archive)",
        "nearest the middle of 2005-H2 (of 1 usable)",
        "status 301",
    ]


def timestamp_of(day: int) -> str:
    return f"{2000 + day // 336}{day // 28 % 12 + 1:02}{day % 28 + 1:02}000000"


any_row = st.builds(
    lambda day, status, digest: Capture("k", timestamp_of(day), "u", "", status, digest),
    st.integers(0, 4000),
    st.sampled_from(["200", "404", "301", "-"]),
    st.sampled_from("ABC"),
)


def any_series():
    return st.lists(any_row, max_size=30, unique_by=lambda row: row.timestamp)


@given(any_series(), st.sampled_from(EVERY_VALUES))
def test_choose_captures_of_any_series_is_sorted_and_independent_of_its_order(rows, every):
    chosen = [choice.capture for choice in choose(rows, every)]
    assert set(chosen) <= set(rows)
    assert chosen == sorted(chosen, key=lambda capture: (capture.timestamp, capture.key))
    assert chosen == [choice.capture for choice in choose(reversed(rows), every)]


@given(any_series())
def test_choose_captures_by_half_year_takes_one_of_each(rows):
    halves = {(row.timestamp[:4], row.timestamp[4:6] < "07") for row in rows if row.status == "200"}
    chosen = [choice.capture.timestamp for choice in choose(rows, "half-year")]
    assert halves <= {(timestamp[:4], timestamp[4:6] < "07") for timestamp in chosen}
    assert len({(t[:4], t[4:6] < "07") for t in chosen}) == len(chosen)


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        ("2001", "2003", ("20010101000000", "20031231235959")),
        ("200102", "200402", ("20010201000000", "20040229235959")),
        ("20010203", "20040229", ("20010203000000", "20040229235959")),
        ("", "", ("", "")),
        ("20010203040506", "", ("20010203040506", "")),
        ("", "999912", ("", "99991231235959")),
    ],
)
def test_parse_window_pads_both_ends(start, end, window):
    parsed = parse_window(start, end)
    assert (parsed.start, parsed.end) == window


@pytest.mark.parametrize(
    ("start", "end"), [("200", ""), ("2001-02", ""), ("20010230", ""), ("", "٢٠٠١"), ("2005", "2001")]
)
def test_parse_window_with_invalid_dates_raises_usage_error(start, end):
    with pytest.raises(UsageError):
        parse_window(start, end)


@pytest.mark.parametrize("every", EVERY_VALUES)
def test_choose_captures_in_the_year_9999_takes_them(every):
    assert len(list(choose(series("99991231235959 200 A", "20050101000000 200 B"), every))) == 2


def test_choose_captures_with_a_repeated_row_takes_it_once():
    rows = series("20050301000000 200 A", "20050301000000 200 A")
    assert len(list(choose(rows, "all"))) == 1
