"""Classifies the pieces of a page as content or not: a small model scores each, and the scores are smoothed.

The model is a gradient-boosted forest over `piece_features`, trained by `archived-policy train --model content` on
pages with known policy texts and stored as plain numbers (`models/content/`). Its trees are small, so that what each
adds is looked up by the outcomes of all its splits instead of walking down from its root.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
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
_MAX_SPLITS = 16  # of a tree: it has a table of two to the power of so many numbers
_MAX_WEIGHTED_WORDS = 60  # a longer piece does not weigh more
_UNCHECKED: Literal["clip"] = "clip"  # take() without checking each index
_CHUNK_COLUMNS = 4096  # pieces at a time, so that a page of a million pieces does not take gigabytes


@dataclass(frozen=True)
class ContentForest:
    """A boosted forest.

    `features` are the names of the input columns. A split is a condition: that the value in one of `columns` is above
    one of `thresholds`, (splits,) and (splits, 1). `trees` are the indexes of the splits of each tree, (most splits of
    a tree, trees), and `values` what each tree adds to the log odds for each outcome of its splits, read as a binary
    number, (trees, outcomes). `border` is the cost of starting or ending a run of content, in log odds times weight.
    """

    features: tuple[str, ...]
    baseline: float
    border: float
    columns: NDArray[np.intp]
    thresholds: FeatureArray
    trees: NDArray[np.intp]
    values: FeatureArray
    sha256: str = ""

    def log_odds(self, features: PieceFeatures) -> FeatureArray:
        """The log odds that each piece is content."""
        rows = np.concatenate([features[name] for name in self.features]).reshape(len(self.features), -1)
        starts = range(0, rows.shape[1], _CHUNK_COLUMNS)
        return self.baseline + np.concatenate([self._sum(rows[:, start : start + _CHUNK_COLUMNS]) for start in starts])

    def _sum(self, rows: FeatureArray) -> FeatureArray:
        is_above = (rows.take(self.columns, axis=0, mode=_UNCHECKED) > self.thresholds).astype(np.uint16)
        outcomes = np.zeros((self.trees.shape[1], rows.shape[1]), dtype=np.uint16)
        for splits in self.trees:
            outcomes += outcomes
            outcomes += is_above.take(splits, axis=0, mode=_UNCHECKED)
        first_values = np.arange(0, self.values.size, self.values.shape[1])
        return np.asarray(self.values.take(outcomes.T + first_values, mode=_UNCHECKED).sum(axis=1))


def content_mask(features: PieceFeatures, forest: ContentForest) -> NDArray[np.bool_]:
    """Whether each piece is content, by the likeliest sequence of runs."""
    weights = np.sqrt(np.minimum(np.expm1(features["words"]), _MAX_WEIGHTED_WORDS) + 1)
    return _likeliest_runs(forest.log_odds(features) * weights, forest.border)


def _likeliest_runs(gains: FeatureArray, border: float) -> NDArray[np.bool_]:
    """The selection with the greatest sum of gains, minus `border` at each start and end of a run (Viterbi 1967)."""
    outside, inside = 0.0, -border
    entered, stayed_outside = [], []
    for gain in gains.tolist():
        entering, leaving = outside - border, inside - border
        entered.append(entering > inside)
        stayed_outside.append(outside >= leaving)
        outside, inside = max(outside, leaving), max(entering, inside) + gain
    mask = []
    is_inside = inside - border > outside
    for has_entered, has_stayed in zip(reversed(entered), reversed(stayed_outside), strict=True):
        mask.append(is_inside)
        is_inside = not has_entered if is_inside else not has_stayed
    return np.array(mask[::-1], dtype=bool)


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
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ModelError(f"{path} is not a content model of this release ({error}): install it again.") from error


def build_forest(stored: dict[str, Any]) -> ContentForest:
    """A forest from its stored numbers.

    Of the nodes of all trees, in one sequence, `feature` are the columns to compare with `threshold`, `children` the
    next node for values up to the threshold and the one for values above it (a leaf has itself as both), and `value`
    what a leaf adds. Raises ValueError if a tree has more than 16 splits, LookupError if numbers are missing.
    """
    trees = [_splits_below(root, stored["children"]) for root in stored["roots"]]
    size = max(map(len, trees))
    if size > _MAX_SPLITS:
        raise ValueError(f"a tree has {size} splits, more than {_MAX_SPLITS}")
    conditions = list(zip(stored["feature"], stored["threshold"], strict=True))
    different = sorted({conditions[node] for nodes in trees for node in nodes})
    places = {condition: place for place, condition in enumerate(different)}
    padded = [[places[conditions[node]] for node in nodes] + [0] * (size - len(nodes)) for nodes in trees]
    bits = np.arange(1 << size) >> np.arange(size)[::-1, None] & 1 > 0  # of each outcome, the highest first
    return ContentForest(
        features=tuple(stored["features"]),
        baseline=stored["baseline"],
        border=stored["border"],
        columns=np.array([column for column, _ in different], dtype=np.intp),
        thresholds=np.array([[threshold] for _, threshold in different], dtype=np.float64),
        trees=np.array(padded, dtype=np.intp).T,
        values=np.array([_values_below(root, iter(bits), stored) + np.zeros(1 << size) for root in stored["roots"]]),
    )


def _splits_below(node: int, children: Sequence[int]) -> list[int]:
    """The nodes with a split at or below a node, each before those below it."""
    below, above = children[2 * node : 2 * node + 2]
    return [] if below == node else [node, *_splits_below(below, children), *_splits_below(above, children)]


def _values_below(node: int, bits: Iterator[NDArray[np.bool_]], stored: dict[str, Any]) -> FeatureArray | float:
    """What the leaves at or below a node add for each outcome. `bits` are the splits', in the same order as above."""
    below, above = stored["children"][2 * node : 2 * node + 2]
    if below == node:
        return float(stored["value"][node])
    bit = next(bits)
    if_not, if_so = _values_below(below, bits, stored), _values_below(above, bits, stored)
    return np.where(bit, if_so, if_not)
