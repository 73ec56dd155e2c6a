"""doccano: a line per segment with the model's labels, as its text classification projects import and export them.

doccano has no predictions: imported labels are labels, which a human corrects and approves.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.exports.fields import JsonObject, lowest_confidence, segment_metadata, segments_of
from extractor.exports.jsonl import write_json_lines
from extractor.records import Policy, Segment


def write_doccano(policies: Iterable[Policy], path: Path) -> int:
    """Writes the segments of policies as examples and returns their number."""
    return write_json_lines((doccano_example(*pair) for pair in segments_of(policies)), path)


def doccano_example(policy: Policy, segment: Segment) -> JsonObject:
    """A segment as an example; doccano takes all but `text` and `label` as metadata."""
    labels = [*segment.practices, *segment.categories]
    return {
        "text": segment.text,
        "label": labels,
        **segment_metadata(policy, segment),
        "sure": lowest_confidence(segment),
    }
