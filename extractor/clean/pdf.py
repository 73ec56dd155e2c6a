"""PDF to blocks: the position and type of text determine headings, lists, columns, and running headers.

pypdfium2 returns characters with their positions; the rest is geometry in points, with the origin at the lower left.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from extractor.clean.headings import tidy_headings
from extractor.clean.inline import plain_run
from extractor.errors import UnreadableError
from extractor.optional import require
from extractor.records import Block
from extractor.text import ends_sentence

_MAX_BYTES = 50_000_000
_MAX_PAGES = 300
_BULLET = re.compile(r"^\s*([-–*•·▪●○◦■\uf0b7\uf0a7]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
_PAGE_NUMBER = re.compile(r"^(page|p\.)?\s*[-–]?\s*\d{1,4}\s*[-–]?(\s*(of|/)\s*\d{1,4})?$", re.IGNORECASE)
_EDGE_SHARE = 0.12  # of a page's height at the top and bottom, for headers and footers
_MAX_EDGE_LINES = 3
_MIN_GAP_POINTS = 6.0  # between two characters of a line that belong to two columns or cells
_MIN_GAP_EMS = 1.5  # the same in relation to the font size
_HEADING_SCALE = 1.15  # the least size of a heading in relation to the body text
_MAX_HEADING_WORDS = 14
_MIN_COLUMN_WORDS = 4  # in an average line; with fewer, columns are those of a table
_LINE_END_HYPHENS = "\ufffe\x02"  # PDFium's replacements of a hyphen and the line end after it
_LINE_ENDS = f"\r\n{_LINE_END_HYPHENS}"
_HYPHENS = (*_LINE_END_HYPHENS, "\u00ad", "-", "‐")


class _Line(NamedTuple):
    """Text on one baseline without a wide gap, its box, and its type."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool

    @property
    def pitch(self) -> float:
        """The usual distance between baselines for its size."""
        return 1.35 * self.size


class _Page(NamedTuple):
    """A page: its width and height, and its lines in the order of the file."""

    width: float
    height: float
    lines: list[_Line]


def pdf_blocks(content: bytes) -> tuple[str, list[Block], tuple[str, ...]]:
    """The title and the blocks of a PDF, and notes for the reader.

    Raises UnreadableError if it is locked, damaged, too large, has no text, or pypdfium2 is not installed.
    """
    if len(content) > _MAX_BYTES:
        raise UnreadableError(f"The PDF has more than {_MAX_BYTES // 1_000_000} MB: it was not read.")
    title, pages, count = _read_pdf(content)
    lines = [line for page in _without_running_lines(pages) for line in _in_reading_order(page)]
    if not lines:
        raise UnreadableError("The PDF has no text, only pictures: it is a scan and would need text recognition.")
    notes = (f"truncated: only the first {_MAX_PAGES} of {count} pages were read",) if count > _MAX_PAGES else ()
    return title, tidy_headings(list(_blocks_of(lines))), notes


def _read_pdf(content: bytes) -> tuple[str, list[_Page], int]:
    """The title, the first pages, and the number of pages. Raises UnreadableError."""
    pypdfium2 = require("pypdfium2", extra="pdf", purpose="PDF", error_type=UnreadableError)
    try:
        with pypdfium2.PdfDocument(content) as document:
            count = len(document)
            pages = [_read_page(document[index]) for index in range(min(count, _MAX_PAGES))]
            return document.get_metadata_value("Title"), pages, count
    except pypdfium2.PdfiumError as error:
        is_locked = "password" in str(error).lower() or "security" in str(error).lower()
        problem = "is encrypted and asks for a password" if is_locked else f"is damaged ({error})"
        raise UnreadableError(f"The PDF cannot be opened: it {problem}.") from error


def _read_page(page: Any) -> _Page:
    """The lines of a page."""
    width, height = page.get_size()
    textpage = page.get_textpage()
    try:
        return _Page(width, height, list(_read_lines(textpage)))
    finally:
        textpage.close()
        page.close()


def _read_lines(textpage: Any) -> Iterator[_Line]:
    """The lines of a page in the order of the file, split at wide gaps between columns or cells."""
    count = textpage.count_chars()
    chars = _characters(textpage, count)
    start = 0
    for index in range(count + 1):
        if index == count or chars[index] in _LINE_ENDS:
            end = index + (index < count and chars[index] in _LINE_END_HYPHENS)  # a hyphen belongs to the line
            for first, last in _split_at_gaps(textpage, chars, start, end):
                if line := _line_of(textpage, chars, first, last):
                    yield line
            start = index + 1


def _characters(textpage: Any, count: int) -> str:
    """The characters of a page, exactly one for each index of PDFium."""
    import pypdfium2.raw as pdfium

    text: str = textpage.get_text_range()
    if len(text) == count:
        return text
    return "".join(chr(pdfium.FPDFText_GetUnicode(textpage, index) or 0x20) for index in range(count))


def _split_at_gaps(textpage: Any, chars: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of a line without wide gaps. Gaps are only at spaces, because PDFium inserts a space into each."""
    begin = start
    for index in range(start + 1, end - 1):
        if chars[index] == " " and _is_gap(textpage, chars, index):
            yield begin, index
            begin = index + 1
    yield begin, end


def _is_gap(textpage: Any, chars: str, index: int) -> bool:
    """Whether the space at an index is much wider than one between words."""
    if chars[index - 1] == " " or chars[index + 1] == " ":
        return False
    _, _, before, _ = _char_box(textpage, index - 1)
    after, _, _, _ = _char_box(textpage, index + 1)
    width = after - before
    return (
        width > _MIN_GAP_POINTS
        and width > _MIN_GAP_EMS * _font_size(textpage, index - 1)
        and not _BULLET.match(chars[:index][-3:].strip() + " x")
    )


def _line_of(textpage: Any, chars: str, begin: int, end: int) -> _Line | None:
    """The line in a span of characters, None if there are no words."""
    text = chars[begin:end]
    if not text.strip():
        return None
    first = begin + len(text) - len(text.lstrip())
    last = begin + len(text.rstrip()) - 1
    left, bottom, _, top = _char_box(textpage, first)
    _, _, right, _ = _char_box(textpage, last)
    middle = (first + last) // 2  # a bullet at the start may be in another font
    return _Line(
        text.strip(), left, bottom, right, top, round(_font_size(textpage, middle), 1), _is_bold(textpage, middle)
    )


def _char_box(textpage: Any, index: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character."""
    box: tuple[float, float, float, float] = textpage.get_charbox(index, loose=True)
    return box


def _font_size(textpage: Any, index: int) -> float:
    """The font size of a character as printed: the height of its loose box if a matrix scales it."""
    import pypdfium2.raw as pdfium

    _, bottom, _, top = _char_box(textpage, index)
    nominal = float(pdfium.FPDFText_GetFontSize(textpage, index))
    return nominal if 0.7 * nominal < top - bottom < 1.7 * nominal else top - bottom


def _is_bold(textpage: Any, index: int) -> bool:
    """Whether a character is bold, by the weight or the name of its font."""
    import pypdfium2.raw as pdfium

    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(textpage, index, name, 128, ctypes.c_int())
    return pdfium.FPDFText_GetFontWeight(textpage, index) >= 600 or b"bold" in name.value.lower()


def _without_running_lines(pages: Sequence[_Page]) -> list[_Page]:
    """The pages without page numbers, and without headers and footers that recur on half of them."""
    counts = Counter(key for page in pages for key in {_running_key(line) for edge in _edges(page) for line in edge})
    running = {key for key, count in counts.items() if count >= max(2, len(pages) / 2)}
    return [page._replace(lines=_remove_running_lines(page, running)) for page in pages]


def _remove_running_lines(page: _Page, running: set[str]) -> list[_Line]:
    """The lines of a page without those at its edges that are page numbers or recur on many pages."""
    removed = [line for edge in _edges(page) for line in takewhile(lambda line: _is_running(line, running), edge)]
    return [line for line in page.lines if line not in removed]


def _is_running(line: _Line, running: set[str]) -> bool:
    """Whether a line at a page's edge is a page number or recurs on many pages."""
    return _running_key(line) in running or bool(_PAGE_NUMBER.match(line.text))


def _edges(page: _Page) -> tuple[list[_Line], list[_Line]]:
    """The few lines in the places of headers and of footers, both from the edge inward."""
    upward = sorted(page.lines, key=lambda line: line.bottom)
    headers = [line for line in upward[: -_MAX_EDGE_LINES - 1 : -1] if line.bottom > (1 - _EDGE_SHARE) * page.height]
    return headers, [line for line in upward[:_MAX_EDGE_LINES] if line.top < _EDGE_SHARE * page.height]


def _running_key(line: _Line) -> str:
    """The text of a line with its numbers replaced, to compare it with lines of other pages."""
    return re.sub(r"\d+", "0", line.text.lower())


def _in_reading_order(page: _Page) -> Iterator[_Line]:
    """The lines of a page from top to bottom, of two columns one after the other; lines across both interrupt them."""
    gutter = _gutter_of(page)
    left: list[_Line] = []
    right: list[_Line] = []
    for line in sorted(page.lines, key=lambda line: (-round(line.bottom), line.left)):
        if not gutter or line.left < gutter < line.right:
            yield from (*left, *right, line)
            left, right = [], []
        else:
            (left if line.right <= gutter else right).append(line)
    yield from (*left, *right)


def _gutter_of(page: _Page) -> float:
    """The x position between two columns of a page, 0 if there are none. Columns of a table have short lines."""
    positions = [page.width * percent / 100 for percent in range(30, 71)]
    crossings = [sum(line.left < position < line.right for line in page.lines) for position in positions]
    fewest = min(crossings)
    candidates = [position for position, count in zip(positions, crossings, strict=True) if count == fewest]
    gutter = candidates[len(candidates) // 2]
    left = [line for line in page.lines if line.right <= gutter]
    right = [line for line in page.lines if line.left >= gutter]
    words = sum(len(line.text.split()) for line in left + right)
    are_columns = min(len(left), len(right)) >= 4 and words >= _MIN_COLUMN_WORDS * len(left + right)
    return gutter if are_columns and fewest <= len(page.lines) / 3 else 0.0


def _blocks_of(lines: Sequence[_Line]) -> Iterator[Block]:
    """The blocks made of lines."""
    body = _body_size(lines)
    sizes = sorted({line.size for line in lines if _is_heading(line, body)}, reverse=True)
    indents = sorted({round(line.left / 8) for line in lines if _BULLET.match(line.text)})
    hyphenated = set(re.findall(r"\w+(?:-\w+)+", " ".join(line.text for line in lines).lower()))
    for paragraph in _group_paragraphs(lines, body):
        first, text = paragraph[0], _join_lines(paragraph, hyphenated)
        if _is_heading(first, body) and len(text.split()) <= _MAX_HEADING_WORDS * 2:
            yield Block("heading", *plain_run(text), level=min(6, 1 + sizes.index(first.size)))
        else:
            yield _list_item(text, first, indents) or Block("paragraph", *plain_run(text))


def _body_size(lines: Sequence[_Line]) -> float:
    """The font size of most characters."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0]


def _is_heading(line: _Line, body: float) -> bool:
    """Whether a line is a heading: larger than the body text, or a short bold one that does not end like a sentence."""
    if line.size >= _HEADING_SCALE * body:
        return True
    is_short = len(line.text.split()) <= _MAX_HEADING_WORDS and not ends_sentence(line.text)
    return line.bold and is_short and line.size >= 0.95 * body


def _group_paragraphs(lines: Sequence[_Line], body: float) -> Iterator[list[_Line]]:
    """Lines grouped to paragraphs."""
    edges = Counter(round(line.right / 10) for line in lines)
    usual_right = 10 * max(edge for edge, count in edges.items() if count >= max(1, max(edges.values()) / 4))
    paragraph: list[_Line] = []
    for line in lines:
        if paragraph and _begins_paragraph(paragraph, line, body, usual_right):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    yield paragraph


def _begins_paragraph(paragraph: Sequence[_Line], line: _Line, body: float, usual_right: float) -> bool:
    """Whether a line begins a new paragraph, by its type, its bullet, the space above it, or the line before it."""
    before = paragraph[-1]
    if line.size != before.size or _is_heading(line, body) != _is_heading(before, body) or _BULLET.match(line.text):
        return True
    drop = before.bottom - line.bottom
    if drop < -line.size or drop > 4 * line.pitch:  # a new column or page, where a sentence may continue
        return ends_sentence(before.text) or not line.text[:1].islower()
    is_indented = line.left > before.left + line.size and not _BULLET.match(paragraph[0].text)
    return drop > 1.25 * line.pitch or is_indented or _ends_early(before, usual_right)


def _ends_early(line: _Line, usual_right: float) -> bool:
    """Whether a line ends a sentence well before the usual right end of lines."""
    is_early = line.right < usual_right - 8 * line.size and line.right - line.left < 0.7 * usual_right
    return is_early and ends_sentence(line.text)


def _join_lines(paragraph: Sequence[_Line], hyphenated: set[str]) -> str:
    """The lines of a paragraph as one, with words that were split at line ends joined."""
    text = ""
    for line in paragraph:
        text = _join_line(text, line.text, hyphenated)
    return " ".join(text.split())


def _join_line(text: str, line: str, hyphenated: set[str]) -> str:
    """Two lines as one. A hyphen at the line end is removed unless the word has one elsewhere, within a line."""
    if not text.endswith(_HYPHENS) or not line[:1].islower() or text[-2:-1].isspace():
        return f"{text} {line}" if text else line
    first, second = re.search(r"\w*$", text[:-1]), re.match(r"\w*", line)
    word = f"{first[0] if first else ''}-{second[0] if second else ''}".lower()
    return f"{text[:-1]}-{line}" if word in hyphenated else f"{text[:-1]}{line}"


def _list_item(text: str, first: _Line, indents: Sequence[int]) -> Block | None:
    """A list item, None if a paragraph has no bullet. Its depth is 2 if there are items further left."""
    bullet = _BULLET.match(text)
    if not bullet:
        return None
    is_deeper = round(first.left / 8) > indents[0] + 1
    marker = re.sub(r"\D", "", bullet[1])
    return Block("item", *plain_run(text[bullet.end() :]), 1 + is_deeper, f"{marker}." if marker else "-")
