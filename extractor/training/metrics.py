"""Figures of predicted labels against true ones, each a plain dict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.label import FloatArray

LabelMatrix = NDArray[np.int8]
BOOTSTRAP_SAMPLES, _PERCENTILES = 1_000, (2.5, 97.5)  # Efron 1979
_MIN_POSITIVES = 20  # with fewer, the F1 of a label says little
_BIN_COUNT = 10
_MAX_CURVE_POINTS = 60
_NO_LABEL = "none"


def label_metrics(
    labels: Sequence[str],
    truth: LabelMatrix,
    predicted: LabelMatrix,
    scores: FloatArray | None = None,
    groups: Sequence[str] = (),
) -> dict[str, Any]:
    """The figures of labels; `truth`, `predicted` and `scores` are (passages, labels).

    For each label: precision, recall, F1 with its interval, the four counts of the confusion, and the calibration error
    if there are scores. For all: macro and micro F1 with intervals, and macro F1 over the labels with enough positives.
    Intervals come from a bootstrap over the groups (policies), or over the passages if there are none.
    """
    counts = sum_by_group(confusion_counts(truth, predicted), groups)
    samples = bootstrap_counts(counts)
    total = counts.sum(0)
    frequent = truth.sum(0) >= _MIN_POSITIVES
    macro_of_frequent = f1_score(total)[frequent].mean() if frequent.any() else 0.0
    return {
        "passages": len(truth),
        "macro": _round(_macro_f1(total)),
        "macro interval": percentile_interval(_macro_f1(samples)),
        "micro": _round(f1_score(total.sum(0))),
        "micro interval": percentile_interval(f1_score(samples.sum(1))),
        f"macro of labels with {_MIN_POSITIVES} positives": _round(macro_of_frequent),
        "labels": {
            label: {
                **_single_label_metrics(total[k], percentile_interval(f1_score(samples[:, k]))),
                **({} if scores is None else {"calibration error": calibration_error(scores[:, k], truth[:, k])}),
            }
            for k, label in enumerate(labels)
        },
        "together": label_confusion(labels, truth, predicted),
        "curves": {} if scores is None else _curves(labels, truth, scores),
    }


def _curves(labels: Sequence[str], truth: LabelMatrix, scores: FloatArray) -> dict[str, Any]:
    """The precision of each label at other thresholds, and how far its scores are from frequencies."""
    return {
        label: {
            "precision by recall": precision_by_recall(truth[:, k], scores[:, k]),
            "reliability": reliability_bins(truth[:, k], scores[:, k]),
        }
        for k, label in enumerate(labels)
    }


def precision_by_recall(truth: LabelMatrix, scores: FloatArray) -> list[tuple[float, float]]:
    """Recall and precision at each threshold, thinned to about sixty points; none if no passage has the label."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    if not len(ends) or not hits[-1]:
        return []
    kept = ends[np.unique(np.searchsorted(hits[ends], np.linspace(1, hits[-1], _MAX_CURVE_POINTS)))]
    return [(_round(hits[end] / hits[-1]), _round(hits[end] / (end + 1))) for end in kept]


def reliability_bins(truth: LabelMatrix, scores: FloatArray) -> list[tuple[float, float, int]]:
    """Mean score, share with the label and number of passages in each of ten bins of the score, without empty bins."""
    bins = (_score_bins(scores) == number for number in range(_BIN_COUNT))
    return [(_round(scores[one].mean()), _round(truth[one].mean()), int(one.sum())) for one in bins if one.any()]


def _score_bins(scores: FloatArray) -> NDArray[np.intp]:
    """The number of the bin of each score."""
    return np.asarray(np.minimum((scores * _BIN_COUNT).astype(int), _BIN_COUNT - 1))


def label_confusion(labels: Sequence[str], truth: LabelMatrix, predicted: LabelMatrix) -> dict[str, dict[str, int]]:
    """How many passages with a true label have each predicted label; "none" stands for no label."""
    names = [*labels, _NO_LABEL]
    true_or_none, predicted_or_none = (
        np.column_stack([matrix, ~matrix.any(axis=1)]).astype(int) for matrix in (truth, predicted)
    )
    counts = (true_or_none.T @ predicted_or_none).tolist()
    return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, counts, strict=True)}


def confusion_counts(truth: LabelMatrix, predicted: LabelMatrix) -> FloatArray:
    """Whether each label of each passage is a hit, a false alarm, a miss, or rightly absent: (passages, labels, 4)."""
    true, positive = truth.astype(bool), predicted.astype(bool)
    return np.stack([true & positive, ~true & positive, true & ~positive, ~true & ~positive], axis=-1).astype(
        np.float64
    )


def sum_by_group(counts: FloatArray, groups: Sequence[str]) -> FloatArray:
    """The counts added up by group; as they are if there are no groups."""
    if not groups:
        return counts
    names, group_of = np.unique(np.array(groups), return_inverse=True)
    sums = np.zeros((len(names), *counts.shape[1:]))
    np.add.at(sums, group_of, counts)
    return sums


def bootstrap_counts(counts: FloatArray) -> FloatArray:
    """Sums of the counts over groups drawn with replacement, (samples, labels, 4)."""
    size = len(counts)
    draws = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), BOOTSTRAP_SAMPLES)
    return np.asarray(np.tensordot(draws, counts, axes=1))


def f1_score(counts: FloatArray) -> FloatArray:
    """F1 of the hits, false alarms and misses in the last axis; 0 if there are none."""
    hits, false_alarms, misses = counts[..., 0], counts[..., 1], counts[..., 2]
    return np.asarray(2 * hits / np.maximum(1, 2 * hits + false_alarms + misses))


def _macro_f1(counts: FloatArray) -> FloatArray:
    """The mean F1 of the labels that a passage has or is given, 0 if there are none.

    A rare label is in none of the policies of some bootstrap samples, which says nothing about its F1.
    """
    occurs = counts[..., :3].sum(axis=-1) > 0
    return np.asarray((f1_score(counts) * occurs).sum(axis=-1) / np.maximum(1, occurs.sum(axis=-1)))


def _single_label_metrics(counts: FloatArray, f1_interval: list[float]) -> dict[str, Any]:
    """The figures of one label."""
    hits, false_alarms, misses, absent = (int(count) for count in counts.tolist())
    return {
        "precision": rounded_ratio(hits, hits + false_alarms),
        "recall": rounded_ratio(hits, hits + misses),
        "f1": _round(f1_score(counts)),
        "f1 interval": f1_interval,
        "positives": hits + misses,
        "confusion": {"hits": hits, "false alarms": false_alarms, "misses": misses, "absent": absent},
    }


def percentile_interval(values: FloatArray) -> list[float]:
    """The interval that holds 95 % of bootstrapped values."""
    return [_round(bound) for bound in np.percentile(values, _PERCENTILES)]


def calibration_error(scores: FloatArray, truth: LabelMatrix) -> float:
    """Expected calibration error of a label: how far scores are from frequencies, over ten bins (Guo et al. 2017)."""
    bins = _score_bins(scores)
    gaps = [abs(scores[bins == b].sum() - truth[bins == b].sum()) for b in range(_BIN_COUNT)]
    return _round(sum(gaps) / len(scores))


def uncertainty_metrics(truth: LabelMatrix, predicted: LabelMatrix, uncertain: NDArray[np.bool_]) -> dict[str, float]:
    """The share of uncertain passages, and the share of these and of the others with every label right."""
    right = (truth == predicted).all(axis=1)
    return {
        "uncertain": _round(uncertain.mean()),
        "right where uncertain": _round(right[uncertain].mean()) if uncertain.any() else 0.0,
        "right elsewhere": _round(right[~uncertain].mean()) if (~uncertain).any() else 0.0,
    }


def risk_by_coverage(truth: LabelMatrix, predicted: LabelMatrix, confidence: FloatArray) -> list[tuple[float, float]]:
    """Coverage and risk: the share with a wrong label among the most confident passages, at twenty points."""
    wrong = (truth != predicted).any(axis=1)[np.argsort(-confidence, kind="stable")]
    ends = [round(len(wrong) * step / 20) for step in range(1, 21)]
    return [(_round(end / len(wrong)), _round(wrong[:end].mean())) for end in ends if end]


def rounded_ratio(part: float, total: float) -> float:
    """A share, rounded to four places; 0 if the total is 0."""
    return _round(part / total) if total else 0.0


def _round(value: Any) -> float:
    """A figure rounded to four places."""
    return round(float(value), 4)
