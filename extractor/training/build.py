"""Builds each model from the data: what `archived-policy train` does."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from extractor.errors import UsageError
from extractor.label import (
    LABELS,
    Encoder,
    FastModel,
    FloatArray,
    load_encoder,
    load_fast,
)
from extractor.modelcard import ACCURATE_FILES, save_card
from extractor.progress import Progress, no_progress
from extractor.training.data import (
    DATED_POLICIES,
    TrainingPassage,
    has_own_bias,
    labelled_passages,
    read_opp115,
    read_unlabelled_passages,
    save_soft_labels,
    target_matrix,
    teacher_passages,
    unseen_passages,
)
from extractor.training.evaluation import build_drift_reference, save_drift_reference
from extractor.training.metrics import calibration_error
from extractor.training.models import (
    UNCERTAIN_MARGIN,
    add_details,
    export_int8,
    fine_tune,
    fit_calibration,
    limit_activations,
    load_trainable_encoder,
    train_content_model,
    train_fast_model,
    train_verdict_model,
    tuning_recipe,
)
from extractor.version import VERSION

_FAST_SHARE = 0.5  # the weight of the fast model's decision values beside the encoder's
_SURE_MARGIN = 0.2  # the largest with which no figure falls on held-out passages: docs/labels.md
# Added to the boundary of a label, otherwise the fast model's share; chosen on held-out passages of OPP-115 and
# of all eras, which differ most in what counts as a choice
_ENCODER_BOUNDARIES = {"rights": 1.25}
_GOLD_MODELS = ("fast", "encoder")  # those that learn from --gold


@dataclass(frozen=True)
class TrainingInputs:
    """What a model is trained on and with: the folder of OPP-115, and the options of `train`."""

    data: Path
    teacher: Path | None = None  # the folder with the teacher's scores
    encoders: Sequence[Path] = ()
    fast: Path | None = None  # the folder of a fast model
    layers: Sequence[int] = ()  # of the encoder to tune, all without any
    seed: int = 0  # of the encoder to tune
    passages: int = 20_000  # for the teacher to label
    gold: Sequence[Path] = ()  # files of corrected segments


def train(model: str, inputs: TrainingInputs, out: Path, *, exclude: str = "", progress: Progress = no_progress) -> str:
    """Trains one of MODEL_NAMES and saves it in a folder; returns a summary.

    Raises UsageError, UnreadableError and ConfigurationError.
    """
    if inputs.gold and model not in _GOLD_MODELS:
        raise UsageError(f"The {model} model does not learn from --gold: use it with {' or '.join(_GOLD_MODELS)}.")
    return _BUILDERS[model](inputs, out, exclude, progress)


def _required_folder(folder: Path | None, option: str) -> Path:
    """A folder that a model needs. Raises UsageError if it is not named."""
    if folder is None:
        raise UsageError(f"This model is built with another one: name its folder with {option}.")
    return folder


def _first_encoder(inputs: TrainingInputs) -> Path:
    """The first encoder named. Raises UsageError if there is none."""
    return _required_folder(next(iter(inputs.encoders), None), "--encoder")


def _only_encoder(inputs: TrainingInputs) -> Path:
    """The encoder of a model that takes one. Raises UsageError if none or several are named."""
    if len(inputs.encoders) > 1:
        raise UsageError("Only the teacher is made of several encoders: name one with --encoder.")
    return _first_encoder(inputs)


def _build_fast(inputs: TrainingInputs, out: Path, exclude: str, _: Progress) -> str:
    """Builds the fast model."""
    return train_fast_model(inputs.data, out, exclude=exclude, teacher=inputs.teacher, gold=inputs.gold)


def _build_details(inputs: TrainingInputs, out: Path, exclude: str, _: Progress) -> str:
    """Adds polarity and data types to an existing model, whose other weights do not change."""
    model = _required_folder(inputs.fast, "--fast")
    if model.resolve() != out.resolve():
        shutil.copytree(model, out, dirs_exist_ok=True)
    return f"{add_details(inputs.data, read_opp115(inputs.data), out, exclude)}: saved in {out}."


def _build_encoder(inputs: TrainingInputs, out: Path, exclude: str, progress: Progress) -> str:
    """Fine-tunes an encoder, for the teacher, or for the accurate model before it is quantized."""
    corpus = read_opp115(inputs.data)
    taught = teacher_passages(inputs.data, inputs.teacher)
    passages = [*labelled_passages(inputs.data, corpus, exclude, inputs.gold), *taught]
    encoder = load_trainable_encoder(_only_encoder(inputs), inputs.layers, inputs.seed)
    if taught:
        limit_activations(encoder.encoder)
    recipe = tuning_recipe(encoder, with_teacher=bool(taught))
    fine_tune(encoder, passages, recipe, seed=inputs.seed, progress=progress).save(out)
    return f"Tuned on {len(passages)} passages: saved in {out}."


def _build_teacher(inputs: TrainingInputs, out: Path, _: str, progress: Progress) -> str:
    """Saves the teacher's scores of unlabelled policies: the mean of tuned encoders, and a fast model's share."""
    _first_encoder(inputs)
    fast = load_fast(_required_folder(inputs.fast, "--fast"))
    passages = read_unlabelled_passages(inputs.data.parent / DATED_POLICIES)[: inputs.passages]
    values = _FAST_SHARE * fast.decision_values([passage.model_input for passage in passages])
    layers = []
    for number, folder in enumerate(inputs.encoders, 1):
        encoder = load_trainable_encoder(folder)
        values += encoder.decision_values([passage.text for passage in passages]) / len(inputs.encoders)
        layers.append(len(encoder.layers))
        progress("label", number, len(inputs.encoders))
    card = {
        "version": VERSION,
        "passages": len(passages),
        "labels": list(LABELS),
        "scores": "sigmoid(mean of encoders + share * fast), in 255ths",
        "share": _FAST_SHARE,
        "layers": layers,
    }
    save_soft_labels(passages, 1 / (1 + np.exp(-values)), out, card)
    return f"{len(passages)} passages labelled: saved in {out}."


def _build_accurate(inputs: TrainingInputs, out: Path, exclude: str, _: Progress) -> str:
    """Builds the accurate model: a quantized encoder, its linear rules, and the fast model that it is averaged with.

    Raises UsageError if nothing is excluded, as the model is calibrated on that.
    """
    if not exclude:
        raise UsageError(
            "The accurate model is calibrated on passages that it has not seen: name these with --exclude."
        )
    corpus = read_opp115(inputs.data)
    tuned, fast = load_trainable_encoder(_only_encoder(inputs)), _required_folder(inputs.fast, "--fast")
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(fast, out / "fast", ignore=shutil.ignore_patterns("*.md", "*.svg"), dirs_exist_ok=True)
    passages = labelled_passages(inputs.data, corpus, exclude)
    export_int8(tuned, [passage.text for passage in passages], out / "encoder.onnx")
    tuned.tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
    unseen = unseen_passages(inputs.data, corpus, exclude)
    rules = _label_rules(load_encoder(out), load_fast(fast), unseen)
    save_card(_accurate_card(load_fast(fast), rules, exclude), out, ACCURATE_FILES)
    return f"An encoder of {(out / 'encoder.onnx').stat().st_size / 1e6:.0f} MB: saved in {out}."


def _label_rules(encoder: Encoder, fast: FastModel, unseen: Sequence[TrainingPassage]) -> dict[str, dict[str, float]]:
    """How decision values become scores and labels, calibrated on passages that neither model has seen."""
    values = encoder.decision_values([passage.text for passage in unseen])
    values += _FAST_SHARE * fast.decision_values([passage.model_input for passage in unseen])
    targets = np.where(has_own_bias(unseen), np.nan, target_matrix(unseen))
    truth = np.where(np.isnan(targets), targets, targets >= 0.5)
    boundaries = [
        _FAST_SHARE * fast.card["labels"][label]["boundary"] + _ENCODER_BOUNDARIES.get(label, 0.0) for label in LABELS
    ]
    return {label: _label_rule(values[:, k], truth[:, k], boundaries[k]) for k, label in enumerate(LABELS)}


def _label_rule(values: FloatArray, truth: FloatArray, boundary: float) -> dict[str, float]:
    """The rule of a label, which is assigned from the boundary on.

    The calibration error is cross-validated on two halves.
    """
    slope, shift = (round(number, 6) for number in fit_calibration(values, truth))
    return {
        "slope": slope,
        "shift": shift,
        "boundary": boundary,
        "threshold": round(1 / (1 + math.exp(-(slope * boundary + shift))), 4),
        "calibration error": _cross_calibration_error(values, truth),
    }


def _cross_calibration_error(values: FloatArray, truth: FloatArray) -> float:
    """The calibration error when each half of the passages, every other one, is calibrated on the other half."""
    known = np.flatnonzero(~np.isnan(truth))
    scores = np.zeros(len(known))
    for half in (0, 1):
        slope, shift = fit_calibration(values[known[1 - half :: 2]], truth[known[1 - half :: 2]])
        scores[half::2] = 1 / (1 + np.exp(-(slope * values[known[half::2]] + shift)))
    return calibration_error(scores, truth[known].astype(np.int8))


def _accurate_card(fast: FastModel, rules: dict[str, dict[str, float]], exclude: str) -> dict[str, Any]:
    """The accurate model's JSON."""
    return {
        "kind": "accurate",
        "name": "accurate",
        "version": VERSION,
        "share": _FAST_SHARE,
        "sure": _SURE_MARGIN,
        "trained_on": {**fast.card["trained_on"], "excluded": exclude},
        "unclear": UNCERTAIN_MARGIN,
        "labels": rules,
    }


def _build_drift(inputs: TrainingInputs, out: Path, _: str, __: Progress) -> str:
    """Builds the reference that drift is measured against."""
    reference = build_drift_reference(inputs.data)
    save_drift_reference(reference, out)
    return f"{len(reference.stems)} stems of {reference.policies} policies: saved in {out}."


_BUILDERS: dict[str, Callable[[TrainingInputs, Path, str, Progress], str]] = {
    "fast": _build_fast,
    "details": _build_details,
    "encoder": _build_encoder,
    "teacher": _build_teacher,
    "accurate": _build_accurate,
    "drift": _build_drift,
    "content": lambda inputs, out, *_: train_content_model(inputs.data, out),
    "verdict": lambda inputs, out, *_: train_verdict_model(inputs.data, out),
}
MODEL_NAMES = tuple(_BUILDERS)
