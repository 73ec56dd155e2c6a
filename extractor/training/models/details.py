"""Learns polarity and types of data on the features of a fast model, and puts them into its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extractor.label import Details, Vocabulary, load_fast, save_details, update_file_hash
from extractor.training.data.marks import read_marks
from extractor.training.data.opp115 import Corpus, key
from extractor.training.data.pool import held_out
from extractor.training.models.datatypes import learn_types, read_named
from extractor.training.models.polarity import learn_polarity
from extractor.version import VERSION

_SOURCE = "OPP-115 (Wilson et al. 2016): Does/Does Not and Personal Information Type, with their words"


def add_details(corpus: Corpus, folder: Path, exclude: str = "") -> str:
    """Puts details into the folder of a fast model, or of the one in an accurate model's; gives a line on it.

    What `exclude` holds out is not learned from.
    """
    inner = folder / "fast" if (folder / "fast").is_dir() else folder
    rows = rows_without(corpus, exclude)
    details = _learn_details(rows, load_fast(inner).vocabulary)
    if details is None:
        return "too few segments say what is not done, and with which data, to learn that"
    save_details(details, inner, {"version": VERSION, "source": _SOURCE, "segments": len(rows), "excluded": exclude})
    if inner != folder:
        update_file_hash(folder, "fast/model.json")
    return f"{len(details.polarity.feature_names)} names for polarity and {len(details.data_types.kinds)} kinds of data"


def _learn_details(rows: Sequence[dict[str, Any]], vocabulary: Vocabulary) -> Details | None:
    """The details from the segments of OPP-115; None where too few are marked with them to learn from."""
    polarity, types = learn_polarity(read_marks(rows)), learn_types(read_named(rows), vocabulary)
    return Details(polarity, types) if polarity and types else None


def rows_without(corpus: Corpus, exclude: str) -> list[dict[str, Any]]:
    """The segments of a corpus without those of the words of what is held out."""
    out = {key(row.text) for row in held_out(corpus, exclude)}
    return [row for row in corpus.rows if key(row["text"]) not in out]
