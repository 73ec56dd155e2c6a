"""Passages are known again: in the next capture of a policy most of them stand unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from extractor.label.model import Model
from extractor.records import PracticeEvidence, Segment, no_evidence

_REMEMBERED = 5_000  # passages, about 3 kB each; what was not seen for longest is forgotten
Memory = dict[tuple[str, tuple[str, ...], str], Segment]


def label_once(segments: Sequence[Segment], model: Model, memory: Memory) -> list[Segment]:
    """The segments as the model labels them, those in the memory without asking it; the memory learns the others.

    What comes out is the same without a memory, as no label depends on what else is labelled.
    """
    keys = [(segment.text, segment.headings, segment.context) for segment in segments]
    new = {key: segment for key, segment in zip(keys, segments, strict=True) if key not in memory}
    memory.update(zip(new, model.label(list(new.values())), strict=True))
    for key in keys:
        memory[key] = memory.pop(key)  # to the end
    labelled = [_placed(memory[key], segment) for key, segment in zip(keys, segments, strict=True)]
    for oldest in list(islice(memory, max(0, len(memory) - _REMEMBERED))):
        del memory[oldest]
    return labelled


def _placed(labelled: Segment, segment: Segment) -> Segment:
    """What was said of a passage, where it stands now; with dicts of its own, which a user may change."""
    return replace(
        segment,
        practices=labelled.practices,
        scores=labelled.scores.copy(),
        categories=labelled.categories,
        category_scores=labelled.category_scores.copy(),
        uncertain=labelled.uncertain,
        evidence=_evidence_at(labelled, segment.start),
        polarity=labelled.polarity.copy(),
        data_types=labelled.data_types.copy(),
    )


def _evidence_at(labelled: Segment, start: int) -> PracticeEvidence:
    """The evidence of a passage where it begins at `start`."""
    evidence, by = no_evidence(), start - labelled.start
    for practice in labelled.practices:
        evidence[practice] = tuple((first + by, last + by) for first, last in labelled.evidence[practice])
    return evidence
