"""`train`: each model from the data, step by step: fast, teacher, accurate."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from extractor.errors import UsageError
from extractor.label import ACCURATE_FILES, LABELS, Encoder, FastModel, load_encoder, load_fast, save_card
from extractor.training.data.corrected import gold_with_corrections
from extractor.training.data.opp115 import read_opp115
from extractor.training.data.pool import Array, Passage, gold_pool, held_out, targets_of
from extractor.training.data.unlabelled import save_soft_labels, unlabelled_passages
from extractor.training.evaluation.drift_reference import build_reference, save_reference
from extractor.training.metrics import calibration_error
from extractor.training.models.details import add_details
from extractor.training.models.encoder import Progress, fine_tune, load_tuned, recipe_of
from extractor.training.models.fast import UNCLEAR, UNLABELLED, calibration, taught_pool, train_model
from extractor.training.models.quantize import export_int8
from extractor.version import VERSION

_SHARE = 0.5  # of the fast model's decision values beside the encoder's
_SURE = 0.1  # the widest at which no figure falls, on validation and on a fold: docs/labels.md
_LEARNERS = ("fast", "encoder")  # the models that learn from people's labels


def _nothing(*_: object) -> None:
    """No progress to show."""


@dataclass(frozen=True)
class Sources:
    """What to train on and with: OPP-115, the teacher's scores, encoders, a fast model to average them with."""

    data: Path
    teacher: Path | None = None
    encoders: Sequence[Path] = ()
    fast: Path | None = None
    passages: int = 8_000  # that the teacher is to label
    gold: Sequence[Path] = ()  # files of corrected segments


def train(model: str, sources: Sources, out: Path, *, exclude: str = "", progress: Progress = _nothing) -> str:
    """Trains one of STEPS and saves it in a folder; gives a line on what was done.

    Raises UsageError, UnreadableError and ConfigurationError.
    """
    if sources.gold and model not in _LEARNERS:
        raise UsageError(f"The {model} model learns nothing from --gold itself: give it to {' or '.join(_LEARNERS)}.")
    return _STEPS[model](sources, out, exclude, progress)


def _named(folder: Path | None, option: str) -> Path:
    """A folder that a step cannot do without. Raises UsageError."""
    if folder is None:
        raise UsageError(f"This model is built with another one: name its folder with {option}.")
    return folder


def _one_encoder(sources: Sources) -> Path:
    """The encoder of a step that takes one. Raises UsageError."""
    if len(sources.encoders) > 1:
        raise UsageError("Only the teacher is made of several encoders: name one with --encoder.")
    return _named(next(iter(sources.encoders), None), "--encoder")


def _build_fast(sources: Sources, out: Path, exclude: str, _: Progress) -> str:
    """The fast model."""
    return train_model(sources.data, out, exclude=exclude, teacher=sources.teacher, gold=sources.gold)


def _build_details(sources: Sources, out: Path, exclude: str, _: Progress) -> str:
    """Polarity and types of data for a model that is there already, whose other weights stay as they are."""
    model = _named(sources.fast, "--fast")
    if model.resolve() != out.resolve():
        shutil.copytree(model, out, dirs_exist_ok=True)
    return f"{add_details(read_opp115(sources.data), out, exclude)}: saved in {out}."


def _build_encoder(sources: Sources, out: Path, exclude: str, progress: Progress) -> str:
    """An encoder, fine-tuned: the teacher, and the accurate model before it is made small."""
    corpus = read_opp115(sources.data)
    taught = taught_pool(sources.data, sources.teacher)
    pool = [*gold_with_corrections(corpus, exclude, sources.gold), *taught]
    tuned = load_tuned(_one_encoder(sources))
    fine_tune(tuned, pool, recipe_of(tuned, bool(taught)), progress).save(out)
    return f"Tuned on {len(pool)} passages: saved in {out}."


def _build_teacher(sources: Sources, out: Path, _: str, progress: Progress) -> str:
    """The teacher's scores: the mean of tuned encoders, and a fast model's share, of policies that nobody labelled."""
    _named(next(iter(sources.encoders), None), "--encoder")
    fast = load_fast(_named(sources.fast, "--fast"))
    passages = unlabelled_passages(sources.data.parent / UNLABELLED)[: sources.passages]
    values, layers = _SHARE * fast.decision_values([row.reading for row in passages]), []
    for number, folder in enumerate(sources.encoders, 1):
        tuned = load_tuned(folder)
        values += tuned.values([row.text for row in passages]) / len(sources.encoders)
        layers.append(len(tuned.encoder.encoder.layer))
        progress("label", number, len(sources.encoders))
    save_soft_labels(passages, 1 / (1 + np.exp(-values)), out, _teacher_card(len(passages), layers))
    return f"{len(passages)} passages labelled: saved in {out}."


def _teacher_card(passages: int, layers: Sequence[int]) -> dict[str, object]:
    """What the teacher was; `layers` of each of its encoders."""
    return {
        "version": VERSION,
        "passages": passages,
        "labels": list(LABELS),
        "scores": "sigmoid(mean of encoders + share * fast), in 255ths",
        "share": _SHARE,
        "layers": list(layers),
    }


def _build_accurate(sources: Sources, out: Path, exclude: str, _: Progress) -> str:
    """The accurate model: a tuned encoder made small, its rules, and the fast model it is averaged with.

    Raises UsageError unless something was left out, which the model is calibrated by.
    """
    if not exclude:
        raise UsageError("The accurate model is calibrated by what it has not seen: name that with --exclude.")
    corpus = read_opp115(sources.data)
    tuned, fast = load_tuned(_one_encoder(sources)), _named(sources.fast, "--fast")
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(fast, out / "fast", ignore=shutil.ignore_patterns("*.md", "*.svg"), dirs_exist_ok=True)
    export_int8(tuned, [row.text for row in gold_pool(corpus, exclude)], out / "encoder.onnx")
    tuned.tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
    head = {name: value.detach().numpy() for name, value in (("weights", tuned.head.weight), ("bias", tuned.head.bias))}
    np.savez(out / "head.npz", allow_pickle=False, **head)
    rules = _rules_of(load_encoder(out), load_fast(fast), held_out(corpus, exclude))
    save_card(_accurate_card(load_fast(fast), rules, exclude), out, ACCURATE_FILES)
    return f"An encoder of {(out / 'encoder.onnx').stat().st_size / 1e6:.0f} MB: saved in {out}."


def _rules_of(encoder: Encoder, fast: FastModel, unseen: Sequence[Passage]) -> dict[str, dict[str, float]]:
    """How decision values become scores, by what both say of passages that neither has seen."""
    values = encoder.decision_values([row.text for row in unseen])
    values += _SHARE * fast.decision_values([row.reading for row in unseen])
    targets = targets_of(unseen)
    truth = np.where(np.isnan(targets), targets, targets >= 0.5)
    limits = [_SHARE * fast.card["labels"][label]["boundary"] for label in LABELS]
    return {label: _rule(values[:, k], truth[:, k], limits[k]) for k, label in enumerate(LABELS)}


def _rule(values: Array, truth: Array, boundary: float) -> dict[str, float]:
    """The rule of one label, which is given from the boundary on: the encoder's is 0, the fast model has its own.

    The calibration error is that of each half by what the other half taught.
    """
    slope, shift = (round(number, 6) for number in calibration(values, truth))
    return {
        "slope": slope,
        "shift": shift,
        "boundary": boundary,
        "threshold": round(1 / (1 + math.exp(-(slope * boundary + shift))), 4),
        "calibration error": _halves_error(values, truth),
    }


def _halves_error(values: Array, truth: Array) -> float:
    """The calibration error of each half of the passages, every other one, by a calibration on the other half."""
    known = np.flatnonzero(~np.isnan(truth))
    scores = np.zeros(len(known))
    for half in (0, 1):
        slope, shift = calibration(values[known[1 - half :: 2]], truth[known[1 - half :: 2]])
        scores[half::2] = 1 / (1 + np.exp(-(slope * values[known[half::2]] + shift)))
    return calibration_error(scores, truth[known].astype(np.int8))


def _accurate_card(fast: FastModel, rules: dict[str, dict[str, float]], exclude: str) -> dict[str, Any]:
    """The model's JSON."""
    return {
        "kind": "accurate",
        "name": "accurate",
        "version": VERSION,
        "share": _SHARE,
        "sure": _SURE,
        "trained_on": {**fast.card["trained_on"], "excluded": exclude},
        "unclear": UNCLEAR,
        "labels": rules,
    }


def _build_drift(sources: Sources, out: Path, _: str, __: Progress) -> str:
    """The reference that drift is measured against."""
    reference = build_reference(read_opp115(sources.data))
    save_reference(reference, out)
    return f"{len(reference.stems)} stems of {reference.policies} policies: saved in {out}."


_STEPS: dict[str, Callable[[Sources, Path, str, Progress], str]] = {
    "fast": _build_fast,
    "details": _build_details,
    "encoder": _build_encoder,
    "teacher": _build_teacher,
    "accurate": _build_accurate,
    "drift": _build_drift,
}
MODEL_NAMES = tuple(_STEPS)
