"""Policies without labels, split into segments as any page is, and the teacher's scores of them.

The scores are stored without text: the hash of a passage's words, and seventeen numbers. With the policies at hand,
both can be joined again.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractor.clean import clean
from extractor.errors import UnreadableError
from extractor.label import LABELS, FloatArray, heading_path, passage_text
from extractor.records import Segment, Snapshot
from extractor.segment import segments
from extractor.training.data.opp115 import read_jsonl_rows, text_key
from extractor.training.data.passages import TEACHER, UNKNOWN_TARGET, TrainingPassage

DATED_POLICIES = "eras/dated.jsonl.gz"  # beside the folder of OPP-115
SCORES_FILE = "scores.npz"
_PASSAGE_WORDS = range(4, 250)  # of the passages that are used


@dataclass(frozen=True)
class _SoftLabels:
    """The teacher's scores, (passages, labels) in 255ths, and the hash of each passage, in ascending order."""

    hashes: NDArray[np.uint64]
    scores: NDArray[np.uint8]

    def label(self, passages: Iterable[TrainingPassage]) -> Iterator[TrainingPassage]:
        """The passages that the teacher scored, with the scores as targets."""
        row_of = {value: row for row, value in enumerate(self.hashes.tolist())}
        for passage in passages:
            row = row_of.get(passage_hash(passage.text))
            if row is not None:
                targets = tuple((self.scores[row] / 255).tolist())
                yield replace(passage, targets=targets)


def passage_hash(text: str) -> int:
    """64 bits of the SHA-256 of a text's words, so that spacing and punctuation may change."""
    return int.from_bytes(hashlib.sha256(text_key(text).encode()).digest()[:8], "big")


def teacher_passages(data: Path, teacher: Path | None) -> list[TrainingPassage]:
    """The unlabelled passages beside OPP-115's folder with the teacher's scores as targets; none without a teacher.

    Raises UnreadableError, also if fewer than half of the passages that the teacher scored are there.
    """
    if teacher is None:
        return []
    policies = data.parent / DATED_POLICIES
    soft_labels = read_soft_labels(teacher)
    passages = list(soft_labels.label(read_unlabelled_passages(policies)))
    if 2 * len(passages) < len(soft_labels.hashes):
        raise UnreadableError(
            f"Only {len(passages)} of the {len(soft_labels.hashes)} passages in {teacher} are in {policies}: the "
            "policies are split differently than when the teacher scored them. Let it score them again."
        )
    return passages


def read_unlabelled_passages(path: Path) -> list[TrainingPassage]:
    """The passages of unlabelled policies, each wording once, years in turn, at random within a year.

    So the first passages are of all years alike, as far as there are any. Raises UnreadableError.
    """
    by_year: defaultdict[str, dict[int, TrainingPassage]] = defaultdict(dict)
    known: set[int] = set()
    for year, segment in _dated_segments(path):
        passage = _unlabelled_passage(segment)
        number = passage_hash(passage.text)
        if number not in known and len(passage.text.split()) in _PASSAGE_WORDS:
            known.add(number)
            by_year[year][number] = passage
    turns = (enumerate(sorted(passages)) for _, passages in sorted(by_year.items()))
    order = sorted(turn for year in turns for turn in year)
    every = {number: passage for passages in by_year.values() for number, passage in passages.items()}
    return [every[number] for _, number in order]


def _dated_segments(path: Path) -> Iterator[tuple[str, Segment]]:
    """The segments of the English policies in a JSONL file with Markdown as `text`, and the year of each, or ""."""
    for row in read_jsonl_rows(path, {"text"}):
        document = clean(Snapshot(row["text"].encode(), content_type="text/markdown; charset=utf-8"))
        if document.verdict.usable and document.language == "en":
            yield from ((row.get("date", "")[:4], segment) for segment in segments(document))


def _unlabelled_passage(segment: Segment) -> TrainingPassage:
    """A segment as the models read it, with unknown targets."""
    targets = (UNKNOWN_TARGET,) * len(LABELS)
    return TrainingPassage(passage_text(segment), targets, headings=heading_path(segment), source=TEACHER)


def save_soft_labels(
    passages: Iterable[TrainingPassage], scores: FloatArray, folder: Path, card: dict[str, object]
) -> None:
    """Writes the teacher's scores of passages; the same scores give the same bytes."""
    hashes = np.array([passage_hash(passage.text) for passage in passages], dtype=np.uint64)
    order = np.argsort(hashes)
    in_255ths = np.round(scores[order] * 255).astype(np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / SCORES_FILE, allow_pickle=False, hashes=hashes[order], scores=in_255ths)
    (folder / "teacher.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def read_soft_labels(folder: Path) -> _SoftLabels:
    """The teacher's scores in a folder. Raises UnreadableError."""
    path = folder / SCORES_FILE
    try:
        with np.load(path, allow_pickle=False) as arrays:
            soft_labels = _SoftLabels(arrays["hashes"], arrays["scores"])
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableError(f"{path} cannot be read ({error}): name the folder with the teacher's scores.") from error
    if soft_labels.scores.shape != (len(soft_labels.hashes), len(LABELS)):
        raise UnreadableError(f"{path} has scores of other labels: let the teacher score the passages again.")
    return soft_labels
