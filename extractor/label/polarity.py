"""Whether a segment affirms or denies its practices: linear rules on its plain statements, and thresholds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.label.negation import has_negation, repeated_features
from extractor.label.plain_statements import may_deny, plain_statements
from extractor.records import PRACTICES, Polarity, Practice, PracticePolarity, Segment

_MAX_CACHED_SENTENCES = 5_000
_TINY = 1e-30
_BIAS_COLUMN = -1  # every sentence has it
_Floats = NDArray[np.float32]
_Columns = Sequence[int]  # of the features of a sentence


class PolarityThresholds(NamedTuple):
    """Log odds from which a segment may deny a practice (`unclear`), and from which it does (`denied`).

    A segment that denies a practice also affirms it from `asserted` on.
    """

    unclear: float
    denied: float
    asserted: float


@dataclass(frozen=True)
class LinearRules:
    """A linear rule for each practice over sentence features: weights (practices, features), bias (practices)."""

    weights: _Floats
    bias: _Floats

    def passage_values(self, passages: Sequence[Sequence[_Columns]]) -> _Floats:
        """The log odds that one of the sentences, at least one, of each passage holds: (passages, practices).

        For independent sentences these are a noisy "or", for sentences that say the same the highest of them. They are
        neither, so this is the mean of both.
        """
        values = self._decision_values(list(chain.from_iterable(passages)))
        if not passages:
            return values
        log_unlikely = np.maximum(np.add.reduceat(np.logaddexp(0, values), _starts(passages)), _TINY)  # that none holds
        noisy_or = log_unlikely + np.log(-np.expm1(-log_unlikely))
        return np.asarray((np.maximum.reduceat(values, _starts(passages)) + noisy_or) / 2)

    def _decision_values(self, sentences: Sequence[_Columns]) -> _Floats:
        """The log odds of sentences, (sentences, practices)."""
        rows = [(_BIAS_COLUMN, *columns) for columns in sentences]
        weights = self._by_feature[np.fromiter(chain.from_iterable(rows), dtype=np.intp)]
        return np.asarray(np.add.reduceat(weights, _starts(rows))) if rows else weights

    @cached_property
    def _by_feature(self) -> _Floats:
        return np.concatenate([self.weights.T, self.bias[None, :]])


@dataclass(frozen=True)
class PolarityRules:
    """The features of sentences by name, and the rules for denying and for asserting a practice."""

    feature_names: list[str]
    denial: LinearRules
    assertion: LinearRules
    thresholds: PolarityThresholds

    def polarities(self, segments: Sequence[Segment], texts: Sequence[str]) -> list[PracticePolarity]:
        """The polarity of the practices of labelled segments, from the passages that the model read of them.

        Only sentences with a negation are checked for a denial; only segments with a denial are checked for an
        assertion.
        """
        practices = [segment.practices for segment in segments]
        return self.polarities_of_rows(segments, practices, [row for row, text in enumerate(texts) if may_deny(text)])

    def polarities_of_rows(
        self, segments: Sequence[Segment], practices: Sequence[Sequence[Practice]], possible: Sequence[int]
    ) -> list[PracticePolarity]:
        """The same for practices given, and for the rows of the segments whose passages may deny something."""
        found: list[dict[Practice, Polarity]] = [dict.fromkeys(row, "does") for row in practices]
        sentences = {row: plain_statements(segments[row]) for row in possible if found[row]}
        columns = self._cached_columns
        negated = {
            row: [columns(sentence) for sentence in parts if has_negation(sentence)] for row, parts in sentences.items()
        }
        negated = {row: parts for row, parts in negated.items() if parts}
        denial = self.denial.passage_values(list(negated.values()))
        for row, values in zip(negated, denial.tolist(), strict=True):
            by_practice = dict(zip(PRACTICES, values, strict=True))
            found[row] = {practice: denial_polarity(by_practice[practice], self.thresholds) for practice in found[row]}
        denying = [row for row in negated if "does_not" in found[row].values()]
        assertion = self.assertion.passage_values([list(map(columns, sentences[row])) for row in denying])
        for row, is_asserted in zip(denying, (assertion >= self.thresholds.asserted).tolist(), strict=True):
            asserted = {practice for practice, yes in zip(PRACTICES, is_asserted, strict=True) if yes}
            for practice, polarity in found[row].items():
                if polarity == "does_not" and practice in asserted:
                    found[row][practice] = "mixed"
        return [_practice_polarity(polarities) for polarities in found]

    def columns(self, sentence: str) -> _Columns:
        """The columns of a sentence's known features."""
        columns = dict.fromkeys(map(self._column_of.get, repeated_features(sentence)))
        return [column for column in columns if column is not None]

    @cached_property
    def _cached_columns(self) -> Callable[[str], _Columns]:
        return lru_cache(maxsize=_MAX_CACHED_SENTENCES)(self.columns)

    @cached_property
    def _column_of(self) -> dict[str, int]:
        return {name: column for column, name in enumerate(self.feature_names)}


def _starts(groups: Sequence[Sequence[object]]) -> NDArray[np.intp]:
    """The start of each group when all are concatenated."""
    return np.cumsum([0, *map(len, groups)])[:-1]


def denial_polarity(value: float, thresholds: PolarityThresholds) -> Polarity:
    """The polarity of a practice by the log odds of its strongest denial alone."""
    if value >= thresholds.denied:
        return "does_not"
    return "unclear" if value >= thresholds.unclear else "does"


def _practice_polarity(found: Mapping[Practice, Polarity]) -> PracticePolarity:
    """The polarity of all practices, "" for those that are not in `found`."""
    return {
        "collection": found.get("collection", ""),
        "sharing": found.get("sharing", ""),
        "cookies": found.get("cookies", ""),
        "rights": found.get("rights", ""),
        "children": found.get("children", ""),
    }
