"""Whether a segment's practices are done or denied: linear rules on its sentences, and limits on the strongest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.label.negation import features, may_deny, sentences
from extractor.records import PRACTICES, Polarity, Practice, PracticePolarity

Floats = NDArray[np.float32]


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

    weights: Floats
    bias: Floats

    def strongest(self, sentences_read: Iterable[Sequence[int]]) -> dict[Practice, float]:
        """The highest decision value of each practice over sentences, given as the columns of their names."""
        values = [self._by_name[list(columns)].sum(0) + self.bias for columns in sentences_read]
        return dict(zip(PRACTICES, np.max(values, axis=0).tolist(), strict=True))

    @cached_property
    def _by_name(self) -> Floats:
        return np.ascontiguousarray(self.weights.T)


@dataclass(frozen=True)
class PolarityRules:
    """What sentences are told by, and the rules by which one denies a practice, and by which it asserts one."""

    names: list[str]
    denies: Linear
    asserts: Linear
    limits: Limits

    def polarity(self, text: str, practices: Sequence[Practice]) -> PracticePolarity:
        """Whether a text does each of its practices, or says that it does not."""
        if not practices or not may_deny(text):
            return polarity_of(dict.fromkeys(practices, "does"))
        parts = sentences(text)
        denying = {part: self.columns(part) for part in parts if may_deny(part)}
        denied = self.denies.strongest(denying.values())
        found = {practice: side(denied[practice], self.limits) for practice in practices}
        if "does_not" in found.values():
            asserted = self.asserts.strongest(denying.get(part) or self.columns(part) for part in parts)
            also = {practice for practice, value in asserted.items() if value >= self.limits.asserted}
            found = {name: "mixed" if some == "does_not" and name in also else some for name, some in found.items()}
        return polarity_of(found)

    def columns(self, sentence: str) -> list[int]:
        """What is known of a sentence, as columns."""
        known = self._columns
        return [known[name] for name in features(sentence) if name in known]

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {name: column for column, name in enumerate(self.names)}


def side(denied: float, limits: Limits) -> Polarity:
    """What the strongest denial of a practice says of it by itself."""
    if denied >= limits.denied:
        return "does_not"
    return "unclear" if denied >= limits.unclear else "does"


def polarity_of(found: Mapping[Practice, Polarity]) -> PracticePolarity:
    """The polarity of each practice; "" of those that were not looked at."""
    return {
        "collection": found.get("collection", ""),
        "sharing": found.get("sharing", ""),
        "cookies": found.get("cookies", ""),
        "rights": found.get("rights", ""),
        "children": found.get("children", ""),
    }
