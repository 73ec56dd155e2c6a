"""A table beside a folder of pages that tells the URL and date of each: CSV or JSONL, a row a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from extractor.compression import read_bytes
from extractor.corpora.lines import parsed
from extractor.corpora.reading import PATHS, Facts, Unread, Wanted, facts_of, field_of, page_suffix
from extractor.errors import UnreadableError

_NAMES = ("metadata.csv", "metadata.tsv", "metadata.jsonl", "index.csv", "index.tsv", "index.jsonl")

Sidecar = dict[str, Facts]


def sidecar_of(folder: Path, wanted: Wanted) -> Path | None:
    """The table asked for, else the one in the folder that has one of the usual names and a column of paths."""
    if wanted.sidecar:
        return wanted.sidecar
    return next((folder / name for name in _NAMES if _names_files(folder / name)), None)


def _names_files(path: Path) -> bool:
    """Whether a file is a table with a column of paths."""
    if not path.is_file():
        return False
    try:
        first = _first_row(path)
    except UnreadableError:
        return True  # it is one, and damaged: that is said when it is read
    return _has_path(first)


def _first_row(path: Path) -> Mapping[str, Any]:
    """The first row of a table that is one. Raises UnreadableError."""
    return next((row for _, row in _numbered_rows(path) if isinstance(row, dict)), {})


def _has_path(row: Mapping[str, Any]) -> bool:
    """Whether a row has a column of paths."""
    return bool({key.strip().lower() for key in row if isinstance(key, str)} & set(PATHS))


def read_sidecar(path: Path, folder: Path) -> tuple[Sidecar, list[Unread]]:
    """What a table says of the files in a folder, and the lines of it that make no sense.

    Raises UnreadableError where it is no such table.
    """
    if not _has_path(first := _first_row(path)):
        columns = ", ".join(map(str, first)) or "no rows"
        raise UnreadableError(f"{path} is no sidecar: it has {columns}, and none of {', '.join(PATHS)}.")
    facts: Sidecar = {}
    faults: list[Unread] = []
    for number, row in _numbered_rows(path):
        try:
            name, known = _read_row(row, folder, path.parent)
            if name in facts:
                raise ValueError(f"names {name} a second time: the first line counts")
        except ValueError as error:
            faults.append(Unread(f"{path}: line {number} {error}."))
            continue
        if known.fault:
            faults.append(Unread(f"{path}: line {number}: {known.fault}."))
        facts[name] = known
    return facts, faults


def _read_row(row: Any, folder: Path, home: Path) -> tuple[str, Facts]:
    """The file that a row names, from the folder on, and what it says of it. Raises ValueError for no sense."""
    if isinstance(row, str):
        raise ValueError(row)  # noqa: TRY004 - what `_numbered_rows` found wrong with it
    name = field_of(row, PATHS)
    if not name:
        raise ValueError(f"names no file: it needs one of the columns {', '.join(PATHS)}")
    for place in (folder / name, home / name):
        if place.is_file():
            return key_of(place, folder), facts_of(row)
    raise ValueError(f"names {name}, which is not in {folder}")


def key_of(path: Path, folder: Path) -> str:
    """How a file is named in a sidecar: from the folder on."""
    path, folder = path.absolute(), folder.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _numbered_rows(path: Path) -> Iterator[tuple[int, Any]]:
    """The rows of a table with the numbers of their lines; a str, which says why, for a line that is none.

    Raises UnreadableError.
    """
    content = read_bytes(path)
    if page_suffix(path) in (".jsonl", ".ndjson"):
        yield from _rows_of_lines(content)
    else:
        yield from _rows_of_csv(path, _text_of(content), "\t" if page_suffix(path) == ".tsv" else ",")


def _rows_of_lines(content: bytes) -> Iterator[tuple[int, Any]]:
    """The objects on the lines of JSONL."""
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                yield number, parsed(line)
            except ValueError as error:
                yield number, str(error)


def _rows_of_csv(path: Path, text: str, comma: str) -> Iterator[tuple[int, Any]]:
    """The rows of a CSV with a header."""
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=comma)
    try:
        for row in rows:
            yield rows.line_num, row if None not in row else "has more fields than the first line names"
    except csv.Error as error:
        raise UnreadableError(f"{path} is no CSV after line {rows.line_num}: {error}.") from error


def _text_of(content: bytes) -> str:
    """The characters of a table: UTF-8, else windows-1252, which spreadsheets write."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
