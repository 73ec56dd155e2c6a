"""Rebuilds and measures the models; never imported when annotating."""

from extractor.training.build import Sources, train
from extractor.training.evaluate import Part, as_json, evaluate
from extractor.training.fast import train_model
from extractor.training.page import evaluation_page
from extractor.training.table import format_report, risk_plot

__all__ = [
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
