"""What every model does: scores of segments, and from scores labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from extractor.records import CATEGORIES, PRACTICES, CategoryScores, PracticeScores, Segment

LABELS: tuple[str, ...] = (*PRACTICES, *CATEGORIES)
FIVE, TWELVE = slice(0, len(PRACTICES)), slice(len(PRACTICES), None)
Array = NDArray[np.float64]


class Model(Protocol):
    """A loaded model. `sha256` is of the JSON that names its other files and their hashes; `card` is that JSON."""

    @property
    def name(self) -> str:
        """What it is called: fast, accurate."""

    @property
    def version(self) -> str:
        """The release that trained it."""

    @property
    def sha256(self) -> str:
        """What it is, to the byte."""

    @property
    def card(self) -> Mapping[str, Any]:
        """What it was trained on, and how its scores become labels."""

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """The segments with practices, categories and their scores set; none depends on the others."""


@dataclass(frozen=True)
class Rule:
    """How decision values become scores, and scores labels; arrays in the order of LABELS.

    The score of label k is sigmoid(slope[k] * value + shift[k]), rounded to four places. A label is given where its
    score reaches its threshold; of the twelve categories the highest is always given, as every passage of the benchmark
    has one. `unclear` is the half-width of the band around a practice's threshold in which its score says little.
    """

    slope: Array
    shift: Array
    thresholds: Array
    unclear: float

    def scores(self, values: Array) -> Array:
        """Decision values as scores, 0 to 1."""
        return np.asarray(np.round(1 / (1 + np.exp(-np.clip(self.slope * values + self.shift, -30, 30))), 4))

    def applied(self, segments: Sequence[Segment], scores: Array) -> list[Segment]:
        """Segments with what their scores say, (segments, labels)."""
        given = scores >= self.thresholds
        given[np.arange(len(scores)), len(PRACTICES) + scores[:, TWELVE].argmax(axis=1)] = True
        from_threshold = scores[:, FIVE] - self.thresholds[FIVE]
        surest = np.take_along_axis(from_threshold, from_threshold.argmax(axis=1)[:, None], axis=1)[:, 0]
        rows = zip(segments, given.tolist(), scores.tolist(), (abs(surest) < self.unclear).tolist(), strict=True)
        return [_labelled(*row) for row in rows]


def rule_of(card: Mapping[str, Any]) -> Rule:
    """The rule in a model's JSON. Raises KeyError, TypeError or ValueError where there is none."""
    slope, shift, thresholds = (
        np.array([float(card["labels"][label][name]) for label in LABELS]) for name in ("slope", "shift", "threshold")
    )
    return Rule(slope, shift, thresholds, float(card["unclear"]))


def _labelled(segment: Segment, given: list[bool], scores: list[float], uncertain: bool) -> Segment:
    """A segment with its labels and scores, both in the order of LABELS."""
    return replace(
        segment,
        practices=tuple(compress(PRACTICES, given[FIVE])),
        scores=_practice_scores(scores[FIVE]),
        categories=tuple(compress(CATEGORIES, given[TWELVE])),
        category_scores=_category_scores(scores[TWELVE]),
        uncertain=uncertain,
    )


def _practice_scores(row: list[float]) -> PracticeScores:
    """A row of scores by practice."""
    return dict(zip(PRACTICES, row, strict=True))  # type: ignore[return-value]


def _category_scores(row: list[float]) -> CategoryScores:
    """A row of scores by category."""
    return dict(zip(CATEGORIES, row, strict=True))  # type: ignore[return-value]
