"""Evidence by occlusion: the sentences without which a passage's value for a label drops most.

M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014. A model is asked once more
for each sentence of a passage that has several, and how it comes to its values need not be known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

import numpy as np

from extractor.label.evidence import FAINT, MOST, Span, sentences
from extractor.label.model import Array
from extractor.records import PRACTICES, Segment, no_evidence


def by_occlusion(
    labelled: Sequence[Segment], values: Array, values_of: Callable[[Sequence[Segment]], Array]
) -> list[Segment]:
    """Labelled segments with the sentences that carried their practices.

    `values` are their decision values, `values_of` gives those of other segments, both (segments, labels).
    """
    spans = [sentences(segment.text) if segment.practices else [] for segment in labelled]
    without = [list(_without_each(*one)) for one in zip(labelled, spans, strict=True)]
    found = values_of([segment for some in without for segment in some])
    borders = pairwise(accumulate(map(len, without), initial=0))
    drops = [row - found[start:end] for row, (start, end) in zip(values, borders, strict=True)]
    return [_with_drops(*one) if one[0].practices else one[0] for one in zip(labelled, spans, drops, strict=True)]


def _without_each(segment: Segment, spans: Sequence[Span]) -> list[Segment]:
    """A segment without each of its sentences, if it has several."""
    text = segment.text
    return [replace(segment, text=text[:start] + text[end:]) for start, end in spans if len(spans) > 1]


def _with_drops(segment: Segment, spans: Sequence[Span], drops: Array) -> Segment:
    """A segment with its evidence; `drops` is what each sentence costs, (sentences, labels), empty where it has one."""
    evidence = no_evidence()
    for practice in segment.practices:
        chosen = _costly(drops[:, PRACTICES.index(practice)]) if len(drops) else range(len(spans))
        evidence[practice] = tuple((segment.start + spans[k][0], segment.start + spans[k][1]) for k in chosen)
    return replace(segment, evidence=evidence)


def _costly(drops: Array) -> list[int]:
    """Which sentences are evidence: the costliest, and others that cost a good part of that.

    >>> _costly(np.array([0.1, 2.0, 0.9, -1.0]))
    [1, 2]
    """
    order = np.argsort(-drops, kind="stable")[:MOST].tolist()
    return sorted(k for k in order if k == order[0] or drops[k] >= FAINT * drops[order[0]] > 0)
