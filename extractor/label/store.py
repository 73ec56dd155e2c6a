"""A model's files: plain arrays and text with a JSON, never a pickle.

model.json    name, version, cues, how scores become labels, and the SHA-256 of the other files
terms.txt     the features, one a line
weights.npz   idf (features), weights (labels, features), bias (labels)
details/      rules for polarity and data types (extractor.label.details), if they were learned
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.features import Vocabulary

MODEL_FORMAT = 2
_FILES = ("terms.txt", "weights.npz")
_OPTIONAL_FILES = ("details/details.json",)
_ARRAYS = ("idf", "weights", "bias")


@dataclass(frozen=True)
class StoredModel:
    """The content of a model's folder: features, a linear rule for each label, and the JSON with everything else."""

    vocabulary: Vocabulary
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    card: dict[str, Any]
    sha256: str = ""


def save_model(model: StoredModel, folder: Path) -> None:
    """Writes a model. The same model gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = model.vocabulary
    (folder / "terms.txt").write_bytes("\n".join(vocabulary.terms).encode())
    arrays = (vocabulary.weights, model.weights, model.bias)
    halves: dict[str, Any] = {name: array.astype(np.float16) for name, array in zip(_ARRAYS, arrays, strict=True)}
    np.savez_compressed(folder / "weights.npz", allow_pickle=False, **halves)
    save_card({**model.card, "cues": vocabulary.cues}, folder, _FILES)


def save_card(card: dict[str, Any], folder: Path, files: Sequence[str]) -> None:
    """Writes a model's JSON with the hashes of its files."""
    hashes = {name: file_sha256(folder / name) for name in files}
    _write_card({"format": MODEL_FORMAT, **card, "sha256": hashes}, folder)


def _write_card(card: dict[str, Any], folder: Path) -> None:
    """Writes a model's JSON."""
    (folder / "model.json").write_bytes(json.dumps(card, indent=2, ensure_ascii=False).encode() + b"\n")


def update_file_hash(folder: Path, name: str) -> None:
    """Sets the hash of a new or changed file in a model's JSON."""
    card: dict[str, Any] = json.loads((folder / "model.json").read_bytes())
    _write_card({**card, "sha256": {**card["sha256"], name: file_sha256(folder / name)}}, folder)


def read_model(folder: Path) -> StoredModel:
    """Reads a model. Raises ModelError if a file is missing, changed, or of another format."""
    card = read_card(folder, _FILES, _OPTIONAL_FILES)
    terms = (folder / "terms.txt").read_bytes().decode().split("\n")
    try:
        with np.load(folder / "weights.npz", allow_pickle=False) as stored:
            idf, weights, bias = (stored[name].astype(np.float32) for name in _ARRAYS)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder / 'weights.npz'} cannot be read ({error}): train the model again.") from error
    return StoredModel(
        Vocabulary(terms, idf, card.get("cues", {})), weights, bias, card, file_sha256(folder / "model.json")
    )


def read_card(folder: Path, files: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Any]:
    """The JSON of a model, which must list all of `files` and may list the optional ones.

    Raises ModelError if it is missing, not JSON or of another format, or if a file is missing or changed.
    """
    card = _checked_card(folder, files, optional)
    for name, expected in card["sha256"].items():
        if file_sha256(folder / name) != expected:
            raise ModelError(
                f"{folder / name} does not match its hash in model.json: install or train the model again."
            )
    return card


def _checked_card(folder: Path, files: Sequence[str], optional: Sequence[str]) -> dict[str, Any]:
    """The JSON of a model. Raises ModelError if it is missing, not JSON, or of another format."""
    try:
        card: dict[str, Any] = json.loads((folder / "model.json").read_bytes())
        if card["format"] == MODEL_FORMAT and set(card["sha256"]) - set(optional) == set(files):
            return card
        found_format = card["format"]
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} holds no model (no model.json): name fast or accurate, or the folder of a model."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder / 'model.json'} cannot be read ({error}): train the model again.") from error
    raise ModelError(
        f"The model in {folder} has format {found_format}, this release reads format {MODEL_FORMAT}: train it again, "
        "or install the release that made it."
    )


def file_sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file. Raises ModelError if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}): install or train the model again.") from error
