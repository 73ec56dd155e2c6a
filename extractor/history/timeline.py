"""The history of a policy: its captures with the events and passages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extractor.history.aggregate import Observation, observations_of
from extractor.history.events import events_of
from extractor.history.series import CaptureSeries, SeriesNotes, capture_series
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


def histories(policies: Iterable[Policy], notes: SeriesNotes | None = None) -> Iterator[History]:
    """The histories of the policies in a corpus, in no particular order; a site may have several policies.

    Records that are not usable or not labelled are left out. Those without a date, or with that of another one, are
    counted in `notes`.
    """
    for series in capture_series(policies, notes):
        yield history_of(series)


def history_of(series: CaptureSeries) -> History:
    """The history of one policy."""
    tracked = track_passages(series)
    observations = tuple(observations_of(tracked))
    return History(series, tuple(events_of(tracked)), tuple(passage_records(tracked)), observations)
