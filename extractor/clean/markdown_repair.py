"""Mends what Markdown converters leave behind: bold marks that do not close, tables whose rows are wider than they say.

Converters such as html2text write `** Cookies **` or `**Cookies` for bold text that begins or ends with a space, and
`****` for bold text that is empty. By the rules of Markdown these are stars, not bold text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_MARK = re.compile(r"(?<![\\*])(\*{2,3})(?!\*)")
_EMPTY_MARKS = re.compile(r"(?<![\\*])\*{4,}")
_HARD_BREAK = re.compile(r"(?:(?<! ) {2,}|\\)\n[ \t]*")
_MAX_OPEN_WORDS = 12  # a longer line after an opening mark is a note that begins with stars
_MAX_METADATA_LINES = 60
_METADATA_LINE = re.compile(r"\s*$|[ \t#-]|[\w-]+[ \t]*:")
_METADATA_KEY = re.compile(r"(?:title|layout|date|permalink|slug|description|sidebar_\w+|draft)[ \t]*:", re.IGNORECASE)
_RULE_CELL = re.compile(r":?-+:?")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_MAX_COLUMNS = 50


def split_front_matter(page: str) -> tuple[str, str]:
    """The title in the metadata before a page, "" without one, and the page without this metadata.

    >>> split_front_matter("---\\ntitle: Privacy\\ndate: 2020-01-02\\n---\\nWe collect")
    ('Privacy', 'We collect')
    """
    *lines, rest = page.split("\n", _MAX_METADATA_LINES)
    if not lines or lines[0].rstrip() != "---":
        return "", page
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    metadata = lines[1:end]
    if not (any(map(_METADATA_KEY.match, metadata)) and all(map(_METADATA_LINE.match, metadata))):
        return "", page
    titles = [line.partition(":")[2].strip(" \t\r'\"") for line in metadata if line.lower().startswith("title")]
    return "".join(titles[:1]), "\n".join([*lines[end + 1 :], rest])


def repair_strong(text: str) -> str:
    """The text of a paragraph with its bold marks set as Markdown wants them; marks around nothing are removed.

    >>> repair_strong("** Cookies **"), repair_strong("**Technical Information** ****")
    (' **Cookies** ', '**Technical Information** ')
    """
    text = _EMPTY_MARKS.sub(lambda match: "*" * (len(match[0]) % 4), text)
    parts = _MARK.split(text)
    if len(parts) % 4 == 1:
        return _with_pairs(parts)
    return "".join(map(_repair_line, text.splitlines(keepends=True)))


def _repair_line(line: str) -> str:
    """A line of a paragraph in which a mark has no partner: text after an opening mark is bold up to the line's end."""
    parts = _MARK.split(line)
    if len(parts) % 4 == 1:
        return _with_pairs(parts)
    before, mark, rest = parts[-3:]
    closed = _with_pairs(parts[:-2])
    if not rest.strip():
        return closed + (rest if not before.strip() or before[-1].isspace() else mark + rest)
    if closed.strip() or rest[0].isspace() or len(rest.split()) > _MAX_OPEN_WORDS:
        return closed + mark + rest
    return _with_pairs([before, mark, rest, mark, ""])


def _with_pairs(parts: Sequence[str]) -> str:
    """Text split at its marks, [text, mark, text, mark, text, …], as Markdown in which each pair makes text bold."""
    written = parts[0]
    for mark, inside, after in zip(parts[1::4], parts[2::4], parts[4::4], strict=True):
        written += _strong_lines(mark, inside, written[-1:], after[:1]) + after
    return written


def _strong_lines(mark: str, inside: str, before: str, after: str) -> str:
    """Text between two marks as bold text, line by line. `before` and `after` are the characters around the marks."""
    words = inside.strip()
    if not words.strip("_* "):
        return inside.replace("_", "").replace("*", "")
    lead, trail = inside.split(words, 1)
    if before.isalnum() and not lead and not words[0].isalnum():
        return inside  # Markdown sees no opening mark between a letter and a sign
    lines = [f"{mark}{line.strip()}{mark}" for line in _HARD_BREAK.split(words) if line.strip()]
    gap = " " if after.isalnum() and not trail and not words[-1].isalnum() else trail
    return lead + "  \n".join(lines) + gap


def widen_tables(page: str) -> str:
    """A page whose tables have as many columns as their widest row: Markdown drops the cells beyond the header's.

    >>> print(widen_tables("a | b\\n---|---\\nc | d | e"))
    a | b | &nbsp;
    ---|---|---
    c | d | e
    """
    if "|" not in page or "--" not in page:
        return page
    lines = page.split("\n")
    at = 1
    while at < len(lines):
        at = _widen_table(lines, at) if _is_table_rule(lines[at]) else at + 1
    return "\n".join(lines)


def _is_table_rule(line: str) -> bool:
    """Whether a line separates the header of a table from its rows."""
    if "|" not in line or line.strip(" \t\r|:-"):
        return False
    cells = line.strip().removeprefix("|").removesuffix("|").split("|")
    return all(_RULE_CELL.fullmatch(cell.strip()) for cell in cells)


def _widen_table(lines: list[str], rule: int) -> int:
    """Adds the columns that the table with this rule lacks, and returns the index of the line after the table."""
    end = next((at for at in range(rule + 1, len(lines)) if not lines[at].strip()), len(lines))
    columns = _count_cells(lines[rule])
    missing = max(map(_count_cells, lines[rule + 1 : end]), default=0) - columns
    if 0 < missing <= _MAX_COLUMNS and _count_cells(lines[rule - 1]) == columns:
        lines[rule - 1] = lines[rule - 1].rstrip().removesuffix("|").rstrip() + " | &nbsp;" * missing
        lines[rule] = lines[rule].rstrip().removesuffix("|").rstrip() + "|---" * missing
    return end


def _count_cells(row: str) -> int:
    """The number of cells in a row."""
    row = row.strip()
    borders = len(_CELL_BORDER.findall(row))
    return borders + 1 - row.startswith("|") - (row.endswith("|") and borders > 1)
