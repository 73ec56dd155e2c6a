"""Findings on terms in sentences: which laws, technologies and companies more sites name than before, or fewer.

Of each term the greatest change of its share from one period to a later one counts, if the 95% intervals of the two
shares lie apart; of periods, those with at least five sites and a quarter as many as the largest. If fewer than two
periods are so large, the first and the latest captures of sites are compared, and two sites make a difference. The
report has one rise and one fall of each group of terms, the greatest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from extractor.report.findings import share_text
from extractor.report.sites import NamedTerm, TermPoint, TermSeries
from extractor.report.term_mentions import NamingSite, TermCitation, TermMentions

_MIN_SITES_IN_PERIOD, _MIN_PART_OF_LARGEST = 5, 0.25
_MIN_CHANGED_SITES = 2  # in a corpus with fewer sites in each period
_MAX_RISES, _MAX_FALLS = 5, 3
_MAX_ROWS = 100  # sites below a sentence; Find has all
_FULL_DATE_LENGTH = len("2018-05-24")


@dataclass(frozen=True, slots=True)
class TermFinding:
    """A sentence on a term that rose or fell, and the sites that name it: some of `sites`, in order of time."""

    kind: Literal["rise", "fall"]
    term: NamedTerm
    sentence: str
    rows: tuple[NamingSite, ...]
    sites: int


@dataclass(frozen=True, slots=True)
class _Change:
    """How much the share of a term rose (or, below 0, fell), and between which numbers."""

    term: int
    difference: float
    words: str


def counted_points(series: TermSeries) -> list[TermPoint]:
    """The points of periods with enough sites for a share to be compared with others."""
    largest = max((point.of for point in series.points), default=0)
    least = max(_MIN_SITES_IN_PERIOD, _MIN_PART_OF_LARGEST * largest)
    return [point for point in series.points if point.of >= least]


def has_term_trend(series: Sequence[TermSeries]) -> bool:
    """Whether shares can be compared between periods; all terms have the same periods."""
    return bool(series) and len(counted_points(series[0])) > 1


def term_findings(
    terms: Sequence[NamedTerm], mentions: TermMentions, series: Sequence[TermSeries], site_count: int
) -> list[TermFinding]:
    """The terms that rose most, then those that fell most; of `site_count` sites some capture was counted."""
    of_all = [one for one in series if one.panel == "all"]
    changes = list(_period_changes(of_all) if has_term_trend(of_all) else _site_changes(mentions, site_count))
    rises = _greatest([one for one in changes if one.difference > 0], terms)[:_MAX_RISES]
    falls = _greatest([one for one in changes if one.difference < 0], terms)[:_MAX_FALLS]
    return [*(_finding("rise", one, terms, mentions) for one in rises),
            *(_finding("fall", one, terms, mentions) for one in falls)]  # fmt: skip


def _greatest(changes: Sequence[_Change], terms: Sequence[NamedTerm]) -> list[_Change]:
    """The greatest change of each group, the greatest of all first."""
    of_group: dict[str, _Change] = {}
    for change in sorted(changes, key=lambda one: -abs(one.difference)):
        of_group.setdefault(terms[change.term].group, change)
    return list(of_group.values())


def _finding(
    kind: Literal["rise", "fall"], change: _Change, terms: Sequence[NamedTerm], mentions: TermMentions
) -> TermFinding:
    """A change as a sentence with its sites."""
    sites = sorted(mentions.sites[change.term], key=lambda one: (_cited(one, kind).timestamp, one.name))
    term, end = terms[change.term], _first_site(sites[0]) if kind == "rise" else _last_site(sites[-1])
    return TermFinding(kind, term, f"{term.label}: {change.words}{end}", tuple(sites[:_MAX_ROWS]), len(sites))


def _first_site(site: NamingSite) -> str:
    """The site that is the first to name a term; before its first capture it may have named it too."""
    day = site.first.day
    when = f" {_on(day)}" if site.captures_before else f", {day} or earlier"
    return f"; first by {site.name}{when}"


def _last_site(site: NamingSite) -> str:
    """The site that is the last to name a term, unless it still does."""
    return "" if site.is_current else f"; last by {site.name} {_on(site.last.day)}"


def _on(day: str) -> str:
    """A day, or a month or a year, in a sentence."""
    return f"{'on' if len(day) == _FULL_DATE_LENGTH else 'in'} {day}"


def _cited(site: NamingSite, kind: Literal["rise", "fall"]) -> TermCitation:
    """The capture of a site that a rise or a fall is about."""
    return site.first if kind == "rise" else site.last


def _period_changes(series: Sequence[TermSeries]) -> Iterator[_Change]:
    """The greatest change of the share of each term between two periods."""
    for one in series:
        points = counted_points(one)
        found = max(combinations(range(len(points)), 2), key=lambda pair: _size_of_change(points, pair))
        before, after = (points[place] for place in found)
        if _lie_apart(before, after):
            yield _Change(one.term, (after.share or 0) - (before.share or 0), _words_on_periods(before, after, points))


def _size_of_change(points: Sequence[TermPoint], pair: tuple[int, int]) -> tuple[float, int]:
    """How far the shares of two periods are apart; of equals the nearest periods count."""
    first, second = pair
    return abs((points[second].share or 0) - (points[first].share or 0)), first - second


def _lie_apart(one: TermPoint, other: TermPoint) -> bool:
    """Whether the intervals of two shares do not overlap."""
    return (one.high or 0) < (other.low or 0) or (other.high or 0) < (one.low or 0)


def _words_on_periods(before: TermPoint, after: TermPoint, points: Sequence[TermPoint]) -> str:
    """A change between two periods in words, and what became of it."""
    later = [point for point in points if point.period > after.period]
    words = f"named by {_of_sites(before, 'site')}, {_of_sites(after)}"
    if later and not any(point.mentioning for point in (after, *later)):
        return f"{words} or since"
    return f"{words}, {_of_sites(later[-1])}" if later else words


def _of_sites(point: TermPoint, noun: str = "") -> str:
    """How many sites name a term in a period."""
    count = share_text(point.mentioning, point.of, noun)
    none = f"none of {point.of:,}{f' {noun}s' if noun else ''}"
    return f"{count if point.mentioning else none} in {point.period}"


def _site_changes(mentions: TermMentions, site_count: int) -> Iterator[_Change]:
    """How many more sites name each term in their latest captures than in their first."""
    whose = "its" if site_count == 1 else "their"
    for term, sites in mentions.sites.items():
        first, latest = sum(not one.captures_before for one in sites), sum(one.is_current for one in sites)
        if abs(latest - first) >= min(_MIN_CHANGED_SITES, site_count):
            words = (
                f"named by {share_text(latest, site_count)} in {whose} latest capture, by {first:,} in {whose} first"
            )
            yield _Change(term, (latest - first) / site_count, words)
