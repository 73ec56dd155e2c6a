"""Measurements as SVG: plots of lines, and tables of counts as shades."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from extractor.charts import PlotArea, inline_svg, svg_element, svg_file, svg_text, svg_title

_WIDTH, _HEIGHT = 270, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 8, 34
_DOT_RADIUS = 2.4
_CELL = 34  # side of a cell of a heat map
_LETTER_WIDTH, _SLANT = 6.3, 0.77  # the rise of a slanted letter, by its width
_MAX_NAME_LENGTH = 22
_SCALE_ENDS = (0.04, 0.08, 0.12, 0.16, 0.2, 0.28, 0.4, 0.6, 0.8, 1.0)  # their quarters are round
_RISK_SIDE, _RISK_MARGIN = 300, 40  # of the plot of risk, in pixels

_Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class PlotLine:
    """A line through points (x, y) with a class; `band` has intervals (x, low, high), if any.

    `rings` are points that no line joins.
    """

    points: _Points
    css_class: str = "line"
    band: Sequence[tuple[float, float, float]] = ()
    dots: bool = False
    rings: _Points = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale: what it shows, its two ends, and how values are written."""

    name: str
    low: float = 0.0
    high: float = 1.0
    value_text: Callable[[float], str] = "{:.0%}".format


def line_plot(summary: str, lines: Sequence[PlotLine], across: Axis, up: Axis) -> Markup:
    """Lines between two axes; `summary` says in words what they show."""
    edges = (_LEFT, _WIDTH - _RIGHT, _TOP, _HEIGHT - _BOTTOM)
    area = PlotArea(*edges, x_range=(across.low, across.high), y_range=(up.low, up.high))
    parts = [*area.grid(4, up.value_text), *_axis_texts(area, across, up)]
    for line in lines:
        parts += [area.band(line.band, css_class="band")] if line.band else []
        parts.append(area.line(line.points, css_class=line.css_class))
        parts += [area.dot(x, y, _DOT_RADIUS, css_class=line.css_class) for x, y in line.points if line.dots]
        parts += [area.dot(x, y, _DOT_RADIUS, css_class="loose") for x, y in line.rings]
    return Markup(inline_svg(_WIDTH, _HEIGHT, summary, parts))


def _axis_texts(area: PlotArea, across: Axis, up: Axis) -> Iterator[str]:
    """Three values of the axis below the plot, and the names of both axes."""
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        value = across.low + share * (across.high - across.low)
        yield svg_text(area.x(value), area.bottom + 13, across.value_text(value), text_anchor=anchor)
    yield svg_text(area.right, _HEIGHT - 5, f"{across.name} →", text_anchor="end")
    yield svg_text(area.left, _HEIGHT - 5, f"↑ {up.name}")


def round_scale_end(value: float) -> float:
    """The end of a scale from 0: the next value up with round quarters, or the value itself above 1.

    >>> round_scale_end(0.13), round_scale_end(0.5), round_scale_end(0)
    (0.16, 0.6, 0.04)
    """
    return next((end for end in _SCALE_ENDS if end >= value), value)


def heat_map(summary: str, table: Mapping[str, Mapping[str, int]]) -> Markup:
    """Counts as a table whose cells are the darker, the larger their share of their row; the diagonal is framed.

    A name with no counts in its row and its column is left out.
    """
    names = [name for name, row in table.items() if sum(row.values()) or any(one[name] for one in table.values())]
    left = _LETTER_WIDTH * max(len(_shortened(name)) for name in names) + 12
    top, side = _SLANT * left + 4, _CELL * len(names)
    parts = []
    for column, name in enumerate(names):
        place = f"translate({left + _CELL * (column + 0.5):.1f},{top - 6:.1f}) rotate(-50)"
        parts.append(svg_element("text", escape(_shortened(name)), transform=place))
    for number, name in enumerate(names):
        counts = {other: table[name][other] for other in names}
        parts += _heat_map_row(name, counts, left, top + _CELL * number)
    return Markup(inline_svg(left + side + 0.6 * left, top + side + 2, summary, parts))


def _heat_map_row(name: str, counts: Mapping[str, int], left: float, top: float) -> Iterator[str]:
    """A row of a heat map with its name before it."""
    total, middle = max(1, sum(counts.values())), top + _CELL / 2 + 3.5
    yield svg_text(left - 6, middle, _shortened(name), text_anchor="end")
    for column, (other, count) in enumerate(counts.items()):
        x = left + _CELL * column
        box = {"x": x + 1, "y": top + 1, "width": _CELL - 2, "height": _CELL - 2}
        hint = svg_title(f"{name} in truth, {other} given: {count}")
        yield svg_element("rect", hint, css_class="cell", **box, fill_opacity=f"{0.72 * count / total:.2f}")
        if other == name:
            yield svg_element("rect", css_class="same", **box)
        if count:
            yield svg_text(x + _CELL / 2, middle, str(count), css_class="count", text_anchor="middle")


def _shortened(name: str) -> str:
    """A name that fits.

    >>> _shortened("International and Specific Audiences")
    'International and Spe…'
    """
    return name if len(name) <= _MAX_NAME_LENGTH else f"{name[: _MAX_NAME_LENGTH - 1]}…"


def risk_plot(points: _Points) -> str:
    """Risk against coverage as SVG: the share of segments with a wrong label among those with the surest labels."""
    start, end = _RISK_MARGIN, _RISK_MARGIN + _RISK_SIDE
    highest = max(0.1, *(risk for _, risk in points))
    area = PlotArea(start, end, start, end, y_range=(0, highest))
    size = end + start
    parts = [
        svg_title("Risk against coverage"),
        svg_element("rect", width=size, height=size, fill="white"),
        svg_element("path", d=f"M{start},{start}V{end}H{end}", fill="none", stroke="black"),
        area.line(points, fill="none", stroke="#1f5fa8", stroke_width=2),
        *(svg_text(start + _RISK_SIDE * x, end + 16, f"{x:.0%}", text_anchor="middle") for x in (0, 0.5, 1)),
        *(svg_text(start - 4, end - _RISK_SIDE * y, f"{y * highest:.0%}", text_anchor="end") for y in (0, 0.5, 1)),
        svg_text(start + _RISK_SIDE / 2, end + 34, "segments, the surest first", text_anchor="middle"),
        svg_text(start, start - 12, "of these with a practice wrong"),
    ]
    return svg_file(size, size, "\n".join(["", *parts, ""]), font_family="sans-serif", font_size=11)
