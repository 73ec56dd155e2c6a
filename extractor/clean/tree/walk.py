"""Parses HTML to a tree, and flattens the tree to a list of pieces: the text between two block elements.

All text that a reader sees is kept here, banners and footers included, but for menus that are named as such and hold
only links. A piece refers to the block elements around it (`BlockElement`, linked to its parent), which the selection
of the content uses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.clean.inline import remove_invisible
from extractor.clean.tree.implied_headings import (
    TAB_SELECTOR,
    Attributes,
    has_heading_class,
    is_accordion_trigger,
    is_beside_text,
    is_lone_cell,
    is_short,
    is_titled_description,
    may_be_title,
    tab_titles,
    titling_images,
)
from extractor.clean.tree.menus import MENU_TAGS, is_menu
from extractor.clean.tree.source_repair import loses_words, prepare_source, repair_source
from extractor.clean.tree.styles import PLAIN_STYLE, STYLING_TAGS, ClassStyles, Style, class_styles, style_inside
from extractor.clean.tree.wayback_toolbar import TOOLBAR_IDS
from extractor.records import BlockKind

_SKIPPED = frozenset("head script style svg math noscript iframe embed textarea input title datalist".split())
# Skipped unless so much is in them that an end tag must be missing
_FALLBACKS = frozenset("object applet audio video canvas select".split())
_MAX_FALLBACK_CHARACTERS = 1_000
MENU_TAG = "nav"  # of all menus, by whatever tag, that are left out
_TEMPLATE = "template"
_MAX_SHADOW_DEPTH = 20
_NO_NODE = -1
_SHADOW_ROOTS = frozenset(("shadowrootmode", "shadowroot"))
_DELETED = frozenset(("del", "s", "strike"))
_READ_IN_PART = _SKIPPED | _FALLBACKS | _DELETED | {_TEMPLATE}
_MAX_DELETED_SHARE = 0.3  # a page with more of its text struck out lacks an end tag
_BLOCKS = frozenset(
    "template address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hgroup hr html layer legend li listing main menu multicol nav ol p plaintext"
    " pre search section summary table tbody td tfoot th thead tr ul caption xmp".split()
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_IMPLIED_LEVEL = 0  # of a heading that is not marked as one: `headings` puts it below the deepest one that is
_DEFAULT_ARIA_LEVEL = 2
_LISTS = frozenset(("ul", "ol", "menu", "dir"))
_CELLS = frozenset(("td", "th"))
_TABLE_PARTS = frozenset(("thead", "tbody", "tfoot"))
_PREFORMATTED = frozenset(("pre", "listing", "xmp", "plaintext"))
_TITLE_TAGS = frozenset(("summary", "legend", "caption"))
_IMPLIED_TAGS = _TITLE_TAGS | {"dt", "th"}
_SPECIAL_TAGS = _CELLS | _PREFORMATTED | {"table", "tr"}
_TRIGGER_TAGS = frozenset(("button", "a", "label", "span"))  # inline by their names
_STRUCTURE_TAGS = "h1, h2, h3, h4, ul, ol, form"
_SKIPPED_SELECTOR = f":is({', '.join(sorted(_SKIPPED))}):not(:is({', '.join(sorted(_SKIPPED))}) *)"
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_FACT_SELECTOR = f"style, del, s, strike, h2, h3, h4, h5, h6, {TAB_SELECTOR}"
_MAX_CELL_WORDS = 100  # a table without a header row and with a longer cell is a page layout


class StyledText(NamedTuple):
    """Text as in the page, and its style."""

    text: str
    style: Style = PLAIN_STYLE


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
    cells: Sequence[list[StyledText]] = ()
    header: bool = False


@dataclass(slots=True)
class _BlockContext:
    """The kind of piece that text becomes at a place; `marker` is for a list item without text so far."""

    kind: BlockKind = "paragraph"
    level: int = 0
    depth: int = 0
    marker: str = ""
    number: int = 0  # of the next item, 0 in a list without numbers


# An open element: its identity in the tree, its tag, whether it is a block, and the style around it
_OpenNode = tuple[int, str, bool, Style]


class _PageFacts(NamedTuple):
    """What must be known of a page before the walk.

    `tab_titles` are by the id of what a tab shows, `image_titles` by the `mem_id` of an image that is a heading.
    """

    class_styles: ClassStyles
    tab_titles: Mapping[str, str]
    image_titles: Mapping[int, str]
    skips_deleted: bool


@dataclass(slots=True)
class _WalkState:
    """The state of one walk over a tree: the results so far, and the open elements."""

    facts: _PageFacts
    nodes: list[_OpenNode] = field(default_factory=list)
    pieces: list[PagePiece] = field(default_factory=list)
    elements: list[BlockElement] = field(default_factory=list)
    words: list[StyledText] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    style: Style = PLAIN_STYLE
    contexts: list[_BlockContext] = field(default_factory=lambda: [_BlockContext()])
    is_data: list[bool] = field(default_factory=list)  # for each open table, whether it holds data
    row: list[list[StyledText]] | None = None  # the cells of the open row of a data table
    shadow_depth: int = 0  # the number of open shadow roots
    preformatted: int = 0  # the number of open <pre> elements


def parse_html(page: str | bytes) -> LexborHTMLParser:
    """The tree of a page, also in UTF-8, by the HTML standard; of a page without elements it has no text."""
    content = prepare_source(page.encode("utf-8", "replace") if isinstance(page, str) else page)
    tree = LexborHTMLParser(content)
    if not loses_words(content, tree):
        return tree
    repaired = repair_source(content.decode()).encode()
    return LexborHTMLParser(repaired) if repaired != content else tree


def page_title(tree: LexborHTMLParser) -> str:
    """The title of a page, "" if it has none."""
    title = tree.css_first("head title") or tree.css_first("body title")
    return " ".join(remove_invisible(title.text()).split()) if title else ""


def page_pieces(tree: LexborHTMLParser) -> tuple[list[PagePiece], list[BlockElement]]:
    """All pieces of a page in order, and the block elements around them, parents before children."""
    if tree.root is None:
        return [], []
    walk = _WalkState(_page_facts(tree))
    _walk_below(walk, tree.root)
    return walk.pieces, walk.elements


def _walk_below(walk: _WalkState, root: LexborNode) -> None:
    """Walks over a node and all below it."""
    nodes, depth = walk.nodes, len(walk.nodes) + 1
    nodes.append((_NO_NODE, "", False, walk.style))  # so that there is always one
    resume_at = 0  # the `mem_id` of the node after one of which nothing is read
    for node in root.traverse(include_text=True):
        if resume_at and node.mem_id != resume_at:
            continue
        resume_at = 0
        tag = node.tag
        text = ""
        if tag == "-text":
            text = node.text_content or ""
            if text.isspace() and not walk.preformatted:  # two of three texts
                if walk.words:  # of an element that may have ended
                    walk.words.append(StyledText(text, walk.style))
                continue
        elif not tag or tag == "-comment":
            continue
        parent = node.parent
        mem_id = parent.mem_id if parent else 0
        while nodes[-1][0] != mem_id and len(nodes) > depth:
            _leave(walk, nodes.pop())
        if text:
            _add_text(walk, text)
        elif not _enter(walk, node, tag):
            resume_at = _following_id(node, root)
    while len(nodes) > depth:
        _leave(walk, nodes.pop())
    nodes.pop()


def _following_id(node: LexborNode, root: LexborNode) -> int:
    """The `mem_id` of the node that follows an element and all in it, below a root; that of no node if none does."""
    at: LexborNode | None = node
    while at is not None and at.mem_id != root.mem_id:
        if at.next is not None:
            return at.next.mem_id
        at = at.parent
    return _NO_NODE


def _page_facts(tree: LexborHTMLParser) -> _PageFacts:
    """The facts about a page for a walk over it."""
    nodes: defaultdict[str, list[LexborNode]] = defaultdict(list)
    for node in tree.css(_FACT_SELECTOR):  # one search takes as long as each of several would
        tag = node.tag or ""
        nodes["heading" if tag in _HEADINGS else "deleted" if tag in _DELETED else tag].append(node)
    sheets = "\n".join(sheet.text(deep=False) for sheet in nodes.pop("style", ()))
    headings = nodes.pop("heading", [])
    deleted = sum(len(node.text()) for node in nodes.pop("deleted", ()))
    return _PageFacts(
        class_styles(sheets) if sheets else {},
        tab_titles(chain.from_iterable(nodes.values())),
        titling_images(tree, headings),
        0 < deleted <= _MAX_DELETED_SHARE * len(tree.text()),
    )


def _enter(walk: _WalkState, node: LexborNode, tag: str) -> bool:
    """Opens an element. False if nothing in it is to be read."""
    if tag == "br":
        walk.words.append(LINE_BREAK)
        return True
    if tag == "img":
        _add_image(walk, node)
        return True
    attributes = node.attributes
    if tag in _READ_IN_PART and _is_skipped(walk, node, tag, attributes):
        return False
    if attributes and attributes.get("id") in TOOLBAR_IDS:
        _end_text(walk, tag)
        return False
    if tag in MENU_TAGS and is_menu(node, tag, attributes):
        _end_text(walk, tag)
        _add_element(walk, MENU_TAG, "")
        return False
    _enter_container(walk, node, tag, attributes)
    return True


def _enter_container(walk: _WalkState, node: LexborNode, tag: str, attributes: Attributes) -> None:
    """Opens an element that may hold text."""
    is_block = tag in _BLOCKS or ((attributes or "-" in tag) and _becomes_block(walk, node, tag, attributes))
    walk.nodes.append((node.mem_id, tag, is_block, walk.style))
    if is_block:
        _enter_block(walk, node, tag, attributes)
    classes = walk.facts.class_styles
    if tag in STYLING_TAGS or "style" in attributes or (classes and "class" in attributes):
        walk.style = style_inside(walk.style, tag, attributes, classes)
    if tag == _TEMPLATE:
        _walk_template(walk, node)


def _walk_template(walk: _WalkState, node: LexborNode) -> None:
    """Walks over the content of a template, which is a tree of its own."""
    if walk.shadow_depth < _MAX_SHADOW_DEPTH:
        walk.shadow_depth += 1
        for fragment in node.template_fragments()[:1]:  # the others are of templates inside this one
            _walk_below(walk, fragment)
        walk.shadow_depth -= 1


def _is_skipped(walk: _WalkState, node: LexborNode, tag: str, attributes: Attributes) -> bool:
    """Whether an element holds nothing that a reader of the page sees as its text."""
    return (
        tag in _SKIPPED
        or (tag in _FALLBACKS and not _has_swallowed_page(node))
        or (tag in _DELETED and walk.facts.skips_deleted and not node.text().isspace())  # a space stays visible
        or (tag == _TEMPLATE and _SHADOW_ROOTS.isdisjoint(attributes))
    )


def _has_swallowed_page(node: LexborNode) -> bool:
    """Whether an element that holds no text of the page has paragraphs or the like, and many words."""
    return node.css_first("p, h1, h2, h3, table") is not None and len(node.text()) > _MAX_FALLBACK_CHARACTERS


def _becomes_block(walk: _WalkState, node: LexborNode, tag: str, attributes: Attributes) -> bool:
    """Whether an element that is inline by its name is a block: a custom element, or the title of an accordion."""
    if "-" in tag:
        return not is_beside_text(node)
    return (
        tag in _TRIGGER_TAGS
        and len(attributes) > 1
        and may_be_title(attributes)
        and walk.contexts[-1].kind != "heading"
        and _is_trigger(node, tag, attributes)
    )


def _is_trigger(node: LexborNode, tag: str, attributes: Attributes) -> bool:
    """Whether an element is the short title that opens a part of the page."""
    return is_accordion_trigger(tag, attributes) and is_short(node)


def _add_image(walk: _WalkState, node: LexborNode) -> None:
    """Adds the alternative text of an image that is a heading."""
    if title := walk.facts.image_titles.get(node.mem_id):
        _add_heading(walk, title)


def _add_heading(walk: _WalkState, title: str) -> None:
    """Adds a heading that is not in the text at this place."""
    _flush_text(walk, walk.contexts[-1])
    walk.words = [StyledText(title)]
    context = walk.contexts[-1]
    level = context.level if context.kind == "heading" else _IMPLIED_LEVEL
    _flush_text(walk, _BlockContext("heading", level, context.depth))


def _leave(walk: _WalkState, node: _OpenNode) -> None:
    """Closes an element."""
    _, tag, is_block, walk.style = node
    if is_block:
        _leave_block(walk, tag)


def _add_text(walk: _WalkState, text: str) -> None:
    """Adds text; in <pre> an empty line separates paragraphs, like <br><br> elsewhere."""
    style, words = walk.style, walk.words
    if walk.preformatted and "\n" in text:
        for paragraph in _BLANK_LINE.split(text):
            words += (StyledText(paragraph, style), LINE_BREAK, LINE_BREAK)
        del words[-2:]
    else:
        words.append(StyledText(text, style))


def _enter_block(walk: _WalkState, node: LexborNode, tag: str, attributes: Attributes) -> None:
    """Opens a block element: the text before it becomes a piece."""
    _end_text(walk, tag)
    if walk.facts.tab_titles and walk.row is None:
        _add_tab_title(walk, attributes.get("id") or "")
    _add_element(walk, tag, _hints_of(attributes))
    walk.open.append(len(walk.elements) - 1)
    walk.contexts.append(_context_inside(walk, node, tag, attributes))
    if tag in _SPECIAL_TAGS:
        _enter_special(walk, node, tag)


def _end_text(walk: _WalkState, tag: str) -> None:
    """Ends the text before a block element: it becomes a piece, or in a data table a line of its cell."""
    if walk.row is not None and tag not in _CELLS:
        walk.words.append(LINE_BREAK)
    elif walk.row is None and walk.words:
        _flush_text(walk, walk.contexts[-1])


def _add_element(walk: _WalkState, tag: str, hints: str) -> None:
    """Adds a block element to those around the pieces to come."""
    walk.elements.append(BlockElement(tag, walk.open[-1] if walk.open else -1, len(walk.open), hints))


def _add_tab_title(walk: _WalkState, shown_id: str) -> None:
    """Adds the title of the tab that shows an element, unless it stands there already."""
    title = walk.facts.tab_titles.get(shown_id, "") if shown_id else ""
    if title and not (walk.pieces and walk.pieces[-1].text == title):
        _add_heading(walk, title)


def _enter_special(walk: _WalkState, node: LexborNode, tag: str) -> None:
    """Opens preformatted text or a part of a table."""
    if tag in _PREFORMATTED:
        walk.preformatted += 1
    elif tag == "table":
        walk.is_data.append(walk.row is None and _is_data_table(node))
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
    if tag in _PREFORMATTED:
        walk.preformatted -= 1
    elif tag == "table":
        walk.is_data.pop()
    walk.open.pop()


def _hints_of(attributes: Attributes) -> str:
    """The class, id and role of an element, which suggest its purpose."""
    return _joined(attributes.get("class"), attributes.get("id"), attributes.get("role")) if attributes else ""


@lru_cache(maxsize=5_000)
def _joined(*names: str | None) -> str:
    """Names with a space between; one object for those that recur, which are most."""
    return " ".join(filter(None, names))


def _context_inside(walk: _WalkState, node: LexborNode, tag: str, attributes: Attributes) -> _BlockContext:
    """The context inside a block element."""
    around = walk.contexts[-1]
    if tag == "li":
        return _BlockContext(depth=max(around.depth, 1), marker=_next_marker(around))
    if tag in _HEADINGS:
        return _BlockContext("heading", _HEADINGS[tag], around.depth)
    if tag in _LISTS:
        return _BlockContext(depth=around.depth + 1, number=_first_number(node) if tag == "ol" else 0)
    may_be_heading = tag in _IMPLIED_TAGS or may_be_title(attributes)
    if may_be_heading and walk.row is None and around.kind != "heading" and _is_implied_heading(node, tag, attributes):
        return _BlockContext("heading", _aria_level(attributes), around.depth)
    return around


def _is_implied_heading(node: LexborNode, tag: str, attributes: Attributes) -> bool:
    """Whether a block element is a heading by another name."""
    if tag == "dt":
        return is_titled_description(node) and is_short(node)
    if tag == "th":
        return is_lone_cell(node) and is_short(node)
    is_title = (
        tag in _TITLE_TAGS
        or attributes.get("role") == "heading"
        or has_heading_class(tag, attributes)
        or is_accordion_trigger(tag, attributes)
    )
    return is_title and is_short(node)


def _aria_level(attributes: Attributes) -> int:
    """The level of an element with the role of a heading."""
    if attributes.get("role") != "heading":
        return _IMPLIED_LEVEL
    level = attributes.get("aria-level") or ""
    return int(level) if level in ("1", "2", "3", "4", "5", "6") else _DEFAULT_ARIA_LEVEL


def _first_number(node: LexborNode) -> int:
    """The number of the first item of an ordered list."""
    start = node.attributes.get("start") or ""
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
        if text := words_as_line(paragraph):
            element = walk.open[-1] if walk.open else -1
            walk.pieces.append(PagePiece(kind, paragraph, text, element, level, context.marker))
            context.marker = ""


def words_as_line(words: Sequence[StyledText]) -> str:
    """Styled text as one line, without invisible characters."""
    return _without_line_ends(words[0].text if len(words) == 1 else "".join([text for text, _ in words]))


@lru_cache(maxsize=10_000)
def _without_line_ends(text: str) -> str:
    """Text on one line, with single spaces. Cached, so that text that recurs in the next captures is one object."""
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
    if text := words_as_line(words):
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


def _is_data_table(table: LexborNode) -> bool:
    """Whether a table holds data: at least two rows with two filled cells, and no nested table. Without a header row,
    it also has no headings, lists or forms in its cells, and no very long cell.
    """
    if table.attributes.get("role") in ("presentation", "none"):
        return False
    cells = [[cell for cell in row.iter() if cell.tag in _CELLS] for row in _rows_of(table)]
    if any(map(_holds_table, chain.from_iterable(cells))):
        return False
    rows = [[_count_words(cell) for cell in row] for row in cells]
    if sum(sum(count > 0 for count in row) >= 2 for row in rows) < 2:
        return False
    if cells[0] and all(cell.tag == "th" for cell in cells[0]):
        return True
    return table.css_first(_STRUCTURE_TAGS) is None and max(map(max, filter(None, rows))) <= _MAX_CELL_WORDS


def _rows_of(table: LexborNode) -> Iterator[LexborNode]:
    """The rows of a table, without those of tables inside it."""
    for part in table.iter():
        if part.tag == "tr":
            yield part
        elif part.tag in _TABLE_PARTS:
            yield from (row for row in part.iter() if row.tag == "tr")


def _holds_table(cell: LexborNode) -> bool:
    """Whether there is a table in a cell."""
    return cell.css_first("table") is not None


def _count_words(cell: LexborNode) -> int:
    """The number of words in a cell, without those that the page does not show."""
    return len(cell.text().split()) - sum(len(node.text().split()) for node in cell.css(_SKIPPED_SELECTOR))
