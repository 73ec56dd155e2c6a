"""Learns whether practices are denied, from the sentences that OPP-115's annotators marked "Does" and "Does Not".

A rule a practice, all of them at once: the weight of a name is a part that the practices share and a part of its own,
so that what denies sharing helps with children, of which few denials are marked.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from extractor.label import (
    LinearRules,
    PolarityRules,
    PolarityThresholds,
    denial_polarity,
    has_negation,
    sentence_features,
)
from extractor.records import PRACTICES, Polarity, Practice
from extractor.resources import bundled_path
from extractor.training.data.marks import Gold, Marked, Said
from extractor.training.data.pool import FOLDS, folds_by_policy
from extractor.training.models.fit import as_stored

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_STRENGTH = 0.1  # C of the logistic regression, chosen on folds
_WORD, _WORD_WEIGHT = "w:", 0.3  # names of plain words count less than those of clauses
_OFTEN = 3  # sentences that a name is in
_GRID = (-1.0, -0.5, 0.0, 0.5, 1.0)  # decision values to choose limits from
_MIXED_COUNTS = 0.3  # beside 1, of the other sides
_BAND = 0.25  # below the limit of a denial, where "unclear" is told
SIDES: tuple[Gold, ...] = ("does", "does_not", "mixed")
_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Row:
    """A sentence of a segment as an example for one practice.

    `denies` and `asserts` are the shares of those annotators who spoke of the practice in the segment, `weight` their
    number.
    """

    policy: str
    text: str
    practice: Practice
    denies: float
    asserts: float
    weight: int


def _rows_of(marked: Sequence[Marked]) -> Iterator[_Row]:
    """The sentences of segments, once for each practice that somebody spoke of."""
    for segment in marked:
        for practice in PRACTICES:
            voters = {mark.annotator for mark in segment.marks if mark.practice == practice}
            for place, text in enumerate(segment.sentences if voters else ()):
                share = {said: _share_of(segment, practice, place, said) / len(voters) for said in ("does", "does_not")}
                yield _Row(segment.policy, text, practice, share["does_not"], share["does"], len(voters))


def _written_rows() -> Iterator[_Row]:
    """The self-written sentences, as if all three annotators had marked them."""
    written = tomllib.loads(bundled_path("annotations/polarity.toml").read_text(encoding="utf-8"))
    for said, by_practice in ((name, written[name]) for name in ("denied", "done")):
        for practice, texts in by_practice.items():
            yield from (_Row("", text, practice, float(said == "denied"), float(said == "done"), 3) for text in texts)


def _share_of(segment: Marked, practice: Practice, place: int, said: Said) -> int:
    """How many annotators say so of a practice in one sentence."""
    wanted = (practice, place, said)
    return len({mark.annotator for mark in segment.marks if (mark.practice, mark.sentence, mark.said) == wanted})


def learn_polarity(marked: Sequence[Marked]) -> PolarityRules | None:
    """Rules from marked segments; None where the annotators marked too little to learn from."""
    return polarity_rules(marked) if is_enough(marked) else None


def polarity_rules(marked: Sequence[Marked]) -> PolarityRules:
    """Rules, with limits by what rules without a fold of policies say of that fold."""
    rules = _learn_rules(marked)
    scored = [one for train, test in folds_of(marked) for one in strengths(_learn_rules(train), test)]
    return replace(rules, thresholds=_best_limits(scored))


def is_enough(marked: Sequence[Marked]) -> bool:
    """Whether there are both sides of both rules in enough policies."""
    said = {(mark.said, segment.policy) for segment in marked for mark in segment.marks if mark.sentence >= 0}
    return all(len({policy for some, policy in said if some == wanted}) >= 2 * FOLDS for wanted in ("does", "does_not"))


def _learn_rules(marked: Sequence[Marked]) -> PolarityRules:
    """Rules without limits."""
    rows = [*_rows_of(marked), *_written_rows()]
    counts = Counter(name for text in {row.text for row in rows} for name in _names_of(text))
    names = sorted(name for name, count in counts.items() if count >= _OFTEN)
    may_deny = [row for row in rows if has_negation(row.text)]
    denial = _learn_linear(may_deny, names, [row.denies for row in may_deny])
    assertion = _learn_linear(rows, names, [row.asserts for row in rows])
    return PolarityRules(names, denial, assertion, PolarityThresholds(0.0, 0.0, 0.0))


@lru_cache(maxsize=100_000)
def _names_of(text: str) -> tuple[str, ...]:
    """The names of what stands in a sentence."""
    return tuple(sentence_features(text))


def _learn_linear(rows: Sequence[_Row], names: Sequence[str], shares: Sequence[float]) -> LinearRules:
    """A rule a practice: a logistic regression whose target is the share of the annotators."""
    known = {name: column for column, name in enumerate(names)}
    scale = np.array([_WORD_WEIGHT if name.startswith(_WORD) else 1.0 for name in names])
    said = [[known[name] for name in _names_of(row.text) if name in known] for row in rows]
    ends = np.cumsum([0, *map(len, said)])
    columns = np.concatenate([np.array(some, dtype=np.int32) for some in said])
    vectors = csr_matrix((scale[columns], columns, ends), shape=(len(rows), len(names)))
    own = [diags([float(row.practice == practice) for row in rows]) @ vectors for practice in PRACTICES]
    which = csr_matrix([[float(row.practice == practice) for practice in PRACTICES] for row in rows])
    found = _regression(
        hstack([vectors, *own, which]).tocsr(), np.array(shares), np.array([row.weight for row in rows])
    )
    shared, *parts = np.split(found[: -1 - len(PRACTICES)], 1 + len(PRACTICES))
    bias = found[-1] + found[-1 - len(PRACTICES) : -1]
    return LinearRules(as_stored(np.array([scale * (shared + part) for part in parts])), as_stored(bias))


def _regression(vectors: csr_matrix, shares: _Array, weights: _Array) -> _Array:
    """The weights, and the bias last, of a logistic regression on targets between 0 and 1."""
    twice = vstack([vectors, vectors]).tocsr()
    counted = np.concatenate([weights * shares, weights * (1 - shares)])
    kept = np.flatnonzero(counted)
    truth = np.repeat([1, 0], len(shares))
    with threadpool_limits(1):
        fitted = LogisticRegression(C=_STRENGTH, max_iter=500).fit(
            twice[kept], truth[kept], sample_weight=counted[kept]
        )
    return np.concatenate([fitted.coef_[0], fitted.intercept_])


class _Scored(NamedTuple):
    """A segment's practice: what the annotators agreed on, and how strongly it is denied and asserted."""

    policy: str
    practice: Practice
    gold: Gold
    denied: float
    asserted: float


def strengths(rules: PolarityRules, marked: Sequence[Marked]) -> Iterator[_Scored]:
    """What rules say of those practices of segments on which the annotators agreed."""
    for segment in marked:
        agreed = {practice: gold for practice in PRACTICES if (gold := segment.agreed(practice))}
        if agreed:
            denied = strongest(rules, rules.denial, [text for text in segment.sentences if has_negation(text)])
            asserted = strongest(rules, rules.assertion, segment.sentences)
            yield from (
                _Scored(segment.policy, name, gold, denied[name], asserted[name]) for name, gold in agreed.items()
            )


def strongest(rules: PolarityRules, rule: LinearRules, texts: Sequence[str]) -> dict[Practice, float]:
    """The highest decision value of each practice over sentences; without a sentence, none at all."""
    if not texts:
        return dict.fromkeys(PRACTICES, -math.inf)
    return dict(zip(PRACTICES, rule.max_values([list(map(rules.columns, texts))])[0].tolist(), strict=True))


def said_by(scored: _Scored, limits: PolarityThresholds) -> Polarity:
    """What is told of a practice."""
    told = denial_polarity(scored.denied, limits)
    return "mixed" if told == "does_not" and scored.asserted >= limits.asserted else told


def _best_limits(scored: Sequence[_Scored]) -> PolarityThresholds:
    """The limits best at telling what is done from what is denied; "mixed" counts less, as people disagree on it."""

    def worth(limits: PolarityThresholds) -> float:
        f1 = _figures([(one.gold, said_by(one, limits)) for one in scored])
        return f1["does"] + f1["does_not"] + _MIXED_COUNTS * f1["mixed"]

    found = max((PolarityThresholds(denied, denied, asserted) for denied in _GRID for asserted in _GRID), key=worth)
    return found._replace(unclear=found.denied - _BAND)


def _figures(told: Sequence[tuple[Gold, Polarity]]) -> dict[str, float]:
    """F1 of each of SIDES over what was agreed and what was told."""
    counts = Counter(told)
    hits = {name: counts[name, name] for name in SIDES}
    said = {name: sum(count for pair, count in counts.items() for some in pair if some == name) for name in SIDES}
    return {name: 2 * hits[name] / said[name] if said[name] else 0.0 for name in SIDES}


def folds_of(marked: Sequence[Marked]) -> Iterator[tuple[list[Marked], list[Marked]]]:
    """Segments to learn from and to measure on, no policy on both sides."""
    for train, test in folds_by_policy([segment.policy for segment in marked]):
        yield [marked[row] for row in train], [marked[row] for row in test]
