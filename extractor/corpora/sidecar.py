"""Sidecars: a table beside a folder of pages, CSV, TSV or JSONL, with the URL, date and names of a file in each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from extractor.compression import read_bytes
from extractor.corpora.columns import field_value
from extractor.corpora.items import CorpusFilter, UnreadableItem, page_suffix
from extractor.corpora.jsonl import JSONL_SUFFIXES, parse_object
from extractor.corpora.rows import PATH_COLUMNS, PageMetadata, has_path_column, metadata_of
from extractor.corpora.tables import table_rows
from extractor.errors import UnreadableError

_USUAL_NAMES = ("metadata.csv", "metadata.tsv", "metadata.jsonl", "index.csv", "index.tsv", "index.jsonl")

Sidecar = dict[str, PageMetadata]


def find_sidecar(folder: Path, corpus_filter: CorpusFilter) -> Path | None:
    """The table that the user names, or else one in the folder with a usual name and a column of paths."""
    if corpus_filter.sidecar:
        return corpus_filter.sidecar
    return next((folder / name for name in _USUAL_NAMES if _is_sidecar(folder / name)), None)


def _is_sidecar(path: Path) -> bool:
    """Whether a file is a table with a column of paths."""
    if not path.is_file():
        return False
    try:
        return has_path_column(_first_row(path))
    except UnreadableError:
        return True  # a damaged one, which is reported when it is read


def _first_row(path: Path) -> Mapping[str, Any]:
    """The first well-formed row of a table, empty if there is none. Raises UnreadableError."""
    return next((row for _, row in _numbered_rows(path) if isinstance(row, dict)), {})


def read_sidecar(path: Path, folder: Path) -> tuple[Sidecar, list[UnreadableItem]]:
    """The metadata in a table of the files in a folder, and the reasons for rows that could not be read.

    Raises UnreadableError if it is no sidecar.
    """
    if not has_path_column(first := _first_row(path)):
        columns = ", ".join(map(str, first)) or "no rows"
        raise UnreadableError(f"{path} is no sidecar: it has {columns}, and none of {', '.join(PATH_COLUMNS)}.")
    sidecar: Sidecar = {}
    problems: list[UnreadableItem] = []
    for number, row in _numbered_rows(path):
        try:
            key, metadata = _read_row(row, folder, path.parent)
            if key in sidecar:
                raise ValueError(f"names {key} a second time: the first line counts")
        except ValueError as error:
            problems.append(UnreadableItem(f"{path}: line {number} {error}."))
            continue
        if metadata.problem:
            problems.append(UnreadableItem(f"{path}: line {number}: {metadata.problem}."))
        sidecar[key] = metadata
    return sidecar, problems


def _read_row(row: Any, folder: Path, table_folder: Path) -> tuple[str, PageMetadata]:
    """The key of the file that a row names, and its metadata. Raises ValueError if the row cannot be understood."""
    if isinstance(row, str):
        raise ValueError(row)  # noqa: TRY004 - the problem that `_numbered_rows` found
    name = field_value(row, PATH_COLUMNS)
    if not name:
        raise ValueError(f"names no file: it needs one of the columns {', '.join(PATH_COLUMNS)}")
    for path in (folder / name, table_folder / name):
        if path.is_file():
            return sidecar_key(path, folder), metadata_of(row)
    raise ValueError(f"names {name}, which is not in {folder}")


def sidecar_key(path: Path, folder: Path) -> str:
    """The key of a file in a sidecar: its path relative to the folder."""
    path, folder = path.absolute(), folder.absolute()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _numbered_rows(path: Path) -> Iterator[tuple[int, Any]]:
    """The line numbers and rows of a table; a malformed row is a string with the reason. Raises UnreadableError."""
    return _jsonl_rows(read_bytes(path)) if page_suffix(path) in JSONL_SUFFIXES else table_rows(path)


def _jsonl_rows(content: bytes) -> Iterator[tuple[int, Any]]:
    """The objects on the lines of JSONL."""
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                yield number, parse_object(line)
            except ValueError as error:
                yield number, str(error)
