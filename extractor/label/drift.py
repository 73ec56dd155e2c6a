"""Drift: how much texts differ from those that the labels were learned from, and how right labels of their era were.

The reference has the texts that the models learn from, OPP-115's and those of all eras, as counts of word stems; it is
part of the package. There are two measures of words: the share that does not occur in the reference, and the
Jensen-Shannon distance (J. Lin 1991; the root of the divergence, to base 2: 0 for equal, 1 for disjoint distributions)
of the frequencies of its 300 most frequent stems and of all others. Both are larger for few or short policies, so their
limits depend on the number of policies: of each corpus and era, 99 of 100 groups of so many policies stay below them,
compared with all the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.stemming import stems
from extractor.records import Segment
from extractor.resources import bundled_path

_Array = NDArray[np.float64]
FREQUENT_STEMS = 300  # whose frequencies are compared; more stems separated OPP-115 from later policies less well
_BINS = 10
_F1_TOLERANCE = 0.05  # below the best era's F1
_DriftReason = Literal["far", "not measured", "less right"]  # for a warning: of the words, or of the era


class DriftLimit(msgspec.Struct, frozen=True):
    """The limits that 99 of 100 groups of so many policies stay below."""

    policies: int
    unknown: float
    distance: float


class MeasuredEra(msgspec.Struct, frozen=True):
    """How right the practices of an era were: macro F1 with its interval, on policies that the model had not seen.

    An era that was not measured has no passages.
    """

    first_year: int = 0
    last_year: int = 0
    model: str = ""
    labelled_by: str = ""
    passages: int = 0
    macro_f1: float = 0.0
    low: float = 0.0
    high: float = 0.0


_NOT_MEASURED = MeasuredEra()


class DriftReference(msgspec.Struct, frozen=True):
    """Statistics of the training data: counts of the stems that occur in two or more policies, and the limits.

    `uncertain`, a share of segments, and `tops`, a histogram of each segment's highest practice score, are of policies
    that the model was not trained on, and so are the figures of the `measured` eras.
    """

    source: str
    policies: int
    words: int
    stems: dict[str, int]
    limits: tuple[DriftLimit, ...]
    uncertain: float
    tops: tuple[float, ...]
    measured: tuple[MeasuredEra, ...] = ()

    @property
    def frequent(self) -> list[str]:
        """The most frequent stems, the most frequent first."""
        return sorted(self.stems, key=lambda stem: (-self.stems[stem], stem))[:FREQUENT_STEMS]

    def limit(self, policies: int, words: int) -> DriftLimit:
        """The limits for so many policies, or for the number of average policies that make up so many words, if fewer.

        Numbers that were not measured get the limits of the next lower one, which are wider.
        """
        size = max(1, min(policies, words * self.policies // self.words))
        return max((limit for limit in self.limits if limit.policies <= size), key=lambda limit: limit.policies)

    def era(self, period: str) -> MeasuredEra:
        """The measured era of a year, the later one of two; one without passages if there is none."""
        eras = (era for era in reversed(self.measured) if period.isdecimal())
        return next((era for era in eras if era.first_year <= int(period) <= era.last_year), _NOT_MEASURED)

    def is_less_right(self, era: MeasuredEra) -> bool:
        """Whether the whole interval of an era lies clearly below the F1 of the best one."""
        return era.passages > 0 and era.high < max(one.macro_f1 for one in self.measured) - _F1_TOLERANCE


@dataclass(slots=True)
class TextProfile:
    """Statistics of the texts of policies, which are added one by one."""

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
            self.tops[score_bin(max(map(float, segment.scores.values())))] += 1  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Drift:
    """The drift of a period's policies from the reference, how right labels of its era were, and reasons to warn."""

    period: str
    policies: int
    words: int
    unknown: float
    unknown_limit: float
    distance: float
    distance_limit: float
    uncertain: float
    tops: tuple[float, ...]
    era: MeasuredEra = _NOT_MEASURED
    reasons: tuple[_DriftReason, ...] = ()


def score_bin(score: float) -> int:
    """The bin of a score in a histogram of ten bins."""
    return min(int(score * _BINS), _BINS - 1)


def drift_of(period: str, profile: TextProfile, reference: DriftReference) -> Drift:
    """The drift of a period's policies from the reference; a period that is no year has no era."""
    limit = reference.limit(profile.policies, profile.stems.total())
    unknown = round(unknown_share(profile.stems, reference.stems), 4)
    distance = round(frequency_distance(profile.stems, reference.stems, reference.words, reference.frequent), 4)
    era = reference.era(period)
    reasons: dict[_DriftReason, bool] = {
        "far": unknown > limit.unknown or distance > limit.distance,
        "not measured": period.isdecimal() and not era.passages and bool(reference.measured),
        "less right": reference.is_less_right(era),
    }
    return Drift(
        period,
        profile.policies,
        profile.stems.total(),
        unknown,
        limit.unknown,
        distance,
        limit.distance,
        round(profile.uncertain / max(1, profile.segments), 4),
        tuple(round(count / max(1, profile.segments), 4) for count in profile.tops),
        era,
        tuple(reason for reason, holds in reasons.items() if holds),
    )


def unknown_share(counts: Mapping[str, int], known: Iterable[str]) -> float:
    """The share of words whose stems are unknown, by counts of stems.

    >>> unknown_share({"data": 3, "zyx": 1}, {"data": 9})
    0.25
    """
    words = sum(counts.values())
    return 1 - sum(counts.get(stem, 0) for stem in known) / words if words else 0.0


def frequency_distance(
    counts: Mapping[str, int], reference: Mapping[str, int], reference_words: int, frequent: Sequence[str]
) -> float:
    """The Jensen-Shannon distance of the frequencies of frequent stems and of all others together; 0 without words."""
    from scipy.spatial.distance import jensenshannon  # takes 0.1 s to load

    words = sum(counts.values())
    if not words:
        return 0.0
    frequencies = _frequencies(counts, words, frequent), _frequencies(reference, reference_words, frequent)
    return float(jensenshannon(*frequencies, base=2))


def _frequencies(counts: Mapping[str, int], words: int, frequent: Sequence[str]) -> _Array:
    """The shares of frequent stems among all words, and last that of all others."""
    known = np.array([counts.get(stem, 0) for stem in frequent], dtype=np.float64)
    return np.append(known, words - known.sum()) / words


@cache
def read_drift_reference(folder: Path | None = None) -> DriftReference:
    """The reference in the package, or the one in a folder. Raises ModelError."""
    path = (folder or bundled_path("models/drift")) / "reference.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=DriftReference)
    except (OSError, msgspec.MsgspecError) as error:
        raise ModelError(f"{path} cannot be read ({error}): install the package again.") from error
