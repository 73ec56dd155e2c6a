"""Charts of the tables over sites as SVG: a small chart for each measure, with the numbers of sites below.

Text and lines take the colour of the page that shows the chart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from extractor.charts import PlotArea, Point, runs_without_gap, svg_element, svg_file, svg_text, svg_title
from extractor.history.aggregate import LengthPoint, SharePoint, TrendPoint
from extractor.records import PRACTICES

_WIDTH, _CHART_HEIGHT, _TITLE_HEIGHT = 720, 150, 24
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 28, 44
_FONT_SIZE, _COUNT_SIZE, _NAME_SIZE = 11, 8, 13
_COLOR = "currentColor"
_DASHES = {"fixed sites": "5 3", "raw": "5 3", "deny only": "1 3"}  # other lines have their intervals as a band
_RINGS = ("raw", "deny only")  # dots that are not filled


@dataclass(frozen=True, slots=True)
class _Chart:
    """A small chart: its name, its lines by name, what their points count, and the upper end of the values."""

    name: str
    lines: Mapping[str, Sequence[Point]]
    unit: str = "sites"
    ceiling: float = 1.0
    value_text: Callable[[float], str] = "{:.0%}".format


def panel_points(points: Sequence[SharePoint | LengthPoint], *columns: str) -> dict[str, list[Point]]:
    """Columns of a table (value, low, high) as points over all sites, and over the fixed panel."""
    values = attrgetter(*columns)
    return {
        f"{panel} sites": [Point(row.period, row.sites, *values(row)) for row in points if row.panel == panel]
        for panel in ("all", "fixed")
    }


def share_chart(points: Sequence[SharePoint]) -> str:
    """The shares of `shares` as SVG, a small chart for each practice: sites that do it, and those that only deny it.

    The fixed panel is dashed, the denials are dotted.
    """
    charts = []
    for name in PRACTICES:
        does, denies = (
            [point for point in points if (point.practice, point.stance) == (name, stance)]
            for stance in ("does", "denies only")
        )
        denials = panel_points(denies, "share", "low", "high")["all sites"]
        lines = {**panel_points(does, "share", "low", "high"), "deny only": denials}
        charts.append(_Chart(name.capitalize(), lines))
    return _stacked(
        "Share of sites that say they do each practice, 95% intervals (Wilson); dotted: only deny it", charts
    )


def length_chart(points: Sequence[LengthPoint]) -> str:
    """The lengths and grades of `lengths` as SVG, with the quartiles as a band; the fixed panel is dashed."""
    charts = []
    for name, column in (("Words", "words"), ("Coleman-Liau grade", "grade")):
        lines = panel_points(points, f"{column}_median", f"{column}_q1", f"{column}_q3")
        ceiling = max((point.high or 0 for line in lines.values() for point in line), default=0) or 1.0
        charts.append(_Chart(name, lines, ceiling=ceiling, value_text="{:,.0f}".format))
    return _stacked("Length and readability of policies: median and quartiles over sites", charts)


def trend_chart(points: Sequence[TrendPoint]) -> str:
    """The shares of `trends` that do each practice as SVG: raw ones dashed, corrected ones with their intervals.

    Those that only deny it are dotted, as counted.
    """
    charts = []
    for unit in ("sites", "segments"):
        for name in PRACTICES:
            does, denies = (
                [point for point in points if (point.unit, point.practice, point.stance) == (unit, name, stance)]
                for stance in ("does", "denies only")
            )
            lines = {
                "raw": [Point(row.period, row.of, row.share) for row in does],
                "corrected": [
                    Point(row.period, row.of, row.corrected, row.corrected_low, row.corrected_high) for row in does
                ],
                "deny only": [Point(row.period, row.of, row.share) for row in denies],
            }
            charts.append(_Chart(f"{name.capitalize()}, share of {unit}", lines, unit))
    return _stacked(
        "Shares that do each practice: as counted (dashed), corrected (95% band); dotted: only deny", charts
    )


def _stacked(title: str, charts: Sequence[_Chart]) -> str:
    """The SVG of small charts, one below the other."""
    tops = range(_TITLE_HEIGHT, _TITLE_HEIGHT + _CHART_HEIGHT * len(charts), _CHART_HEIGHT)
    groups = [svg_element("g", "".join(_chart_parts(*pair))) for pair in zip(charts, tops, strict=True)]
    content = "".join([svg_title(title), svg_text(_LEFT, 16, title, font_size=_NAME_SIZE), *groups])
    height = _TITLE_HEIGHT + _CHART_HEIGHT * len(charts)
    return svg_file(_WIDTH, height, content, role="img", font_family="sans-serif", font_size=_FONT_SIZE, fill=_COLOR)


def _chart_parts(chart: _Chart, top: int) -> Iterator[str]:
    """The parts of a small chart."""
    first = next(iter(chart.lines.values()))
    edges = (_LEFT, _WIDTH - _RIGHT, top + _TOP, top + _CHART_HEIGHT - _BOTTOM)
    plot = PlotArea(*edges, x_range=(0, len(first) - 1), y_range=(0, chart.ceiling))
    left, base = plot.x(0), plot.y(0)
    yield svg_title(chart.name)
    yield svg_text(left, plot.y(chart.ceiling) - 10, chart.name, text_anchor="start", font_size=_NAME_SIZE)
    grid = {"stroke": _COLOR, "opacity": "0.2"}
    yield from plot.grid(2, chart.value_text, gap=6.0, drop=4, line=grid, font_size=_FONT_SIZE)
    for name, points in chart.lines.items():
        dashes, rings = _DASHES.get(name, ""), {"fill": "none", "stroke": _COLOR} if name in _RINGS else {}
        for run in runs_without_gap(points, [point.period for point in first]):
            values = [(x, point.value or 0) for x, point in run]
            if not dashes:
                intervals = [(x, point.low or 0, point.high or 0) for x, point in run]
                yield plot.band(intervals, stroke=_COLOR, opacity="0.15")
            yield plot.line(values, fill="none", stroke=_COLOR, stroke_dasharray=dashes or "none")
            for (x, value), (_, point) in zip(values, run, strict=True):
                hint = f"{chart.name}, {point.period}, {name}: {chart.value_text(value)} of {point.count}"
                yield plot.dot(x, value, 2.5, hint, **rings)
    yield svg_text(left - 8, base + 30, chart.unit, text_anchor="end", font_size=_COUNT_SIZE)
    places = [(plot.x(number), point) for number, point in enumerate(first)]
    yield from _labels(((x, point.period) for x, point in places), base + 16, _FONT_SIZE)
    yield from _labels(((x, str(point.count)) for x, point in places if point.count), base + 30, _COUNT_SIZE)


def _labels(places: Iterable[tuple[float, str]], y: float, size: int) -> Iterator[str]:
    """Labels in a row, without those that would run into the one before."""
    free = 0.0
    for x, words in places:
        half = 0.32 * size * len(words)  # a digit is about 0.64 of the font size wide
        if x - half >= free:
            yield svg_text(x, y, words, text_anchor="middle", font_size=size)
            free = x + half + 1
