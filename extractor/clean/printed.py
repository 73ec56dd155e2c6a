"""Plain text and PDF to blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.clean.inline import paragraphs, plain
from extractor.errors import UnreadableError
from extractor.records import Block

BULLET = re.compile(r"^\s*(?:[-*•·▪]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
SENTENCE_END = re.compile(r"[.:;,!?]$")
HEADING_WORDS = 10


def text_blocks(page: str) -> tuple[str, list[Block]]:
    """The title (none) and the blocks of plain text: empty lines part them, a mark begins an item."""
    return "", [block for chunk in re.split(r"\n\s*\n", page.replace("\r\n", "\n")) for block in chunk_blocks(chunk)]


def chunk_blocks(chunk: str) -> Iterator[Block]:
    """The blocks between two empty lines."""
    gathered: list[str] = []
    for line in chunk.splitlines():
        if BULLET.match(line) and gathered:
            yield from line_block(gathered)
            gathered = []
        gathered.append(line)
    yield from line_block(gathered)


def line_block(lines: list[str]) -> Iterator[Block]:
    """One block from the lines that belong to it."""
    words = " ".join(lines)
    bullet = BULLET.match(words)
    for run in paragraphs([plain(words[bullet.end() :] if bullet else words)]):
        if bullet:
            yield Block("item", run.text, run.markdown, 1, "-")
        else:
            yield Block("heading", run.text, run.markdown, 2) if is_heading(run.text) else Block("paragraph", *run[:2])


def is_heading(text: str) -> bool:
    """Whether a line by itself is a heading: short, begins with a capital or number, ends like no sentence."""
    return len(text.split()) <= HEADING_WORDS and not SENTENCE_END.search(text) and not text[0].islower()


def pdf_blocks(content: bytes) -> tuple[str, list[Block]]:
    """The title and the blocks of a PDF. Raises UnreadableError where it is locked, damaged or cannot be read here."""
    try:
        import pypdfium2
    except ImportError as error:
        raise UnreadableError("PDF is read with the extra: pip install 'archived-policy[pdf]'.") from error
    try:
        with pypdfium2.PdfDocument(content) as document:
            title = document.get_metadata_value("Title")
            lines = [line for page in document for line in page.get_textpage().get_text_range().splitlines()]
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"The PDF cannot be opened: {error}") from error
    return title, [block for chunk in pdf_chunks(lines) for block in line_block(chunk)]


def pdf_chunks(lines: list[str]) -> Iterator[list[str]]:
    """Printed lines gathered to paragraphs: one ends where a line ends a sentence and is shorter than the others."""
    full = sorted(map(len, lines))[len(lines) * 3 // 4] if lines else 0
    gathered: list[str] = []
    for line in lines:
        if gathered and (BULLET.match(line) or ends_paragraph(gathered[-1], line, full)):
            yield gathered
            gathered = []
        if line.strip():
            gathered.append(line)
    yield gathered


def ends_paragraph(line: str, following: str, full: int) -> bool:
    """Whether a printed line is the last of its paragraph: clearly shorter than a full one."""
    return len(line) < 0.75 * full or not following.strip()
