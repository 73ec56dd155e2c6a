"""What measuring a model gives: a name and figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from extractor.label import FloatArray
from extractor.records import Segment
from extractor.training.data import ERA_NAMES, HUMAN_CORPORA
from extractor.training.metrics import LabelMatrix

THREE_ANNOTATORS = "three annotators"
_LANGUAGE_MODEL, _PEOPLE = "a language model", "people"


class _PassageSource(NamedTuple):
    """Where passages are from, and who labelled them."""

    name: str
    labelled_by: str


ALL_ERAS = _PassageSource("all eras", _LANGUAGE_MODEL)
ERA_SOURCES = {era: _PassageSource(years, _LANGUAGE_MODEL) for era, years in ERA_NAMES.items()}
HUMAN_SOURCES = {
    corpus: _PassageSource(name, f"{_PEOPLE}, other conventions") for corpus, name in HUMAN_CORPORA.items()
}
C3PA_SOURCE = _PassageSource("C3PA of 2023, recall", _PEOPLE)


@dataclass(frozen=True)
class Measurement:
    """The figures of a model on a task; `name` has both, with a colon between.

    Figures with a `source` are also a row of the table by era and source. Those have the `kind` of labels too, and who
    the passages were `labelled by`.
    """

    name: str
    figures: dict[str, Any]

    @property
    def model(self) -> str:
        """The name of the model."""
        return self.name.split(": ", 1)[0]

    @property
    def is_row_only(self) -> bool:
        """Whether the figures are nothing but a row of the table by era and source."""
        return "source" in self.figures and not self.figures.get("curves")


def source_measurement(
    model: str, kind: str, source: _PassageSource, figures: dict[str, Any], *, seen: bool = False
) -> Measurement:
    """The figures of a model with one kind of labels on passages of a source, `seen` in its training or not."""
    remark = " (seen in training)" if seen else ""
    row = {"kind": kind, "source": source.name + remark, "labelled by": source.labelled_by}
    return Measurement(f"{model}: {kind}, {source.name}, labelled by {source.labelled_by}{remark}", {**row, **figures})


def label_matrix(labels_of: Sequence[Sequence[str] | frozenset[str]], labels: Sequence[str]) -> LabelMatrix:
    """Whether each passage has each label, (passages, labels)."""
    return np.array([[label in own for label in labels] for own in labels_of], dtype=np.int8)


def label_scores(segments: Sequence[Segment], labels: Sequence[str]) -> FloatArray:
    """The score of each label of labelled segments, (segments, labels)."""
    return np.array([[{**one.scores, **one.category_scores}[label] for label in labels] for one in segments])


def measurements_json(measurements: Sequence[Measurement]) -> str:
    """The measurements as JSON."""
    return json.dumps([asdict(measurement) for measurement in measurements], indent=2)
