"""Labels segments with practices and categories, finds evidence, polarity and data types, and measures drift.

`extractor.label.component` (spaCy) and `extractor.label.estimator` (scikit-learn) load heavy libraries, so they are
imported by their own names.
"""

from extractor.label.accurate import MAX_TOKENS, PADDING_STEP, Encoder, load_encoder, load_onnxruntime
from extractor.label.cache import LabelCache, label_with_cache
from extractor.label.data_types import DATA_TYPE_PRACTICES, DataTypeRules, PracticeDataType
from extractor.label.details import Details, save_details
from extractor.label.drift import (
    FREQUENT_STEMS,
    Drift,
    DriftLimit,
    DriftReference,
    MeasuredEra,
    TextProfile,
    drift_of,
    frequency_distance,
    read_drift_reference,
    score_bin,
    unknown_share,
)
from extractor.label.fast import FastModel, fast_model, load_fast
from extractor.label.features import (
    CUE_PREFIX,
    HEADING_PREFIX,
    Cues,
    ModelInput,
    Vocabulary,
    heading_path,
    model_input,
    passage_text,
    terms,
)
from extractor.label.load import load_model
from extractor.label.model import CATEGORY_COLUMNS, LABELS, PRACTICE_COLUMNS, FloatArray, Model
from extractor.label.negation import denies_words, has_negation, mentions_group, sentence_features
from extractor.label.plain_statements import may_deny, plain_statements
from extractor.label.polarity import LinearRules, PolarityRules, PolarityThresholds, denial_polarity
from extractor.label.stemming import stems
from extractor.label.store import StoredModel, save_model
from extractor.label.words import locate_words

__all__ = [
    "CATEGORY_COLUMNS",
    "CUE_PREFIX",
    "DATA_TYPE_PRACTICES",
    "FREQUENT_STEMS",
    "HEADING_PREFIX",
    "LABELS",
    "MAX_TOKENS",
    "PADDING_STEP",
    "PRACTICE_COLUMNS",
    "Cues",
    "DataTypeRules",
    "Details",
    "Drift",
    "DriftLimit",
    "DriftReference",
    "Encoder",
    "FastModel",
    "FloatArray",
    "LabelCache",
    "LinearRules",
    "MeasuredEra",
    "Model",
    "ModelInput",
    "PolarityRules",
    "PolarityThresholds",
    "PracticeDataType",
    "StoredModel",
    "TextProfile",
    "Vocabulary",
    "denial_polarity",
    "denies_words",
    "drift_of",
    "fast_model",
    "frequency_distance",
    "has_negation",
    "heading_path",
    "label_with_cache",
    "load_encoder",
    "load_fast",
    "load_model",
    "load_onnxruntime",
    "locate_words",
    "may_deny",
    "mentions_group",
    "model_input",
    "passage_text",
    "plain_statements",
    "read_drift_reference",
    "save_details",
    "save_model",
    "score_bin",
    "sentence_features",
    "stems",
    "terms",
    "unknown_share",
]
