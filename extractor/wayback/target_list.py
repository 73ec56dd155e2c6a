"""The targets of a command line: domains and URLs, and lists of them in files, one a line or in a column of a table."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from extractor.errors import UnreadableError, UsageError
from extractor.wayback.target import Target, parse_target

_TABLE_SUFFIXES = (".csv", ".tsv", ".tab")
# What the column of the targets is called, the most precise first: a table may have a policy's URL and the domain
_COLUMN_NAMES = ("target", "policy_url", "url", "origin", "domain", "hostname", "host", "website", "site")
_NUMBER = re.compile(r"\d+([.,]\d+)?")  # a rank or a share; 1.5 would pass for a host
_MAX_NAMED_LINES = 5


class _Line(NamedTuple):
    """A line of a file, and its number."""

    number: int
    text: str


def read_targets(words: Iterable[str]) -> list[Target]:
    """The targets of a command line, each once; `@file` stands for those in a file.

    A file has one target a line, or is a table (CSV, TSV) with a column of them, such as `rank,domain`; a line that
    begins with "#" is a comment. Raises UsageError where a word or a line of a file is no target, or a file is named
    without `@`; UnreadableError where a file cannot be read.
    """
    targets: dict[str, Target] = {}
    for word in words:
        for target in _read_target_file(Path(word[1:])) if word.startswith("@") else [_parse_word(word)]:
            targets.setdefault(target.domain or target.name, target)
    if not targets:
        raise UsageError("No target was given: name a domain, a policy's URL, or @file with one a line.")
    return list(targets.values())


def _parse_word(word: str) -> Target:
    """The target that a word is. Raises UsageError where it is the name of a file, which could pass for a domain."""
    if os.path.isfile(word):  # noqa: PTH113 - a URL may be too long for a path, which Path.is_file raises
        site = f" For the site of that name write http://{word}." if _is_target(word) else ""
        raise UsageError(f"{word} is a file: write @{word} for the targets in it.{site}")
    return parse_target(word)


def _read_target_file(path: Path) -> list[Target]:
    """The targets in a file. Raises UsageError that names the lines without one."""
    targets, unusable = [], []
    for line, name in _named_targets(path, _read_lines(path)):
        if _is_target(name):
            targets.append(parse_target(name))
        else:
            unusable.append(f"line {line.number} ({line.text!r})")
    if unusable:
        more = f" and {len(unusable) - _MAX_NAMED_LINES} more" if len(unusable) > _MAX_NAMED_LINES else ""
        raise UsageError(
            f"{path} has lines with neither a domain nor a URL: {', '.join(unusable[:_MAX_NAMED_LINES])}{more}. "
            "Write example.org or https://example.org/privacy, or begin such a line with # to leave it out."
        )
    return targets


def _read_lines(path: Path) -> list[_Line]:
    """The lines of a file, without comments and empty lines."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UnreadableError(f"The list of targets {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"The list of targets {path} cannot be read: it is not in UTF-8 ({error}).") from error
    numbered = (_Line(number, raw.split(" #")[0].strip()) for number, raw in enumerate(lines, 1))
    return [line for line in numbered if line.text and not line.text.startswith("#")]


def _named_targets(path: Path, lines: list[_Line]) -> list[tuple[_Line, str]]:
    """The lines, each with what should be its target: itself, or in a table what stands in the column of targets."""
    if not lines or not _is_table(path, lines[0].text):
        return [(line, line.text) for line in lines]
    delimiter = max("\t;,", key=lines[0].text.count)
    rows = [_split(line.text, delimiter) for line in lines]
    has_header = not any(_is_target(field) or _NUMBER.fullmatch(field) for field in rows[0])
    column = _target_column(path, rows, has_header=has_header)
    cells = [row[column] if column < len(row) else "" for row in rows]
    return list(zip(lines, cells, strict=True))[has_header:]


def _is_table(path: Path, first: str) -> bool:
    """Whether a file is a table, by its name or its first line. A comma alone proves nothing: URLs have commas."""
    if path.suffix.lower() in _TABLE_SUFFIXES or _column_name(first) in _COLUMN_NAMES:
        return True
    return not _is_target(first) and any(delimiter in first for delimiter in "\t;,")


def _split(line: str, delimiter: str) -> list[str]:
    """The fields of a row of a table."""
    try:
        return [field.strip() for field in next(csv.reader([line], delimiter=delimiter))]
    except csv.Error:
        return [line]


def _target_column(path: Path, rows: list[list[str]], *, has_header: bool) -> int:
    """The number of the column with the targets. Raises UsageError where none has any, or several have."""
    header = [_column_name(field) for field in rows[0]] if has_header else []
    if named := [header.index(name) for name in _COLUMN_NAMES if name in header]:
        return named[0]
    columns = ([i for i, field in enumerate(row) if _is_target(field)] for row in rows[has_header:])
    found = next(filter(None, columns), [])
    if len(found) != 1:
        which = "several columns" if found else "no column"
        raise UsageError(f"{path} has {which} with domains or URLs: write domain or url above the one that is meant.")
    return found[0]


def _column_name(field: str) -> str:
    """The name in a header, in the spelling of _COLUMN_NAMES.

    >>> _column_name('"Policy URL"')
    'policy_url'
    """
    return field.strip(' "').lower().replace(" ", "_")


def _is_target(name: str) -> bool:
    """Whether a word is a domain or a URL."""
    try:
        return not _NUMBER.fullmatch(name) and bool(parse_target(name))
    except UsageError:
        return False
