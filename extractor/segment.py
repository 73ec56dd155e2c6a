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

LIST_WORDS = 200  # a longer list is cut into its items
SHORT_WORDS = 10  # a paragraph of no more does not stand by itself
ANSWER_WORDS = 50  # a paragraph of no more goes with one before it that ends in a colon
LEAD_WORDS = 40  # a longer paragraph without a colon is no context for the items of a long list
PARAGRAPH_WORDS = 370  # the longest segment of OPP-115 has 372; a longer paragraph is cut between sentences
DEEPEST = 8  # lists within lists are told apart to this depth, so that no page exhausts the stack
LONGEST_TOKEN = 100  # characters; spaCy's tokenizer takes quadratic time on longer runs of brackets
LONGEST_PASSAGE = 1_000_000  # characters; spaCy refuses more

CLOSING = re.compile(r"\W*(?:(?:back|return|go) to (?:the )?top\b|(?:yes|no)\W*$)", re.IGNORECASE)
DATED = re.compile(
    r"\b(?:updated?|effective|revised|revision|modified|changed|released)\b.*\b(?:19|20)\d\d\b", re.IGNORECASE
)
SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s)|\Z)", re.DOTALL)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A block with its place in the text and its number of words."""

    block: Block
    start: int
    end: int
    words: int


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring pieces that make up a segment, or several where they are long."""

    pieces: Sequence[Piece]
    kind: SegmentKind
    context: str = ""


def segments(document: Document) -> tuple[Segment, ...]:
    """The segments of a document, in order, `text[start:end] == segment.text` for each."""
    text = document.text
    pieces = [
        Piece(block, start, end, len(block.text.split()))
        for block, (start, end) in zip(document.blocks, document.spans, strict=True)
    ]
    found = [
        (start, end, text[start:end], part.kind, headings, part.context)
        for headings, under in sections(pieces)
        for part in joined(parts_of(under))
        for start, end in spans_of(part, text)
    ]
    return tuple(Segment(index, *fields) for index, fields in enumerate(found))


def sections(pieces: Sequence[Piece]) -> Iterator[tuple[tuple[str, ...], list[Piece]]]:
    """The pieces between two headings with the path of headings above them."""
    path: list[Block] = []
    for is_heading, group in groupby(pieces, key=lambda piece: piece.block.kind == "heading"):
        if is_heading:
            for piece in group:
                path = [block for block in path if block.level < piece.block.level] + [piece.block]
        else:
            yield tuple(block.text for block in path), list(group)


def parts_of(pieces: Sequence[Piece]) -> Iterator[Part]:
    """The rows, lists and paragraphs under one heading."""
    for is_row, run in groupby(pieces, key=lambda piece: piece.block.kind == "row"):
        found = list(run)
        yield from rows(found) if is_row else lists_and_paragraphs(found)


def rows(pieces: Iterable[Piece]) -> Iterator[Part]:
    """Each row of a table with the last header above it."""
    header = ""
    for piece in pieces:
        yield Part([piece], "row", "" if piece.block.header else header)
        header = piece.block.text if piece.block.header else header


def lists_and_paragraphs(pieces: Sequence[Piece]) -> Iterator[Part]:
    """The lists and paragraphs of a run of pieces without rows."""
    at = 0
    while at < len(pieces):
        end = list_end(pieces, at)
        yield from list_parts(pieces[at:end]) if end > at else [Part([pieces[at]], "paragraph")]
        at = max(end, at + 1)


def list_end(pieces: Sequence[Piece], at: int) -> int:
    """Where the list that begins at a piece ends, `at` where none begins there; a paragraph before it may belong to it.

    Short lines after a colon are a list too, though the page does not mark them: addresses, or typed bullets.
    """
    first = at + 1 if pieces[at].block.kind == "paragraph" else at
    end = run_end(pieces, first, is_item)
    if end == first > at and ends_in_colon(pieces[at]):
        end = run_end(pieces, first, is_short)
    if end == first:
        return at
    return end if first == at or is_lead_in(pieces[at]) or fits(pieces[at:end]) else at


def run_end(pieces: Sequence[Piece], start: int, belongs: Callable[[Piece], bool]) -> int:
    """The index after the run of pieces from `start` on that belong."""
    return next((at for at in range(start, len(pieces)) if not belongs(pieces[at])), len(pieces))


def is_item(piece: Piece) -> bool:
    """Whether a piece is a list item."""
    return piece.block.kind == "item"


def is_short(piece: Piece) -> bool:
    """Whether a piece is a paragraph too short to stand by itself; the date of a policy does."""
    return piece.words <= SHORT_WORDS and piece.block.kind == "paragraph" and not DATED.search(piece.block.text)


def ends_in_colon(piece: Piece) -> bool:
    """Whether a piece leads into what follows."""
    return piece.block.text.rstrip().endswith(":")


def is_lead_in(piece: Piece) -> bool:
    """Whether a paragraph is there for the list after it."""
    return piece.block.text.rstrip().endswith((":", "-", "–", "—")) or piece.words <= LEAD_WORDS


def fits(pieces: Iterable[Piece]) -> bool:
    """Whether pieces are short enough to be one segment."""
    return words_in(pieces) <= LIST_WORDS


def words_in(pieces: Iterable[Piece]) -> int:
    """How many words pieces have together."""
    return sum(piece.words for piece in pieces)


def list_parts(pieces: Sequence[Piece]) -> Iterator[Part]:
    """A short list as one part; of a long one the lead-in, and each item with what is below it."""
    if fits(pieces):
        yield Part(pieces, "list")
        return
    lead = pieces[:1] if pieces[0].block.kind == "paragraph" else []
    if lead:
        yield Part(lead, "paragraph")
    for item in whole_items(pieces[len(lead) :]):
        yield from item_parts(item, lead[0].block.text if lead else "")


def item_parts(item: Sequence[Piece], context: str) -> Iterator[Part]:
    """An item with what is below it as one part; where that is long, the item leads into those below it."""
    if len(item) == 1 or fits(item):
        yield Part(item, "item", context)
        return
    yield Part(item[:1], "item", context)
    for below in whole_items(item[1:]):
        yield from item_parts(below, item[0].block.text)


def whole_items(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The items of the outermost level, each with its further paragraphs and the items below it.

    Further paragraphs whose item is not among the pieces are items themselves.
    """
    outermost = min(depth(piece) for piece in pieces)
    gathered: list[Piece] = []
    for piece in pieces:
        if gathered and depth(piece) == outermost and (piece.block.marker or not gathered[0].block.marker):
            yield gathered
            gathered = []
        gathered.append(piece)
    yield gathered


def depth(piece: Piece) -> int:
    """How deep an item lies in lists within lists."""
    return min(piece.block.level, DEEPEST)


def joined(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts under one heading, a short paragraph put with what it introduces, the last one with what it ends."""
    found: list[Part] = []
    for part in parts:
        if found and introduces(found[-1], part):
            found[-1] = introduced(found[-1], part)
        elif found and closes(part) and found[-1].kind != "row":
            found[-1] = ended(found[-1], part)
        else:
            found.append(part)
    if len(found) > 1 and stands_not_alone(found[-1]) and found[-2].kind != "row":
        found[-2:] = [ended(*found[-2:])]
    return iter(found)


def introduces(part: Part, after: Part) -> bool:
    """Whether a part is a short paragraph before another part, or ends in a colon before one that is not long."""
    if part.kind != "paragraph" or after.kind == "row" or closes(after):
        return False
    answered = after.kind == "paragraph" and words_in(after.pieces) <= ANSWER_WORDS
    return stands_not_alone(part) or (answered and ends_in_colon(part.pieces[-1]))


def introduced(part: Part, after: Part) -> Part:
    """Both as one; a lead-in that the second had as its context is in it now."""
    context = "" if after.context == part.pieces[-1].block.text else after.context
    return Part([*part.pieces, *after.pieces], after.kind, context)


def ended(part: Part, after: Part) -> Part:
    """A part and the short paragraph at its end."""
    return Part([*part.pieces, *after.pieces], part.kind, part.context)


def closes(part: Part) -> bool:
    """Whether a part is a link to the top of the page, or the answer in a table that the page does not mark as one."""
    return stands_not_alone(part) and bool(CLOSING.match(part.pieces[0].block.text))


def stands_not_alone(part: Part) -> bool:
    """Whether a part is too short to be a segment."""
    return part.kind == "paragraph" and all(map(is_short, part.pieces)) and words_in(part.pieces) <= SHORT_WORDS


def spans_of(part: Part, text: str) -> Iterator[Span]:
    """The place of a part in the text; of one longer than any annotator saw, those of runs of sentences."""
    start, end = part.pieces[0].start, part.pieces[-1].end
    if words_in(part.pieces) <= PARAGRAPH_WORDS:
        yield start, end
    else:
        yield from ((start + a, start + b) for a, b in sentence_groups(text[start:end]))


def sentence_groups(passage: str) -> Iterator[Span]:
    """The (start, end) of runs of whole sentences, each of half to the full allowed length where sentences permit."""
    start = end = words = 0
    for first, last in sentences(passage):
        length = len(passage[first:last].split())
        if words and words + length > PARAGRAPH_WORDS // 2:
            yield start, end
            start, words = first, 0
        end, words = last, words + length
    yield start, end


def sentences(passage: str) -> Iterator[Span]:
    """The (start, end) of the sentences of a passage, by spaCy unless the passage would be too much for it."""
    if len(passage) > LONGEST_PASSAGE or max(map(len, passage.split())) > LONGEST_TOKEN:
        yield from (match.span() for match in SENTENCE.finditer(passage))
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
