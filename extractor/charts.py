"""Charts as SVG: a plot area with its scales, and the grid, lines, bands, dots and texts in it.

They need no plotting library. No element has a style attribute, as the pages' Content-Security-Policy forbids them:
its look is given by presentation attributes, or by a class for the page's CSS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

_Attribute = str | float
_GRID_LINE: Mapping[str, _Attribute] = {"css_class": "grid"}


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
        for step in range(steps + 1):
            value = low + step / steps * (high - low)
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
