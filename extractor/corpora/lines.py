"""JSONL: a page a line, as `html`, `markdown` or `text`, with `url` and `timestamp` or `date` where they are known."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from extractor.compression import opened
from extractor.corpora.reading import (
    Item,
    Part,
    Unread,
    Wanted,
    content_field,
    facts_of,
    field_of,
    lacking,
    name_of,
    row_snapshot,
)
from extractor.errors import UnreadableError
from extractor.records import Snapshot, Source

SUFFIXES = (".jsonl", ".ndjson")
_ENOUGH = 20  # lines without a page, from which on the file is taken for something else


def read_lines(path: Path, wanted: Wanted) -> Iterator[Part]:
    """The lines of a file. Raises UnreadableError where it cannot be read, or its first lines hold no page."""
    with opened(path) as stream:
        lines = ((number, line) for number, line in enumerate(stream, 1) if line.strip())
        yield from _until_a_page(path, lines, wanted)
        for number, line in lines:
            yield Part(f"{path}:{number}", partial(_read_line, path, number, line, wanted))


def _until_a_page(path: Path, lines: Iterator[tuple[int, bytes]], wanted: Wanted) -> Iterator[Part]:
    """The lines up to the first with a page. Raises UnreadableError where too many have none."""
    missed = 0
    for number, line in lines:
        items = list(_read_line(path, number, line, wanted))
        yield Part(f"{path}:{number}", partial(iter, items))
        missed += any(isinstance(item, Unread) for item in items)
        if any(isinstance(item, Snapshot) for item in items):
            return
        if missed >= _ENOUGH:
            raise UnreadableError(f"{path} was given up: none of its first {number} lines holds a page.")


def _read_line(path: Path, number: int, line: bytes, wanted: Wanted) -> Iterator[Item]:
    """The page of a line, and what is wrong with it."""
    try:
        row = parsed(line)
        column = content_field(row, wanted)
        if not column:
            raise ValueError(lacking(row, wanted))
        facts = facts_of(row)
        source = Source(name_of(path), field_of(row, ("id",)) or str(number))
        snapshot = row_snapshot(row, column, source, facts)
    except (ValueError, RecursionError) as error:
        yield Unread(f"{path}: line {number} {error}.")
        return
    if wanted.has_url(facts.url):
        if facts.fault:
            yield Unread(f"{path}: line {number}: {facts.fault}.")
        yield snapshot


def parsed(line: bytes) -> dict[str, Any]:
    """The object on a line. Raises ValueError where there is none."""
    try:
        row = msgspec.json.decode(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8, as JSON has to be (byte {error.start + 1})") from error
    except msgspec.DecodeError as error:
        raise ValueError(f"is not JSON ({error})") from error
    if not isinstance(row, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004
    return row
