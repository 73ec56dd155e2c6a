"""W3C Web Annotation (JSON-LD): an annotation a segment, its labels as tags, its place by quote and by position.

Web Annotation Data Model, W3C Recommendation of 23 February 2017.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from extractor.exports.lines import Record, segments_of, write_array
from extractor.records import Policy, Segment
from extractor.version import VERSION

KEPT = "%/:?#[]@!$&'()*+,;=~"  # in an address; spaces and letters beyond ASCII are no part of one
AROUND = 32  # characters before and after a quote
BEFORE = (
    '{"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationCollection", "label": "Privacy policies", '
)
BEFORE += '"first": {"type": "AnnotationPage", "startIndex": 0, "items": ['
AFTER = ']}, "total": {count}}'


def write_w3c(policies: Iterable[Policy], path: Path) -> int:
    """Writes an AnnotationCollection of the segments with labels. Gives their number."""
    found = (annotation(*one) for one in segments_of(policies) if one[1].practices or one[1].categories)
    return write_array(found, path, before=BEFORE, after=AFTER)


def annotation(policy: Policy, segment: Segment) -> Record:
    """A segment as an annotation. Quote and position are of the policy's `text`, in Unicode code points."""
    return {
        "id": f"urn:archived-policy:{quote(policy.id, safe='/:')}#{segment.index}",
        "type": "Annotation",
        "motivation": "classifying",
        "generator": {"type": "Software", "name": f"archived-policy {VERSION}: {policy.provenance.model}"},
        "body": [
            {"type": "TextualBody", "purpose": "tagging", "value": label}
            for label in (*segment.practices, *segment.categories)
        ],
        "target": {"source": source_of(policy), **state_of(policy), "selector": selectors(policy.text, segment)},
    }


def source_of(policy: Policy) -> str:
    """The address of what is annotated, or, where it has none, the record's id as a URN."""
    return quote(policy.capture.url, safe=KEPT) or f"urn:archived-policy:{quote(policy.id, safe='/:')}"


def state_of(policy: Policy) -> Record:
    """When the source was as annotated, and the archive's copy of it; nothing where that is not known."""
    when, copy = policy.capture.timestamp, policy.capture.archive_url
    if not when:
        return {}
    date = f"{when[:4]}-{when[4:6]}-{when[6:8]}T{when[8:10]}:{when[10:12]}:{when[12:]}Z"
    return {"state": {"type": "TimeState", "sourceDate": date, **({"cached": copy} if copy else {})}}


def selectors(text: str, segment: Segment) -> list[Record]:
    """The place of a segment in a text: what it says with what stands around it, and from where to where."""
    around = {
        "prefix": text[max(0, segment.start - AROUND) : segment.start],
        "suffix": text[segment.end : segment.end + AROUND],
    }
    return [
        {"type": "TextQuoteSelector", "exact": segment.text, **around},
        {"type": "TextPositionSelector", "start": segment.start, "end": segment.end},
    ]
