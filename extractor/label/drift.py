"""How far texts lie from those that the labels were learned from: unknown words, shift of frequent ones, scores.

The reference is OPP-115, of 2015, as counts of word stems; it travels with the package. Two measures tell of words: the
share of them that OPP-115 does not know, and the Jensen-Shannon distance (J. Lin 1991; the root of the divergence, to
base 2: 0 for the same, 1 for nothing in common) of the frequencies of its 300 most frequent stems and of the rest. Both
are larger for few or short policies, so each has its limit by the number of policies: what 99 of 100 groups of so many
policies of OPP-115 itself keep to, held against the other half of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.features import stems
from extractor.records import Segment
from extractor.resources import bundled

_Array = NDArray[np.float64]
FREQUENT = 300  # stems whose frequencies are compared: more told halves of OPP-115 and later policies apart less well
_BINS = 10


class Limit(msgspec.Struct, frozen=True):
    """What 99 of 100 groups of so many policies of OPP-115 keep to."""

    policies: int
    unknown: float
    distance: float


class Reference(msgspec.Struct, frozen=True):
    """The training data in numbers: stems that stand in two or more policies with their counts, and the limits.

    `uncertain` and `tops` (a histogram of the highest practice's score) are of policies that the model did not see.
    """

    source: str
    policies: int
    words: int
    stems: dict[str, int]
    limits: tuple[Limit, ...]
    uncertain: float
    tops: tuple[float, ...]

    @property
    def frequent(self) -> list[str]:
        """The most frequent stems."""
        return sorted(self.stems, key=lambda stem: (-self.stems[stem], stem))[:FREQUENT]

    def limit(self, policies: int, words: int) -> Limit:
        """The limit for so many policies, or for as many as the words would make at their length here, if fewer.

        It is that of the next lower number that was tried, which is wider.
        """
        size = max(1, min(policies, words * self.policies // self.words))
        return max((one for one in self.limits if one.policies <= size), key=lambda one: one.policies)


@dataclass(slots=True)
class Profile:
    """The texts of some policies in numbers, to be added up."""

    policies: int = 0
    segments: int = 0
    uncertain: int = 0
    stems: Counter[str] = field(default_factory=Counter)
    tops: list[int] = field(default_factory=lambda: [0] * _BINS)

    def add(self, segments: Sequence[Segment]) -> None:
        """Adds the segments of a policy."""
        self.policies += 1
        self.segments += len(segments)
        for segment in segments:
            self.uncertain += segment.uncertain
            self.stems.update(stems(segment.text))
            self.tops[bin_of(max(map(float, segment.scores.values())))] += 1  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Drift:
    """How far some policies lie from the reference; `far` where words lie beyond either limit."""

    period: str
    policies: int
    words: int
    unknown: float
    unknown_limit: float
    distance: float
    distance_limit: float
    uncertain: float
    tops: tuple[float, ...]

    @property
    def far(self) -> bool:
        """Whether a group of as many policies of OPP-115 would hardly lie so far off."""
        return self.unknown > self.unknown_limit or self.distance > self.distance_limit


def bin_of(score: float) -> int:
    """The place of a score in a histogram of ten bins."""
    return min(int(score * _BINS), _BINS - 1)


def drift_of(period: str, profile: Profile, reference: Reference) -> Drift:
    """How far the policies of a period lie from the reference."""
    limit = reference.limit(profile.policies, profile.stems.total())
    return Drift(
        period,
        profile.policies,
        profile.stems.total(),
        round(unknown(profile.stems, reference.stems), 4),
        limit.unknown,
        round(distance(profile.stems, reference.stems, reference.words, reference.frequent), 4),
        limit.distance,
        round(profile.uncertain / max(1, profile.segments), 4),
        tuple(round(count / max(1, profile.segments), 4) for count in profile.tops),
    )


def unknown(found: Mapping[str, int], known: Iterable[str]) -> float:
    """The share of words whose stems are not known.

    >>> unknown({"data": 3, "zyx": 1}, {"data": 9})
    0.25
    """
    total = sum(found.values())
    return 1 - sum(found.get(stem, 0) for stem in known) / total if total else 0.0


def distance(found: Mapping[str, int], known: Mapping[str, int], words: int, frequent: Sequence[str]) -> float:
    """The Jensen-Shannon distance of the frequencies of some stems, all others taken together; 0 of no words."""
    from scipy.spatial.distance import jensenshannon  # a tenth of a second

    total = sum(found.values())
    if not total:
        return 0.0
    return float(jensenshannon(_frequencies(found, total, frequent), _frequencies(known, words, frequent), base=2))


def _frequencies(counts: Mapping[str, int], total: int, frequent: Sequence[str]) -> _Array:
    """The shares of some stems, and behind them that of the rest."""
    known = np.array([counts.get(stem, 0) for stem in frequent], dtype=np.float64)
    return np.append(known, total - known.sum()) / total


@cache
def read_reference(folder: Path | None = None) -> Reference:
    """The reference that travels with the package, or the one in a folder. Raises ModelError."""
    path = (folder or bundled("models/drift")) / "reference.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Reference)
    except (OSError, msgspec.MsgspecError) as error:
        raise ModelError(f"{path} cannot be read ({error}): install the package again.") from error
