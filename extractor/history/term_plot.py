"""A chart of terms as SVG: for each group a row of small charts, one for each of its terms that most sites mention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from extractor.charts import PlotArea, Point, runs_without_gap, svg_element, svg_file, svg_text, svg_title
from extractor.history.term_list import TermList
from extractor.history.term_tables import TermShare

_COLUMNS, _MAX_ROWS = 6, 2  # of small charts for each group
_WIDTH, _CHART_WIDTH, _CHART_HEIGHT = 1024, 164, 118
_LEFT, _TOP, _GROUP_HEIGHT = 30, 44, 26
_PLOT_TOP, _PLOT_BOTTOM, _PLOT_RIGHT = 24, 30, 30  # of a small chart
_COLOR = "currentColor"
_NAME_SIZE, _FONT_SIZE, _GROUP_SIZE = 11, 9, 13
_MAX_NAME = 27  # letters of a label
_TITLE = (
    "Share of sites that mention each term, 95% intervals (Wilson); dashed: the fixed panel; n: sites in the period"
)


def term_chart(shares: Sequence[TermShare], terms: TermList) -> str:
    """The shares of sites as SVG; each small chart has its last share beside the line and n below its ends."""
    of_sites = [share for share in shares if share.unit == "sites"]
    by_term: dict[str, list[TermShare]] = defaultdict(list)
    for share in of_sites:
        by_term[share.term].append(share)
    parts = [svg_title(_TITLE), svg_text(_LEFT, 18, _TITLE, font_size=_GROUP_SIZE)]
    top = _TOP
    for group, title in terms.groups.items():
        chosen = _most_mentioned([term.id for term in terms.terms if term.group == group], by_term)
        if chosen:
            parts.append(svg_text(_LEFT, top + 14, title, font_size=_GROUP_SIZE, font_weight="bold"))
            labels = {term.id: term.label for term in terms.terms}
            for number, name in enumerate(chosen):
                row, column = divmod(number, _COLUMNS)
                place = _LEFT + column * _CHART_WIDTH, top + _GROUP_HEIGHT + row * _CHART_HEIGHT
                chart = _small_chart(labels[name], by_term[name], *place, has_scale=column == 0)
                parts.append(svg_element("g", "".join(chart)))
            top += _GROUP_HEIGHT + _CHART_HEIGHT * (1 + (len(chosen) - 1) // _COLUMNS)
    content = "".join(parts)
    return svg_file(_WIDTH, top + 10, content, role="img", font_family="sans-serif", font_size=_FONT_SIZE, fill=_COLOR)


def _most_mentioned(names: Sequence[str], by_term: Mapping[str, Sequence[TermShare]]) -> list[str]:
    """The terms whose greatest share of sites is greatest, without those that nobody mentions; in order of the list."""
    peaks = {name: max((share.low or 0 for share in by_term[name] if share.mentioning), default=-1.0) for name in names}
    best = sorted((name for name in names if peaks[name] >= 0), key=lambda name: -peaks[name])[: _COLUMNS * _MAX_ROWS]
    return [name for name in names if name in best]


def _small_chart(label: str, shares: Sequence[TermShare], left: int, top: int, *, has_scale: bool) -> Iterator[str]:
    """The parts of the chart of a term; only the first of a row has the values of its scale."""
    lines = {
        panel: [Point(one.period, one.of, one.share, one.low, one.high) for one in shares if one.panel == panel]
        for panel in ("all", "fixed")
    }
    periods = [point.period for point in lines["all"]]
    edges = left, left + _CHART_WIDTH - _PLOT_RIGHT, top + _PLOT_TOP, top + _CHART_HEIGHT - _PLOT_BOTTOM
    plot = PlotArea(*edges, x_range=(0, len(periods) - 1))
    name = label if len(label) <= _MAX_NAME else f"{label[: _MAX_NAME - 1]}…"
    yield svg_title(label)
    yield svg_text(left, top + 12, name, font_size=_NAME_SIZE)
    value_text = "{:.0%}".format if has_scale else "".format
    yield from plot.grid(2, value_text, gap=3.0, drop=3, line={"stroke": _COLOR, "opacity": "0.2"}, font_size=7)
    for panel, points in lines.items():
        for run in runs_without_gap(points, periods):
            yield from _run_parts(plot, run, label, panel)
    yield from _labels(plot, lines["all"])


def _run_parts(plot: PlotArea, run: Sequence[tuple[int, Point]], label: str, panel: str) -> Iterator[str]:
    """The parts of a line without a gap; that of all sites has its intervals as a band, and a dot in each period."""
    values = [(x, point.value or 0) for x, point in run]
    if panel == "fixed":
        yield plot.line(values, fill="none", stroke=_COLOR, stroke_dasharray="3 3", opacity="0.7")
        return
    yield plot.band([(x, point.low or 0, point.high or 0) for x, point in run], opacity="0.15")
    yield plot.line(values, fill="none", stroke=_COLOR, stroke_width="1.5")
    for x, point in run:
        interval = f"{point.low or 0:.0%} to {point.high or 0:.0%}"
        hint = f"{label}, {point.period}: {point.value or 0:.0%} ({interval}) of {point.count} sites"
        yield plot.dot(x, point.value or 0, 1.6, hint)


def _labels(plot: PlotArea, points: Sequence[Point]) -> Iterator[str]:
    """The last share beside the line, and the first and last period below it, each with its number of sites."""
    known = [(x, point) for x, point in enumerate(points) if point.value is not None]
    last_x, last = known[-1]
    yield svg_text(plot.x(last_x) + 4, plot.y(last.value or 0) + 3, f"{last.value or 0:.0%}", font_size=_FONT_SIZE)
    ends = [(known[0], "start"), (known[-1], "end")] if len(known) > 1 else [(known[0], "start")]
    for (x, point), anchor in ends:
        yield svg_text(plot.x(x), plot.bottom + 12, point.period, text_anchor=anchor, font_size=_FONT_SIZE)
        yield svg_text(plot.x(x), plot.bottom + 22, f"n {point.count}", text_anchor=anchor, font_size=7)
