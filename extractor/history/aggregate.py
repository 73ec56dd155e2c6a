"""Tables over sites, period by period: shares of sites with each practice, lengths, readability, and coverage.

The unit is a site in a period. Of several captures of a policy, the one nearest the middle of the period counts, as in
`run`. Of several policies, a site has the practices of all and their total length; it only denies a practice if each of
them that speaks of it does. Unlabelled captures are in no denominator, and a period without captures has no share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import quantiles
from typing import Literal, NamedTuple, Protocol, TypeVar

from extractor.history.tracking import TrackedSeries
from extractor.history.wording import CACHED_PASSAGES
from extractor.intervals import wilson_interval
from extractor.records import PRACTICES, Polarity, Policy, Practice, PracticePolarity
from extractor.stances import STANCES, Stance, combined_polarity, has_stance
from extractor.text import count_sentences
from extractor.timestamps import PeriodLength, is_timestamp, middle_day, parse_timestamp, period_of, periods_between

Panel = Literal["all", "fixed"]
_Name = TypeVar("_Name", str, tuple[str, str])


class _DatedCapture(Protocol):
    """What the tables have to know of a capture to choose one of each policy in a period; `record` is its id."""

    @property
    def site(self) -> str: ...

    @property
    def policy(self) -> str: ...

    @property
    def timestamp(self) -> str: ...

    @property
    def record(self) -> str: ...


_Capture = TypeVar("_Capture", bound=_DatedCapture)


@dataclass(frozen=True, slots=True)
class Observation:
    """What the tables count of one labelled capture, whose `record` is its id.

    `polarity` is what it says about each practice by its steady labels; `segments_with` is the number of segments with
    each of PRACTICES in the record, `segments_denying` the number of those that only deny it.
    """

    site: str
    policy: str
    timestamp: str
    record: str
    polarity: PracticePolarity
    words: int
    sentences: int
    letters: int
    segments: int = 0
    segments_with: tuple[int, ...] = (0,) * len(PRACTICES)
    segments_denying: tuple[int, ...] = (0,) * len(PRACTICES)

    @property
    def practices(self) -> frozenset[Practice]:
        """The practices that the capture mentions."""
        return frozenset(name for name in PRACTICES if self.polarity[name])


@dataclass(frozen=True, slots=True)
class SharePoint:
    """The share of sites in a period that have a stance on a practice, with its 95% interval (Wilson 1927).

    `stance`: "any" mentions it, "does" says that it does it, "denies only" says no more than that it does not.
    `share`, `low` and `high` are None if the period has no site: a gap.
    """

    period: str
    panel: Panel
    practice: Practice
    stance: Stance
    sites: int
    with_practice: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The share of sites or segments in a period that have a stance on a practice: as counted, corrected by an audit.

    `rates`: whose error rates correct it, those of a span of years or of "all" the audit, or "" without an audit.
    `note`: how it is corrected, or why not in spite of an audit. Shares are None in a gap, intervals also if unknown.
    """

    period: str
    unit: Literal["sites", "segments"]
    practice: Practice
    stance: Stance
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
    """Median and quartiles over the sites in a period: number of words, and Coleman-Liau grade. None in a gap."""

    period: str
    panel: Panel
    sites: int
    words_q1: float | None
    words_median: float | None
    words_q3: float | None
    grade_q1: float | None
    grade_median: float | None
    grade_q3: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The number of records that a site has in a period; 0 is a gap, not a policy without practices."""

    site: str
    period: str
    records: int
    usable: int
    labelled: int


def observations_of(tracked: TrackedSeries) -> Iterator[Observation]:
    """The observations of the captures of a policy."""
    for index, policy in enumerate(tracked.series.captures):
        lengths = [_length_of(segment.text) for segment in policy.segments]
        yield Observation(
            tracked.series.site,
            tracked.series.policy,
            policy.capture.timestamp,
            policy.id,
            tracked.polarity_at(index),
            words=sum(length.words for length in lengths),
            sentences=sum(length.sentences for length in lengths),
            letters=sum(length.letters for length in lengths),
            segments=len(policy.segments),
            segments_with=tuple(sum(name in segment.practices for segment in policy.segments) for name in PRACTICES),
            segments_denying=tuple(
                sum(segment.polarity[name] == "does_not" for segment in policy.segments) for name in PRACTICES
            ),
        )


class _TextLength(NamedTuple):
    """The numbers of words, sentences and letters of a text."""

    words: int
    sentences: int
    letters: int


@lru_cache(maxsize=CACHED_PASSAGES)
def _length_of(text: str) -> _TextLength:
    """How long a text is."""
    return _TextLength(len(text.split()), count_sentences(text), sum(map(str.isalnum, text)))


@dataclass(frozen=True, slots=True)
class _Site:
    """All policies of a site in a period, together."""

    polarity: Mapping[Practice, Polarity]
    words: int
    grade: float


_SitesByPeriod = Mapping[str, Mapping[str, _Site]]  # and by site


def _sites_by_period(observations: Iterable[Observation], every: PeriodLength) -> _SitesByPeriod:
    """The sites of each period, in order; a period between others may have none."""
    sites: dict[str, dict[str, _Site]] = defaultdict(dict)
    for period, captures in representative_captures(observations, every):
        sites[period][captures[0].site] = _site_of(captures)
    return {name: sites[name] for name in (periods_between(min(sites), max(sites)) if sites else [])}


def representative_captures(
    observations: Iterable[_Capture], every: PeriodLength = "half-year"
) -> Iterator[tuple[str, list[_Capture]]]:
    """(Period, captures) of each site: of each of its policies the capture nearest the middle of the period."""
    chosen: dict[tuple[str, str, str], _Capture] = {}
    for observation in observations:
        period = period_of(observation.timestamp, every)
        key = period, observation.site, observation.policy
        rivals = chosen.get(key, observation), observation
        chosen[key] = min(rivals, key=lambda rival: (_days_from_middle(rival, period), rival.timestamp, rival.record))
    sites: dict[tuple[str, str], list[_Capture]] = defaultdict(list)
    for (period, site, _), observation in chosen.items():
        sites[period, site].append(observation)
    return ((period, captures) for (period, _), captures in sites.items())


def _days_from_middle(observation: _DatedCapture, period: str) -> int:
    """The number of days between a capture and the middle day of its period."""
    return abs((parse_timestamp(observation.timestamp).date() - middle_day(period)).days)


def _site_of(captures: Sequence[Observation]) -> _Site:
    """The policies of one site in one period as one."""
    words, sentences, letters = (
        sum(getattr(capture, name) for capture in captures) for name in ("words", "sentences", "letters")
    )
    return _Site(site_polarity(captures), words, _coleman_liau(words, sentences, letters))


def site_polarity(captures: Sequence[Observation]) -> dict[Practice, Polarity]:
    """What a site says about each practice in some captures, one of each of its policies."""
    return {name: combined_polarity(capture.polarity[name] for capture in captures) for name in PRACTICES}


def _coleman_liau(words: int, sentences: int, letters: int) -> float:
    """The Coleman-Liau index, about a US school grade: 0.0588·L - 0.296·S - 15.8 with L letters and S sentences a
    hundred words (Coleman and Liau 1975). It needs no count of syllables, for which there is no good rule.

    >>> round(_coleman_liau(119, 5, 639), 1)
    14.5
    """
    return 0.0588 * 100 * letters / words - 0.296 * 100 * sentences / words - 15.8 if words else 0.0


def fixed_panel(observations: Iterable[Observation], every: PeriodLength = "half-year") -> tuple[list[str], list[str]]:
    """The largest fixed panel, (periods, sites): each site has a capture in each period, and no other has more cells.

    It has two periods or more; ([], []) if no site has captures in two successive periods.
    """
    return largest_panel(_sites_by_period(observations, every))


def largest_panel(by_period: Mapping[str, Collection[_Name]]) -> tuple[list[str], list[_Name]]:
    """The largest fixed panel, (periods, names), of names by successive periods."""
    periods = list(by_period)
    best: tuple[int, list[str], list[_Name]] = (0, [], [])
    for start in range(len(periods)):
        names = set(by_period[periods[start]])
        for end in range(start + 1, len(periods)):
            names &= set(by_period[periods[end]])
            if len(names) * (end - start + 1) > best[0]:
                best = len(names) * (end - start + 1), periods[start : end + 1], sorted(names)
    return best[1], best[2]


def _panels(observations: Sequence[Observation], every: PeriodLength) -> Iterator[tuple[Panel, _SitesByPeriod]]:
    """All sites, and the sites of the fixed panel in its periods."""
    by_period = _sites_by_period(observations, every)
    yield "all", by_period
    names, sites = fixed_panel(observations, every)
    yield "fixed", {name: {site: by_period[name][site] for site in sites} for name in names}


def shares(observations: Sequence[Observation], every: PeriodLength = "half-year") -> list[SharePoint]:
    """The share of sites with each practice and stance, period by period."""
    return [
        _share_point(period, panel, name, stance, list(sites.values()))
        for panel, by_period in _panels(observations, every)
        for period, sites in by_period.items()
        for name in PRACTICES
        for stance in STANCES
    ]


def _share_point(period: str, panel: Panel, name: Practice, stance: Stance, sites: Sequence[_Site]) -> SharePoint:
    """One share with its interval."""
    count = sum(has_stance(site.polarity[name], stance) for site in sites)
    if not sites:
        return SharePoint(period, panel, name, stance, 0, 0, None, None, None)
    low, high = wilson_interval(count, len(sites))
    return SharePoint(period, panel, name, stance, len(sites), count, round(count / len(sites), 4), low, high)


def lengths(observations: Sequence[Observation], every: PeriodLength = "half-year") -> list[LengthPoint]:
    """The lengths and grades of the sites' policies, period by period."""
    return [
        LengthPoint(period, panel, len(sites), *_quartiles([site.words for site in sites.values()]),
                    *_quartiles([site.grade for site in sites.values()]))
        for panel, by_period in _panels(observations, every)
        for period, sites in by_period.items()
    ]  # fmt: skip


def _quartiles(values: Sequence[float]) -> tuple[float | None, float | None, float | None]:
    """The quartiles of some values; a single value three times; None without values."""
    if not values:
        return None, None, None
    low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    return round(float(low), 2), round(float(middle), 2), round(float(high), 2)


def coverage_keys(policy: Policy, every: PeriodLength) -> Iterator[tuple[str, str, str]]:
    """The (site, period, kind) under which a record is counted; kinds are "records", "usable" and "labelled"."""
    if not is_timestamp(policy.capture.timestamp):
        return
    key = policy.site, period_of(policy.capture.timestamp, every)
    yield *key, "records"
    yield from [(*key, "usable")] if policy.verdict.usable else []
    yield from [(*key, "labelled")] if policy.verdict.usable and policy.labelled else []


def coverage_rows(counts: Mapping[tuple[str, str, str], int]) -> list[Coverage]:
    """Counts of `coverage_keys` as rows, with rows of zeros for the gaps."""
    sites, periods = sorted({key[0] for key in counts}), sorted({key[1] for key in counts})
    names = periods_between(periods[0], periods[-1]) if periods else []
    return [
        Coverage(site, name, *(counts.get((site, name, kind), 0) for kind in ("records", "usable", "labelled")))
        for site in sites
        for name in names
    ]
