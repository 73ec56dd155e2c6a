"""Linear rules from examples: a logistic regression a label, all labels at once, with targets between 0 and 1.

A weight may grow the more, the more its feature tells of the label: how much likelier the feature is among the label's
passages than among the others, as a logarithm, which serves small corpora (S. Wang and C. Manning, "Baselines and
Bigrams: Simple, Good Sentiment and Topic Classification", ACL 2012). There the features are scaled by these ratios, and
rules with and without are averaged; here both are one prior: its variance is PLAIN + SCALED * ratio².
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from extractor.label import CUE_PREFIX, HEADING_PREFIX, Cues, ModelInput, Vocabulary, stems, terms

_PLAIN, _SCALED = 10.0, 1.0  # chosen on policy-level folds of what is not the validation set
_ITERATIONS = 40  # of L-BFGS; further ones change no decision on the folds
_MAX_TERMS = 60_000  # features kept, those in the most passages
_MIN_PASSAGES = 2  # that a feature is in
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rules:
    """A linear rule a label: weights (labels, features), bias (labels)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, vectors: csr_matrix) -> Array:
        """The decision values of vectors, (passages, labels)."""
        return np.asarray(vectors @ self.weights.T + self.bias, dtype=np.float64)


def learn_vocabulary(readings: Sequence[ModelInput], cues: Cues) -> Vocabulary:
    """The features that are in enough of the readings, with their inverse document frequencies, and the cues."""
    counts = Counter(term for reading in readings for term in set(_features_of(reading)))
    often = sorted((-count, term) for term, count in counts.items() if count >= _MIN_PASSAGES)[:_MAX_TERMS]
    kept = sorted(term for _, term in often)
    idf = [np.log((1 + len(readings)) / (1 + counts[term])) + 1 for term in kept] + [1.0] * len(cues)
    return Vocabulary([*kept, *(CUE_PREFIX + name for name in cues)], as_stored(np.array(idf)), cues)


def _features_of(reading: ModelInput) -> list[str]:
    """The stems and pairs of a passage, and the words of its headings."""
    text, above = reading
    return terms(text) + [HEADING_PREFIX + word for word in stems(above)]


def learn_rules(vectors: csr_matrix, targets: Array, weights: Array) -> Rules:
    """A rule for each column of `targets`; `weights` says what each target counts, 0 where it is unknown."""
    with threadpool_limits(1):  # sums over threads differ in the last bits, and so would the model's bytes
        learned, bias = _regression(vectors.astype(np.float32), np.nan_to_num(targets), weights)
    return Rules(as_stored(learned), as_stored(bias))


def _regression(vectors: csr_matrix, targets: Array, weights: Array) -> tuple[Array, Array]:
    """The weights and biases that minimise the weighted cross-entropy in which both sides of a label weigh the same."""
    labels, features = targets.shape[1], vectors.shape[1]
    spread = np.sqrt(_PLAIN + _SCALED * _log_count_ratios(vectors, targets, weights) ** 2).astype(np.float32)
    yes, no = _balanced(targets, weights)
    transposed = vectors.T.tocsr()

    def loss(flat: Array) -> tuple[float, Array]:
        parameters = flat.reshape(labels, features + 1)
        inner = parameters[:, :-1].astype(np.float32)
        logits = vectors @ np.ascontiguousarray((spread * inner).T) + parameters[:, -1].astype(np.float32)
        surprise = np.logaddexp(0, -logits)
        slope = -yes + (yes + no) / (1 + np.exp(-np.clip(logits, -80, 80)))
        gradient = np.empty_like(parameters)
        gradient[:, :-1] = spread * (transposed @ slope).T + inner
        gradient[:, -1] = slope.sum(0)
        cost = (yes * surprise + no * (surprise + logits)).sum(dtype=np.float64)
        return float(cost + (parameters[:, :-1] ** 2).sum() / 2), gradient.ravel()

    start = np.zeros(labels * (features + 1))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS, "maxcor": 8}).x
    parameters = found.reshape(labels, features + 1)
    return spread * parameters[:, :-1], parameters[:, -1]


def _balanced(targets: Array, weights: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What each target counts as a yes and as a no, (passages, labels) each; both add up to the same a label."""
    yes, no = weights * targets, weights * (1 - targets)
    half = weights.sum(0) / 2
    return (yes * half / yes.sum(0)).astype(np.float32), (no * half / no.sum(0)).astype(np.float32)


def _log_count_ratios(vectors: csr_matrix, targets: Array, weights: Array) -> Array:
    """How much likelier each feature is in passages with the label, (labels, features), of a mean size of one."""
    with_label, without = (1 + (vectors.T @ side).T for side in (weights * targets, weights * (1 - targets)))
    ratios = np.log(with_label / with_label.sum(1, keepdims=True)) - np.log(without / without.sum(1, keepdims=True))
    return np.asarray(ratios / np.abs(ratios).mean(1, keepdims=True), dtype=np.float64)


def as_stored(array: Array) -> NDArray[np.float32]:
    """Numbers as precise as the model's file keeps them, so that what is measured is what ships."""
    return array.astype(np.float16).astype(np.float32)
