"""Markdown to blocks, parsed by markdown-it.

Most documents have no headings but bold lines, as many pages in HTML do. So Markdown becomes pieces like those of such
a page, and the same rules tell headings and paragraphs apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from extractor.clean.content import without_linked_contents, without_named_contents
from extractor.clean.headings import is_junk
from extractor.clean.html import pieces_to_blocks
from extractor.clean.inline import remove_invisible
from extractor.clean.markdown_repair import repair_strong, split_front_matter, widen_tables
from extractor.clean.tree import (
    LINE_BREAK,
    PLAIN_STYLE,
    PagePiece,
    Style,
    StyledText,
    page_pieces,
    parse_html,
    style_inside,
)
from extractor.records import Block, BlockKind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

_PieceContext = tuple[BlockKind, int, str]  # kind of piece, depth, marker
_Words = list[StyledText]
_OUTSIDE = -1  # no block element of HTML is around a piece
_MAX_CELL_WORDS = 100  # a table with a longer cell is a page layout
_BULLETS = "•·▪■◦‣●∙\N{REPLACEMENT CHARACTER}"
_BULLET = re.compile(rf"\s*[{_BULLETS}]\s+(?=\S)")
_STYLE_TAG = re.compile(r"<(/?)(b|strong|i|em|u)>")


def markdown_blocks(page: str, base: str) -> tuple[str, list[Block]]:
    """The title (that in the metadata, else the first heading) and the blocks of a Markdown page."""
    from markdown_it.tree import SyntaxTreeNode

    title, body = split_front_matter(page)
    root = SyntaxTreeNode(_with_words(_parser().parse(widen_tables(body))))
    pieces = [piece for piece in _walk(root, ("paragraph", 0, "")) if not _is_empty(piece)]
    blocks = without_named_contents(pieces_to_blocks(without_linked_contents(pieces, base), base))
    return title or next((block.text for block in blocks if block.kind == "heading"), ""), blocks


def _is_empty(piece: PagePiece) -> bool:
    """Whether a piece has no text, or is a typed bullet or a link to the top of the page."""
    text = piece.text
    if piece.kind != "paragraph":
        return not text
    return not text.strip(_BULLETS) or (text.lower().endswith("top") and is_junk(text))


@cache
def _parser() -> MarkdownIt:
    """The Markdown parser, loaded when first needed. Text indented by four spaces is prose here, not code."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable("code")


def _with_words(tokens: Sequence[Token]) -> Sequence[Token]:
    """Tokens with the styled text of each paragraph in place of the tokens inside it, of which no tree is built.

    Text with stray bold marks is parsed again, without them.
    """
    for token in tokens:
        if token.type == "inline":
            children = token.children or []
            if "**" in token.content and _has_stray_marks(children):
                children = _parser().parseInline(repair_strong(token.content))[0].children or []
            token.meta["words"], token.children = _styled_words(children), None
    return tokens


def _has_stray_marks(tokens: Iterable[Token]) -> bool:
    """Whether bold marks are left in the text."""
    return any("**" in token.content for token in tokens if token.type == "text")


def _walk(node: SyntaxTreeNode, context: _PieceContext) -> Iterator[PagePiece]:
    """The pieces of a node and its descendants."""
    for child in node.children:
        if child.type == "heading":
            yield _heading_piece(child)
        elif child.type in ("bullet_list", "ordered_list"):
            yield from _item_pieces(child, context[1] + 1)
        elif child.type == "table":
            yield from _table_pieces(child)
        elif child.type == "paragraph":
            yield from _text_pieces(_words_of(child), context)
            context = context[0], context[1], ""
        elif child.type == "html_block":
            yield from page_pieces(parse_html(child.content))[0]
        elif child.children:
            yield from _walk(child, context)
        else:
            yield from _code_pieces(child.content, context)


def _piece(kind: BlockKind, words: _Words, level: int = 0, marker: str = "") -> PagePiece:
    """A piece with its text on one line."""
    return PagePiece(kind, words, _line_of(words), _OUTSIDE, level, marker)


def _line_of(words: Iterable[StyledText]) -> str:
    """Styled text as one line."""
    return " ".join(remove_invisible("".join([text for text, _ in words])).split())


def _text_pieces(words: Sequence[StyledText], context: _PieceContext) -> Iterator[PagePiece]:
    """The paragraphs of a text in its context; the first has the marker."""
    kind, depth, marker = context
    for paragraph in _split_paragraphs(words):
        bullet = _BULLET.match(paragraph[0].text) if kind == "paragraph" else None
        if bullet:
            first = paragraph[0]._replace(text=paragraph[0].text[bullet.end() :])
            yield _piece("item", [first, *paragraph[1:]], 1, "-")
        else:
            yield _piece(kind, paragraph, depth if kind == "item" else 0, marker)
        marker = ""


def _split_paragraphs(words: Sequence[StyledText]) -> Iterator[_Words]:
    """The paragraphs of a text: two line breaks in a row separate them, and one before a typed bullet."""
    paragraph: _Words = []
    breaks = 0
    for word in words:
        if word is LINE_BREAK:
            breaks += 1
        elif word.text.strip():
            if paragraph and (breaks >= 2 or (breaks and _BULLET.match(word.text))):
                yield paragraph
                paragraph = []
            paragraph += [LINE_BREAK] * bool(breaks and paragraph) + [word]
            breaks = 0
        elif paragraph and not breaks:
            paragraph.append(word)
    if paragraph:
        yield paragraph


def _code_pieces(text: str, context: _PieceContext) -> Iterator[PagePiece]:
    """The paragraphs of a block of code: an empty line separates them."""
    for paragraph in re.split(r"\n[^\S\n]*\n", text):
        yield from _text_pieces([StyledText(paragraph)], context)


def _heading_piece(node: SyntaxTreeNode) -> PagePiece:
    """A heading without the attributes that some dialects put at its end: `## Cookies {#cookies}`."""
    words = _words_of(node)
    if words and words[-1].text.rstrip().endswith("}"):
        words[-1] = words[-1]._replace(text=_without_attributes(words[-1].text))
    return _piece("heading", words, int(node.tag[1]))


def _without_attributes(text: str) -> str:
    """Text without the attributes in braces that it ends with."""
    start = text.rfind("{")
    return text[:start] if text[start + 1 : start + 2] in (":", "#", ".") and start >= 0 else text


def _item_pieces(node: SyntaxTreeNode, depth: int) -> Iterator[PagePiece]:
    """The items of a list; those of lists inside them are one level deeper."""
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        marker = f"{number}." if node.type == "ordered_list" else "-"
        yield from _walk(item, ("item", depth, marker))


def _table_pieces(node: SyntaxTreeNode) -> Iterator[PagePiece]:
    """The rows of a table; the cells as paragraphs if it is a page layout."""
    rows = [
        _row_piece([_words_of(cell) for cell in row.children], header=part.type == "thead")
        for part in node.children
        for row in part.children
    ]
    yield from (piece for row in rows for piece in _layout_pieces(row)) if _is_layout(rows) else rows


def _row_piece(cells: list[_Words], *, header: bool) -> PagePiece:
    """A row. The first row of a table is no header if it begins with a name and goes on with values: converters mark
    the first row of every table as its header.
    """
    words = [word for cell in cells for word in (*cell, StyledText(" "))]
    is_header = header and not _names_row(cells)
    return PagePiece("row", words, _line_of(words), _OUTSIDE, cells=cells, header=is_header)


def _names_row(cells: Sequence[_Words]) -> bool:
    """Whether the first cell of a row names the values in the others: it has a colon, or is bold as they are not."""
    return _line_of(cells[0]).endswith(":") or (_is_bold(cells[0]) and not all(map(_is_bold, cells[1:])))


def _is_bold(words: Iterable[StyledText]) -> bool:
    """Whether a cell has text, all of it bold."""
    filled = [word for word in words if word.text.strip()]
    return bool(filled) and all(word.style.strong for word in filled)


def _is_layout(rows: Sequence[PagePiece]) -> bool:
    """Whether a table is a page layout: it has a header alone, one column, or a very long cell."""
    cells = [cell for row in rows for cell in row.cells]
    return (
        len(rows) == 1
        or max(sum(map(_has_text, row.cells)) for row in rows) <= 1
        or any(sum(word.text.count(" ") for word in cell) >= _MAX_CELL_WORDS for cell in cells)
    )


def _has_text(words: Iterable[StyledText]) -> bool:
    """Whether a cell has text."""
    return any(word.text.strip() for word in words)


def _layout_pieces(row: PagePiece) -> Iterator[PagePiece]:
    """The cells of a row as paragraphs, without those that only lead to the top of the page and the like."""
    for cell in row.cells:
        if is_junk(_line_of(cell)):
            continue
        yield from _text_pieces(cell, ("paragraph", 0, ""))


def _words_of(node: SyntaxTreeNode) -> _Words:
    """The styled text of a paragraph, heading or cell."""
    return [word for inline in node.children for word in inline.meta["words"]]


def _styled_words(tokens: Iterable[Token]) -> _Words:
    """Tokens as styled text; images are omitted."""
    words: _Words = []
    styles = [("", PLAIN_STYLE)]
    for token in tokens:
        if token.type == "text":
            words.append(StyledText(token.content, styles[-1][1]))
        elif token.type == "hardbreak" or _is_break_tag(token):
            words.append(LINE_BREAK)
        elif token.type == "html_inline":
            _follow_style_tag(token, styles)
        elif token.nesting > 0:
            styles.append((token.tag, style_inside(styles[-1][1], token.tag, _attributes(token), {})))
        elif token.nesting < 0:
            while styles.pop()[0] != token.tag:  # tags of HTML may be open inside
                pass
        elif token.type != "image":
            words.append(StyledText(token.content or " ", styles[-1][1]))
    return words


def _is_break_tag(token: Token) -> bool:
    """Whether a token is a <br>."""
    return token.type == "html_inline" and token.content.lower().startswith("<br")


def _attributes(token: Token) -> dict[str, str]:
    """The attributes of a link."""
    return {name: str(value) for name, value in token.attrs.items()}


def _follow_style_tag(token: Token, styles: list[tuple[str, Style]]) -> None:
    """Opens or closes the style of a tag of HTML, if it is one."""
    tag = _STYLE_TAG.fullmatch(token.content.lower())
    if tag and not tag[1]:
        styles.append((tag[0], style_inside(styles[-1][1], tag[2], {}, {})))
    elif tag and styles[-1][0] == f"<{tag[2]}>":
        styles.pop()
