"""`train`: from a folder of OPP-115 to a model's folder, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from extractor.errors import UnreadableError
from extractor.label.features import Vocabulary
from extractor.label.model import LABELS
from extractor.label.store import Stored, save
from extractor.records import CATEGORIES, PRACTICES
from extractor.training.fit import Rules, learn_rules, learn_vocabulary, truth_of
from extractor.training.opp115 import Corpus, Example, key, read_opp115, without_doubles
from extractor.version import VERSION

FOLDS = 5
UNCLEAR = 0.1  # half-width of the band around the threshold; `evaluate` prints what is right inside and outside it
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """The rules of one scheme with the scale that makes scores of their decision values, one each a label."""

    rules: Rules
    slope: Array
    shift: Array

    @property
    def thresholds(self) -> Array:
        """The scores at the decision boundary of the balanced rules, rounded as scores are."""
        return np.round(1 / (1 + np.exp(-self.shift)), 4)

    def scores(self, logits: Array) -> Array:
        """Decision values as scores."""
        return np.round(1 / (1 + np.exp(-(self.slope * logits + self.shift))), 4)


def train_model(data: Path, out: Path, *, exclude: str = "") -> str:
    """Trains the fast model on a folder of OPP-115 and saves it; gives a line on what it was trained on.

    `exclude="validation"` leaves out the benchmark's validation set, in the segments too. Raises UnreadableError.
    """
    corpus = read_opp115(data)
    pools = training_pools(corpus, exclude)
    vocabulary = learn_vocabulary([row.text for row in without_doubles([*pools[0], *pools[1]])])
    fitted = [fit_scheme(vocabulary, pool, labels) for pool, labels in zip(pools, (PRACTICES, CATEGORIES), strict=True)]
    save(stored(vocabulary, fitted, corpus, exclude, pools), out)
    return f"{len(pools[0])} segments for the practices, {len(pools[1])} passages for the categories: saved in {out}."


def training_pools(corpus: Corpus, exclude: str) -> tuple[list[Example], list[Example]]:
    """The examples to learn practices from, and categories: the benchmark's, and the segments it does not have."""
    held_out = {key(row.text) for row in corpus.validation} if exclude == "validation" else set()
    allowed = [row for row in corpus.practices if row.split != exclude and key(row.text) not in held_out]
    benchmark = [*corpus.train, *(() if exclude == "validation" else corpus.validation)]
    known = held_out | {key(row.text) for row in benchmark}
    more = [row for row in corpus.categories if row.labels and row.split != exclude and key(row.text) not in known]
    return allowed, [row for row in benchmark if key(row.text) not in held_out] + more


def fit_scheme(vocabulary: Vocabulary, pool: Sequence[Example], labels: Sequence[str]) -> Fitted:
    """Rules from all of a pool, calibrated on what rules from policy-level folds say of the rest."""
    vectors, truth = vocabulary.vectors([row.text for row in pool]), truth_of(pool, labels)
    out_of_fold = np.zeros(truth.shape)
    for train, test in policy_folds(pool):
        require_both_sides(truth[train], labels)
        out_of_fold[test] = learn_rules(vectors[train], truth[train]).logits(vectors[test])
    scale = [calibration(out_of_fold[:, k], truth[:, k]) for k in range(len(labels))]
    slope, shift = np.round(np.array(scale).T, 6)
    return Fitted(learn_rules(vectors, truth), slope, shift)


def policy_folds(pool: Sequence[Example]) -> Iterator[tuple[Array, Array]]:
    """Rows to train on and to test on, no policy on both sides; a passage of no known policy stands for itself.

    Raises UnreadableError where there are fewer policies than folds.
    """
    groups = [row.policy or key(row.text) for row in pool]
    if len(set(groups)) < FOLDS:
        raise UnreadableError(f"There are only {len(set(groups))} policies; training takes {FOLDS} or more.")
    folds: Iterator[tuple[Array, Array]] = GroupKFold(FOLDS).split(groups, groups=groups)
    return folds


def require_both_sides(truth: NDArray[np.int8], labels: Sequence[str]) -> None:
    """Raises UnreadableError where a label is on no passage or on all of them, as nothing is learned from that."""
    for label, share in zip(labels, truth.mean(axis=0), strict=True):
        if not 0 < share < 1:
            raise UnreadableError(f"Too few policies have passages with and without {label}: use the whole of OPP-115.")


def calibration(logits: Array, truth: NDArray[np.int8]) -> tuple[float, float]:
    """The slope and the shift that make probabilities of decision values (Platt 1999)."""
    with threadpool_limits(1):
        fitted = LogisticRegression(C=1e3).fit(logits[:, None], truth)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def stored(
    vocabulary: Vocabulary,
    fitted: list[Fitted],
    corpus: Corpus,
    exclude: str,
    pools: tuple[list[Example], list[Example]],
) -> Stored:
    """The model as it is kept."""
    card = {
        "name": "fast",
        "version": VERSION,
        "trained_on": {
            "source": "OPP-115 (Wilson et al. 2016) and its twelve-label benchmark (Shankar et al. 2023)",
            "practices": len(pools[0]),
            "categories": len(pools[1]),
            "excluded": exclude,
            "read": corpus.counts,
        },
        "unclear": UNCLEAR,
        "labels": label_rules(fitted),
    }
    weights, bias = (np.concatenate([getattr(part.rules, name) for part in fitted]) for name in ("weights", "bias"))
    return Stored(vocabulary, weights, bias, card)


def label_rules(fitted: list[Fitted]) -> dict[str, dict[str, float]]:
    """How the decision value of each label becomes a score, and the score a label."""
    columns = ((part.slope, part.shift, part.thresholds) for part in fitted)
    slope, shift, threshold = (np.concatenate(column).tolist() for column in zip(*columns, strict=True))
    rules = zip(LABELS, slope, shift, threshold, strict=True)
    return {label: {"slope": a, "shift": b, "threshold": at} for label, a, b, at in rules}
