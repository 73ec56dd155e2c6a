"""Prodigy: tasks as its recipes read them, from segments (textcat) or policies (spans)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.exports.fields import JsonObject, lowest_confidence, segment_metadata, segments_of
from extractor.exports.jsonl import write_json_lines
from extractor.records import PRACTICES, Policy, Segment


def write_prodigy(policies: Iterable[Policy], path: Path) -> int:
    """Writes a multiple-choice task per segment, for `mark` and `textcat.manual`, and returns their number."""
    return write_json_lines((_choice_task(*pair) for pair in segments_of(policies)), path)


def write_prodigy_spans(policies: Iterable[Policy], path: Path) -> int:
    """Writes a task per policy with a span per practice and segment, for `spans.manual`, and returns their number.

    Prodigy adds the tokens, with the pipeline that a recipe uses.
    """
    return write_json_lines(map(_spans_task, policies), path)


def _choice_task(policy: Policy, segment: Segment) -> JsonObject:
    """A segment as a task of the `choice` interface: `accept` holds the practices that the model predicted."""
    return {
        "text": segment.text,
        "options": [{"id": practice, "text": practice} for practice in PRACTICES],
        "accept": list(segment.practices),
        "meta": {**segment_metadata(policy, segment), "score": lowest_confidence(segment)},
    }


def _spans_task(policy: Policy) -> JsonObject:
    """A policy as a task of the `spans` interface; offsets are characters of its text."""
    spans = [
        {"start": segment.start, "end": segment.end, "label": practice}
        for segment in policy.segments
        for practice in segment.practices
    ]
    names = {"record": policy.id, "site": policy.site, "policy": policy.policy, "domain": policy.domain}
    meta = {**names, "timestamp": policy.capture.timestamp, "model": policy.provenance.model}
    return {"text": policy.text, "spans": spans, "meta": meta}
