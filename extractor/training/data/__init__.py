"""Reads what models learn from: OPP-115, C3PA, corrected segments, and unlabelled policies with a teacher's scores."""

from extractor.training.data.c3pa import read_c3pa
from extractor.training.data.corrections import CORRECTED_SPLIT, gold_with_corrections
from extractor.training.data.data_types import DataTypeExample, read_data_type_examples
from extractor.training.data.opp115 import (
    MAJORITY,
    SEGMENT_FIELDS,
    LabelledText,
    Opp115Corpus,
    annotation_scheme,
    read_jsonl_rows,
    read_opp115,
    rule_matches,
    text_key,
)
from extractor.training.data.passages import (
    FOLD_COUNT,
    TARGET_BY_VOTES,
    TrainingPassage,
    gold_passages,
    group_folds,
    held_out_keys,
    held_out_passages,
    policy_folds,
    target_matrix,
)
from extractor.training.data.polarity_marks import GoldPolarity, MarkedSegment, MarkPolarity, read_marked_segments
from extractor.training.data.unlabelled import (
    UNLABELLED_POLICIES,
    read_unlabelled_passages,
    save_soft_labels,
    teacher_passages,
)

__all__ = [
    "CORRECTED_SPLIT",
    "FOLD_COUNT",
    "MAJORITY",
    "SEGMENT_FIELDS",
    "TARGET_BY_VOTES",
    "UNLABELLED_POLICIES",
    "DataTypeExample",
    "GoldPolarity",
    "LabelledText",
    "MarkPolarity",
    "MarkedSegment",
    "Opp115Corpus",
    "TrainingPassage",
    "annotation_scheme",
    "gold_passages",
    "gold_with_corrections",
    "group_folds",
    "held_out_keys",
    "held_out_passages",
    "policy_folds",
    "read_c3pa",
    "read_data_type_examples",
    "read_jsonl_rows",
    "read_marked_segments",
    "read_opp115",
    "read_unlabelled_passages",
    "rule_matches",
    "save_soft_labels",
    "target_matrix",
    "teacher_passages",
    "text_key",
]
