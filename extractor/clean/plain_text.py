"""Plain text to blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, zip_longest

from extractor.clean.headings import is_statement, is_title, tells_policy_date, tidy_headings
from extractor.clean.inline import plain_run, split_paragraphs
from extractor.records import Block
from extractor.text import ends_sentence

_BULLET = re.compile(r"^\s*(?:[-*•·▪]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_RULE = re.compile(r"^\s*[-=_*~#]{3,}\s*$")
_FINAL_PUNCTUATION = ".:;,!"
_MAX_HEADING_WORDS = 10
_MAX_HEADING_LINES = 2
_MAX_TITLE_LINE = 45  # characters of a title on the line above its text
_MIN_TEXT_LINE = 55  # characters of a full line of a wrapped text
_MAX_WRAPPED_LINE = 150  # characters; a text with longer lines has a paragraph in each


def plain_text_blocks(page: str) -> list[Block]:
    """The blocks of plain text: an empty line or a rule separates blocks, a bullet or number starts an item."""
    lines = page.replace("\r\n", "\n").split("\n")
    blocks = [block for chunk in _chunks(lines) for block in _chunk_blocks(chunk)]
    return tidy_headings(_with_headings_above_text(_with_numbered_headings(blocks)))


def _chunks(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines between two empty lines or rules, without a title in the first; in a text that is not wrapped, each
    line.
    """
    for is_border, run in groupby(lines, key=lambda line: not line.strip() or _RULE.match(line) is not None):
        chunk = [] if is_border else list(run)
        if not chunk or max(map(len, chunk)) > _MAX_WRAPPED_LINE:
            yield from ([line] for line in chunk)
        elif _has_title(chunk):
            yield from (chunk[:1], chunk[1:])
        else:
            yield chunk


def _has_title(chunk: Sequence[str]) -> bool:
    """Whether the first line is a title above its text: it is short, and the next one is not."""
    title = chunk[0].strip()
    is_above_text = len(chunk) > 1 and (len(chunk[1]) >= _MIN_TEXT_LINE or ends_sentence(chunk[1].strip()))
    return is_above_text and len(title) <= _MAX_TITLE_LINE and not _BULLET.match(chunk[1]) and _is_heading(title)


def _chunk_blocks(chunk: Sequence[str]) -> Iterator[Block]:
    """The blocks between two empty lines."""
    lines: list[str] = []
    for line in chunk:
        if _BULLET.match(line) and lines:
            yield from _blocks_of_lines(lines)
            lines = []
        lines.append(line)
    yield from _blocks_of_lines(lines)


def _blocks_of_lines(lines: list[str]) -> Iterator[Block]:
    """One block made of the lines that belong to it; none if they are empty."""
    words = " ".join(lines)
    bullet = _BULLET.match(words)
    for run in split_paragraphs([plain_run(words[bullet.end() :] if bullet else words)]):
        if bullet:
            number = re.sub(r"\D", "", bullet[0])
            yield Block("item", run.text, run.markdown, 1, f"{int(number)}." if number else "-")
        elif len(lines) <= _MAX_HEADING_LINES and _is_heading(run.text):
            yield Block("heading", run.text, run.markdown, 2)
        else:
            yield Block("paragraph", run.text, run.markdown)


def _is_heading(text: str) -> bool:
    """Whether a line is a heading: a title that begins with a capital or number, and does not end like a sentence."""
    is_short = len(text.split()) <= _MAX_HEADING_WORDS
    return is_short and text[-1] not in _FINAL_PUNCTUATION and not text[0].islower() and is_title(text)


def _with_numbered_headings(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with the numbered titles above a paragraph made headings, instead of items of a list."""
    return [
        _numbered_heading(block) if _is_numbered_heading(block, after) else block
        for block, after in zip_longest(blocks, blocks[1:])
    ]


def _is_numbered_heading(block: Block, after: Block | None) -> bool:
    """Whether a numbered item is a title with a paragraph below."""
    has_text = after is not None and after.kind == "paragraph" and ends_sentence(after.text)
    return has_text and block.kind == "item" and block.marker != "-" and _is_heading(block.text)


def _numbered_heading(item: Block) -> Block:
    """A numbered item as a heading with its number."""
    return Block("heading", *plain_run(f"{item.marker} {item.text}"), 2)


def _with_headings_above_text(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with the headings that have neither a sentence nor a list below made paragraphs: addresses, menus."""
    kept: list[Block] = []
    is_above_text = False
    for block in reversed(blocks):
        is_heading = block.kind == "heading"
        kept.append(replace(block, kind="paragraph", level=0) if is_heading and not is_above_text else block)
        if not is_heading and not tells_policy_date(block.text):
            is_above_text = block.kind == "item" or _is_whole_sentence(block.text)
    return kept[::-1]


def _is_whole_sentence(text: str) -> bool:
    """Whether a paragraph is not the end of a sentence that was broken off before it, nor a line without a verb."""
    return not text[0].islower() and (ends_sentence(text) or is_statement(text))
