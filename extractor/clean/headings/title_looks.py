"""What a piece of a page looks like: a title, by its style or its words, or prose."""

from __future__ import annotations

from functools import lru_cache

from extractor.clean.headings.piece_edits import lines_of_piece
from extractor.clean.headings.titles import has_title_length, is_statement, is_title, section_number
from extractor.clean.tree import LINE_BREAK, PagePiece
from extractor.text import ends_sentence

_MAX_PLAIN_TITLE_WORDS = 9
_MAX_TITLE_LINES = 2
_MIN_LINE_WORDS = 6  # a shorter line is no sentence
MIN_TEXT_WORDS = 8  # below a heading that only its place makes one
_PUNCTUATION = " .:;,–—-\t\r\n\u00a0\u2028"
_QUOTES = "\"'“‘("
_ARROWS = "»›▸►▶ "


def _is_filled(text: str) -> bool:
    """Whether a part of a text is more than white space and punctuation."""
    return bool(text.strip(_PUNCTUATION))


def is_strong(piece: PagePiece) -> bool:
    """Whether a piece is entirely bold or large, or in capitals."""
    return piece.text.isupper() or all(
        style.strong or style.large or not _is_filled(text) for text, style in piece.words
    )


def is_underlined(piece: PagePiece) -> bool:
    """Whether a piece is entirely underlined, and no link."""
    return all((style.underline and not style.href) or not _is_filled(text) for text, style in piece.words)


def is_emphasized(piece: PagePiece) -> bool:
    """Whether a piece is entirely emphasized."""
    return all(style.emphasis or not _is_filled(text) for text, style in piece.words)


def is_numbered(piece: PagePiece) -> bool:
    """Whether a piece begins with the number of a section."""
    return section_number(piece.text) != ""


def has_colon(piece: PagePiece) -> bool:
    """Whether a piece ends in a colon."""
    return piece.text.endswith(":")


def is_bold_title(piece: PagePiece) -> bool:
    """Whether a piece is a title that is entirely bold, large or in capitals."""
    is_short = has_title_length(piece.text) and piece.words.count(LINE_BREAK) < _MAX_TITLE_LINES
    return is_short and is_strong(piece) and is_title(piece.text)


def is_plain_title(piece: PagePiece) -> bool:
    """Whether a piece reads like a title whatever its look: short, with a capital, without final punctuation."""
    text = piece.text
    return has_title_length(text) and text.count(" ") < _MAX_PLAIN_TITLE_WORDS and _reads_like_title(text)


@lru_cache(maxsize=2_500)  # asked several times of a piece, and again in the next captures
def _reads_like_title(text: str) -> bool:
    """Whether a short text begins with a capital and has no final punctuation, as titles do."""
    return (
        text[-1] not in ".!;,"
        and _begins_like_title(text[len(section_number(text)) :].lstrip())
        and is_title(text)
        and not is_statement(text)
    )


def _begins_like_title(text: str) -> bool:
    """Whether a line begins with a capital, digit or quotation mark, maybe after an arrow, but no typed bullet."""
    start = text.lstrip(_ARROWS)[:1]
    return start.isupper() or start.isdigit() or (bool(start) and start in _QUOTES)


def is_prose(piece: PagePiece, least: int = MIN_TEXT_WORDS) -> bool:
    """Whether a piece has at least so many words and is a sentence, or begins with a line that is one."""
    if piece.kind == "heading" or piece.text.count(" ") < least - 1:
        return False
    return ends_sentence(piece.text) or (LINE_BREAK in piece.words and ends_sentence(lines_of_piece(piece)[0].text))


def is_text_line(line: PagePiece) -> bool:
    """Whether a line is a sentence by its length and its end; a question is rather a title."""
    return line.text.count(" ") >= _MIN_LINE_WORDS - 1 and ends_sentence(line.text) and line.text[-1] != "?"
