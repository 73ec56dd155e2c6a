"""The interface of models, and the rule that turns decision values into scores and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from extractor.records import CATEGORIES, PRACTICES, Category, CategoryScores, Practice, PracticeScores, Segment

LABELS: tuple[str, ...] = (*PRACTICES, *CATEGORIES)
PRACTICE_COLUMNS, CATEGORY_COLUMNS = slice(0, len(PRACTICES)), slice(len(PRACTICES), None)
_PRACTICE_OF_CATEGORY: dict[Category, Practice] = {  # where a category is about nothing but the practice
    "Do Not Track": "cookies",
    "First Party Collection/Use": "collection",
    "Third Party Sharing/Collection": "sharing",
    "User Access, Edit and Deletion": "rights",
    "User Choice/Control": "rights",
}
_NO_PRACTICE = -1
_PRACTICE_COLUMN_OF_CATEGORY = np.full(len(CATEGORIES), _NO_PRACTICE)
for _category, _practice in _PRACTICE_OF_CATEGORY.items():
    _PRACTICE_COLUMN_OF_CATEGORY[CATEGORIES.index(_category)] = PRACTICES.index(_practice)
FloatArray = NDArray[np.float64]


class Model(Protocol):
    """A loaded model."""

    @property
    def name(self) -> str:
        """The name, "fast" or "accurate"."""

    @property
    def version(self) -> str:
        """The release that trained it."""

    @property
    def sha256(self) -> str:
        """The hash of the JSON that lists the model's other files with their hashes."""

    @property
    def card(self) -> Mapping[str, Any]:
        """That JSON: what the model was trained on, and how its scores become labels."""

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """The segments with practices, categories and scores; each is labelled independently of the others."""


class Labels(NamedTuple):
    """The labels of a segment and their scores."""

    practices: tuple[Practice, ...]
    scores: PracticeScores
    categories: tuple[Category, ...]
    category_scores: CategoryScores
    uncertain: bool


@dataclass(frozen=True)
class DecisionRule:
    """Turns decision values into scores, and scores into labels; arrays are in the order of LABELS.

    The score of label k is sigmoid(slope[k] * value + shift[k]), rounded to four places. A segment gets a label if the
    score reaches its threshold. It always gets the category with the highest score, as every passage of the benchmark
    has one, and the practice that this category is about. A segment is uncertain if the practice furthest above its
    threshold, or least below it, lies within `uncertain_margin` of it.
    """

    slope: FloatArray
    shift: FloatArray
    thresholds: FloatArray
    uncertain_margin: float

    def scores(self, values: FloatArray) -> FloatArray:
        """The scores, 0 to 1, of decision values."""
        return np.asarray(np.round(1 / (1 + np.exp(-np.clip(self.slope * values + self.shift, -30, 30))), 4))

    def predict(self, scores: FloatArray) -> list[Labels]:
        """The labels that scores, (segments, labels), give segments."""
        given = scores >= self.thresholds
        highest = scores[:, CATEGORY_COLUMNS].argmax(axis=1)
        given[np.arange(len(scores)), len(PRACTICES) + highest] = True
        practice = _PRACTICE_COLUMN_OF_CATEGORY[highest]
        about_practice = np.flatnonzero(practice != _NO_PRACTICE)
        given[about_practice, practice[about_practice]] = True
        margins = scores[:, PRACTICE_COLUMNS] - self.thresholds[PRACTICE_COLUMNS]
        uncertain = abs(margins.max(axis=1)) < self.uncertain_margin
        parts = [
            array[:, columns].tolist() for columns in (PRACTICE_COLUMNS, CATEGORY_COLUMNS) for array in (given, scores)
        ]
        return [
            Labels(
                tuple(compress(PRACTICES, has_practice)),
                _practice_scores(practice_scores),
                tuple(compress(CATEGORIES, has_category)),
                _category_scores(category_scores),
                is_uncertain,
            )
            for has_practice, practice_scores, has_category, category_scores, is_uncertain in zip(
                *parts, uncertain.tolist(), strict=True
            )
        ]


def decision_rule(card: Mapping[str, Any]) -> DecisionRule:
    """The rule in a model's JSON. Raises KeyError, TypeError or ValueError if there is none."""
    slope, shift, thresholds = (
        np.array([float(card["labels"][label][name]) for label in LABELS]) for name in ("slope", "shift", "threshold")
    )
    return DecisionRule(slope, shift, thresholds, float(card["unclear"]))


def _practice_scores(row: list[float]) -> PracticeScores:
    """Scores by practice."""
    return dict(zip(PRACTICES, row, strict=True))  # type: ignore[return-value]


def _category_scores(row: list[float]) -> CategoryScores:
    """Scores by category."""
    return dict(zip(CATEGORIES, row, strict=True))  # type: ignore[return-value]
