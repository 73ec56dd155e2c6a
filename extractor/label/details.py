"""What a labelled segment says of its practices: whether they are done, and of which types of data. Kept with a model.

details/details.json   the limits, the kinds of data, and the SHA-256 of the other files
details/names.txt      what sentences are told by (extractor.label.negation), one a line
details/weights.npz    denies, asserts (practices, names) and their biases; types (kinds, features of the model), bias
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from extractor.errors import ModelError
from extractor.label.datatypes import SCOPES, TypeRules
from extractor.label.polarity import Limits, Linear, PolarityRules
from extractor.label.store import name_file, sha256
from extractor.records import DATA_TYPES, PRACTICES, Segment

CARD, _NAMES, _WEIGHTS = "details/details.json", "details/names.txt", "details/weights.npz"
_ARRAYS = ("denies", "denies_bias", "asserts", "asserts_bias", "types", "types_bias")


@dataclass(frozen=True)
class Details:
    """The rules for polarity and for types of data."""

    polarity: PolarityRules
    types: TypeRules

    def applied(self, segments: Sequence[Segment], texts: Sequence[str], vectors: csr_matrix) -> list[Segment]:
        """Labelled segments with polarity and data types; `texts` and `vectors` are what the model reads of each."""
        practices = [segment.practices for segment in segments]
        found = self.polarity.polarities(texts, practices), self.types.data_types(vectors, practices)
        return [
            replace(segment, polarity=polarity, data_types=named) if segment.practices else segment
            for segment, polarity, named in zip(segments, *found, strict=True)
        ]


def save_details(details: Details, folder: Path, about: dict[str, Any]) -> None:
    """Puts details into a model's folder, with what is to be said about them; the same give the same bytes."""
    (folder / CARD).parent.mkdir(parents=True, exist_ok=True)
    (folder / _NAMES).write_bytes("\n".join(details.polarity.names).encode())
    rules, types = details.polarity, details.types
    linear = (rules.denies, rules.asserts, types)
    arrays = [array for one in linear for array in (one.weights, one.bias)]
    halves: dict[str, Any] = {name: array.astype(np.float16) for name, array in zip(_ARRAYS, arrays, strict=True)}
    np.savez_compressed(folder / _WEIGHTS, allow_pickle=False, **halves)
    limits = zip(types.kinds, types.limits.tolist(), strict=True)
    card = {
        **about,
        "polarity": {name: round(float(limit), 4) for name, limit in rules.limits._asdict().items()},
        "types": [{"practice": scope, "type": name, "limit": round(limit, 4)} for (scope, name), limit in limits],
        "sha256": {name: sha256(folder / name) for name in (_NAMES, _WEIGHTS)},
    }
    (folder / CARD).write_bytes(json.dumps(card, indent=2, ensure_ascii=False).encode() + b"\n")
    name_file(folder, CARD)


def read_details(folder: Path, features: int) -> Details:
    """The details in the folder of a model with so many features. Raises ModelError where they are damaged."""
    try:
        card: dict[str, Any] = json.loads((folder / CARD).read_bytes())
        for name in (_NAMES, _WEIGHTS):
            if sha256(folder / name) != card["sha256"][name]:
                raise ModelError(f"{folder / name} is not the file that details.json names: train the model again.")
        return _details_of(card, folder, features)
    except (OSError, KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder / CARD} cannot be read ({error}): train the model again.") from error


def _details_of(card: dict[str, Any], folder: Path, features: int) -> Details:
    """The details that a JSON and its files describe. Raises KeyError, TypeError, ValueError where they do not fit."""
    names = (folder / _NAMES).read_bytes().decode().split("\n")
    with np.load(folder / _WEIGHTS, allow_pickle=False) as stored:
        denies, denies_bias, asserts, asserts_bias, types, types_bias = (
            stored[name].astype(np.float32) for name in _ARRAYS
        )
    kinds = tuple((row["practice"], row["type"]) for row in card["types"])
    if denies.shape != (len(PRACTICES), len(names)) or asserts.shape != denies.shape:
        raise ValueError(f"weights of shape {denies.shape} for {len(PRACTICES)} practices and {len(names)} names")
    if types.shape != (len(kinds), features):
        raise ValueError(f"weights of shape {types.shape} for {len(kinds)} kinds of data and {features} features")
    if unknown := [kind for kind in kinds if kind[0] not in SCOPES or kind[1] not in DATA_TYPES]:
        raise ValueError(f"there is no kind of data {unknown[0]}")
    limits = np.array([float(row["limit"]) for row in card["types"]], dtype=np.float32)
    bounds = Limits(*(float(card["polarity"][name]) for name in Limits._fields))
    rules = PolarityRules(names, Linear(denies, denies_bias), Linear(asserts, asserts_bias), bounds)
    return Details(rules, TypeRules(kinds, types, types_bias, limits))
