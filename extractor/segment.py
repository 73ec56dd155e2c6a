"""Blocks to segments: the unit that OPP-115's annotators saw.

A paragraph with its heading as context; a list together with its lead-in unless it is long, then its items, each with
the lead-in as context; a table row with its header. Headings are no segments. Everything else of the text is in one.

OPP-115's makers put a short line with what is next to it: what stands for a heading with what follows, an address with
the words that lead to it, "Back to top" with what it ends; the date of a policy stands alone. So it is here. The
constants were chosen on every other policy of OPP-115 with `benchmarks/segments.py`, which measures the rest too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from extractor.records import Block, Document, Segment, SegmentKind

if TYPE_CHECKING:
    from spacy.language import Language

_LIST_WORDS = 200  # a longer list is cut into its items
_SHORT_WORDS = 10  # a paragraph of no more does not stand by itself
_ANSWER_WORDS = 50  # a paragraph of no more goes with one before it that ends in a colon
_LEAD_WORDS = 40  # a longer paragraph without a colon is no context for the items of a long list
_PARAGRAPH_WORDS = 370  # the longest segment of OPP-115 has 372; a longer paragraph is cut between sentences
_DEEPEST = 8  # lists within lists are told apart to this depth, so that no page exhausts the stack
_LONGEST_TOKEN = 100  # characters; spaCy's tokenizer takes quadratic time on longer runs of brackets
_LONGEST_PASSAGE = 1_000_000  # characters; spaCy refuses more

_CLOSING = re.compile(r"\W*(?:(?:back|return|go) to (?:the )?top\b|(?:yes|no)\W*$)", re.IGNORECASE)
_DATED = re.compile(
    r"\b(?:updated?|effective|revised|revision|modified|changed|released)\b.*\b(?:19|20)\d\d\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s)|\Z)", re.DOTALL)
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block with its place in the text and its number of words."""

    block: Block
    start: int
    end: int
    words: int


@dataclass(frozen=True, slots=True)
class _Part:
    """Neighbouring pieces that make up a segment, or several where they are long."""

    pieces: Sequence[_Piece]
    kind: SegmentKind
    context: str = ""


def segments(document: Document) -> tuple[Segment, ...]:
    """The segments of a document, in order, `text[start:end] == segment.text` for each."""
    text = document.text
    pieces = [
        _Piece(block, start, end, len(block.text.split()))
        for block, (start, end) in zip(document.blocks, document.spans, strict=True)
    ]
    found = [
        (start, end, text[start:end], part.kind, headings, part.context)
        for headings, under in _sections(pieces)
        for part in _joined(_parts_of(under))
        for start, end in _spans_of(part, text)
    ]
    return tuple(Segment(index, *fields) for index, fields in enumerate(found))


def _sections(pieces: Sequence[_Piece]) -> Iterator[tuple[tuple[str, ...], list[_Piece]]]:
    """The pieces between two headings with the path of headings above them."""
    path: list[Block] = []
    for is_heading, group in groupby(pieces, key=lambda piece: piece.block.kind == "heading"):
        if is_heading:
            for piece in group:
                path = [block for block in path if block.level < piece.block.level] + [piece.block]
        else:
            yield tuple(block.text for block in path), list(group)


def _parts_of(pieces: Sequence[_Piece]) -> Iterator[_Part]:
    """The rows, lists and paragraphs under one heading."""
    for is_row, run in groupby(pieces, key=lambda piece: piece.block.kind == "row"):
        found = list(run)
        yield from _rows(found) if is_row else _lists_and_paragraphs(found)


def _rows(pieces: Iterable[_Piece]) -> Iterator[_Part]:
    """Each row of a table with the last header above it."""
    header = ""
    for piece in pieces:
        yield _Part([piece], "row", "" if piece.block.header else header)
        header = piece.block.text if piece.block.header else header


def _lists_and_paragraphs(pieces: Sequence[_Piece]) -> Iterator[_Part]:
    """The lists and paragraphs of a run of pieces without rows."""
    at = 0
    while at < len(pieces):
        end = _list_end(pieces, at)
        yield from _list_parts(pieces[at:end]) if end > at else [_Part([pieces[at]], "paragraph")]
        at = max(end, at + 1)


def _list_end(pieces: Sequence[_Piece], at: int) -> int:
    """Where the list that begins at a piece ends, `at` where none begins there; a paragraph before it may belong to it.

    Short lines after a colon are a list too, though the page does not mark them: addresses, or typed bullets.
    """
    first = at + 1 if pieces[at].block.kind == "paragraph" else at
    end = _run_end(pieces, first, _is_item)
    if end == first > at and _ends_in_colon(pieces[at]):
        end = _run_end(pieces, first, _is_short)
    if end == first:
        return at
    return end if first == at or _is_lead_in(pieces[at]) or _fits(pieces[at:end]) else at


def _run_end(pieces: Sequence[_Piece], start: int, belongs: Callable[[_Piece], bool]) -> int:
    """The index after the run of pieces from `start` on that belong."""
    return next((at for at in range(start, len(pieces)) if not belongs(pieces[at])), len(pieces))


def _is_item(piece: _Piece) -> bool:
    """Whether a piece is a list item."""
    return piece.block.kind == "item"


def _is_short(piece: _Piece) -> bool:
    """Whether a piece is a paragraph too short to stand by itself; the date of a policy does."""
    return piece.words <= _SHORT_WORDS and piece.block.kind == "paragraph" and not _DATED.search(piece.block.text)


def _ends_in_colon(piece: _Piece) -> bool:
    """Whether a piece leads into what follows."""
    return piece.block.text.rstrip().endswith(":")


def _is_lead_in(piece: _Piece) -> bool:
    """Whether a paragraph is there for the list after it."""
    return piece.block.text.rstrip().endswith((":", "-", "–", "—")) or piece.words <= _LEAD_WORDS


def _fits(pieces: Iterable[_Piece]) -> bool:
    """Whether pieces are short enough to be one segment."""
    return _words_in(pieces) <= _LIST_WORDS


def _words_in(pieces: Iterable[_Piece]) -> int:
    """How many words pieces have together."""
    return sum(piece.words for piece in pieces)


def _list_parts(pieces: Sequence[_Piece]) -> Iterator[_Part]:
    """A short list as one part; of a long one the lead-in, and each item with what is below it."""
    if _fits(pieces):
        yield _Part(pieces, "list")
        return
    lead = pieces[:1] if pieces[0].block.kind == "paragraph" else []
    if lead:
        yield _Part(lead, "paragraph")
    for item in _whole_items(pieces[len(lead) :]):
        yield from _item_parts(item, lead[0].block.text if lead else "")


def _item_parts(item: Sequence[_Piece], context: str) -> Iterator[_Part]:
    """An item with what is below it as one part; where that is long, the item leads into those below it."""
    if len(item) == 1 or _fits(item):
        yield _Part(item, "item", context)
        return
    yield _Part(item[:1], "item", context)
    for below in _whole_items(item[1:]):
        yield from _item_parts(below, item[0].block.text)


def _whole_items(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """The items of the outermost level, each with its further paragraphs and the items below it.

    Further paragraphs whose item is not among the pieces are items themselves.
    """
    outermost = min(_depth(piece) for piece in pieces)
    gathered: list[_Piece] = []
    for piece in pieces:
        if gathered and _depth(piece) == outermost and (piece.block.marker or not gathered[0].block.marker):
            yield gathered
            gathered = []
        gathered.append(piece)
    yield gathered


def _depth(piece: _Piece) -> int:
    """How deep an item lies in lists within lists."""
    return min(piece.block.level, _DEEPEST)


def _joined(parts: Iterable[_Part]) -> Iterator[_Part]:
    """The parts under one heading, a short paragraph put with what it introduces, the last one with what it ends."""
    found: list[_Part] = []
    for part in parts:
        if found and _introduces(found[-1], part):
            found[-1] = _introduced(found[-1], part)
        elif found and _closes(part) and found[-1].kind != "row":
            found[-1] = _ended(found[-1], part)
        else:
            found.append(part)
    if len(found) > 1 and _stands_not_alone(found[-1]) and found[-2].kind != "row":
        found[-2:] = [_ended(*found[-2:])]
    return iter(found)


def _introduces(part: _Part, after: _Part) -> bool:
    """Whether a part is a short paragraph before another part, or ends in a colon before one that is not long."""
    if part.kind != "paragraph" or after.kind == "row" or _closes(after):
        return False
    answered = after.kind == "paragraph" and _words_in(after.pieces) <= _ANSWER_WORDS
    return _stands_not_alone(part) or (answered and _ends_in_colon(part.pieces[-1]))


def _introduced(part: _Part, after: _Part) -> _Part:
    """Both as one; a lead-in that the second had as its context is in it now."""
    context = "" if after.context == part.pieces[-1].block.text else after.context
    return _Part([*part.pieces, *after.pieces], after.kind, context)


def _ended(part: _Part, after: _Part) -> _Part:
    """A part and the short paragraph at its end."""
    return _Part([*part.pieces, *after.pieces], part.kind, part.context)


def _closes(part: _Part) -> bool:
    """Whether a part is a link to the top of the page, or the answer in a table that the page does not mark as one."""
    return _stands_not_alone(part) and bool(_CLOSING.match(part.pieces[0].block.text))


def _stands_not_alone(part: _Part) -> bool:
    """Whether a part is too short to be a segment."""
    return part.kind == "paragraph" and all(map(_is_short, part.pieces)) and _words_in(part.pieces) <= _SHORT_WORDS


def _spans_of(part: _Part, text: str) -> Iterator[_Span]:
    """The place of a part in the text; of one longer than any annotator saw, those of runs of sentences."""
    start, end = part.pieces[0].start, part.pieces[-1].end
    if _words_in(part.pieces) <= _PARAGRAPH_WORDS:
        yield start, end
    else:
        yield from ((start + a, start + b) for a, b in _sentence_groups(text[start:end]))


def _sentence_groups(passage: str) -> Iterator[_Span]:
    """The (start, end) of runs of whole sentences, each of half to the full allowed length where sentences permit."""
    start = end = words = 0
    for first, last in _sentences(passage):
        length = len(passage[first:last].split())
        if words and words + length > _PARAGRAPH_WORDS // 2:
            yield start, end
            start, words = first, 0
        end, words = last, words + length
    yield start, end


def _sentences(passage: str) -> Iterator[_Span]:
    """The (start, end) of the sentences of a passage, by spaCy unless the passage would be too much for it."""
    if len(passage) > _LONGEST_PASSAGE or max(map(len, passage.split())) > _LONGEST_TOKEN:
        yield from (match.span() for match in _SENTENCE.finditer(passage))
        return
    for sentence in sentence_splitter()(passage).sents:
        if bare := sentence.text.strip():
            start = sentence.start_char + sentence.text.index(bare)
            yield start, start + len(bare)


@cache
def sentence_splitter() -> Language:
    """spaCy's blank English pipeline with its rule-based sentence splitter; loaded when first needed."""
    import spacy

    splitter = spacy.blank("en")
    splitter.add_pipe("sentencizer")
    return splitter
