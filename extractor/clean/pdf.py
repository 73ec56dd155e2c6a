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

MOST_BYTES = 50_000_000
MOST_PAGES = 300
BULLET = re.compile(r"^\s*([-–*•·▪●○◦■\uf0b7\uf0a7]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+(?=\S)")
PAGE_NUMBER = re.compile(r"^(page|p\.)?\s*[-–]?\s*\d{1,4}\s*[-–]?(\s*(of|/)\s*\d{1,4})?$", re.IGNORECASE)
SENTENCE_END = re.compile(r"[.!?:;][\"'”’)]*$")
EDGE = 0.12  # of a page's height, above and below, in which headers and footers stand
OUTERMOST = 3  # lines
LEAST_GAP = 6.0  # points, in any size
GAP = 1.5  # ems between two characters of a line that belong to two columns or cells
LARGER = 1.15  # times the size of the running text: a heading
HEADING_WORDS = 14
CELL_WORDS = 4  # words in an average line: with fewer, what stands side by side is a table, not columns
CUT_WORD = "\ufffe\x02"  # what PDFium has in the place of a hyphen and the line end after it
LINE_ENDS = f"\r\n{CUT_WORD}"
HYPHENS = (*CUT_WORD, "\u00ad", "-", "‐")


class Line(NamedTuple):
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


class Sheet(NamedTuple):
    """A page: its width and height, and its lines as the file has them."""

    width: float
    height: float
    lines: list[Line]


def pdf_blocks(content: bytes) -> tuple[str, list[Block], tuple[str, ...]]:
    """The title, the blocks and notes for the reader of a PDF.

    Raises UnreadableError where it is locked, damaged, too large, has no text, or cannot be read here.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableError(f"The PDF has more than {MOST_BYTES // 1_000_000} MB: it was not read.")
    title, sheets, count = read_pdf(content)
    lines = [line for sheet in without_running_lines(sheets) for line in in_reading_order(sheet)]
    if not lines:
        raise UnreadableError("The PDF has no text, only pictures: it is a scan and would need text recognition.")
    notes = (f"truncated: only the first {MOST_PAGES} of {count} pages were read",) if count > MOST_PAGES else ()
    return title, list(blocks_of(lines)), notes


def read_pdf(content: bytes) -> tuple[str, list[Sheet], int]:
    """The title, the first pages, and how many there are. Raises UnreadableError."""
    try:
        import pypdfium2
    except ImportError as error:
        raise UnreadableError("PDF is read with the extra: pip install 'archived-policy[pdf]'.") from error
    try:
        with pypdfium2.PdfDocument(content) as document:
            count = len(document)
            sheets = [read_sheet(document[place]) for place in range(min(count, MOST_PAGES))]
            return document.get_metadata_value("Title"), sheets, count
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        what = "is encrypted and asks for a password" if locked else f"is damaged ({error})"
        raise UnreadableError(f"The PDF cannot be opened: it {what}.") from error


def read_sheet(page: Any) -> Sheet:
    """The lines of a page."""
    width, height = page.get_size()
    textpage = page.get_textpage()
    try:
        return Sheet(width, height, list(read_lines(textpage)))
    finally:
        textpage.close()
        page.close()


def read_lines(textpage: Any) -> Iterator[Line]:
    """The lines of a page in the order of the file, cut where a wide gap parts two columns or cells."""
    count = textpage.count_chars()
    chars = characters(textpage, count)
    start = 0
    for place in range(count + 1):
        if place == count or chars[place] in LINE_ENDS:
            for begin, end in cut_at_gaps(textpage, chars, start, place + (place < count and chars[place] in CUT_WORD)):
                if line := line_of(textpage, chars, begin, end):
                    yield line
            start = place + 1


def characters(textpage: Any, count: int) -> str:
    """The characters of a page, one for each place that PDFium counts."""
    import pypdfium2.raw as pdfium

    whole: str = textpage.get_text_range()
    if len(whole) == count:
        return whole
    return "".join(chr(pdfium.FPDFText_GetUnicode(textpage, place) or 0x20) for place in range(count))


def cut_at_gaps(textpage: Any, chars: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The places between which a line has no wide gap. Only at spaces can there be one: PDFium puts one there."""
    begin = start
    for place in range(start + 1, end - 1):
        if chars[place] == " " and is_gap(textpage, chars, place):
            yield begin, place
            begin = place + 1
    yield begin, end


def is_gap(textpage: Any, chars: str, place: int) -> bool:
    """Whether the space at a place is much wider than one between words."""
    if chars[place - 1] == " " or chars[place + 1] == " ":
        return False
    _, _, before, _ = box(textpage, place - 1)
    after, _, _, _ = box(textpage, place + 1)
    width = after - before
    return (
        width > LEAST_GAP
        and width > GAP * size_at(textpage, place - 1)
        and not BULLET.match(chars[:place][-3:].strip() + " x")
    )


def line_of(textpage: Any, chars: str, begin: int, end: int) -> Line | None:
    """The line between two places, None where there are no words."""
    text = chars[begin:end]
    if not text.strip():
        return None
    first = begin + len(text) - len(text.lstrip())
    last = begin + len(text.rstrip()) - 1
    left, bottom, _, top = box(textpage, first)
    _, _, right, _ = box(textpage, last)
    middle = (first + last) // 2  # a mark at the start may be in another type
    return Line(text.strip(), left, bottom, right, top, round(size_at(textpage, middle), 1), is_bold(textpage, middle))


def box(textpage: Any, place: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character."""
    found: tuple[float, float, float, float] = textpage.get_charbox(place, loose=True)
    return found


def size_at(textpage: Any, place: int) -> float:
    """The size of a character's type as it is printed: the height of its loose box where a matrix scales it."""
    import pypdfium2.raw as pdfium

    _, bottom, _, top = box(textpage, place)
    nominal = float(pdfium.FPDFText_GetFontSize(textpage, place))
    return nominal if 0.7 * nominal < top - bottom < 1.7 * nominal else top - bottom


def is_bold(textpage: Any, place: int) -> bool:
    """Whether a character is set in bold type, by its weight or its font's name."""
    import pypdfium2.raw as pdfium

    name = ctypes.create_string_buffer(128)
    pdfium.FPDFText_GetFontInfo(textpage, place, name, 128, ctypes.c_int())
    return pdfium.FPDFText_GetFontWeight(textpage, place) >= 600 or b"bold" in name.value.lower()


def without_running_lines(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The pages without page numbers, and without headers and footers that come again on half of them."""
    seen = Counter(key for sheet in sheets for key in {running_key(line) for edge in edges(sheet) for line in edge})
    often = {key for key, count in seen.items() if count >= max(2, len(sheets) / 2)}
    return [sheet._replace(lines=running_removed(sheet, often)) for sheet in sheets]


def running_removed(sheet: Sheet, often: set[str]) -> list[Line]:
    """The lines of a page but those that, from its edges inward, are a page number or stand there on many pages."""
    gone = [line for edge in edges(sheet) for line in takewhile(lambda line: is_running(line, often), edge)]
    return [line for line in sheet.lines if line not in gone]


def is_running(line: Line, often: set[str]) -> bool:
    """Whether a line at a page's edge is a page number or stands there on many pages."""
    return running_key(line) in often or bool(PAGE_NUMBER.match(line.text))


def edges(sheet: Sheet) -> tuple[list[Line], list[Line]]:
    """The few lines that stand where headers do and where footers do, each from the edge inward."""
    upward = sorted(sheet.lines, key=lambda line: line.bottom)
    headers = [line for line in upward[: -OUTERMOST - 1 : -1] if line.bottom > (1 - EDGE) * sheet.height]
    return headers, [line for line in upward[:OUTERMOST] if line.top < EDGE * sheet.height]


def running_key(line: Line) -> str:
    """A line with its numbers made alike."""
    return re.sub(r"\d+", "0", line.text.lower())


def in_reading_order(sheet: Sheet) -> Iterator[Line]:
    """The lines of a page from top to bottom, column by column where it has two; lines across both part the columns."""
    gutter = gutter_of(sheet)
    left: list[Line] = []
    right: list[Line] = []
    for line in sorted(sheet.lines, key=lambda line: (-round(line.bottom), line.left)):
        if not gutter or line.left < gutter < line.right:
            yield from (*left, *right, line)
            left, right = [], []
        else:
            (left if line.right <= gutter else right).append(line)
    yield from (*left, *right)


def gutter_of(sheet: Sheet) -> float:
    """Where the columns of a page part, 0 where it has but one. A table's columns are none: its rows are short."""
    places = [sheet.width * share / 100 for share in range(30, 71)]
    crossing = [sum(line.left < place < line.right for line in sheet.lines) for place in places]
    fewest = min(crossing)
    free = [place for place, count in zip(places, crossing, strict=True) if count == fewest]
    gutter = free[len(free) // 2]
    left = [line for line in sheet.lines if line.right <= gutter]
    right = [line for line in sheet.lines if line.left >= gutter]
    words = sum(len(line.text.split()) for line in left + right)
    enough = min(len(left), len(right)) >= 4 and words >= CELL_WORDS * len(left + right)
    return gutter if enough and fewest <= len(sheet.lines) / 3 else 0.0


def blocks_of(lines: Sequence[Line]) -> Iterator[Block]:
    """The blocks that lines make."""
    body = body_size(lines)
    sizes = sorted({line.size for line in lines if is_heading(line, body)}, reverse=True)
    indents = sorted({round(line.left / 8) for line in lines if BULLET.match(line.text)})
    words = set(re.findall(r"\w+(?:-\w+)+", " ".join(line.text for line in lines).lower()))
    for heading, group in groupby(paragraphs(lines, body), key=lambda paragraph: is_heading(paragraph[0], body)):
        for paragraph in group:
            text = joined_lines(paragraph, words)
            if heading and len(text.split()) <= HEADING_WORDS * 2:
                yield Block("heading", *plain(text)[:2], level=min(6, 1 + sizes.index(paragraph[0].size)))
            else:
                yield list_item(text, paragraph[0], indents) or Block("paragraph", *plain(text)[:2])


def body_size(lines: Sequence[Line]) -> float:
    """The size that most characters are set in."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0]


def is_heading(line: Line, body: float) -> bool:
    """Whether a line is a heading: larger than the running text, or a short bold one that ends like no sentence."""
    if line.size >= LARGER * body:
        return True
    short = len(line.text.split()) <= HEADING_WORDS and not SENTENCE_END.search(line.text)
    return line.bold and short and line.size >= 0.95 * body


def paragraphs(lines: Sequence[Line], body: float) -> Iterator[list[Line]]:
    """Lines gathered to paragraphs."""
    edges = Counter(round(line.right / 10) for line in lines)
    full = 10 * max(edge for edge, count in edges.items() if count >= max(1, max(edges.values()) / 4))
    gathered: list[Line] = []
    for line in lines:
        if gathered and begins_paragraph(gathered, line, body, full):
            yield gathered
            gathered = []
        gathered.append(line)
    yield gathered


def begins_paragraph(gathered: Sequence[Line], line: Line, body: float, full: float) -> bool:
    """Whether a line begins a new paragraph, by its type, its mark, the space above it, or the line before it."""
    before = gathered[-1]
    if line.size != before.size or is_heading(line, body) != is_heading(before, body) or BULLET.match(line.text):
        return True
    drop = before.bottom - line.bottom
    if drop < -line.size or drop > 4 * line.pitch:  # a new column or page: a sentence may go on there
        return bool(SENTENCE_END.search(before.text)) or not line.text[:1].islower()
    indented = line.left > before.left + line.size and not BULLET.match(gathered[0].text)
    return drop > 1.25 * line.pitch or indented or ends_early(before, full)


def ends_early(line: Line, full: float) -> bool:
    """Whether a line ends a sentence well before the place where lines usually end."""
    short = line.right < full - 8 * line.size and line.right - line.left < 0.7 * full
    return short and bool(SENTENCE_END.search(line.text))


def joined_lines(paragraph: Sequence[Line], hyphenated: set[str]) -> str:
    """The lines of a paragraph as one, words that were cut at line ends whole again."""
    text = ""
    for line in paragraph:
        text = joined(text, line.text, hyphenated)
    return " ".join(text.split())


def joined(text: str, line: str, hyphenated: set[str]) -> str:
    """Two lines as one. A hyphen goes unless the file has the word with it elsewhere, within a line."""
    if not text.endswith(HYPHENS) or not line[:1].islower() or text[-2:-1].isspace():
        return f"{text} {line}" if text else line
    first, second = re.search(r"\w*$", text[:-1]), re.match(r"\w*", line)
    word = f"{first[0] if first else ''}-{second[0] if second else ''}".lower()
    return f"{text[:-1]}-{line}" if word in hyphenated else f"{text[:-1]}{line}"


def list_item(text: str, first: Line, indents: Sequence[int]) -> Block | None:
    """A list item, None where a paragraph has no mark. Its depth is 2 where items further left have marks too."""
    mark = BULLET.match(text)
    if not mark:
        return None
    deeper = round(first.left / 8) > indents[0] + 1
    marker = re.sub(r"\D", "", mark[1])
    return Block("item", *plain(text[mark.end() :])[:2], 1 + deeper, f"{marker}." if marker else "-")
