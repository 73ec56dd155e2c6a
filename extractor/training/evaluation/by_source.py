"""Measures a stored model on passages of all eras, and on those of people with conventions of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from extractor.label import Model
from extractor.records import CATEGORIES, PRACTICES, Practice, Segment
from extractor.training.data import (
    EraPassage,
    HumanPassage,
    is_held_out,
    read_c3pa,
    read_era_passages,
    read_human_passages,
    text_segment,
)
from extractor.training.evaluation.measurement import (
    ALL_ERAS,
    C3PA_SOURCE,
    ERA_SOURCES,
    HUMAN_SOURCES,
    Measurement,
    label_matrix,
    label_scores,
    source_measurement,
)
from extractor.training.metrics import label_metrics, rounded_ratio

_DENIALS = ("does_not", "mixed")
_C3PA_FOLDER = "extraction/c3pa"  # beside the folder of OPP-115

_Labelled = Sequence[tuple[EraPassage, Segment]]  # a passage, and as the model labels it


def measure_eras(name: str, model: Model, data: Path, *, seen: bool) -> Iterator[Measurement]:
    """The figures of a model on the held-out policies of all eras, if any: practices, categories and polarity."""
    passages = [passage for passage in read_era_passages(data) if is_held_out(passage.policy)]
    if not passages:
        return
    labelled = list(zip(passages, model.label([passage.segment for passage in passages]), strict=True))
    by_era = {source: [pair for pair in labelled if pair[0].era == era] for era, source in ERA_SOURCES.items()}
    for source, own in {ALL_ERAS: labelled, **by_era}.items():
        if not own:
            continue
        for kind, figures in (
            ("practices", _label_metrics(own, PRACTICES, with_scores=source == ALL_ERAS)),
            ("categories", _label_metrics(own, CATEGORIES, with_scores=False)),
            ("polarity", _polarity_metrics(own)),
        ):
            yield source_measurement(name, kind, source, figures, seen=seen)


def _label_metrics(labelled: _Labelled, labels: Sequence[str], *, with_scores: bool) -> dict[str, Any]:
    """The figures of practices or categories."""
    passages, segments = zip(*labelled, strict=True)
    truth = label_matrix([passage.labels for passage in passages], labels)
    predicted = label_matrix([(*segment.practices, *segment.categories) for segment in segments], labels)
    scores = label_scores(segments, labels) if with_scores else None
    return label_metrics(labels, truth, predicted, scores, [passage.policy for passage in passages])


def _polarity_metrics(labelled: _Labelled) -> dict[str, Any]:
    """The figures of practices that are denied, or both done and denied; a practice of a passage counts once."""
    cases = [(passage, segment, practice) for passage, segment in labelled for practice in PRACTICES]
    truth = label_matrix([[passage.denied.get(practice, "")] for passage, _, practice in cases], _DENIALS)
    predicted = label_matrix([[_polarity(segment, practice)] for _, segment, practice in cases], _DENIALS)
    figures = label_metrics(_DENIALS, truth, predicted, groups=[passage.policy for passage, *_ in cases])
    return {**figures, "passages": len(labelled)}


def _polarity(segment: Segment, practice: Practice) -> str:
    """The polarity that a model gives to a practice, "" without the practice."""
    return segment.polarity[practice] if practice in segment.practices else ""


def measure_human(name: str, model: Model, data: Path) -> Iterator[Measurement]:
    """The figures of a model on the corpora of people with other conventions, over the practices that they mark."""
    passages = read_human_passages(data)
    for corpus, source in HUMAN_SOURCES.items():
        own = [passage for passage in passages if passage.corpus == corpus]
        if own:
            yield source_measurement(name, "practices", source, _human_metrics(model, own))


def _human_metrics(model: Model, passages: Sequence[HumanPassage]) -> dict[str, Any]:
    """The figures of the practices that a corpus marks."""
    marked = [practice for practice in PRACTICES if practice in passages[0].practices]
    truth = np.array([[passage.practices[practice] for practice in marked] for passage in passages], dtype=np.int8)
    segments = model.label([passage.segment for passage in passages])
    predicted = label_matrix([segment.practices for segment in segments], marked)
    return label_metrics(marked, truth, predicted, groups=[passage.policy for passage in passages])


def measure_c3pa(name: str, model: Model, data: Path) -> Iterator[Measurement]:
    """The share of C3PA's marked passages in which a model finds the practice; whether others have it is not known."""
    examples = read_c3pa(data.parent / _C3PA_FOLDER)
    if not examples:
        return
    segments = model.label([text_segment(example.text) for example in examples])
    predicted = label_matrix([segment.practices for segment in segments], PRACTICES)
    truth = label_matrix([example.labels for example in examples], PRACTICES)
    hits, positives = (truth * predicted).sum(0), truth.sum(0)
    labels = {
        label: {"recall": rounded_ratio(hits[k], positives[k]), "positives": int(positives[k])}
        for k, label in enumerate(PRACTICES)
        if positives[k]
    }
    yield source_measurement(name, "practices", C3PA_SOURCE, {"passages": len(examples), "labels": labels})
