"""A page of HTML as a tree, and the tree as a row of pieces: each run of words between two block elements, in order.

Nothing is chosen here: navigation, banners and footers are pieces like any other. A piece knows the block elements
around it (`Node`, linked to its parent), which is what the choice of the content goes by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from lxml import etree

from extractor.clean.inline import visible
from extractor.records import BlockKind

_ENDLESS = 20_000  # characters: libxml2 takes minutes over 90,000 attributes in one tag
_ENDLESS_TAG = re.compile(rf"<(\w+)\s[^<>]{{{_ENDLESS},}}>")
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
_PLACING = _LISTS | _HEADINGS.keys() | {"li"}  # words are something else within these than around them
_OPENING = _CELLS | {"pre", "table", "tr"}
_HINTS = ("class", "id", "role")
_STRUCTURE = ("h1", "h2", "h3", "h4", "ul", "ol", "form")
_BOLD = re.compile(r"font-weight:\s*(bold|[6-9]00)")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_CELL_WORDS = 100  # a table that names no columns and has a longer cell is a page layout, not data


class _Style(NamedTuple):
    """How words are set: within a link to `href`, strongly, with emphasis, larger than the text around."""

    href: str = ""
    strong: bool = False
    emphasis: bool = False
    large: bool = False


PLAIN = _Style()


class Words(NamedTuple):
    """Text as it stands in the page, and how it is set."""

    text: str
    style: _Style = PLAIN


BREAK = Words("\u2028")  # a line break; known by being this very object, and no page has it as text


class Node(NamedTuple):
    """A block element: its tag, the index of its parent (-1 for none), how deep it lies, its class, id and role."""

    tag: str
    parent: int
    depth: int
    hints: str


@dataclass(slots=True)
class Piece:
    """What lies between two borders of block elements: words in their styles, or the cells of a table row.

    `kind`, `level`, `marker` and `header` are those of the block it can become (`records.Block`); `text` is its words
    on one line; `node` the index of the innermost block element around it.
    """

    kind: BlockKind
    words: list[Words]
    text: str
    node: int
    level: int = 0
    marker: str = ""
    cells: list[list[Words]] = field(default_factory=list)
    header: bool = False


@dataclass(slots=True)
class _Place:
    """What words become where the walk is; `marker` is that of an item not yet written, `number` of the next item."""

    kind: BlockKind = "paragraph"
    level: int = 0
    depth: int = 0
    marker: str = ""
    number: int = 0  # 0 in a list without numbers


@dataclass(slots=True)
class _Walk:
    """The state of one walk over a tree: what was found, and what is open at the moment."""

    pieces: list[Piece] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    styles: list[_Style] = field(default_factory=lambda: [PLAIN])
    places: list[_Place] = field(default_factory=lambda: [_Place()])
    data: list[bool] = field(default_factory=list)  # for each open table, whether it holds data
    row: list[list[Words]] | None = None  # the cells of the open row of a table with data
    preformatted: int = 0  # how many <pre> are open


def parse(page: str) -> Any:
    """The root of a page's tree, None for a page without any element."""
    content = page.encode("utf-8", "replace")
    if endless_tags(content):
        page = _ENDLESS_TAG.sub(r"<\1>", page)
        content = page.encode("utf-8", "replace")
    root, whole = _parsed(content)
    return root if whole else _parsed(_WRAPPER.sub("<br><br>", page).encode("utf-8", "replace"))[0]


def endless_tags(content: bytes) -> list[int]:
    """Where what may be a tag begins that goes on for `_ENDLESS` bytes."""
    starts = np.flatnonzero(np.frombuffer(content, np.uint8) == ord("<"))
    far = np.diff(starts, append=len(content)) > _ENDLESS
    return [start for start in starts[far].tolist() if content.find(b">", start, start + _ENDLESS) < 0]


def _parsed(content: bytes) -> tuple[Any, bool]:
    """The tree that libxml2 makes of a page, and whether it is whole: it drops what lies below 2,048 elements."""
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    root = etree.fromstring(content or b" ", parser)
    last = parser.error_log.last_error  # at its limit the parser stops
    return root, last is None or last.type_name != "ERR_RESOURCE_LIMIT"


def pieces_of(root: Any) -> tuple[list[Piece], list[Node]]:
    """All pieces of a page in order, and the block elements around them (a parent comes before its children)."""
    walk = _Walk()
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
    return walk.pieces, walk.nodes


def _enter(walk: _Walk, element: Any, tag: str) -> None:
    """Opens an element."""
    if tag in _BLOCKS:
        _enter_block(walk, element, tag)
    elif tag == "br":
        walk.words.append(BREAK)
    else:
        walk.styles.append(_style_within(walk.styles[-1], element, tag))


def _leave(walk: _Walk, tag: str) -> None:
    """Closes an element; what follows it belongs to the one around it."""
    if tag in _BLOCKS:
        _leave_block(walk, tag)
    elif tag not in _SKIPPED and tag != "br":
        walk.styles.pop()


def _add_text(walk: _Walk, text: str) -> None:
    """Gathers text; within <pre> an empty line parts paragraphs, as <br><br> does elsewhere."""
    style, words = walk.styles[-1], walk.words
    if walk.preformatted and "\n" in text:
        for paragraph in _BLANK_LINE.split(text):
            words += (Words(paragraph, style), BREAK, BREAK)
        del words[-2:]
    elif words or not text.isspace():
        words.append(Words(text, style))


def _style_within(around: _Style, element: Any, tag: str) -> _Style:
    """How words are set within an inline element."""
    if tag == "a":
        return _Style(element.get("href") or around.href, around.strong, around.emphasis, around.large)
    if tag in ("b", "strong"):
        return around._replace(strong=True)
    if tag in ("i", "em"):
        return around._replace(emphasis=True)
    return _sized(around, element) if tag in ("font", "big", "span") else around


def _sized(around: _Style, element: Any) -> _Style:
    """How words are set within an element that may set a size or a weight."""
    size, style = element.get("size") or "", element.get("style") or ""
    large = element.tag == "big" or size.startswith("+") or size in ("4", "5", "6", "7")
    bold = "font-weight" in style and _BOLD.search(style) is not None
    return around._replace(large=around.large or large, strong=around.strong or bold) if large or bold else around


def _enter_block(walk: _Walk, element: Any, tag: str) -> None:
    """Opens a block element: what was gathered before it is a piece of its own."""
    around = walk.places[-1]
    if walk.row is not None and tag not in _CELLS:
        walk.words.append(BREAK)
    elif walk.row is None and walk.words:
        _flush(walk, around)
    walk.nodes.append(Node(tag, walk.open[-1] if walk.open else -1, len(walk.open), _hints_of(element)))
    walk.open.append(len(walk.nodes) - 1)
    walk.places.append(_place_within(around, element, tag) if tag in _PLACING else around)
    if tag in _OPENING:
        _enter_special(walk, element, tag)


def _enter_special(walk: _Walk, element: Any, tag: str) -> None:
    """Opens an element whose text is set as it stands in the source, or a part of a table."""
    if tag == "pre":
        walk.preformatted += 1
    elif tag == "table":
        walk.data.append(walk.row is None and _is_data(element))
    elif tag == "tr" and walk.data and walk.data[-1]:
        walk.row = []
    elif tag in _CELLS and walk.row is not None:
        walk.words = []


def _leave_block(walk: _Walk, tag: str) -> None:
    """Closes a block element."""
    place = walk.places.pop()
    if walk.row is None:
        if walk.words:
            _flush(walk, place)
    elif tag == "tr":
        _flush_row(walk, walk.row)
    elif tag in _CELLS:
        walk.row.append(walk.words)
        walk.words = []
    else:
        walk.words.append(BREAK)
    if tag == "pre":
        walk.preformatted -= 1
    elif tag == "table":
        walk.data.pop()
    walk.open.pop()


def _hints_of(element: Any) -> str:
    """The class, id and role of an element, in which its makers say what it is for."""
    said = dict(element.items())  # one call of lxml for all, as most elements have none
    return " ".join(filter(None, map(said.get, _HINTS))) if said else ""


def _place_within(around: _Place, element: Any, tag: str) -> _Place:
    """What words become within a block element."""
    if tag in _HEADINGS:
        return _Place("heading", _HEADINGS[tag], around.depth)
    if tag in _LISTS:
        return _Place(depth=around.depth + 1, number=_first_number(element) if tag == "ol" else 0)
    return _Place(depth=max(around.depth, 1), marker=_next_marker(around)) if tag == "li" else around


def _first_number(element: Any) -> int:
    """The number of the first item of an ordered list."""
    start = element.get("start") or ""
    return max(int(start), 1) if start.isdecimal() and len(start) < 9 else 1


def _next_marker(around: _Place) -> str:
    """The mark of the next item in a list."""
    if not around.number:
        return "-"
    around.number += 1
    return f"{around.number - 1}."


def _flush(walk: _Walk, place: _Place) -> None:
    """Makes pieces of the words gathered."""
    words, walk.words = walk.words, []
    kind: BlockKind = "item" if place.kind == "paragraph" and place.depth else place.kind
    level = place.depth if kind == "item" else place.level
    for run in _paragraphs(words) if BREAK in words else (words,):
        if text := _text_of(run):
            walk.pieces.append(Piece(kind, run, text, walk.open[-1] if walk.open else -1, level, place.marker))
            place.marker = ""


def _text_of(words: Sequence[Words]) -> str:
    """Words as one line."""
    text = words[0].text if len(words) == 1 else "".join([text for text, _ in words])
    return " ".join(visible(text).split())


def _paragraphs(words: list[Words]) -> Iterator[list[Words]]:
    """The words as paragraphs: two line breaks in a row, as old pages wrote them, part one from the next."""
    gathered: list[Words] = []
    breaks = 0
    for part in words:
        if part is BREAK:
            breaks += 1
        elif part.text and not part.text.isspace():
            if breaks >= 2 and gathered:
                yield gathered
                gathered = []
            breaks = 0
        if gathered or not (part is BREAK or part.text.isspace()):
            gathered.append(part)
    if gathered:
        yield gathered


def _flush_row(walk: _Walk, cells: list[list[Words]]) -> None:
    """Makes a piece of a table row."""
    walk.row = None
    words = [part for cell in cells for part in (*cell, Words(" "))]
    if text := _text_of(words):
        walk.pieces.append(Piece("row", words, text, walk.open[-1], cells=cells, header=_names_columns(walk, cells)))


def _names_columns(walk: _Walk, cells: list[list[Words]]) -> bool:
    """Whether the row being closed is a header: it has no plain cell, or stands first and is bold throughout."""
    row = walk.open[-1]
    if all(node.tag != "td" for node in walk.nodes[row + 1 :]):
        return True
    parent = walk.nodes[row].parent
    first = row == parent + 1 and walk.nodes[parent].tag in ("table", "tbody", "thead")
    filled = [part for cell in cells for part in cell if part.text.strip()]
    return first and len(cells) > 1 and all(part.style.strong for part in filled)


def _is_data(table: Any) -> bool:
    """Whether a table holds data: two rows of two filled cells or more, no table nested, and where it names no
    columns, no structure in the cells and none as long as a page.
    """
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return False
    rows = [[_words_in(cell) for cell in row if cell.tag in _CELLS] for row in table.iter("tr")]
    if sum(sum(count > 0 for count in row) >= 2 for row in rows) < 2:
        return False
    first = table.find(".//tr")
    if first.find("th") is not None and first.find("td") is None:
        return True
    return (
        all(table.find(f".//{tag}") is None for tag in _STRUCTURE) and max(map(max, filter(None, rows))) <= _CELL_WORDS
    )


def _words_in(cell: Any) -> int:
    """How many words a cell holds."""
    return len("".join(cell.itertext()).split())
