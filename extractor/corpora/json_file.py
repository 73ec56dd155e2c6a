"""JSON with pages: an array of objects, one object after another, or an object that holds an array of them."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from extractor.compression import read_available
from extractor.corpora.items import CorpusFilter, CorpusItem, CorpusPart, NoPagesError, UnreadableItem
from extractor.corpora.rows import content_columns, read_row
from extractor.errors import UnreadableError

_MAX_JSON_BYTES = 500_000_000
_MAX_ROWS_WITHOUT_PAGE = 20  # at the beginning of a file; with more it is taken for something else
_DECODER = json.JSONDecoder(strict=False)
_BETWEEN_VALUES = re.compile(r"[\s,\x1e]*")  # U+001E begins each record of RFC 7464


def read_json_file(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """The pages in a JSON file. Raises NoPagesError if it holds none; UnreadableError if not all can be read."""
    content, fault = read_available(path, _MAX_JSON_BYTES)
    number = 0
    try:
        for number, row in enumerate(_rows_of_pages(path, _decode(content, is_whole=not fault), corpus_filter), 1):
            yield CorpusPart(f"{path}:{number}", partial(_read_value, path, number, row, corpus_filter))
    except (ValueError, RecursionError) as error:
        reason = fault or f"{path} is not JSON ({error})."
        if not number and not fault:
            raise NoPagesError(reason) from error
        raise UnreadableError(f"{reason} What follows record {number} is missing.") from error
    if fault:
        raise UnreadableError(fault)


def _decode(content: bytes, *, is_whole: bool) -> str:
    """The characters of JSON. Raises ValueError if they are not in an encoding of Unicode."""
    decoder = codecs.getincrementaldecoder(json.detect_encoding(content))()
    try:
        return str(decoder.decode(content, is_whole)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8, as JSON has to be: byte {error.start + 1}") from error


def _rows_of_pages(path: Path, text: str, corpus_filter: CorpusFilter) -> Iterator[Any]:
    """The records in JSON. Raises NoPagesError if none of the first is a page, and ValueError where it is no JSON."""
    rows = chain.from_iterable(_records_in(value, corpus_filter) for value in _values_in(text))
    first: list[Any] = []
    for row in islice(rows, _MAX_ROWS_WITHOUT_PAGE):
        first.append(row)
        if _is_page(row, corpus_filter):
            return chain(first, rows)
    raise NoPagesError(_no_pages_message(path, first, corpus_filter))


def _is_page(row: Any, corpus_filter: CorpusFilter) -> bool:
    """Whether a value is an object with a field for a page."""
    return isinstance(row, dict) and bool(content_columns(row, corpus_filter))


def _values_in(text: str) -> Iterator[Any]:
    """The values in JSON, those of an array one by one. Raises ValueError where something else follows.

    >>> list(_values_in('[{"a": 1}, 2]')), list(_values_in('{"a": 1}\\n{"a": 2}'))
    ([{'a': 1}, 2], [{'a': 1}, {'a': 2}])
    """
    position, in_array = _next_value(text, 0), False
    while position < len(text):
        if (text[position] == "[" and not in_array) or (text[position] == "]" and in_array):
            in_array, position = not in_array, position + 1
        else:
            value, position = _DECODER.raw_decode(text, position)
            yield value
        position = _next_value(text, position)
    if in_array:
        raise ValueError("it ends within an array")


def _next_value(text: str, position: int) -> int:
    """The position after white space and commas."""
    match = _BETWEEN_VALUES.match(text, position)
    return match.end() if match else position


def _records_in(value: Any, corpus_filter: CorpusFilter) -> list[Any]:
    """The pages in the first array of an object that has some, with the object's own fields, else the value itself.

    >>> _records_in({"id": 7, "url": "http://a.example/", "versions": [{"text": "a"}]}, CorpusFilter())
    [{'url': 'http://a.example/', 'text': 'a'}]
    """
    if not isinstance(value, dict) or _is_page(value, corpus_filter):
        return [value]
    for items in filter(_is_array, value.values()):
        if any(_is_page(item, corpus_filter) for item in items):
            own = {name: field for name, field in value.items() if name != "id" and isinstance(field, (str, int))}
            return [{**own, **item} if isinstance(item, dict) else item for item in items]
    return [value]


def _is_array(value: Any) -> bool:
    """Whether a value is an array."""
    return isinstance(value, list)


def _no_pages_message(path: Path, rows: list[Any], corpus_filter: CorpusFilter) -> str:
    """A sentence that says that JSON holds no pages, and what to do."""
    if not rows:
        return f"{path} is empty."
    expected = corpus_filter.text_column or "html, markdown or text"
    row = next((row for row in rows if isinstance(row, dict)), None)
    existing = f", only {', '.join(sorted(row)[:20])}" if row else ""
    return (
        f"{path} is JSON without pages: none of its objects has {expected}{existing}. "
        "Name the field with --text-column, or read it as plain text with --format pages."
    )


def _read_value(path: Path, number: int, row: Any, corpus_filter: CorpusFilter) -> Iterator[CorpusItem]:
    """The page of a record, and the reason for what could not be read of it."""
    if isinstance(row, dict):
        return read_row(path, f"record {number}", number, row, corpus_filter)
    return iter((UnreadableItem(f"{path}: record {number} is no JSON object."),))
