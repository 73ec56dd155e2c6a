"""A cache of labelled passages: in the next capture of a policy most of them are unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from extractor.label.model import Model
from extractor.records import PracticeEvidence, Segment

_MAX_CACHED_PASSAGES = 5_000  # about 3 kB each; the least recently used are dropped
LabelCache = dict[tuple[str, tuple[str, ...], str], Segment]


def label_with_cache(segments: Sequence[Segment], model: Model, cache: LabelCache) -> list[Segment]:
    """The segments as the model labels them; those in the cache are taken from it, the others are added to it.

    The result is the same without a cache, as each segment is labelled independently of the others.
    """
    keys = [(segment.text, segment.headings, segment.context) for segment in segments]
    new = {key: segment for key, segment in zip(keys, segments, strict=True) if key not in cache}
    cache.update(zip(new, model.label(list(new.values())), strict=True))
    labelled = []
    for key, segment in zip(keys, segments, strict=True):
        cache[key] = cached = cache.pop(key)  # to the end
        labelled.append(_at_position_of(segment, cached))
    for oldest in list(islice(cache, max(0, len(cache) - _MAX_CACHED_PASSAGES))):
        del cache[oldest]
    return labelled


def _at_position_of(segment: Segment, labelled: Segment) -> Segment:
    """A segment with the labels of an equal one, and with dicts of its own, which a user may change."""
    return Segment(  # twice as fast as dataclasses.replace
        segment.index,
        segment.start,
        segment.end,
        segment.text,
        segment.kind,
        segment.headings,
        segment.context,
        labelled.practices,
        labelled.scores.copy(),
        labelled.categories,
        labelled.category_scores.copy(),
        labelled.uncertain,
        labelled.polarity.copy(),
        _shifted_evidence(labelled, segment.start - labelled.start),
        labelled.data_types.copy(),
    )


def _shifted_evidence(labelled: Segment, offset: int) -> PracticeEvidence:
    """The evidence of a segment, moved by an offset."""
    evidence = labelled.evidence.copy()
    if offset:
        for practice in labelled.practices:
            evidence[practice] = tuple([(start + offset, end + offset) for start, end in evidence[practice]])
    return evidence
