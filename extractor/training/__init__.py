"""Trains the models and measures them. Nothing that annotates imports it."""

from extractor.training.build import MODEL_NAMES, TrainingInputs, train
from extractor.training.evaluation import (
    Measurement,
    evaluate,
    evaluation_page,
    format_measurements,
    measurements_json,
    risk_plot,
)
from extractor.training.metrics import (
    BOOTSTRAP_SAMPLES,
    bootstrap_counts,
    confusion_counts,
    f1_score,
    label_metrics,
    percentile_interval,
    sum_by_group,
)
from extractor.training.models import train_fast_model

__all__ = [
    "BOOTSTRAP_SAMPLES",
    "MODEL_NAMES",
    "Measurement",
    "TrainingInputs",
    "bootstrap_counts",
    "confusion_counts",
    "evaluate",
    "evaluation_page",
    "f1_score",
    "format_measurements",
    "label_metrics",
    "measurements_json",
    "percentile_interval",
    "risk_plot",
    "sum_by_group",
    "train",
    "train_fast_model",
]
