"""The answers of raters: the CSV sheet, filled in, or Label Studio's export of the tasks."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from extractor.errors import UnreadableError
from extractor.records import PRACTICES, Practice

_NO_PRACTICE = "none"  # the answer that a text mentions no practice; an empty cell is no answer
_ADJUDICATION = "settled"  # the column of adjudicated answers
_MAX_NAMED_IDS = 3  # in an error message
_Answer = frozenset[Practice]


@dataclass(slots=True)
class RaterAnswers:
    """The answers by text and rater, and the adjudicated answers by text."""

    by_rater: dict[str, dict[str, _Answer]] = field(default_factory=dict)
    adjudicated: dict[str, _Answer] = field(default_factory=dict)

    @property
    def raters(self) -> tuple[str, ...]:
        """The names of the raters."""
        return tuple(sorted({rater for row in self.by_rater.values() for rater in row}))


@dataclass(frozen=True, slots=True)
class _Cell:
    """One answer in a file; `rater` is "settled" for an adjudicated one."""

    id: str
    rater: str
    answer: _Answer


def read_answers(paths: Sequence[Path], ids: Sequence[str]) -> RaterAnswers:
    """The answers in some files; each rater may have filled in their own. Every id of the sample has an answer.

    Raises UnreadableError if a file is neither a sheet nor an export, a label is unknown, a text is not in the sample,
    two files contradict each other, or a text has no answer.
    """
    answers, known = RaterAnswers(), set(ids)
    for path in paths:
        for cell in _cells_in(path):
            if cell.id not in known:
                raise UnreadableError(f"{path}: the text {cell.id!r} is not of this sample: name its own files.")
            _add(answers, cell, path)
    missing = [name for name in ids if not answers.by_rater.get(name) and name not in answers.adjudicated]
    if missing:
        raise UnreadableError(_missing_message(missing, len(ids)))
    return answers


def _add(answers: RaterAnswers, cell: _Cell, path: Path) -> None:
    """Adds an answer. Raises UnreadableError if there is a different one already."""
    known = answers.adjudicated if cell.rater == _ADJUDICATION else answers.by_rater.setdefault(cell.id, {})
    key = cell.id if cell.rater == _ADJUDICATION else cell.rater
    if known.setdefault(key, cell.answer) != cell.answer:
        raise UnreadableError(f"{path}: {cell.rater} has another answer on {cell.id} elsewhere: keep one of them.")


def _missing_message(missing: Sequence[str], total: int) -> str:
    """The error message on texts without an answer."""
    named = ", ".join(missing[:_MAX_NAMED_IDS]) + ", …" * (len(missing) > _MAX_NAMED_IDS)
    return (
        f"{len(missing)} of the {total} texts have no answer ({named}): "
        f"raters seldom leave out the easy ones, so rate them all; for a text that mentions no practice write "
        f"{_NO_PRACTICE!r}."
    )


def _cells_in(path: Path) -> Iterator[_Cell]:
    """The answers in a file. Raises UnreadableError."""
    try:
        content = path.read_bytes()
        text = _decode(content)
        yield from _task_cells(json.loads(text)) if text.lstrip().startswith("[") else _sheet_cells(text)
    except UnreadableError as error:
        raise UnreadableError(f"{path}: {error}") from error
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, csv.Error) as error:
        raise UnreadableError(
            f"{path} is neither a filled-in sheet nor Label Studio's export as JSON (not JSON-MIN): {_reason(error)}."
        ) from error


def _reason(error: Exception) -> str:
    """What is wrong with a file, in a few words."""
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _decode(content: bytes) -> str:
    """A file's text, in UTF-8 or the encoding of a spreadsheet on Windows. Ids and labels are ASCII in both."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _sheet_cells(text: str) -> Iterator[_Cell]:
    """The answers in a CSV, separated by comma, semicolon or tab. Raises UnreadableError."""
    first = text.partition("\n")[0]
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    names = [name for name in table.fieldnames or () if name]
    raters = [name for name in names if name.startswith("rater")]
    for needed, is_there in (("id", "id" in names), ("rater_1", bool(raters))):
        if not is_there:
            raise UnreadableError(f"there is no column {needed}: keep the columns of the sheet.")
    with _unlimited_fields():
        rows = list(table)
    for number, row in enumerate(rows, 2):
        yield from _row_cells(row, [*raters, *({_ADJUDICATION} & set(names))], number)


@contextmanager
def _unlimited_fields() -> Iterator[None]:
    """Lets fields of a CSV be as long as a site's policies, and restores the limit for other readers."""
    limit = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _row_cells(row: Mapping[str, str | None], columns: Iterable[str], number: int) -> Iterator[_Cell]:
    """The answers in a line of a CSV."""
    for name in columns:
        words = (row[name] or "").strip()
        if words:
            yield _Cell((row["id"] or "").strip(), name, _answer_of(re.split(r"[;,|/]", words), f"row {number}"))


def _task_cells(exported: Sequence[dict[str, Any]]) -> Iterator[_Cell]:
    """The answers in an export of Label Studio; ground-truth annotations are adjudicated answers."""
    for task in exported:
        name = str(task["data"]["item"])
        for annotation in task["annotations"]:
            if not annotation.get("was_cancelled"):
                rater = _ADJUDICATION if annotation.get("ground_truth") else _rater_of(annotation)
                yield _Cell(name, rater, _answer_of(_choices(annotation["result"]), f"task {name}"))


def _rater_of(annotation: Mapping[str, Any]) -> str:
    """The name of the rater who made an annotation."""
    who = annotation.get("completed_by", "")
    return f"rater {who.get('email') or who.get('id')}" if isinstance(who, dict) else f"rater {who}".strip()


def _choices(results: Sequence[dict[str, Any]]) -> list[str]:
    """The labels of an annotation; no label is an answer, too."""
    return [label for result in results if result["type"] == "choices" for label in result["value"]["choices"]] or [
        _NO_PRACTICE
    ]


def _answer_of(words: Iterable[str], where: str) -> _Answer:
    """The practices of an answer. Raises UnreadableError if one is unknown, or "none" stands beside another."""
    names = {word.strip().lower() for word in words} - {""}
    unknown = sorted(names - {*PRACTICES, _NO_PRACTICE})
    if unknown:
        raise UnreadableError(f"{where} has the label {unknown[0]!r}: write {', '.join(PRACTICES)}, or {_NO_PRACTICE}.")
    if _NO_PRACTICE in names and len(names) > 1:
        raise UnreadableError(f"{where} has {_NO_PRACTICE!r} beside a practice: write one or the other.")
    return frozenset(cast(set[Practice], names - {_NO_PRACTICE}))
