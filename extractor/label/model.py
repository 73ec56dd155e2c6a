"""What every model does: scores of segments, and from scores labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from extractor.records import CATEGORIES, PRACTICES, Category, CategoryScores, Practice, PracticeScores, Segment

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

    def applied(self, segment: Segment, scores: Array) -> Segment:
        """A segment with what its scores say."""
        given = scores >= self.thresholds
        best = int(np.argmax(scores[FIVE] - self.thresholds[FIVE]))
        return replace(
            segment,
            practices=practices_given(given[FIVE]),
            scores=practice_scores(scores[FIVE]),
            categories=categories_given(given[TWELVE], int(np.argmax(scores[TWELVE]))),
            category_scores=category_scores(scores[TWELVE]),
            uncertain=bool(abs(scores[best] - self.thresholds[best]) < self.unclear),
        )


def rule_of(card: Mapping[str, Any]) -> Rule:
    """The rule in a model's JSON. Raises KeyError, TypeError or ValueError where there is none."""
    slope, shift, thresholds = (
        np.array([float(card["labels"][label][name]) for label in LABELS]) for name in ("slope", "shift", "threshold")
    )
    return Rule(slope, shift, thresholds, float(card["unclear"]))


def practices_given(given: NDArray[np.bool_]) -> tuple[Practice, ...]:
    """The practices marked."""
    return tuple(name for name, yes in zip(PRACTICES, given, strict=True) if yes)


def categories_given(given: NDArray[np.bool_], highest: int) -> tuple[Category, ...]:
    """The categories marked, and always the highest."""
    return tuple(name for k, name in enumerate(CATEGORIES) if given[k] or k == highest)


def practice_scores(row: Array) -> PracticeScores:
    """A row of scores by practice."""
    collection, sharing, cookies, rights, children = row.tolist()
    return {"collection": collection, "sharing": sharing, "cookies": cookies, "rights": rights, "children": children}


def category_scores(row: Array) -> CategoryScores:
    """A row of scores by category."""
    return dict(zip(CATEGORIES, row.tolist(), strict=True))  # type: ignore[return-value]
