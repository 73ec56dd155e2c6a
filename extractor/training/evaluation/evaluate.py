"""`evaluate`: what models are worth, by builds that did not see what they are measured on."""

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
from extractor.label import Model, load_model
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.training.data.c3pa import read_c3pa
from extractor.training.data.opp115 import Corpus, Example, read_opp115
from extractor.training.data.pool import FOLDS, Passage, gold_pool, held_out, policy_folds, targets_of
from extractor.training.evaluation.details import RULES, details_reports
from extractor.training.metrics import Array, Marks, band, ratio, report, risk_by_coverage
from extractor.training.models.fast import UNCLEAR, fit, taught_pool, train_model

FIVE = slice(0, len(PRACTICES))
_SHARES = (1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4)  # of the policies, for the learning curve
_C3PA = "extraction/c3pa"  # beside the folder of OPP-115


@dataclass(frozen=True)
class Part:
    """One measurement: what it is of, and its figures."""

    name: str
    figures: dict[str, Any]


def evaluate(
    data: Path, models: Sequence[str] = (), *, teacher: Path | None = None, learning: bool = False
) -> list[Part]:
    """The measurements of each model named, as it is; of a fast model built for each measurement, where none is named.

    `learning` adds what fast models learn from fewer policies. Raises UnreadableError and ModelError.
    """
    corpus = read_opp115(data)
    if models:
        return [part for name in models for part in _parts_of(name, corpus, data)]
    folds = scores_by_fold(corpus, taught_pool(data, teacher))
    with TemporaryDirectory() as folder:
        train_model(data, Path(folder), exclude="validation", teacher=teacher)
        parts = _measure_model("fast", load_model(folder), corpus, data)
    figures = _fold_report(folds)
    if learning:
        figures["learning curve"] = _learning_curve(corpus, folds if teacher is None else scores_by_fold(corpus, []))
    return [Part("fast: practices, unseen policies", figures), *parts, *_parts_of(RULES, corpus, data)]


def _parts_of(name: str, corpus: Corpus, data: Path) -> list[Part]:
    """The measurements of a model as it is; of "details" (polarity, types of data) built for each measurement."""
    if name == RULES:
        return [Part(*found) for found in details_reports(corpus.rows).items()]
    return _measure_model(name, load_model(name), corpus, data)


def _measure_model(name: str, model: Model, corpus: Corpus, data: Path) -> list[Part]:
    """A model on what its build left out (else on the benchmark's validation set), and on modern policies."""
    left_out = str(model.card["trained_on"].get("excluded", ""))
    practices, categories = _measured_on(corpus, left_out)
    what = "a fold of unseen policies" if left_out == "fold" else "validation"
    seen = "" if left_out else " (seen in training)"
    parts = [
        Part(f"{name}: practices, {what}{seen}", _scheme_report(model, practices, PRACTICES)),
        Part(f"{name}: categories, {what}{seen}", _scheme_report(model, categories, CATEGORIES)),
    ]
    modern = read_c3pa(data.parent / _C3PA)
    return [*parts, Part(f"{name}: modern policies, recall", _recall_report(model, modern))] if modern else parts


def _measured_on(corpus: Corpus, left_out: str) -> tuple[list[Example], list[Example]]:
    """The segments to measure practices on, and the passages to measure categories on."""
    if left_out != "fold":
        return [row for row in corpus.practices if row.split == "validation"], corpus.validation
    policies = {row.policy for row in held_out(corpus, "fold")}
    practices = [row for row in corpus.practices if row.policy in policies]
    return practices, [row for row in corpus.categories if row.policy in policies and row.labels]


def _scheme_report(model: Model, rows: Sequence[Example], labels: Sequence[str]) -> dict[str, Any]:
    """What a model says of examples by one scheme."""
    found = model.label([as_segment(row.text) for row in rows])
    scores = np.array([[{**one.scores, **one.category_scores}[label] for label in labels] for one in found])
    given = marks([(*one.practices, *one.categories) for one in found], labels)
    return report(labels, marks([row.labels for row in rows], labels), given, scores)


def _recall_report(model: Model, rows: Sequence[Example]) -> dict[str, Any]:
    """The share of marked passages in which a model finds the practice; what is not marked is not known."""
    given = marks([one.practices for one in model.label([as_segment(row.text) for row in rows])], PRACTICES)
    truth = marks([row.labels for row in rows], PRACTICES)
    hits, positives = (truth * given).sum(0), truth.sum(0)
    found = {
        label: {"recall": ratio(hits[k], positives[k]), "positives": int(positives[k])}
        for k, label in enumerate(PRACTICES)
        if positives[k]
    }
    return {"passages": len(rows), "labels": found}


@dataclass(frozen=True)
class _Folds:
    """What builds say of policies that they did not see: (passages, practices) each, and the policy of each passage."""

    truth: Marks
    scores: Array
    limits: Array
    policies: list[str]

    @property
    def given(self) -> Marks:
        """The practices given."""
        return (self.scores >= self.limits).astype(np.int8)


def scores_by_fold(corpus: Corpus, taught: Sequence[Passage], share: float = 1.0) -> _Folds:
    """The practices by folds: everything, vocabulary and calibration too, is learned from the other policies.

    `share` is how many of these are learned from. Raises UnreadableError where they are too few.
    """
    pool = [row for row in gold_pool(corpus) if row.policy]
    truth = (targets_of(pool)[:, FIVE] >= 0.5).astype(np.int8)
    scores, limits = np.zeros(truth.shape), np.zeros(truth.shape)
    for train, test in policy_folds(pool):
        fitted = fit(_some_policies([pool[i] for i in train], share), taught)
        scores[test] = fitted.scores([pool[i] for i in test])[:, FIVE]
        limits[test] = fitted.thresholds[FIVE]
    return _Folds(truth, scores, limits, [row.policy for row in pool])


def _some_policies(rows: Sequence[Passage], share: float) -> list[Passage]:
    """The passages of a share of the policies, drawn without favour; a smaller share lies within a larger one."""
    names = np.random.default_rng(0).permutation(sorted({row.policy for row in rows}))
    kept = set(names[: math.ceil(share * len(names))].tolist())
    return [row for row in rows if row.policy in kept]


def _learning_curve(corpus: Corpus, folds: _Folds) -> list[dict[str, float]]:
    """Macro F1 on unseen policies by the number of policies learned from, all of them last; without a teacher.

    A share of so few policies that a label is on none of them is left out.
    """
    policies = len(set(folds.policies)) * (FOLDS - 1) // FOLDS
    found = []
    for share in _SHARES:
        with suppress(UnreadableError):
            found.append(_learned(share * policies, scores_by_fold(corpus, [], share)))
    return [*found, _learned(policies, folds)]


def _learned(policies: float, folds: _Folds) -> dict[str, float]:
    """A point of the learning curve."""
    figures = report(PRACTICES, folds.truth, folds.given, groups=folds.policies)
    low, high = figures["macro interval"]
    return {"policies": round(policies), "macro": figures["macro"], "low": low, "high": high}


def _fold_report(folds: _Folds) -> dict[str, Any]:
    """The practices on policies that were not seen."""
    truth, given, scores = folds.truth, folds.given, folds.scores
    margins = np.abs((scores - folds.limits).max(axis=1))
    return {
        **report(PRACTICES, truth, given, scores, folds.policies),
        **band(truth, given, margins < UNCLEAR),
        "risk by coverage": risk_by_coverage(truth, given, np.where(given, scores, 1 - scores).prod(axis=1)),
    }


def as_segment(text: str) -> Segment:
    """A passage as a segment without headings, which stand in its text."""
    return Segment(0, 0, len(text), text)


def marks(given: Sequence[Sequence[str] | frozenset[str]], labels: Sequence[str]) -> Marks:
    """Which labels were given to each passage, (passages, labels)."""
    return np.array([[label in some for label in labels] for some in given], dtype=np.int8)


def as_json(parts: Sequence[Part]) -> str:
    """The measurements as JSON."""
    return json.dumps([asdict(part) for part in parts], indent=2)
