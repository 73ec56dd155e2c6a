"""Linear rules from examples: the mean of two logistic regressions, which is one linear rule again.

One sees TF-IDF as it is, the other TF-IDF scaled by log-count ratios: how much likelier a feature is among a label's
passages than among the others, which serves small corpora (S. Wang and C. Manning, "Baselines and Bigrams: Simple,
Good Sentiment and Topic Classification", ACL 2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from extractor.label.features import CHARACTERS, WORDS, Vocabulary
from extractor.training.opp115 import Example

# Inverses of the regularisation, chosen on policy-level folds of what is not the validation set, where the scaled
# regression alone reaches a macro F1 of .725 on the twelve categories and the mean of both .741
PLAIN, SCALED = 10.0, 1.0
MAX_WORDS, MAX_CHARACTERS = 40_000, 60_000  # features kept, the most frequent


@dataclass(frozen=True)
class Rules:
    """A linear rule a label: weights (labels, features), bias (labels)."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, vectors: csr_matrix) -> NDArray[np.float64]:
        """The decision values of vectors, (passages, labels)."""
        return np.asarray(vectors @ self.weights.T + self.bias, dtype=np.float64)


def learn_vocabulary(texts: Sequence[str]) -> Vocabulary:
    """The features that occur often enough in the texts, and their inverse document frequencies."""
    words = TfidfVectorizer(min_df=2, max_features=MAX_WORDS, **WORDS).fit(texts)
    characters = TfidfVectorizer(min_df=3, max_features=MAX_CHARACTERS, **CHARACTERS).fit(texts)
    idfs = (as_stored(vectorizer.idf_) for vectorizer in (words, characters))
    return Vocabulary(list(words.get_feature_names_out()), list(characters.get_feature_names_out()), *idfs)


def learn_rules(vectors: csr_matrix, truth: NDArray[np.int8]) -> Rules:
    """A rule for each column of `truth` (passages, labels)."""
    with threadpool_limits(1):  # sums over threads differ in the last bits, and so would the model's bytes
        fitted = [learn_rule(vectors, column) for column in truth.T]
    weights = np.array([weight for weight, _ in fitted])
    return Rules(as_stored(weights), as_stored(np.array([bias for _, bias in fitted])))


def learn_rule(vectors: csr_matrix, truth: NDArray[np.int8]) -> tuple[NDArray[np.float64], float]:
    """The weights and the bias of one label."""
    ratios = log_count_ratios(vectors, truth)
    plain, plain_bias = regression(vectors, truth, PLAIN)
    scaled, scaled_bias = regression(vectors @ diags(ratios), truth, SCALED)
    return (plain + scaled * ratios) / 2, (plain_bias + scaled_bias) / 2


def regression(vectors: csr_matrix, truth: NDArray[np.int8], strength: float) -> tuple[NDArray[np.float64], float]:
    """The weights and the bias of a logistic regression in which both sides of a label weigh the same."""
    fitted = LogisticRegression(C=strength, class_weight="balanced", solver="liblinear", random_state=0, max_iter=300)
    fitted.fit(vectors, truth)
    return fitted.coef_[0], float(fitted.intercept_[0])


def log_count_ratios(vectors: csr_matrix, truth: NDArray[np.int8]) -> NDArray[np.float64]:
    """How much likelier each feature is in passages with the label, as a logarithm, scaled to a mean size of one."""
    with_label, without = (1 + np.asarray(vectors[truth == side].sum(axis=0)).ravel() for side in (1, 0))
    ratios = np.log((with_label / with_label.sum()) / (without / without.sum()))
    return np.asarray(ratios / np.abs(ratios).mean())


def as_stored(array: NDArray[np.float64]) -> NDArray[np.float32]:
    """Numbers as precise as the model's file keeps them, so that what is measured is what ships."""
    return array.astype(np.float16).astype(np.float32)


def truth_of(rows: Sequence[Example], labels: Sequence[str]) -> NDArray[np.int8]:
    """Which of the labels each example has, (examples, labels)."""
    return np.array([[label in row.labels for label in labels] for row in rows], dtype=np.int8)
