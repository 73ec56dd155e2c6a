"""A model by its name or its folder."""

from __future__ import annotations

import json
from pathlib import Path

from extractor.label.accurate import load_accurate
from extractor.label.fast import load_fast
from extractor.label.model import Model
from extractor.resources import bundled

_SHIPPED = ("fast", "accurate")


def load_model(name: str | Path = "fast") -> Model:
    """The model "fast" or "accurate", or the one in a folder. Raises ModelError."""
    folder = folder_of(name)
    return load_accurate(folder) if _kind_of(folder) == "accurate" else load_fast(folder)


def folder_of(name: str | Path) -> Path:
    """Where a model is."""
    return bundled(f"models/{name}") if str(name) in _SHIPPED else Path(name)


def _kind_of(folder: Path) -> str:
    """What kind of model a folder holds: accurate, or fast, whose reader names every fault."""
    try:
        card = json.loads((folder / "model.json").read_bytes())
        return "accurate" if card["kind"] == "accurate" else "fast"
    except (OSError, ValueError, KeyError, TypeError):
        return "fast"
