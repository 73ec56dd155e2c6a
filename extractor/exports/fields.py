"""Values that several formats take from policies and segments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Literal

from extractor.records import DATA_TYPES, PRACTICES, Policy, Practice, Segment
from extractor.timestamps import iso_day

JsonObject = dict[str, Any]
DATA_TYPE_SCOPES: tuple[Literal["collection"], Literal["sharing"]] = ("collection", "sharing")  # practices with types
HEADING_SEPARATOR = " › "
CAPTURE_COLUMN_TYPES: dict[str, str] = {
    "id": "string",
    "site": "string",
    "policy": "string",
    "domain": "string",
    "title": "string",
    "language": "string",
    "url": "string",
    "timestamp": "string",
    "date": "date32",
    "year": "int16",
    "archive_url": "string",
    "sha256": "string",
    "labelled": "bool",
    "model": "string",
    "model_sha256": "string",
}


def column_name(label: str) -> str:
    """A label as the name of a column.

    >>> column_name("First Party Collection/Use")
    'first_party_collection_use'
    """
    return re.sub(r"\W+", "_", label).lower()


def capture_columns(policy: Policy) -> JsonObject:
    """What tables say of the capture that a row is of: the values of CAPTURE_COLUMN_TYPES.

    `date` is None and `year` 0 where the time is unknown.
    """
    capture = policy.capture
    return {
        "id": policy.id,
        "site": policy.site,
        "policy": policy.policy,
        "domain": policy.domain,
        "title": policy.title,
        "language": policy.language,
        "url": capture.url,
        "timestamp": capture.timestamp,
        "date": _day_of(capture.timestamp),
        "year": int(capture.timestamp[:4] or 0),
        "archive_url": capture.archive_url,
        "sha256": capture.sha256,
        "labelled": policy.labelled,
        "model": policy.provenance.model,
        "model_sha256": policy.provenance.model_sha256,
    }


def _day_of(timestamp: str) -> date | None:
    """The day of a timestamp, None if it is of no real day.

    >>> _day_of("20151229060258"), _day_of("20151200000000"), _day_of("")
    (datetime.date(2015, 12, 29), None, None)
    """
    try:
        return date.fromisoformat(iso_day(timestamp))
    except ValueError:
        return None


def segments_of(policies: Iterable[Policy]) -> Iterator[tuple[Policy, Segment]]:
    """Each segment with its policy."""
    return ((policy, segment) for policy in policies for segment in policy.segments)


def segment_metadata(policy: Policy, segment: Segment) -> JsonObject:
    """What an annotator sees of a segment beside its text, and what locates the segment in its policy."""
    return {
        "record": policy.id,
        "site": policy.site,
        "policy": policy.policy,
        "domain": policy.domain,
        "url": policy.capture.url,
        "timestamp": policy.capture.timestamp,
        "index": segment.index,
        "start": segment.start,
        "end": segment.end,
        "headings": HEADING_SEPARATOR.join(segment.headings),
        "context": segment.context,
        "polarity": _polarity_summary(segment),
        "data_types": _data_types_summary(segment),
        "model": policy.provenance.model,
    }


def evidence_in(segment: Segment) -> Iterator[tuple[Practice, int, int]]:
    """The evidence of a segment: practice, start and end in the segment's text."""
    for practice in segment.practices:
        for start, end in segment.evidence[practice]:
            yield practice, start - segment.start, end - segment.start


def _polarity_summary(segment: Segment) -> str:
    """The polarities of a segment's practices other than "does".

    >>> _polarity_summary(Segment(0, 0, 1, "a", polarity={"sharing": "does_not", "rights": "does"}))
    'sharing: does_not'
    """
    polarities = ((practice, segment.polarity.get(practice, "")) for practice in PRACTICES)
    return ", ".join(f"{practice}: {polarity}" for practice, polarity in polarities if polarity not in ("", "does"))


def _data_types_summary(segment: Segment) -> str:
    """The types of data that a segment names, by practice.

    >>> _data_types_summary(Segment(0, 0, 1, "a", data_types={"collection": ("contact", "device"), "sharing": ()}))
    'collection: contact, device'
    """
    types_by_scope = ((scope, segment.data_types[scope]) for scope in DATA_TYPE_SCOPES)
    return "; ".join(f"{scope}: {', '.join(types)}" for scope, types in types_by_scope if types)


def data_types_in(policy: Policy, scope: Literal["collection", "sharing"]) -> list[str]:
    """The types of data that the segments of a policy name for a practice."""
    names = {name for segment in policy.segments for name in segment.data_types[scope]}
    return [name for name in DATA_TYPES if name in names]


def lowest_confidence(segment: Segment) -> float:
    """The model's confidence in the practice it is least sure of, 0.5 to 1: annotators begin with the lowest."""
    return round(min(max(score, 1 - score) for score in (segment.scores[practice] for practice in PRACTICES)), 4)
