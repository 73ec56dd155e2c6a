"""Measures models by builds that have not seen what they are measured on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from extractor.errors import UnreadableError
from extractor.label import Model, load_model
from extractor.records import CATEGORIES, PRACTICES
from extractor.training.data import (
    LabelledText,
    Opp115Corpus,
    held_out_passages,
    read_era_passages,
    read_opp115,
    teacher_passages,
    text_segment,
)
from extractor.training.evaluation.by_source import measure_c3pa, measure_eras, measure_human
from extractor.training.evaluation.details import DETAILS, measure_details
from extractor.training.evaluation.folds import measure_folds
from extractor.training.evaluation.measurement import (
    THREE_ANNOTATORS,
    Measurement,
    label_matrix,
    label_scores,
)
from extractor.training.metrics import label_metrics
from extractor.training.models import train_fast_model


def evaluate(
    data: Path, models: Sequence[str] = (), *, teacher: Path | None = None, learning_curve: bool = False
) -> list[Measurement]:
    """The measurements of the named models; without a name, of fast models and details built for each measurement.

    `learning_curve` adds the figures of fast models that learn from fewer policies. Raises UnreadableError and
    ModelError.
    """
    corpus = read_opp115(data)
    if models:
        return [measurement for name in models for measurement in _measure_by_name(name, corpus, data)]
    folds = list(measure_folds(data, corpus, teacher_passages(data, teacher), learning_curve=learning_curve))
    with TemporaryDirectory() as folder:
        train_fast_model(data, Path(folder), exclude="validation", teacher=teacher)
        built = _measure_model("fast", load_model(folder), corpus, data)
    names = {one.name for one in folds}  # of the folds too are the practices of all eras, and of more policies
    return [*folds, *(one for one in built if one.name not in names), *_measure_by_name(DETAILS, corpus, data)]


def _measure_by_name(name: str, corpus: Opp115Corpus, data: Path) -> list[Measurement]:
    """The measurements of a stored model, or of "details" (polarity, data types) built for each measurement."""
    if name == DETAILS:
        return [Measurement(*named) for named in measure_details(corpus.rows, read_era_passages(data)).items()]
    return _measure_model(name, load_model(name), corpus, data)


def _measure_model(name: str, model: Model, corpus: Opp115Corpus, data: Path) -> list[Measurement]:
    """The measurements of a model on what its build excluded, else on the validation set, and on other corpora."""
    excluded = str(model.card["trained_on"].get("excluded", ""))
    return [
        *_measure_opp115(name, model, corpus, excluded),
        *measure_eras(name, model, data, seen=not excluded),
        *measure_human(name, model, data),
        *measure_c3pa(name, model, data),
    ]


def _measure_opp115(name: str, model: Model, corpus: Opp115Corpus, excluded: str) -> Iterator[Measurement]:
    """The figures of practices and categories on passages of OPP-115. Raises UnreadableError where there are none."""
    task = "a fold of unseen policies" if excluded == "fold" else "validation"
    seen = "" if excluded else " (seen in training)"
    for kind, labels, examples in zip(
        ("practices", "categories"), (PRACTICES, CATEGORIES), _evaluation_examples(corpus, excluded), strict=True
    ):
        if not examples:
            raise UnreadableError(f"There are no passages to measure {kind} on: of {task} the data has none.")
        row = {"kind": kind, "source": f"OPP-115 of 2015, {task}{seen}", "labelled by": THREE_ANNOTATORS}
        yield Measurement(f"{name}: {kind}, {task}{seen}", {**row, **_scheme_metrics(model, examples, labels)})


def _evaluation_examples(corpus: Opp115Corpus, excluded: str) -> tuple[list[LabelledText], list[LabelledText]]:
    """The segments to measure practices on, and the passages to measure categories on."""
    if excluded != "fold":
        return [row for row in corpus.practices if row.split == "validation"], corpus.validation
    policies = {row.policy for row in held_out_passages(corpus, "fold")}
    practices = [row for row in corpus.practices if row.policy in policies]
    return practices, [row for row in corpus.categories if row.policy in policies and row.labels]


def _scheme_metrics(model: Model, examples: Sequence[LabelledText], labels: Sequence[str]) -> dict[str, Any]:
    """The figures of a model on examples, with the labels of one scheme."""
    segments = model.label([text_segment(example.text) for example in examples])
    predicted = label_matrix([(*segment.practices, *segment.categories) for segment in segments], labels)
    truth = label_matrix([example.labels for example in examples], labels)
    return label_metrics(labels, truth, predicted, label_scores(segments, labels))
