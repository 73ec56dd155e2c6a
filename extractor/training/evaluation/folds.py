"""Measures fast models on policies that they have not seen: OPP-115's and those of all eras, in five folds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import UnreadableError
from extractor.label import PRACTICE_COLUMNS, FloatArray
from extractor.records import PRACTICES
from extractor.training.data import (
    ERA_NAMES,
    ERAS,
    FOLD_COUNT,
    OPP115,
    WRITTEN,
    Opp115Corpus,
    TrainingPassage,
    labelled_passages,
    policy_folds,
    read_era_passages,
    target_matrix,
)
from extractor.training.evaluation.measurement import (
    ALL_ERAS,
    ERA_SOURCES,
    THREE_ANNOTATORS,
    Measurement,
    source_measurement,
)
from extractor.training.metrics import LabelMatrix, label_metrics, risk_by_coverage, uncertainty_metrics
from extractor.training.models import UNCERTAIN_MARGIN, fit_fast_model

_POLICY_SHARES = (1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4)  # for the learning curve


@dataclass(frozen=True)
class FoldScores:
    """The practices and scores of passages by models that have not seen their policies: (passages, practices) each.

    `groups` says for each passage where it is from: OPP115, or its era.
    """

    truth: LabelMatrix
    scores: FloatArray
    thresholds: FloatArray
    policies: NDArray[np.str_]
    groups: NDArray[np.str_]

    @property
    def predicted(self) -> LabelMatrix:
        """The practices with a score at or above the threshold."""
        return (self.scores >= self.thresholds).astype(np.int8)

    @property
    def margins(self) -> FloatArray:
        """How far the score of each passage is from the threshold, for the practice that most exceeds it."""
        return np.asarray(np.abs((self.scores - self.thresholds).max(axis=1)))

    @property
    def uncertain(self) -> NDArray[np.bool_]:
        """Whether each passage is uncertain."""
        return np.asarray(self.margins < UNCERTAIN_MARGIN)

    def of(self, groups: Sequence[str]) -> FoldScores:
        """The passages of these groups."""
        rows = np.isin(self.groups, groups)
        return FoldScores(
            self.truth[rows], self.scores[rows], self.thresholds[rows], self.policies[rows], self.groups[rows]
        )


def out_of_fold_scores(
    data: Path, corpus: Opp115Corpus, taught: Sequence[TrainingPassage] = (), share: float = 1.0
) -> FoldScores:
    """The practices by folds: everything, also vocabulary and calibration, is learned from the other policies.

    `share` is the share of these to learn from. Self-written passages are always learned from. Raises UnreadableError
    if there are too few policies.
    """
    every = labelled_passages(data, corpus)
    written = [passage for passage in every if passage.source == WRITTEN]
    passages = [passage for passage in every if passage.policy]
    truth = (target_matrix(passages)[:, PRACTICE_COLUMNS] >= 0.5).astype(np.int8)
    scores, thresholds = np.zeros(truth.shape), np.zeros(truth.shape)
    for train, test in policy_folds(passages):
        learned_from = _sample_policies([passages[row] for row in train], share)
        fitted = fit_fast_model([*learned_from, *written], taught)
        scores[test] = fitted.scores([passages[row] for row in test])[:, PRACTICE_COLUMNS]
        thresholds[test] = fitted.thresholds[PRACTICE_COLUMNS]
    eras = iter([passage.era for passage in read_era_passages(data)])
    groups = [next(eras) if passage.source == ERAS else OPP115 for passage in passages]
    policies = [passage.policy for passage in passages]
    return FoldScores(truth, scores, thresholds, np.array(policies), np.array(groups))


def _sample_policies(passages: Sequence[TrainingPassage], share: float) -> list[TrainingPassage]:
    """The passages of a random share of the policies; a smaller share is a part of a larger one."""
    names = np.random.default_rng(0).permutation(sorted({passage.policy for passage in passages}))
    kept = set(names[: math.ceil(share * len(names))].tolist())
    return [passage for passage in passages if passage.policy in kept]


def measure_folds(
    data: Path, corpus: Opp115Corpus, taught: Sequence[TrainingPassage], *, learning_curve: bool
) -> Iterator[Measurement]:
    """The figures of practices on unseen policies: of OPP-115, of all eras, and of each era."""
    folds = out_of_fold_scores(data, corpus, taught)
    figures = _with_uncertainty(folds.of([OPP115]))
    if learning_curve:
        figures["learning curve"] = _learning_curve(data, corpus, out_of_fold_scores(data, corpus) if taught else folds)
    row = {"kind": "practices", "source": "OPP-115 of 2015, unseen policies", "labelled by": THREE_ANNOTATORS}
    yield Measurement("fast: practices, unseen policies", {**row, **figures})
    by_era = fold_metrics_by_era(folds)
    if by_era:
        yield source_measurement("fast", "practices", ALL_ERAS, _with_uncertainty(folds.of(list(by_era))))
    for era, metrics in by_era.items():
        yield source_measurement("fast", "practices", ERA_SOURCES[era], metrics)


def fold_metrics_by_era(folds: FoldScores) -> dict[str, dict[str, Any]]:
    """The figures of practices on unseen policies of each era that has any."""
    parts = {era: folds.of([era]) for era in ERA_NAMES if era in folds.groups}
    return {
        era: label_metrics(PRACTICES, part.truth, part.predicted, groups=part.policies.tolist())
        for era, part in parts.items()
    }


def _with_uncertainty(folds: FoldScores) -> dict[str, Any]:
    """The figures of practices on unseen policies, with curves and risk."""
    truth, predicted, scores = folds.truth, folds.predicted, folds.scores
    confidence = np.where(predicted, scores, 1 - scores).prod(axis=1)
    return {
        **label_metrics(PRACTICES, truth, predicted, scores, folds.policies.tolist()),
        **uncertainty_metrics(truth, predicted, folds.uncertain),
        "risk by coverage": risk_by_coverage(truth, predicted, confidence),
    }


def _learning_curve(data: Path, corpus: Opp115Corpus, folds: FoldScores) -> list[dict[str, float]]:
    """Macro F1 on OPP-115's unseen policies by the number of policies learned from; without a teacher.

    Shares of so few policies that a label is on none of them are left out.
    """
    policies = len(set(folds.policies.tolist())) * (FOLD_COUNT - 1) // FOLD_COUNT
    points = []
    for share in _POLICY_SHARES:
        with suppress(UnreadableError):
            points.append(_learning_point(share * policies, out_of_fold_scores(data, corpus, share=share)))
    return [*points, _learning_point(policies, folds)]


def _learning_point(policies: float, folds: FoldScores) -> dict[str, float]:
    """A point of the learning curve."""
    part = folds.of([OPP115])
    figures = label_metrics(PRACTICES, part.truth, part.predicted, groups=part.policies.tolist())
    low, high = figures["macro interval"]
    return {"policies": round(policies), "macro": figures["macro"], "low": low, "high": high}
