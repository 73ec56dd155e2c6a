"""Which pieces of a page are its content: a small model's word on each, smoothed along the page.

The model is a gradient-boosted forest over the features of `measure`, trained by `archived-policy train --model
content` on pages with their policy texts and kept as plain numbers (`models/content/`). Its trees are walked by numpy,
all at once.
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

from extractor.clean.measure import Array, Features
from extractor.errors import ModelError
from extractor.resources import bundled

FORMAT = 1
_BRANCHES = ("roots", "feature", "children")
_WEIGHED_WORDS = 60  # a longer piece weighs no more
_FAST: Literal["clip"] = "clip"  # takes without a check of each index
_ROWS = 4096  # pieces at a time, so that a page of a million pieces takes no gigabytes


@dataclass(frozen=True)
class Forest:
    """A boosted forest: the nodes of all trees in a row.

    `features` names the columns it reads, `feature` is the column a node compares with its threshold, `children` holds
    for each node in turn the one to go to up to the threshold and the one above it (a leaf leads to itself), `value` is
    what a leaf adds to the log odds, `border` what it costs, in log odds times weight, to begin or end a run.
    """

    features: tuple[str, ...]
    baseline: float
    border: float
    depth: int
    roots: NDArray[np.intp]
    feature: NDArray[np.intp]
    children: NDArray[np.intp]
    threshold: Array
    value: Array
    sha256: str = ""

    def log_odds(self, features: Features) -> Array:
        """The log odds that each piece is content."""
        matrix = np.column_stack([features[name] for name in self.features])
        parts = [self._sum(matrix[start : start + _ROWS]) for start in range(0, len(matrix), _ROWS)]
        return self.baseline + np.concatenate(parts)

    def _sum(self, matrix: Array) -> Array:
        numbers, rows = matrix.ravel(), np.arange(len(matrix))[:, None] * matrix.shape[1]
        at = np.tile(self.roots, (len(matrix), 1))
        for _ in range(self.depth):
            compared = self.feature.take(at, mode=_FAST)
            compared += rows
            branch = numbers.take(compared, mode=_FAST) > self.threshold.take(at, mode=_FAST)
            at += at
            at += branch
            at = self.children.take(at, mode=_FAST)
        return np.asarray(self.value.take(at, mode=_FAST).sum(axis=1))


def is_content(features: Features, forest: Forest) -> NDArray[np.bool_]:
    """Whether each piece is content: the likeliest course of runs, by the forest's word on each piece."""
    weights = np.sqrt(np.minimum(np.expm1(features["words"]), _WEIGHED_WORDS) + 1)
    return _likeliest_runs(forest.log_odds(features) * weights, forest.border)


def _likeliest_runs(gains: Array, border: float) -> NDArray[np.bool_]:
    """The choice with the greatest sum of gains, less `border` at each begin and end of a run (Viterbi 1967)."""
    out, within = 0.0, -border
    entered, stayed = [], []
    for gain in gains.tolist():
        entered.append(out - border > within)
        stayed.append(out >= within - border)
        out, within = max(out, within - border), max(out - border, within) + gain
    chosen = np.zeros(len(gains), dtype=bool)
    now = within - border > out
    for index in range(len(gains) - 1, -1, -1):
        chosen[index] = now
        now = not entered[index] if now else not stayed[index]
    return chosen


@cache
def the_forest() -> Forest:
    """The forest that this release carries."""
    return _read_forest(bundled("models/content") / "model.json")


def _read_forest(path: Path) -> Forest:
    """A forest from its file. Raises ModelError where it cannot be read or has another format."""
    try:
        content = path.read_bytes()
        stored: dict[str, Any] = json.loads(content)
        if stored["format"] != FORMAT:
            raise ValueError("another format")
        return replace(forest_of(stored), sha256=hashlib.sha256(content).hexdigest())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is not a content model of this release ({error}): install it again.") from error


def forest_of(stored: dict[str, Any]) -> Forest:
    """The forest that the numbers in a file stand for."""
    roots, feature, children = (np.array(stored[name], dtype=np.intp) for name in _BRANCHES)
    threshold, value = (np.array(stored[name], dtype=np.float64) for name in ("threshold", "value"))
    names, rest = tuple(stored["features"]), (stored["baseline"], stored["border"], stored["depth"])
    return Forest(names, *rest, roots, feature, children, threshold, value)
