"""The fast model: linear rules over the words of a segment, calibrated, with a threshold a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from extractor.errors import ModelError
from extractor.label.details import CARD, Details, read_details
from extractor.label.features import Reading, Vocabulary, reading
from extractor.label.model import LABELS, Array, Rule, rule_of
from extractor.label.store import Stored, read
from extractor.records import Segment

BATCH = 512  # segments at a time, so that memory stays flat
Row = TypeVar("Row")


@dataclass(frozen=True)
class Fast:
    """The fast model, loaded. The decision value of label k is weights[k] · features + bias[k]."""

    card: Mapping[str, Any]
    sha256: str
    vocabulary: Vocabulary
    by_feature: NDArray[np.float32]  # the weights, (features, labels)
    bias: NDArray[np.float32]
    rule: Rule
    details: Details | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.card["name"])

    @property
    def version(self) -> str:
        """The release that trained it."""
        return str(self.card["version"])

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """The segments with practices, categories, scores and details set; none depends on the others."""
        return [labelled for some in in_batches(segments) for labelled in self._label(some)]

    def _label(self, segments: Sequence[Segment]) -> list[Segment]:
        readings = [reading(segment) for segment in segments]
        vectors = self.vocabulary.vectors(readings)
        return self.detailed(self.applied(segments, self.decided(vectors)), readings, vectors)

    def values(self, readings: Sequence[Reading]) -> Array:
        """The decision values of readings, (readings, labels)."""
        parts = [self.decided(self.vocabulary.vectors(some)) for some in in_batches(readings)]
        return np.concatenate([np.zeros((0, len(LABELS))), *parts])

    def decided(self, vectors: csr_matrix) -> Array:
        """The decision values of rows of features, (rows, labels)."""
        return np.asarray(vectors @ self.by_feature + self.bias, dtype=np.float64)

    def detailed(self, labelled: list[Segment], readings: Sequence[Reading], vectors: csr_matrix) -> list[Segment]:
        """Labelled segments with polarity and types of data, where the model has learned of them."""
        return self.details.applied(labelled, [text for text, _ in readings], vectors) if self.details else labelled

    def applied(self, segments: Sequence[Segment], values: Array) -> list[Segment]:
        """The segments with what their decision values say."""
        return self.rule.applied(segments, self.rule.scores(values))


def in_batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Rows, so many at a time."""
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def load_fast(folder: Path) -> Fast:
    """The fast model in a folder. Raises ModelError."""
    stored = read(folder)
    try:
        fast = fast_of(stored)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{folder / 'model.json'} is not that of a model ({error}): train the model again.") from error
    if CARD not in fast.card["sha256"]:
        return fast
    return replace(fast, details=read_details(folder, len(fast.vocabulary.terms)))


def fast_of(stored: Stored) -> Fast:
    """The model that a folder's content describes. Raises KeyError, TypeError or ValueError where it describes none."""
    card, vocabulary = stored.card, stored.vocabulary
    features = len(vocabulary.terms)
    if (stored.weights.shape, stored.bias.shape) != ((len(LABELS), features), (len(LABELS),)):
        raise ValueError(f"weights of shape {stored.weights.shape} for {len(LABELS)} labels and {features} features")
    for field in ("name", "version"):
        card[field]
    by_feature = np.ascontiguousarray(stored.weights.T)
    return Fast(card, stored.sha256, vocabulary, by_feature, stored.bias, rule_of(card))
