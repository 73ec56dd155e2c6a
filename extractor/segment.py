"""Splits a document's blocks into segments, the unit that OPP-115's annotators labelled.

A segment is a paragraph with its headings as context; a list with its lead-in, or, if the list is long, each item with
the lead-in as context; or a table row with its header. Headings are not segments, unless a document has nothing else.
All other text is in a segment.

As in OPP-115, a short line is merged with a neighbour: a line used as a heading with what follows, an address with the
words before it, "Back to top" with what it ends. The date of a policy stays alone. The constants were chosen on every
other policy of OPP-115 with `benchmarks/segments.py`, which measures on the rest too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from extractor.records import Block, Document, Segment, SegmentKind
from extractor.text import full_stop_spans

if TYPE_CHECKING:
    from spacy.language import Language

_MAX_LIST_WORDS = 200  # a longer list is split into its items
_MAX_SHORT_WORDS = 10  # a longer paragraph can stand alone
_MAX_ANSWER_WORDS = 50  # a longer paragraph is not merged with one that ends in a colon before it
_MAX_LEAD_WORDS = 40  # a longer paragraph without a colon is not a lead-in of a long list
_MAX_PARAGRAPH_WORDS = 370  # the longest segment of OPP-115 has 372; a longer paragraph is split between sentences
_MAX_LIST_DEPTH = 8  # deeper levels of lists are merged, so that no page exhausts the stack
_MAX_TOKEN_CHARACTERS = 100  # spaCy's tokenizer takes quadratic time on longer runs of brackets
_MAX_PASSAGE_CHARACTERS = 1_000_000  # spaCy refuses more

_CLOSING_LINE = re.compile(r"\W*(?:(?:back|return|go) to (?:the )?top\b|(?:yes|no)\W*$)", re.IGNORECASE)
_POLICY_DATE = re.compile(
    r"\b(?:updated?|effective|revised|revision|modified|changed|released)\b.*\b(?:19|20)\d\d\b", re.IGNORECASE
)
_Span = tuple[int, int]


class _PlacedBlock(NamedTuple):
    """A block with its place in the text and its number of words."""

    block: Block
    start: int
    end: int
    words: int


class _BlockGroup(NamedTuple):
    """Neighbouring blocks that become a segment, or several if they are long."""

    blocks: Sequence[_PlacedBlock]
    kind: SegmentKind
    context: str = ""


def segments(document: Document) -> tuple[Segment, ...]:
    """The segments of a document in order; `text[start:end] == segment.text` for each."""
    text = document.text
    blocks = [
        _PlacedBlock(block, start, end, _words_of(block.text))
        for block, (start, end) in zip(_segment_blocks(document.blocks), document.spans, strict=True)
    ]
    fields = [
        (start, end, text[start:end], group.kind, headings, group.context)
        for headings, blocks_below in _split_at_headings(blocks)
        for group in _merge_short_groups(_group_blocks(blocks_below))
        for start, end in _segment_spans(group, text)
    ]
    return tuple(Segment(index, *values) for index, values in enumerate(fields))


@lru_cache(maxsize=10_000)
def _words_of(text: str) -> int:
    """The number of words of a block. Cached, because most text recurs in the next captures of a page."""
    return len(text.split())


def _segment_blocks(blocks: Sequence[Block]) -> Sequence[Block]:
    """Blocks of which at least one is no heading, so that no text is without a segment."""
    if any(block.kind != "heading" for block in blocks):
        return blocks
    return [replace(block, kind="paragraph", level=0) for block in blocks]


def _split_at_headings(blocks: Sequence[_PlacedBlock]) -> Iterator[tuple[tuple[str, ...], list[_PlacedBlock]]]:
    """The blocks between two headings, each time with the path of headings above them."""
    path: list[Block] = []
    for is_heading, run in groupby(blocks, key=lambda placed: placed.block.kind == "heading"):
        if is_heading:
            for placed in run:
                path = [heading for heading in path if heading.level < placed.block.level] + [placed.block]
        else:
            yield tuple(heading.text for heading in path), list(run)


def _group_blocks(blocks: Sequence[_PlacedBlock]) -> Iterator[_BlockGroup]:
    """The rows, lists and paragraphs under one heading."""
    for is_row, run in groupby(blocks, key=lambda placed: placed.block.kind == "row"):
        members = list(run)
        yield from _row_groups(members) if is_row else _list_and_paragraph_groups(members)


def _row_groups(blocks: Iterable[_PlacedBlock]) -> Iterator[_BlockGroup]:
    """Each table row, with the last header row above it as context."""
    header = ""
    for placed in blocks:
        yield _BlockGroup([placed], "row", "" if placed.block.header else header)
        header = placed.block.text if placed.block.header else header


def _list_and_paragraph_groups(blocks: Sequence[_PlacedBlock]) -> Iterator[_BlockGroup]:
    """The lists and paragraphs of blocks that are not rows."""
    at = 0
    while at < len(blocks):
        end = _list_end(blocks, at)
        yield from _list_groups(blocks[at:end]) if end > at else [_BlockGroup([blocks[at]], "paragraph")]
        at = max(end, at + 1)


def _list_end(blocks: Sequence[_PlacedBlock], at: int) -> int:
    """The end of the list that starts at a block, with the paragraph before it if they belong together; `at` if none.

    Short lines after a colon are also a list, although the page does not mark them as such: addresses, typed bullets.
    """
    first = at + 1 if blocks[at].block.kind == "paragraph" else at
    end = _run_end(blocks, first, _is_item)
    if end == first > at and _ends_in_colon(blocks[at]):
        end = _run_end(blocks, first, _is_short)
    if end == first:
        return at
    return end if first == at or _is_lead_in(blocks[at]) or _fits_one_segment(blocks[at:end]) else at


def _run_end(blocks: Sequence[_PlacedBlock], start: int, belongs: Callable[[_PlacedBlock], bool]) -> int:
    """The index after the run of blocks from `start` that belong."""
    end = start
    while end < len(blocks) and belongs(blocks[end]):
        end += 1
    return end


def _is_item(placed: _PlacedBlock) -> bool:
    """Whether a block is a list item."""
    return placed.block.kind == "item"


def _is_short(placed: _PlacedBlock) -> bool:
    """Whether a block is a paragraph too short to stand alone; the date of a policy may."""
    return (
        placed.words <= _MAX_SHORT_WORDS
        and placed.block.kind == "paragraph"
        and not _POLICY_DATE.search(placed.block.text)
    )


def _ends_in_colon(placed: _PlacedBlock) -> bool:
    """Whether a block ends in a colon."""
    return placed.block.text.rstrip().endswith(":")


def _is_lead_in(placed: _PlacedBlock) -> bool:
    """Whether a paragraph introduces the list after it."""
    return placed.block.text.rstrip().endswith((":", "-", "–", "—")) or placed.words <= _MAX_LEAD_WORDS


def _fits_one_segment(blocks: Iterable[_PlacedBlock]) -> bool:
    """Whether blocks are short enough to be one segment."""
    return _count_words(blocks) <= _MAX_LIST_WORDS


def _count_words(blocks: Iterable[_PlacedBlock]) -> int:
    """The number of words in blocks."""
    return sum([placed.words for placed in blocks])


def _list_groups(blocks: Sequence[_PlacedBlock]) -> Iterator[_BlockGroup]:
    """A short list as one group; a long one as its lead-in, and each item with the items below it."""
    if _fits_one_segment(blocks):
        yield _BlockGroup(blocks, "list")
        return
    lead = blocks[:1] if blocks[0].block.kind == "paragraph" else []
    if lead:
        yield _BlockGroup(lead, "paragraph")
    for item in _outermost_items(blocks[len(lead) :]):
        yield from _item_groups(item, lead[0].block.text if lead else "")


def _item_groups(item: Sequence[_PlacedBlock], context: str) -> Iterator[_BlockGroup]:
    """An item and those below it as one group; if that is long, the item is the context of those below it."""
    if len(item) == 1 or _fits_one_segment(item):
        yield _BlockGroup(item, "item", context)
        return
    yield _BlockGroup(item[:1], "item", context)
    for below in _outermost_items(item[1:]):
        yield from _item_groups(below, item[0].block.text)


def _outermost_items(blocks: Sequence[_PlacedBlock]) -> Iterator[list[_PlacedBlock]]:
    """The items of the outermost level, each with its further paragraphs and the items below it.

    Further paragraphs of an item that is not among the blocks are items themselves.
    """
    outermost = min(_depth(placed) for placed in blocks)
    item: list[_PlacedBlock] = []
    for placed in blocks:
        if item and _depth(placed) == outermost and (placed.block.marker or not item[0].block.marker):
            yield item
            item = []
        item.append(placed)
    yield item


def _depth(placed: _PlacedBlock) -> int:
    """The level of an item in nested lists, at most `_MAX_LIST_DEPTH`."""
    return min(placed.block.level, _MAX_LIST_DEPTH)


def _merge_short_groups(groups: Iterable[_BlockGroup]) -> list[_BlockGroup]:
    """The groups under one heading; a short paragraph is merged with the next group, at the end with the one before."""
    merged: list[_BlockGroup] = []
    for group in groups:
        if merged and _introduces(merged[-1], group):
            merged[-1] = _merge_with_next(merged[-1], group)
        elif merged and _is_closing_line(group) and merged[-1].kind != "row":
            merged[-1] = _merge_with_previous(merged[-1], group)
        else:
            merged.append(group)
    if len(merged) > 1 and _is_too_short(merged[-1]) and merged[-2].kind != "row":
        merged[-2:] = [_merge_with_previous(*merged[-2:])]
    return merged


def _introduces(group: _BlockGroup, after: _BlockGroup) -> bool:
    """Whether a group is a short paragraph before a group, or ends in a colon before one that is not long."""
    if group.kind != "paragraph" or after.kind == "row" or _is_closing_line(after):
        return False
    is_short_answer = after.kind == "paragraph" and _count_words(after.blocks) <= _MAX_ANSWER_WORDS
    return _is_too_short(group) or (is_short_answer and _ends_in_colon(group.blocks[-1]))


def _merge_with_next(group: _BlockGroup, after: _BlockGroup) -> _BlockGroup:
    """A short paragraph and the next group as one; the paragraph is no longer its context."""
    context = "" if after.context == group.blocks[-1].block.text else after.context
    return _BlockGroup([*group.blocks, *after.blocks], after.kind, context)


def _merge_with_previous(group: _BlockGroup, after: _BlockGroup) -> _BlockGroup:
    """A group and the short paragraph after it as one."""
    return _BlockGroup([*group.blocks, *after.blocks], group.kind, group.context)


def _is_closing_line(group: _BlockGroup) -> bool:
    """Whether a group is a link to the top of the page, or an answer in a table that is not marked as one."""
    return _is_too_short(group) and bool(_CLOSING_LINE.match(group.blocks[0].block.text))


def _is_too_short(group: _BlockGroup) -> bool:
    """Whether a group is too short to be a segment."""
    return (
        group.kind == "paragraph"
        and _count_words(group.blocks) <= _MAX_SHORT_WORDS
        and all(map(_is_short, group.blocks))
    )


def _segment_spans(group: _BlockGroup, text: str) -> Iterator[_Span]:
    """The span of a group in the text; if it is longer than any in OPP-115, the spans of runs of sentences."""
    start, end = group.blocks[0].start, group.blocks[-1].end
    if _count_words(group.blocks) <= _MAX_PARAGRAPH_WORDS:
        yield start, end
    else:
        yield from ((start + a, start + b) for a, b in _sentence_groups(text[start:end]))


def _sentence_groups(passage: str) -> Iterator[_Span]:
    """The (start, end) of runs of whole sentences, each of about half the maximum length if sentences allow it."""
    start = end = words = 0
    for first, last in _passage_sentences(passage):
        length = len(passage[first:last].split())
        if words and words + length > _MAX_PARAGRAPH_WORDS // 2:
            yield start, end
            start, words = first, 0
        end, words = last, words + length
    yield start, end


def _passage_sentences(passage: str) -> Iterator[_Span]:
    """The (start, end) of the sentences of a passage, by spaCy unless the passage is too long or complex for it."""
    if len(passage) > _MAX_PASSAGE_CHARACTERS or max(map(len, passage.split())) > _MAX_TOKEN_CHARACTERS:
        yield from full_stop_spans(passage)
        return
    splitter = sentence_splitter()
    with splitter.memory_zone():  # otherwise it keeps each word that it has ever seen
        sentences = [(sentence.start_char, sentence.text) for sentence in splitter(passage).sents]
    for first, sentence in sentences:
        if stripped := sentence.strip():
            start = first + sentence.index(stripped)
            yield start, start + len(stripped)


@cache
def sentence_splitter() -> Language:
    """spaCy's blank English pipeline with its rule-based sentence splitter, loaded when first needed."""
    import spacy

    splitter = spacy.blank("en")
    splitter.add_pipe("sentencizer")
    return splitter
