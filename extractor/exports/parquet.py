"""Parquet: a flat table, one row a segment, packed with zstd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from extractor.errors import ConfigurationError
from extractor.exports.lines import SCOPES, column_of, evidence_in, segments_of
from extractor.files import write_atomically
from extractor.records import CATEGORIES, PRACTICES, Policy, Segment

_ROWS = 5_000  # in a row group, which is what is held in memory
TYPES: dict[str, str] = {
    "policy": "string",
    "domain": "string",
    "title": "string",
    "language": "string",
    "url": "string",
    "timestamp": "string",
    "year": "int16",
    "archive_url": "string",
    "sha256": "string",
    "labelled": "bool",
    "index": "int32",
    "start": "int32",
    "end": "int32",
    "text": "string",
    "kind": "string",
    "headings": "list<string>",
    "context": "string",
    "practices": "list<string>",
    "categories": "list<string>",
    "uncertain": "bool",
    "model": "string",
    "model_sha256": "string",
    **{f"evidence_{practice}": "list<string>" for practice in PRACTICES},
    **{f"polarity_{practice}": "string" for practice in PRACTICES},
    **{f"data_types_{scope}": "list<string>" for scope in SCOPES},
    **{f"score_{practice}": "float64" for practice in PRACTICES},
    **{f"score_{column_of(category)}": "float64" for category in CATEGORIES},
}


def write_parquet(policies: Iterable[Policy], path: Path) -> int:
    """Writes the segments of policies as a table with the columns TYPES, none of them ever null. Gives their number.

    Raises ConfigurationError where pyarrow is not installed.
    """
    pa, pq = arrow()
    schema = pa.schema([_column(pa, name, kind) for name, kind in TYPES.items()])
    rows, count = map(_row_of, segments_of(policies)), 0
    with write_atomically(path) as stream, pq.ParquetWriter(stream, schema, compression="zstd") as table:
        for group in _groups(rows):
            table.write_table(pa.Table.from_pylist(group, schema))
            count += len(group)
    return count


def arrow() -> tuple[Any, Any]:
    """pyarrow and its Parquet module. Raises ConfigurationError where the extra is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ConfigurationError("Parquet needs the extra: pip install 'archived-policy[parquet]'.") from error
    return pyarrow, parquet


def _column(pa: Any, name: str, kind: str) -> Any:
    """A column that holds no nulls, neither in its lists."""
    if kind == "list<string>":
        return pa.field(name, pa.list_(pa.field("element", pa.string(), nullable=False)), nullable=False)
    return pa.field(name, pa.type_for_alias(kind), nullable=False)


def _groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows, so many at a time."""
    while group := list(islice(rows, _ROWS)):
        yield group


def _row_of(found: tuple[Policy, Segment]) -> dict[str, Any]:
    """A segment as a row."""
    policy, segment = found
    return {
        "policy": policy.id,
        "domain": policy.domain,
        "title": policy.title,
        "language": policy.language,
        "url": policy.capture.url,
        "timestamp": policy.capture.timestamp,
        "year": int(policy.capture.timestamp[:4] or 0),
        "archive_url": policy.capture.archive_url,
        "sha256": policy.capture.sha256,
        "labelled": policy.labelled,
        "index": segment.index,
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "kind": segment.kind,
        "headings": segment.headings,
        "context": segment.context,
        "practices": segment.practices,
        "categories": segment.categories,
        "uncertain": segment.uncertain,
        "model": policy.provenance.model,
        "model_sha256": policy.provenance.model_sha256,
        **{f"evidence_{practice}": _quotes(segment, practice) for practice in PRACTICES},
        **{f"polarity_{practice}": segment.polarity[practice] for practice in PRACTICES},
        **{f"data_types_{scope}": segment.data_types[scope] for scope in SCOPES},
        **{f"score_{practice}": segment.scores[practice] for practice in PRACTICES},
        **{f"score_{column_of(category)}": segment.category_scores[category] for category in CATEGORIES},
    }


def _quotes(segment: Segment, practice: str) -> list[str]:
    """The words that carried a practice."""
    return [segment.text[start:end] for name, start, end in evidence_in(segment) if name == practice]
