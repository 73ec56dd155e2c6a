"""A model's files: plain arrays and text with a JSON, never a pickle.

model.json    name, version, cues, how scores become labels, and the SHA-256 of the other files
terms.txt     the features, one a line
weights.npz   idf (features), weights (labels, features), bias (labels)
details/      rules for polarity and data types (extractor.label.details), if they were learned
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.features import Vocabulary
from extractor.modelcard import CARD, FAST_FILES, file_sha256, read_fast_card, save_card

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
    save_card({**model.card, "cues": vocabulary.cues}, folder, FAST_FILES)


def read_model(folder: Path) -> StoredModel:
    """Reads a model. Raises ModelError if a file is missing, changed, or of another format."""
    card = read_fast_card(folder)
    terms = (folder / "terms.txt").read_bytes().decode().split("\n")
    try:
        with np.load(folder / "weights.npz", allow_pickle=False) as stored:
            idf, weights, bias = (stored[name].astype(np.float32) for name in _ARRAYS)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder / 'weights.npz'} cannot be read ({error}): train the model again.") from error
    return StoredModel(Vocabulary(terms, idf, card.get("cues", {})), weights, bias, card, file_sha256(folder / CARD))
