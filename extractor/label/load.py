"""Loads a model by its name or from its folder."""

from __future__ import annotations

from pathlib import Path

from extractor.label.accurate import load_accurate
from extractor.label.fast import load_fast
from extractor.label.model import Model
from extractor.modelcard import model_folder, model_kind


def load_model(name: str | Path = "fast") -> Model:
    """The model "fast" or "accurate", or the one in a folder. Raises ModelError."""
    folder = model_folder(name)
    return load_accurate(folder) if model_kind(folder) == "accurate" else load_fast(folder)
