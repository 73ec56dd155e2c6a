"""Trains the fast model on all labelled passages, with the same bytes each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from extractor.errors import UnreadableError
from extractor.label import (
    CATEGORY_COLUMNS,
    LABELS,
    Cues,
    FloatArray,
    StoredModel,
    Vocabulary,
    save_model,
)
from extractor.records import CATEGORIES, PRACTICES
from extractor.resources import bundled_path, read_toml
from extractor.training.data import (
    CORRECTED_SPLIT,
    ERAS,
    OPP115,
    TEACHER,
    WRITTEN,
    Opp115Corpus,
    TrainingPassage,
    has_own_bias,
    labelled_passages,
    policy_folds,
    read_opp115,
    target_matrix,
    teacher_passages,
)
from extractor.training.metrics import confusion_counts, f1_score
from extractor.training.models.details import add_details
from extractor.training.models.linear import LinearModel, build_vocabulary, fit_linear_model
from extractor.version import VERSION

# In the order of PRACTICES, for rules that learn from the teacher too: it knows the policies of all folds, so that what
# is best there is too high for others. Chosen on held-out passages of OPP-115 and of all eras
_BOUNDARIES_WITH_TEACHER = (0.0, 0.0, 0.5, 1.5, 2.25)
_BOUNDARIES = tuple(step / 4 for step in range(-2, 12))  # to choose from; that of balanced rules is 0
# Of a passage; chosen on held-out passages of OPP-115 and of all eras. With equal weights the teacher outvotes the rest
_SOURCE_WEIGHTS = {OPP115: 3.0, ERAS: 1.0, WRITTEN: 0.5, TEACHER: 0.2}
_MEASURED_SOURCES = {OPP115: 2.0, ERAS: 1.0}  # the weight in choosing a boundary; people's labels count twice
_SOURCE = (
    "OPP-115 (Wilson et al. 2016) with its twelve-label benchmark (Shankar et al. 2023), passages of 1999 to 2026 "
    "labelled by a large language model, self-written passages"
)
UNCERTAIN_MARGIN = 0.1  # around the threshold; `evaluate` prints the share of right labels inside and outside it


@dataclass(frozen=True)
class _FittedModel:
    """A vocabulary and linear rules, with the slope and the shift that turn the decision values of a label into scores.

    `boundaries` are the decision values from which a label is assigned.
    """

    vocabulary: Vocabulary
    rules: LinearModel
    slope: FloatArray
    shift: FloatArray
    boundaries: FloatArray

    @property
    def thresholds(self) -> FloatArray:
        """The scores at the boundaries."""
        return self._scores_of(self.boundaries)

    def scores(self, passages: Sequence[TrainingPassage]) -> FloatArray:
        """The scores of passages, (passages, labels)."""
        vectors = self.vocabulary.vectors([passage.model_input for passage in passages])
        return self._scores_of(self.rules.decision_values(vectors))

    def _scores_of(self, values: FloatArray) -> FloatArray:
        """The scores of decision values, rounded as in records."""
        return np.round(1 / (1 + np.exp(-(self.slope * values + self.shift))), 4)


def train_fast_model(
    data: Path, out: Path, *, exclude: str = "", teacher: Path | None = None, gold: Sequence[Path] = ()
) -> str:
    """Trains the fast model on a folder of OPP-115 and saves it; returns a summary of what it was trained on.

    `exclude="validation"` leaves out the benchmark's validation set, in the segments too. `teacher` is the folder with
    the teacher's scores of the policies beside the data, `gold` the files of corrected segments; the model learns from
    both as well. Raises UnreadableError.
    """
    corpus = read_opp115(data)
    labelled = labelled_passages(data, corpus, exclude, gold)
    taught = teacher_passages(data, teacher)
    save_model(storable_model(fit_fast_model(labelled, taught), corpus, exclude, labelled, taught), out)
    details = add_details(data, corpus, out, exclude)
    return f"{len(labelled)} labelled passages and {len(taught)} of the teacher's, {details}: saved in {out}."


def fit_fast_model(labelled: Sequence[TrainingPassage], taught: Sequence[TrainingPassage]) -> _FittedModel:
    """The rules learned from people's and the teacher's labels, calibrated on folds of the labelled policies."""
    passages = [*labelled, *taught]
    inputs = [passage.model_input for passage in passages]
    vocabulary = build_vocabulary(inputs, read_cues())
    vectors, targets, own = vocabulary.vectors(inputs), _targets(labelled, taught), has_own_bias(passages)
    weights = np.where(np.isnan(targets), 0.0, [[_SOURCE_WEIGHTS[passage.source]] for passage in passages])
    from_opp115 = np.array([passage.source == OPP115 for passage in passages])
    _require_positives_and_negatives(targets[from_opp115])
    values = np.zeros((len(labelled), len(LABELS)))
    of_teacher = np.arange(len(labelled), len(targets))
    for train, test in policy_folds(labelled):
        _require_positives_and_negatives(targets[train][from_opp115[train]])
        rows = np.concatenate([train, of_teacher])
        rules = fit_linear_model(vectors[rows], targets[rows], weights[rows], own[rows])
        values[test] = rules.decision_values(vectors[test])
    gold = np.where(own[: len(labelled)], np.nan, targets[: len(labelled)])
    scales = [fit_calibration(values[:, k], gold[:, k]) for k in range(len(LABELS))]
    slope, shift = np.round(np.array(scales).T, 6)
    rules = fit_linear_model(vectors, targets, weights, own)
    sources = [passage.source for passage in labelled]
    practices = _BOUNDARIES_WITH_TEACHER if taught else _best_practice_boundaries(values, targets, sources)
    categories = _best_category_boundary(values[:, CATEGORY_COLUMNS], gold[:, CATEGORY_COLUMNS])
    boundaries = np.array([*practices, *[categories] * len(CATEGORIES)])
    return _FittedModel(vocabulary, rules, slope, shift, boundaries)


def _best_practice_boundaries(values: FloatArray, targets: FloatArray, sources: Sequence[str]) -> Sequence[float]:
    """The boundary of each practice with the best weighted sum of its F1 on OPP-115 and on all eras."""
    rows = {name: [row for row, source in enumerate(sources) if source == name] for name in _MEASURED_SOURCES}

    def summed_f1(practice: int, boundary: float) -> float:
        return sum(
            _MEASURED_SOURCES[name] * _f1_from(boundary, values[own, practice], targets[own, practice])
            for name, own in rows.items()
        )

    return [_best_boundary(partial(summed_f1, practice)) for practice in range(len(PRACTICES))]


def _best_boundary(figure: Callable[[float], float]) -> float:
    """The boundary whose figure is best together with its neighbours', as a peak of one alone is mostly chance."""
    figures = [figure(boundary) for boundary in _BOUNDARIES]
    sums = [sum(three) for three in zip(figures, figures[1:], figures[2:], strict=False)]
    return _BOUNDARIES[1 + sums.index(max(sums))]


def _f1_from(boundary: float, values: FloatArray, targets: FloatArray) -> float:
    """The F1 of a label that is assigned from a boundary on, where it is known."""
    known = ~np.isnan(targets)
    predicted = (values[known] >= boundary).astype(np.int8)
    return float(f1_score(confusion_counts(targets[known].astype(np.int8), predicted).sum(0)))


def _best_category_boundary(values: FloatArray, targets: FloatArray) -> float:
    """The boundary with the best sum of macro and micro F1, where each passage has the category that is highest.

    One for each category did worse on other folds than these: many have too few positives.
    """
    known = ~np.isnan(targets[:, -1])
    truth = targets[known].astype(np.int8)
    is_highest = values[known] == values[known].max(axis=1, keepdims=True)

    def summed_f1(boundary: float) -> float:
        predicted = (values[known] >= boundary) | is_highest
        counts = confusion_counts(truth, predicted.astype(np.int8)).sum(0)
        return float(f1_score(counts).mean() + f1_score(counts.sum(0)))

    return _best_boundary(summed_f1)


def read_cues() -> Cues:
    """The cues of `annotations/cues.toml` by name."""
    cues: Cues = read_toml(bundled_path("annotations/cues.toml"))["cue"]
    return cues


def _targets(labelled: Sequence[TrainingPassage], taught: Sequence[TrainingPassage]) -> FloatArray:
    """The targets: of people's labels 0 or 1, by the majority, of the teacher's its scores; NaN if unknown."""
    gold = target_matrix(labelled)
    return np.concatenate([np.where(np.isnan(gold), gold, gold >= 0.5), target_matrix(taught)])


def _require_positives_and_negatives(targets: FloatArray) -> None:
    """Raises UnreadableError if no passage has a label, or all have it, as nothing can be learned from that."""
    for label, known in zip(LABELS, targets.T, strict=True):
        if not ((known > 0).any() and (known < 1).any()):
            raise UnreadableError(f"Too few policies have passages with and without {label}: use the whole of OPP-115.")


def fit_calibration(values: FloatArray, targets: FloatArray) -> tuple[float, float]:
    """The slope and the shift that turn decision values into probabilities (Platt 1999)."""
    known = ~np.isnan(targets)
    with threadpool_limits(1):
        fitted = LogisticRegression(C=1e3).fit(values[known, None], targets[known])
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def storable_model(
    fitted: _FittedModel,
    corpus: Opp115Corpus,
    exclude: str,
    labelled: Sequence[TrainingPassage],
    taught: Sequence[TrainingPassage],
) -> StoredModel:
    """The model with its card, as it is saved."""
    targets, corrected = target_matrix(labelled), sum(row.split == CORRECTED_SPLIT for row in labelled)
    card = {
        "name": "fast",
        "version": VERSION,
        "trained_on": {
            "source": _SOURCE,
            "passages": dict(Counter(passage.source for passage in labelled)),
            "practices": int((~np.isnan(targets[:, 0])).sum()),
            "categories": int((~np.isnan(targets[:, -1])).sum()),
            "labelled by the teacher": len(taught),
            "excluded": exclude,
            **({"corrected": corrected} if corrected else {}),
            "read": corpus.counts,
        },
        "unclear": UNCERTAIN_MARGIN,
        "labels": _label_rules(fitted),
    }
    return StoredModel(fitted.vocabulary, fitted.rules.weights, fitted.rules.bias, card)


def _label_rules(fitted: _FittedModel) -> dict[str, dict[str, Any]]:
    """How the decision value of each label becomes a score, and the score a label."""
    columns = {
        "slope": fitted.slope.tolist(),
        "shift": fitted.shift.tolist(),
        "boundary": fitted.boundaries.tolist(),
        "threshold": fitted.thresholds.tolist(),
    }
    rows = zip(*columns.values(), strict=True)
    return {label: dict(zip(columns, row, strict=True)) for label, row in zip(LABELS, rows, strict=True)}
