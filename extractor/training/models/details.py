"""Adds polarity and data types, learned on the features of a fast model, to the model's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extractor.label import Details, Vocabulary, load_fast, save_details
from extractor.modelcard import update_file_hash
from extractor.training.data import (
    MarkedPassage,
    Opp115Corpus,
    era_marks,
    held_out_keys,
    is_held_out,
    read_data_type_examples,
    read_era_passages,
    read_marked_segments,
    text_key,
)
from extractor.training.models.data_types import fit_data_type_rules
from extractor.training.models.polarity import fit_polarity_rules, has_enough_marks
from extractor.version import VERSION

_SOURCE = "OPP-115 (Wilson et al. 2016): Does/Does Not and Personal Information Type, with their words"
_ERAS_SOURCE = "; what passages of all eras deny, labelled by a large language model that followed the guidelines"


def add_details(data: Path, corpus: Opp115Corpus, folder: Path, exclude: str = "") -> str:
    """Adds details to the folder of a fast model, or to the fast model in an accurate model's; returns a summary.

    They are learned from the corpus, which is in the folder `data`, and from the passages of all eras beside that, if
    there are any, without what `exclude` holds out.
    """
    inner = folder / "fast" if (folder / "fast").is_dir() else folder
    rows = rows_not_held_out(corpus, exclude)
    passages = era_marks(one for one in read_era_passages(data) if not (exclude and is_held_out(one.policy)))
    details = _fit_details(rows, passages, load_fast(inner).vocabulary)
    if details is None:
        return "too few segments say what is not done, and with which data, to learn that"
    counts = {"segments": len(rows), "passages of all eras": len(passages)}
    source = _SOURCE + _ERAS_SOURCE * bool(passages)
    save_details(details, inner, {"version": VERSION, "source": source, **counts, "excluded": exclude})
    if inner != folder:
        update_file_hash(folder, "fast/model.json")
    polarity_features, kinds = details.polarity.feature_names, details.data_types.kinds
    return f"{len(polarity_features)} features for polarity and {len(kinds)} kinds of data"


def _fit_details(
    rows: Sequence[dict[str, Any]], passages: Sequence[MarkedPassage], vocabulary: Vocabulary
) -> Details | None:
    """The details learned from segments of OPP-115 and other passages; None if too few segments have them."""
    marked = read_marked_segments(rows)
    data_types = fit_data_type_rules(read_data_type_examples(rows), vocabulary)
    if data_types is None or not has_enough_marks(marked):
        return None
    return Details(fit_polarity_rules(marked, passages), data_types)


def rows_not_held_out(corpus: Opp115Corpus, exclude: str) -> list[dict[str, Any]]:
    """The segments of a corpus, without those that have the words of a held-out passage."""
    excluded = held_out_keys(corpus, exclude)
    return [row for row in corpus.rows if text_key(row["text"]) not in excluded]
