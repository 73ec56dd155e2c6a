"""Details of a labelled segment: the polarity of its practices, and the types of data that they concern.

details/details.json   the thresholds, the kinds of data, and the SHA-256 of the other files
details/names.txt      the features of sentences (extractor.label.negation), one a line
details/weights.npz    denies, asserts (practices, names) and their biases; types (kinds, features of the model), bias
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from extractor.errors import ModelError
from extractor.label.data_types import DATA_TYPE_PRACTICES, DataTypeRules
from extractor.label.features import InputFeatures
from extractor.label.plain_statements import has_cells, may_deny
from extractor.label.polarity import LinearRules, PolarityRules, PolarityThresholds
from extractor.modelcard import file_sha256, update_file_hash
from extractor.records import DATA_TYPES, PRACTICES, DataTypes, Practice, PracticePolarity, Segment

DETAILS_CARD, _NAMES, _WEIGHTS = "details/details.json", "details/names.txt", "details/weights.npz"
_ARRAYS = ("denies", "denies_bias", "asserts", "asserts_bias", "types", "types_bias")


@dataclass(frozen=True)
class Details:
    """The rules for polarity and for types of data."""

    polarity: PolarityRules
    data_types: DataTypeRules

    def of_segments(
        self,
        segments: Sequence[Segment],
        practices: Sequence[Sequence[Practice]],
        texts: Sequence[str],
        features: InputFeatures,
    ) -> Iterator[tuple[PracticePolarity, DataTypes]]:
        """The polarity and data types of the practices of segments, from the passages that the model read of them."""
        rows = [row for row, text in enumerate(texts) if row in features.with_cue or has_cells(text)]
        denying = [row for row in rows if practices[row] and may_deny(texts[row])]
        polarities = self.polarity.polarities_of_rows(segments, practices, denying)
        return zip(polarities, self.data_types.data_types(features.vectors, practices), strict=True)


def save_details(details: Details, folder: Path, about: dict[str, Any]) -> None:
    """Writes details, `about` them included, into a model's folder. The same details give the same bytes."""
    (folder / DETAILS_CARD).parent.mkdir(parents=True, exist_ok=True)
    (folder / _NAMES).write_bytes("\n".join(details.polarity.feature_names).encode())
    polarity, data_types = details.polarity, details.data_types
    arrays = [
        array for rules in (polarity.denial, polarity.assertion, data_types) for array in (rules.weights, rules.bias)
    ]
    halves: dict[str, Any] = {name: array.astype(np.float16) for name, array in zip(_ARRAYS, arrays, strict=True)}
    np.savez_compressed(folder / _WEIGHTS, allow_pickle=False, **halves)
    kinds = zip(data_types.kinds, data_types.thresholds.tolist(), strict=True)
    card = {
        **about,
        "polarity": {name: round(float(value), 4) for name, value in polarity.thresholds._asdict().items()},
        "types": [{"practice": practice, "type": name, "limit": round(value, 4)} for (practice, name), value in kinds],
        "sha256": {name: file_sha256(folder / name) for name in (_NAMES, _WEIGHTS)},
    }
    (folder / DETAILS_CARD).write_bytes(json.dumps(card, indent=2, ensure_ascii=False).encode() + b"\n")
    update_file_hash(folder, DETAILS_CARD)


def load_details(folder: Path, features: int) -> Details:
    """The details in the folder of a model with so many features. Raises ModelError if they are damaged."""
    try:
        card: dict[str, Any] = json.loads((folder / DETAILS_CARD).read_bytes())
        for name in (_NAMES, _WEIGHTS):
            if file_sha256(folder / name) != card["sha256"][name]:
                raise ModelError(f"{folder / name} does not match its hash in details.json: train the model again.")
        return _parse_details(card, folder, features)
    except (OSError, KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder / DETAILS_CARD} cannot be read ({error}): train the model again.") from error


def _parse_details(card: dict[str, Any], folder: Path, features: int) -> Details:
    """The details in a JSON and its files. Raises KeyError, TypeError or ValueError if they do not fit together."""
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
    if unknown := [kind for kind in kinds if kind[0] not in DATA_TYPE_PRACTICES or kind[1] not in DATA_TYPES]:
        raise ValueError(f"there is no kind of data {unknown[0]}")
    type_thresholds = np.array([float(row["limit"]) for row in card["types"]], dtype=np.float32)
    thresholds = PolarityThresholds(*(float(card["polarity"][name]) for name in PolarityThresholds._fields))
    rules = PolarityRules(names, LinearRules(denies, denies_bias), LinearRules(asserts, asserts_bias), thresholds)
    by_feature = np.asfortranarray(types)  # as it is multiplied, so that there is no second copy
    return Details(rules, DataTypeRules(kinds, by_feature, types_bias, type_thresholds))
