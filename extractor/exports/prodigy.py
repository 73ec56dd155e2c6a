"""Prodigy: tasks as its recipes read them, from segments (textcat) or whole policies (spans)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.exports.lines import Record, origin, segments_of, surest, write_lines
from extractor.records import PRACTICES, Policy, Segment


def write_prodigy(policies: Iterable[Policy], path: Path) -> int:
    """Writes a multiple-choice task a segment, as `mark` and `textcat.manual` show them. Gives their number."""
    return write_lines((_choice_task(*found) for found in segments_of(policies)), path)


def write_prodigy_spans(policies: Iterable[Policy], path: Path) -> int:
    """Writes a task a policy with a span for each practice of each segment, as for `spans.manual`. Gives their number.

    The tokens are left to Prodigy, which sets them by the pipeline that a recipe is given.
    """
    return write_lines(map(_spans_task, policies), path)


def _choice_task(policy: Policy, segment: Segment) -> Record:
    """A segment as a task of the `choice` interface: `accept` holds the practices that the model gave."""
    return {
        "text": segment.text,
        "options": [{"id": practice, "text": practice} for practice in PRACTICES],
        "accept": list(segment.practices),
        "meta": {**origin(policy, segment), "score": surest(segment)},
    }


def _spans_task(policy: Policy) -> Record:
    """A policy as a task of the `spans` interface; offsets are characters of its text."""
    spans = [
        {"start": segment.start, "end": segment.end, "label": practice}
        for segment in policy.segments
        for practice in segment.practices
    ]
    meta = {"policy": policy.id, "domain": policy.domain, "model": policy.provenance.model}
    return {"text": policy.text, "spans": spans, "meta": meta}
