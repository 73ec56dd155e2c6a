"""Markdown to blocks, by markdown-it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from extractor.clean.html import row_block
from extractor.clean.inline import Run, emphasised, joined, link, paragraphs, plain
from extractor.records import Block, BlockKind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

_Place = tuple[BlockKind, int, str]  # kind of block, depth, marker
_TAG = re.compile(r"<[^>]{0,2000}>")


def markdown_blocks(page: str, base: str) -> tuple[str, list[Block]]:
    """The title (the first heading) and the blocks of a Markdown page."""
    from markdown_it.tree import SyntaxTreeNode

    root = SyntaxTreeNode(_parser().parse(page))
    blocks = list(_walk(root, base, ("paragraph", 0, "")))
    return next((block.text for block in blocks if block.kind == "heading"), ""), blocks


@cache
def _parser() -> MarkdownIt:
    """Reads Markdown; loaded when the first page of it comes."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")


def _walk(node: SyntaxTreeNode, base: str, place: _Place) -> Iterator[Block]:
    """The blocks of a node and those in it."""
    for child in node.children:
        if child.type == "heading":
            yield from _heading(child, base)
        elif child.type in ("bullet_list", "ordered_list"):
            yield from _items(child, base, place[1] + 1)
        elif child.type == "table":
            yield from _rows(child, base)
        elif child.type == "paragraph":
            yield from _words(list(_runs_of(child, base)), place)
            place = place[0], place[1], ""
        elif child.children:
            yield from _walk(child, base, place)
        else:
            yield from _words([plain(_TAG.sub(" ", child.content))], place)


def _words(runs: list[Run], place: _Place) -> Iterator[Block]:
    """The blocks that a paragraph makes at its place."""
    kind, depth, marker = place
    for run in paragraphs(runs):
        block = (
            Block("item", run.text, run.markdown, depth, marker)
            if kind == "item"
            else Block("paragraph", run.text, run.markdown)
        )
        yield block
        marker = ""


def _heading(node: SyntaxTreeNode, base: str) -> Iterator[Block]:
    """A heading, unless it is empty."""
    for run in paragraphs(_runs_of(node, base)):
        yield Block("heading", run.text.replace("\n", " "), run.markdown.replace("  \n", " "), int(node.tag[1]))


def _items(node: SyntaxTreeNode, base: str, depth: int) -> Iterator[Block]:
    """The items of a list, those of the lists within them one level deeper."""
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        marker = f"{number}." if node.type == "ordered_list" else "-"
        yield from _walk(item, base, ("item", depth, marker))


def _rows(node: SyntaxTreeNode, base: str) -> Iterator[Block]:
    """The rows of a table."""
    for part in node.children:
        for row in part.children:
            yield row_block([joined(_runs_of(cell, base)) for cell in row.children], header=part.type == "thead")


def _runs_of(node: SyntaxTreeNode, base: str) -> Iterator[Run]:
    """The runs of an inline node and those in it."""
    for child in node.children:
        yield from _run_of(child, base)


def _run_of(node: SyntaxTreeNode, base: str) -> Iterator[Run]:
    """The runs of one inline node; images are left out."""
    if node.type == "image":
        return
    if node.type == "hardbreak" or (node.type == "html_inline" and node.content.lower().startswith("<br")):
        yield Run("\n", "\n")
    elif node.type == "softbreak":
        yield plain(" ")
    elif node.type in ("strong", "em"):
        yield emphasised(_runs_of(node, base), "**" if node.type == "strong" else "*")
    elif node.type == "link":
        yield link(_runs_of(node, base), str(node.attrs.get("href", "")), base)
    elif node.children:
        yield from _runs_of(node, base)
    elif node.type != "html_inline":
        yield plain(node.content)
