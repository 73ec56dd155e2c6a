"""Mends the Markdown of the Princeton-Leuven corpus, which html2text made of the pages.

Its links to the site lead to the archive; links around images have no text; and tables that only lay a page out left
bars and rules between the paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

# Links of the site that were resolved against the archive's root instead of the page's URL
_ARCHIVE_ROOT = re.compile(rb"""(\]\(|<|=["']?)https?://web\.archive\.org(?=[/)>#?"'\s])(?!/web/(?:\d|\*|https?:))""")
# Links into the archive whose URL is escaped as in the header, or that have no time
_ARCHIVED_URL = re.compile(
    rb"""(\]\(|<|=["']?)https?://web\.archive\.org/web/"""
    rb"""(?:\d{1,14}(?:[a-z]{2}_)?/(https?%3A//[^\s)>"']+)|(https?://[^\s)>"']+))""",
    re.IGNORECASE,
)
_UNSAFE_IN_LINK = re.compile(rb"[\s()<>\"']")
_EMPTY_LINK = re.compile(rb"(?<![!\\])\[[ \t]*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_BARE_BARS = re.compile(rb"[ \t]*\|[ \t|]*")
_FENCE = re.compile(rb"[ \t]*(```|~~~)")
_LABEL = rb"[ \t|]*[*_]*(?:%b)[ \t]*\d{0,2}(?:[.:)][*_]*|[*_]+)[ \t]*\|[ \t]*"
_QUESTION_LABEL = re.compile(_LABEL % rb"Q|Question", re.IGNORECASE)
_ANSWER_LABEL = re.compile(_LABEL % rb"A|Answer", re.IGNORECASE)
_ITEM_LABEL = re.compile(rb"[ \t|]*(\d{1,2}[.)]|\xc2\xb7|\xe2\x80\xa2)[ \t]*\|[ \t]*(?=[^\s|])")
_LIST_MARKER = re.compile(rb"\A[ \t]*([-+*]|\d{1,9}[.)])[ \t]")
_MAX_CELL_BYTES = 60  # of a cell that is a paragraph of its own in a table of data
_MAX_COLUMN_TITLE_WORDS = 8
_MAX_TITLE_LINES = 12  # from the first title of two columns to the rule below the second
_NO_TEXT = b"&nbsp;"


def repair_markdown(markdown: bytes, url: str) -> bytes:
    """Markdown without the corpus's known defects: links to the archive, empty links, remains of layout tables.

    >>> repair_markdown(b"Write [here](https://web.archive.org/contact/).[](http://a.example/x)", "http://shop.example/privacy")
    b'Write [here](http://shop.example/contact/).'
    """
    return _repair_tables(_EMPTY_LINK.sub(b"", restore_site_links(markdown, url)))


def restore_site_links(page: bytes, url: str) -> bytes:
    """A page whose links into the archive, as the corpus writes them, lead to the site again."""
    page = _ARCHIVED_URL.sub(_original_link, page)
    scheme, _, rest = url.partition("://")
    if not rest:
        return page
    site, document = f"{scheme}://{re.split('[/?#]', rest)[0]}".encode(), url.partition("#")[0].encode()
    return _ARCHIVE_ROOT.sub(
        lambda match: match[1] + (document if match.string[match.end() : match.end() + 1] == b"#" else site), page
    )


def _original_link(match: re.Match[bytes]) -> bytes:
    """The start of a link and the URL on the site that it leads to."""
    url = unquote_to_bytes(match[2]) if match[2] else match[3]
    return match[1] + _UNSAFE_IN_LINK.sub(lambda char: b"%%%02X" % ord(char[0]), url)


def _repair_tables(markdown: bytes) -> bytes:
    """Markdown without the remains of layout tables: lines of bars alone, bars before text, rules under no header.

    Tables with two or more columns are kept.

    >>> _repair_tables(b"|  **Privacy**\\n\\nWe keep\\n---|---\\nnothing.\\n|\\n")
    b'**Privacy**  \\n\\nWe keep\\nnothing.\\n'
    """
    if b"|" not in markdown:
        return markdown
    lines = list(_without_labels(_fold_rows(_unfold_columns(markdown.split(b"\n")))))
    return b"\n".join(_without_debris(lines))


def _without_debris(lines: Sequence[bytes]) -> Iterator[bytes]:
    """The lines of a document without bars and rules that belong to no table."""
    fenced = False
    rule = b""  # of the open table
    for line, after in pairwise([*lines, b""]):
        fenced ^= bool(_FENCE.match(line))
        if _is_rule(after) and _count_filled_cells(line) > 1:
            rule = after
        elif b"|" not in line:
            rule = b""
        if fenced or b"|" not in line:
            yield line
        elif rule:
            yield line if _is_rule(line) else _readable_row(line, rule)
        elif not (_BARE_BARS.fullmatch(line) or _is_rule(line)):
            yield line.strip(b" \t|") + b"  " if line.lstrip().startswith(b"|") else line


def _readable_row(row: bytes, rule: bytes) -> bytes:
    """A row whose first cell Markdown would not see: it is empty, or begins like a list."""
    if row.startswith(b"|") and row.count(b"|") == rule.count(b"|") and not rule.startswith(b"|"):
        return _NO_TEXT + b" " + row
    return _LIST_MARKER.sub(_escaped_marker, row)


def _escaped_marker(match: re.Match[bytes]) -> bytes:
    """A mark before the first cell of a row, so that it does not begin a list."""
    marker = match[1]
    return marker[:-1] + b"\\" + marker[-1:] + b" "


def _is_rule(line: bytes) -> bool:
    """Whether a line separates the header of a table from its rows."""
    return b"|" in line and b"-" in line and not line.strip(b" \t\r|:-")


def _count_filled_cells(line: bytes) -> int:
    """The number of cells of a row that hold text."""
    return sum(bool(cell.strip()) for cell in line.split(b"|"))


def _without_labels(lines: Sequence[bytes]) -> Iterator[bytes]:
    """Lines of tables that lay out questions and answers, or items, without the cell that holds "Q:" or the number."""
    has_questions = any(map(_QUESTION_LABEL.match, lines))
    for before, line in pairwise([b"", *lines]):
        if b"|" not in line:
            yield line
        elif has_questions and (label := _QUESTION_LABEL.match(line) or _ANSWER_LABEL.match(line)):
            yield from (b"", line[label.end() :], b"")
        elif (label := _ITEM_LABEL.match(line)) and b"|" not in before:
            yield from (b"", b"%b %b" % (label[1], line[label.end() :]))
        else:
            yield line


# Cells that are paragraphs: html2text sets each between empty lines, with a bar on a line of its own between two cells


class _BlockRow(NamedTuple):
    """The cells of a row whose cells are single short lines, and the index of the line after it."""

    cells: list[bytes]
    end: int


def _fold_rows(lines: Sequence[bytes]) -> list[bytes]:
    """Lines in which each row of a table that spreads over many lines is on one."""
    folded: list[bytes] = []
    at = 0
    while at < len(lines):
        row = _read_block_row(lines, at)
        if row is None:
            folded.append(lines[at])
            at += 1
            continue
        _join_to_table(folded)
        folded.append(b" | ".join(cell or _NO_TEXT for cell in row.cells))
        at = row.end
    return folded


def _read_block_row(lines: Sequence[bytes], start: int) -> _BlockRow | None:
    """The row that begins on a line that ends in a bar; None unless at least two short cells follow."""
    first = lines[start].rstrip()
    if not first.endswith(b"|") or _BARE_BARS.fullmatch(first) or _is_rule(first):
        return None
    cells = [cell.strip() for cell in first.split(b"|")[:-1]]
    at = start
    while (cell_at := _next_filled(lines, at + 1)) and _is_short_cell(lines[cell_at]):
        cells.append(lines[cell_at].strip())
        at = cell_at
        bar_at = _next_filled(lines, at + 1)
        if not bar_at or not _BARE_BARS.fullmatch(lines[bar_at].rstrip()):
            break
        at = bar_at
    return _BlockRow(cells, at + 1) if len(cells) > first.count(b"|") + 1 else None


def _next_filled(lines: Sequence[bytes], at: int) -> int:
    """The index of the next line with characters, 0 if none of the next few has any."""
    return next((index for index in range(at, min(at + 4, len(lines))) if lines[index].strip()), 0)


def _is_short_cell(line: bytes) -> bool:
    """Whether a line can be a cell of a table of data."""
    return len(line.strip()) <= _MAX_CELL_BYTES and b"|" not in line


def _join_to_table(folded: list[bytes]) -> None:
    """Removes the empty lines between a table and its next row."""
    end = len(folded)
    while end and not folded[end - 1].strip():
        end -= 1
    if end and b"|" in folded[end - 1]:
        del folded[end:]


class _ColumnTitles(NamedTuple):
    """The titles of two columns, and the index of the first line that they are on."""

    first: bytes
    second: bytes
    start: int


def _unfold_columns(lines: Sequence[bytes]) -> list[bytes]:
    """Lines in which two columns of lists or paragraphs stand one after the other, each below its title.

    Else the first list would seem to belong to the second title: "We will", "We will not", list, list.
    """
    unfolded: list[bytes] = []
    at = end = 0
    while at < len(lines):
        is_rule = lines[at].count(b"|") == 1 and _is_rule(lines[at])
        titles = _read_column_titles(lines, at, end) if is_rule else None
        border = _column_border(lines, at) if titles else 0
        if titles and border:
            del unfolded[len(unfolded) - (at - titles.start) :]
            unfolded += [titles.first, b"", *lines[at + 1 : border], b"", titles.second, b""]
            at = end = border
        else:
            unfolded.append(lines[at])
        at += 1
    return unfolded


def _read_column_titles(lines: Sequence[bytes], rule: int, end: int) -> _ColumnTitles | None:
    """The short titles above a rule of two columns, on one line or with a bar between them; None for any other text.

    They are looked for from the line with index `end` on.
    """
    filled = [at for at in range(max(end, rule - _MAX_TITLE_LINES), rule) if lines[at].strip()][-3:]
    if filled and lines[filled[-1]].count(b"|") == 1:
        first, _, second = lines[filled[-1]].partition(b"|")
        titles = _ColumnTitles(first.strip(), second.strip(), filled[-1])
    elif len(filled) == 3 and _BARE_BARS.fullmatch(lines[filled[1]]):
        titles = _ColumnTitles(lines[filled[0]].strip(), lines[filled[2]].strip(), filled[0])
    else:
        return None
    return titles if _is_column_title(titles.first) and _is_column_title(titles.second) else None


def _column_border(lines: Sequence[bytes], rule: int) -> int:
    """The index of the bar between the only two cells below a rule, 0 if these are not what is there."""
    end = next((at for at in range(rule + 1, len(lines)) if _ends_columns(lines[at])), len(lines))
    bars = [at for at in range(rule + 1, end) if b"|" in lines[at]]
    has_two_cells = (
        len(bars) == 1 and _BARE_BARS.fullmatch(lines[bars[0]]) and not b"".join(lines[rule + 1 : rule + 2]).strip()
    )
    return bars[0] if has_two_cells else 0


def _is_column_title(line: bytes) -> bool:
    """Whether a line can be the title of a column."""
    return b"|" not in line and 0 < len(line.split()) <= _MAX_COLUMN_TITLE_WORDS


def _ends_columns(line: bytes) -> bool:
    """Whether a line is after the last row of a table: a ruler, a heading, or another table."""
    return line.startswith((b"* * *", b"#")) or _is_rule(line)
