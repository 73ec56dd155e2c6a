"""Linear models: a logistic regression per label, all labels at once, with targets between 0 and 1.

A weight may grow more if its feature is more telling of the label: by the log-ratio of the feature's counts in passages
with the label and without, which helps on small corpora (S. Wang and C. Manning, "Baselines and Bigrams: Simple, Good
Sentiment and Topic Classification", ACL 2012). They scale the features by these ratios, and average models with and
without. Here both are one prior, whose variance is _BASE_VARIANCE + _RATIO_VARIANCE * ratio².

Labels of another source than the one to be predicted may have a bias of their own, which is left out of the model.
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

from extractor.label import CUE_PREFIX, HEADING_PREFIX, Cues, FloatArray, ModelInput, Vocabulary, stems, terms

_BASE_VARIANCE, _RATIO_VARIANCE = 10.0, 1.0  # chosen on folds by policy, without the validation set
_MAX_ITERATIONS = 40  # of L-BFGS; more change no decision on the folds
_MAX_TERMS = 60_000  # the most frequent terms are kept
_MIN_PASSAGES = 2  # with a term


@dataclass(frozen=True)
class LinearModel:
    """A linear rule per label: weights (labels, features), bias (labels)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def decision_values(self, vectors: csr_matrix) -> FloatArray:
        """The decision values of vectors, (passages, labels)."""
        return np.asarray(vectors @ self.weights.T + self.bias, dtype=np.float64)


def build_vocabulary(inputs: Sequence[ModelInput], cues: Cues) -> Vocabulary:
    """The terms that are in enough of the inputs, with their inverse document frequencies, and the cues."""
    counts = Counter(term for model_input in inputs for term in set(_input_terms(model_input)))
    most_frequent = sorted((-count, term) for term, count in counts.items() if count >= _MIN_PASSAGES)[:_MAX_TERMS]
    kept = sorted(term for _, term in most_frequent)
    idf = [np.log((1 + len(inputs)) / (1 + counts[term])) + 1 for term in kept] + [1.0] * len(cues)
    return Vocabulary([*kept, *(CUE_PREFIX + name for name in cues)], round_as_stored(np.array(idf)), cues)


def _input_terms(model_input: ModelInput) -> list[str]:
    """The stems and pairs of a passage, and the words of its headings."""
    text, headings = model_input
    return terms(text) + [HEADING_PREFIX + word for word in stems(headings)]


def fit_linear_model(
    vectors: csr_matrix, targets: FloatArray, weights: FloatArray, has_own_bias: NDArray[np.bool_] | bool = False
) -> LinearModel:
    """A rule for each column of `targets`, (passages, labels).

    `weights` is the weight of each target, 0 where it is unknown, and `has_own_bias` whether it is of a source with a
    bias of its own for the label.
    """
    with threadpool_limits(1):  # sums over threads differ in the last bits, and so would the model's bytes
        known, own = np.nan_to_num(targets), np.asarray(has_own_bias, dtype=np.float32)
        learned, bias = _fit_regression(vectors.astype(np.float32), known, weights, own)
    return LinearModel(round_as_stored(learned), round_as_stored(bias))


def _fit_regression(
    vectors: csr_matrix, targets: FloatArray, weights: FloatArray, own: NDArray[np.float32]
) -> tuple[FloatArray, FloatArray]:
    """The weights and biases that minimise the cross-entropy, positives and negatives of a label weighing the same."""
    labels, features = targets.shape[1], vectors.shape[1]
    spread = np.sqrt(_BASE_VARIANCE + _RATIO_VARIANCE * _log_count_ratios(vectors, targets, weights) ** 2).astype(
        np.float32
    )
    positive, negative = _balanced_weights(targets, weights)
    transposed = vectors.T.tocsr()

    def loss(flat: FloatArray) -> tuple[float, FloatArray]:
        parameters = flat.reshape(labels, features + 2)
        inner, bias, own_bias = np.split(parameters.astype(np.float32), [features, features + 1], axis=1)
        logits = vectors @ np.ascontiguousarray((spread * inner).T) + bias.T + own * own_bias.T
        loss_if_positive = np.logaddexp(0, -logits)
        slope = -positive + (positive + negative) / (1 + np.exp(-np.clip(logits, -80, 80)))
        gradient = np.empty_like(parameters)
        gradient[:, :-2] = spread * (transposed @ slope).T + inner
        gradient[:, -2] = slope.sum(0)
        gradient[:, -1] = (own * slope).sum(0)
        cost = (positive * loss_if_positive + negative * (loss_if_positive + logits)).sum(dtype=np.float64)
        return float(cost + (parameters[:, :-2] ** 2).sum() / 2), gradient.ravel()

    start = np.zeros(labels * (features + 2))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _MAX_ITERATIONS, "maxcor": 8}).x
    parameters = best.reshape(labels, features + 2)
    return spread * parameters[:, :-2], parameters[:, -2]


def _balanced_weights(targets: FloatArray, weights: FloatArray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The weight of each target as positive and as negative, (passages, labels) each, with equal sums per label."""
    positive, negative = weights * targets, weights * (1 - targets)
    half = weights.sum(0) / 2
    return (positive * half / positive.sum(0)).astype(np.float32), (negative * half / negative.sum(0)).astype(
        np.float32
    )


def _log_count_ratios(vectors: csr_matrix, targets: FloatArray, weights: FloatArray) -> FloatArray:
    """How much more frequent each feature is in passages with the label, (labels, features), scaled to a mean of 1."""
    with_label, without = (1 + (vectors.T @ side).T for side in (weights * targets, weights * (1 - targets)))
    ratios = np.log(with_label / with_label.sum(1, keepdims=True)) - np.log(without / without.sum(1, keepdims=True))
    return np.asarray(ratios / np.abs(ratios).mean(1, keepdims=True), dtype=np.float64)


def round_as_stored(array: FloatArray) -> NDArray[np.float32]:
    """Numbers rounded to the precision of the model's file, so that what is measured is what ships."""
    return array.astype(np.float16).astype(np.float32)
