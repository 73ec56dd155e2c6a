"""What a report is made of: sites with their records and histories, and facts about the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from extractor.records import Event, Passage, Policy, PracticePolarity
from extractor.timestamps import PeriodLength


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    """One policy of a site over time: the ids of its records in order of time, its events, its passages, its name.

    `polarities` is what each of the records says about each practice by steady labels; empty if only the records tell.
    """

    captures: tuple[str, ...]
    events: tuple[Event, ...] = ()
    passages: tuple[Passage, ...] = ()
    name: str = ""
    polarities: tuple[PracticePolarity, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedTerm:
    """A term that texts may mention, by its id, its name for readers and the title of its group."""

    id: str
    label: str
    group: str


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A place in the text of a record with this id, in code points."""

    record: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SiteTerm:
    """A term that dated captures of a site name, by its number in `ReportInfo.terms`.

    `first` and `last` are its first mention in the first and in the last capture that names it. `captures_before` is
    how many earlier captures lack it, and `is_current` whether the last capture of a policy of the site names it.
    """

    term: int
    first: TextPlace
    last: TextPlace
    captures_before: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Site:
    """All records of a site, the histories that some of them are part of, and the terms in the texts of its segments.

    `terms` has, for a text, the first place of each term in it: (number of the term in `ReportInfo.terms`, start, end),
    in code points of the text. `named` are the terms that whole records name, headings included.
    """

    name: str
    policies: tuple[Policy, ...]
    histories: tuple[PolicyHistory, ...] = ()
    terms: Mapping[str, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)
    named: tuple[SiteTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class TermPoint:
    """How many of the sites of a period name a term, and how many of these only deny it; the share is None in a gap."""

    period: str
    of: int
    mentioning: int
    denying: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class TermSeries:
    """A term, by its number in `ReportInfo.terms`, on all sites or on those of the fixed panel, period by period."""

    term: int
    panel: Literal["all", "fixed"]
    points: Sequence[TermPoint]


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """The captures that stand for sites in periods of one length: (period, site, ids of one record of each policy).

    `terms` are the terms that some site names, all sites first.
    """

    length: PeriodLength = "half-year"
    captures: Sequence[tuple[str, str, tuple[str, ...]]] = ()
    terms: Sequence[TermSeries] = ()


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """The title of a report, facts about its origin (term, value), and the terms that its texts were searched for."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    terms: tuple[NamedTerm, ...] = ()


def verdict_name(policy: Policy) -> str:
    """Whether a page is usable; "doubtful" if it was labelled although the verdict has reasons against it."""
    if not policy.verdict.usable:
        return "unusable"
    return "doubtful" if policy.labelled and policy.verdict.reasons else "usable"
