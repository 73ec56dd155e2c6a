"""A table of segments as Parquet, a row per segment, compressed with zstd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from extractor.exports.fields import DATA_TYPE_SCOPES, column_name, evidence_in, segments_of
from extractor.exports.tables import write_parquet_table
from extractor.records import CATEGORIES, PRACTICES, Policy, Segment

_ROW_GROUP_SIZE = 5_000  # rows, which are held in memory
SEGMENT_COLUMN_TYPES: dict[str, str] = {
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
    **{f"data_types_{scope}": "list<string>" for scope in DATA_TYPE_SCOPES},
    **{f"score_{practice}": "float64" for practice in PRACTICES},
    **{f"score_{column_name(category)}": "float64" for category in CATEGORIES},
}


def write_segments_parquet(policies: Iterable[Policy], path: Path) -> int:
    """Writes the segments of policies, in the columns SEGMENT_COLUMN_TYPES without nulls, and returns their number.

    Raises ConfigurationError if pyarrow is not installed.
    """
    rows = (_row_of(policy, segment) for policy, segment in segments_of(policies))
    return write_parquet_table(SEGMENT_COLUMN_TYPES, _row_groups(rows), path, compression="zstd")


def _row_groups(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows in row groups."""
    while group := list(islice(rows, _ROW_GROUP_SIZE)):
        yield group


def _row_of(policy: Policy, segment: Segment) -> dict[str, Any]:
    """A segment as a row."""
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
        **{f"evidence_{practice}": _evidence_texts(segment, practice) for practice in PRACTICES},
        **{f"polarity_{practice}": segment.polarity[practice] for practice in PRACTICES},
        **{f"data_types_{scope}": segment.data_types[scope] for scope in DATA_TYPE_SCOPES},
        **{f"score_{practice}": segment.scores[practice] for practice in PRACTICES},
        **{f"score_{column_name(category)}": segment.category_scores[category] for category in CATEGORIES},
    }


def _evidence_texts(segment: Segment, practice: str) -> list[str]:
    """The passages of a segment that are evidence of a practice."""
    return [segment.text[start:end] for name, start, end in evidence_in(segment) if name == practice]
