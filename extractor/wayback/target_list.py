"""The targets of a command line: domains and URLs, and lists of them in files, one a line or in a column of a table."""

from __future__ import annotations

import codecs
import csv
import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from extractor.errors import UnreadableError, UsageError
from extractor.wayback.target import Target, lookup_key, parse_target

_TABLE_SUFFIXES = (".csv", ".tsv", ".tab")
# What the column of the targets is called, the most precise first: a table may have a policy's URL and the domain
_COLUMN_NAMES = ("target", "policy_url", "url", "origin", "domain", "hostname", "host", "website", "site")
_NUMBER = re.compile(r"\d+([.,]\d+)?")  # a rank or a share; 1.5 would pass for a host
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_COMMENT = re.compile(r"\s#")

_log = logging.getLogger(__name__)


class _Line(NamedTuple):
    """A line of a file, and its number."""

    number: int
    text: str


def read_targets(words: Iterable[str]) -> list[Target]:
    """The targets of a command line, each once, in whatever spelling; `@file` stands for those in a file.

    A file has one target a line, or is a table (CSV, TSV) with a column of them, such as `rank,domain`; a line that
    begins with "#" is a comment. A line that is no target is left out with a warning that names it. Raises UsageError
    where a word is no target, a file has none, or is named without `@`; UnreadableError where a file cannot be read.
    """
    targets: dict[str, Target] = {}
    for word in words:
        for target in _read_target_file(Path(word[1:])) if word.startswith("@") else [_parse_word(word)]:
            targets.setdefault(lookup_key(target), target)
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
    """The targets in a file. Raises UsageError where there are only lines without one."""
    targets, unusable = [], []
    for line, name in _named_targets(path, _read_lines(path)):
        if _is_target(name):
            targets.append(parse_target(name))
        else:
            unusable.append(f"{path}, line {line.number}: {line.text!r} has neither a domain nor a URL")
    if unusable and not targets:
        more = f", nor have {len(unusable) - 1} others" if len(unusable) > 1 else ""
        raise UsageError(f"{unusable[0]}{more}. Write example.org or https://example.org/privacy.")
    for problem in unusable:
        _log.warning("%s and was left out.", problem)
    return targets


def _read_lines(path: Path) -> list[_Line]:
    """The lines of a file, without comments and empty lines."""
    try:
        lines = _decoded(path.read_bytes()).splitlines()
    except OSError as error:
        raise UnreadableError(f"The list of targets {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"The list of targets {path} cannot be read: {error}.") from error
    numbered = (_Line(number, _COMMENT.split(raw, maxsplit=1)[0].strip()) for number, raw in enumerate(lines, 1))
    return [line for line in numbered if line.text and not line.text.startswith("#")]


def _decoded(content: bytes) -> str:
    """The text of a file in UTF-8, in UTF-16 as Windows writes it, or else in windows-1252, which Excel writes."""
    encoding = next((name for mark, name in _BOMS.items() if content.startswith(mark)), "")
    if not encoding and b"\0" in content[:2]:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    if encoding:
        return content.decode(encoding)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _named_targets(path: Path, lines: list[_Line]) -> list[tuple[_Line, str]]:
    """The lines, each with what should be its target: itself, or in a table what stands in the column of targets."""
    if not lines or not _is_table(path, lines):
        return [(line, _unquoted(line.text)) for line in lines]
    delimiter = max("\t;,", key=lines[0].text.count)
    rows = [_split(line.text, delimiter) for line in lines]
    has_header = not any(_is_target(field) or _NUMBER.fullmatch(field) for field in rows[0])
    column = _target_column(path, rows, has_header=has_header)
    cells = [row[column] if column < len(row) else "" for row in rows]
    return list(zip(lines, cells, strict=True))[has_header:]


def _unquoted(text: str) -> str:
    """A line without quotation marks around it and without a comma after it.

    >>> _unquoted('"shop.example",')
    'shop.example'
    """
    return text.rstrip(",; ").strip("\"'")


def _is_table(path: Path, lines: list[_Line]) -> bool:
    """Whether a file is a table, by its name or its first lines. A comma alone proves nothing: URLs have commas."""
    first = lines[0].text
    if path.suffix.lower() in _TABLE_SUFFIXES or _column_name(first) in _COLUMN_NAMES:
        return True
    return any(
        not _is_target(_unquoted(line.text)) and any(delimiter in _unquoted(line.text) for delimiter in "\t;,")
        for line in lines[:2]
    )


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
