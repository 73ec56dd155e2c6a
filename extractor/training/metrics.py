"""Figures of labels given against labels true, each a plain dict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Marks = NDArray[np.int8]
_ENOUGH = 20  # positives that a label has for its F1 to say something
RESAMPLES, _INTERVAL = 1_000, (2.5, 97.5)  # of the bootstrap (Efron 1979), and its percentiles
_BINS = 10
_POINTS = 60  # of a curve
_NONE = "none"


def report(
    labels: Sequence[str], truth: Marks, given: Marks, scores: Array | None = None, groups: Sequence[str] = ()
) -> dict[str, Any]:
    """What labels are worth: `truth`, `given` and `scores` are (passages, labels).

    A label: precision, recall, F1 with its interval, the four counts of the confusion, and the calibration error where
    scores are given. All: macro and micro F1 with intervals, and macro F1 over the labels with enough positives.
    Intervals come from drawing the groups (policies; the passages themselves, where none are named) again and again.
    """
    counts = grouped(confusion(truth, given), groups)
    drawn = resampled(counts)
    total = counts.sum(0)
    enough = truth.sum(0) >= _ENOUGH
    return {
        "passages": len(truth),
        "macro": _rounded(f1(total).mean()),
        "macro interval": interval(f1(drawn).mean(1)),
        "micro": _rounded(f1(total.sum(0))),
        "micro interval": interval(f1(drawn.sum(1))),
        f"macro of labels with {_ENOUGH} positives": _rounded(f1(total)[enough].mean() if enough.any() else 0.0),
        "labels": {
            label: {
                **_label_report(total[k], interval(f1(drawn[:, k]))),
                **({} if scores is None else {"calibration error": calibration_error(scores[:, k], truth[:, k])}),
            }
            for k, label in enumerate(labels)
        },
        "together": together(labels, truth, given),
        "curves": {} if scores is None else _curves(labels, truth, scores),
    }


def _curves(labels: Sequence[str], truth: Marks, scores: Array) -> dict[str, Any]:
    """What can be had of each label by other thresholds, and how far its scores are frequencies."""
    return {
        label: {
            "precision by recall": precision_by_recall(truth[:, k], scores[:, k]),
            "reliability": reliability(truth[:, k], scores[:, k]),
        }
        for k, label in enumerate(labels)
    }


def precision_by_recall(truth: Marks, scores: Array) -> list[tuple[float, float]]:
    """Recall and precision at each threshold, thinned to some sixty points; nothing where no passage has the label."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    if not len(ends) or not hits[-1]:
        return []
    kept = ends[np.unique(np.searchsorted(hits[ends], np.linspace(1, hits[-1], _POINTS)))]
    return [(_rounded(hits[end] / hits[-1]), _rounded(hits[end] / (end + 1))) for end in kept]


def reliability(truth: Marks, scores: Array) -> list[tuple[float, float, int]]:
    """Mean score, share with the label and number of passages in each of ten bins of the score; empty ones left out."""
    which = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    bins = [which == b for b in range(_BINS)]
    return [(_rounded(scores[one].mean()), _rounded(truth[one].mean()), int(one.sum())) for one in bins if one.any()]


def together(labels: Sequence[str], truth: Marks, given: Marks) -> dict[str, dict[str, int]]:
    """How many passages with a label were given each label; "none" stands for no label."""
    true, said = (np.column_stack([marks, ~marks.any(axis=1)]).astype(int) for marks in (truth, given))
    names = [*labels, _NONE]
    return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, (true.T @ said).tolist(), strict=True)}


def confusion(truth: Marks, given: Marks) -> Array:
    """Whether each label of each passage is a hit, a false alarm, a miss, or rightly absent: (passages, labels, 4)."""
    yes, said = truth.astype(bool), given.astype(bool)
    return np.stack([yes & said, ~yes & said, yes & ~said, ~yes & ~said], axis=-1).astype(np.float64)


def grouped(counts: Array, groups: Sequence[str]) -> Array:
    """The counts added up by group."""
    if not groups:
        return counts
    names, which = np.unique(np.array(groups), return_inverse=True)
    added = np.zeros((len(names), *counts.shape[1:]))
    np.add.at(added, which, counts)
    return added


def resampled(counts: Array) -> Array:
    """Sums of the counts over groups drawn with replacement, (resamples, labels, 4)."""
    size = len(counts)
    drawn = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), RESAMPLES)
    return np.asarray(np.tensordot(drawn, counts, axes=1))


def f1(counts: Array) -> Array:
    """F1 of hits, false alarms and misses in the last axis; 0 where there are none."""
    hits, wrong, missed = counts[..., 0], counts[..., 1], counts[..., 2]
    return np.asarray(2 * hits / np.maximum(1, 2 * hits + wrong + missed))


def _label_report(counts: Array, bounds: list[float]) -> dict[str, Any]:
    """The figures of one label."""
    hits, wrong, missed, absent = counts.tolist()
    return {
        "precision": ratio(hits, hits + wrong),
        "recall": ratio(hits, hits + missed),
        "f1": _rounded(f1(counts)),
        "f1 interval": bounds,
        "positives": int(hits + missed),
        "confusion": {"hits": int(hits), "false alarms": int(wrong), "misses": int(missed), "absent": int(absent)},
    }


def interval(drawn: Array) -> list[float]:
    """The bounds between which 95 % of the resamples lie."""
    return [_rounded(bound) for bound in np.percentile(drawn, _INTERVAL)]


def calibration_error(scores: Array, truth: Marks) -> float:
    """Expected calibration error of a label: how far scores are from frequencies, over ten bins (Guo et al. 2017)."""
    which = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    gaps = [abs(scores[which == b].sum() - truth[which == b].sum()) for b in range(_BINS)]
    return _rounded(sum(gaps) / len(scores))


def band(truth: Marks, given: Marks, unclear: NDArray[np.bool_]) -> dict[str, float]:
    """How many passages are uncertain, and what share of them and of the others has every label right."""
    right = (truth == given).all(axis=1)
    return {
        "uncertain": _rounded(unclear.mean()),
        "right where uncertain": _rounded(right[unclear].mean()) if unclear.any() else 0.0,
        "right elsewhere": _rounded(right[~unclear].mean()) if (~unclear).any() else 0.0,
    }


def risk_by_coverage(truth: Marks, given: Marks, sureness: Array) -> list[tuple[float, float]]:
    """Coverage and risk: the share with a wrong label among so many of the surest passages, at twenty points."""
    wrong = (truth != given).any(axis=1)[np.argsort(-sureness, kind="stable")]
    ends = [round(len(wrong) * step / 20) for step in range(1, 21)]
    return [(_rounded(end / len(wrong)), _rounded(wrong[:end].mean())) for end in ends if end]


def ratio(part: float, of: float) -> float:
    """A share, 0 of nothing, rounded to four places."""
    return _rounded(part / of) if of else 0.0


def _rounded(value: Any) -> float:
    """A figure to four places."""
    return round(float(value), 4)
