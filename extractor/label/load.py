"""Loads a model by its name or from its folder."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

from extractor.errors import ModelError
from extractor.label.accurate import load_accurate
from extractor.label.fast import load_fast
from extractor.label.model import Model
from extractor.optional import wheel_command
from extractor.resources import bundled_path
from extractor.version import VERSION

_BUNDLED_MODELS = ("fast", "accurate")


def load_model(name: str | Path = "fast") -> Model:
    """The model "fast" or "accurate", or the one in a folder. Raises ModelError."""
    folder = model_folder(name)
    return load_accurate(folder) if _model_kind(folder) == "accurate" else load_fast(folder)


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


def _model_kind(folder: Path) -> str:
    """The kind of model in a folder: "accurate", else "fast", whose loader reports every fault."""
    try:
        card = json.loads((folder / "model.json").read_bytes())
        return "accurate" if card["kind"] == "accurate" else "fast"
    except (OSError, ValueError, KeyError, TypeError):
        return "fast"
