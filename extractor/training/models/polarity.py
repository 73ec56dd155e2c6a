"""Learns whether practices are denied, from the sentences that OPP-115's annotators marked "Does" and "Does Not".

There is a rule per practice, and all are learned at once. The weight of a feature is a part that the practices share
and a part of its own, so that what denies sharing helps with children, of which few denials are marked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from extractor.label import (
    FloatArray,
    LinearRules,
    PolarityRules,
    PolarityThresholds,
    denial_polarity,
    has_negation,
    sentence_features,
)
from extractor.records import PRACTICES, Polarity, Practice
from extractor.resources import bundled_path, read_toml
from extractor.training.data import FOLD_COUNT, GoldPolarity, MarkedSegment, MarkPolarity, group_folds
from extractor.training.models.linear import round_as_stored

_INVERSE_REGULARISATION = 0.1  # chosen on folds
_WORD_PREFIX, _WORD_WEIGHT = "w:", 0.3  # features of single words weigh less than those of clauses
_MIN_SENTENCES = 3  # with a feature
_THRESHOLDS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # decision values to choose from
_MIXED_WEIGHT = 0.3  # of the F1 of "mixed"; the others weigh 1
_UNCLEAR_BAND = 0.25  # below the threshold of a denial, where the polarity is "unclear"
GOLD_POLARITIES: tuple[GoldPolarity, ...] = ("does", "does_not", "mixed")


@dataclass(frozen=True, slots=True)
class _SentenceExample:
    """A sentence of a segment as an example for one practice.

    `weight` is the number of annotators who marked the practice in the segment, `denial` and `assertion` are the shares
    of them who marked it in the sentence as not done, and as done.
    """

    policy: str
    text: str
    practice: Practice
    denial: float
    assertion: float
    weight: int


def _sentence_examples(marked: Sequence[MarkedSegment]) -> Iterator[_SentenceExample]:
    """The sentences of segments, once for each practice that is marked in the segment."""
    for segment in marked:
        for practice in PRACTICES:
            annotators = len({mark.annotator for mark in segment.marks if mark.practice == practice})
            for place, text in enumerate(segment.sentences if annotators else ()):
                denial = _count_annotators(segment, practice, place, "does_not") / annotators
                assertion = _count_annotators(segment, practice, place, "does") / annotators
                yield _SentenceExample(segment.policy, text, practice, denial, assertion, annotators)


def _count_annotators(segment: MarkedSegment, practice: Practice, sentence: int, polarity: MarkPolarity) -> int:
    """How many annotators marked a practice in a sentence with a polarity."""
    wanted = (practice, sentence, polarity)
    return len({mark.annotator for mark in segment.marks if (mark.practice, mark.sentence, mark.polarity) == wanted})


def _self_written_examples() -> Iterator[_SentenceExample]:
    """The self-written sentences, as if all three annotators had marked them."""
    sentences = read_toml(bundled_path("annotations/polarity.toml"))
    for name in ("denied", "done"):
        for practice, texts in sentences[name].items():
            for text in texts:
                yield _SentenceExample("", text, practice, float(name == "denied"), float(name == "done"), 3)


def fit_polarity_rules(marked: Sequence[MarkedSegment]) -> PolarityRules:
    """The rules for polarity, with the thresholds that are best on folds of policies."""
    rules = _fit_rules(marked)
    scored = [
        practice
        for train, test in marked_segment_folds(marked)
        for practice in score_practices(_fit_rules(train), test)
    ]
    return replace(rules, thresholds=_best_thresholds(scored))


def has_enough_marks(marked: Sequence[MarkedSegment]) -> bool:
    """Whether sentences of enough policies are marked as done, and as not done."""
    pairs = {(mark.polarity, segment.policy) for segment in marked for mark in segment.marks if mark.sentence >= 0}
    policies = Counter(polarity for polarity, _ in pairs)
    return min(policies["does"], policies["does_not"]) >= 2 * FOLD_COUNT


def _fit_rules(marked: Sequence[MarkedSegment]) -> PolarityRules:
    """The rules with thresholds of 0."""
    examples = [*_sentence_examples(marked), *_self_written_examples()]
    counts = Counter(name for text in {example.text for example in examples} for name in _feature_names(text))
    names = sorted(name for name, count in counts.items() if count >= _MIN_SENTENCES)
    negated = [example for example in examples if has_negation(example.text)]
    denial = _fit_linear_rules(negated, names, [example.denial for example in negated])
    assertion = _fit_linear_rules(examples, names, [example.assertion for example in examples])
    return PolarityRules(names, denial, assertion, PolarityThresholds(0.0, 0.0, 0.0))


@lru_cache(maxsize=100_000)
def _feature_names(text: str) -> tuple[str, ...]:
    """The features of a sentence."""
    return tuple(sentence_features(text))


def _fit_linear_rules(
    examples: Sequence[_SentenceExample], names: Sequence[str], targets: Sequence[float]
) -> LinearRules:
    """A logistic regression for each practice; targets are shares of annotators."""
    column_of = {name: column for column, name in enumerate(names)}
    scale = np.array([_WORD_WEIGHT if name.startswith(_WORD_PREFIX) else 1.0 for name in names])
    rows = [[column_of[name] for name in _feature_names(one.text) if name in column_of] for one in examples]
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.concatenate([np.array(row, dtype=np.int32) for row in rows])
    vectors = csr_matrix((scale[columns], columns, ends), shape=(len(examples), len(names)))
    own = [diags([float(one.practice == practice) for one in examples]) @ vectors for practice in PRACTICES]
    is_practice = csr_matrix([[float(one.practice == practice) for practice in PRACTICES] for one in examples])
    learned = _fit_regression(
        hstack([vectors, *own, is_practice]).tocsr(), np.array(targets), np.array([one.weight for one in examples])
    )
    shared, *parts = np.split(learned[: -1 - len(PRACTICES)], 1 + len(PRACTICES))
    bias = learned[-1] + learned[-1 - len(PRACTICES) : -1]
    return LinearRules(round_as_stored(np.array([scale * (shared + part) for part in parts])), round_as_stored(bias))


def _fit_regression(vectors: csr_matrix, targets: FloatArray, weights: FloatArray) -> FloatArray:
    """The weights, and last the bias, of a logistic regression on targets between 0 and 1."""
    twice = vstack([vectors, vectors]).tocsr()  # as positives and as negatives
    twice_weights = np.concatenate([weights * targets, weights * (1 - targets)])
    kept = np.flatnonzero(twice_weights)
    truth = np.repeat([1, 0], len(targets))
    with threadpool_limits(1):
        fitted = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=500).fit(
            twice[kept], truth[kept], sample_weight=twice_weights[kept]
        )
    return np.concatenate([fitted.coef_[0], fitted.intercept_])


class _ScoredPractice(NamedTuple):
    """A practice of a segment: the polarity agreed on, and the decision values for its denial and assertion."""

    policy: str
    practice: Practice
    gold: GoldPolarity
    denial: float
    assertion: float


def score_practices(rules: PolarityRules, marked: Sequence[MarkedSegment]) -> Iterator[_ScoredPractice]:
    """The practices of segments on whose polarity annotators agree, with the decision values of rules."""
    for segment in marked:
        agreed = {practice: gold for practice in PRACTICES if (gold := segment.agreed_polarity(practice))}
        if agreed:
            denial = highest_values(rules, rules.denial, [text for text in segment.sentences if has_negation(text)])
            assertion = highest_values(rules, rules.assertion, segment.sentences)
            for practice, gold in agreed.items():
                yield _ScoredPractice(segment.policy, practice, gold, denial[practice], assertion[practice])


def highest_values(rules: PolarityRules, rule: LinearRules, sentences: Sequence[str]) -> dict[Practice, float]:
    """The highest decision value of each practice over sentences, minus infinity if there are none."""
    if not sentences:
        return dict.fromkeys(PRACTICES, -math.inf)
    return dict(zip(PRACTICES, rule.max_values([list(map(rules.columns, sentences))])[0].tolist(), strict=True))


def predicted_polarity(scored: _ScoredPractice, thresholds: PolarityThresholds) -> Polarity:
    """The polarity of a practice by its decision values."""
    polarity = denial_polarity(scored.denial, thresholds)
    return "mixed" if polarity == "does_not" and scored.assertion >= thresholds.asserted else polarity


def _best_thresholds(scored: Sequence[_ScoredPractice]) -> PolarityThresholds:
    """The thresholds with the highest F1; that of "mixed" counts less, as people disagree on it."""

    def weighted_f1(thresholds: PolarityThresholds) -> float:
        f1 = _f1_by_polarity([(practice.gold, predicted_polarity(practice, thresholds)) for practice in scored])
        return f1["does"] + f1["does_not"] + _MIXED_WEIGHT * f1["mixed"]

    candidates = (PolarityThresholds(denied, denied, asserted) for denied in _THRESHOLDS for asserted in _THRESHOLDS)
    best = max(candidates, key=weighted_f1)
    return best._replace(unclear=best.denied - _UNCLEAR_BAND)


def _f1_by_polarity(pairs: Sequence[tuple[GoldPolarity, Polarity]]) -> dict[str, float]:
    """The F1 of each gold polarity, from pairs of gold and predicted polarity."""
    counts = Counter(pairs)
    hits = {name: counts[name, name] for name in GOLD_POLARITIES}
    sums = {name: sum(count * pair.count(name) for pair, count in counts.items()) for name in GOLD_POLARITIES}
    return {name: 2 * hits[name] / sums[name] if sums[name] else 0.0 for name in GOLD_POLARITIES}


def marked_segment_folds(
    marked: Sequence[MarkedSegment],
) -> Iterator[tuple[list[MarkedSegment], list[MarkedSegment]]]:
    """Segments to learn from and to measure on, no policy on both sides."""
    for train, test in group_folds([segment.policy for segment in marked]):
        yield [marked[row] for row in train], [marked[row] for row in test]
