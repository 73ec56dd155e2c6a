"""Rebuilds and measures the models; never imported when annotating."""

from extractor.training.evaluate import evaluate, format_report
from extractor.training.train import train_model

__all__ = ["evaluate", "format_report", "train_model"]
