"""Measures models by builds that have not seen what they are measured on."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from extractor.errors import UnreadableError
from extractor.label import PRACTICE_COLUMNS, FloatArray, Model, load_model
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.training.data import (
    FOLD_COUNT,
    LabelledText,
    Opp115Corpus,
    TrainingPassage,
    gold_passages,
    held_out_passages,
    policy_folds,
    read_c3pa,
    read_opp115,
    target_matrix,
    teacher_passages,
)
from extractor.training.evaluation.details import DETAILS, measure_details
from extractor.training.metrics import (
    LabelMatrix,
    label_metrics,
    risk_by_coverage,
    rounded_ratio,
    uncertainty_metrics,
)
from extractor.training.models import UNCERTAIN_MARGIN, fit_fast_model, train_fast_model

_POLICY_SHARES = (1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4)  # for the learning curve
_C3PA_FOLDER = "extraction/c3pa"  # beside the folder of OPP-115


@dataclass(frozen=True)
class Measurement:
    """The figures of a model on a task; `name` has both, with a colon between."""

    name: str
    figures: dict[str, Any]


def evaluate(
    data: Path, models: Sequence[str] = (), *, teacher: Path | None = None, learning_curve: bool = False
) -> list[Measurement]:
    """The measurements of the named models; without a name, of fast models and details built for each measurement.

    `learning_curve` adds the figures of fast models that learn from fewer policies. Raises UnreadableError and
    ModelError.
    """
    corpus = read_opp115(data)
    if models:
        return [measurement for name in models for measurement in _measure_by_name(name, corpus, data)]
    folds = out_of_fold_scores(corpus, teacher_passages(data, teacher))
    with TemporaryDirectory() as folder:
        train_fast_model(data, Path(folder), exclude="validation", teacher=teacher)
        measurements = _measure_model("fast", load_model(folder), corpus, data)
    figures = _fold_metrics(folds)
    if learning_curve:
        without_teacher = folds if teacher is None else out_of_fold_scores(corpus, [])
        figures["learning curve"] = _learning_curve(corpus, without_teacher)
    details = _measure_by_name(DETAILS, corpus, data)
    return [Measurement("fast: practices, unseen policies", figures), *measurements, *details]


def _measure_by_name(name: str, corpus: Opp115Corpus, data: Path) -> list[Measurement]:
    """The measurements of a stored model, or of "details" (polarity, data types) built for each measurement."""
    if name == DETAILS:
        return [Measurement(*named) for named in measure_details(corpus.rows).items()]
    return _measure_model(name, load_model(name), corpus, data)


def _measure_model(name: str, model: Model, corpus: Opp115Corpus, data: Path) -> list[Measurement]:
    """The measurements of a model on what its build excluded, or on the validation set, and on recent policies."""
    excluded = str(model.card["trained_on"].get("excluded", ""))
    practices, categories = _evaluation_examples(corpus, excluded)
    task = "a fold of unseen policies" if excluded == "fold" else "validation"
    seen = "" if excluded else " (seen in training)"
    measurements = [
        Measurement(f"{name}: practices, {task}{seen}", _scheme_metrics(model, practices, PRACTICES)),
        Measurement(f"{name}: categories, {task}{seen}", _scheme_metrics(model, categories, CATEGORIES)),
    ]
    if recent := read_c3pa(data.parent / _C3PA_FOLDER):
        measurements.append(Measurement(f"{name}: modern policies, recall", _recall_metrics(model, recent)))
    return measurements


def _evaluation_examples(corpus: Opp115Corpus, excluded: str) -> tuple[list[LabelledText], list[LabelledText]]:
    """The segments to measure practices on, and the passages to measure categories on."""
    if excluded != "fold":
        return [row for row in corpus.practices if row.split == "validation"], corpus.validation
    policies = {row.policy for row in held_out_passages(corpus, "fold")}
    practices = [row for row in corpus.practices if row.policy in policies]
    return practices, [row for row in corpus.categories if row.policy in policies and row.labels]


def _scheme_metrics(model: Model, examples: Sequence[LabelledText], labels: Sequence[str]) -> dict[str, Any]:
    """The figures of a model on examples, with the labels of one scheme."""
    segments = model.label([text_segment(example.text) for example in examples])
    scores = np.array([[{**one.scores, **one.category_scores}[label] for label in labels] for one in segments])
    predicted = label_matrix([(*segment.practices, *segment.categories) for segment in segments], labels)
    return label_metrics(labels, label_matrix([example.labels for example in examples], labels), predicted, scores)


def _recall_metrics(model: Model, examples: Sequence[LabelledText]) -> dict[str, Any]:
    """The share of marked passages in which a model finds the practice; whether others have it is not known."""
    segments = model.label([text_segment(example.text) for example in examples])
    predicted = label_matrix([segment.practices for segment in segments], PRACTICES)
    truth = label_matrix([example.labels for example in examples], PRACTICES)
    hits, positives = (truth * predicted).sum(0), truth.sum(0)
    labels = {
        label: {"recall": rounded_ratio(hits[k], positives[k]), "positives": int(positives[k])}
        for k, label in enumerate(PRACTICES)
        if positives[k]
    }
    return {"passages": len(examples), "labels": labels}


@dataclass(frozen=True)
class _FoldScores:
    """The practices and scores of passages by models that have not seen their policies: (passages, practices) each."""

    truth: LabelMatrix
    scores: FloatArray
    thresholds: FloatArray
    policies: list[str]

    @property
    def predicted(self) -> LabelMatrix:
        """The practices with a score at or above the threshold."""
        return (self.scores >= self.thresholds).astype(np.int8)

    @property
    def margins(self) -> FloatArray:
        """How far the score of each passage is from the threshold, for the practice that most exceeds it."""
        return np.asarray(np.abs((self.scores - self.thresholds).max(axis=1)))


def out_of_fold_scores(corpus: Opp115Corpus, taught: Sequence[TrainingPassage], share: float = 1.0) -> _FoldScores:
    """The practices by folds: everything, also vocabulary and calibration, is learned from the other policies.

    `share` is the share of these to learn from. Raises UnreadableError if they are too few.
    """
    passages = [passage for passage in gold_passages(corpus) if passage.policy]
    truth = (target_matrix(passages)[:, PRACTICE_COLUMNS] >= 0.5).astype(np.int8)
    scores, thresholds = np.zeros(truth.shape), np.zeros(truth.shape)
    for train, test in policy_folds(passages):
        fitted = fit_fast_model(_sample_policies([passages[row] for row in train], share), taught)
        scores[test] = fitted.scores([passages[row] for row in test])[:, PRACTICE_COLUMNS]
        thresholds[test] = fitted.thresholds[PRACTICE_COLUMNS]
    return _FoldScores(truth, scores, thresholds, [passage.policy for passage in passages])


def _sample_policies(passages: Sequence[TrainingPassage], share: float) -> list[TrainingPassage]:
    """The passages of a random share of the policies; a smaller share is a part of a larger one."""
    names = np.random.default_rng(0).permutation(sorted({passage.policy for passage in passages}))
    kept = set(names[: math.ceil(share * len(names))].tolist())
    return [passage for passage in passages if passage.policy in kept]


def _learning_curve(corpus: Opp115Corpus, folds: _FoldScores) -> list[dict[str, float]]:
    """Macro F1 on unseen policies by the number of policies learned from, at last all of them; without a teacher.

    Shares of so few policies that a label is on none of them are left out.
    """
    policies = len(set(folds.policies)) * (FOLD_COUNT - 1) // FOLD_COUNT
    points = []
    for share in _POLICY_SHARES:
        with suppress(UnreadableError):
            points.append(_learning_point(share * policies, out_of_fold_scores(corpus, [], share)))
    return [*points, _learning_point(policies, folds)]


def _learning_point(policies: float, folds: _FoldScores) -> dict[str, float]:
    """A point of the learning curve."""
    figures = label_metrics(PRACTICES, folds.truth, folds.predicted, groups=folds.policies)
    low, high = figures["macro interval"]
    return {"policies": round(policies), "macro": figures["macro"], "low": low, "high": high}


def _fold_metrics(folds: _FoldScores) -> dict[str, Any]:
    """The figures of practices on unseen policies."""
    truth, predicted, scores = folds.truth, folds.predicted, folds.scores
    confidence = np.where(predicted, scores, 1 - scores).prod(axis=1)
    return {
        **label_metrics(PRACTICES, truth, predicted, scores, folds.policies),
        **uncertainty_metrics(truth, predicted, folds.margins < UNCERTAIN_MARGIN),
        "risk by coverage": risk_by_coverage(truth, predicted, confidence),
    }


def text_segment(text: str) -> Segment:
    """A passage as a segment without headings, which are part of its text."""
    return Segment(0, 0, len(text), text)


def label_matrix(labels_of: Sequence[Sequence[str] | frozenset[str]], labels: Sequence[str]) -> LabelMatrix:
    """Whether each passage has each label, (passages, labels)."""
    return np.array([[label in own for label in labels] for own in labels_of], dtype=np.int8)


def measurements_json(measurements: Sequence[Measurement]) -> str:
    """The measurements as JSON."""
    return json.dumps([asdict(measurement) for measurement in measurements], indent=2)
