"""Loads a model by its name or from its folder."""

from __future__ import annotations

import json
from pathlib import Path

from extractor.label.accurate import load_accurate
from extractor.label.fast import load_fast
from extractor.label.model import Model
from extractor.resources import bundled_path

_BUNDLED_MODELS = ("fast", "accurate")


def load_model(name: str | Path = "fast") -> Model:
    """The model "fast" or "accurate", or the one in a folder. Raises ModelError."""
    folder = model_folder(name)
    return load_accurate(folder) if _model_kind(folder) == "accurate" else load_fast(folder)


def model_folder(name: str | Path) -> Path:
    """The folder of a model."""
    return bundled_path(f"models/{name}") if str(name) in _BUNDLED_MODELS else Path(name)


def _model_kind(folder: Path) -> str:
    """The kind of model in a folder: "accurate", else "fast", whose loader reports every fault."""
    try:
        card = json.loads((folder / "model.json").read_bytes())
        return "accurate" if card["kind"] == "accurate" else "fast"
    except (OSError, ValueError, KeyError, TypeError):
        return "fast"
