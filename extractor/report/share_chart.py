"""The chart of shares: of the sites in each period, how many speak of each practice; lines are named at their ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from extractor.charts import PlotArea, Point, inline_svg, runs_without_gap, svg_element, svg_text
from extractor.records import Practice
from extractor.report.sanitize import replace_unshowable

_MIN_SITES_FOR_LINES = 5  # in some period; of fewer, a line would be a matter of one or two sites
_LABEL_HEIGHT = 17
_LANE_LABEL_ROOM, _END_LABEL_ROOM = 92, 136
_LANE_HEIGHT = 46
_MAX_DOT_RADIUS = 7.0
_YEAR_WIDTH = 42  # pixels that the name of a year takes, with the room beside it
_LEFT, _TOP, _PLOT_HEIGHT, _AXIS_ROOM = 42, 14, 300, 46


def share_chart_svg(shares: Mapping[Practice, Sequence[Point]], width: int) -> Markup:
    """The chart as SVG, `width` pixels wide: lines, or a lane of dots for each practice if the sites are very few."""
    points, few = next(iter(shares.values())), has_few_sites(shares)
    height = _TOP + (len(shares) * _LANE_HEIGHT if few else _PLOT_HEIGHT)
    left, right = (_LANE_LABEL_ROOM if few else _LEFT), width - (24 if few else _END_LABEL_ROOM)
    plot = PlotArea(left, right, _TOP, height, x_range=(0, max(1, len(points) - 1)))
    shapes = _lanes(shares, plot) if few else _lines(shares, plot)
    parts = [*shapes, *_axis(points, plot)]
    return Markup(replace_unshowable(inline_svg(width, height + _AXIS_ROOM, _summary(shares), parts)))


def has_few_sites(shares: Mapping[Practice, Sequence[Point]]) -> bool:
    """Whether no period has enough sites for lines."""
    return all(point.count < _MIN_SITES_FOR_LINES for points in shares.values() for point in points)


def _summary(shares: Mapping[Practice, Sequence[Point]]) -> str:
    """The first and the last share of each practice."""
    said = []
    for name, points in shares.items():
        known = [point for point in points if point.value is not None]
        first, last = (f"{point.value:.0%} in {point.period}" for point in (known[0], known[-1]))
        said.append(f"{name} {first}, {last}")
    return f"Share of sites that speak of each practice: {'; '.join(said)}. The table below has all values."


def _axis(points: Sequence[Point], plot: PlotArea) -> Iterator[str]:
    """Years below the plot, and the number of sites in as many periods as there is room for."""
    yield svg_element("line", css_class="axis", x1=plot.left, x2=plot.right, y1=plot.bottom, y2=plot.bottom)
    step = max(1, -(-_YEAR_WIDTH * len(points) // max(1, plot.right - plot.left)))
    for number, point in enumerate(points):
        is_year = point.period[4:] in ("", "-H1")
        if is_year and number % (step + step % 2 if len(point.period) > 4 and step > 1 else step) == 0:
            yield svg_text(plot.x(number), plot.bottom + 17, point.period[:4], text_anchor="middle")
    yield svg_text(plot.left - 14, plot.bottom + 36, "n", text_anchor="end", css_class="count")
    counts = [f"{point.count:,}" if point.count else "·" for point in points]
    room = 8 * max(map(len, counts)) + 4
    n_step = max(1, -(-room * len(points) // max(1, plot.right - plot.left)))
    for number, words in enumerate(counts):
        if number % n_step == 0:
            yield svg_text(plot.x(number), plot.bottom + 36, words, text_anchor="middle", css_class="count")


def _lines(shares: Mapping[Practice, Sequence[Point]], plot: PlotArea) -> Iterator[str]:
    """A line for each practice with gaps left open, and its name at its end."""
    yield from plot.grid(4, "{:.0%}".format)
    ends: list[tuple[Practice, float, float, Point]] = []
    for name, points in shares.items():
        shapes = []
        runs = list(runs_without_gap(points, [point.period for point in points]))
        for run in runs:
            values = [(x, point.value or 0) for x, point in run]
            if len(values) > 1:
                shapes.append(plot.line(values))
            shapes += [plot.dot(x, point.value or 0, 2.5, _hint(name, point)) for x, point in run]
        x, point = runs[-1][-1]
        ends.append((name, x, point.value or 0, point))
        yield svg_element("g", "".join(shapes), css_class=name)
    yield from _end_labels(ends, plot)


def _end_labels(ends: Sequence[tuple[Practice, float, float, Point]], plot: PlotArea) -> Iterator[str]:
    """The names of the lines at their ends, moved apart where they would overlap."""
    ordered = sorted(ends, key=lambda end: -end[2])
    places = _spread([plot.y(value) for _, _, value, _ in ordered], plot.top, plot.bottom - 4)
    for (name, x, value, point), y in zip(ordered, places, strict=True):
        line = svg_element("line", css_class="leader", x1=plot.x(x) + 4, x2=plot.right + 10, y1=plot.y(value), y2=y)
        words = svg_text(plot.right + 13, y + 4, f"{name.capitalize()} {point.value:.0%}")
        yield svg_element("g", line + words, css_class=name)


def _spread(places: Sequence[float], top: float, bottom: float) -> list[float]:
    """Places from top to bottom, moved apart so that a label fits at each, within the bounds if there is room.

    >>> _spread([10, 12, 100], 0, 100)
    [10, 27, 100]
    >>> _spread([99, 100], 0, 100)
    [83, 100]
    """
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + _LABEL_HEIGHT if moved else top))
    limit = bottom
    for number in reversed(range(len(moved))):
        moved[number] = min(moved[number], limit)
        limit = moved[number] - _LABEL_HEIGHT
    return moved


def _lanes(shares: Mapping[Practice, Sequence[Point]], plot: PlotArea) -> Iterator[str]:
    """A lane for each practice with a dot for each period, filled as far as sites speak of it."""
    spacing = plot.x(1) - plot.x(0)
    radius = round(min(_MAX_DOT_RADIUS, 0.42 * spacing), 1)
    for lane, (name, points) in enumerate(shares.items()):
        y = plot.top + (lane + 0.5) * _LANE_HEIGHT
        across = PlotArea(plot.left, plot.right, int(y), int(y), x_range=plot.x_range)
        parts = [
            svg_text(plot.left - 16, y + 4, name.capitalize(), text_anchor="end"),
            svg_element("line", css_class="grid", x1=plot.left, x2=plot.right, y1=y, y2=y),
        ]
        for number, point in enumerate(points):
            if point.value is not None:
                parts.append(across.dot(number, 0, radius, _hint(name, point), css_class="ring"))
                if point.value:
                    parts.append(across.dot(number, 0, round(radius * point.value**0.5, 1), _hint(name, point)))
        yield svg_element("g", "".join(parts), css_class=name)


def _hint(name: Practice, point: Point) -> str:
    """A point in words."""
    count = round((point.value or 0) * point.count)
    return (
        f"{name.capitalize()}, {point.period}: {count:,} of {point.count:,} {'site' if point.count == 1 else 'sites'}"
    )


def interval_text(point: Point) -> str:
    """A share with its number of sites and its interval, for the table.

    >>> interval_text(Point("2001", 4, 0.5, 0.15, 0.85)), interval_text(Point("2002", 0, None))
    ('50% (15–85)', '–')
    """
    if point.value is None:
        return "–"
    return f"{point.value:.0%} ({100 * (point.low or 0):.0f}–{100 * (point.high or 0):.0f})"
