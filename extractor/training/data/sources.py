"""The labelled passages that models learn from: OPP-115's, corrected ones, those of all eras, self-written ones."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.training.data.corrections import gold_with_corrections
from extractor.training.data.eras import era_training_passages, is_held_out, read_era_passages
from extractor.training.data.opp115 import Opp115Corpus
from extractor.training.data.passages import TrainingPassage, held_out_passages
from extractor.training.data.written import read_written_passages


def labelled_passages(
    data: Path, corpus: Opp115Corpus, exclude: str = "", corrections: Iterable[Path] = ()
) -> list[TrainingPassage]:
    """The labelled passages to learn from, OPP-115's first, without what `exclude` holds out.

    Whatever of OPP-115 is held out, a fifth of the policies of all eras is too. Raises UnreadableError.
    """
    eras = [one for one in read_era_passages(data) if not (exclude and is_held_out(one.policy))]
    opp115 = gold_with_corrections(corpus, exclude, corrections)
    return [*opp115, *era_training_passages(eras), *read_written_passages()]


def unseen_passages(data: Path, corpus: Opp115Corpus, exclude: str) -> list[TrainingPassage]:
    """The passages that `labelled_passages` leaves out for `exclude`. Raises UnreadableError."""
    eras = [one for one in read_era_passages(data) if is_held_out(one.policy)]
    return [*held_out_passages(corpus, exclude), *era_training_passages(eras)]
