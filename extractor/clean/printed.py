"""Plain text to blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.clean.inline import paragraphs, plain
from extractor.records import Block

_BULLET = re.compile(r"^\s*(?:[-*•·▪]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_SENTENCE_END = re.compile(r"[.:;,!?]$")
_HEADING_WORDS = 10


def text_blocks(page: str) -> tuple[str, list[Block]]:
    """The title (none) and the blocks of plain text: empty lines part them, a mark begins an item."""
    return "", [block for chunk in re.split(r"\n\s*\n", page.replace("\r\n", "\n")) for block in _chunk_blocks(chunk)]


def _chunk_blocks(chunk: str) -> Iterator[Block]:
    """The blocks between two empty lines."""
    gathered: list[str] = []
    for line in chunk.splitlines():
        if _BULLET.match(line) and gathered:
            yield from _line_block(gathered)
            gathered = []
        gathered.append(line)
    yield from _line_block(gathered)


def _line_block(lines: list[str]) -> Iterator[Block]:
    """One block from the lines that belong to it."""
    words = " ".join(lines)
    bullet = _BULLET.match(words)
    for run in paragraphs([plain(words[bullet.end() :] if bullet else words)]):
        if bullet:
            yield Block("item", run.text, run.markdown, 1, "-")
        else:
            yield Block("heading", run.text, run.markdown, 2) if _is_heading(run.text) else Block("paragraph", *run[:2])


def _is_heading(text: str) -> bool:
    """Whether a line by itself is a heading: short, begins with a capital or number, ends like no sentence."""
    return len(text.split()) <= _HEADING_WORDS and not _SENTENCE_END.search(text) and not text[0].islower()
