"""`evaluate`: what the fast model is worth on policies it has not seen, by builds that did not see them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.label import load_model
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.training.fit import learn_vocabulary, truth_of
from extractor.training.opp115 import Example, read_opp115
from extractor.training.train import UNCLEAR, fit_scheme, policy_folds, train_model

Array = NDArray[np.float64]
Marks = NDArray[np.int8]


def evaluate(data: Path) -> dict[str, Any]:
    """Three measurements on a folder of OPP-115: practices by policy-level folds, and both schemes on the benchmark's
    validation set by a model trained without it. Raises UnreadableError.
    """
    corpus = read_opp115(data)
    with TemporaryDirectory() as folder:
        train_model(data, Path(folder), exclude="validation")
        model = load_model(folder)
        benchmark = model.label([as_segment(row) for row in corpus.validation])
        rows = [row for row in corpus.practices if row.split == "validation"]
        practices = model.label([as_segment(row) for row in rows])
    return {
        "practices, unseen policies": fold_report(corpus.practices),
        "practices, validation segments": report(
            PRACTICES, truth_of(rows, PRACTICES), marks([segment.practices for segment in practices], PRACTICES)
        ),
        "categories, benchmark validation": report(
            CATEGORIES,
            truth_of(corpus.validation, CATEGORIES),
            marks([segment.categories for segment in benchmark], CATEGORIES),
        ),
    }


def fold_report(pool: Sequence[Example]) -> dict[str, Any]:
    """The practices by folds: everything, vocabulary and calibration too, is learned from the other policies."""
    truth = truth_of(pool, PRACTICES)
    scores, given, unclear = np.zeros(truth.shape), np.zeros_like(truth), np.zeros(len(pool), dtype=bool)
    for train, test in policy_folds(pool):
        seen = [pool[i] for i in train]
        vocabulary = learn_vocabulary([row.text for row in seen])
        fitted = fit_scheme(vocabulary, seen, PRACTICES)
        scores[test] = fitted.scores(fitted.rules.logits(vocabulary.vectors([pool[i].text for i in test])))
        given[test] = scores[test] >= fitted.thresholds
        unclear[test] = in_band(scores[test] - fitted.thresholds)
    return {
        **report(PRACTICES, truth, given),
        "calibration": calibration_error(scores, truth),
        **band(truth, given, unclear),
    }


def in_band(margins: Array) -> NDArray[np.bool_]:
    """Which rows have their best margin in the unclear band."""
    return np.asarray(np.abs(margins.max(axis=1)) < UNCLEAR)


def band(truth: Marks, given: Marks, unclear: NDArray[np.bool_]) -> dict[str, float]:
    """How many segments are uncertain, and what share of them and of the others has all five practices right."""
    right = (truth == given).all(axis=1)
    return {
        "uncertain": round(float(unclear.mean()), 4),
        "right where uncertain": round(float(right[unclear].mean()), 4) if unclear.any() else 0.0,
        "right elsewhere": round(float(right[~unclear].mean()), 4),
    }


def calibration_error(scores: Array, truth: Marks, bins: int = 10) -> dict[str, float]:
    """Expected calibration error a practice: how far scores are from frequencies, over ten bins (Guo et al. 2017)."""
    return {
        name: round(label_calibration_error(scores[:, k], truth[:, k], bins), 4) for k, name in enumerate(PRACTICES)
    }


def label_calibration_error(scores: Array, truth: Marks, bins: int) -> float:
    """The calibration error of one label."""
    which = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [abs(scores[which == b].sum() - truth[which == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(scores))


def as_segment(row: Example) -> Segment:
    """An example as a segment without headings, which stand in its text."""
    return Segment(0, 0, len(row.text), row.text)


def marks(given: Sequence[Sequence[str]], labels: Sequence[str]) -> Marks:
    """Which labels were given to each passage, (passages, labels)."""
    return np.array([[label in some for label in labels] for some in given], dtype=np.int8)


def report(labels: Sequence[str], truth: Marks, given: Marks) -> dict[str, Any]:
    """Precision, recall and F1 a label; macro and micro F1."""
    hits, wrong, missed = ((truth * given).sum(0), ((1 - truth) * given).sum(0), (truth * (1 - given)).sum(0))
    per_label = {
        label: {
            "precision": ratio(hits[k], hits[k] + wrong[k]),
            "recall": ratio(hits[k], hits[k] + missed[k]),
            "f1": ratio(2 * hits[k], 2 * hits[k] + wrong[k] + missed[k]),
            "positives": int(truth[:, k].sum()),
        }
        for k, label in enumerate(labels)
    }
    return {
        "passages": len(truth),
        "macro": round(float(np.mean([values["f1"] for values in per_label.values()])), 4),
        "micro": ratio(2 * hits.sum(), (2 * hits + wrong + missed).sum()),
        "labels": per_label,
    }


def ratio(part: Any, of: Any) -> float:
    """A share, 0 of nothing, rounded to four places."""
    return round(float(part / of), 4) if of else 0.0


def format_report(measured: dict[str, Any]) -> str:
    """The measurements as tables for a terminal or a model card, in Markdown."""
    return "\n\n".join(format_part(name, part) for name, part in measured.items())


def format_part(name: str, part: dict[str, Any]) -> str:
    """One measurement as a table."""
    head = f"{name}: macro F1 {part['macro']:.3f}, micro F1 {part['micro']:.3f} ({part['passages']} passages)\n\n"
    errors = part.get("calibration", {})
    columns = ["label", "precision", "recall", "F1", "positives", *(["calibration error"] if errors else [])]
    lines = [f"| {' | '.join(columns)} |", f"|---|{'---:|' * (len(columns) - 1)}"]
    for label, values in part["labels"].items():
        numbers = f"{values['precision']:.3f} | {values['recall']:.3f} | {values['f1']:.3f} | {values['positives']}"
        lines.append(f"| {label} | {numbers} |" + (f" {errors[label]:.3f} |" if errors else ""))
    return head + "\n".join(lines) + format_band(part)


def format_band(part: dict[str, Any]) -> str:
    """What is right inside the unclear band and outside it, where that was measured."""
    if "uncertain" not in part:
        return ""
    inside, outside = part["right where uncertain"], part["right elsewhere"]
    right = f"all five right in {inside:.1%} of these and {outside:.1%} of the others"
    return f"\n\n{part['uncertain']:.1%} uncertain; {right}"
