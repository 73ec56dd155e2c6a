"""Policies that nobody labelled, cut into segments as the tool cuts any page, and what the teacher says of them.

The teacher's scores are kept without a text: the hash of a passage's words, and seventeen numbers. Whoever has the
policies can put both together again.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractor.clean import clean
from extractor.errors import UnreadableError
from extractor.label import LABELS, heading_path, passage_text
from extractor.records import Segment, Snapshot
from extractor.segment import segments
from extractor.training.data.opp115 import key, read_lines
from extractor.training.data.pool import Passage

_WORDS = range(6, 200)  # of a passage that is worth a label; OPP-115's have 95 % below 170
SCORES = "scores.npz"


@dataclass(frozen=True)
class _SoftLabels:
    """The teacher's scores, (passages, labels) in 255ths, and the content hash of each passage, ascending."""

    hashes: NDArray[np.uint64]
    scores: NDArray[np.uint8]

    def of(self, passages: Iterable[Passage]) -> Iterator[Passage]:
        """Those of the passages that the teacher has labelled, with its scores as targets."""
        row_of = {value: row for row, value in enumerate(self.hashes.tolist())}
        for one in passages:
            row = row_of.get(content_hash(one.text))
            if row is not None:
                targets = tuple((self.scores[row] / 255).tolist())
                yield Passage(one.text, targets, headings=one.headings)


def content_hash(text: str) -> int:
    """64 bits of the SHA-256 of a text's words, so that spacing and punctuation may change."""
    return int.from_bytes(hashlib.sha256(key(text).encode()).digest()[:8], "big")


def unlabelled_passages(path: Path) -> list[Passage]:
    """The passages of `unlabelled_policies.jsonl.gz`, each wording once, in the order of their hashes.

    The first so many are thus a sample without favour. Raises UnreadableError.
    """
    found = {content_hash(one.text): one for one in map(_as_passage, _cut_policies(path))}
    return [found[value] for value in sorted(found) if len(found[value].text.split()) in _WORDS]


def _cut_policies(path: Path) -> Iterator[Segment]:
    """The segments of the English policies in a file of JSONL with Markdown as `text`."""
    for row in read_lines(path, {"text"}):
        document = clean(Snapshot(row["text"].encode(), content_type="text/markdown; charset=utf-8"))
        if document.verdict.usable and document.language == "en":
            yield from segments(document)


def _as_passage(segment: Segment) -> Passage:
    """A segment as the models read it, its targets unknown."""
    return Passage(passage_text(segment), (float("nan"),) * len(LABELS), headings=heading_path(segment))


def save_soft_labels(
    passages: Iterable[Passage], scores: NDArray[np.float64], folder: Path, card: dict[str, object]
) -> None:
    """Writes the teacher's scores of passages; the same scores give the same bytes."""
    hashes = np.array([content_hash(one.text) for one in passages], dtype=np.uint64)
    order = np.argsort(hashes)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        folder / SCORES, allow_pickle=False, hashes=hashes[order], scores=np.round(scores[order] * 255).astype(np.uint8)
    )
    (folder / "teacher.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def read_soft_labels(folder: Path) -> _SoftLabels:
    """The teacher's scores in a folder. Raises UnreadableError."""
    try:
        with np.load(folder / SCORES, allow_pickle=False) as stored:
            found = _SoftLabels(stored["hashes"], stored["scores"])
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableError(
            f"{folder / SCORES} cannot be read ({error}): name the folder with the teacher's scores."
        ) from error
    if found.scores.shape != (len(found.hashes), len(LABELS)):
        raise UnreadableError(f"{folder / SCORES} has scores of other labels: let the teacher label again.")
    return found
