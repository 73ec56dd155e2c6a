"""Learns which types of data a segment names as collected and as shared, from OPP-115's attribute of that name.

A weight is the mean of two: of a rule learned from the practice's own segments, and of one learned from those of both
practices, since few segments name a type as shared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from extractor.label import DATA_TYPE_PRACTICES, DataTypeRules, PracticeDataType, Vocabulary, stems
from extractor.records import DATA_TYPES, DataType, Practice
from extractor.training.data.marks import value_of
from extractor.training.data.opp115 import MAJORITY, Annotation, scheme
from extractor.training.data.pool import BY_VOTES, folds_by_policy
from extractor.training.models.fit import Rules, as_stored, learn_rules

_FEW = 12  # segments that name a kind; with fewer there is nothing to measure it by
_LEFT_OUT: frozenset[PracticeDataType] = (
    frozenset(  # F1 under .5 on the folds, or nothing to tell it by: docs/labels.md
        {
            ("collection", "generic"),
            ("collection", "profile"),
            ("collection", "social"),
            ("sharing", "computer"),
            ("sharing", "demographic"),
            ("sharing", "identifier"),
        }
    )
)
_ONE_WORD, _JUST_BELOW = 1_000.0, (-1.0, 0.0)  # weight of a word that is enough by itself; bias and limit beside it
_LIMITS = tuple(step / 4 for step in range(-12, 13))  # decision values to choose from
_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Named:
    """A segment, how many annotators found each practice in it, and how many named each kind of data."""

    policy: str
    text: str
    votes: Counter[Practice]
    kinds: Counter[PracticeDataType]


def read_named(rows: Iterable[dict[str, Any]]) -> list[Named]:
    """The segments of OPP-115 in which somebody found collection or sharing."""
    read = scheme()
    types = {str(value).casefold(): name for name, value in read["data_types"].items()}
    scope_of = {rule["category"]: rule["practice"] for rule in read["rule"] if rule["practice"] in DATA_TYPE_PRACTICES}
    found = [_named(row, scope_of, types) for row in rows if row["annotations"] is not None]
    return [segment for segment in found if segment.votes]


def _named(row: dict[str, Any], scope_of: Mapping[str, Practice], types: Mapping[str, DataType]) -> Named:
    """A segment with its votes."""
    said = {
        (some["annotator"], scope_of[some["category"]], types.get(_type_in(some)))
        for some in row["annotations"]
        if some["category"] in scope_of
    }
    practices = Counter(scope for _, scope in {(who, scope) for who, scope, _ in said})
    return Named(row["policy"], row["text"], practices, Counter((scope, name) for _, scope, name in said if name))


def _type_in(annotation: Annotation) -> str:
    """What an annotation says of the type of data; the spelling differs between categories."""
    return value_of(annotation["attributes"], "Personal Information Type").casefold()


def learn_types(segments: Sequence[Named], vocabulary: Vocabulary) -> DataTypeRules | None:
    """Rules from segments, their limits by what rules without a fold of policies say of that fold.

    None where no kind is named often enough.
    """
    kinds = kinds_in(segments)
    if not kinds:
        return None
    vectors = vocabulary.vectors([(segment.text, "") for segment in segments])
    values = np.zeros((len(segments), len(kinds)))
    for train, test in folds_by_policy([segment.policy for segment in segments]):
        values[test] = _learn_rules_of([segments[row] for row in train], kinds, vectors[train]).logits(vectors[test])
    limits = [_best_limit(values[:, k], *gold_of(segments, kind)) for k, kind in enumerate(kinds)]
    rules = _learn_rules_of(segments, kinds, vectors)
    return _with_words(DataTypeRules(kinds, rules.weights, rules.bias, np.array(limits, dtype=np.float32)), vocabulary)


def _with_words(rules: DataTypeRules, vocabulary: Vocabulary) -> DataTypeRules:
    """Rules with those of the types that have words of their own, of which one is enough; kinds in order."""
    known = {term: column for column, term in enumerate(vocabulary.terms)}
    phrases: dict[DataType, list[str]] = scheme()["data_type_words"]
    wanted = ((scope, name) for name in phrases for scope in DATA_TYPE_PRACTICES)
    kinds = (*rules.kinds, *(kind for kind in wanted if kind not in _LEFT_OUT))
    added = np.zeros((len(kinds) - len(rules.kinds), len(known)), dtype=np.float32)
    for row, (_, name) in zip(added, kinds[len(rules.kinds) :], strict=True):
        row[[known[term] for term in {" ".join(stems(one)) for one in phrases[name]} if term in known]] = _ONE_WORD
    order = sorted(
        range(len(kinds)), key=lambda k: (DATA_TYPE_PRACTICES.index(kinds[k][0]), DATA_TYPES.index(kinds[k][1]))
    )
    weights = np.concatenate([rules.weights, added])[order]
    bias, limits = (
        np.append(given, np.full(len(added), value, dtype=np.float32))[order]
        for given, value in zip((rules.bias, rules.thresholds), _JUST_BELOW, strict=True)
    )
    return DataTypeRules(tuple(kinds[k] for k in order), weights, bias, limits)


def kinds_in(segments: Sequence[Named]) -> tuple[PracticeDataType, ...]:
    """The kinds to learn: those that are named in enough segments, and not told by words."""
    by_words = scheme()["data_type_words"]
    wanted = ((scope, name) for scope in DATA_TYPE_PRACTICES for name in DATA_TYPES if name not in by_words)
    return tuple(kind for kind in wanted if kind not in _LEFT_OUT and gold_of(segments, kind)[0].sum() >= _FEW)


def gold_of(segments: Sequence[Named], kind: PracticeDataType) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which segments name a kind, and which have its practice, both by the majority."""
    has = np.array([segment.votes[kind[0]] >= MAJORITY for segment in segments])
    return has & np.array([segment.kinds[kind] >= MAJORITY for segment in segments]), has


def _learn_rules_of(segments: Sequence[Named], kinds: Sequence[PracticeDataType], vectors: csr_matrix) -> Rules:
    """The mean of the rules from each practice's segments and of those from both practices'."""
    own = learn_rules(vectors, *_targets(segments, kinds))
    names = list(dict.fromkeys(name for _, name in kinds))
    both = [_targets(segments, [(scope, name) for name in names]) for scope in DATA_TYPE_PRACTICES]
    together = learn_rules(vstack([vectors, vectors]).tocsr(), *map(np.concatenate, zip(*both, strict=True)))
    places = [names.index(name) for _, name in kinds]
    weights = (own.weights + together.weights[places]) / 2
    return Rules(as_stored(weights), as_stored((own.bias + together.bias[places]) / 2))


def _targets(segments: Sequence[Named], kinds: Sequence[PracticeDataType]) -> tuple[_Array, _Array]:
    """The targets of segments for each kind, by votes, and what each counts: nothing without the practice."""
    votes = np.array([[min(segment.kinds[kind], len(BY_VOTES) - 1) for kind in kinds] for segment in segments])
    counted = np.array([[float(segment.votes[scope] >= MAJORITY) for scope, _ in kinds] for segment in segments])
    return np.array(BY_VOTES)[votes] * counted, counted


def _best_limit(values: _Array, truth: NDArray[np.bool_], asked: NDArray[np.bool_]) -> float:
    """The decision value from which a kind is best given."""
    return max(_LIMITS, key=lambda limit: _f1_of(truth[asked], values[asked] >= limit))


def _f1_of(truth: NDArray[np.bool_], given: NDArray[np.bool_]) -> float:
    """F1 of marks."""
    return 2 * float((truth & given).sum()) / max(1.0, float(truth.sum() + given.sum()))
