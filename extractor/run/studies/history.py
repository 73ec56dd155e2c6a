"""`history` and `diff`: a run folder as events, passages, tables and charts, and two captures side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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
from extractor.records import Policy
from extractor.run.folder import read_by_site
from extractor.run.studies.trends import read_audits, require_model, trends
from extractor.timestamps import PeriodLength

_MAX_NAMED_SERIES = 5  # in an error message


@dataclass(slots=True)
class HistorySummary:
    """The numbers of policies, captures, passages and events of each kind, and sentences on what was left out."""

    policies: int = 0
    captures: int = 0
    passages: int = 0
    events: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def write_history(
    place: Path, out: Path, *, every: PeriodLength = "half-year", parquet: bool = False, audits: Sequence[Path] = ()
) -> HistorySummary:
    """Writes events, passages, tables and charts into a folder, each file whole or not at all.

    `audits` correct the trends. Raises UnreadableError if records or an audit are damaged, UsageError if an audit is of
    another model, ConfigurationError if Parquet needs its extra.
    """
    if parquet:
        import_pyarrow()  # before any work is done
    audit_by_unit, models = read_audits(audits), set[str]()
    out.mkdir(parents=True, exist_ok=True)
    summary, coverage = HistorySummary(), Counter[tuple[str, str, str]]()
    sites = _count_records(read_by_site(place), coverage, models, every)
    observations = _write_events_and_passages(sites, out, summary)
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
    sites: Iterable[list[Policy]], coverage: Counter[tuple[str, str, str]], models: set[str], every: PeriodLength
) -> Iterator[list[Policy]]:
    """The sites; their records are counted in `coverage`, and the hashes of their models added to `models`."""
    for site in sites:
        models.update(policy.provenance.model_sha256 for policy in site if policy.labelled)
        coverage.update(key for policy in site for key in coverage_keys(policy, every))
        yield site


def _write_events_and_passages(sites: Iterable[list[Policy]], out: Path, summary: HistorySummary) -> list[Observation]:
    """Writes `events.jsonl` and `passages.jsonl`, site by site; returns the observations for the tables."""
    observations: list[Observation] = []
    found = (history for site in sites for history in histories(site, summary.problems))
    with write_atomically(out / "events.jsonl") as events, write_atomically(out / "passages.jsonl") as passages:
        for history in found:
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

    `policy` is the address of a policy or its site, "" if the timestamps are enough. Raises UsageError if there is no
    such capture, or more than one.
    """
    series = [one for site in read_by_site(place) for one in capture_series(site, [])]
    series = [one for one in series if policy in ("", one.domain, one.policy)]
    if not series:
        raise UsageError(f"{place} has no usable, labelled capture{f' of {policy}' if policy else ''}.")
    matches = [
        (befores, afters)
        for one in series
        if (befores := _captures_starting(one, first)) and (afters := _captures_starting(one, second))
    ]
    if not matches:
        known = _available_captures(series)
        raise UsageError(f"No policy has usable, labelled captures of both {first} and {second}: {known}.")
    if len(matches) > 1:
        raise UsageError(f"Several policies have captures of {first} and {second}: name one with --policy.")
    befores, afters = matches[0]
    return diff(_single_capture(befores, first), _single_capture(afters, second))


def _captures_starting(series: CaptureSeries, timestamp: str) -> list[Policy]:
    """The captures whose timestamp starts with the given digits; none for ""."""
    return [one for one in series.captures if timestamp and one.capture.timestamp.startswith(timestamp)]


def _single_capture(captures: Sequence[Policy], timestamp: str) -> Policy:
    """The only capture. Raises UsageError if there are several."""
    if len(captures) > 1:
        times = ", ".join(policy.capture.timestamp for policy in captures)
        raise UsageError(f"{timestamp} is of several captures ({times}): write more of the timestamp.")
    return captures[0]


def _available_captures(series: Iterable[CaptureSeries]) -> str:
    """The captures to choose from, in words."""
    listed = [f"{one.domain} has {', '.join(policy.capture.timestamp for policy in one.captures)}" for one in series]
    return "; ".join(listed[:_MAX_NAMED_SERIES])
