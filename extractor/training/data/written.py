"""Self-written passages in the plainest wording of each era, from `annotations/wording.toml`."""

from __future__ import annotations

from typing import Any

from extractor.label import LABELS, heading_path, passage_text
from extractor.resources import bundled_path, read_toml
from extractor.training.data.passages import WRITTEN, TrainingPassage, text_segment


def read_written_passages() -> list[TrainingPassage]:
    """The self-written passages as the models learn from them."""
    return [_written_passage(row) for row in read_toml(bundled_path("annotations/wording.toml"))["passage"]]


def _written_passage(row: dict[str, Any]) -> TrainingPassage:
    """A passage from its row."""
    headings = tuple(filter(None, [row.get("heading", "")]))
    segment = text_segment(row["text"], headings, row.get("context", ""))
    labels = {*row["practices"], *row["categories"]}
    targets = tuple(float(label in labels) for label in LABELS)
    return TrainingPassage(passage_text(segment), targets, headings=heading_path(segment), source=WRITTEN)
