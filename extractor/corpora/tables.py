"""CSV and TSV as programs and spreadsheets write them: their rows, and the pages in them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from extractor.compression import incomplete_message, open_decompressed
from extractor.corpora.items import CorpusFilter, CorpusPart, NoPagesError, UnreadableItem, page_suffix
from extractor.corpora.rows import KNOWN_COLUMNS, content_columns, missing_content_message, read_row
from extractor.errors import UnreadableError

TABLE_SUFFIXES = (".csv", ".tsv")
_DELIMITERS = {".csv": ",;\t|", ".tsv": "\t,;|"}  # the likeliest first
_USUAL_FIELD = 131_072  # characters; Python's own limit
_MAX_PAGE_FIELD = 50_000_000
_SEPARATOR = re.compile(r"sep=.?", re.IGNORECASE)  # a line with which Excel begins
_WINDOWS_1252 = "bytes as windows-1252"


def read_table(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """The pages in the rows of a table. Raises UnreadableError if it cannot be read or has no column with pages."""
    for number, (_, row) in enumerate(table_rows(path, _MAX_PAGE_FIELD), 1):
        if number == 1 and not isinstance(row, str):
            _check_columns(path, row, corpus_filter)
        if isinstance(row, str):
            items = iter((UnreadableItem(f"{path}: row {number} {row}."),))
            yield CorpusPart(f"{path}:{number}", partial(iter, items))
        else:
            yield CorpusPart(f"{path}:{number}", partial(read_row, path, f"row {number}", number, row, corpus_filter))


def _check_columns(path: Path, row: dict[str, str], corpus_filter: CorpusFilter) -> None:
    """Raises NoPagesError if the rows of a table hold no pages, with what to do instead."""
    if not content_columns(row, corpus_filter):
        raise NoPagesError(f"{path} {missing_content_message(row, corpus_filter)}.")


def table_rows(path: Path, max_field: int = _USUAL_FIELD) -> Iterator[tuple[int, Any]]:
    """The line numbers and rows of a table with a header; a malformed row is a string with the reason.

    Raises UnreadableError if the table cannot be read; if it is cut off, after the complete rows.
    """
    quotes: list[int] = []  # on the lines of the last row
    with open_decompressed(path) as stream:
        skipped, rows = _open_rows(path, _counting_quotes(_text_lines(stream), quotes))
        try:
            while (row := _next_row(rows, quotes, max_field)) is not None:
                yield rows.line_num + skipped, row if None not in row else "has more fields than the first line names"
        except csv.Error as error:
            raise UnreadableError(f"{path} is no CSV after line {rows.line_num + skipped}: {error}.") from error
        except EOFError as error:
            line = rows.line_num + skipped
            raise UnreadableError(
                f"{incomplete_message(path, error)} The rows after line {line} are missing."
            ) from error
        if len(quotes) > 1 and sum(quotes) % 2:
            yield rows.line_num + skipped, "opens a quotation mark that nothing closes: other rows may be lost in it"


def _text_lines(stream: io.BufferedReader) -> Iterable[str]:
    """The lines of a table: UTF-16, as spreadsheets save it, if it begins like that, else UTF-8 or windows-1252."""
    start = stream.peek(4)[:4]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = {b"\0": "utf-16-le"}.get(start[1:2]) or {b"\0": "utf-16-be"}.get(start[:1]) or "utf-8-sig"
    text = io.TextIOWrapper(stream, encoding, _WINDOWS_1252, newline="")
    return (line.replace("\0", "") for line in text)  # Python 3.10 reads no NUL


def _decode_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """The characters of bytes that are not UTF-8: spreadsheets write windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_WINDOWS_1252, _decode_as_windows_1252)


def _counting_quotes(lines: Iterable[str], counts: list[int]) -> Iterator[str]:
    """The same lines; the number of quotation marks on each is added to a list."""
    for line in lines:
        counts.append(line.count('"'))
        yield line


def _open_rows(path: Path, lines: Iterator[str]) -> tuple[int, csv.DictReader[str]]:
    """The rows after the header, and how many lines come before it. Raises UnreadableError if there is no header."""
    for skipped, line in enumerate(lines):
        if line.strip() and not _SEPARATOR.fullmatch(line.strip()):
            rows = csv.DictReader(chain([line], lines), delimiter=_delimiter(line, page_suffix(path)))
            _check_header(path, rows)
            return skipped, rows
    raise NoPagesError(f"{path} is empty.")


def _delimiter(header: str, suffix: str) -> str:
    """The character between the fields of a header: the one that gives the most columns that are known, or any.

    >>> _delimiter("url;date;text,html", ".csv"), _delimiter("a,b", ".tsv"), _delimiter("text", ".csv")
    (';', ',', ',')
    """
    return max(_DELIMITERS.get(suffix, ","), key=lambda delimiter: _columns_by(delimiter, header))


def _columns_by(delimiter: str, header: str) -> tuple[int, int]:
    """How many columns a header has with a delimiter: those that are known, and all."""
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter), [])]
    return len(KNOWN_COLUMNS & {*names}), len(names)


def _check_header(path: Path, rows: csv.DictReader[str]) -> None:
    """Raises UnreadableError if two columns have the same known name."""
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    if twice := next((name for name in names if name in KNOWN_COLUMNS and names.count(name) > 1), ""):
        raise UnreadableError(f"{path} has two columns named {twice}: rename one of them.")


def _next_row(rows: csv.DictReader[str], quotes: list[int], max_field: int) -> Any:
    """The next row, None at the end. The limit on fields is Python's for all tables, so it is set for one row only."""
    seen, before = [*quotes], csv.field_size_limit(max_field)
    quotes.clear()
    try:
        row = next(rows, None)
    finally:
        csv.field_size_limit(before)
    if row is None:
        quotes[:] = seen
    return row
