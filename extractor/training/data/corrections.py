"""Segments that people corrected in Label Studio or doccano, as passages to learn from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from extractor.errors import UnreadableError
from extractor.exports import HEADING_SEPARATOR
from extractor.label import CATEGORY_COLUMNS, LABELS, PRACTICE_COLUMNS, heading_path, passage_text
from extractor.records import CATEGORIES
from extractor.training.data.opp115 import Opp115Corpus, text_key
from extractor.training.data.passages import (
    UNKNOWN_TARGET,
    TrainingPassage,
    gold_passages,
    held_out_keys,
    text_segment,
)

CORRECTED_SPLIT = "corrected"  # the split of corrected passages
_ADVICE = "export JSON from Label Studio (not JSON-MIN), or JSONL from a text classification project of doccano."
_Row = dict[str, Any]


def gold_with_corrections(corpus: Opp115Corpus, exclude: str, files: Iterable[Path]) -> list[TrainingPassage]:
    """The labelled passages and the corrected ones, which replace labelled ones of the same words.

    Passages with the words of a held-out one are left out. Raises UnreadableError.
    """
    corrected = {text_key(row.text): row for file in files for row in read_corrections(file)}
    excluded = held_out_keys(corpus, exclude)
    uncorrected = [row for row in gold_passages(corpus, exclude) if text_key(row.text) not in corrected]
    return [*uncorrected, *(row for key, row in corrected.items() if key not in excluded)]


def read_corrections(path: Path) -> list[TrainingPassage]:
    """The passages in an export of Label Studio (JSON) or doccano (JSONL).

    All practices of a passage count as known; its categories only if one or more were chosen, since every passage has
    one. Raises UnreadableError if the file is neither, or holds no corrected segment.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        passages = list(_from_label_studio(text) if text.lstrip().startswith("[") else _from_doccano(text))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableError(f"{path} cannot be read as corrected segments ({_reason(error)}): {_ADVICE}") from error
    if not passages:
        raise UnreadableError(f"{path} holds no corrected segments: submit the tasks, then export.")
    return passages


def _reason(error: Exception) -> str:
    """What is wrong, in a few words."""
    if isinstance(error, OSError):
        return str(error.strerror)
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _from_label_studio(text: str) -> Iterator[TrainingPassage]:
    """The annotated tasks, averaged over their annotators. Raises ValueError, KeyError, TypeError."""
    for task in json.loads(text):
        choices = [_chosen_labels(one["result"]) for one in task["annotations"] if not one.get("was_cancelled")]
        if choices:
            yield _corrected_passage(task["data"], choices)


def _chosen_labels(results: list[_Row]) -> list[str]:
    """The labels of an annotation."""
    return [label for result in results if result["type"] == "choices" for label in result["value"]["choices"]]


def _from_doccano(text: str) -> Iterator[TrainingPassage]:
    """The examples, one per line. Raises ValueError, KeyError, TypeError."""
    for line in text.split("\n"):
        if line.strip():
            row = json.loads(line)
            yield _corrected_passage({**row.get("meta", {}), **row}, [row["label"]])


def _corrected_passage(data: _Row, choices: Sequence[list[str]]) -> TrainingPassage:
    """A segment with the labels that each annotator chose. Raises ValueError if one is unknown."""
    headings = tuple(filter(None, (data.get("headings") or "").split(HEADING_SEPARATOR)))
    segment = text_segment(data["text"], headings, data.get("context") or "")
    policy = data.get("domain") or data.get("policy") or ""
    targets = _average_targets([_label_targets(labels) for labels in choices])
    return TrainingPassage(passage_text(segment), targets, policy, CORRECTED_SPLIT, heading_path(segment))


def _label_targets(labels: list[str]) -> list[float]:
    """The targets of all seventeen labels, from the labels chosen. Raises ValueError if one is unknown."""
    unknown = set(labels) - set(LABELS)
    if unknown:
        raise ValueError(f"there is no label {sorted(unknown)[0]!r}")
    targets = [float(label in labels) for label in LABELS]
    if not any(targets[CATEGORY_COLUMNS]):
        return [*targets[PRACTICE_COLUMNS], *[UNKNOWN_TARGET] * len(CATEGORIES)]
    return targets


def _average_targets(rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The mean of each label's known targets, UNKNOWN_TARGET if there are none."""
    known = ([target for target in column if not math.isnan(target)] for column in zip(*rows, strict=True))
    return tuple(sum(targets) / len(targets) if targets else UNKNOWN_TARGET for targets in known)
