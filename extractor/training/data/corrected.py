"""Segments that people have corrected in Label Studio or doccano, as passages to learn from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from extractor.errors import UnreadableError
from extractor.exports import HEADING_SEPARATOR
from extractor.label import CATEGORY_COLUMNS, LABELS, PRACTICE_COLUMNS, heading_path, passage_text
from extractor.records import PRACTICES, Segment
from extractor.training.data.opp115 import Corpus, key
from extractor.training.data.pool import UNKNOWN, Passage, gold_pool, held_out

CORRECTED = "corrected"  # the split of such passages
_Row = dict[str, Any]


def gold_with_corrections(corpus: Corpus, exclude: str, files: Iterable[Path]) -> list[Passage]:
    """The labelled passages with the corrected ones, which take the place of those of the same words.

    Nothing of the words of what is held out is among them. Raises UnreadableError.
    """
    corrected = {key(row.text): row for file in files for row in read_corrected(file)}
    out = {key(row.text) for row in held_out(corpus, exclude)}
    pool = [row for row in gold_pool(corpus, exclude) if key(row.text) not in corrected]
    return [*pool, *(row for words, row in corrected.items() if words not in out)]


def read_corrected(path: Path) -> list[Passage]:
    """The passages in an export of Label Studio (JSON) or doccano (JSONL).

    Each practice is known of each passage; the categories are where one or more were chosen, since every passage has
    one. Raises UnreadableError where the file is neither, or has nothing corrected in it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = list(_from_label_studio(text) if text.lstrip().startswith("[") else _from_doccano(text))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableError(f"{path} cannot be read as corrected segments ({_reason(error)}): {_ADVICE}") from error
    if not found:
        raise UnreadableError(f"{path} holds no corrected segments: submit the tasks, then export.")
    return found


_ADVICE = "export JSON from Label Studio (not JSON-MIN), or JSONL from a text classification project of doccano."


def _reason(error: Exception) -> str:
    """What is wrong, in a few words."""
    if isinstance(error, OSError):
        return str(error.strerror)
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _from_label_studio(text: str) -> Iterator[Passage]:
    """The tasks that have annotations; those of several people are averaged. Raises ValueError, KeyError, TypeError."""
    for task in json.loads(text):
        given = [_chosen(one["result"]) for one in task["annotations"] if not one.get("was_cancelled")]
        if given:
            yield _passage_of(task["data"], given)


def _chosen(results: list[_Row]) -> list[str]:
    """The labels of an annotation."""
    return [label for one in results if one["type"] == "choices" for label in one["value"]["choices"]]


def _from_doccano(text: str) -> Iterator[Passage]:
    """The examples, each as it stands there. Raises ValueError, KeyError, TypeError."""
    for line in text.split("\n"):
        if line.strip():
            row = json.loads(line)
            yield _passage_of({**row.get("meta", {}), **row}, [row["label"]])


def _passage_of(data: _Row, given: Sequence[list[str]]) -> Passage:
    """A segment with the labels that people gave it. Raises ValueError where one is unknown."""
    above = tuple(filter(None, (data.get("headings") or "").split(HEADING_SEPARATOR)))
    segment = Segment(0, 0, len(data["text"]), data["text"], headings=above, context=data.get("context") or "")
    policy = data.get("domain") or data.get("policy") or ""
    marks = _averaged([_targets(labels) for labels in given])
    return Passage(passage_text(segment), marks, policy, CORRECTED, heading_path(segment))


def _targets(labels: list[str]) -> list[float]:
    """What labels say of each of the seventeen. Raises ValueError where one is none of them."""
    unknown = set(labels) - set(LABELS)
    if unknown:
        raise ValueError(f"there is no label {sorted(unknown)[0]!r}")
    marks = [float(label in labels) for label in LABELS]
    return (
        marks
        if any(marks[CATEGORY_COLUMNS])
        else [*marks[PRACTICE_COLUMNS], *[UNKNOWN] * (len(LABELS) - len(PRACTICES))]
    )


def _averaged(rows: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The mean of each label over those who said something of it."""
    return tuple(_mean([value for value in column if not math.isnan(value)]) for column in zip(*rows, strict=True))


def _mean(values: Sequence[float]) -> float:
    """The mean, UNKNOWN of nothing."""
    return sum(values) / len(values) if values else UNKNOWN
