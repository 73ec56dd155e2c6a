"""Pieces of a page as they are cut into lines, and made headings or paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from extractor.clean.headings.titles import is_junk, without_full_stop, without_junk_end
from extractor.clean.tree import LINE_BREAK, PagePiece, StyledText, words_as_line

_MAX_LEVEL = 6
_MARKS_BEFORE = "»›▸▶►▼■●•·∙ \t\r\n\u00a0"
_MAX_JUNK_ROUNDS = 3  # of marks in parts of their own and marks after words, in turn
StyledWords = list[StyledText]


def heading_words(words: Sequence[StyledText]) -> StyledWords:
    """The styled words of a heading without the junk at its end ("¶", "[edit]", "Back to top") or a final colon."""
    kept = list(words)
    for _ in range(_MAX_JUNK_ROUNDS):
        while kept and (size := _junk_size(kept)):
            del kept[-size:]
        text = words_as_line(kept)
        surplus = len(text) - len(without_junk_end(text))
        if not surplus:
            break
        kept = _without_end(kept, surplus)
    if not kept:
        return list(words)
    return [kept[0]._replace(text=kept[0].text.lstrip(_MARKS_BEFORE) or kept[0].text), *kept[1:]]


def _junk_size(words: Sequence[StyledText]) -> int:
    """How many of the last parts of a heading are none of its words: white space, an icon, a link to edit."""
    if not words[-1].text.strip():
        return 1
    return next((size for size in range(min(3, len(words) - 1), 0, -1) if is_junk(words_as_line(words[-size:]))), 0)


def _without_end(words: StyledWords, count: int) -> StyledWords:
    """Words without the last characters, of white space as many as are there."""
    while count > 0 and words:
        last = words.pop()
        text = last.text.rstrip()
        if len(text) > count:
            return [*words, last._replace(text=text[:-count].rstrip())]
        count -= len(text)
    return words


def part_of_piece(piece: PagePiece, words: StyledWords) -> PagePiece:
    """A piece with some of its words."""
    return PagePiece(  # three times as fast as dataclasses.replace
        piece.kind, words, words_as_line(words), piece.element, piece.level, piece.marker, piece.cells, piece.header
    )


def lines_of_piece(piece: PagePiece) -> list[PagePiece]:
    """The lines of a piece that have words."""
    groups = groupby(piece.words, key=lambda word: word is LINE_BREAK)
    lines = [part_of_piece(piece, list(words)) for is_break, words in groups if not is_break]
    return [line for line in lines if line.text]


def as_heading(piece: PagePiece, level: int) -> PagePiece:
    """A piece that looks like a heading as one of a level, without a full stop at its end."""
    surplus = len(piece.text) - len(without_full_stop(piece.text))
    title = part_of_piece(piece, _without_end(list(piece.words), surplus)) if surplus else piece
    return PagePiece("heading", title.words, title.text, title.element, min(level, _MAX_LEVEL))


def as_paragraph(piece: PagePiece) -> PagePiece:
    """A piece as a paragraph."""
    return PagePiece("paragraph", piece.words, piece.text, piece.element)


def count_piece_words(pieces: Iterable[PagePiece]) -> int:
    """The number of words in pieces."""
    return sum([piece.text.count(" ") + 1 for piece in pieces])


def deepest_level(pieces: Iterable[PagePiece]) -> int:
    """The deepest level of the headings among pieces, 1 if there are none."""
    return max([piece.level for piece in pieces if piece.kind == "heading"], default=1)
