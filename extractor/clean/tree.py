"""Parses HTML to a tree, and flattens the tree to a list of pieces: the text between two block elements.

All text is kept here: navigation, banners and footers are pieces like any other. A piece refers to the block elements
around it (`BlockElement`, linked to its parent), which the selection of the content uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from lxml import etree

from extractor.clean.inline import remove_invisible
from extractor.records import BlockKind

_MAX_TAG_LENGTH = 20_000  # characters: libxml2 takes minutes over 90,000 attributes in one tag
_OVERLONG_TAG = re.compile(rf"<(\w+)\s[^<>]{{{_MAX_TAG_LENGTH},}}>")
_WRAPPER = re.compile(r"</?(?:div|span|font|b|i|u|em|strong|big|small|center|section|article|a)\b[^>]*>", re.IGNORECASE)

_SKIPPED = frozenset(
    "script style noscript template svg math head iframe object embed applet audio video canvas map select datalist"
    " textarea frameset noframes input img".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td"
    " tfoot th thead tr ul caption".split()
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_CELLS = frozenset(("td", "th"))
_CONTEXT_TAGS = _LISTS | _HEADINGS.keys() | {"li"}  # the kind of the text inside differs from the text around
_SPECIAL_TAGS = _CELLS | {"pre", "table", "tr"}
_HINT_ATTRIBUTES = ("class", "id", "role")
_STRUCTURE_TAGS = ("h1", "h2", "h3", "h4", "ul", "ol", "form")
_BOLD = re.compile(r"font-weight:\s*(bold|[6-9]00)")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_MAX_CELL_WORDS = 100  # a table without a header row and with a longer cell is a page layout


class _Style(NamedTuple):
    """How text is set: in a link to `href`, bold, emphasized, larger than the text around it, underlined."""

    href: str = ""
    strong: bool = False
    emphasis: bool = False
    large: bool = False
    underline: bool = False


PLAIN_STYLE = _Style()


class StyledText(NamedTuple):
    """Text as in the page, and its style."""

    text: str
    style: _Style = PLAIN_STYLE


LINE_BREAK = StyledText("\u2028")  # compared by identity; no page has it as text


class BlockElement(NamedTuple):
    """A block element: its tag, the index of its parent (-1 for none), its depth, and its class, id and role."""

    tag: str
    parent: int
    depth: int
    hints: str


@dataclass(slots=True)
class PagePiece:
    """The text between two borders of block elements, or the cells of a table row.

    `kind`, `level`, `marker` and `header` are those of the block it can become (`records.Block`); `words` is the styled
    text, `text` the same on one line; `element` is the index of the innermost block element around it.
    """

    kind: BlockKind
    words: list[StyledText]
    text: str
    element: int
    level: int = 0
    marker: str = ""
    cells: list[list[StyledText]] = field(default_factory=list)
    header: bool = False


@dataclass(slots=True)
class _BlockContext:
    """The kind of piece that text becomes at a place; `marker` is for a list item without text so far."""

    kind: BlockKind = "paragraph"
    level: int = 0
    depth: int = 0
    marker: str = ""
    number: int = 0  # of the next item, 0 in a list without numbers


@dataclass(slots=True)
class _WalkState:
    """The state of one walk over a tree: the results so far, and the open elements."""

    pieces: list[PagePiece] = field(default_factory=list)
    elements: list[BlockElement] = field(default_factory=list)
    words: list[StyledText] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    styles: list[_Style] = field(default_factory=lambda: [PLAIN_STYLE])
    contexts: list[_BlockContext] = field(default_factory=lambda: [_BlockContext()])
    is_data: list[bool] = field(default_factory=list)  # for each open table, whether it holds data
    row: list[list[StyledText]] | None = None  # the cells of the open row of a data table
    preformatted: int = 0  # the number of open <pre> elements


def parse_html(page: str) -> Any:
    """The root of a page's tree, None for a page without elements."""
    content = page.encode("utf-8", "replace")
    if overlong_tag_starts(content):
        page = _OVERLONG_TAG.sub(r"<\1>", page)
        content = page.encode("utf-8", "replace")
    root, is_complete = _parse_bytes(content)
    return root if is_complete else _parse_bytes(_WRAPPER.sub("<br><br>", page).encode("utf-8", "replace"))[0]


def overlong_tag_starts(content: bytes) -> list[int]:
    """The positions of "<" that are not followed by ">" or another "<" for `_MAX_TAG_LENGTH` bytes."""
    starts = np.flatnonzero(np.frombuffer(content, np.uint8) == ord("<"))
    far = np.diff(starts, append=len(content)) > _MAX_TAG_LENGTH
    return [start for start in starts[far].tolist() if content.find(b">", start, start + _MAX_TAG_LENGTH) < 0]


def _parse_bytes(content: bytes) -> tuple[Any, bool]:
    """The tree that libxml2 makes of a page, and whether it is complete: elements deeper than 2,048 are dropped."""
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    root = etree.fromstring(content or b" ", parser)
    last = parser.error_log.last_error  # the parser stops at its limit
    return root, last is None or last.type_name != "ERR_RESOURCE_LIMIT"


def page_pieces(root: Any) -> tuple[list[PagePiece], list[BlockElement]]:
    """All pieces of a page in order, and the block elements around them, parents before children."""
    walk = _WalkState()
    steps = etree.iterwalk(root, events=("start", "end"))
    for event, element in steps:
        tag = element.tag
        if event == "end":
            _leave(walk, tag)
            text = element.tail
        elif tag in _SKIPPED:
            steps.skip_subtree()
            continue
        else:
            _enter(walk, element, tag)
            text = element.text
        if text:
            _add_text(walk, text)
    return walk.pieces, walk.elements


def _enter(walk: _WalkState, element: Any, tag: str) -> None:
    """Opens an element."""
    if tag in _BLOCKS:
        _enter_block(walk, element, tag)
    elif tag == "br":
        walk.words.append(LINE_BREAK)
    else:
        walk.styles.append(_style_inside(walk.styles[-1], element, tag))


def _leave(walk: _WalkState, tag: str) -> None:
    """Closes an element."""
    if tag in _BLOCKS:
        _leave_block(walk, tag)
    elif tag not in _SKIPPED and tag != "br":
        walk.styles.pop()


def _add_text(walk: _WalkState, text: str) -> None:
    """Adds text; in <pre> an empty line separates paragraphs, like <br><br> elsewhere."""
    style, words = walk.styles[-1], walk.words
    if walk.preformatted and "\n" in text:
        for paragraph in _BLANK_LINE.split(text):
            words += (StyledText(paragraph, style), LINE_BREAK, LINE_BREAK)
        del words[-2:]
    elif words or not text.isspace():
        words.append(StyledText(text, style))


def _style_inside(around: _Style, element: Any, tag: str) -> _Style:
    """The style of text inside an inline element."""
    if tag == "a":
        return around._replace(href=element.get("href") or around.href)
    if tag in ("b", "strong"):
        return around._replace(strong=True)
    if tag in ("i", "em"):
        return around._replace(emphasis=True)
    if tag in ("u", "ins"):
        return around._replace(underline=True)
    return _style_with_size(around, element) if tag in ("font", "big", "span") else around


def _style_with_size(around: _Style, element: Any) -> _Style:
    """The style of text inside an element that may set a size or a weight."""
    size, style = element.get("size") or "", element.get("style") or ""
    large = element.tag == "big" or size.startswith("+") or size in ("4", "5", "6", "7")
    bold = "font-weight" in style and _BOLD.search(style) is not None
    return around._replace(large=around.large or large, strong=around.strong or bold) if large or bold else around


def _enter_block(walk: _WalkState, element: Any, tag: str) -> None:
    """Opens a block element: the text before it becomes a piece."""
    around = walk.contexts[-1]
    if walk.row is not None and tag not in _CELLS:
        walk.words.append(LINE_BREAK)
    elif walk.row is None and walk.words:
        _flush_text(walk, around)
    walk.elements.append(BlockElement(tag, walk.open[-1] if walk.open else -1, len(walk.open), _hints_of(element)))
    walk.open.append(len(walk.elements) - 1)
    walk.contexts.append(_context_inside(around, element, tag) if tag in _CONTEXT_TAGS else around)
    if tag in _SPECIAL_TAGS:
        _enter_special(walk, element, tag)


def _enter_special(walk: _WalkState, element: Any, tag: str) -> None:
    """Opens preformatted text or a part of a table."""
    if tag == "pre":
        walk.preformatted += 1
    elif tag == "table":
        walk.is_data.append(walk.row is None and _is_data_table(element))
    elif tag == "tr" and walk.is_data and walk.is_data[-1]:
        walk.row = []
    elif tag in _CELLS and walk.row is not None:
        walk.words = []


def _leave_block(walk: _WalkState, tag: str) -> None:
    """Closes a block element."""
    context = walk.contexts.pop()
    if walk.row is None:
        if walk.words:
            _flush_text(walk, context)
    elif tag == "tr":
        _flush_row(walk, walk.row)
    elif tag in _CELLS:
        walk.row.append(walk.words)
        walk.words = []
    else:
        walk.words.append(LINE_BREAK)
    if tag == "pre":
        walk.preformatted -= 1
    elif tag == "table":
        walk.is_data.pop()
    walk.open.pop()


def _hints_of(element: Any) -> str:
    """The class, id and role of an element, which suggest its purpose."""
    attributes = dict(element.items())  # one call of lxml, because most elements have no attributes
    return " ".join(filter(None, map(attributes.get, _HINT_ATTRIBUTES))) if attributes else ""


def _context_inside(around: _BlockContext, element: Any, tag: str) -> _BlockContext:
    """The context inside a block element."""
    if tag in _HEADINGS:
        return _BlockContext("heading", _HEADINGS[tag], around.depth)
    if tag in _LISTS:
        return _BlockContext(depth=around.depth + 1, number=_first_number(element) if tag == "ol" else 0)
    return _BlockContext(depth=max(around.depth, 1), marker=_next_marker(around)) if tag == "li" else around


def _first_number(element: Any) -> int:
    """The number of the first item of an ordered list."""
    start = element.get("start") or ""
    return max(int(start), 1) if start.isdecimal() and len(start) < 9 else 1


def _next_marker(around: _BlockContext) -> str:
    """The marker of the next item in a list."""
    if not around.number:
        return "-"
    around.number += 1
    return f"{around.number - 1}."


def _flush_text(walk: _WalkState, context: _BlockContext) -> None:
    """Makes pieces of the text so far."""
    words, walk.words = walk.words, []
    kind: BlockKind = "item" if context.kind == "paragraph" and context.depth else context.kind
    level = context.depth if kind == "item" else context.level
    for paragraph in _split_paragraphs(words) if LINE_BREAK in words else (words,):
        if text := _as_line(paragraph):
            element = walk.open[-1] if walk.open else -1
            walk.pieces.append(PagePiece(kind, paragraph, text, element, level, context.marker))
            context.marker = ""


def _as_line(words: Sequence[StyledText]) -> str:
    """Styled text as one line."""
    text = words[0].text if len(words) == 1 else "".join([text for text, _ in words])
    return " ".join(remove_invisible(text).split())


def _split_paragraphs(words: list[StyledText]) -> Iterator[list[StyledText]]:
    """The paragraphs of a text: two line breaks in a row separate them, as on old pages."""
    paragraph: list[StyledText] = []
    breaks = 0
    for part in words:
        if part is LINE_BREAK:
            breaks += 1
        elif part.text and not part.text.isspace():
            if breaks >= 2 and paragraph:
                yield paragraph
                paragraph = []
            breaks = 0
        if paragraph or not (part is LINE_BREAK or part.text.isspace()):
            paragraph.append(part)
    if paragraph:
        yield paragraph


def _flush_row(walk: _WalkState, cells: list[list[StyledText]]) -> None:
    """Makes a piece of a table row."""
    walk.row = None
    words = [part for cell in cells for part in (*cell, StyledText(" "))]
    if text := _as_line(words):
        walk.pieces.append(
            PagePiece("row", words, text, walk.open[-1], cells=cells, header=_is_header_row(walk, cells))
        )


def _is_header_row(walk: _WalkState, cells: list[list[StyledText]]) -> bool:
    """Whether the row being closed is a header: it has only th cells, or is first and entirely bold."""
    row = walk.open[-1]
    if all(element.tag != "td" for element in walk.elements[row + 1 :]):
        return True
    parent = walk.elements[row].parent
    is_first = row == parent + 1 and walk.elements[parent].tag in ("table", "tbody", "thead")
    filled = [part for cell in cells for part in cell if part.text.strip()]
    return is_first and len(cells) > 1 and all(part.style.strong for part in filled)


def _is_data_table(table: Any) -> bool:
    """Whether a table holds data: at least two rows with two filled cells, and no nested table. Without a header row,
    it also has no headings, lists or forms in its cells, and no very long cell.
    """
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return False
    rows = [[_count_words(cell) for cell in row if cell.tag in _CELLS] for row in table.iter("tr")]
    if sum(sum(count > 0 for count in row) >= 2 for row in rows) < 2:
        return False
    first = table.find(".//tr")
    if first.find("th") is not None and first.find("td") is None:
        return True
    return (
        all(table.find(f".//{tag}") is None for tag in _STRUCTURE_TAGS)
        and max(map(max, filter(None, rows))) <= _MAX_CELL_WORDS
    )


def _count_words(cell: Any) -> int:
    """The number of words in a cell."""
    return len("".join(cell.itertext()).split())
