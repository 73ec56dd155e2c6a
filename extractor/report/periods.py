"""Sites by period: what each site says of each practice in each period, and the share of sites that speak of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from extractor.charts import Point
from extractor.intervals import wilson_interval
from extractor.records import PRACTICES, Polarity, Practice
from extractor.report.sites import PeriodChoice
from extractor.report.statements import SiteCapture
from extractor.stances import combined_polarity
from extractor.timestamps import is_timestamp, known_date, period_of, periods_between

_STATES: dict[Polarity, int] = {"": 0, "does": 1, "unclear": 1, "does_not": 2, "mixed": 3}


@dataclass(frozen=True, slots=True)
class UnreadCapture:
    """A capture in which no practice was sought: its place among the records of its site."""

    index: int
    timestamp: str


@dataclass(slots=True)
class SiteCaptures:
    """The captures of a site: those that were looked at, by the id of their record, and the others."""

    number: int
    name: str
    read: dict[str, SiteCapture]
    unread: list[UnreadCapture]


@dataclass(frozen=True, slots=True)
class SitesByPeriod:
    """The captures that stand for each site in each period; all periods between the first and the last one."""

    names: Sequence[str]
    read: Mapping[tuple[str, str], Sequence[SiteCapture]]  # by period and site
    unread: Mapping[tuple[str, str], UnreadCapture]
    sites: Sequence[SiteCaptures]


def sites_by_period(sites: Sequence[SiteCaptures], choice: PeriodChoice) -> SitesByPeriod:
    """The chosen captures by period and site; a period whose captures were all unread has the first one of them."""
    by_name = {site.name: site for site in sites}
    read = {
        (period, name): [by_name[name].read[record] for record in records] for period, name, records in choice.captures
    }
    unread: dict[tuple[str, str], UnreadCapture] = {}
    for site in sites:
        for capture in site.unread:
            if is_timestamp(capture.timestamp):
                key = period_of(capture.timestamp, choice.length), site.name
                unread.setdefault(key, capture)
    unread = {key: capture for key, capture in unread.items() if key not in read}
    found = sorted({period for period, _ in (*read, *unread)})
    return SitesByPeriod(periods_between(found[0], found[-1]) if found else (), read, unread, sites)


def share_points(by_period: SitesByPeriod) -> dict[Practice, list[Point]]:
    """The share of sites that speak of each practice, period by period, with 95% intervals (Wilson 1927)."""
    captures: dict[str, list[Sequence[SiteCapture]]] = defaultdict(list)
    for (period, _), of_site in by_period.read.items():
        captures[period].append(of_site)
    return {name: [_share_point(period, captures[period], name) for period in by_period.names] for name in PRACTICES}


def _share_point(period: str, sites: Sequence[Sequence[SiteCapture]], practice: Practice) -> Point:
    """The share of sites that speak of a practice in a period; None without sites."""
    if not sites:
        return Point(period, 0, None)
    speaking = sum(any(one.statements[practice].polarity for one in captures) for captures in sites)
    return Point(period, len(sites), speaking / len(sites), *wilson_interval(speaking, len(sites)))


def grid_data(by_period: SitesByPeriod) -> dict[str, Any]:
    """The sites by period, ready for JSON.

        {"periods": [...], "practices": [...], "quotes": [...],
         "sites": [[number, name, [[period, [[state, capture, day, segment, quote], ...]], ...]], ...]}

    A cell has one entry for each practice, or, if the site was captured and not looked at, a single one with state 4.
    Other states: 0 silent, 1 does, 2 denies, 3 both. `segment` and `quote` are -1 if there is none.
    """
    quotes: defaultdict[str, int] = defaultdict(count().__next__)  # the number of each quotation
    rows = [[site.number, site.name, list(_site_cells(site, by_period, quotes))] for site in by_period.sites]
    return {
        "periods": list(by_period.names),
        "practices": PRACTICES,
        "sites": rows,
        "quotes": list(quotes),
    }


def _site_cells(site: SiteCaptures, by_period: SitesByPeriod, quotes: Mapping[str, int]) -> Iterator[list[Any]]:
    """The cells of a site that are not empty."""
    for number, period in enumerate(by_period.names):
        if captures := by_period.read.get((period, site.name)):
            yield [number, [_entry(captures, practice, quotes) for practice in PRACTICES]]
        elif unread := by_period.unread.get((period, site.name)):
            yield [number, [[4, unread.index, known_date(unread.timestamp), -1, -1]]]


def _entry(captures: Sequence[SiteCapture], practice: Practice, quotes: Mapping[str, int]) -> list[Any]:
    """What a site says of a practice in a period, with the capture that says so best."""
    polarity = combined_polarity(one.statements[practice].polarity for one in captures)
    best = _best(captures, practice, polarity)
    said = best.statements[practice]
    quote = quotes[said.words] if said.words else -1
    return [_STATES[polarity], best.index, best.day, said.segment, quote]


def _best(captures: Iterable[SiteCapture], practice: Practice, polarity: Polarity) -> SiteCapture:
    """The first capture that says what all of them together say, else the first one that speaks of the practice."""

    def rank(capture: SiteCapture) -> tuple[bool, bool]:
        said = capture.statements[practice].polarity
        return said != polarity, not said

    return min(captures, key=rank)
