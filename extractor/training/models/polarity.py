"""Learns whether practices are denied, from marked sentences, and from passages of which only the whole is marked.

OPP-115's annotators marked the words that say "Does" or "Does Not"; the passages of all eras are marked as wholes. From
those a rule is learned by which at least one sentence denies the practice, whichever that is (multiple-instance
learning: O. Maron and T. Lozano-Perez, "A Framework for Multiple-Instance Learning", NIPS 1997).

There is a rule per practice, and all are learned at once. The weight of a feature is a part that the practices share
and a part of its own, so that what denies sharing helps with children, of which few denials are marked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
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
from extractor.text import statements
from extractor.training.data import (
    ERAS,
    FOLD_COUNT,
    OPP115,
    GoldPolarity,
    MarkedPassage,
    MarkedSegment,
    MarkPolarity,
    group_folds,
    segment_passage,
)
from extractor.training.models.linear import round_as_stored

# Chosen on folds
_REGULARISATION, _BIAS_REGULARISATION = 7.0, 0.01
_OWN_SCALE = 1.4  # of a practice's own part of a weight
_SENTENCE_WEIGHT, _SEGMENT_WEIGHT, _PASSAGE_WEIGHT = 0.2, 1 / 3, 4.0  # the first two count for each annotator
_SELF_WRITTEN_WEIGHT = 5.0
_DOES_WEIGHT = 0.3  # of passages that deny nothing, for the rule on assertions, which is used where something is denied
_WORD_PREFIX, _WORD_WEIGHT = "w:", 0.7  # features of single words weigh less than those of clauses
_MIN_SENTENCES = 3  # with a feature
_MAX_ITERATIONS = 150  # of L-BFGS
_MIN_LOG, _MAX_LOG = 1e-9, 500.0
_START_BIAS = -2.0
_THRESHOLDS = tuple(step / 4 for step in range(-6, 9))  # log odds to choose from
_MIXED_WEIGHT = 0.3  # of the F1 of "mixed"; the others weigh 1
_SOURCE_WEIGHTS = {OPP115: 1, ERAS: 2}  # of their F1: one year, and twenty-seven
_UNCLEAR_BAND = 0.25  # below the threshold of a denial, where the polarity is "unclear"
_Ints = NDArray[np.intp]
_NO_ROWS: _Ints = np.zeros(0, dtype=np.intp)
GOLD_POLARITIES: tuple[GoldPolarity, ...] = ("does", "does_not", "mixed")


@dataclass(frozen=True, slots=True)
class _PolarityExample:
    """Sentences of which at least one denies a practice, or asserts it, with these probabilities."""

    practice: Practice
    sentences: tuple[str, ...]
    denial: float
    assertion: float
    weight: float
    assertion_weight: float
    is_sentence: bool = False  # one sentence of a passage, marked by itself


def _sentence_examples(marked: Sequence[MarkedSegment]) -> Iterator[_PolarityExample]:
    """The sentences of OPP-115's segments, once for each practice that is marked in the segment."""
    for segment in marked:
        for practice in PRACTICES:
            annotators = len({mark.annotator for mark in segment.marks if mark.practice == practice})
            for place, text in enumerate(segment.sentences if annotators else ()):
                denial = _count_annotators(segment, practice, place, "does_not") / annotators
                assertion = _count_annotators(segment, practice, place, "does") / annotators
                weight = _SENTENCE_WEIGHT * annotators
                yield _PolarityExample(practice, (text,), denial, assertion, weight, weight, is_sentence=True)


def _count_annotators(segment: MarkedSegment, practice: Practice, sentence: int, polarity: MarkPolarity) -> int:
    """How many annotators marked a practice in a sentence with a polarity."""
    wanted = (practice, sentence, polarity)
    return len({mark.annotator for mark in segment.marks if (mark.practice, mark.sentence, mark.polarity) == wanted})


def _passage_examples(passages: Sequence[MarkedPassage], weight: float) -> Iterator[_PolarityExample]:
    """Passages in which something may be denied, once for each practice; `weight` is that of one who marked it."""
    for passage in passages:
        is_useful = any(map(has_negation, passage.sentences))
        for practice, given in passage.polarities.items() if is_useful else ():
            does, denies = given.count("does") / len(given), given.count("does_not") / len(given)
            denial_weight = weight * len(given)
            assertion_weight = denial_weight * (_DOES_WEIGHT if does == 1 else 1)
            yield _PolarityExample(practice, passage.sentences, 1 - does, 1 - denies, denial_weight, assertion_weight)


def _self_written_examples() -> Iterator[_PolarityExample]:
    """The self-written passages."""
    passages = read_toml(bundled_path("annotations/polarity.toml"))
    for name in ("denied", "done", "mixed"):
        for practice, texts in passages[name].items():
            for text in texts:
                probabilities = float(name != "done"), float(name != "denied")
                yield _PolarityExample(
                    practice, tuple(statements(text)), *probabilities, _SELF_WRITTEN_WEIGHT, _SELF_WRITTEN_WEIGHT
                )


def fit_polarity_rules(marked: Sequence[MarkedSegment], passages: Sequence[MarkedPassage] = ()) -> PolarityRules:
    """The rules for polarity, with the thresholds that are best on folds of policies.

    `marked` are segments of OPP-115, `passages` those that are marked as wholes.
    """
    rules = _fit_rules(marked, passages)
    scored = [
        practice
        for fold in marked_folds(marked, passages)
        for practice in score_practices(_fit_rules(fold.marked, fold.passages), fold.unseen)
    ]
    return replace(rules, thresholds=_best_thresholds(scored))


def has_enough_marks(marked: Sequence[MarkedSegment]) -> bool:
    """Whether sentences of enough policies are marked as done, and as not done."""
    pairs = {(mark.polarity, segment.policy) for segment in marked for mark in segment.marks if mark.sentence >= 0}
    policies = Counter(polarity for polarity, _ in pairs)
    return min(policies["does"], policies["does_not"]) >= 2 * FOLD_COUNT


def _fit_rules(marked: Sequence[MarkedSegment], passages: Sequence[MarkedPassage]) -> PolarityRules:
    """The rules with thresholds of 0."""
    examples = [
        *_sentence_examples(marked),
        *_passage_examples(list(map(segment_passage, marked)), _SEGMENT_WEIGHT),
        *_passage_examples(passages, _PASSAGE_WEIGHT),
        *_self_written_examples(),
    ]
    texts = {text for example in examples for text in example.sentences}
    counts = Counter(name for text in texts for name in _feature_names(text))
    names = sorted(name for name, count in counts.items() if count >= _MIN_SENTENCES)
    negated = [(one, tuple(filter(has_negation, one.sentences))) for one in examples]
    denial = [_Bag(one.practice, own, one.denial, one.weight, one.is_sentence) for one, own in negated if own]
    assertion = [
        _Bag(one.practice, one.sentences, one.assertion, one.assertion_weight, one.is_sentence) for one in examples
    ]
    no_thresholds = PolarityThresholds(0.0, 0.0, 0.0)
    return PolarityRules(names, _fit_linear_rules(denial, names), _fit_linear_rules(assertion, names), no_thresholds)


@lru_cache(maxsize=200_000)
def _feature_names(text: str) -> tuple[str, ...]:
    """The features of a sentence."""
    return tuple(sentence_features(text))


class _Bag(NamedTuple):
    """Sentences with the probability that a rule holds for at least one of them."""

    practice: Practice
    sentences: tuple[str, ...]
    target: float
    weight: float
    is_sentence: bool


def _fit_linear_rules(bags: Sequence[_Bag], names: Sequence[str]) -> LinearRules:
    """The rules that make the targets of bags most likely.

    Sentences marked by themselves have a bias of their own, which is dropped: not all that a segment denies is marked.
    """
    scale = np.array([_WORD_WEIGHT if name.startswith(_WORD_PREFIX) else 1.0 for name in names])
    row_of = {text: row for row, text in enumerate(dict.fromkeys(text for bag in bags for text in bag.sentences))}
    loss = _BagLoss(
        vectors=_feature_vectors(list(row_of), names, scale),
        rows=np.array([row_of[text] for bag in bags for text in bag.sentences]),
        practices=np.array([PRACTICES.index(bag.practice) for bag in bags for _ in bag.sentences]),
        sizes=np.array([len(bag.sentences) for bag in bags]),
        is_sentence=np.array([float(bag.is_sentence) for bag in bags for _ in bag.sentences]),
        targets=np.array([bag.target for bag in bags]),
        weights=np.array([bag.weight for bag in bags]),
    )
    with threadpool_limits(1):  # sums over threads differ in the last bits
        found = minimize(loss, loss.start, jac=True, method="L-BFGS-B", options={"maxiter": _MAX_ITERATIONS}).x
    weights, biases = loss.split(found)
    return LinearRules(round_as_stored(scale * (weights[0] + _OWN_SCALE * weights[1:])), round_as_stored(biases[0]))


def _feature_vectors(texts: Sequence[str], names: Sequence[str], scale: FloatArray) -> csr_matrix:
    """The features of sentences, (sentences, names), each as heavy as `scale` says."""
    column_of = {name: column for column, name in enumerate(names)}
    columns = [[column_of[name] for name in _feature_names(text) if name in column_of] for text in texts]
    flat = np.concatenate([np.array(row, dtype=np.int32) for row in columns])
    return csr_matrix((scale[flat], flat, np.cumsum([0, *map(len, columns)])), shape=(len(texts), len(names)))


@dataclass(frozen=True)
class _BagLoss:
    """The loss and its gradient at parameters: cross-entropy of a noisy "or" over the sentences of each bag.

    `rows` (of `vectors`), `practices` and `is_sentence` are of the sentences of all bags, one after the other; `sizes`,
    `targets` and `weights` are of bags. The parameters are weights, (shared and each practice, features), and biases,
    (all bags and single sentences, practices).
    """

    vectors: csr_matrix
    rows: _Ints
    practices: _Ints
    sizes: _Ints
    is_sentence: FloatArray
    targets: FloatArray
    weights: FloatArray

    @property
    def start(self) -> FloatArray:
        """Parameters to start from."""
        biases = np.repeat([_START_BIAS, 0.0], len(PRACTICES))
        return np.concatenate([np.zeros((1 + len(PRACTICES)) * self.vectors.shape[1]), biases])

    def split(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Parameters as weights and biases."""
        weights, biases = np.split(parameters, [-2 * len(PRACTICES)])
        return weights.reshape(1 + len(PRACTICES), -1), biases.reshape(2, -1)

    def __call__(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        weights, biases = self.split(parameters)
        by_practice = self.vectors @ (weights[0] + _OWN_SCALE * weights[1:]).T
        values = by_practice[self.rows, self.practices] + biases[0, self.practices]
        values += self.is_sentence * biases[1, self.practices]
        loss, slopes = self._noisy_or(values)
        cells = self.rows * len(PRACTICES) + self.practices
        gradient = np.bincount(cells, slopes, minlength=by_practice.size).reshape(by_practice.shape)
        own = (self.vectors.T @ gradient).T
        sides = (slopes, slopes * self.is_sentence)
        bias_gradient = [np.bincount(self.practices, side, minlength=len(PRACTICES)) for side in sides]
        decay = np.array([[_BIAS_REGULARISATION], [1.0]])
        loss += _REGULARISATION / 2 * (weights**2).sum() + (decay / 2 * biases**2).sum()
        weight_gradient = np.vstack([own.sum(0), _OWN_SCALE * own]) + _REGULARISATION * weights
        return loss, np.concatenate([weight_gradient.ravel(), (bias_gradient + decay * biases).ravel()])

    def _noisy_or(self, values: FloatArray) -> tuple[float, FloatArray]:
        """The loss of sentences with these log odds, and its slope for each of them."""
        log_unlikely = np.add.reduceat(np.logaddexp(0, values), np.cumsum([0, *self.sizes])[:-1])
        log_unlikely = np.clip(log_unlikely, _MIN_LOG, _MAX_LOG)
        loss = self.weights * (self.targets * -np.log(-np.expm1(-log_unlikely)) + (1 - self.targets) * log_unlikely)
        by_bag = self.weights * (1 - self.targets - self.targets / np.expm1(log_unlikely))
        return float(loss.sum()), np.repeat(by_bag, self.sizes) / (1 + np.exp(-values))


class _ScoredPractice(NamedTuple):
    """A practice of a passage: the polarity agreed on, and the log odds of its denial and assertion."""

    source: str
    policy: str
    practice: Practice
    gold: GoldPolarity
    denial: float
    assertion: float


def score_practices(rules: PolarityRules, passages: Sequence[MarkedPassage]) -> Iterator[_ScoredPractice]:
    """The practices of passages whose polarity is agreed on, with what rules say of them."""
    for passage in passages:
        agreed = passage.agreed
        denial = passage_values(rules, rules.denial, list(filter(has_negation, passage.sentences)) if agreed else [])
        assertion = passage_values(rules, rules.assertion, passage.sentences if agreed else [])
        for practice, gold in agreed.items():
            yield _ScoredPractice(passage.source, passage.policy, practice, gold, denial[practice], assertion[practice])


def passage_values(rules: PolarityRules, rule: LinearRules, sentences: Sequence[str]) -> dict[Practice, float]:
    """The log odds of each practice for the sentences of a passage, minus infinity if there are none."""
    if not sentences:
        return dict.fromkeys(PRACTICES, -math.inf)
    return dict(zip(PRACTICES, rule.passage_values([list(map(rules.columns, sentences))])[0].tolist(), strict=True))


def predicted_polarity(scored: _ScoredPractice, thresholds: PolarityThresholds) -> Polarity:
    """The polarity of a practice by its log odds."""
    polarity = denial_polarity(scored.denial, thresholds)
    return "mixed" if polarity == "does_not" and scored.assertion >= thresholds.asserted else polarity


def _best_thresholds(scored: Sequence[_ScoredPractice]) -> PolarityThresholds:
    """The thresholds with the highest F1; that of "mixed" counts less, as people disagree on it."""
    sources = {name: [one for one in scored if one.source == name] for name in sorted({one.source for one in scored})}

    def weighted_f1(thresholds: PolarityThresholds) -> float:
        return sum(_SOURCE_WEIGHTS[name] * _weighted_f1(own, thresholds) for name, own in sources.items())

    candidates = (PolarityThresholds(denied, denied, asserted) for denied in _THRESHOLDS for asserted in _THRESHOLDS)
    best = max(candidates, key=weighted_f1)
    return best._replace(unclear=best.denied - _UNCLEAR_BAND)


def _weighted_f1(scored: Sequence[_ScoredPractice], thresholds: PolarityThresholds) -> float:
    """The sum of the F1 of all polarities."""
    f1 = _f1_by_polarity([(practice.gold, predicted_polarity(practice, thresholds)) for practice in scored])
    return f1["does"] + f1["does_not"] + _MIXED_WEIGHT * f1["mixed"]


def _f1_by_polarity(pairs: Sequence[tuple[GoldPolarity, Polarity]]) -> dict[str, float]:
    """The F1 of each gold polarity, from pairs of gold and predicted polarity."""
    counts = Counter(pairs)
    hits = {name: counts[name, name] for name in GOLD_POLARITIES}
    sums = {name: sum(count * pair.count(name) for pair, count in counts.items()) for name in GOLD_POLARITIES}
    return {name: 2 * hits[name] / sums[name] if sums[name] else 0.0 for name in GOLD_POLARITIES}


class _MarkedFold(NamedTuple):
    """Segments of OPP-115 and other passages to learn from, and those to measure on; no policy is on both sides."""

    marked: list[MarkedSegment]
    passages: list[MarkedPassage]
    unseen_marked: list[MarkedSegment]
    unseen_passages: list[MarkedPassage]

    @property
    def unseen(self) -> list[MarkedPassage]:
        """All passages to measure on."""
        return [*map(segment_passage, self.unseen_marked), *self.unseen_passages]


def marked_folds(marked: Sequence[MarkedSegment], passages: Sequence[MarkedPassage]) -> Iterator[_MarkedFold]:
    """Folds by policy of OPP-115 and of other passages."""
    own_folds = group_folds([segment.policy for segment in marked])
    no_folds = repeat((_NO_ROWS, _NO_ROWS), FOLD_COUNT)
    other_folds = group_folds([passage.policy for passage in passages]) if passages else no_folds
    for (train, test), (other_train, other_test) in zip(own_folds, other_folds, strict=True):
        yield _MarkedFold(
            [marked[row] for row in train],
            [passages[row] for row in other_train],
            [marked[row] for row in test],
            [passages[row] for row in other_test],
        )
