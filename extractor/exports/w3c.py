"""W3C Web Annotation (JSON-LD): an annotation a segment, its labels as tags, its place by quote and by position.

And an annotation a practice of a segment, whose targets are the places that carried it.

Web Annotation Data Model, W3C Recommendation of 23 February 2017.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from urllib.parse import quote

from extractor.exports.lines import Record, evidence_in, segments_of, write_array
from extractor.records import Policy, Segment
from extractor.version import VERSION

_KEPT = "%/:?#[]@!$&'()*+,;=~"  # in an address; spaces and letters beyond ASCII are no part of one
_AROUND = 32  # characters before and after a quote
_BEFORE = (
    '{"@context": "http://www.w3.org/ns/anno.jsonld", "type": "AnnotationCollection", "label": "Privacy policies", '
)
_BEFORE += '"first": {"type": "AnnotationPage", "startIndex": 0, "items": ['
_AFTER = ']}, "total": {count}}'


def write_w3c(policies: Iterable[Policy], path: Path) -> int:
    """Writes an AnnotationCollection of the segments with labels and of their evidence. Gives the number of both."""
    found = (one for place in segments_of(policies) for one in _annotations_of(*place))
    return write_array(found, path, before=_BEFORE, after=_AFTER)


def _annotations_of(policy: Policy, segment: Segment) -> Iterator[Record]:
    """The annotation of a segment with labels, and those of the evidence of each practice."""
    if segment.practices or segment.categories:
        yield _annotation(policy, segment)
    for practice, found in groupby(evidence_in(segment), key=itemgetter(0)):
        yield _highlight(
            policy, segment, practice, [(segment.start + start, segment.start + end) for _, start, end in found]
        )


def _annotation(policy: Policy, segment: Segment) -> Record:
    """A segment as an annotation. Quote and position are of the policy's `text`, in Unicode code points."""
    return {
        **_named(policy, f"{segment.index}", "classifying"),
        "body": [_tag(label) for label in (*segment.practices, *segment.categories)],
        "target": _target(policy, segment.start, segment.end),
    }


def _highlight(policy: Policy, segment: Segment, practice: str, spans: Iterable[tuple[int, int]]) -> Record:
    """The places that carried a practice of a segment as an annotation."""
    return {
        **_named(policy, f"{segment.index}/{practice}", "highlighting"),
        "body": [_tag(practice)],
        "target": [_target(policy, start, end) for start, end in spans],
    }


def _named(policy: Policy, fragment: str, motivation: str) -> Record:
    """What names an annotation, and who made it."""
    return {
        "id": f"urn:archived-policy:{quote(policy.id, safe='/:')}#{fragment}",
        "type": "Annotation",
        "motivation": motivation,
        "generator": {"type": "Software", "name": f"archived-policy {VERSION}: {policy.provenance.model}"},
    }


def _tag(label: str) -> Record:
    """A label as the body of an annotation."""
    return {"type": "TextualBody", "purpose": "tagging", "value": label}


def _target(policy: Policy, start: int, end: int) -> Record:
    """A place in a policy's text."""
    return {"source": _source_of(policy), **_state_of(policy), "selector": _selectors(policy.text, start, end)}


def _source_of(policy: Policy) -> str:
    """The address of what is annotated, or, where it has none, the record's id as a URN."""
    return quote(policy.capture.url, safe=_KEPT) or f"urn:archived-policy:{quote(policy.id, safe='/:')}"


def _state_of(policy: Policy) -> Record:
    """When the source was as annotated, and the archive's copy of it; nothing where that is not known."""
    when, copy = policy.capture.timestamp, policy.capture.archive_url
    if not when:
        return {}
    date = f"{when[:4]}-{when[4:6]}-{when[6:8]}T{when[8:10]}:{when[10:12]}:{when[12:]}Z"
    return {"state": {"type": "TimeState", "sourceDate": date, **({"cached": copy} if copy else {})}}


def _selectors(text: str, start: int, end: int) -> list[Record]:
    """A place in a text: what it says with what stands around it, and from where to where."""
    around = {"prefix": text[max(0, start - _AROUND) : start], "suffix": text[end : end + _AROUND]}
    return [
        {"type": "TextQuoteSelector", "exact": text[start:end], **around},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]
