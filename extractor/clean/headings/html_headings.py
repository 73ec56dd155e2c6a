"""Headings of HTML that are known by their look: bold, large or in capitals, underlined, numbered, before a line break.

Each becomes a piece of kind "heading", so that the page gives the same blocks as one with <h2>. What is no heading by
itself (a number, a colon, italics) has to recur on the page, each time with text below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from extractor.clean.headings.html_sections import (
    MIN_RECURRENCES,
    free_lone_items,
    run_in_sections,
    split_list_sections,
    split_run_ins,
)
from extractor.clean.headings.line_cuts import split_heading, split_lines
from extractor.clean.headings.piece_edits import (
    as_heading,
    as_paragraph,
    count_piece_words,
    deepest_level,
)
from extractor.clean.headings.title_looks import (
    MIN_TEXT_WORDS,
    has_colon,
    is_bold_title,
    is_emphasized,
    is_numbered,
    is_plain_title,
    is_prose,
    is_strong,
    is_underlined,
)
from extractor.clean.headings.titles import section_number, sentence_headings
from extractor.clean.tree import PagePiece

_MIN_NUMBERED_TEXT_WORDS = 4
_MIN_RECURRENCE_SHARE = 0.7  # of the lines with the look that are headings
_MAX_STYLED_SHARE = 0.5  # of a page's words, for a style to set headings apart
_MIN_STYLED_WORDS = 40

_NUMBER = re.compile(r"\d+")


def find_headings(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces with headings and paragraphs told apart: by their words where the page marks them, else by their look."""
    marked = _demote_sentences([part for piece in pieces for part in split_heading(piece)])
    lines = [part for piece in free_lone_items(_with_levels(marked)) for part in split_lines(piece)]
    run_ins = run_in_sections(lines)
    promoted = _promote_recurring(_promote_strong(lines), others=len(run_ins))
    level = deepest_level(promoted) + 1
    return _demote_sentences(split_run_ins(split_list_sections(promoted, level), run_ins, level))


def _with_levels(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces in which the headings that the page gives no level (0) are one level below the deepest."""
    level = deepest_level(pieces) + 1
    return [as_heading(piece, level) if piece.kind == "heading" and not piece.level else piece for piece in pieces]


def _demote_sentences(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces with the headings that are sentences made paragraphs."""
    sentences = sentence_headings(pieces)
    if not sentences:
        return list(pieces)
    return [as_paragraph(piece) if index in sentences else piece for index, piece in enumerate(pieces)]


def _promote_strong(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces with the bold, large and capital titles made headings below the deepest one."""
    return _promote(pieces, _strong_headings(pieces), deepest_level(pieces) + 1)


def _promote_recurring(pieces: Sequence[PagePiece], *, others: int) -> list[PagePiece]:
    """Pieces with the recurring titles of a weaker look made headings below the deepest one.

    The weakest looks count only on a page without other headings, of which `others` are not among the pieces.
    """
    level = deepest_level(pieces) + 1
    others += sum([piece.kind == "heading" for piece in pieces[1:]])
    titles = [index for index, piece in enumerate(pieces) if piece.kind == "paragraph" and is_plain_title(piece)]
    promoted = list(pieces)
    for look in _WEAK_LOOKS if others < MIN_RECURRENCES else _WEAK_LOOKS_BESIDE_OTHERS:
        headings = _recurring_headings(promoted, [index for index in titles if look.has_look(promoted[index])], look)
        promoted = _promote(promoted, headings, level)
        titles = [index for index in titles if index not in headings]
    return promoted


def _promote(pieces: Sequence[PagePiece], titles: set[int], level: int) -> list[PagePiece]:
    """Pieces with those at the indices `titles` made headings, of a level or, as 1.1 is below 1, of deeper ones."""
    if not titles:
        return list(pieces)
    depths = {index: depth for index in titles if (depth := _number_depth(pieces[index].text))}
    least = min(depths.values(), default=0)
    return [
        as_heading(piece, level + depths.get(index, least) - least) if index in titles else piece
        for index, piece in enumerate(pieces)
    ]


def _number_depth(text: str) -> int:
    """How many numbers the number of a section has: 1 for "2.", 3 for "2.1.4", 0 for a text without a number."""
    return len(_NUMBER.findall(section_number(text)))


def _strong_headings(pieces: Sequence[PagePiece]) -> set[int]:
    """The indices of the titles that are bold, large or in capitals; none at the end, or where most text is so."""
    if _is_usual(pieces, is_strong):
        return set()
    titles = {index for index, piece in enumerate(pieces) if piece.kind == "paragraph" and is_bold_title(piece)}
    last = max((index for index, piece in enumerate(pieces) if index not in titles), default=-1)
    return {index for index in titles if index < last and _may_be_above(pieces[index], pieces[index + 1])}


def _may_be_above(title: PagePiece, after: PagePiece) -> bool:
    """Whether a title with a full stop or colon has a text below it, as any other may have."""
    return title.text[-1] not in ".:" or is_prose(after) or after.kind in ("item", "row")


def _is_usual(pieces: Sequence[PagePiece], has_look: Callable[[PagePiece], bool]) -> bool:
    """Whether most words of a page have a look, which then does not set headings apart."""
    prose = [piece for piece in pieces if piece.kind == "paragraph"]
    styled = count_piece_words(filter(has_look, prose))
    return styled > _MIN_STYLED_WORDS and styled > _MAX_STYLED_SHARE * count_piece_words(prose)


class _Look(NamedTuple):
    """A look that makes a title a heading only where it recurs, and the least words of the text below it."""

    has_look: Callable[[PagePiece], bool]
    least: int = MIN_TEXT_WORDS
    may_be_above_list: bool = False


_WEAK_LOOKS_BESIDE_OTHERS = (
    _Look(is_underlined),
    _Look(is_numbered, least=_MIN_NUMBERED_TEXT_WORDS, may_be_above_list=True),
    _Look(is_emphasized),
)
_WEAK_LOOKS = (*_WEAK_LOOKS_BESIDE_OTHERS, _Look(has_colon), _Look(is_plain_title))


def _recurring_headings(pieces: Sequence[PagePiece], titles: Sequence[int], look: _Look) -> set[int]:
    """The indices of the titles with a look that are headings; none unless there are several, most with text below."""
    headings = {index for index in titles if _has_text_below(pieces, index, look)}
    texts = {pieces[index].text for index in headings}
    others = [index for index in titles if index not in headings and pieces[index].text not in texts]
    is_recurring = len(headings) >= MIN_RECURRENCES
    share = len(headings) / max(len(headings) + len(others), 1)
    return headings if is_recurring and share >= _MIN_RECURRENCE_SHARE else set()


def _has_text_below(pieces: Sequence[PagePiece], index: int, look: _Look) -> bool:
    """Whether the piece after a title is its text."""
    if index + 1 == len(pieces):
        return False
    after = pieces[index + 1]
    return is_prose(after, look.least) and (after.kind == "paragraph" or look.may_be_above_list)
