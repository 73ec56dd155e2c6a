"""Blocks to segments: the unit that OPP-115's annotators saw.

A paragraph with its heading as context; a list together with its lead-in unless it is long, then its items, each with
the lead-in as context; a table row with its header. Headings are no segments. Everything else of the text is in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from extractor.records import Block, Document, Segment, SegmentKind

if TYPE_CHECKING:
    from spacy.language import Language

LIST_WORDS = 200  # a longer list is cut into its items; 95 % of OPP-115's segments have fewer than 165 words
PARAGRAPH_WORDS = 370  # the longest segment of OPP-115 has 372; a longer paragraph is cut between sentences
LEAD_WORDS = 40
SHORT_WORDS = 10
TO_TOP = re.compile(r"\W*(?:back|return|go) to (?:the )?top", re.IGNORECASE)
LONGEST_TOKEN = 1000  # characters; spaCy's tokenizer takes quadratic time on longer ones


@dataclass(frozen=True, slots=True)
class Piece:
    """A block with its place in the text."""

    block: Block
    start: int
    end: int

    @property
    def words(self) -> int:
        """How many words the block has."""
        return len(self.block.text.split())


def segments(document: Document) -> tuple[Segment, ...]:
    """The segments of a document, in order, `text[start:end] == segment.text` for each."""
    pieces = [Piece(block, *span) for block, span in zip(document.blocks, document.spans, strict=True)]
    found = [
        part
        for parts in sections(pieces)
        for whole in joined(parts, document.text)
        for part in cut_overlong(whole, document.text)
    ]
    return tuple(replace(s, index=i, text=document.text[s.start : s.end]) for i, s in enumerate(found))


def sections(pieces: Sequence[Piece]) -> Iterator[Iterator[Segment]]:
    """The segments between two headings, each with the path of headings above it."""
    path: list[Block] = []
    for is_heading, group in groupby(pieces, key=lambda piece: piece.block.kind == "heading"):
        if is_heading:
            for piece in group:
                path = [block for block in path if block.level < piece.block.level] + [piece.block]
        else:
            yield section(list(group), tuple(block.text for block in path))


def section(pieces: list[Piece], headings: tuple[str, ...]) -> Iterator[Segment]:
    """The segments of the pieces under one heading."""
    at = 0
    while at < len(pieces):
        length = list_length(pieces[at:])
        if length:
            yield from list_segments(pieces[at : at + length], headings)
        elif pieces[at].block.kind == "row":
            yield span(pieces[at : at + 1], "row", headings, header_of(pieces, at))
        else:
            yield span(pieces[at : at + 1], "paragraph", headings)
        at += length or 1


def list_length(pieces: Sequence[Piece]) -> int:
    """How many of the first pieces make up a list with its lead-in; 0 where none begins here."""
    lead = 1 if pieces[0].block.kind == "paragraph" else 0
    items = next((i for i, piece in enumerate(pieces[lead:]) if piece.block.kind != "item"), len(pieces) - lead)
    belongs = is_lead_in(pieces[0]) or fits(pieces[: lead + items])
    return lead + items if items and (not lead or belongs) else 0


def is_lead_in(piece: Piece) -> bool:
    """Whether a paragraph before a list is there for the list alone."""
    return piece.block.text.rstrip().endswith((":", "-", "–", "—")) or piece.words <= LEAD_WORDS


def list_segments(pieces: list[Piece], headings: tuple[str, ...]) -> Iterator[Segment]:
    """A short list as one segment; of a long one the lead-in, and each item with what is below it."""
    if fits(pieces):
        yield span(pieces, "list", headings)
        return
    lead = pieces[:1] if pieces[0].block.kind == "paragraph" else []
    if lead:
        yield span(lead, "paragraph", headings)
    for item in whole_items(pieces[len(lead) :]):
        yield from item_segments(item, headings, lead[0].block.text if lead else "")


def item_segments(item: list[Piece], headings: tuple[str, ...], context: str) -> Iterator[Segment]:
    """An item with what is below it as one segment; where that is long, the item leads into those below it."""
    if len(item) == 1 or fits(item):
        yield span(item, "item", headings, context)
        return
    yield span(item[:1], "item", headings, context)
    for below in whole_items(item[1:]):
        yield from item_segments(below, headings, item[0].block.text)


def fits(pieces: Sequence[Piece]) -> bool:
    """Whether pieces are short enough to be one segment."""
    return sum(piece.words for piece in pieces) <= LIST_WORDS


def whole_items(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The items of the outermost level, each with its further paragraphs and the items below it."""
    outermost = min(piece.block.level for piece in pieces)
    gathered: list[Piece] = []
    for piece in pieces:
        if gathered and piece.block.level == outermost and piece.block.marker:
            yield gathered
            gathered = []
        gathered.append(piece)
    yield gathered


def header_of(pieces: Sequence[Piece], at: int) -> str:
    """The header above a table row, "" where there is none or the row is one itself."""
    if pieces[at].block.header:
        return ""
    above = (piece.block for piece in reversed(pieces[:at]))
    for block in above:
        if block.kind != "row" or block.header:
            return block.text if block.header else ""
    return ""


def span(pieces: list[Piece], kind: SegmentKind, headings: tuple[str, ...], context: str = "") -> Segment:
    """The segment from the first piece to the last; its index and text are set at the end."""
    return Segment(0, pieces[0].start, pieces[-1].end, "", kind, headings, context)


def joined(parts: Iterable[Segment], text: str) -> Iterator[Segment]:
    """The segments under one heading, short paragraphs put with what they introduce or, at the end, with what they end.

    OPP-115's makers put a line that stands for a heading, an address or "Back to top" with what is next to it.
    """
    found: list[Segment] = []
    for part in parts:
        if found and introduces(found[-1], part, text):
            found[-1] = introduced(found[-1], part, text)
        elif found and ends(part, text):
            found[-1] = replace(found[-1], end=part.end)
        else:
            found.append(part)
    if len(found) > 1 and is_short(found[-1], text):
        found[-2:] = [replace(found[-2], end=found[-1].end)]
    return iter(found)


def introduces(segment: Segment, after: Segment, text: str) -> bool:
    """Whether a segment is a short paragraph, or ends in a colon and is short together with what follows it."""
    if segment.kind != "paragraph" or after.kind == "row" or ends(after, text):
        return False
    if is_short(segment, text):
        return True
    together = text[segment.start : after.end].split()
    return text[segment.end-1]==":" and after.kind == "paragraph" and len(together) <= LIST_WORDS


def introduced(segment: Segment, after: Segment, text: str) -> Segment:
    """Both as one; a lead-in that the second had as its context is now in it."""
    context = "" if after.context == text[segment.start : segment.end] else after.context
    return replace(after, start=segment.start, context=context)


def ends(segment: Segment, text: str) -> bool:
    """Whether a segment is a link to the top of the page."""
    return is_short(segment, text) and bool(TO_TOP.match(text, segment.start))


def is_short(segment: Segment, text: str) -> bool:
    """Whether a segment is a paragraph too short to stand by itself."""
    return segment.kind == "paragraph" and len(text[segment.start : segment.end].split()) <= SHORT_WORDS


def cut_overlong(segment: Segment, text: str) -> Iterator[Segment]:
    """A segment longer than any annotator saw, cut between sentences; others as they are."""
    words = text[segment.start : segment.end].split()
    if len(words) <= PARAGRAPH_WORDS or max(map(len, words)) > LONGEST_TOKEN:
        yield segment
        return
    for start, end in sentence_groups(text[segment.start : segment.end]):
        yield replace(segment, start=segment.start + start, end=segment.start + end)


def sentence_groups(passage: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of runs of whole sentences, each of half to the full allowed length where sentences permit."""
    start = end = words = 0
    for sentence in sentence_splitter()(passage).sents:
        length = len(sentence.text.split())
        if words and words + length > PARAGRAPH_WORDS // 2:
            yield start, end
            start, words = sentence.start_char, 0
        end, words = sentence.start_char + len(sentence.text.rstrip()), words + length
    yield start, end


@cache
def sentence_splitter() -> Language:
    """spaCy's blank English pipeline with its rule-based sentence splitter; loaded when first needed."""
    import spacy

    splitter = spacy.blank("en")
    splitter.add_pipe("sentencizer")
    splitter.max_length = 10_000_000
    return splitter
