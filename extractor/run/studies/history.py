"""`history`: the records of a run folder as events, passages, tables and charts; or two captures side by side."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from extractor.errors import ConfigurationError, UsageError
from extractor.exports import encode_line
from extractor.files import write_atomically
from extractor.history import (
    Coverage,
    Diff,
    History,
    LengthPoint,
    Line,
    Observation,
    SharePoint,
    TrendPoint,
    covered,
    diff,
    histories,
    kinds_of,
    length_chart,
    lengths,
    lines_of,
    share_chart,
    shares,
    trend_chart,
)
from extractor.history.aggregate import Every
from extractor.records import Policy
from extractor.run.folder import read_by_site
from extractor.run.studies.trends import read_audits, require_model, trends

_FEW = 5  # policies that an error names
_TABLES: dict[str, type] = {
    "practices": SharePoint,
    "trends": TrendPoint,
    "lengths": LengthPoint,
    "coverage": Coverage,
}


@dataclass(slots=True)
class HistorySummary:
    """What a history holds: the number of policies, captures and events of each kind; and what was left out and why."""

    policies: int = 0
    captures: int = 0
    passages: int = 0
    events: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def write_history(
    place: Path, out: Path, *, every: Every = "half-year", parquet: bool = False, audits: Sequence[Path] = ()
) -> HistorySummary:
    """Writes events, passages, tables and charts into a folder, each file whole or not at all.

    `audits` correct the trends. Raises UnreadableError where records or an audit are damaged, UsageError where an audit
    is of another model, ConfigurationError where Parquet needs its extra.
    """
    if parquet:
        _arrow()
    known, models = read_audits(audits), set[str]()
    out.mkdir(parents=True, exist_ok=True)
    summary, coverage = HistorySummary(), Counter[tuple[str, str, str]]()
    sites = _counted(read_by_site(place), coverage, models, every)
    observations = _write_lines(sites, out, summary)
    require_model(known, models)
    tables: dict[str, Sequence[Any]] = {
        "practices": shares(observations, every),
        "trends": trends(observations, known, every),
        "lengths": lengths(observations, every),
        "coverage": covered(coverage),
    }
    for name, rows in tables.items():
        _write_bytes(out / f"{name}.csv", _as_csv(_TABLES[name], rows))
        if parquet:
            _write_parquet(out / f"{name}.parquet", _TABLES[name], rows)
    _write_bytes(out / "practices.svg", share_chart(tables["practices"]).encode())
    _write_bytes(out / "trends.svg", trend_chart(tables["trends"]).encode())
    _write_bytes(out / "lengths.svg", length_chart(tables["lengths"]).encode())
    return summary


def _counted(
    sites: Iterable[list[Policy]], coverage: Counter[tuple[str, str, str]], models: set[str], every: Every
) -> Iterator[list[Policy]]:
    """The sites, their records counted in `coverage`, and the hashes of the models in `models`, as they pass."""
    for site in sites:
        models.update(policy.provenance.model_sha256 for policy in site if policy.labelled)
        coverage.update(kind for policy in site for kind in kinds_of(policy, every))
        yield site


def _write_lines(sites: Iterable[list[Policy]], out: Path, summary: HistorySummary) -> list[Observation]:
    """Writes `events.jsonl` and `passages.jsonl`, site by site; gives what the aggregate needs."""
    observations: list[Observation] = []
    found = (history for site in sites for history in histories(site, summary.problems))
    with write_atomically(out / "events.jsonl") as events, write_atomically(out / "passages.jsonl") as passages:
        for history in found:
            events.writelines(map(encode_line, history.events))
            passages.writelines(map(encode_line, history.passages))
            observations.extend(history.observations)
            _count(history, summary)
    return observations


def _count(history: History, summary: HistorySummary) -> None:
    """Adds a history to the summary."""
    summary.policies += 1
    summary.captures += len(history.line.captures)
    summary.passages += len(history.passages)
    summary.events.update(event.kind for event in history.events)


def _as_csv(kind: type, rows: Iterable[Any]) -> bytes:
    """Rows as CSV with a header (RFC 4180, UTF-8); what is None is empty."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, [entry.name for entry in fields(kind)])
    writer.writeheader()
    writer.writerows(map(asdict, rows))
    return stream.getvalue().encode()


def _write_parquet(path: Path, kind: type, rows: Iterable[Any]) -> None:
    """Rows as Parquet, the columns typed whether there are rows or not."""
    pyarrow, parquet = _arrow()
    types = {"str": pyarrow.string(), "int": pyarrow.int64(), "float | None": pyarrow.float64()}
    schema = pyarrow.schema([(entry.name, types.get(str(entry.type), pyarrow.string())) for entry in fields(kind)])
    with write_atomically(path) as stream:
        parquet.write_table(pyarrow.Table.from_pylist([asdict(row) for row in rows], schema), stream)


def _arrow() -> tuple[Any, Any]:
    """pyarrow with its Parquet. Raises ConfigurationError where the extra is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ConfigurationError("Parquet needs the extra: pip install 'archived-policy[parquet]'.") from error
    return pyarrow, pyarrow.parquet


def _write_bytes(path: Path, data: bytes) -> None:
    """Writes a file that is whole or not there."""
    with write_atomically(path) as stream:
        stream.write(data)


def diff_captures(place: Path, first: str, second: str, policy: str = "") -> Diff:
    """Two captures of one policy side by side. Their timestamps may be cut short where one capture has them.

    `policy` is the name of a policy or of its site, "" where the timestamps are enough.

    Raises UsageError where a timestamp is of none or of several captures.
    """
    lines = [line for site in read_by_site(place) for line in lines_of(site, [])]
    lines = [line for line in lines if policy in ("", line.domain, line.policy)]
    if not lines:
        raise UsageError(f"{place} has no usable, labelled capture{f' of {policy}' if policy else ''}.")
    found = [line.captures for line in lines if all(_picked(line.captures, stamp) for stamp in (first, second))]
    if not found:
        raise UsageError(f"No policy has usable, labelled captures of both {first} and {second}: {_known(lines)}.")
    if len(found) > 1:
        raise UsageError(f"Several policies have captures of {first} and {second}: name one with --policy.")
    return diff(_only(_picked(found[0], first), first), _only(_picked(found[0], second), second))


def _picked(captures: Iterable[Policy], stamp: str) -> list[Policy]:
    """The captures whose timestamp begins so."""
    return [policy for policy in captures if stamp and policy.capture.timestamp.startswith(stamp)]


def _only(captures: Sequence[Policy], stamp: str) -> Policy:
    """The one capture. Raises UsageError where there are several."""
    if len(captures) > 1:
        times = ", ".join(policy.capture.timestamp for policy in captures)
        raise UsageError(f"{stamp} is of several captures ({times}): write more of the timestamp.")
    return captures[0]


def _known(lines: Iterable[Line]) -> str:
    """The captures to choose from, in words."""
    listed = [f"{line.domain} has {', '.join(one.capture.timestamp for one in line.captures)}" for line in lines]
    return "; ".join(listed[:_FEW])
