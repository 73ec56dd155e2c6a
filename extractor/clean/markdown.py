"""Markdown to blocks, parsed by markdown-it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from extractor.clean.html import row_block
from extractor.clean.inline import Run, emphasis_run, join_runs, link_run, plain_run, split_paragraphs
from extractor.records import Block, BlockKind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

_BlockContext = tuple[BlockKind, int, str]  # kind of block, depth, marker
_TAG = re.compile(r"<[^>]{0,2000}>")


def markdown_blocks(page: str, base: str) -> tuple[str, list[Block]]:
    """The title (the first heading) and the blocks of a Markdown page."""
    from markdown_it.tree import SyntaxTreeNode

    root = SyntaxTreeNode(_parser().parse(page))
    blocks = list(_walk(root, base, ("paragraph", 0, "")))
    return next((block.text for block in blocks if block.kind == "heading"), ""), blocks


@cache
def _parser() -> MarkdownIt:
    """The Markdown parser, loaded when first needed."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 100}).enable("table")


def _walk(node: SyntaxTreeNode, base: str, context: _BlockContext) -> Iterator[Block]:
    """The blocks of a node and its descendants."""
    for child in node.children:
        if child.type == "heading":
            yield from _heading_blocks(child, base)
        elif child.type in ("bullet_list", "ordered_list"):
            yield from _item_blocks(child, base, context[1] + 1)
        elif child.type == "table":
            yield from _row_blocks(child, base)
        elif child.type == "paragraph":
            yield from _paragraph_blocks(list(_runs_of(child, base)), context)
            context = context[0], context[1], ""
        elif child.children:
            yield from _walk(child, base, context)
        else:
            yield from _paragraph_blocks([plain_run(_TAG.sub(" ", child.content))], context)


def _paragraph_blocks(runs: list[Run], context: _BlockContext) -> Iterator[Block]:
    """The blocks of a paragraph in its context."""
    kind, depth, marker = context
    for run in split_paragraphs(runs):
        if kind == "item":
            yield Block("item", run.text, run.markdown, depth, marker)
        else:
            yield Block("paragraph", run.text, run.markdown)
        marker = ""


def _heading_blocks(node: SyntaxTreeNode, base: str) -> Iterator[Block]:
    """A heading, none if it is empty."""
    for run in split_paragraphs(_runs_of(node, base)):
        yield Block("heading", run.text.replace("\n", " "), run.markdown.replace("  \n", " "), int(node.tag[1]))


def _item_blocks(node: SyntaxTreeNode, base: str, depth: int) -> Iterator[Block]:
    """The items of a list; those of lists inside them are one level deeper."""
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        marker = f"{number}." if node.type == "ordered_list" else "-"
        yield from _walk(item, base, ("item", depth, marker))


def _row_blocks(node: SyntaxTreeNode, base: str) -> Iterator[Block]:
    """The rows of a table."""
    for part in node.children:
        for row in part.children:
            yield row_block([join_runs(_runs_of(cell, base)) for cell in row.children], header=part.type == "thead")


def _runs_of(node: SyntaxTreeNode, base: str) -> Iterator[Run]:
    """The runs of the children of an inline node."""
    for child in node.children:
        yield from _run_of(child, base)


def _run_of(node: SyntaxTreeNode, base: str) -> Iterator[Run]:
    """The runs of one inline node; images are omitted."""
    if node.type == "image":
        return
    if node.type == "hardbreak" or (node.type == "html_inline" and node.content.lower().startswith("<br")):
        yield Run("\n", "\n")
    elif node.type == "softbreak":
        yield plain_run(" ")
    elif node.type in ("strong", "em"):
        yield emphasis_run(_runs_of(node, base), "**" if node.type == "strong" else "*")
    elif node.type == "link":
        yield link_run(_runs_of(node, base), str(node.attrs.get("href", "")), base)
    elif node.children:
        yield from _runs_of(node, base)
    elif node.type != "html_inline":
        yield plain_run(node.content)
