"""Whether a segment's practices are done or denied: linear rules on its sentences, and limits on the strongest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.label.negation import denies, features, sentences
from extractor.records import PRACTICES, Polarity, Practice, PracticePolarity

_REMEMBERED = 5_000  # sentences with a denial, or beside one
_BIAS = -1  # the column that every sentence has
_Floats = NDArray[np.float32]
_Columns = Sequence[int]  # of the names that stand in a sentence


class Limits(NamedTuple):
    """Decision values: from `unclear` on a segment may deny a practice, from `denied` on it does.

    Where it denies one, it does it as well from `asserted` on.
    """

    unclear: float
    denied: float
    asserted: float


@dataclass(frozen=True)
class Linear:
    """A linear rule a practice on what stands in a sentence: weights (practices, names), bias (practices)."""

    weights: _Floats
    bias: _Floats

    def strongest(self, segments: Sequence[Sequence[_Columns]]) -> _Floats:
        """The highest decision values over the sentences of each segment, one or more: (segments, practices)."""
        values = self.values(list(chain.from_iterable(segments)))
        return np.asarray(np.maximum.reduceat(values, _starts(segments))) if segments else values

    def values(self, read: Sequence[_Columns]) -> _Floats:
        """The decision values of sentences, (sentences, practices)."""
        rows = [(_BIAS, *columns) for columns in read]
        flat = self._by_name[np.fromiter(chain.from_iterable(rows), dtype=np.intp)]
        return np.asarray(np.add.reduceat(flat, _starts(rows))) if rows else flat

    @cached_property
    def _by_name(self) -> _Floats:
        return np.concatenate([self.weights.T, self.bias[None, :]])


@dataclass(frozen=True)
class PolarityRules:
    """What sentences are told by, and the rules by which one denies a practice, and by which it asserts one."""

    names: list[str]
    denies: Linear
    asserts: Linear
    limits: Limits

    def polarities(self, texts: Sequence[str], practices: Sequence[Sequence[Practice]]) -> list[PracticePolarity]:
        """Whether texts do each of their practices, or say that they do not."""
        found: list[dict[Practice, Polarity]] = [dict.fromkeys(given, "does") for given in practices]
        cut = {row: sentences(text) for row, text in enumerate(texts) if found[row] and denies(text)}
        columns = self._remembered
        asked = {row: read for row, parts in cut.items() if (read := list(map(columns, filter(denies, parts))))}
        denied = self.denies.strongest(list(asked.values()))
        for row, values in zip(asked, denied.tolist(), strict=True):
            by_practice = dict(zip(PRACTICES, values, strict=True))
            found[row] = {practice: side(by_practice[practice], self.limits) for practice in found[row]}
        denying = [row for row in asked if "does_not" in found[row].values()]
        asserted = self.asserts.strongest([list(map(columns, cut[row])) for row in denying])
        for row, also in zip(denying, (asserted >= self.limits.asserted).tolist(), strict=True):
            doing = {practice for practice, yes in zip(PRACTICES, also, strict=True) if yes}
            found[row] = {name: _mixed(told, name in doing) for name, told in found[row].items()}
        return [_polarity_of(told) for told in found]

    def columns(self, sentence: str) -> _Columns:
        """What is known of a sentence, as columns."""
        known = self._columns
        return [known[name] for name in features(sentence) if name in known]

    @cached_property
    def _remembered(self) -> Callable[[str], _Columns]:
        return lru_cache(maxsize=_REMEMBERED)(self.columns)

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {name: column for column, name in enumerate(self.names)}


def _starts(groups: Sequence[Sequence[object]]) -> NDArray[np.intp]:
    """Where each group begins when all are laid end to end."""
    return np.cumsum([0, *map(len, groups)])[:-1]


def side(denied: float, limits: Limits) -> Polarity:
    """What the strongest denial of a practice says of it by itself."""
    if denied >= limits.denied:
        return "does_not"
    return "unclear" if denied >= limits.unclear else "does"


def _mixed(told: Polarity, asserted: bool) -> Polarity:
    """What is told of a practice that may be asserted beside its denial."""
    return "mixed" if told == "does_not" and asserted else told


def _polarity_of(found: Mapping[Practice, Polarity]) -> PracticePolarity:
    """The polarity of each practice; "" of those that were not looked at."""
    return {
        "collection": found.get("collection", ""),
        "sharing": found.get("sharing", ""),
        "cookies": found.get("cookies", ""),
        "rights": found.get("rights", ""),
        "children": found.get("children", ""),
    }
