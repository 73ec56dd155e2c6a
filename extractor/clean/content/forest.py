"""Classifies the pieces of a page as content or not: a small model scores each, and the scores are smoothed.

The model is a gradient-boosted forest over `piece_features`, trained by `archived-policy train --model content` on
pages with known policy texts and stored as plain numbers (`models/content/`). numpy walks all its trees at once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from extractor.clean.content.features import FeatureArray, PieceFeatures
from extractor.errors import ModelError
from extractor.resources import bundled_path

CONTENT_MODEL_FORMAT = 1
_INDEX_ARRAYS = ("roots", "feature", "children")
_MAX_WEIGHTED_WORDS = 60  # a longer piece does not weigh more
_UNCHECKED: Literal["clip"] = "clip"  # take() without checking each index
_CHUNK_ROWS = 4096  # pieces at a time, so that a page of a million pieces does not take gigabytes


@dataclass(frozen=True)
class ContentForest:
    """A boosted forest, with the nodes of all trees in one sequence.

    `features` are the names of the input columns. For each node, `feature` is the column to compare with `threshold`,
    `children` has two entries, the next node for values up to the threshold and for values above it (a leaf has itself
    as both), and `value` is the amount that a leaf adds to the log odds. `border` is the cost of starting or ending a
    run of content, in log odds times weight.
    """

    features: tuple[str, ...]
    baseline: float
    border: float
    depth: int
    roots: NDArray[np.intp]
    feature: NDArray[np.intp]
    children: NDArray[np.intp]
    threshold: FeatureArray
    value: FeatureArray
    sha256: str = ""

    def log_odds(self, features: PieceFeatures) -> FeatureArray:
        """The log odds that each piece is content."""
        matrix = np.column_stack([features[name] for name in self.features])
        parts = [self._sum(matrix[start : start + _CHUNK_ROWS]) for start in range(0, len(matrix), _CHUNK_ROWS)]
        return self.baseline + np.concatenate(parts)

    def _sum(self, matrix: FeatureArray) -> FeatureArray:
        values, row_starts = matrix.ravel(), np.arange(len(matrix))[:, None] * matrix.shape[1]
        nodes = np.tile(self.roots, (len(matrix), 1))
        for _ in range(self.depth):
            compared = self.feature.take(nodes, mode=_UNCHECKED)
            compared += row_starts
            is_above = values.take(compared, mode=_UNCHECKED) > self.threshold.take(nodes, mode=_UNCHECKED)
            nodes += nodes
            nodes += is_above
            nodes = self.children.take(nodes, mode=_UNCHECKED)
        return np.asarray(self.value.take(nodes, mode=_UNCHECKED).sum(axis=1))


def content_mask(features: PieceFeatures, forest: ContentForest) -> NDArray[np.bool_]:
    """Whether each piece is content, by the likeliest sequence of runs."""
    weights = np.sqrt(np.minimum(np.expm1(features["words"]), _MAX_WEIGHTED_WORDS) + 1)
    return _likeliest_runs(forest.log_odds(features) * weights, forest.border)


def _likeliest_runs(gains: FeatureArray, border: float) -> NDArray[np.bool_]:
    """The selection with the greatest sum of gains, minus `border` at each start and end of a run (Viterbi 1967)."""
    outside, inside = 0.0, -border
    entered, stayed_outside = [], []
    for gain in gains.tolist():
        entered.append(outside - border > inside)
        stayed_outside.append(outside >= inside - border)
        outside, inside = max(outside, inside - border), max(outside - border, inside) + gain
    mask = np.zeros(len(gains), dtype=bool)
    is_inside = inside - border > outside
    for index in range(len(gains) - 1, -1, -1):
        mask[index] = is_inside
        is_inside = not entered[index] if is_inside else not stayed_outside[index]
    return mask


@cache
def load_forest() -> ContentForest:
    """The forest bundled with this release. Raises ModelError."""
    return _read_forest(bundled_path("models/content") / "model.json")


def _read_forest(path: Path) -> ContentForest:
    """A forest from its file. Raises ModelError if it cannot be read or has another format."""
    try:
        content = path.read_bytes()
        stored: dict[str, Any] = json.loads(content)
        if stored["format"] != CONTENT_MODEL_FORMAT:
            raise ValueError("another format")
        return replace(build_forest(stored), sha256=hashlib.sha256(content).hexdigest())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not a content model of this release ({error}): install it again.") from error


def build_forest(stored: dict[str, Any]) -> ContentForest:
    """A forest from its stored numbers."""
    roots, feature, children = (np.array(stored[name], dtype=np.intp) for name in _INDEX_ARRAYS)
    threshold, value = (np.array(stored[name], dtype=np.float64) for name in ("threshold", "value"))
    names, rest = tuple(stored["features"]), (stored["baseline"], stored["border"], stored["depth"])
    return ContentForest(names, *rest, roots, feature, children, threshold, value)
