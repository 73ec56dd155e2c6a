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

_WIDTH, _HEIGHT = 720, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 28, 44
_SIZE, _SMALL, _NAME = 11, 8, 13  # of letters
_PANELS = ("all", "fixed")
_RAW, _CORRECTED = "raw", "corrected"
_DASHES = {"all": "none", "fixed": "5 3", _RAW: "5 3", _CORRECTED: "none"}
_HINTS = {"all": "all sites", "fixed": "fixed sites", _RAW: _RAW, _CORRECTED: _CORRECTED}
_BANDED = ("all", _CORRECTED)  # lines with their interval as a band


@dataclass(frozen=True, slots=True)
class _Point:
    """A value with its interval at a period, and the number behind it; None in a gap."""

    period: str
    sites: int
    middle: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class _Frame:
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
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * self.periods.index(period) / steps

    def y(self, value: float) -> float:
        """The place of a value."""
        return self.top + _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * max(value, 0) / self.ceiling


def share_chart(points: Sequence[SharePoint]) -> str:
    """The shares of `shares`, one small chart a practice; the fixed panel as a dashed line."""
    charts = [
        (
            name.capitalize(),
            {
                panel: [
                    _Point(point.period, point.sites, point.share, point.low, point.high)
                    for point in points
                    if (point.practice, point.panel) == (name, panel)
                ]
                for panel in _PANELS
            },
            1.0,
            lambda value: f"{value:.0%}",
            "sites",
        )
        for name in PRACTICES
    ]
    return _drawing("Share of sites whose policy speaks of each practice, with 95% intervals (Wilson)", charts)


def length_chart(points: Sequence[LengthPoint]) -> str:
    """The lengths and grades of `lengths`, with the quartiles as a band."""
    series = {
        "Words": [
            (point, _Point(point.period, point.sites, point.words_median, point.words_q1, point.words_q3))
            for point in points
        ],
        "Coleman-Liau grade": [
            (point, _Point(point.period, point.sites, point.grade_median, point.grade_q1, point.grade_q3))
            for point in points
        ],
    }
    charts = [
        (
            name,
            {panel: [shown for point, shown in pairs if point.panel == panel] for panel in _PANELS},
            max((shown.high or 0 for _, shown in pairs), default=0) or 1.0,
            lambda value: f"{value:,.0f}",
            "sites",
        )
        for name, pairs in series.items()
    ]
    return _drawing("Length and readability of policies: median and quartiles over sites", charts)


def trend_chart(points: Sequence[TrendPoint]) -> str:
    """The shares of `trends`: raw as a dashed line, corrected as a line with its interval as a band."""
    charts = [
        (
            f"{name.capitalize()}, share of {unit}",
            {_RAW: [_raw(point) for point in found], _CORRECTED: [_corrected(point) for point in found]},
            1.0,
            lambda value: f"{value:.0%}",
            unit,
        )
        for unit in ("sites", "segments")
        for name in PRACTICES
        for found in [[point for point in points if (point.unit, point.practice) == (unit, name)]]
    ]
    return _drawing("Shares that speak of each practice: as counted (dashed), corrected by an audit (95% band)", charts)


def _raw(point: TrendPoint) -> _Point:
    """The share as counted."""
    return _Point(point.period, point.of, point.share, point.low, point.high)


def _corrected(point: TrendPoint) -> _Point:
    """The corrected share."""
    return _Point(point.period, point.of, point.corrected, point.corrected_low, point.corrected_high)


_Chart = tuple[str, dict[str, list[_Point]], float, Callable[[float], str], str]  # and what is counted


def _drawing(title: str, charts: Sequence[_Chart]) -> str:
    """The SVG of some small charts, one below the other."""
    height = _HEIGHT * len(charts) + 24
    body = "".join(part for row, chart in enumerate(charts) for part in _drawn(24 + _HEIGHT * row, chart))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="{_SIZE}" fill="currentColor"><title>{escape(title)}</title>'
        f'<text x="{_LEFT}" y="16" font-size="13">{escape(title)}</text>{body}</svg>\n'
    )


def _drawn(top: int, chart: _Chart) -> Iterator[str]:
    """The parts of one small chart."""
    name, panels, ceiling, show, unit = chart
    first = next(iter(panels.values()))
    frame = _Frame(name, top, [point.period for point in first], ceiling, show, unit)
    yield f"<g><title>{escape(name)}</title>"
    yield _text(_LEFT, top + 18, name, size=_NAME)
    yield from _axes(frame)
    for panel, points in panels.items():
        for run in _runs(points):
            yield from _series(frame, run, panel)
    yield from _counts(frame, first)
    yield "</g>"


def _axes(frame: _Frame) -> Iterator[str]:
    """The lines at nought, half and the ceiling, with their values."""
    for value in (0.0, frame.ceiling / 2, frame.ceiling):
        y = frame.y(value)
        place = f'x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
        yield f'<line {place} stroke="currentColor" opacity="0.2"/>'
        yield _text(_LEFT - 6, y + 4, frame.show(value), anchor="end")


def _counts(frame: _Frame, points: Sequence[_Point]) -> Iterator[str]:
    """The periods, and below them the number of sites behind each; a label that has no room is left out."""
    base = frame.top + _HEIGHT - _BOTTOM
    yield _text(_LEFT - 8, base + 30, frame.unit, anchor="end", size=_SMALL)
    yield from _labels(((frame.x(point.period), point.period) for point in points), base + 16, _SIZE)
    seen = ((frame.x(point.period), str(point.sites)) for point in points if point.sites)
    yield from _labels(seen, base + 30, _SMALL)


def _labels(places: Iterable[tuple[float, str]], y: float, size: int) -> Iterator[str]:
    """Labels in a row, without those that would run into the one before."""
    free = 0.0
    for x, words in places:
        half = 0.32 * size * len(words)  # a figure is about so wide
        if x - half >= free:
            yield _text(x, y, words, anchor="middle", size=size)
            free = x + half + 1


def _runs(points: Iterable[_Point]) -> Iterator[list[_Point]]:
    """The points without a gap between them."""
    return (list(run) for there, run in groupby(points, key=lambda point: point.middle is not None) if there)


def _series(frame: _Frame, run: Sequence[_Point], panel: str) -> Iterator[str]:
    """A band, a line and points; the hints say in words what a point shows."""
    tops = [f"{frame.x(point.period):.1f},{frame.y(point.high or 0):.1f}" for point in run]
    floors = [f"{frame.x(point.period):.1f},{frame.y(point.low or 0):.1f}" for point in run]
    middles = [f"{frame.x(point.period):.1f},{frame.y(point.middle or 0):.1f}" for point in run]
    if panel in _BANDED:
        yield f'<polygon points="{" ".join([*tops, *reversed(floors)])}" stroke="currentColor" opacity="0.15"/>'
    dashes = _DASHES[panel]
    yield f'<polyline points="{" ".join(middles)}" fill="none" stroke="currentColor" stroke-dasharray="{dashes}"/>'
    for point in run:
        hint = f"{frame.name}, {point.period}, {_HINTS[panel]}: {frame.show(point.middle or 0)} of {point.sites}"
        place = f'cx="{frame.x(point.period):.1f}" cy="{frame.y(point.middle or 0):.1f}"'
        look = ' fill="none" stroke="currentColor"' if panel == _RAW else ""
        yield f'<circle {place} r="2.5"{look}><title>{escape(hint)}</title></circle>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = _SIZE) -> str:
    """A text in the drawing."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f"<text {place}>{escape(words)}</text>"
