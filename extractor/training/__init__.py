"""Rebuilds and measures the models; never imported when annotating."""

from extractor.training.build import MODEL_NAMES, Sources, train
from extractor.training.evaluation.evaluate import Part, as_json, evaluate
from extractor.training.evaluation.page import evaluation_page
from extractor.training.evaluation.table import format_report, risk_plot
from extractor.training.models.fast import train_model

__all__ = [
    "MODEL_NAMES",
    "Part",
    "Sources",
    "as_json",
    "evaluate",
    "evaluation_page",
    "format_report",
    "risk_plot",
    "train",
    "train_model",
]
