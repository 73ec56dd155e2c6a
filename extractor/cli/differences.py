"""A diff of two captures on a terminal: readable without colour, as `[-went-]` and `{+came+}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.text import Text

from extractor.history import Diff, Piece, Row

MARKS = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
STYLES = {"equal": "", "delete": "red", "insert": "green"}


def plain_diff(found: Diff) -> str:
    """A diff as plain text."""
    return f"{diff_lines(found).plain}\n"


def diff_lines(found: Diff) -> Text:
    """A diff with styles: which captures, then what changed under each heading; what did not is counted."""
    parts = [Text(seen(f"{found.domain}: {found.before} → {found.after}"), style="bold")]
    for headings, rows in groupby(found.rows, key=lambda row: row.headings):
        parts.append(Text(seen("\n" + (" › ".join(headings) or "(no heading)")), style="bold"))
        parts.extend(lines_of(rows))
    return Text("\n").join(parts)


def lines_of(rows: Iterable[Row]) -> Iterator[Text]:
    """The rows under one heading."""
    for same, run in groupby(rows, key=lambda row: row.kind == "same"):
        if same:
            count = len(list(run))
            yield Text(f"  {count} {'passage' if count == 1 else 'passages'} the same", style="dim")
        else:
            yield from map(row_line, run)


def row_line(row: Row) -> Text:
    """One row: what became of the passage, and its words."""
    words = "cosmetic, " * row.cosmetic + row.kind + ", moved" * (row.moved and row.kind != "moved")
    return Text.assemble((f"  {words}: ", "bold"), *(marked(piece) for piece in row.pieces))


def marked(piece: Piece) -> tuple[str, str]:
    """The words of a piece between their marks, with the style for them."""
    opening, closing = MARKS[piece.op]
    words = piece.after if piece.op == "insert" else piece.before
    return seen(f"{opening}{words}{closing}"), STYLES[piece.op]


def seen(words: str) -> str:
    """Words without the control characters that could change a terminal.

    >>> seen("a\\x1b[2Jb")
    'a[2Jb'
    """
    return "".join(char for char in words if char.isprintable() or char == "\n")
