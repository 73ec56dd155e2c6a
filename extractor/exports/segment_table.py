"""The table of segments: a row per segment of a record."""

from __future__ import annotations

from extractor.exports.fields import (
    CAPTURE_COLUMN_TYPES,
    DATA_TYPE_SCOPES,
    JsonObject,
    capture_columns,
    column_name,
    evidence_in,
)
from extractor.records import CATEGORIES, PRACTICES, Policy, Practice, Segment

SEGMENT_COLUMN_TYPES: dict[str, str] = {
    **CAPTURE_COLUMN_TYPES,
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
    **dict.fromkeys(PRACTICES, "string"),
    **{f"evidence_{practice}": "list<string>" for practice in PRACTICES},
    **{f"data_types_{scope}": "list<string>" for scope in DATA_TYPE_SCOPES},
    **{f"score_{practice}": "float64" for practice in PRACTICES},
    **{f"score_{column_name(category)}": "float64" for category in CATEGORIES},
}


def segment_rows(policy: Policy) -> list[JsonObject]:
    """The segments of a policy as rows: the values of SEGMENT_COLUMN_TYPES.

    A practice is the segment's polarity, as in the table of policies.
    """
    capture = capture_columns(policy)
    return [{**capture, **_segment_columns(segment)} for segment in policy.segments]


def _segment_columns(segment: Segment) -> JsonObject:
    """The columns that differ between the segments of a policy."""
    return {
        "index": segment.index,
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "kind": segment.kind,
        "headings": list(segment.headings),
        "context": segment.context,
        "practices": list(segment.practices),
        "categories": list(segment.categories),
        "uncertain": segment.uncertain,
        **{practice: _stated_polarity(segment, practice) for practice in PRACTICES},
        **{f"evidence_{practice}": _evidence_texts(segment, practice) for practice in PRACTICES},
        **{f"data_types_{scope}": list(segment.data_types[scope]) for scope in DATA_TYPE_SCOPES},
        **{f"score_{practice}": segment.scores[practice] for practice in PRACTICES},
        **{f"score_{column_name(category)}": segment.category_scores[category] for category in CATEGORIES},
    }


def _stated_polarity(segment: Segment, practice: Practice) -> str:
    """The polarity of a segment; "unclear" for a practice without one, as in records of schema 1.0."""
    return (segment.polarity[practice] or "unclear") if practice in segment.practices else ""


def _evidence_texts(segment: Segment, practice: str) -> list[str]:
    """The passages of a segment that are evidence of a practice."""
    return [segment.text[start:end] for name, start, end in evidence_in(segment) if name == practice]
