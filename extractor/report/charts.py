"""Charts over all sites as SVG: one small drawing a measure, to the same scale of time, gaps left open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from markupsafe import Markup

from extractor.report.showing import REPLACEMENT, UNSHOWABLE

WIDTH, HEIGHT = 270, 130
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 8, 20
YEARS = 5  # that can be named below without overlap


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
class Frame:
    """Where things are in a drawing."""

    periods: Sequence[str]
    ceiling: float

    def x(self, period: str) -> float:
        """The place of a period."""
        steps = max(1, len(self.periods) - 1)
        return round(LEFT + (WIDTH - LEFT - RIGHT) * self.periods.index(period) / steps, 1)

    def y(self, value: float | None) -> float:
        """The place of a value."""
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(value or 0.0, 0.0) / self.ceiling, 1)


def drawing(chart: Chart) -> Markup:
    """The chart as SVG. It has no style attributes, which the page forbids: classes and presentation attributes do."""
    frame = Frame([point.period for point in chart.points], chart.ceiling)
    if chart.unit == "sites":
        parts = [*axes(chart, frame), *bars(chart.points, frame)]
    else:
        parts = [*axes(chart, frame), *lines(chart.points, frame, "all"), *lines(chart.panel, frame, "panel")]
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(summary(chart))}">{"".join(parts)}</svg>'
    return Markup(UNSHOWABLE.sub(REPLACEMENT, svg))


def summary(chart: Chart) -> str:
    """The chart in a sentence: its first, its last and its highest value."""
    known = [point for point in chart.points if point.middle is not None]
    if not known:
        return f"{chart.name}: no values."
    best = max(known, key=lambda point: point.middle or 0)
    said = {"first": known[0], "highest": best, "last": known[-1]}
    return f"{chart.name}: " + ", ".join(
        f"{word} {chart.say(point.middle)} in {point.period}" for word, point in said.items()
    )


def axes(chart: Chart, frame: Frame) -> Iterator[str]:
    """The lines at nought, half and the top with their values, and some years."""
    for value in (0.0, chart.ceiling / 2, chart.ceiling):
        y = frame.y(value)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{LEFT - 5}" y="{y + 3.5}" text-anchor="end">{chart.say(value)}</text>'
    years = list(dict.fromkeys(period[:4] for period in frame.periods))
    for year in years[:: -(-len(years) // YEARS)]:
        x = frame.x(next(period for period in frame.periods if period.startswith(year)))
        yield f'<text x="{x}" y="{HEIGHT - 5}" text-anchor="{"start" if x == LEFT else "middle"}">{escape(year)}</text>'


def bars(points: Sequence[Point], frame: Frame) -> Iterator[str]:
    """Counts as bars."""
    wide = round(0.7 * (WIDTH - LEFT - RIGHT) / len(points), 1)
    for point in points:
        x, y = frame.x(point.period), frame.y(point.middle)
        yield f'<rect class="bar" x="{x - wide / 2:.1f}" y="{y}" width="{wide}" height="{HEIGHT - BOTTOM - y:.1f}"/>'


def lines(points: Sequence[Point], frame: Frame, kind: str) -> Iterator[str]:
    """Bands, lines and dots of the points between gaps."""
    for run in runs(points):
        yield from band(run, frame) if kind == "all" else ()
        way = " ".join(f"{frame.x(point.period)},{frame.y(point.middle)}" for point in run)
        yield f'<polyline class="{kind}" points="{way}"/>'
        if kind == "all":
            yield from (dot(point, frame) for point in run)


def band(run: Sequence[Point], frame: Frame) -> Iterator[str]:
    """The intervals: an area, or a stroke where a point stands alone."""
    known = [point for point in run if point.high is not None]
    if len(known) == 1:
        x = frame.x(known[0].period)
        yield f'<line class="whisker" x1="{x}" x2="{x}" y1="{frame.y(known[0].low)}" y2="{frame.y(known[0].high)}"/>'
    elif known:
        top = [f"{frame.x(point.period)},{frame.y(point.high)}" for point in known]
        floor = [f"{frame.x(point.period)},{frame.y(point.low)}" for point in reversed(known)]
        yield f'<polygon class="band" points="{" ".join([*top, *floor])}"/>'


def dot(point: Point, frame: Frame) -> str:
    """A point."""
    return f'<circle cx="{frame.x(point.period)}" cy="{frame.y(point.middle)}" r="2.2"/>'


def runs(points: Iterable[Point]) -> Iterator[list[Point]]:
    """The points without a gap between them.

    >>> [len(run) for run in runs([Point("2001", 1, 0.5), Point("2002", 0, None), Point("2003", 1, 1.0)])]
    [1, 1]
    """
    return (list(run) for there, run in groupby(points, key=lambda point: point.middle is not None) if there)


def table(charts: Sequence[Chart], period: str) -> Iterator[str]:
    """The values of all charts in a period, for the table beside the drawings."""
    for chart in charts:
        yield chart.say(next((point.middle for point in chart.points if point.period == period), None))
