"""The history of a policy: its captures with the events and passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extractor.history.aggregate import Observation, observations_of
from extractor.history.events import events_of
from extractor.history.series import CaptureSeries, capture_series
from extractor.history.tracking import passage_records, track_passages
from extractor.records import Event, Passage, Policy


@dataclass(frozen=True, slots=True)
class History:
    """One policy over time: its events in order of time, its passages in order of their first capture.

    `observations` are what the tables over sites count of each capture.
    """

    series: CaptureSeries
    events: tuple[Event, ...]
    passages: tuple[Passage, ...]
    observations: tuple[Observation, ...]


def histories(policies: Iterable[Policy], problems: list[str] | None = None) -> Iterator[History]:
    """The histories of the policies in a corpus, in no particular order; a site may have several policies.

    Records that are not usable or not labelled are left out. A sentence on each other record that is left out, since
    it has no timestamp or that of another one, is added to `problems`.
    """
    sites: dict[str, list[Policy]] = defaultdict(list)
    for policy in policies:
        sites[policy.domain].append(policy)
    for site in sites.values():
        for series in capture_series(site, problems if problems is not None else []):
            tracked = track_passages(series)
            observations = tuple(observations_of(tracked))
            yield History(series, tuple(events_of(tracked)), tuple(passage_records(tracked)), observations)
