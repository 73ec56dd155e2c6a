"""Plain text to blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.clean.inline import plain_run, split_paragraphs
from extractor.records import Block

_BULLET = re.compile(r"^\s*(?:[-*•·▪]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_FINAL_PUNCTUATION = re.compile(r"[.:;,!?]$")
_MAX_HEADING_WORDS = 10


def plain_text_blocks(page: str) -> list[Block]:
    """The blocks of plain text: an empty line separates blocks, a bullet or number starts an item."""
    return [block for chunk in re.split(r"\n\s*\n", page.replace("\r\n", "\n")) for block in _chunk_blocks(chunk)]


def _chunk_blocks(chunk: str) -> Iterator[Block]:
    """The blocks between two empty lines."""
    lines: list[str] = []
    for line in chunk.splitlines():
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
            yield Block("item", run.text, run.markdown, 1, "-")
        elif _is_heading(run.text):
            yield Block("heading", run.text, run.markdown, 2)
        else:
            yield Block("paragraph", run.text, run.markdown)


def _is_heading(text: str) -> bool:
    """Whether a line is a heading: short, begins with a capital or number, and does not end like a sentence."""
    words = text.split()
    return len(words) <= _MAX_HEADING_WORDS and not _FINAL_PUNCTUATION.search(text) and not text[0].islower()
