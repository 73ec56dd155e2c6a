"""`history` and `diff`: a run folder as events, passages, tables and charts, and two captures side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from extractor.errors import UsageError
from extractor.exports import encode_line, import_pyarrow, write_dataclass_csv, write_dataclass_parquet
from extractor.files import write_atomically, write_text
from extractor.history import (
    CaptureSeries,
    Coverage,
    Diff,
    History,
    LengthPoint,
    Observation,
    SeriesNotes,
    SharePoint,
    TrendPoint,
    capture_series,
    coverage_keys,
    coverage_rows,
    diff,
    histories,
    length_chart,
    lengths,
    share_chart,
    shares,
    trend_chart,
)
from extractor.progress import Progress, no_progress
from extractor.records import Policy
from extractor.run.folder import read_by_policy
from extractor.run.studies.trends import read_audits, require_model, trends
from extractor.timestamps import PeriodLength

_MAX_NAMED_SERIES, _MAX_NAMED_TIMES = 5, 8  # in an error message


@dataclass(slots=True)
class HistorySummary:
    """The numbers of policies, captures, passages and events of each kind, and sentences on what was left out."""

    policies: int = 0
    captures: int = 0
    passages: int = 0
    events: Counter[str] = field(default_factory=Counter)
    notes: SeriesNotes = field(default_factory=SeriesNotes)

    @property
    def problems(self) -> list[str]:
        """A sentence on each kind of records that have no place of their own in the history."""
        return self.notes.sentences()


def write_history(  # noqa: PLR0913 - the options of the command
    place: Path,
    out: Path,
    *,
    every: PeriodLength = "half-year",
    parquet: bool = False,
    audits: Sequence[Path] = (),
    policy: str = "",
    progress: Progress = no_progress,
) -> HistorySummary:
    """Writes events, passages, tables and charts into a folder, each file whole or not at all.

    One policy is in memory at a time. `audits` correct the trends; `policy` narrows the history to a site or a policy
    by its name. Raises UnreadableError if records or an audit are damaged, UsageError if an audit is of another model
    or there is no such policy, ConfigurationError if Parquet needs its extra.
    """
    if parquet:
        import_pyarrow()  # before any work is done
    audit_by_unit, models = read_audits(audits), set[str]()
    summary, coverage = HistorySummary(), Counter[tuple[str, str, str]]()
    groups = _count_records(read_by_policy(place, policy, partial(progress, "history")), coverage, models, every)
    observations = _write_events_and_passages(groups, out, summary)
    require_model(audit_by_unit, models)
    practices, by_length = shares(observations, every), lengths(observations, every)
    trend_points = trends(observations, practices, audit_by_unit, every)
    _write_table(out / "practices", SharePoint, practices, parquet)
    _write_table(out / "trends", TrendPoint, trend_points, parquet)
    _write_table(out / "lengths", LengthPoint, by_length, parquet)
    _write_table(out / "coverage", Coverage, coverage_rows(coverage), parquet)
    write_text(out / "practices.svg", share_chart(practices))
    write_text(out / "trends.svg", trend_chart(trend_points))
    write_text(out / "lengths.svg", length_chart(by_length))
    return summary


def _count_records(
    groups: Iterable[list[Policy]], coverage: Counter[tuple[str, str, str]], models: set[str], every: PeriodLength
) -> Iterator[list[Policy]]:
    """The groups; their records are counted in `coverage`, and the hashes of their models added to `models`."""
    for group in groups:
        models.update(policy.provenance.model_sha256 for policy in group if policy.labelled)
        coverage.update(key for policy in group for key in coverage_keys(policy, every))
        yield group


def _write_events_and_passages(groups: Iterable[list[Policy]], out: Path, summary: HistorySummary) -> list[Observation]:
    """Writes `events.jsonl` and `passages.jsonl`, policy by policy; returns the observations for the tables."""
    observations: list[Observation] = []
    found = (history for group in groups for history in histories(group, summary.notes))
    first = list(islice(found, 1))  # before the folder is made: there may be no such policy
    out.mkdir(parents=True, exist_ok=True)
    with write_atomically(out / "events.jsonl") as events, write_atomically(out / "passages.jsonl") as passages:
        for history in chain(first, found):
            events.writelines(map(encode_line, history.events))
            passages.writelines(map(encode_line, history.passages))
            observations.extend(history.observations)
            _add_to_summary(history, summary)
    return observations


def _add_to_summary(history: History, summary: HistorySummary) -> None:
    """Adds a history to the summary."""
    summary.policies += 1
    summary.captures += len(history.series.captures)
    summary.passages += len(history.passages)
    summary.events.update(event.kind for event in history.events)


def _write_table(path: Path, row_type: type, rows: Sequence[Any], parquet: bool) -> None:
    """Writes a table as CSV, and on request as Parquet. `path` has no suffix yet."""
    write_dataclass_csv(row_type, rows, path.with_suffix(".csv"))
    if parquet:
        write_dataclass_parquet(row_type, rows, path.with_suffix(".parquet"))


def diff_captures(place: Path, first: str, second: str, policy: str = "") -> Diff:
    """The differences between two captures of one policy. A timestamp may be cut short if only one capture has it.

    `policy` is the name of a policy or its site, "" if the timestamps are enough. Raises UsageError if there is no
    such policy or capture, or more than one.
    """
    series = [one for group in read_by_policy(place, policy) for one in capture_series(group)]
    if not series:
        raise UsageError(f"{place} has no usable, labelled capture with a date{f' of {policy}' if policy else ''}.")
    matches = [
        (befores, afters)
        for one in series
        if (befores := _captures_starting(one, first)) and (afters := _captures_starting(one, second))
    ]
    if not matches:
        known = _available_captures(series)
        raise UsageError(f"No policy has usable, labelled captures of both {first} and {second}: {known}.")
    if len(matches) > 1:
        named = ", ".join(befores[0].policy for befores, _ in matches[:_MAX_NAMED_SERIES])
        more = f" and {len(matches) - _MAX_NAMED_SERIES} others" * (len(matches) > _MAX_NAMED_SERIES)
        raise UsageError(
            f"Several policies have captures of {first} and {second}: name one with --policy ({named}{more})."
        )
    befores, afters = matches[0]
    return diff(_single_capture(befores, first), _single_capture(afters, second))


def _captures_starting(series: CaptureSeries, timestamp: str) -> list[Policy]:
    """The captures whose timestamp starts with the given digits, or whose id is given; none for ""."""
    return [
        one
        for one in series.captures
        if timestamp and (one.capture.timestamp.startswith(timestamp) or one.id == timestamp)
    ]


def _single_capture(captures: Sequence[Policy], timestamp: str) -> Policy:
    """The only capture. Raises UsageError if there are several."""
    times = [policy.capture.timestamp for policy in captures]
    if len(captures) > 1 and len(set(times)) < len(times):
        ids = ", ".join(policy.id for policy in captures)
        raise UsageError(f"{timestamp} is of several captures, some of one moment: name one by its id ({ids}).")
    if len(captures) > 1:
        raise UsageError(f"{timestamp} is of several captures ({', '.join(times)}): write more of the timestamp.")
    return captures[0]


def _available_captures(series: Sequence[CaptureSeries]) -> str:
    """The captures to choose from, in words."""
    listed = [f"{one.policy} has {_times(one)}" for one in series[:_MAX_NAMED_SERIES]]
    more = len(series) - _MAX_NAMED_SERIES
    return "; ".join([*listed, *([f"{more} other policies"] if more > 0 else [])])


def _times(series: CaptureSeries) -> str:
    """The times of the captures of a policy, the first and the last of many."""
    times = [policy.capture.timestamp for policy in series.captures]
    if len(times) <= _MAX_NAMED_TIMES:
        return ", ".join(times)
    return f"{len(times)} captures from {times[0]} to {times[-1]}"
