"""Passages of recent policies that people labelled by other conventions, to measure models on and never to train.

GoPPC-150 (Tang et al. 2024) and GDPR-200 (Cory et al.), with their labels mapped to practices. A passage has only the
practices that its corpus marks. The folder `eras/` lies beside OPP-115's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from extractor.records import Segment
from extractor.training.data.opp115 import read_jsonl_rows
from extractor.training.data.passages import text_segment

HUMAN_CORPORA = {"goppc": "GoPPC-150", "gdpr200": "GDPR-200"}
_HUMAN_PASSAGES = "eras/human.jsonl.gz"  # beside the folder of OPP-115
_FIELDS = {"corpus", "policy", "text", "practices"}


@dataclass(frozen=True, slots=True)
class HumanPassage:
    """A passage of a corpus (of HUMAN_CORPORA): its policy, the segment that it is, and its practices.

    `practices` says for each practice that the corpus marks whether the passage has it.
    """

    corpus: str
    policy: str
    segment: Segment
    practices: dict[str, bool]


def read_human_passages(data: Path) -> list[HumanPassage]:
    """The passages beside the folder of OPP-115, none if there are none. Raises UnreadableError."""
    path = data.parent / _HUMAN_PASSAGES
    if not path.exists():
        return []
    return [
        HumanPassage(
            row["corpus"],
            row["policy"],
            text_segment(row["text"], row.get("headings", ()), row.get("context", "")),
            row["practices"],
        )
        for row in read_jsonl_rows(path, _FIELDS)
    ]
