"""A model on the disk: plain arrays and text with a JSON beside them, never a pickle.

model.json    what the model is, its cues, how scores become labels, and the SHA-256 of the other files
terms.txt     the features, one a line
weights.npz   idf (features), weights (labels, features), bias (labels)
details/      polarity and types of data (extractor.label.details), where they were learned
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

FORMAT = 2
_FILES = ("terms.txt", "weights.npz")
_OPTIONAL = ("details/details.json",)
_ARRAYS = ("idf", "weights", "bias")


@dataclass(frozen=True)
class Stored:
    """The content of a model's folder: features, a linear rule a label, and the JSON with everything else."""

    vocabulary: Vocabulary
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    card: dict[str, Any]
    sha256: str = ""


def save(model: Stored, folder: Path) -> None:
    """Writes a model; the same model gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = model.vocabulary
    (folder / "terms.txt").write_bytes("\n".join(vocabulary.terms).encode())
    arrays = (vocabulary.weights, model.weights, model.bias)
    halves: dict[str, Any] = {name: array.astype(np.float16) for name, array in zip(_ARRAYS, arrays, strict=True)}
    np.savez_compressed(folder / "weights.npz", allow_pickle=False, **halves)
    save_card({**model.card, "cues": vocabulary.cues}, folder, _FILES)


def save_card(card: dict[str, Any], folder: Path, files: Sequence[str]) -> None:
    """Writes a model's JSON with the hashes of its files."""
    _write_card({"format": FORMAT, **card, "sha256": {name: sha256(folder / name) for name in files}}, folder)


def _write_card(card: dict[str, Any], folder: Path) -> None:
    """Writes a model's JSON."""
    (folder / "model.json").write_bytes(json.dumps(card, indent=2, ensure_ascii=False).encode() + b"\n")


def name_file(folder: Path, name: str) -> None:
    """Names a further file, or one that has changed, in a model's JSON, whose hash then covers it."""
    card: dict[str, Any] = json.loads((folder / "model.json").read_bytes())
    _write_card({**card, "sha256": {**card["sha256"], name: sha256(folder / name)}}, folder)


def read(folder: Path) -> Stored:
    """Reads a model. Raises ModelError where a file is missing, changed, or of another format."""
    card = read_card(folder, _FILES, _OPTIONAL)
    terms = (folder / "terms.txt").read_bytes().decode().split("\n")
    try:
        with np.load(folder / "weights.npz", allow_pickle=False) as stored:
            idf, weights, bias = (stored[name].astype(np.float32) for name in _ARRAYS)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder / 'weights.npz'} cannot be read ({error}): train the model again.") from error
    return Stored(Vocabulary(terms, idf, card.get("cues", {})), weights, bias, card, sha256(folder / "model.json"))


def read_card(folder: Path, files: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Any]:
    """The JSON of a model, whose files are those it names: these, and some of the optional ones.

    Raises ModelError where it is missing, no JSON, or of another format, and where a file is missing or changed.
    """
    card = _checked_card(folder, files, optional)
    for name, expected in card["sha256"].items():
        if sha256(folder / name) != expected:
            raise ModelError(
                f"{folder / name} is not the file that model.json names: install or train the model again."
            )
    return card


def _checked_card(folder: Path, files: Sequence[str], optional: Sequence[str]) -> dict[str, Any]:
    """The JSON of a model. Raises ModelError where it is missing, no JSON, or of another format."""
    try:
        card: dict[str, Any] = json.loads((folder / "model.json").read_bytes())
        if card["format"] == FORMAT and set(card["sha256"]) - set(optional) == set(files):
            return card
        form = card["format"]
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} holds no model (no model.json): name fast or accurate, or the folder of a model."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder / 'model.json'} cannot be read ({error}): train the model again.") from error
    raise ModelError(
        f"The model in {folder} has format {form}, this release reads format {FORMAT}: train it again, "
        "or install the release that made it."
    )


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file. Raises ModelError where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}): install or train the model again.") from error
