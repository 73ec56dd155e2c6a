"""What the report is told of a site."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.records import Event, Passage, Policy


@dataclass(frozen=True, slots=True)
class Story:
    """One policy of a site through the years: its records' ids in order of time, what changed, and its passages."""

    captures: tuple[str, ...]
    events: tuple[Event, ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """All records of a site, and the stories of those that are part of one."""

    name: str
    policies: tuple[Policy, ...]
    stories: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What the report is of: its title, and the facts of its origin (term, value)."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()


def site_of(policy: Policy) -> str:
    """The site a policy is of: its domain, or the file where it has none."""
    return policy.domain or policy.source.path or policy.id


def verdict_word(policy: Policy) -> str:
    """Whether the page can be used; "doubtful" where it was labelled though something was said against it."""
    if not policy.verdict.usable:
        return "unusable"
    return "doubtful" if policy.labelled and policy.verdict.reasons else "usable"
