"""Tables of terms: the share of sites and of policies that mention each, period by period, and first mentions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from extractor.history.aggregate import Panel, largest_panel, representative_captures
from extractor.history.term_list import TermList
from extractor.intervals import wilson_interval
from extractor.timestamps import PeriodLength, periods_between

_Unit = Literal["sites", "policies"]
_UNITS: tuple[_Unit, ...] = ("sites", "policies")


@dataclass(frozen=True, slots=True)
class TermMention:
    """A mention of a term in a record: a line of `mentions.jsonl`.

    `text` stands at `start` to `end` (code points) of the record's text. `polarity` is "does_not" if the sentence says
    that what the term names is not done, used or followed, else "".
    """

    record: str
    term: str
    start: int
    end: int
    text: str
    polarity: Literal["", "does_not"]
    site: str
    policy: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class TermCapture:
    """What the tables count of one labelled capture: the terms that it mentions, and those that it only denies."""

    site: str
    policy: str
    timestamp: str
    record: str
    mentioned: frozenset[str]
    denied: frozenset[str]


@dataclass(frozen=True, slots=True)
class TermShare:
    """The share of sites or policies in a period that mention a term, with its 95% interval (Wilson 1927).

    `denying` is how many of those that mention it do nothing but deny it. `share`, `low` and `high` are None in a gap.
    """

    period: str
    unit: _Unit
    panel: Panel
    group: str
    term: str
    of: int
    mentioning: int
    share: float | None
    low: float | None
    high: float | None
    denying: int


@dataclass(frozen=True, slots=True)
class FirstMention:
    """The first mention of a term on a site; `captures_before` is how many earlier captures of the site lack it."""

    site: str
    group: str
    term: str
    timestamp: str
    captures_before: int
    policy: str
    record: str
    start: int
    end: int
    text: str


def term_capture(mentions: Sequence[TermMention], site: str, policy: str, timestamp: str, record: str) -> TermCapture:
    """The terms of a capture, given its mentions."""
    asserted = {mention.term for mention in mentions if not mention.polarity}
    mentioned = frozenset(mention.term for mention in mentions)
    return TermCapture(site, policy, timestamp, record, mentioned, mentioned - asserted)


def term_shares(
    captures: Sequence[TermCapture], terms: TermList, every: PeriodLength = "half-year"
) -> Iterator[TermShare]:
    """The share of sites and of policies that mention each term, period by period, in both panels."""
    chosen = list(representative_captures(sorted(captures, key=lambda one: one.site), every))
    for unit in _UNITS:
        by_period: dict[str, dict[Hashable, list[TermCapture]]] = defaultdict(lambda: defaultdict(list))
        for period, of_site in chosen:
            for capture in of_site:
                by_period[period][_unit_name(capture, unit)].append(capture)
        periods = periods_between(min(by_period), max(by_period)) if by_period else []
        yield from _shares_of_unit({name: by_period[name] for name in periods}, unit, terms)


def _unit_name(capture: TermCapture, unit: _Unit) -> str | tuple[str, str]:
    """What a capture counts for."""
    return capture.site if unit == "sites" else (capture.site, capture.policy)


def _shares_of_unit(
    by_period: Mapping[str, Mapping[Hashable, Sequence[TermCapture]]], unit: _Unit, terms: TermList
) -> Iterator[TermShare]:
    """The shares of all units, and of those of the fixed panel in its periods."""
    periods, names = largest_panel(by_period)  # type: ignore[type-var]
    panels: tuple[tuple[Panel, Mapping[str, Iterable[Sequence[TermCapture]]]], ...] = (
        ("all", {period: units.values() for period, units in by_period.items()}),
        ("fixed", {period: [by_period[period][name] for name in names] for period in periods}),
    )
    for panel, units_of in panels:
        for period, units in units_of.items():
            yield from _shares_of_period(period, unit, panel, list(units), terms)


def _shares_of_period(
    period: str, unit: _Unit, panel: Panel, units: Sequence[Sequence[TermCapture]], terms: TermList
) -> Iterator[TermShare]:
    """The share of each term among the units of a period."""
    mentioning: Counter[str] = Counter()
    denying: Counter[str] = Counter()
    for captures in units:
        mentioned = frozenset().union(*(one.mentioned for one in captures))
        mentioning.update(mentioned)
        denying.update(mentioned.difference(*(one.mentioned - one.denied for one in captures)))
    for term in terms.terms:
        count, total = mentioning[term.id], len(units)
        share, low, high = (round(count / total, 4), *wilson_interval(count, total)) if total else (None, None, None)
        yield TermShare(
            period, unit, panel, term.group, term.id, total, count, share, low, high, denying[term.id]
        )  # fmt: skip


def first_mentions(mentions: Iterable[TermMention], timestamps: Sequence[str], terms: TermList) -> list[FirstMention]:
    """The first mention of each term on a site, given all of its mentions and the timestamps of its captures."""
    group_of = {term.id: term.group for term in terms.terms}
    first: dict[str, TermMention] = {}
    for mention in mentions:
        if (
            mention.timestamp and _order(mention) < _order(first.get(mention.term, mention))
        ) or mention.term not in first:
            first[mention.term] = mention
    return [
        FirstMention(
            one.site, group_of[one.term], one.term, one.timestamp,
            sum(timestamp < one.timestamp for timestamp in timestamps),
            one.policy, one.record, one.start, one.end, one.text,
        )
        for one in sorted(first.values(), key=lambda one: (*_order(one), one.term))
    ]  # fmt: skip


def _order(mention: TermMention) -> tuple[str, str, int]:
    """The order of mentions in time and text."""
    return mention.timestamp, mention.record, mention.start
