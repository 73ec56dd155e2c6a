"""A diff of two captures on a terminal: readable without colour, as `[-went-]` and `{+came+}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.text import Text

from extractor.history import Diff, DiffPiece, DiffRow

_MARKS = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
_STYLES = {"equal": "", "delete": "red", "insert": "green"}


def plain_diff(found: Diff) -> str:
    """A diff as plain text."""
    return f"{styled_diff(found).plain}\n"


def styled_diff(found: Diff) -> Text:
    """A diff with styles: which captures, then what changed under each heading; what did not is counted."""
    parts = [Text(_without_controls(f"{found.policy}: {found.before} → {found.after}"), style="bold")]
    for headings, rows in groupby(found.rows, key=lambda row: row.headings):
        parts.append(Text(_without_controls("\n" + (" › ".join(headings) or "(no heading)")), style="bold"))
        parts.extend(_rows_text(rows))
    return Text("\n").join(parts)


def _rows_text(rows: Iterable[DiffRow]) -> Iterator[Text]:
    """The rows under one heading."""
    for same, run in groupby(rows, key=lambda row: row.kind == "same"):
        if same:
            count = len(list(run))
            yield Text(f"  {count} {'passage' if count == 1 else 'passages'} the same", style="dim")
        else:
            yield from map(_row_text, run)


def _row_text(row: DiffRow) -> Text:
    """One row: what became of the passage, and its words."""
    words = "cosmetic, " * row.cosmetic + row.kind + ", moved" * (row.moved and row.kind != "moved")
    return Text.assemble((f"  {words}: ", "bold"), *(_marked_words(piece) for piece in row.pieces))


def _marked_words(piece: DiffPiece) -> tuple[str, str]:
    """The words of a piece between their marks, with the style for them."""
    opening, closing = _MARKS[piece.op]
    words = piece.after if piece.op == "insert" else piece.before
    return _without_controls(f"{opening}{words}{closing}"), _STYLES[piece.op]


def _without_controls(words: str) -> str:
    """Words without the control characters that could change a terminal.

    >>> _without_controls("a\\x1b[2Jb")
    'a[2Jb'
    """
    return "".join(char for char in words if char.isprintable() or char == "\n")
