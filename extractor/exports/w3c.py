"""W3C Web Annotation (JSON-LD): an annotation per segment with its labels as tags, and one per practice with evidence.

A target is given by quote and by position. The targets of a practice are its evidence.

Web Annotation Data Model, W3C Recommendation of 23 February 2017.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from urllib.parse import quote

from extractor.exports.fields import JsonObject, evidence_in, segments_of
from extractor.exports.jsonl import write_json_array
from extractor.records import Policy, Segment
from extractor.timestamps import iso_day
from extractor.version import VERSION

_URL_SAFE_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"  # in a URL; spaces and letters beyond ASCII are escaped
_QUOTE_CONTEXT_CHARACTERS = 32  # characters before and after a quote
_COLLECTION_START = (
    '{"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationCollection", "label": "Privacy policies", '
)
_COLLECTION_START += '"first": {"type": "AnnotationPage", "startIndex": 0, "items": ['
_COLLECTION_END = ']}, "total": {count}}'


def write_w3c(policies: Iterable[Policy], path: Path) -> int:
    """Writes an AnnotationCollection of the labelled segments and their evidence; returns the number of annotations."""
    annotations = (annotation for pair in segments_of(policies) for annotation in _annotations_of(*pair))
    return write_json_array(annotations, path, start=_COLLECTION_START, end=_COLLECTION_END)


def _annotations_of(policy: Policy, segment: Segment) -> Iterator[JsonObject]:
    """The annotation of a segment if it has labels, and those of the evidence of each practice."""
    if segment.practices or segment.categories:
        yield _classification(policy, segment)
    for practice, spans in groupby(evidence_in(segment), key=itemgetter(0)):
        yield _highlight(
            policy, segment, practice, [(segment.start + start, segment.start + end) for _, start, end in spans]
        )


def _classification(policy: Policy, segment: Segment) -> JsonObject:
    """The annotation with the labels of a segment. Positions in the policy's `text` are in Unicode code points."""
    return {
        **_annotation_header(policy, f"{segment.index}", "classifying"),
        "body": [_tag(label) for label in (*segment.practices, *segment.categories)],
        "target": _target(policy, segment.start, segment.end),
    }


def _highlight(policy: Policy, segment: Segment, practice: str, spans: Iterable[tuple[int, int]]) -> JsonObject:
    """The annotation with the evidence of a practice in a segment."""
    return {
        **_annotation_header(policy, f"{segment.index}/{practice}", "highlighting"),
        "body": [_tag(practice)],
        "target": [_target(policy, start, end) for start, end in spans],
    }


def _annotation_header(policy: Policy, fragment: str, motivation: str) -> JsonObject:
    """The id, type, motivation and generator of an annotation."""
    return {
        "id": f"urn:archived-policy:{quote(policy.id, safe='/:')}#{fragment}",
        "type": "Annotation",
        "motivation": motivation,
        "generator": {"type": "Software", "name": f"archived-policy {VERSION}: {policy.provenance.model}"},
    }


def _tag(label: str) -> JsonObject:
    """A label as the body of an annotation."""
    return {"type": "TextualBody", "purpose": "tagging", "value": label}


def _target(policy: Policy, start: int, end: int) -> JsonObject:
    """A passage of a policy's text as a target."""
    return {"source": _source_of(policy), **_state_of(policy), "selector": _selectors(policy.text, start, end)}


def _source_of(policy: Policy) -> str:
    """The URL of the annotated page; if it is unknown, the record's id as a URN."""
    return quote(policy.capture.url, safe=_URL_SAFE_CHARACTERS) or f"urn:archived-policy:{quote(policy.id, safe='/:')}"


def _state_of(policy: Policy) -> JsonObject:
    """The time at which the source was captured, and the archive's copy; empty if the time is unknown."""
    timestamp, copy = policy.capture.timestamp, policy.capture.archive_url
    if not timestamp:
        return {}
    date = f"{iso_day(timestamp)}T{timestamp[8:10]}:{timestamp[10:12]}:{timestamp[12:]}Z"
    return {"state": {"type": "TimeState", "sourceDate": date, **({"cached": copy} if copy else {})}}


def _selectors(text: str, start: int, end: int) -> list[JsonObject]:
    """The selectors of a passage: its quote with the text around it, and its position."""
    context = {
        "prefix": text[max(0, start - _QUOTE_CONTEXT_CHARACTERS) : start],
        "suffix": text[end : end + _QUOTE_CONTEXT_CHARACTERS],
    }
    return [
        {"type": "TextQuoteSelector", "exact": text[start:end], **context},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]
