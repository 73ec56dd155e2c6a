"""PDF to blocks: what stands where and in what type says what is a heading, a list, a column, a running header.

pypdfium2 gives characters with their places; the rest is geometry in points, the origin at the page's lower left.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile
from typing import Any, NamedTuple

from extractor.clean.inline import plain
from extractor.errors import UnreadableError
from extractor.records import Block

_MOST_BYTES = 50_000_000
_MOST_PAGES = 300
_BULLET = re.compile(r"^\s*([-–*•·▪●○◦■\uf0b7\uf0a7]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
_PAGE_NUMBER = re.compile(r"^(page|p\.)?\s*[-–]?\s*\d{1,4}\s*[-–]?(\s*(of|/)\s*\d{1,4})?$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?:;][\"'”’)]*$")
_EDGE = 0.12  # of a page's height, above and below, in which headers and footers stand
_OUTERMOST = 3  # lines
_LEAST_GAP = 6.0  # points, in any size
_GAP = 1.5  # ems between two characters of a line that belong to two columns or cells
_LARGER = 1.15  # times the size of the running text: a heading
_HEADING_WORDS = 14
_CELL_WORDS = 4  # words in an average line: with fewer, what stands side by side is a table, not columns
_CUT_WORD = "\ufffe\x02"  # what PDFium has in the place of a hyphen and the line end after it
_LINE_ENDS = f"\r\n{_CUT_WORD}"
_HYPHENS = (*_CUT_WORD, "\u00ad", "-", "‐")


class _Line(NamedTuple):
    """Words on one baseline with nothing wide between them, their box, and the type they are set in."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    bold: bool

    @property
    def pitch(self) -> float:
        """The distance from baseline to baseline that is usual for its size."""
        return 1.35 * self.size


class _Sheet(NamedTuple):
    """A page: its width and height, and its lines as the file has them."""

    width: float
    height: float
    lines: list[_Line]


def pdf_blocks(content: bytes) -> tuple[str, list[Block], tuple[str, ...]]:
    """The title, the blocks and notes for the reader of a PDF.

    Raises UnreadableError where it is locked, damaged, too large, has no text, or cannot be read here.
    """
    if len(content) > _MOST_BYTES:
        raise UnreadableError(f"The PDF has more than {_MOST_BYTES // 1_000_000} MB: it was not read.")
    title, sheets, count = _read_pdf(content)
    lines = [line for sheet in _without_running_lines(sheets) for line in _in_reading_order(sheet)]
    if not lines:
        raise UnreadableError("The PDF has no text, only pictures: it is a scan and would need text recognition.")
    notes = (f"truncated: only the first {_MOST_PAGES} of {count} pages were read",) if count > _MOST_PAGES else ()
    return title, list(_blocks_of(lines)), notes


def _read_pdf(content: bytes) -> tuple[str, list[_Sheet], int]:
    """The title, the first pages, and how many there are. Raises UnreadableError."""
    try:
        import pypdfium2
    except ImportError as error:
        raise UnreadableError("PDF is read with the extra: pip install 'archived-policy[pdf]'.") from error
    try:
        with pypdfium2.PdfDocument(content) as document:
            count = len(document)
            sheets = [_read_sheet(document[place]) for place in range(min(count, _MOST_PAGES))]
            return document.get_metadata_value("Title"), sheets, count
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        what = "is encrypted and asks for a password" if locked else f"is damaged ({error})"
        raise UnreadableError(f"The PDF cannot be opened: it {what}.") from error


def _read_sheet(page: Any) -> _Sheet:
    """The lines of a page."""
    width, height = page.get_size()
    textpage = page.get_textpage()
    try:
        return _Sheet(width, height, list(_read_lines(textpage)))
    finally:
        textpage.close()
        page.close()


def _read_lines(textpage: Any) -> Iterator[_Line]:
    """The lines of a page in the order of the file, cut where a wide gap parts two columns or cells."""
    count = textpage.count_chars()
    chars = _characters(textpage, count)
    start = 0
    for place in range(count + 1):
        if place == count or chars[place] in _LINE_ENDS:
            for begin, end in _cut_at_gaps(
                textpage, chars, start, place + (place < count and chars[place] in _CUT_WORD)
            ):
                if line := _line_of(textpage, chars, begin, end):
                    yield line
            start = place + 1


def _characters(textpage: Any, count: int) -> str:
    """The characters of a page, one for each place that PDFium counts."""
    import pypdfium2.raw as pdfium

    whole: str = textpage.get_text_range()
    if len(whole) == count:
        return whole
    return "".join(chr(pdfium.FPDFText_GetUnicode(textpage, place) or 0x20) for place in range(count))


def _cut_at_gaps(textpage: Any, chars: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The places between which a line has no wide gap. Only at spaces can there be one: PDFium puts one there."""
    begin = start
    for place in range(start + 1, end - 1):
        if chars[place] == " " and _is_gap(textpage, chars, place):
            yield begin, place
            begin = place + 1
    yield begin, end


def _is_gap(textpage: Any, chars: str, place: int) -> bool:
    """Whether the space at a place is much wider than one between words."""
    if chars[place - 1] == " " or chars[place + 1] == " ":
        return False
    _, _, before, _ = _box(textpage, place - 1)
    after, _, _, _ = _box(textpage, place + 1)
    width = after - before
    return (
        width > _LEAST_GAP
        and width > _GAP * _size_at(textpage, place - 1)
        and not _BULLET.match(chars[:place][-3:].strip() + " x")
    )


def _line_of(textpage: Any, chars: str, begin: int, end: int) -> _Line | None:
    """The line between two places, None where there are no words."""
    text = chars[begin:end]
    if not text.strip():
        return None
    first = begin + len(text) - len(text.lstrip())
    last = begin + len(text.rstrip()) - 1
    left, bottom, _, top = _box(textpage, first)
    _, _, right, _ = _box(textpage, last)
    middle = (first + last) // 2  # a mark at the start may be in another type
    return _Line(
        text.strip(), left, bottom, right, top, round(_size_at(textpage, middle), 1), _is_bold(textpage, middle)
    )


def _box(textpage: Any, place: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character."""
    found: tuple[float, float, float, float] = textpage.get_charbox(place, loose=True)
    return found


def _size_at(textpage: Any, place: int) -> float:
    """The size of a character's type as it is printed: the height of its loose box where a matrix scales it."""
    import pypdfium2.raw as pdfium

    _, bottom, _, top = _box(textpage, place)
    nominal = float(pdfium.FPDFText_GetFontSize(textpage, place))
    return nominal if 0.7 * nominal < top - bottom < 1.7 * nominal else top - bottom


def _is_bold(textpage: Any, place: int) -> bool:
    """Whether a character is set in bold type, by its weight or its font's name."""
    import pypdfium2.raw as pdfium

    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(textpage, place, name, 128, ctypes.c_int())
    return pdfium.FPDFText_GetFontWeight(textpage, place) >= 600 or b"bold" in name.value.lower()


def _without_running_lines(sheets: Sequence[_Sheet]) -> list[_Sheet]:
    """The pages without page numbers, and without headers and footers that come again on half of them."""
    seen = Counter(key for sheet in sheets for key in {_running_key(line) for edge in _edges(sheet) for line in edge})
    often = {key for key, count in seen.items() if count >= max(2, len(sheets) / 2)}
    return [sheet._replace(lines=_running_removed(sheet, often)) for sheet in sheets]


def _running_removed(sheet: _Sheet, often: set[str]) -> list[_Line]:
    """The lines of a page but those that, from its edges inward, are a page number or stand there on many pages."""
    gone = [line for edge in _edges(sheet) for line in takewhile(lambda line: _is_running(line, often), edge)]
    return [line for line in sheet.lines if line not in gone]


def _is_running(line: _Line, often: set[str]) -> bool:
    """Whether a line at a page's edge is a page number or stands there on many pages."""
    return _running_key(line) in often or bool(_PAGE_NUMBER.match(line.text))


def _edges(sheet: _Sheet) -> tuple[list[_Line], list[_Line]]:
    """The few lines that stand where headers do and where footers do, each from the edge inward."""
    upward = sorted(sheet.lines, key=lambda line: line.bottom)
    headers = [line for line in upward[: -_OUTERMOST - 1 : -1] if line.bottom > (1 - _EDGE) * sheet.height]
    return headers, [line for line in upward[:_OUTERMOST] if line.top < _EDGE * sheet.height]


def _running_key(line: _Line) -> str:
    """A line with its numbers made alike."""
    return re.sub(r"\d+", "0", line.text.lower())


def _in_reading_order(sheet: _Sheet) -> Iterator[_Line]:
    """The lines of a page from top to bottom, column by column where it has two; lines across both part the columns."""
    gutter = _gutter_of(sheet)
    left: list[_Line] = []
    right: list[_Line] = []
    for line in sorted(sheet.lines, key=lambda line: (-round(line.bottom), line.left)):
        if not gutter or line.left < gutter < line.right:
            yield from (*left, *right, line)
            left, right = [], []
        else:
            (left if line.right <= gutter else right).append(line)
    yield from (*left, *right)


def _gutter_of(sheet: _Sheet) -> float:
    """Where the columns of a page part, 0 where it has but one. A table's columns are none: its rows are short."""
    places = [sheet.width * share / 100 for share in range(30, 71)]
    crossing = [sum(line.left < place < line.right for line in sheet.lines) for place in places]
    fewest = min(crossing)
    free = [place for place, count in zip(places, crossing, strict=True) if count == fewest]
    gutter = free[len(free) // 2]
    left = [line for line in sheet.lines if line.right <= gutter]
    right = [line for line in sheet.lines if line.left >= gutter]
    words = sum(len(line.text.split()) for line in left + right)
    enough = min(len(left), len(right)) >= 4 and words >= _CELL_WORDS * len(left + right)
    return gutter if enough and fewest <= len(sheet.lines) / 3 else 0.0


def _blocks_of(lines: Sequence[_Line]) -> Iterator[Block]:
    """The blocks that lines make."""
    body = _body_size(lines)
    sizes = sorted({line.size for line in lines if _is_heading(line, body)}, reverse=True)
    indents = sorted({round(line.left / 8) for line in lines if _BULLET.match(line.text)})
    words = set(re.findall(r"\w+(?:-\w+)+", " ".join(line.text for line in lines).lower()))
    for heading, group in groupby(_paragraphs(lines, body), key=lambda paragraph: _is_heading(paragraph[0], body)):
        for paragraph in group:
            text = _joined_lines(paragraph, words)
            if heading and len(text.split()) <= _HEADING_WORDS * 2:
                yield Block("heading", *plain(text)[:2], level=min(6, 1 + sizes.index(paragraph[0].size)))
            else:
                yield _list_item(text, paragraph[0], indents) or Block("paragraph", *plain(text)[:2])


def _body_size(lines: Sequence[_Line]) -> float:
    """The size that most characters are set in."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0]


def _is_heading(line: _Line, body: float) -> bool:
    """Whether a line is a heading: larger than the running text, or a short bold one that ends like no sentence."""
    if line.size >= _LARGER * body:
        return True
    short = len(line.text.split()) <= _HEADING_WORDS and not _SENTENCE_END.search(line.text)
    return line.bold and short and line.size >= 0.95 * body


def _paragraphs(lines: Sequence[_Line], body: float) -> Iterator[list[_Line]]:
    """Lines gathered to paragraphs."""
    edges = Counter(round(line.right / 10) for line in lines)
    full = 10 * max(edge for edge, count in edges.items() if count >= max(1, max(edges.values()) / 4))
    gathered: list[_Line] = []
    for line in lines:
        if gathered and _begins_paragraph(gathered, line, body, full):
            yield gathered
            gathered = []
        gathered.append(line)
    yield gathered


def _begins_paragraph(gathered: Sequence[_Line], line: _Line, body: float, full: float) -> bool:
    """Whether a line begins a new paragraph, by its type, its mark, the space above it, or the line before it."""
    before = gathered[-1]
    if line.size != before.size or _is_heading(line, body) != _is_heading(before, body) or _BULLET.match(line.text):
        return True
    drop = before.bottom - line.bottom
    if drop < -line.size or drop > 4 * line.pitch:  # a new column or page: a sentence may go on there
        return bool(_SENTENCE_END.search(before.text)) or not line.text[:1].islower()
    indented = line.left > before.left + line.size and not _BULLET.match(gathered[0].text)
    return drop > 1.25 * line.pitch or indented or _ends_early(before, full)


def _ends_early(line: _Line, full: float) -> bool:
    """Whether a line ends a sentence well before the place where lines usually end."""
    short = line.right < full - 8 * line.size and line.right - line.left < 0.7 * full
    return short and bool(_SENTENCE_END.search(line.text))


def _joined_lines(paragraph: Sequence[_Line], hyphenated: set[str]) -> str:
    """The lines of a paragraph as one, words that were cut at line ends whole again."""
    text = ""
    for line in paragraph:
        text = _joined(text, line.text, hyphenated)
    return " ".join(text.split())


def _joined(text: str, line: str, hyphenated: set[str]) -> str:
    """Two lines as one. A hyphen goes unless the file has the word with it elsewhere, within a line."""
    if not text.endswith(_HYPHENS) or not line[:1].islower() or text[-2:-1].isspace():
        return f"{text} {line}" if text else line
    first, second = re.search(r"\w*$", text[:-1]), re.match(r"\w*", line)
    word = f"{first[0] if first else ''}-{second[0] if second else ''}".lower()
    return f"{text[:-1]}-{line}" if word in hyphenated else f"{text[:-1]}{line}"


def _list_item(text: str, first: _Line, indents: Sequence[int]) -> Block | None:
    """A list item, None where a paragraph has no mark. Its depth is 2 where items further left have marks too."""
    mark = _BULLET.match(text)
    if not mark:
        return None
    deeper = round(first.left / 8) > indents[0] + 1
    marker = re.sub(r"\D", "", mark[1])
    return Block("item", *plain(text[mark.end() :])[:2], 1 + deeper, f"{marker}." if marker else "-")
