"""Adds polarity and data types, learned on the features of a fast model, to the model's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extractor.label import Details, Vocabulary, load_fast, save_details, update_file_hash
from extractor.training.data import (
    Opp115Corpus,
    held_out_keys,
    read_data_type_examples,
    read_marked_segments,
    text_key,
)
from extractor.training.models.data_types import fit_data_type_rules
from extractor.training.models.polarity import fit_polarity_rules, has_enough_marks
from extractor.version import VERSION

_SOURCE = "OPP-115 (Wilson et al. 2016): Does/Does Not and Personal Information Type, with their words"


def add_details(corpus: Opp115Corpus, folder: Path, exclude: str = "") -> str:
    """Adds details to the folder of a fast model, or to the fast model in an accurate model's; returns a summary.

    What `exclude` holds out is not learned from.
    """
    inner = folder / "fast" if (folder / "fast").is_dir() else folder
    rows = rows_not_held_out(corpus, exclude)
    details = _fit_details(rows, load_fast(inner).vocabulary)
    if details is None:
        return "too few segments say what is not done, and with which data, to learn that"
    save_details(details, inner, {"version": VERSION, "source": _SOURCE, "segments": len(rows), "excluded": exclude})
    if inner != folder:
        update_file_hash(folder, "fast/model.json")
    polarity_features, kinds = details.polarity.feature_names, details.data_types.kinds
    return f"{len(polarity_features)} features for polarity and {len(kinds)} kinds of data"


def _fit_details(rows: Sequence[dict[str, Any]], vocabulary: Vocabulary) -> Details | None:
    """The details learned from segments of OPP-115; None if too few are annotated with them."""
    marked = read_marked_segments(rows)
    data_types = fit_data_type_rules(read_data_type_examples(rows), vocabulary)
    return Details(fit_polarity_rules(marked), data_types) if data_types and has_enough_marks(marked) else None


def rows_not_held_out(corpus: Opp115Corpus, exclude: str) -> list[dict[str, Any]]:
    """The segments of a corpus, without those that have the words of a held-out passage."""
    excluded = held_out_keys(corpus, exclude)
    return [row for row in corpus.rows if text_key(row["text"]) not in excluded]
