"""Measures models on policies that they have not seen, formats the figures, and builds the drift reference."""

from extractor.training.evaluation.drift_reference import build_drift_reference, save_drift_reference, stems_by_group
from extractor.training.evaluation.evaluate import evaluate
from extractor.training.evaluation.folds import out_of_fold_scores
from extractor.training.evaluation.measurement import Measurement, label_matrix, measurements_json
from extractor.training.evaluation.page import evaluation_page
from extractor.training.evaluation.plots import risk_plot
from extractor.training.evaluation.table import format_measurements

__all__ = [
    "Measurement",
    "build_drift_reference",
    "evaluate",
    "evaluation_page",
    "format_measurements",
    "label_matrix",
    "measurements_json",
    "out_of_fold_scores",
    "risk_plot",
    "save_drift_reference",
    "stems_by_group",
]
