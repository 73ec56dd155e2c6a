"""Charts of the aggregate as SVG: a small one a measure, the numbers of sites below, gaps left open.

Written by hand: a chart of points, lines and bands needs no plotting library. Nothing in it is styled by a style
attribute, so a page may forbid those; text and lines take the colour of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from extractor.history.aggregate import LengthPoint, SharePoint, TrendPoint
from extractor.records import PRACTICES

WIDTH, HEIGHT = 720, 150
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 28, 44
SIZE, SMALL, NAME = 11, 8, 13  # of letters
PANELS = ("all", "fixed")
RAW, CORRECTED = "raw", "corrected"
DASHES = {"all": "none", "fixed": "5 3", RAW: "5 3", CORRECTED: "none"}
HINTS = {"all": "all sites", "fixed": "fixed sites", RAW: RAW, CORRECTED: CORRECTED}
BANDED = ("all", CORRECTED)  # lines with their interval as a band


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval at a period, and the number behind it; None in a gap."""

    period: str
    sites: int
    middle: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Frame:
    """One small chart: its name, its place, the periods of its x axis, the range of its y axis, what is counted."""

    name: str
    top: int
    periods: Sequence[str]
    ceiling: float
    show: Callable[[float], str]
    unit: str

    def x(self, period: str) -> float:
        """The place of a period."""
        steps = max(1, len(self.periods) - 1)
        return LEFT + (WIDTH - LEFT - RIGHT) * self.periods.index(period) / steps

    def y(self, value: float) -> float:
        """The place of a value."""
        return self.top + HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(value, 0) / self.ceiling


def share_chart(points: Sequence[SharePoint]) -> str:
    """The shares of `shares`, one small chart a practice; the fixed panel as a dashed line."""
    charts = [
        (
            name.capitalize(),
            {
                panel: [
                    Point(point.period, point.sites, point.share, point.low, point.high)
                    for point in points
                    if (point.practice, point.panel) == (name, panel)
                ]
                for panel in PANELS
            },
            1.0,
            lambda value: f"{value:.0%}",
            "sites",
        )
        for name in PRACTICES
    ]
    return drawing("Share of sites whose policy speaks of each practice, with 95% intervals (Wilson)", charts)


def length_chart(points: Sequence[LengthPoint]) -> str:
    """The lengths and grades of `lengths`, with the quartiles as a band."""
    series = {
        "Words": [
            (point, Point(point.period, point.sites, point.words_median, point.words_q1, point.words_q3))
            for point in points
        ],
        "Coleman-Liau grade": [
            (point, Point(point.period, point.sites, point.grade_median, point.grade_q1, point.grade_q3))
            for point in points
        ],
    }
    charts = [
        (
            name,
            {panel: [shown for point, shown in pairs if point.panel == panel] for panel in PANELS},
            max((shown.high or 0 for _, shown in pairs), default=0) or 1.0,
            lambda value: f"{value:,.0f}",
            "sites",
        )
        for name, pairs in series.items()
    ]
    return drawing("Length and readability of policies: median and quartiles over sites", charts)


def trend_chart(points: Sequence[TrendPoint]) -> str:
    """The shares of `trends`: raw as a dashed line, corrected as a line with its interval as a band."""
    charts = [
        (
            f"{name.capitalize()}, share of {unit}",
            {RAW: [raw(point) for point in found], CORRECTED: [corrected(point) for point in found]},
            1.0,
            lambda value: f"{value:.0%}",
            unit,
        )
        for unit in ("sites", "segments")
        for name in PRACTICES
        for found in [[point for point in points if (point.unit, point.practice) == (unit, name)]]
    ]
    return drawing("Shares that speak of each practice: as counted (dashed), corrected by an audit (95% band)", charts)


def raw(point: TrendPoint) -> Point:
    """The share as counted."""
    return Point(point.period, point.of, point.share, point.low, point.high)


def corrected(point: TrendPoint) -> Point:
    """The corrected share."""
    return Point(point.period, point.of, point.corrected, point.corrected_low, point.corrected_high)


Chart = tuple[str, dict[str, list[Point]], float, Callable[[float], str], str]  # and what is counted


def drawing(title: str, charts: Sequence[Chart]) -> str:
    """The SVG of some small charts, one below the other."""
    height = HEIGHT * len(charts) + 24
    body = "".join(part for row, chart in enumerate(charts) for part in drawn(24 + HEIGHT * row, chart))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="{SIZE}" fill="currentColor"><title>{escape(title)}</title>'
        f'<text x="{LEFT}" y="16" font-size="13">{escape(title)}</text>{body}</svg>\n'
    )


def drawn(top: int, chart: Chart) -> Iterator[str]:
    """The parts of one small chart."""
    name, panels, ceiling, show, unit = chart
    first = next(iter(panels.values()))
    frame = Frame(name, top, [point.period for point in first], ceiling, show, unit)
    yield f"<g><title>{escape(name)}</title>"
    yield text(LEFT, top + 18, name, size=NAME)
    yield from axes(frame)
    for panel, points in panels.items():
        for run in runs(points):
            yield from series(frame, run, panel)
    yield from counts(frame, first)
    yield "</g>"


def axes(frame: Frame) -> Iterator[str]:
    """The lines at nought, half and the ceiling, with their values."""
    for value in (0.0, frame.ceiling / 2, frame.ceiling):
        y = frame.y(value)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" opacity="0.2"/>'
        yield text(LEFT - 6, y + 4, frame.show(value), anchor="end")


def counts(frame: Frame, points: Sequence[Point]) -> Iterator[str]:
    """The periods, and below them the number of sites behind each; a label that has no room is left out."""
    base = frame.top + HEIGHT - BOTTOM
    yield text(LEFT - 8, base + 30, frame.unit, anchor="end", size=SMALL)
    yield from labels(((frame.x(point.period), point.period) for point in points), base + 16, SIZE)
    seen = ((frame.x(point.period), str(point.sites)) for point in points if point.sites)
    yield from labels(seen, base + 30, SMALL)


def labels(places: Iterable[tuple[float, str]], y: float, size: int) -> Iterator[str]:
    """Labels in a row, without those that would run into the one before."""
    free = 0.0
    for x, words in places:
        half = 0.32 * size * len(words)  # a figure is about so wide
        if x - half >= free:
            yield text(x, y, words, anchor="middle", size=size)
            free = x + half + 1


def runs(points: Iterable[Point]) -> Iterator[list[Point]]:
    """The points without a gap between them."""
    return (list(run) for there, run in groupby(points, key=lambda point: point.middle is not None) if there)


def series(frame: Frame, run: Sequence[Point], panel: str) -> Iterator[str]:
    """A band, a line and points; the hints say in words what a point shows."""
    tops = [f"{frame.x(point.period):.1f},{frame.y(point.high or 0):.1f}" for point in run]
    floors = [f"{frame.x(point.period):.1f},{frame.y(point.low or 0):.1f}" for point in run]
    middles = [f"{frame.x(point.period):.1f},{frame.y(point.middle or 0):.1f}" for point in run]
    if panel in BANDED:
        yield f'<polygon points="{" ".join([*tops, *reversed(floors)])}" stroke="currentColor" opacity="0.15"/>'
    dashes = DASHES[panel]
    yield f'<polyline points="{" ".join(middles)}" fill="none" stroke="currentColor" stroke-dasharray="{dashes}"/>'
    for point in run:
        hint = f"{frame.name}, {point.period}, {HINTS[panel]}: {frame.show(point.middle or 0)} of {point.sites}"
        place = f'cx="{frame.x(point.period):.1f}" cy="{frame.y(point.middle or 0):.1f}"'
        look = ' fill="none" stroke="currentColor"' if panel == RAW else ""
        yield f'<circle {place} r="2.5"{look}><title>{escape(hint)}</title></circle>'


def text(x: float, y: float, words: str, *, anchor: str = "start", size: int = SIZE) -> str:
    """A text in the drawing."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f"<text {place}>{escape(words)}</text>"
