"""Trains the models: fast, its details, encoders for the teacher and the accurate model, content and verdict."""

from extractor.training.models.content import (
    GOLD_SUFFIXES,
    AnnotatedPage,
    out_of_fold_forests,
    read_annotated_pages,
    train_content_model,
)
from extractor.training.models.data_types import fit_data_type_rules, learnable_data_types, majority_masks
from extractor.training.models.details import add_details
from extractor.training.models.encoder import fine_tune, limit_activations, load_trainable_encoder, tuning_recipe
from extractor.training.models.fast import (
    UNCERTAIN_MARGIN,
    fit_calibration,
    fit_fast_model,
    read_cues,
    storable_model,
    train_fast_model,
)
from extractor.training.models.linear import build_vocabulary
from extractor.training.models.polarity import (
    GOLD_POLARITIES,
    fit_polarity_rules,
    has_enough_marks,
    marked_folds,
    passage_values,
    predicted_polarity,
    score_practices,
)
from extractor.training.models.quantize import export_int8
from extractor.training.models.verdict import train_verdict_model

__all__ = [
    "GOLD_POLARITIES",
    "GOLD_SUFFIXES",
    "UNCERTAIN_MARGIN",
    "AnnotatedPage",
    "add_details",
    "build_vocabulary",
    "export_int8",
    "fine_tune",
    "fit_calibration",
    "fit_data_type_rules",
    "fit_fast_model",
    "fit_polarity_rules",
    "has_enough_marks",
    "learnable_data_types",
    "limit_activations",
    "load_trainable_encoder",
    "majority_masks",
    "marked_folds",
    "out_of_fold_forests",
    "passage_values",
    "predicted_polarity",
    "read_annotated_pages",
    "read_cues",
    "score_practices",
    "storable_model",
    "train_content_model",
    "train_fast_model",
    "train_verdict_model",
    "tuning_recipe",
]
