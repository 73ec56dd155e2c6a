"""Charts over time: what is drawn, and that nothing lies over a label or outside the drawing."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.charts import CHART_STYLE, Point, TimeChart, TimeLine, chart_file, round_ticks, time_chart

SIZE = (270, 140)
SVG = "{http://www.w3.org/2000/svg}"


def drawing(points, **changes):
    chart = TimeChart("Cookies", [TimeLine("all sites", points)], **changes)
    return ET.fromstring(chart_file(*SIZE, "A chart", time_chart(chart, SIZE)))


def half_years(first, last):
    return [f"{year}-H{half}" for year in range(first, last + 1) for half in (1, 2)]


def labels(root, y):
    return [text.text for text in root.iter(f"{SVG}text") if float(text.get("y")) == y]


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        (["2019", "2020", "2021"], ["2019", "2020", "2021"]),
        (half_years(2019, 2020), ["2019-H1", "2019-H2", "2020-H1", "2020-H2"]),
        (half_years(1999, 2025), ["2000", "2005", "2010", "2015", "2020", "2025"]),
        (half_years(2010, 2015), ["2010", "2011", "2012", "2013", "2014", "2015"]),
    ],
)
def test_periods_are_named_all_or_by_round_years(periods, expected):
    root = drawing([Point(period, 3, 0.5) for period in periods])
    assert labels(root, SIZE[1] - 30 + 13) == expected


@given(st.integers(1, 80), st.integers(1, 3000), st.booleans())
def test_labels_end_within_the_drawing_and_do_not_overlap(periods, count, is_share):
    points = [Point(f"{1990 + n // 2}-H{1 + n % 2}", count, 0.5 if is_share else 1700.0) for n in range(periods)]
    root = drawing(points, is_share=is_share)
    for y in (SIZE[1] - 30 + 13, SIZE[1] - 30 + 25):
        row = [
            text
            for text in root.iter(f"{SVG}text")
            if float(text.get("y")) == y and text.get("text-anchor") == "middle"
        ]
        ends = [(float(t.get("x")) - 3.5 * len(t.text), float(t.get("x")) + 3.5 * len(t.text)) for t in row]
        assert all(start >= 0 and end <= SIZE[0] + 0.1 for start, end in ends)
        assert all(left[1] <= right[0] + 0.1 for left, right in pairwise(ends))


@given(st.floats(0, 1e7))
def test_ticks_are_few_round_and_reach_the_greatest_value(greatest):
    ticks = round_ticks(greatest)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] == 0
    assert ticks[-1] >= greatest
    assert float(f"{ticks[1]:.0e}") == ticks[1]
    assert len(ticks) == 2 or ticks[-2] < greatest


def test_one_site_is_a_line_of_dots_without_intervals():
    root = drawing([Point(period, 1, 1.0, 0.2, 1.0) for period in half_years(2001, 2004)])
    assert len(root.findall(f"{SVG}circle")) == 8
    assert not [*root.iter(f"{SVG}polyline"), *root.iter(f"{SVG}polygon")]


def test_several_sites_are_a_line_with_an_interval_and_a_gap_stays_open():
    points = [Point(str(2001 + n), 0 if n == 2 else 4, None if n == 2 else 0.5, 0.2, 0.8) for n in range(5)]
    root = drawing(points)
    assert [len(line.get("points").split()) for line in root.iter(f"{SVG}polyline")] == [2, 2]
    assert len(root.findall(f"{SVG}polygon")) == 2


def test_bars_stand_beside_the_scale_and_within_the_drawing():
    root = drawing([Point(period, 0, 3.0) for period in half_years(2001, 2004)], is_share=False, has_bars=True)
    bars = [(float(bar.get("x")), float(bar.get("width"))) for bar in root.iter(f"{SVG}rect")]
    scale = max(float(text.get("x")) for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "end")
    assert len(bars) == 8
    assert all(scale < x and x + width <= SIZE[0] for x, width in bars)


def test_file_has_both_palettes_and_no_style_attribute():
    text = ET.tostring(drawing([Point("2001", 1, 1.0)]), encoding="unicode")
    assert "prefers-color-scheme: dark" in CHART_STYLE and "prefers-color-scheme: dark" in text
    assert "style=" not in text
