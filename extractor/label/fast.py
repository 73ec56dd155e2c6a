"""The fast model: calibrated linear rules over the words of a segment, with a threshold for each label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.details import DETAILS_CARD, Details, load_details
from extractor.label.evidence import TextWords, evidence_runs, text_words
from extractor.label.features import InputFeatures, ModelInput, TermContributions, Vocabulary, lead_text, model_input
from extractor.label.model import LABELS, PRACTICE_COLUMNS, DecisionRule, FloatArray, Labels, decision_rule
from extractor.label.store import StoredModel, read_model
from extractor.label.words import WordPlaces
from extractor.records import PRACTICES, DataTypes, Practice, PracticeEvidence, PracticePolarity, Segment, no_evidence

_BATCH_SIZE = 512  # segments; bounds the memory used
_COLUMN_OF = {practice: column for column, practice in enumerate(PRACTICES)}
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class FastModel:
    """The fast model, loaded. The decision value of label k is features · weights[:, k] + bias[k]."""

    card: Mapping[str, Any]
    sha256: str
    vocabulary: Vocabulary
    weights: NDArray[np.float32]  # (features, labels)
    bias: NDArray[np.float32]
    rule: DecisionRule
    details: Details | None = None

    @property
    def name(self) -> str:
        """The name."""
        return str(self.card["name"])

    @property
    def version(self) -> str:
        """The release that trained it."""
        return str(self.card["version"])

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """The segments with labels, scores, evidence and details; each is labelled independently of the others."""
        return [labelled for batch in batches(segments) for labelled in self._label_batch(batch)]

    def _label_batch(self, segments: Sequence[Segment]) -> list[Segment]:
        inputs = [model_input(segment) for segment in segments]
        features = self.vocabulary.features(inputs)
        return self.with_evidence(segments, self.predict(self.decision_function(features)), inputs, features)

    def decision_values(self, inputs: Sequence[ModelInput]) -> FloatArray:
        """The decision values of inputs, (inputs, labels)."""
        parts = [self.decision_function(self.vocabulary.features(batch)) for batch in batches(inputs)]
        return np.concatenate([np.zeros((0, len(LABELS))), *parts])

    def decision_function(self, features: InputFeatures) -> FloatArray:
        """The decision values of features, (inputs, labels)."""
        return np.asarray(features.vectors @ self.weights + self.bias, dtype=np.float64)

    def predict(self, values: FloatArray) -> list[Labels]:
        """The labels that decision values, (segments, labels), give segments."""
        return self.rule.predict(self.rule.scores(values))

    def with_evidence(
        self,
        segments: Sequence[Segment],
        labels: Sequence[Labels],
        inputs: Sequence[ModelInput],
        features: InputFeatures,
    ) -> list[Segment]:
        """Segments with labels, with the evidence of each practice and, if the model has details, those too.

        `inputs` and `features` are those of the segments.
        """
        practices = [found.practices for found in labels]
        evidence = self._evidence_of(segments, practices, inputs, features)
        details = self._details_of(segments, practices, inputs, features)
        return [_labelled(*row) for row in zip(segments, labels, evidence, details, strict=True)]

    def _evidence_of(
        self,
        segments: Sequence[Segment],
        practices: Sequence[Sequence[Practice]],
        inputs: Sequence[ModelInput],
        features: InputFeatures,
    ) -> list[PracticeEvidence]:
        """The evidence of the practices of segments."""
        places, contributions = features.places, self.contributions.by_word(features)
        leads = np.array([len(lead_text(segment)) for segment in segments], dtype=np.int64)
        shifts = np.array([segment.start for segment in segments], dtype=np.int64) - leads - places.offsets[:-1]
        by_word = np.repeat(shifts, np.diff(places.first))
        in_policies = places._replace(starts=places.starts + by_word, ends=places.ends + by_word)
        words = text_words([passage for passage, _ in inputs], leads.tolist(), places)
        rows = zip(segments, practices, words, strict=True)
        return [_practice_evidence(*row, in_policies, contributions) for row in rows]

    def _details_of(
        self,
        segments: Sequence[Segment],
        practices: Sequence[Sequence[Practice]],
        inputs: Sequence[ModelInput],
        features: InputFeatures,
    ) -> Iterable[tuple[PracticePolarity, DataTypes]]:
        """The polarity and data types of the practices of segments; theirs if the model has no details."""
        if not self.details:
            return ((segment.polarity, segment.data_types) for segment in segments)
        return self.details.of_segments(segments, practices, [text for text, _ in inputs], features)

    @cached_property
    def contributions(self) -> TermContributions:
        """What stems and pairs of them contribute to the practices."""
        return self.vocabulary.contributions(self.weights[:, PRACTICE_COLUMNS])


def _practice_evidence(
    segment: Segment,
    practices: Sequence[Practice],
    words: TextWords,
    places: WordPlaces,
    contributions: NDArray[np.float32],
) -> PracticeEvidence:
    """The evidence of a segment, by its words, the places of all words and their contributions, (words, practices)."""
    evidence, first, after = no_evidence(), words.first, words.first + words.borders[-1]
    for practice in practices:
        if first == after:
            evidence[practice] = ((segment.start, segment.start + len(segment.text)),) if segment.text else ()
            continue
        values = contributions[words.lead : after, _COLUMN_OF[practice]].tolist()
        of_lead = max([0.0, *values[: first - words.lead]])
        runs = evidence_runs(values[first - words.lead :], words.borders, of_lead)
        evidence[practice] = tuple(
            [(places.starts.item(first + one), places.ends.item(first + end - 1)) for one, end in runs]
        )
    return evidence


def _labelled(
    segment: Segment, labels: Labels, evidence: PracticeEvidence, details: tuple[PracticePolarity, DataTypes]
) -> Segment:
    """A segment with all that was found."""
    polarity, data_types = details
    return Segment(  # twice as fast as dataclasses.replace
        segment.index,
        segment.start,
        segment.end,
        segment.text,
        segment.kind,
        segment.headings,
        segment.context,
        *labels,
        polarity,
        evidence,
        data_types,
    )


def batches(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Segments or inputs in batches."""
    return (items[start : start + _BATCH_SIZE] for start in range(0, len(items), _BATCH_SIZE))


def load_fast(folder: Path) -> FastModel:
    """The fast model in a folder. Raises ModelError."""
    stored = read_model(folder)
    try:
        model = fast_model(stored)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{folder / 'model.json'} is not that of a model ({error}): train the model again.") from error
    if DETAILS_CARD not in model.card["sha256"]:
        return model
    return replace(model, details=load_details(folder, len(model.vocabulary.terms)))


def fast_model(stored: StoredModel) -> FastModel:
    """The fast model made of a folder's content. Raises KeyError, TypeError or ValueError if that is incomplete."""
    card, vocabulary = stored.card, stored.vocabulary
    features = len(vocabulary.terms)
    if (stored.weights.shape, stored.bias.shape) != ((len(LABELS), features), (len(LABELS),)):
        raise ValueError(f"weights of shape {stored.weights.shape} for {len(LABELS)} labels and {features} features")
    for field in ("name", "version"):
        card[field]
    weights = np.ascontiguousarray(stored.weights.T)
    return FastModel(card, stored.sha256, vocabulary, weights, stored.bias, decision_rule(card))
