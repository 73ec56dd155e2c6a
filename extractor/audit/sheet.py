"""What raters answered: the CSV sheet, filled in, or Label Studio's export of the tasks."""

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

_NONE = "none"  # the answer that no practice is spoken of; an empty cell is no answer
_SETTLED = "settled"
_FEW = 3  # ids that an error names
_Answer = frozenset[Practice]


@dataclass(slots=True)
class Answers:
    """The answers by text and rater, and those that settle a disagreement, by text."""

    given: dict[str, dict[str, _Answer]] = field(default_factory=dict)
    settled: dict[str, _Answer] = field(default_factory=dict)

    @property
    def raters(self) -> tuple[str, ...]:
        """Who answered."""
        return tuple(sorted({rater for row in self.given.values() for rater in row}))


@dataclass(frozen=True, slots=True)
class _Cell:
    """One answer in a file; `rater` is "settled" where it settles."""

    id: str
    rater: str
    answer: _Answer


def read_answers(paths: Sequence[Path], ids: Sequence[str]) -> Answers:
    """The answers in some files, of which each rater may have filled in one; every id of the sample has one at least.

    Raises UnreadableError, in a sentence, where a file is neither a sheet nor an export, a label is unknown, a text is
    not of this sample, two files contradict one another, or a text was not rated.
    """
    found, known = Answers(), set(ids)
    for path in paths:
        for cell in _cells_in(path):
            if cell.id not in known:
                raise UnreadableError(f"{path}: the text {cell.id!r} is not of this sample: name its own files.")
            _add(found, cell, path)
    missing = [name for name in ids if not found.given.get(name) and name not in found.settled]
    if missing:
        raise UnreadableError(_unrated(missing, len(ids)))
    return found


def _add(found: Answers, cell: _Cell, path: Path) -> None:
    """Adds an answer. Raises UnreadableError where there is another one already."""
    into = found.settled if cell.rater == _SETTLED else found.given.setdefault(cell.id, {})
    key = cell.id if cell.rater == _SETTLED else cell.rater
    if into.setdefault(key, cell.answer) != cell.answer:
        raise UnreadableError(f"{path}: {cell.rater} has another answer on {cell.id} elsewhere: keep one of them.")


def _unrated(missing: Sequence[str], of: int) -> str:
    """What is said of texts without an answer."""
    first = ", ".join(missing[:_FEW])
    return (
        f"{len(missing)} of the {of} texts have no answer ({first}{', …' if len(missing) > _FEW else ''}): "
        f"what is left out is seldom what is easy, so rate them all; a text that speaks of no practice has {_NONE!r}."
    )


def _cells_in(path: Path) -> Iterator[_Cell]:
    """The answers in a file. Raises UnreadableError."""
    try:
        content = path.read_bytes()
        text = _decoded(content)
        yield from _tasks(json.loads(text)) if text.lstrip().startswith("[") else _sheet(text)
    except UnreadableError as error:
        raise UnreadableError(f"{path}: {error}") from error
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, csv.Error) as error:
        raise UnreadableError(
            f"{path} is neither a filled-in sheet nor Label Studio's export as JSON (not JSON-MIN): {_reason(error)}."
        ) from error


def _reason(error: Exception) -> str:
    """What is wrong, in a few words."""
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def _decoded(content: bytes) -> str:
    """A file's text: UTF-8, or what a spreadsheet of Windows saves. Ids and labels are ASCII in both."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _sheet(text: str) -> Iterator[_Cell]:
    """The answers in a CSV, whatever parts its columns: comma, semicolon or tab. Raises UnreadableError."""
    first = text.partition("\n")[0]
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    names = [name for name in table.fieldnames or () if name]
    raters = [name for name in names if name.startswith("rater")]
    for needed, there in (("id", "id" in names), ("rater_1", bool(raters))):
        if not there:
            raise UnreadableError(f"there is no column {needed}: keep the columns of the sheet.")
    with _long_fields():
        rows = list(table)
    for number, row in enumerate(rows, 2):
        yield from _row_cells(row, [*raters, *({_SETTLED} & set(names))], number)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Lets fields of a CSV be as long as a site's policies; others who read CSV here keep their limit."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _row_cells(row: Mapping[str, str | None], columns: Iterable[str], number: int) -> Iterator[_Cell]:
    """The answers in a line of a CSV."""
    for name in columns:
        words = (row[name] or "").strip()
        if words:
            yield _Cell((row["id"] or "").strip(), name, _answer_of(re.split(r"[;,|/]", words), f"row {number}"))


def _tasks(exported: Sequence[dict[str, Any]]) -> Iterator[_Cell]:
    """The answers in an export of Label Studio; an annotation marked as ground truth settles."""
    for task in exported:
        name = str(task["data"]["item"])
        for one in task["annotations"]:
            if not one.get("was_cancelled"):
                rater = _SETTLED if one.get("ground_truth") else _rater_of(one)
                yield _Cell(name, rater, _answer_of(_chosen(one["result"]), f"task {name}"))


def _rater_of(annotation: Mapping[str, Any]) -> str:
    """Who made an annotation."""
    who = annotation.get("completed_by", "")
    return f"rater {who.get('email') or who.get('id')}" if isinstance(who, dict) else f"rater {who}".strip()


def _chosen(results: Sequence[dict[str, Any]]) -> list[str]:
    """The labels of an annotation; none is an answer."""
    return [label for one in results if one["type"] == "choices" for label in one["value"]["choices"]] or [_NONE]


def _answer_of(words: Iterable[str], where: str) -> _Answer:
    """The practices named. Raises UnreadableError where one is none of them, or "none" stands beside one."""
    names = {word.strip().lower() for word in words} - {""}
    unknown = sorted(names - {*PRACTICES, _NONE})
    if unknown:
        raise UnreadableError(f"{where} has the label {unknown[0]!r}: write {', '.join(PRACTICES)}, or {_NONE}.")
    if _NONE in names and len(names) > 1:
        raise UnreadableError(f"{where} has {_NONE!r} beside a practice: write one or the other.")
    return frozenset(cast(set[Practice], names - {_NONE}))
