"""How practices spread over sites: shares with intervals, lengths and readability, period by period.

The unit is a site in a period. Of several captures in it the one nearest the middle speaks for a policy, as in `run`;
of several policies a site speaks of what any of them speaks of, and is as long as all of them. What nobody labelled is
in no denominator, and a period without captures has no share.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import quantiles
from typing import Literal

from extractor.history.dates import day_of, is_moment
from extractor.history.descent import Descent
from extractor.records import PRACTICES, Policy, Practice

Every = Literal["half-year", "year"]
_Panel = Literal["all", "fixed"]

_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Observation:
    """What one labelled capture adds: `practices` by steady labels, number of words, sentences and letters.

    `segments` is the number of its segments, `given` of those with each practice by the record.
    """

    domain: str
    policy: str
    timestamp: str
    practices: frozenset[Practice]
    words: int
    sentences: int
    letters: int
    segments: int = 0
    given: tuple[int, ...] = (0,) * len(PRACTICES)


@dataclass(frozen=True, slots=True)
class SharePoint:
    """The share of the sites in a period whose policies speak of a practice, with its 95% interval (Wilson 1927).

    `share`, `low` and `high` are None where the period has no site: a gap.
    """

    period: str
    panel: _Panel
    practice: Practice
    sites: int
    with_practice: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The share of the sites or segments in a period that speak of a practice: as counted, and as corrected.

    `rates` says whose error rates correct it: a span of years, "all" of the audit, or "" where nothing was audited;
    `note` why it was not corrected in spite of an audit. Shares are None in a gap, intervals also where unknown.
    """

    period: str
    unit: Literal["sites", "segments"]
    practice: Practice
    of: int
    with_practice: int
    share: float | None
    low: float | None
    high: float | None
    corrected: float | None = None
    corrected_low: float | None = None
    corrected_high: float | None = None
    rates: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LengthPoint:
    """Median and quartiles over the sites in a period: number of words, and the Coleman-Liau grade. None in a gap."""

    period: str
    panel: _Panel
    sites: int
    words_q1: float | None
    words_median: float | None
    words_q3: float | None
    grade_q1: float | None
    grade_median: float | None
    grade_q3: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many records a site has in a period; none at all is a gap, not a policy without practices."""

    domain: str
    period: str
    records: int
    usable: int
    labelled: int


def observe(descent: Descent) -> Iterator[Observation]:
    """What each capture of a policy adds to the aggregate."""
    for place, policy in enumerate(descent.line.captures):
        practices = {name for thread in descent.threads[place].values() for name in thread.holds[place]}
        texts = [segment.text for segment in policy.segments]
        yield Observation(
            policy.domain,
            descent.line.policy,
            policy.capture.timestamp,
            frozenset(practices),
            words=sum(len(text.split()) for text in texts),
            sentences=sum(max(1, len(_SENTENCE_END.findall(text))) for text in texts),
            letters=sum(sum(map(str.isalnum, text)) for text in texts),
            segments=len(policy.segments),
            given=tuple(sum(name in segment.practices for segment in policy.segments) for name in PRACTICES),
        )


def _period_of(timestamp: str, every: Every = "half-year") -> str:
    """The period of a timestamp.

    >>> _period_of("20100701000000"), _period_of("20100701000000", "year")
    ('2010-H2', '2010')
    """
    half = f"-H{1 if timestamp[4:6] < '07' else 2}" if every == "half-year" else ""
    return f"{timestamp[:4]}{half}"


def _middle_of(period: str) -> date:
    """The day in the middle of a period."""
    year, _, half = period.partition("-H")
    return date(int(year), {"": 7, "1": 4, "2": 10}[half], 1)


def _periods_between(first: str, last: str) -> list[str]:
    """All periods from one to another.

    >>> _periods_between("2009-H2", "2010-H2"), _periods_between("2009", "2010")
    (['2009-H2', '2010-H1', '2010-H2'], ['2009', '2010'])
    """
    halves = ("-H1", "-H2") if "-H" in first else ("",)
    years = range(int(first[:4]), int(last[:4]) + 1)
    return [name for year in years for half in halves if first <= (name := f"{year:04}{half}") <= last]


@dataclass(frozen=True, slots=True)
class _Site:
    """What a site says in a period, all its policies together."""

    practices: frozenset[Practice]
    words: int
    grade: float


_Grid = Mapping[str, Mapping[str, _Site]]  # by period and domain


def _grid_of(observations: Iterable[Observation], every: Every) -> _Grid:
    """The sites of each period, the periods in order; a period between that has none is empty."""
    sites: dict[str, dict[str, _Site]] = defaultdict(dict)
    for period, found in chosen_captures(observations, every):
        sites[period][found[0].domain] = _site_of(found)
    return {name: sites[name] for name in (_periods_between(min(sites), max(sites)) if sites else [])}


def chosen_captures(
    observations: Iterable[Observation], every: Every = "half-year"
) -> Iterator[tuple[str, list[Observation]]]:
    """The captures that speak for a site in a period: of each of its policies the one nearest the period's middle."""
    chosen: dict[tuple[str, str, str], Observation] = {}
    for seen in observations:
        period = _period_of(seen.timestamp, every)
        key = period, seen.domain, seen.policy
        chosen[key] = min(chosen.get(key, seen), seen, key=lambda one: (_distance(one, period), one.timestamp))
    sites: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for (period, domain, _), seen in chosen.items():
        sites[period, domain].append(seen)
    return ((period, found) for (period, _), found in sites.items())


def _distance(seen: Observation, period: str) -> int:
    """The number of days between a capture and the middle of its period."""
    return abs((day_of(seen.timestamp) - _middle_of(period)).days)


def _site_of(found: Sequence[Observation]) -> _Site:
    """The policies of one site in one period, together."""
    words, sentences, letters = (
        sum(getattr(seen, name) for seen in found) for name in ("words", "sentences", "letters")
    )
    return _Site(
        frozenset().union(*(seen.practices for seen in found)), words, _coleman_liau(words, sentences, letters)
    )


def _coleman_liau(words: int, sentences: int, letters: int) -> float:
    """The Coleman-Liau index, about a US school grade: 0.0588·L - 0.296·S - 15.8 with L letters and S sentences a
    hundred words (Coleman and Liau 1975). It needs no syllables, which no rule counts well.

    >>> round(_coleman_liau(119, 5, 639), 1)
    14.5
    """
    return 0.0588 * 100 * letters / words - 0.296 * 100 * sentences / words - 15.8 if words else 0.0


def fixed_panel(observations: Iterable[Observation], every: Every = "half-year") -> tuple[list[str], list[str]]:
    """The largest fixed panel: (periods, sites) such that each site has a capture in each, with the most cells.

    At least two periods; ([], []) where no site has captures in two periods in a row.
    """
    grid = _grid_of(observations, every)
    names = list(grid)
    best: tuple[int, list[str], list[str]] = (0, [], [])
    for start in range(len(names)):
        sites = set(grid[names[start]])
        for end in range(start + 1, len(names)):
            sites &= set(grid[names[end]])
            if len(sites) * (end - start + 1) > best[0]:
                best = len(sites) * (end - start + 1), names[start : end + 1], sorted(sites)
    return best[1], best[2]


def _panels(observations: Sequence[Observation], every: Every) -> Iterator[tuple[_Panel, _Grid]]:
    """All sites, and those of the fixed panel in its periods."""
    grid = _grid_of(observations, every)
    yield "all", grid
    names, sites = fixed_panel(observations, every)
    yield "fixed", {name: {site: grid[name][site] for site in sites} for name in names}


def shares(observations: Sequence[Observation], every: Every = "half-year") -> list[SharePoint]:
    """The share of sites with each practice, period by period."""
    return [
        _share_point(period, panel, name, list(sites.values()))
        for panel, grid in _panels(observations, every)
        for period, sites in grid.items()
        for name in PRACTICES
    ]


def _share_point(period: str, panel: _Panel, name: Practice, sites: Sequence[_Site]) -> SharePoint:
    """One share with its interval."""
    count = sum(name in site.practices for site in sites)
    if not sites:
        return SharePoint(period, panel, name, 0, 0, None, None, None)
    low, high = wilson(count, len(sites))
    return SharePoint(period, panel, name, len(sites), count, round(count / len(sites), 4), low, high)


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share: Wilson's score interval (1927), which holds for few sites and shares of 0 and 1.

    >>> wilson(4, 4)
    (0.5101, 1.0)
    """
    from scipy.stats import binomtest

    interval = binomtest(count, of).proportion_ci(_CONFIDENCE, method="wilson")
    return round(float(interval.low), 4), round(float(interval.high), 4)


def lengths(observations: Sequence[Observation], every: Every = "half-year") -> list[LengthPoint]:
    """How long and how hard to read the sites' policies are, period by period."""
    return [
        LengthPoint(period, panel, len(sites), *_quartiles([site.words for site in sites.values()]),
                    *_quartiles([site.grade for site in sites.values()]))
        for panel, grid in _panels(observations, every)
        for period, sites in grid.items()
    ]  # fmt: skip


def _quartiles(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """The quartiles of some values; of one value that value, of none nothing."""
    if not values:
        return None, None, None
    low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return round(float(low), 2), round(float(middle), 2), round(float(high), 2)


def cover(policies: Iterable[Policy], every: Every = "half-year") -> list[Coverage]:
    """How many records each site has in each period of the corpus; the periods without any among them."""
    return covered(Counter(kind for policy in policies for kind in kinds_of(policy, every)))


def kinds_of(policy: Policy, every: Every) -> Iterator[tuple[str, str, str]]:
    """What a record counts as: (domain, period, kind)."""
    if not is_moment(policy.capture.timestamp):
        return
    key = policy.domain, _period_of(policy.capture.timestamp, every)
    yield *key, "records"
    yield from [(*key, "usable")] if policy.verdict.usable else []
    yield from [(*key, "labelled")] if policy.verdict.usable and policy.labelled else []


def covered(counts: Mapping[tuple[str, str, str], int]) -> list[Coverage]:
    """The counts as rows, those of zero among them."""
    domains, periods = sorted({key[0] for key in counts}), sorted({key[1] for key in counts})
    names = _periods_between(periods[0], periods[-1]) if periods else []
    return [
        Coverage(domain, name, *(counts.get((domain, name, kind), 0) for kind in ("records", "usable", "labelled")))
        for domain in domains
        for name in names
    ]
