"""`train`: from a folder of OPP-115 to the fast model's folder, the same bytes each time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from extractor.errors import UnreadableError
from extractor.label import CATEGORY_COLUMNS, LABELS, PRACTICE_COLUMNS, Cues, StoredModel, Vocabulary, save_model
from extractor.records import CATEGORIES, PRACTICES
from extractor.resources import bundled_path
from extractor.training.data.corrected import CORRECTED, gold_with_corrections
from extractor.training.data.opp115 import Corpus, read_opp115
from extractor.training.data.pool import Passage, policy_folds, targets_of
from extractor.training.data.unlabelled import read_soft_labels, unlabelled_passages
from extractor.training.metrics import confusion, f1
from extractor.training.models.details import add_details
from extractor.training.models.fit import Array, Rules, learn_rules, learn_vocabulary
from extractor.version import VERSION

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

UNLABELLED = "unlabelled_policies.jsonl.gz"  # beside the folder of OPP-115
_TAUGHT = 1.0  # what a target of the teacher's counts beside 1, one of people's
_BOUNDARIES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)  # to choose from; the balanced rules' own is 0
UNCLEAR = 0.1  # half-width of the band around the threshold; `evaluate` prints what is right inside and outside it


@dataclass(frozen=True)
class _Fitted:
    """Features and rules, with the scale that makes scores of decision values: a slope and a shift each label.

    `_boundaries` are the decision values from which a label is given.
    """

    vocabulary: Vocabulary
    rules: Rules
    slope: Array
    shift: Array
    boundaries: Array

    @property
    def thresholds(self) -> Array:
        """The scores at the boundaries, rounded as scores are."""
        return np.round(1 / (1 + np.exp(-(self.slope * self.boundaries + self.shift))), 4)

    def scores(self, pool: Sequence[Passage]) -> Array:
        """The scores of passages, (passages, labels)."""
        logits = self.rules.logits(self.vocabulary.vectors([row.reading for row in pool]))
        return np.round(1 / (1 + np.exp(-(self.slope * logits + self.shift))), 4)


def train_model(
    data: Path, out: Path, *, exclude: str = "", teacher: Path | None = None, gold: Sequence[Path] = ()
) -> str:
    """Trains the fast model on a folder of OPP-115 and saves it; gives a line on what it was trained on.

    `exclude="validation"` leaves out the benchmark's validation set, in the segments too; `teacher` is the folder with
    the teacher's scores of the policies beside the data, `gold` the files of corrected segments, which are learned from
    as well. Raises UnreadableError.
    """
    corpus = read_opp115(data)
    pool, taught = gold_with_corrections(corpus, exclude, gold), taught_pool(data, teacher)
    save_model(stored(fit(pool, taught), corpus, exclude, pool, taught), out)
    details = add_details(corpus, out, exclude)
    return f"{len(pool)} labelled passages and {len(taught)} of the teacher's, {details}: saved in {out}."


def taught_pool(data: Path, teacher: Path | None) -> list[Passage]:
    """The passages that the teacher has labelled, none without a teacher. Raises UnreadableError."""
    if teacher is None:
        return []
    soft = read_soft_labels(teacher)
    found = list(soft.of(unlabelled_passages(data.parent / UNLABELLED)))
    if 2 * len(found) < len(soft.hashes):
        raise UnreadableError(
            f"Only {len(found)} of the {len(soft.hashes)} passages in {teacher} are in {data.parent / UNLABELLED}: "
            "the policies are cut otherwise than when the teacher saw them, let it label again."
        )
    return found


def fit(pool: Sequence[Passage], taught: Sequence[Passage]) -> _Fitted:
    """Rules from all passages, calibrated on what rules without a fold of policies say of that fold."""
    rows = [*pool, *taught]
    vocabulary = learn_vocabulary([row.reading for row in rows], read_cues())
    vectors, targets, weights = (
        vocabulary.vectors([row.reading for row in rows]),
        _decided(pool, taught),
        _counted(rows, pool),
    )
    _require_both_sides(targets[: len(pool)])
    out_of_fold = np.zeros((len(pool), len(LABELS)))
    others = np.arange(len(pool), len(rows))
    for train, test in policy_folds(pool):
        seen = np.concatenate([train, others])
        _require_both_sides(targets[train])
        out_of_fold[test] = learn_rules(vectors[seen], targets[seen], weights[seen]).logits(vectors[test])
    scale = [calibration(out_of_fold[:, k], targets[: len(pool), k]) for k in range(len(LABELS))]
    slope, shift = np.round(np.array(scale).T, 6)
    limits = _boundaries(out_of_fold, targets[: len(pool)])
    return _Fitted(vocabulary, learn_rules(vectors, targets, weights), slope, shift, limits)


def _boundaries(values: Array, targets: Array) -> Array:
    """The decision values from which labels are given, one for each scheme: those best on the folds.

    One a label did worse on other folds than these: many labels have too few positives.
    """
    return np.concatenate(
        [
            np.full(
                len(PRACTICES),
                _best_boundary(values[:, PRACTICE_COLUMNS], targets[:, PRACTICE_COLUMNS], always_one=False),
            ),
            np.full(
                len(CATEGORIES),
                _best_boundary(values[:, CATEGORY_COLUMNS], targets[:, CATEGORY_COLUMNS], always_one=True),
            ),
        ]
    )


def _best_boundary(values: Array, targets: Array, *, always_one: bool) -> float:
    """The boundary with the best sum of macro and micro F1; `always_one` gives each passage its highest label."""
    known = ~np.isnan(targets[:, -1])
    truth = targets[known].astype(np.int8)
    highest = values[known] == values[known].max(axis=1, keepdims=True)

    def worth(boundary: float) -> float:
        counts = confusion(truth, ((values[known] >= boundary) | (highest & always_one)).astype(np.int8)).sum(0)
        return float(f1(counts).mean() + f1(counts.sum(0)))

    return max(_BOUNDARIES, key=worth)


def read_cues() -> Cues:
    """The cues by name."""
    cues: Cues = tomllib.loads(bundled_path("annotations/cues.toml").read_text(encoding="utf-8"))["cue"]
    return cues


def _decided(pool: Sequence[Passage], taught: Sequence[Passage]) -> Array:
    """The targets: of people yes or no by the majority, of the teacher as they are."""
    gold = targets_of(pool)
    return np.concatenate([np.where(np.isnan(gold), gold, gold >= 0.5), targets_of(taught)])


def _counted(rows: Sequence[Passage], pool: Sequence[Passage]) -> Array:
    """What each target counts, nothing where it is unknown."""
    by_row = np.where(np.arange(len(rows)) < len(pool), 1.0, _TAUGHT)
    return np.where(np.isnan(targets_of(rows)), 0.0, by_row[:, None])


def _require_both_sides(targets: Array) -> None:
    """Raises UnreadableError where a label is on no passage or on all of them, as nothing is learned from that."""
    for label, share in zip(LABELS, np.nanmean(targets, axis=0), strict=True):
        if not 0 < share < 1:
            raise UnreadableError(f"Too few policies have passages with and without {label}: use the whole of OPP-115.")


def calibration(logits: Array, targets: Array) -> tuple[float, float]:
    """The slope and the shift that make probabilities of decision values (Platt 1999)."""
    known = ~np.isnan(targets)
    with threadpool_limits(1):
        fitted = LogisticRegression(C=1e3).fit(logits[known, None], targets[known])
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def stored(
    fitted: _Fitted, corpus: Corpus, exclude: str, pool: Sequence[Passage], taught: Sequence[Passage]
) -> StoredModel:
    """The model as it is kept."""
    gold, corrected = targets_of(pool), sum(row.split == CORRECTED for row in pool)
    card = {
        "name": "fast",
        "version": VERSION,
        "trained_on": {
            "source": "OPP-115 (Wilson et al. 2016) and its twelve-label benchmark (Shankar et al. 2023)",
            "practices": int((~np.isnan(gold[:, 0])).sum()),
            "categories": int((~np.isnan(gold[:, -1])).sum()),
            "labelled by the teacher": len(taught),
            "excluded": exclude,
            **({"corrected": corrected} if corrected else {}),
            "read": corpus.counts,
        },
        "unclear": UNCLEAR,
        "labels": _label_rules(fitted),
    }
    return StoredModel(fitted.vocabulary, fitted.rules.weights, fitted.rules.bias, card)


def _label_rules(fitted: _Fitted) -> dict[str, dict[str, Any]]:
    """How the decision value of each label becomes a score, and the score a label."""
    columns = (fitted.slope.tolist(), fitted.shift.tolist(), fitted.boundaries.tolist(), fitted.thresholds.tolist())
    names = ("slope", "shift", "boundary", "threshold")
    return {label: dict(zip(names, row, strict=True)) for label, *row in zip(LABELS, *columns, strict=True)}
