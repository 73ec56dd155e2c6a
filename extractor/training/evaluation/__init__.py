"""Measures models on policies that they have not seen, formats the figures, and builds the drift reference."""

from extractor.training.evaluation.drift_reference import (
    build_drift_reference,
    known_stems,
    save_drift_reference,
    stems_by_policy,
)
from extractor.training.evaluation.evaluate import (
    Measurement,
    evaluate,
    label_matrix,
    measurements_json,
    out_of_fold_scores,
    text_segment,
)
from extractor.training.evaluation.page import evaluation_page
from extractor.training.evaluation.plots import risk_plot
from extractor.training.evaluation.table import format_measurements

__all__ = [
    "Measurement",
    "build_drift_reference",
    "evaluate",
    "evaluation_page",
    "format_measurements",
    "known_stems",
    "label_matrix",
    "measurements_json",
    "out_of_fold_scores",
    "risk_plot",
    "save_drift_reference",
    "stems_by_policy",
    "text_segment",
]
