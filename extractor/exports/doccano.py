"""doccano: a line a segment, as its text classification projects import and export them, with the model's labels.

doccano has no predictions: what is imported stands as labels, which a human corrects and approves.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.exports.lines import Record, origin, segments_of, surest, write_lines
from extractor.records import Policy, Segment


def write_doccano(policies: Iterable[Policy], path: Path) -> int:
    """Writes the segments of policies. Gives their number."""
    return write_lines((example_of(*found) for found in segments_of(policies)), path)


def example_of(policy: Policy, segment: Segment) -> Record:
    """A segment as an example; what is neither `text` nor `label` becomes the example's metadata."""
    labels = [*segment.practices, *segment.categories]
    return {"text": segment.text, "label": labels, **origin(policy, segment), "sure": surest(segment)}
