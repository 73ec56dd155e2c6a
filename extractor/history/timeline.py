"""The history of a policy: its line of captures with the events and the passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extractor.history.aggregate import Observation, observe
from extractor.history.descent import descend, passages_of
from extractor.history.events import events_of
from extractor.history.lines import Line, lines_of
from extractor.records import Event, Passage, Policy


@dataclass(frozen=True, slots=True)
class History:
    """One policy through the years: events in order of time, passages in order of their first capture.

    `observations` has what the aggregate counts of each capture.
    """

    line: Line
    events: tuple[Event, ...]
    passages: tuple[Passage, ...]
    observations: tuple[Observation, ...]


def _history_of(line: Line) -> History:
    """The history of one policy."""
    descent = descend(line)
    return History(line, tuple(events_of(descent)), tuple(passages_of(descent)), tuple(observe(descent)))


def histories(policies: Iterable[Policy], problems: list[str] | None = None) -> Iterator[History]:
    """The histories of the policies in a corpus, in any order; a site may have several.

    Records that are not usable or not labelled are no part of it. What else is left out, records of one moment or
    without one, is named in `problems`, in sentences.
    """
    sites: dict[str, list[Policy]] = defaultdict(list)
    for policy in policies:
        sites[policy.domain].append(policy)
    for site in sites.values():
        for line in lines_of(site, problems if problems is not None else []):
            yield _history_of(line)
