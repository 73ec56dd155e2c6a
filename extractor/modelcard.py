"""Where models lie, and the JSON of a model, which tells what it is without loading it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple

from extractor.errors import ModelError
from extractor.optional import wheel_command
from extractor.resources import bundled_path
from extractor.version import VERSION

MODEL_FORMAT = 2
CARD = "model.json"
FAST_FILES = ("terms.txt", "weights.npz")
_FAST_OPTIONAL_FILES = ("details/details.json",)
ACCURATE_FILES = ("encoder.onnx", "tokenizer.json", "fast/model.json")
_BUNDLED_MODELS = ("fast", "accurate")


class ModelIdentity(NamedTuple):
    """A model's name, the release that trained it, and the hash of its JSON, which lists the hashes of its files."""

    name: str
    version: str
    sha256: str


def identify_model(name: str | Path) -> ModelIdentity:
    """What the model "fast" or "accurate", or the one in a folder, is. Raises ModelError as loading it does.

    Its files are compared with their hashes, but not read any further.
    """
    folder = model_folder(name)
    card = read_accurate_card(folder) if model_kind(folder) == "accurate" else read_fast_card(folder)
    try:
        return ModelIdentity(str(card["name"]), str(card["version"]), file_sha256(folder / CARD))
    except KeyError as error:
        raise ModelError(f"{folder / CARD} is not that of a model ({error}): train the model again.") from error


def model_folder(name: str | Path) -> Path:
    """The folder of a model. Raises ModelError if the weights of "accurate" are not installed."""
    if str(name) not in _BUNDLED_MODELS:
        return Path(name)
    folder = bundled_path(f"models/{name}")
    return folder if folder.exists() else _installed_weights(str(name))


def _installed_weights(name: str) -> Path:
    """The folder of a model whose weights are a distribution of their own, built from models/NAME."""
    package = f"archived_policy_{name}"
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        wheel = f"{package}-{VERSION}-py3-none-any.whl"
        raise ModelError(f"The weights of the model {name} are not installed: {wheel_command(wheel)}")
    return Path(next(iter(spec.submodule_search_locations)))


def model_kind(folder: Path) -> Literal["fast", "accurate"]:
    """The kind of model in a folder: "accurate", else "fast", whose loader reports every fault."""
    try:
        card = json.loads((folder / CARD).read_bytes())
        return "accurate" if card["kind"] == "accurate" else "fast"
    except (OSError, ValueError, KeyError, TypeError):
        return "fast"


def read_fast_card(folder: Path) -> dict[str, Any]:
    """The JSON of a fast model. Raises ModelError if it is missing or of another format, or if a file changed."""
    return _read_card(folder, FAST_FILES, _FAST_OPTIONAL_FILES)


def read_accurate_card(folder: Path) -> dict[str, Any]:
    """The same for an accurate model."""
    return _read_card(folder, ACCURATE_FILES)


def _read_card(folder: Path, files: Sequence[str], optional: Sequence[str] = ()) -> dict[str, Any]:
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
        card: dict[str, Any] = json.loads((folder / CARD).read_bytes())
        if card["format"] == MODEL_FORMAT and set(card["sha256"]) - set(optional) == set(files):
            return card
        found_format = card["format"]
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} holds no model (no model.json): name fast or accurate, or the folder of a model."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder / CARD} cannot be read ({error}): train the model again.") from error
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


def save_card(card: dict[str, Any], folder: Path, files: Sequence[str]) -> None:
    """Writes a model's JSON with the hashes of its files."""
    hashes = {name: file_sha256(folder / name) for name in files}
    _write_card({"format": MODEL_FORMAT, **card, "sha256": hashes}, folder)


def _write_card(card: dict[str, Any], folder: Path) -> None:
    """Writes a model's JSON."""
    (folder / CARD).write_bytes(json.dumps(card, indent=2, ensure_ascii=False).encode() + b"\n")


def update_file_hash(folder: Path, name: str) -> None:
    """Sets the hash of a new or changed file in a model's JSON."""
    card: dict[str, Any] = json.loads((folder / CARD).read_bytes())
    _write_card({**card, "sha256": {**card["sha256"], name: file_sha256(folder / name)}}, folder)
