"""A model by its name or its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from extractor.errors import UsageError
from extractor.label.accurate import load_accurate
from extractor.label.fast import load_fast
from extractor.label.model import Model
from extractor.resources import bundled

_SHIPPED = ("fast", "accurate")
EvidenceFrom = Literal["weights", "occlusion"]


def load_model(name: str | Path = "fast", evidence: EvidenceFrom = "weights") -> Model:
    """The model "fast" or "accurate", or the one in a folder. Raises ModelError.

    The evidence of labels is told from the fast model's weights, or by occlusion, which is slow and for the accurate
    model alone: raises UsageError for another.
    """
    folder = folder_of(name)
    if _kind_of(folder) == "accurate":
        return load_accurate(folder, occlusion=evidence == "occlusion")
    if evidence == "occlusion":
        raise UsageError(f"Evidence by occlusion is for the accurate model, {name} tells it from its weights.")
    return load_fast(folder)


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
