"""What a report is made of: sites with their records and histories, and facts about the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
class Site:
    """All records of a site, and the histories that some of them are part of."""

    name: str
    policies: tuple[Policy, ...]
    histories: tuple[PolicyHistory, ...] = ()


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """The captures that stand for sites in periods of one length: (period, site, ids of one record of each policy)."""

    length: PeriodLength = "half-year"
    captures: Sequence[tuple[str, str, tuple[str, ...]]] = ()


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """The title of a report, and facts about its origin (term, value)."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()


def verdict_name(policy: Policy) -> str:
    """Whether a page is usable; "doubtful" if it was labelled although the verdict has reasons against it."""
    if not policy.verdict.usable:
        return "unusable"
    return "doubtful" if policy.labelled and policy.verdict.reasons else "usable"
