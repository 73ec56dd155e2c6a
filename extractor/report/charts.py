"""Charts over all sites as SVG: one small drawing a measure, to the same scale of time, gaps left open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from markupsafe import Markup

from extractor.report.showing import REPLACEMENT, UNSHOWABLE

_WIDTH, _HEIGHT = 270, 130
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 8, 20
_YEARS = 5  # that can be named below without overlap


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval in a period ("2010-H1"), and the number of sites behind it; None in a gap."""

    period: str
    sites: int
    middle: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A measure over time: its points for all sites, and for those sites that are there all the time, if any.

    `unit` is "%" where values are shares of 1, "sites" for counts, drawn as bars. `practice` gives the colour.
    """

    name: str
    points: tuple[Point, ...]
    panel: tuple[Point, ...] = ()
    unit: str = ""
    practice: str = ""

    @property
    def ceiling(self) -> float:
        """The upper end of the scale."""
        tops = [value for point in self.points for value in (point.middle, point.high) if value is not None]
        return 1.0 if self.unit == "%" else max(tops, default=0) or 1.0

    def say(self, value: float | None) -> str:
        """A value in figures."""
        if value is None:
            return "–"
        return f"{value:.0%}" if self.unit == "%" else f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things are in a drawing."""

    periods: Sequence[str]
    ceiling: float

    def x(self, period: str) -> float:
        """The place of a period."""
        steps = max(1, len(self.periods) - 1)
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * self.periods.index(period) / steps, 1)

    def y(self, value: float | None) -> float:
        """The place of a value."""
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * max(value or 0.0, 0.0) / self.ceiling, 1)


def drawing(chart: Chart) -> Markup:
    """The chart as SVG. It has no style attributes, which the page forbids: classes and presentation attributes do."""
    frame = _Frame([point.period for point in chart.points], chart.ceiling)
    if chart.unit == "sites":
        parts = [*_axes(chart, frame), *_bars(chart.points, frame)]
    else:
        parts = [*_axes(chart, frame), *_lines(chart.points, frame, "all"), *_lines(chart.panel, frame, "panel")]
    size, words = f"0 0 {_WIDTH} {_HEIGHT}", escape(_summary(chart))
    svg = f'<svg viewBox="{size}" role="img" aria-label="{words}">{"".join(parts)}</svg>'
    return Markup(UNSHOWABLE.sub(REPLACEMENT, svg))


def _summary(chart: Chart) -> str:
    """The chart in a sentence: its first, its last and its highest value."""
    known = [point for point in chart.points if point.middle is not None]
    if not known:
        return f"{chart.name}: no values."
    best = max(known, key=lambda point: point.middle or 0)
    said = {"first": known[0], "highest": best, "last": known[-1]}
    return f"{chart.name}: " + ", ".join(
        f"{word} {chart.say(point.middle)} in {point.period}" for word, point in said.items()
    )


def _axes(chart: Chart, frame: _Frame) -> Iterator[str]:
    """The lines at nought, half and the top with their values, and some years."""
    for value in (0.0, chart.ceiling / 2, chart.ceiling):
        y = frame.y(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 5}" y="{y + 3.5}" text-anchor="end">{chart.say(value)}</text>'
    years = list(dict.fromkeys(period[:4] for period in frame.periods))
    for year in years[:: -(-len(years) // _YEARS)]:
        x = frame.x(next(period for period in frame.periods if period.startswith(year)))
        anchor = "start" if x == _LEFT else "middle"
        yield f'<text x="{x}" y="{_HEIGHT - 5}" text-anchor="{anchor}">{escape(year)}</text>'


def _bars(points: Sequence[Point], frame: _Frame) -> Iterator[str]:
    """Counts as bars."""
    wide = round(0.7 * (_WIDTH - _LEFT - _RIGHT) / len(points), 1)
    for point in points:
        x, y = frame.x(point.period), frame.y(point.middle)
        yield f'<rect class="bar" x="{x - wide / 2:.1f}" y="{y}" width="{wide}" height="{_HEIGHT - _BOTTOM - y:.1f}"/>'


def _lines(points: Sequence[Point], frame: _Frame, kind: str) -> Iterator[str]:
    """Bands, lines and dots of the points between gaps."""
    for run in _runs(points):
        yield from _band(run, frame) if kind == "all" else ()
        way = " ".join(f"{frame.x(point.period)},{frame.y(point.middle)}" for point in run)
        yield f'<polyline class="{kind}" points="{way}"/>'
        if kind == "all":
            yield from (_dot(point, frame) for point in run)


def _band(run: Sequence[Point], frame: _Frame) -> Iterator[str]:
    """The intervals: an area, or a stroke where a point stands alone."""
    known = [point for point in run if point.high is not None]
    if len(known) == 1:
        x = frame.x(known[0].period)
        yield f'<line class="whisker" x1="{x}" x2="{x}" y1="{frame.y(known[0].low)}" y2="{frame.y(known[0].high)}"/>'
    elif known:
        top = [f"{frame.x(point.period)},{frame.y(point.high)}" for point in known]
        floor = [f"{frame.x(point.period)},{frame.y(point.low)}" for point in reversed(known)]
        yield f'<polygon class="band" points="{" ".join([*top, *floor])}"/>'


def _dot(point: Point, frame: _Frame) -> str:
    """A point."""
    return f'<circle cx="{frame.x(point.period)}" cy="{frame.y(point.middle)}" r="2.2"/>'


def _runs(points: Iterable[Point]) -> Iterator[list[Point]]:
    """The points without a gap between them.

    >>> [len(run) for run in _runs([Point("2001", 1, 0.5), Point("2002", 0, None), Point("2003", 1, 1.0)])]
    [1, 1]
    """
    return (list(run) for there, run in groupby(points, key=lambda point: point.middle is not None) if there)


def table(charts: Sequence[Chart], period: str) -> Iterator[str]:
    """The values of all charts in a period, for the table beside the drawings."""
    for chart in charts:
        yield chart.say(next((point.middle for point in chart.points if point.period == period), None))
