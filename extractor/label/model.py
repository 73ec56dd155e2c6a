"""The fast model: linear rules over TF-IDF, calibrated, with a threshold a label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.features import Vocabulary, passage
from extractor.label.store import Stored, read
from extractor.records import CATEGORIES, PRACTICES, Category, CategoryScores, Practice, PracticeScores, Segment
from extractor.resources import bundled

LABELS: tuple[str, ...] = (*PRACTICES, *CATEGORIES)
BATCH = 512  # segments at a time, so that memory stays flat


@dataclass(frozen=True)
class Model:
    """A loaded model. Score of label k: sigmoid(slope[k] * (weights[k] · features + bias[k]) + shift[k]).

    A label is given where its score reaches its threshold; of the twelve categories the highest is always given, as
    every passage of the benchmark has one. `unclear` is the half-width of the band around a practice's threshold in
    which its score says little.
    """

    name: str
    version: str
    sha256: str
    vocabulary: Vocabulary
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float64]
    shift: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    unclear: float

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """The segments with practices, categories and their scores set; none depends on the others."""
        return [
            labelled
            for start in range(0, len(segments), BATCH)
            for labelled in self._label(segments[start : start + BATCH])
        ]

    def scores(self, passages: Sequence[str]) -> NDArray[np.float64]:
        """The scores of passages, (passages, labels) in the order of LABELS, each 0 to 1, rounded to four places."""
        logits = self.vocabulary.vectors(passages) @ self.weights.T + self.bias
        calibrated = 1 / (1 + np.exp(-(self.slope * logits.astype(np.float64) + self.shift)))
        return np.asarray(np.round(calibrated, 4))

    def _label(self, segments: Sequence[Segment]) -> Iterator[Segment]:
        for segment, row in zip(segments, self.scores([passage(segment) for segment in segments]), strict=True):
            yield labelled(segment, row, self.thresholds, self.unclear)


def load_model(name: str | Path = "fast") -> Model:
    """The model "fast", or the one in a folder. Raises ModelError."""
    folder = bundled("models/fast") if str(name) == "fast" else Path(name)
    stored = read(folder)
    try:
        return model_of(stored)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder / 'model.json'} is not that of a model ({error}): train the model again.") from error


def model_of(stored: Stored) -> Model:
    """The model that a folder's content describes. Raises KeyError, TypeError or ValueError where it describes none."""
    card, vocabulary = stored.card, stored.vocabulary
    features = len(vocabulary.words) + len(vocabulary.characters)
    if (stored.weights.shape, stored.bias.shape) != ((len(LABELS), features), (len(LABELS),)):
        raise ValueError(f"weights of shape {stored.weights.shape} for {len(LABELS)} labels and {features} features")
    slope, shift, thresholds = (np.array([float(card["labels"][label][key]) for label in LABELS]) for key in RULE)
    return Model(
        card["name"], card["version"], stored.sha256, vocabulary, stored.weights, stored.bias,
        slope, shift, thresholds, float(card["unclear"]),
    )  # fmt: skip


RULE = ("slope", "shift", "threshold")


def labelled(segment: Segment, scores: NDArray[np.float64], thresholds: NDArray[np.float64], unclear: float) -> Segment:
    """A segment with what its scores say."""
    given = scores >= thresholds
    five, twelve = slice(0, len(PRACTICES)), slice(len(PRACTICES), None)
    best = int(np.argmax(scores[five] - thresholds[five]))
    return replace(
        segment,
        practices=practices_given(given[five]),
        scores=practice_scores(scores[five]),
        categories=categories_given(given[twelve], int(np.argmax(scores[twelve]))),
        category_scores=category_scores(scores[twelve]),
        uncertain=bool(abs(scores[best] - thresholds[best]) < unclear),
    )


def practices_given(given: NDArray[np.bool_]) -> tuple[Practice, ...]:
    """The practices marked."""
    return tuple(name for name, yes in zip(PRACTICES, given, strict=True) if yes)


def categories_given(given: NDArray[np.bool_], highest: int) -> tuple[Category, ...]:
    """The categories marked, and always the highest."""
    return tuple(name for k, name in enumerate(CATEGORIES) if given[k] or k == highest)


def practice_scores(row: NDArray[np.float64]) -> PracticeScores:
    """A row of scores by practice."""
    collection, sharing, cookies, rights, children = row.tolist()
    return {"collection": collection, "sharing": sharing, "cookies": cookies, "rights": rights, "children": children}


def category_scores(row: NDArray[np.float64]) -> CategoryScores:
    """A row of scores by category."""
    return dict(zip(CATEGORIES, row.tolist(), strict=True))  # type: ignore[return-value]
