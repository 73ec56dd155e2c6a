"""A chart of terms as SVG: for each group a row of small charts, one for each of its terms that most sites mention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from textwrap import wrap

from extractor.charts import (
    CHART_FILE_WIDTH,
    Point,
    TimeChart,
    TimeLine,
    chart_file,
    svg_element,
    svg_text,
    svg_title,
    time_chart,
)
from extractor.history.term_list import TermList
from extractor.history.term_tables import TermShare

_COLUMNS, _MAX_CHARTS = 2, 12  # of small charts in a row, and for each group
_NAME_HEIGHT, _NAME_LETTERS, _NAME_LINES = 30, 24, 2
_CHART_WIDTH, _CHART_HEIGHT = CHART_FILE_WIDTH // _COLUMNS, 90 + _NAME_HEIGHT
_LINE_HEIGHT, _LINE_LETTERS = 15, 42  # of the title
_GROUP_HEIGHT = 24
_TITLE = (
    "Share of sites that mention each term, 95% intervals (Wilson); dashed: the fixed panel; n: sites in the period"
)


def term_chart(shares: Sequence[TermShare], terms: TermList) -> str:
    """The shares of sites as SVG, with the number of sites below the periods."""
    by_term: dict[str, list[TermShare]] = defaultdict(list)
    for share in shares:
        if share.unit == "sites":
            by_term[share.term].append(share)
    labels = {term.id: term.label for term in terms.terms}
    parts = [
        svg_text(8, _LINE_HEIGHT * (1 + number), line, css_class="title")
        for number, line in enumerate(wrap(_TITLE, _LINE_LETTERS))
    ]
    top = _LINE_HEIGHT * len(parts) + 8
    for group, title in terms.groups.items():
        chosen = _most_mentioned([term.id for term in terms.terms if term.group == group], by_term)
        if chosen:
            parts.append(svg_text(8, top + 16, title, css_class="title"))
            for number, name in enumerate(chosen):
                row, column = divmod(number, _COLUMNS)
                place = column * _CHART_WIDTH, top + _GROUP_HEIGHT + row * _CHART_HEIGHT
                parts.append(_small_chart(labels[name], by_term[name], place))
            top += _GROUP_HEIGHT + _CHART_HEIGHT * (1 + (len(chosen) - 1) // _COLUMNS)
    return chart_file(CHART_FILE_WIDTH, top + 10, _TITLE, parts)


def _small_chart(label: str, shares: Sequence[TermShare], place: tuple[int, int]) -> str:
    """The chart of a term at a place, under its label."""
    left, top = place
    lines = wrap(label, _NAME_LETTERS, max_lines=_NAME_LINES, placeholder=" …")
    names = [svg_text(left + 8, top + 13 * number, line, css_class="name") for number, line in enumerate(lines, 1)]
    size = _CHART_WIDTH, _CHART_HEIGHT - _NAME_HEIGHT
    drawn = time_chart(_term_lines(label, shares), size, (left, top + _NAME_HEIGHT), named=False)
    return svg_element("g", "".join([svg_title(label), *names, *drawn]))


def _term_lines(label: str, shares: Sequence[TermShare]) -> TimeChart:
    """The chart of a term: all sites, and the fixed panel."""
    everywhere, fixed = (
        [Point(one.period, one.of, one.share, one.low, one.high) for one in shares if one.panel == panel]
        for panel in ("all", "fixed")
    )
    return TimeChart(label, [TimeLine("all sites", everywhere), TimeLine("fixed sites", fixed, "panel")])


def _most_mentioned(names: Sequence[str], by_term: Mapping[str, Sequence[TermShare]]) -> list[str]:
    """The terms whose greatest share of sites is greatest, without those that nobody mentions; in order of the list."""
    peaks = {name: max((share.low or 0 for share in by_term[name] if share.mentioning), default=-1.0) for name in names}
    best = sorted((name for name in names if peaks[name] >= 0), key=lambda name: -peaks[name])[:_MAX_CHARTS]
    return [name for name in names if name in best]
