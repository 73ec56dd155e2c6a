"""The fast model: linear rules over the words of a segment, calibrated, with a threshold a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.details import CARD, Details, read_details
from extractor.label.evidence import evidence_of, words_in
from extractor.label.features import (
    MAX_CHARACTERS,
    Adding,
    Features,
    Reading,
    Vocabulary,
    leading,
    reading,
    words_before,
)
from extractor.label.model import FIVE, LABELS, Array, Rule, rule_of
from extractor.label.store import Stored, read
from extractor.records import PRACTICES, Segment, no_evidence

_BATCH = 512  # segments at a time, so that memory stays flat
_COLUMNS = {practice: column for column, practice in enumerate(PRACTICES)}
_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Fast:
    """The fast model, loaded. The decision value of label k is weights[k] · features + bias[k]."""

    card: Mapping[str, Any]
    sha256: str
    vocabulary: Vocabulary
    by_feature: NDArray[np.float32]  # the weights, (features, labels)
    bias: NDArray[np.float32]
    rule: Rule
    details: Details | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.card["name"])

    @property
    def version(self) -> str:
        """The release that trained it."""
        return str(self.card["version"])

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """The segments with practices, categories, scores, evidence and details set; none depends on the others."""
        return [one for batch in in_parts(segments) for one in self._label(batch)]

    def _label(self, segments: Sequence[Segment]) -> list[Segment]:
        readings = [reading(segment) for segment in segments]
        features = self.vocabulary.features(readings)
        return self.explained(self.applied(segments, self.decided(features)), readings, features)

    def values(self, readings: Sequence[Reading]) -> Array:
        """The decision values of readings, (readings, labels)."""
        parts = [self.decided(self.vocabulary.features(batch)) for batch in in_parts(readings)]
        return np.concatenate([np.zeros((0, len(LABELS))), *parts])

    def decided(self, features: Features) -> Array:
        """The decision values of features, (readings, labels)."""
        return np.asarray(features.vectors @ self.by_feature + self.bias, dtype=np.float64)

    def applied(self, segments: Sequence[Segment], values: Array) -> list[Segment]:
        """The segments with what their decision values say."""
        return self.rule.applied(segments, self.rule.scores(values))

    def explained(self, labelled: Sequence[Segment], readings: Sequence[Reading], features: Features) -> list[Segment]:
        """Labelled segments with the words that carried each practice, with polarity and with types of data.

        `features` are of the readings of the segments; a model without details leaves the last two out.
        """
        added = self.adding.by_word(features)
        starts = np.searchsorted(features.rows, np.arange(len(labelled) + 1)).tolist()
        rows = zip(labelled, features.words, pairwise(starts), strict=True)
        found = [_with_evidence(one, said, added[slice(*ends)]) if one.practices else one for one, said, ends in rows]
        return self.details.applied(found, [text for text, _ in readings], features.vectors) if self.details else found

    @cached_property
    def adding(self) -> Adding:
        """What stems and pairs add to the practices."""
        return self.vocabulary.adding(self.by_feature[:, FIVE])


def _with_evidence(segment: Segment, said: Sequence[str], added: NDArray[np.float32]) -> Segment:
    """A labelled segment with its evidence; `added` is what each word of its passage adds, (words, practices)."""
    text, before = segment.text, leading(segment)
    lead, evidence = words_before(before), no_evidence()
    found = words_in(text[: MAX_CHARACTERS - len(before)], said[lead:])
    for practice in segment.practices:
        values = added[:, _COLUMNS[practice]].tolist()
        spans = evidence_of(text, found, values[lead:], max(values[:lead], default=0.0))
        evidence[practice] = tuple([(segment.start + start, segment.start + end) for start, end in spans])
    return replace(segment, evidence=evidence)


def in_parts(parts: Sequence[_Part]) -> Iterator[Sequence[_Part]]:
    """Segments or readings, so many at a time."""
    return (parts[start : start + _BATCH] for start in range(0, len(parts), _BATCH))


def load_fast(folder: Path) -> Fast:
    """The fast model in a folder. Raises ModelError."""
    stored = read(folder)
    try:
        fast = fast_of(stored)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{folder / 'model.json'} is not that of a model ({error}): train the model again.") from error
    if CARD not in fast.card["sha256"]:
        return fast
    return replace(fast, details=read_details(folder, len(fast.vocabulary.terms)))


def fast_of(stored: Stored) -> Fast:
    """The model that a folder's content describes. Raises KeyError, TypeError or ValueError where it describes none."""
    card, vocabulary = stored.card, stored.vocabulary
    features = len(vocabulary.terms)
    if (stored.weights.shape, stored.bias.shape) != ((len(LABELS), features), (len(LABELS),)):
        raise ValueError(f"weights of shape {stored.weights.shape} for {len(LABELS)} labels and {features} features")
    for field in ("name", "version"):
        card[field]
    by_feature = np.ascontiguousarray(stored.weights.T)
    return Fast(card, stored.sha256, vocabulary, by_feature, stored.bias, rule_of(card))
