"""What policies name: a table of terms by group, each with its share of sites by period; and the numbers for a CSV."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from extractor.charts import inline_svg, svg_element
from extractor.report.findings import share_text
from extractor.report.sites import NamedTerm, TermPoint, TermSeries
from extractor.report.term_findings import counted_points, has_term_trend
from extractor.report.term_mentions import NamingSite, TermMentions

_MIN_SITES, _MIN_SHARE = 2, 20  # named by two sites, of many sites by one in twenty
_NAMED_IN_SUMMARY = 3
_STRIP_WIDTH, _STRIP_HEIGHT = 180, 28
_ByPanel = dict[Literal["all", "fixed"], dict[int, TermSeries]]
_ZERO_HEIGHT = 1  # of the bar of a period in which no site names a term


@dataclass(frozen=True, slots=True)
class _TermRow:
    """A term with how many sites ever name it, how many in a latest capture, and the site that is first to.

    `highest` and `latest` are of the periods with enough sites, `fixed` the first and last period of the fixed panel;
    they are missing where there are none.
    """

    term: NamedTerm
    sites: int
    current: int
    first: NamingSite
    points: Sequence[TermPoint]
    highest: TermPoint | None = None
    latest: TermPoint | None = None
    fixed: tuple[TermPoint, TermPoint] | None = None

    def strip(self) -> Markup:
        """The share of sites by period as a strip of bars: none where no site was captured, a line for 0%."""
        step = _STRIP_WIDTH / max(1, len(self.points))
        width = step * 0.8 if step > 3 else step
        bars = []
        for place, point in enumerate(self.points):
            if point.share is not None:
                height = max(_ZERO_HEIGHT, point.share * _STRIP_HEIGHT)
                bars.append(f"M{place * step:.1f} {_STRIP_HEIGHT}v{-height:.1f}h{width:.1f}v{height:.1f}z")
        return Markup(inline_svg(_STRIP_WIDTH, _STRIP_HEIGHT, self._summary(), [svg_element("path", d="".join(bars))]))

    def _summary(self) -> str:
        """The strip in words."""
        known = [point for point in self.points if point.share is not None]
        chosen = {known[0].period: known[0], **({self.highest.period: self.highest} if self.highest else {})}
        chosen[known[-1].period] = known[-1]
        return ", ".join(f"{point.mentioning} of {point.of} in {name}" for name, point in sorted(chosen.items()))


@dataclass(frozen=True, slots=True)
class _TermGroup:
    """The terms of a group, those of most sites first."""

    title: str
    rows: Sequence[_TermRow]

    def most_named(self) -> str:
        """The first terms of the group with their numbers of sites."""
        return ", ".join(f"{row.term.label} {row.sites:,}" for row in self.rows[:_NAMED_IN_SUMMARY])


@dataclass(frozen=True, slots=True)
class TermTable:
    """The terms that enough sites name, by group; `periods` are those of the strips."""

    groups: Sequence[_TermGroup]
    site_count: int
    min_sites: int
    periods: Sequence[str]
    has_trend: bool
    fixed: TermSeries | None


def term_table(
    terms: Sequence[NamedTerm], mentions: TermMentions, series: Sequence[TermSeries], site_count: int
) -> TermTable | None:
    """The table of terms, in the order of the list; None if no site names one."""
    by_panel = _by_panel(series)
    if not by_panel["all"]:
        return None
    min_sites = max(min(_MIN_SITES, site_count), -(-site_count // _MIN_SHARE))
    fixed = next((one for one in by_panel["fixed"].values() if one.points), None)
    has_trend = has_term_trend(list(by_panel["all"].values()))
    rows: dict[str, list[_TermRow]] = defaultdict(list)
    for number in sorted(mentions.sites):
        if len(mentions.sites[number]) >= min_sites:
            rows[terms[number].group].append(_row(terms[number], number, mentions, by_panel))
    groups = [_TermGroup(title, sorted(of_group, key=lambda row: -row.sites)) for title, of_group in rows.items()]
    periods = [point.period for point in next(iter(by_panel["all"].values())).points]
    return TermTable(groups, site_count, min_sites, periods, has_trend, fixed)


def _by_panel(series: Iterable[TermSeries]) -> _ByPanel:
    """The series of each panel by the number of the term."""
    found: _ByPanel = {"all": {}, "fixed": {}}
    for one in series:
        found[one.panel][one.term] = one
    return found


def _row(
    term: NamedTerm,
    number: int,
    mentions: TermMentions,
    series: _ByPanel,
) -> _TermRow:
    """The row of a term."""
    sites, of_all, fixed = mentions.sites[number], series["all"][number], series["fixed"].get(number)
    counted = counted_points(of_all)
    return _TermRow(
        term, len(sites), sum(one.is_current for one in sites), mentions.first(number), of_all.points,
        max(counted, key=lambda point: point.share or 0, default=None), counted[-1] if counted else None,
        (fixed.points[0], fixed.points[-1]) if fixed and fixed.points else None,
    )  # fmt: skip


def point_text(point: TermPoint) -> str:
    """How many sites name a term in a period.

    >>> point_text(TermPoint("2018-H2", 20, 12, 0, 0.6, 0.38, 0.78)), point_text(TermPoint("2018", 5, 0, 0, 0, 0, 0.4))
    ('12 of 20 (60%)', '0 of 5')
    """
    return share_text(point.mentioning, point.of, "")


def term_data(terms: Sequence[NamedTerm], series: Sequence[TermSeries]) -> dict[str, Any]:
    """The numbers of all terms that some site names, ready for JSON: the rows of sites in `terms.csv`.

    {"panels": [[panel, [period, ...], [of, ...]], ...], "shares": {"mentioning/of": [share, low, high]},
     "terms": [[id, label, group, [mentioning, ...] of each panel, [denying, ...] of each panel], ...]}
    """
    by_panel = _by_panel(series)
    shares = {
        f"{point.mentioning}/{point.of}": (point.share, point.low, point.high)
        for one in series
        for point in one.points
        if point.of
    }
    panels = [(name, next(iter(of_panel.values())).points) for name, of_panel in by_panel.items() if of_panel]
    periods = [[name, [one.period for one in points], [one.of for one in points]] for name, points in panels]
    return {
        "panels": periods,
        "shares": shares,
        "terms": [
            [
                terms[number].id, terms[number].label, terms[number].group,
                [[point.mentioning for point in by_panel[name][number].points] for name, _ in panels],
                [[point.denying for point in by_panel[name][number].points] for name, _ in panels],
            ]
            for number in sorted(by_panel["all"])
        ],
    }  # fmt: skip
