"""Charts as SVG: a plot area with its scales, the shapes in it, and charts over time made of them.

They need no plotting library. No element has a style attribute, as the pages' Content-Security-Policy forbids them:
its look is given by presentation attributes, or by a class. A page has rules for the classes of charts over time in its
own CSS; a file has `CHART_STYLE`. Lines and texts have the colour of what surrounds them, light or dark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise
from math import ceil, log10
from typing import Literal

_Attribute = str | float
_GRID_LINE: Mapping[str, _Attribute] = {"css_class": "grid"}
CHART_FILE_WIDTH = 360  # pixels: a phone shows it in its natural size
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 8, 30  # the margins of a chart over time
_NAME_HEIGHT, _NAME_INDENT = 18, 8  # of the chart's own name, if it has one
_LETTER_WIDTH = 7.0  # of a digit in 11 pixels of the widest usual font (DejaVu Sans); no text is smaller
_MIN_COUNT = 2  # one site says nothing about others: with fewer there is a dot, and neither an interval nor a line
_DOT_RADIUS, _RING_RADIUS = 2.0, 2.6
_LONE_HALF = 0.3  # half the width of the interval of a period without neighbours, in periods

CHART_STYLE = """
svg { width: 100%; max-width: 512px; height: auto; color: #1e2126; background: #fcfbf9; font: 11.2px sans-serif; }
text { fill: currentColor; }
.title { font-size: 12px; font-weight: bold; }
.name { font-weight: bold; }
.n { opacity: 0.8; }
.grid { stroke: currentColor; opacity: 0.2; }
.band { fill: currentColor; opacity: 0.15; }
polyline { fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; }
polyline.panel { stroke-width: 1; stroke-dasharray: 4 3; }
polyline.denied { stroke-dasharray: 1 3; stroke-linecap: round; }
.dot, .bar { fill: currentColor; }
.ring { fill: none; stroke: currentColor; }
@media (prefers-color-scheme: dark) { svg { color: #e6e4df; background: #16181c; } }
"""


def svg_element(tag: str, content: str | None = None, /, **attributes: _Attribute) -> str:
    """An element with its `css_class` first; `content` is markup. Integers are written as such, floats to a tenth.

    >>> svg_element("circle", cx=40, cy=12.345, fill_opacity="0.25", css_class="dot")
    '<circle class="dot" cx="40" cy="12.3" fill-opacity="0.25"/>'
    """
    named = {"class": attributes.pop("css_class")} | attributes if "css_class" in attributes else attributes
    values = {
        name.replace("_", "-"): f"{value:.1f}" if isinstance(value, float) else str(value)
        for name, value in named.items()
    }
    written = "".join(f' {name}="{escape(value)}"' for name, value in values.items())
    return f"<{tag}{written}/>" if content is None else f"<{tag}{written}>{content}</{tag}>"


def svg_text(x: float, y: float, words: str, **attributes: _Attribute) -> str:
    """A line of text that begins at a place; with another `text_anchor` it is centred on the place or ends there."""
    return svg_element("text", escape(words), x=x, y=y, **attributes)


def svg_title(words: str) -> str:
    """The title of the element that it stands in; browsers show it as a hint."""
    return svg_element("title", escape(words))


def chart_file(width: int, height: int, title: str, content: Iterable[str]) -> str:
    """A file of charts over time with their style: at a width of 360, readable on a phone, and in the dark."""
    parts = [svg_title(title), svg_element("style", CHART_STYLE), *content]
    return svg_file(width, height, "".join(parts), role="img")


def svg_file(width: int, height: int, content: str, **attributes: _Attribute) -> str:
    """A drawing that is a file of its own."""
    head = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}"}
    return svg_element("svg", content, **head, **attributes) + "\n"


def inline_svg(width: float, height: float, summary: str, content: Iterable[str]) -> str:
    """A drawing that is part of a page; `summary` is what screen readers read out."""
    size = f"0 0 {width:g} {height:g}"
    return svg_element("svg", "".join(content), viewBox=size, role="img", **{"aria-label": summary})


@dataclass(frozen=True, slots=True)
class PlotArea:
    """The edges of a plot in pixels, and the values at its left and right, and at its bottom and top edge."""

    left: int
    right: int
    top: int
    bottom: int
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)

    def x(self, value: float) -> float:
        """The place of a value from left to right, in pixels."""
        return _scaled(value, self.x_range, self.left, self.right)

    def y(self, value: float) -> float:
        """The place of a value from bottom to top, in pixels."""
        return _scaled(value, self.y_range, self.bottom, self.top)

    def grid(
        self,
        steps: int,
        value_text: Callable[[float], str],
        *,
        gap: float = 5,
        drop: float = 3.5,
        line: Mapping[str, _Attribute] = _GRID_LINE,
        **words: _Attribute,
    ) -> Iterator[str]:
        """Horizontal lines that divide the plot into `steps`, each with its value `gap` to the left and `drop` below.

        `line` has the attributes of the lines, `words` those of the values.
        """
        low, high = self.y_range
        values = [low + step / steps * (high - low) for step in range(steps + 1)]
        yield from self.ticks(values, value_text, gap=gap, drop=drop, line=line, **words)

    def ticks(
        self,
        values: Iterable[float],
        value_text: Callable[[float], str],
        *,
        gap: float = 5,
        drop: float = 3.5,
        line: Mapping[str, _Attribute] = _GRID_LINE,
        **words: _Attribute,
    ) -> Iterator[str]:
        """Horizontal lines at some values, as in `grid`."""
        for value in values:
            y = self.y(value)
            yield svg_element("line", x1=self.left, x2=self.right, y1=y, y2=y, **line)
            yield svg_text(self.left - gap, y + drop, value_text(value), text_anchor="end", **words)

    def line(self, points: Iterable[tuple[float, float]], **look: _Attribute) -> str:
        """A line through points (x, y)."""
        return svg_element("polyline", points=self._places(points), **look)

    def band(self, intervals: Iterable[tuple[float, float, float]], **look: _Attribute) -> str:
        """The area between intervals (x, low, high)."""
        known = list(intervals)
        outline = [*((x, high) for x, _, high in known), *((x, low) for x, low, _ in reversed(known))]
        return svg_element("polygon", points=self._places(outline), **look)

    def dot(self, x: float, y: float, radius: float, hint: str = "", **look: _Attribute) -> str:
        """A point, with a hint if there is one."""
        return svg_element("circle", svg_title(hint) if hint else None, cx=self.x(x), cy=self.y(y), r=radius, **look)

    def bar(self, x: float, y: float, width: float, **look: _Attribute) -> str:
        """A bar of a width in pixels, from the bottom of the plot up to a value."""
        left, top = self.x(x) - width / 2, self.y(y)
        return svg_element("rect", x=left, y=top, width=width, height=self.bottom - top, **look)

    def _places(self, points: Iterable[tuple[float, float]]) -> str:
        """Points as an attribute of a line or an area."""
        return " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)


def _scaled(value: float, values: tuple[float, float], start: float, end: float) -> float:
    """The place of a value on a scale; values below the scale are at its start."""
    low, high = values
    return round(start + (end - start) * max(value - low, 0) / ((high - low) or 1), 1)


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval in a period ("2010-H1"), and the number of things behind it; None in a gap."""

    period: str
    count: int
    value: float | None
    low: float | None = None
    high: float | None = None


def runs_without_gap(points: Iterable[Point], periods: Sequence[str]) -> Iterator[list[tuple[int, Point]]]:
    """The points between gaps, each with the number of its period among all periods.

    >>> points = [Point("2001", 1, 0.5), Point("2002", 0, None), Point("2003", 1, 1.0)]
    >>> [[number for number, _ in run] for run in runs_without_gap(points, ["2001", "2002", "2003"])]
    [[0], [2]]
    """
    numbers = {period: number for number, period in enumerate(periods)}
    numbered = ((numbers[point.period], point) for point in points)
    return (list(run) for known, run in groupby(numbered, key=lambda pair: pair[1].value is not None) if known)


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A line of a chart over time. `look` is its class: all sites, a fixed panel (dashed), only denials (dotted)."""

    name: str
    points: Sequence[Point]
    look: Literal["all", "panel", "denied"] = "all"


@dataclass(frozen=True, slots=True)
class TimeChart:
    """A measure over time. The first line has all periods and the numbers of things behind them (`counted`).

    `is_share`: values are shares of 1. `has_bars`: values are counts, drawn as bars.
    """

    name: str
    lines: Sequence[TimeLine]
    counted: str = "sites"
    is_share: bool = True
    has_bars: bool = False

    def ticks(self) -> list[float]:
        """The round values of the scale, from 0 to the greatest."""
        tops = [top for line in self.lines for point in line.points for top in (point.value, point.high) if top]
        return [0.0, 0.5, 1.0] if self.is_share else round_ticks(max(tops, default=0))

    def value_text(self, value: float | None) -> str:
        """A value in figures."""
        if value is None:
            return "–"
        return f"{value:.0%}" if self.is_share else f"{value:,.0f}"


def round_ticks(greatest: float) -> list[float]:
    """Up to five equal steps from 0 to at least a value, each 1, 2 or 5 times a power of ten; no step is below 1.

    >>> round_ticks(1761), round_ticks(9.2), round_ticks(2), round_ticks(0)
    ([0, 500, 1000, 1500, 2000], [0, 2, 4, 6, 8, 10], [0, 1, 2], [0, 1])
    """
    power = 10 ** max(0, ceil(log10(max(greatest, 1))) - 2)
    step = next(step * power for step in (1, 2, 5, 10, 20, 50) if greatest <= 5 * step * power)
    return [step * number for number in range(max(1, ceil(greatest / step)) + 1)]


def time_chart(
    chart: TimeChart, size: tuple[int, int], place: tuple[int, int] = (0, 0), *, named: bool = True
) -> list[str]:
    """The parts of a chart in a box of a size (width, height): scales, lines, and n below the periods.

    Its name is above unless it stands elsewhere. Gaps stay open. Where only one thing is counted there is a dot, and
    neither a line nor an interval.
    """
    (width, height), (left, top) = size, place
    periods = [point.period for point in chart.lines[0].points]
    ticks = chart.ticks()
    name_height = _NAME_HEIGHT if named else 0
    edges = (left + _LEFT, left + width - _RIGHT, top + name_height + _TOP, top + height - _BOTTOM)
    plot = PlotArea(*edges, x_range=(-0.5, max(len(periods), 1) - 0.5), y_range=(0, ticks[-1]))
    parts = [svg_text(left + _NAME_INDENT, top + 13, chart.name, css_class="name")] if named else []
    parts += plot.ticks(ticks, chart.value_text)
    parts += _period_labels(plot, periods)
    if chart.has_bars:
        bar_width = round(0.7 * (plot.right - plot.left) / max(len(periods), 1), 1)
        bars = ((x, point) for x, point in enumerate(chart.lines[0].points) if point.value)
        return [*parts, *(plot.bar(x, point.value or 0, bar_width, css_class="bar") for x, point in bars)]
    parts += _count_labels(plot, chart)
    for line in chart.lines:
        parts += _line_parts(plot, chart, line, periods)
    return parts


def _line_parts(plot: PlotArea, chart: TimeChart, line: TimeLine, periods: Sequence[str]) -> Iterator[str]:
    """The intervals, the line and the dots of a line."""
    for run in runs_without_gap(line.points, periods):
        for several, part in groupby(run, key=lambda pair: pair[1].count >= _MIN_COUNT):
            joined = list(part)
            if several and line.look == "all":
                yield from _interval(plot, joined)
            if several and len(joined) > 1:
                yield plot.line(((x, point.value or 0) for x, point in joined), css_class=line.look)
        if line.look == "panel":
            continue
        for x, point in run:
            hint = f"{chart.name}, {point.period}, {line.name}: {chart.value_text(point.value)}, n = {point.count}"
            if line.look == "all":
                yield plot.dot(x, point.value or 0, _DOT_RADIUS, hint, css_class="dot")
            elif point.value:
                yield plot.dot(x, point.value, _RING_RADIUS, hint, css_class="ring")


def _interval(plot: PlotArea, points: Sequence[tuple[int, Point]]) -> Iterator[str]:
    """The intervals of neighbouring periods as an area; that of a period by itself is as wide as the period."""
    known: list[tuple[float, float, float]]
    known = [(x, point.low or 0, point.high) for x, point in points if point.high is not None]
    if len(known) == 1:
        x, low, high = known[0]
        known = [(x - _LONE_HALF, low, high), (x + _LONE_HALF, low, high)]
    if known:
        yield plot.band(known, css_class="band")


def _period_labels(plot: PlotArea, periods: Sequence[str]) -> Iterator[str]:
    """The names of the periods below the plot if all have room; otherwise round years."""
    places = list(enumerate(periods))
    if not _have_room(plot, places):
        first_of_year = {int(period[:4]): number for number, period in reversed(places)}
        for step in (1, 2, 5, 10, 20, 50, 100):
            places = [(first_of_year[year], str(year)) for year in sorted(first_of_year) if year % step == 0]
            if _have_room(plot, places):
                break
    for number, words in places:
        yield _label(plot, number, plot.bottom + 13, words)


def _have_room(plot: PlotArea, places: Sequence[tuple[int, str]]) -> bool:
    """Whether labels do not run into one another."""
    widths = ((plot.x(x), 0.5 * _LETTER_WIDTH * len(words) + 2) for x, words in places)
    ends = [(place - half, place + half) for place, half in widths]
    return all(right[0] >= left[1] for left, right in pairwise(ends))


def _label(plot: PlotArea, number: int, y: float, words: str, **look: _Attribute) -> str:
    """A label below a period, moved so that it ends within the chart."""
    half = 0.5 * _LETTER_WIDTH * len(words)
    x = min(max(plot.x(number), plot.left - _LEFT + half), plot.right + _RIGHT - half)
    return svg_text(x, y, words, text_anchor="middle", **look)


def _count_labels(plot: PlotArea, chart: TimeChart) -> Iterator[str]:
    """How many things are behind each period, without those that would run into the one before."""
    name = "n" + svg_title(f"Number of {chart.counted}")
    yield svg_element("text", name, css_class="n", x=plot.left - 20, y=plot.bottom + 25, text_anchor="end")
    shown: list[tuple[int, str]] = []
    for number, point in enumerate(chart.lines[0].points):
        if point.count and _have_room(plot, [*shown[-1:], (number, str(point.count))]):
            shown.append((number, str(point.count)))
            yield _label(plot, number, plot.bottom + 25, str(point.count), css_class="n")
