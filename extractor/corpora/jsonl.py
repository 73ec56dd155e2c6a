"""JSONL with a page per line, in the field `html`, `markdown` or `text`, with `url` and a date where they are known."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from extractor.compression import has_compressed_name, incomplete_message, open_decompressed
from extractor.corpora.items import CorpusFilter, CorpusItem, CorpusPart, UnreadableItem
from extractor.corpora.json_file import read_json_file
from extractor.corpora.rows import read_row
from extractor.errors import UnreadableError
from extractor.records import Snapshot

JSONL_SUFFIXES = (".jsonl", ".ndjson")
_SNIFFED_BYTES = 1024
_MAX_LINES_WITHOUT_PAGE = 20  # at the beginning of a file; with more it is taken for something else


def read_json_lines(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """The lines of a file. Raises UnreadableError if it cannot be read, or its first lines hold no page."""
    number = 0
    with open_decompressed(path) as stream:
        if _is_document(stream.peek(_SNIFFED_BYTES)):
            yield from read_json_file(path, corpus_filter)
            return
        lines = ((number, line) for number, line in enumerate(stream, 1) if line.strip())
        try:
            yield from _lines_to_first_page(path, lines, corpus_filter)
            for number, line in lines:
                yield CorpusPart(f"{path}:{number}", partial(_read_line, path, number, line, corpus_filter))
        except EOFError as error:
            where = f"after {number}" if number else "that follow"
            raise UnreadableError(f"{incomplete_message(path, error)} The lines {where} are missing.") from error


def count_json_lines(path: Path) -> int:
    """How many lines a file has, the empty ones left out; 0 if it is compressed, or a single document."""
    if has_compressed_name(path) or not path.is_file():  # a pipe can be read only once
        return 0
    with path.open("rb") as stream:
        return 0 if _is_document(stream.peek(_SNIFFED_BYTES)) else sum(not line.isspace() for line in stream)


def _is_document(start: bytes) -> bool:
    """Whether JSON is not one object a line: it begins with an array, or with an object of several lines.

    >>> _is_document(b'[{"text": "a"}]'), _is_document(b'{\\n  "text"'), _is_document(b'{"text": "a"}\\n')
    (True, True, False)
    """
    start = start.removeprefix(codecs.BOM_UTF8).lstrip()
    return start.startswith(b"[") or start.partition(b"\n")[0].strip() == b"{"


def _lines_to_first_page(
    path: Path, lines: Iterator[tuple[int, bytes]], corpus_filter: CorpusFilter
) -> Iterator[CorpusPart]:
    """The lines up to the first with a page. Raises UnreadableError if too many have none."""
    failures = 0
    for number, line in lines:
        items = list(_read_line(path, number, line, corpus_filter))
        yield CorpusPart(f"{path}:{number}", partial(iter, items))
        failures += any(isinstance(item, UnreadableItem) for item in items)
        if any(isinstance(item, Snapshot) for item in items):
            return
        if failures >= _MAX_LINES_WITHOUT_PAGE:
            raise UnreadableError(f"{path} was given up: none of its first {number} lines holds a page.")


def _read_line(path: Path, number: int, line: bytes, corpus_filter: CorpusFilter) -> Iterator[CorpusItem]:
    """The page of a line, and the reason for what could not be read of it."""
    try:
        row = parse_object(line)
    except (ValueError, RecursionError) as error:
        yield UnreadableItem(f"{path}: line {number} {error}.")
        return
    yield from read_row(path, f"line {number}", number, row, corpus_filter)


def parse_object(line: bytes) -> dict[str, Any]:
    """The JSON object on a line. Raises ValueError if there is none."""
    try:
        row = msgspec.json.decode(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8, as JSON has to be (byte {error.start + 1})") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"is not JSON ({error})") from error
    if not isinstance(row, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004
    return row
