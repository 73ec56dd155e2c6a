"""Drawings of measurements as SVG, of points, lines, bands and shades; classes and presentation attributes only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

_WIDTH, _HEIGHT = 270, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 8, 34
_CELL, _LETTER, _SLANT = 34, 6.3, 0.77  # of a table of shades: a cell, the width of a letter, the rise of a slanted one
_LONGEST = 22  # letters of a name
_STEPS = (0.04, 0.08, 0.12, 0.16, 0.2, 0.28, 0.4, 0.6, 0.8, 1.0)  # ends of scales whose quarters are round

_Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points: `kind` is its class; `band` holds the lower and the upper bound of each point, if any.

    `loose` points are drawn as rings that no line joins.
    """

    points: _Points
    kind: str = "line"
    band: _Points = ()
    dots: bool = False
    loose: _Points = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale: what it shows, its two ends, and how values are written."""

    name: str
    low: float = 0.0
    high: float = 1.0
    show: Callable[[float], str] = "{:.0%}".format

    def place(self, value: float) -> float:
        """Where a value lies, 0 to 1."""
        return min(1.0, max(0.0, (value - self.low) / ((self.high - self.low) or 1)))


def plot(summary: str, lines: Sequence[Line], across: Axis, up: Axis) -> Markup:
    """Lines in a frame; `summary` says in words what they show."""
    parts = [*_frame(across, up), *(part for line in lines for part in _drawn(line, across, up))]
    return _svg(_WIDTH, _HEIGHT, summary, parts)


def _svg(width: float, height: float, summary: str, parts: Sequence[str]) -> Markup:
    """The drawing."""
    return Markup(
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(summary)}">{"".join(parts)}</svg>'
    )


def _x_of(value: float, across: Axis) -> float:
    """The place of a value across."""
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * across.place(value), 1)


def _y_of(value: float, up: Axis) -> float:
    """The place of a value up."""
    return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * up.place(value), 1)


def _frame(across: Axis, up: Axis) -> Iterator[str]:
    """Grid lines with their values, and the names of the axes."""
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        value = up.low + share * (up.high - up.low)
        y = _y_of(value, up)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 5}" y="{y + 3.5}" text-anchor="end">{escape(up.show(value))}</text>'
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        value = across.low + share * (across.high - across.low)
        place = f'x="{_x_of(value, across)}" y="{_HEIGHT - _BOTTOM + 13}" text-anchor="{anchor}"'
        yield f"<text {place}>{escape(across.show(value))}</text>"
    yield f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 5}" text-anchor="end">{escape(across.name)} →</text>'
    yield f'<text x="{_LEFT}" y="{_HEIGHT - 5}">↑ {escape(up.name)}</text>'


def _drawn(line: Line, across: Axis, up: Axis) -> Iterator[str]:
    """A band, a line and dots."""
    xs = [_x_of(x, across) for x, _ in line.points]
    if line.band:
        tops = [f"{x},{_y_of(high, up)}" for x, (_, high) in zip(xs, line.band, strict=True)]
        floors = [f"{x},{_y_of(low, up)}" for x, (low, _) in zip(xs, line.band, strict=True)]
        yield f'<polygon class="band" points="{" ".join([*tops, *reversed(floors)])}"/>'
    way = [f"{x},{_y_of(y, up)}" for x, (_, y) in zip(xs, line.points, strict=True)]
    yield f'<polyline class="{line.kind}" points="{" ".join(way)}"/>'
    if line.dots:
        places = (place.split(",") for place in way)
        yield from (f'<circle class="{line.kind}" cx="{x}" cy="{y}" r="2.4"/>' for x, y in places)
    yield from (f'<circle class="loose" cx="{_x_of(x, across)}" cy="{_y_of(y, up)}" r="2.4"/>' for x, y in line.loose)


def round_end(value: float) -> float:
    """An end for a scale that begins at 0: the value, or what is above it and has round quarters.

    >>> round_end(0.13), round_end(0.5), round_end(0)
    (0.16, 0.6, 0.04)
    """
    return next((step for step in _STEPS if step >= value), value)


def shades(summary: str, table: Mapping[str, Mapping[str, int]]) -> Markup:
    """Counts as a table whose cells are the darker, the larger their share of their row; the diagonal is framed.

    A name that neither a row nor a column has anything of is left out.
    """
    names = [name for name, row in table.items() if sum(row.values()) or any(one[name] for one in table.values())]
    room = _LETTER * max(len(_shortened(name)) for name in names) + 12
    top, side = _SLANT * room + 4, _CELL * len(names)
    heads = [_head(name, room + _CELL * (column + 0.5), top) for column, name in enumerate(names)]
    cells = [
        part
        for number, name in enumerate(names)
        for part in _shaded(name, {other: table[name][other] for other in names}, room, top + _CELL * number)
    ]
    return _svg(room + side + 0.6 * room, top + side + 2, summary, [*heads, *cells])


def _head(name: str, x: float, top: float) -> str:
    """The name of a column, slanted."""
    place = f'transform="translate({x:.1f},{top - 6:.1f}) rotate(-50)"'
    return f"<text {place}>{escape(_shortened(name))}</text>"


def _shaded(name: str, row: Mapping[str, int], room: float, y: float) -> Iterator[str]:
    """A row of the table."""
    total, middle = max(1, sum(row.values())), y + _CELL / 2 + 3.5
    yield f'<text x="{room - 6:.1f}" y="{middle:.1f}" text-anchor="end">{escape(_shortened(name))}</text>'
    for column, (other, count) in enumerate(row.items()):
        x = room + _CELL * column
        box = f'x="{x + 1:.1f}" y="{y + 1:.1f}" width="{_CELL - 2}" height="{_CELL - 2}"'
        hint = f"{name} in truth, {other} given: {count}"
        yield f'<rect class="cell" {box} fill-opacity="{0.72 * count / total:.2f}"><title>{escape(hint)}</title></rect>'
        yield f'<rect class="same" {box}/>' if other == name else ""
        place = f'x="{x + _CELL / 2:.1f}" y="{middle:.1f}" text-anchor="middle"'
        yield f'<text class="count" {place}>{count}</text>' if count else ""


def _shortened(name: str) -> str:
    """A name that has room.

    >>> _shortened("International and Specific Audiences")
    'International and Spe…'
    """
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
