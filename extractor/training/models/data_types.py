"""Learns which types of data a segment names as collected and as shared, from OPP-115's annotations of data types.

A weight is the mean of two: of a model fitted to the practice's own segments, and of one fitted to those of both
practices, since few segments name a type as shared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from extractor.label import DATA_TYPE_PRACTICES, DataTypeRules, FloatArray, PracticeDataType, Vocabulary, stems
from extractor.records import DATA_TYPES, DataType
from extractor.training.data import MAJORITY, TARGET_BY_VOTES, DataTypeExample, annotation_scheme, group_folds
from extractor.training.models.linear import LinearModel, fit_linear_model, round_as_stored

_MIN_SEGMENTS = 12  # with a data type; fewer are too few to measure it by
_EXCLUDED: frozenset[PracticeDataType] = frozenset(  # F1 below .5 on the folds, or too few segments: docs/labels.md
    {
        ("collection", "generic"),
        ("collection", "profile"),
        ("collection", "social"),
        ("sharing", "computer"),
        ("sharing", "demographic"),
        ("sharing", "identifier"),
    }
)
_TERM_WEIGHT, _TERM_BIAS, _TERM_THRESHOLD = 1_000.0, -1.0, 0.0  # of types found by terms: any one term is enough
_THRESHOLDS = tuple(step / 4 for step in range(-12, 13))  # decision values to choose from


def fit_data_type_rules(examples: Sequence[DataTypeExample], vocabulary: Vocabulary) -> DataTypeRules | None:
    """The rules for data types, each with the threshold that is best on folds of policies.

    None if no type is named often enough.
    """
    kinds = learnable_data_types(examples)
    if not kinds:
        return None
    vectors = vocabulary.vectors([(example.text, "") for example in examples])
    values = np.zeros((len(examples), len(kinds)))
    for train, test in group_folds([example.policy for example in examples]):
        model = _fit_averaged_model([examples[row] for row in train], kinds, vectors[train])
        values[test] = model.decision_values(vectors[test])
    thresholds = [_best_threshold(values[:, k], *majority_masks(examples, kind)) for k, kind in enumerate(kinds)]
    model = _fit_averaged_model(examples, kinds, vectors)
    rules = DataTypeRules(kinds, model.weights, model.bias, np.array(thresholds, dtype=np.float32))
    return _with_term_rules(rules, vocabulary)


def _with_term_rules(rules: DataTypeRules, vocabulary: Vocabulary) -> DataTypeRules:
    """The learned rules and those of the types that are found by terms, in the order of practices and types."""
    column_of = {term: column for column, term in enumerate(vocabulary.terms)}
    phrases: dict[DataType, list[str]] = annotation_scheme()["data_type_words"]
    by_terms = ((practice, name) for name in phrases for practice in DATA_TYPE_PRACTICES)
    kinds = (*rules.kinds, *(kind for kind in by_terms if kind not in _EXCLUDED))
    added = np.zeros((len(kinds) - len(rules.kinds), len(column_of)), dtype=np.float32)
    for row, (_, name) in zip(added, kinds[len(rules.kinds) :], strict=True):
        terms = {" ".join(stems(phrase)) for phrase in phrases[name]}
        row[[column_of[term] for term in terms if term in column_of]] = _TERM_WEIGHT
    order = sorted(
        range(len(kinds)), key=lambda k: (DATA_TYPE_PRACTICES.index(kinds[k][0]), DATA_TYPES.index(kinds[k][1]))
    )
    weights = np.concatenate([rules.weights, added])[order]
    bias, thresholds = (
        np.append(learned, np.full(len(added), value, dtype=np.float32))[order]
        for learned, value in ((rules.bias, _TERM_BIAS), (rules.thresholds, _TERM_THRESHOLD))
    )
    return DataTypeRules(tuple(kinds[k] for k in order), weights, bias, thresholds)


def learnable_data_types(examples: Sequence[DataTypeExample]) -> tuple[PracticeDataType, ...]:
    """The kinds of data that enough segments name, without the types that are found by terms."""
    by_terms = annotation_scheme()["data_type_words"]
    kinds = ((practice, name) for practice in DATA_TYPE_PRACTICES for name in DATA_TYPES if name not in by_terms)
    return tuple(
        kind for kind in kinds if kind not in _EXCLUDED and majority_masks(examples, kind)[0].sum() >= _MIN_SEGMENTS
    )


def majority_masks(
    examples: Sequence[DataTypeExample], kind: PracticeDataType
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each segment names a kind of data, and whether it has its practice, both by the majority."""
    has_practice = np.array([example.practice_votes[kind[0]] >= MAJORITY for example in examples])
    named = np.array([example.data_type_votes[kind] >= MAJORITY for example in examples])
    return has_practice & named, has_practice


def _fit_averaged_model(
    examples: Sequence[DataTypeExample], kinds: Sequence[PracticeDataType], vectors: csr_matrix
) -> LinearModel:
    """The mean of the model of each practice's segments and of that of both practices' segments."""
    own = fit_linear_model(vectors, *_targets_and_weights(examples, kinds))
    names = list(dict.fromkeys(name for _, name in kinds))
    targets = [_targets_and_weights(examples, [(practice, name) for name in names]) for practice in DATA_TYPE_PRACTICES]
    both = fit_linear_model(vstack([vectors, vectors]).tocsr(), *map(np.concatenate, zip(*targets, strict=True)))
    rows = [names.index(name) for _, name in kinds]
    return LinearModel(
        round_as_stored((own.weights + both.weights[rows]) / 2), round_as_stored((own.bias + both.bias[rows]) / 2)
    )


def _targets_and_weights(
    examples: Sequence[DataTypeExample], kinds: Sequence[PracticeDataType]
) -> tuple[FloatArray, FloatArray]:
    """The targets of segments for each kind, by votes, and their weights, which are 0 without the practice."""
    most = len(TARGET_BY_VOTES) - 1
    votes = np.array([[min(example.data_type_votes[kind], most) for kind in kinds] for example in examples])
    weights = np.array(
        [[float(example.practice_votes[practice] >= MAJORITY) for practice, _ in kinds] for example in examples]
    )
    return np.array(TARGET_BY_VOTES)[votes] * weights, weights


def _best_threshold(values: FloatArray, truth: NDArray[np.bool_], has_practice: NDArray[np.bool_]) -> float:
    """The threshold with the highest F1 on the segments that have the practice."""
    return max(_THRESHOLDS, key=lambda threshold: _f1(truth[has_practice], values[has_practice] >= threshold))


def _f1(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> float:
    """The F1 of predictions."""
    return 2 * float((truth & predicted).sum()) / max(1.0, float(truth.sum() + predicted.sum()))
