"""Passages of policies from 1999 to 2026 with labels, and policies of those years without.

The labels are those of a large language model that followed `annotations/guidelines.md`, not of people; on passages of
OPP-115 it gives a label more readily than most of three annotators would. The folder `eras/` lies beside OPP-115's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from extractor.label import LABELS, heading_path, passage_text
from extractor.records import Segment
from extractor.training.data.opp115 import read_jsonl_rows
from extractor.training.data.passages import ERAS, TrainingPassage, text_segment

_LABELLED_PASSAGES = "eras/labelled.jsonl.gz"  # beside the folder of OPP-115
_FIELDS = {"policy", "era", "text", "headings", "context", "practices", "categories", "denied"}
ERA_NAMES = {"old": "1999-2010", "mid": "2011-2020", "modern": "2020-2026"}
_HELD_OUT_SHARE = 5  # one policy in so many
_DOUBT = 0.02  # a mark is right to this side of certainty


@dataclass(frozen=True, slots=True)
class EraPassage:
    """A labelled passage: its policy and era (of ERA_NAMES), and the segment that it is.

    `denied` has the polarity "does_not" or "mixed" of the practices that are not simply done.
    """

    policy: str
    era: str
    segment: Segment
    labels: frozenset[str]
    denied: dict[str, str]


def read_era_passages(data: Path) -> list[EraPassage]:
    """The labelled passages beside the folder of OPP-115, none if there are none. Raises UnreadableError."""
    path = data.parent / _LABELLED_PASSAGES
    if not path.exists():
        return []
    return [
        EraPassage(
            row["policy"],
            row["era"],
            text_segment(row["text"], row["headings"], row["context"]),
            frozenset((*row["practices"], *row["categories"])),
            row["denied"],
        )
        for row in read_jsonl_rows(path, _FIELDS)
    ]


def is_held_out(policy: str) -> bool:
    """Whether a policy is one of the fifth that builds for measuring do not learn from, in the whole of its passages.

    >>> sum(is_held_out(f"site{number}.example") for number in range(100))
    13
    """
    return int(hashlib.sha256(policy.lower().encode()).hexdigest(), 16) % _HELD_OUT_SHARE == 0


def era_training_passages(passages: Sequence[EraPassage]) -> list[TrainingPassage]:
    """Labelled passages as the models learn from them."""
    return [
        TrainingPassage(
            passage_text(passage.segment),
            tuple(1 - _DOUBT if label in passage.labels else _DOUBT for label in LABELS),
            passage.policy,
            headings=heading_path(passage.segment),
            source=ERAS,
        )
        for passage in passages
    ]
