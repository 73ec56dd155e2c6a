"""HTML to blocks: the pieces of a page, those that are its content, and these as headings, paragraphs, items, rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np

from extractor.clean.archived import drop_toolbar
from extractor.clean.content import Forest, is_content, the_forest
from extractor.clean.inline import Run, absolute, bare_run, emphasised, joined, link, one_line, paragraphs, plain, tidy
from extractor.clean.measure import Features, measure
from extractor.clean.sections import only_document, wanted_document
from extractor.clean.tree import BREAK, PLAIN, Node, Piece, Words, parse, pieces_of
from extractor.records import Block

_ENOUGH = 15  # words; a page with fewer may carry its article elsewhere
_HEADING_WORDS = 12
_BARE_WORDS = 1000
_NAMED = 0.6  # the share of a heading's words that stand in the page's title
_DEEPEST_HEADING = 6
_PARTLY = "the page holds several documents, of which one was kept"


def html_blocks(page: str, base: str, address: str) -> tuple[str, list[Block], tuple[str, ...]]:
    """The title and the blocks of a page, and a note where a part of its content was left out.

    Links are made absolute against `base`; `address` is the page's URL or file name, which may tell the document that
    is wanted of several.
    """
    root = parse(page)
    if root is None:
        return "", [], ()
    if "wm-ipp" in page:
        drop_toolbar(root)
    base = _base_of(root, base)
    title = one_line(root.findtext(".//title") or "").strip()
    content = content_of(*pieces_of(root), title)
    document = only_document(content, wanted_document(address))
    blocks = blocks_of(document, base)
    if sum(len(block.text.split()) for block in blocks[:_ENOUGH]) < _ENOUGH:
        blocks = _in_data(page) or blocks
    return title, blocks, () if len(document) == len(content) else (_PARTLY,)


def _in_data(page: str) -> list[Block]:
    """The article that a page without words of its own carries as data for search engines (JSON-LD), as trafilatura
    finds it; none where there is none.
    """
    if "articleBody" not in page:
        return []
    import trafilatura  # half a second, and few pages are like that

    _, text, _ = trafilatura.baseline(page)
    return [
        Block("paragraph", run.text, run.markdown) for line in text.splitlines() for run in paragraphs([plain(line)])
    ]


def _base_of(root: Any, base: str) -> str:
    """The address that relative links go by: that of the <base> element if there is one."""
    element = root.find("head/base")
    return absolute((element.get("href") or "") if element is not None else "", base) or base


def extractor_of_html() -> str:
    """What finds the content of HTML, as it stands in a record's provenance."""
    return f"content model {the_forest().sha256[:8]}"


def content_of(pieces: list[Piece], nodes: list[Node], title: str, forest: Forest | None = None) -> list[Piece]:
    """The pieces that are the content of a page; all of them where the model finds none.

    `forest` takes the place of the one that this release carries, for measuring on pages that one has seen.
    """
    if not pieces:
        return []
    features = measure(pieces, nodes, title)
    if _is_bare_page(features):
        return pieces
    chosen = is_content(features, forest or the_forest())
    content = [piece for piece, is_chosen in zip(pieces, chosen, strict=True) if is_chosen]
    return [*_page_heading(pieces, features, int(np.argmax(chosen))), *content] if content else pieces


def _is_bare_page(features: Features) -> bool:
    """Whether a page is short and has no line of links: nothing stands around its content."""
    return bool(np.expm1(features["words"]).sum() <= _BARE_WORDS and features["link"].max() < 0.5)


def _page_heading(pieces: Sequence[Piece], features: Features, first: int) -> list[Piece]:
    """The page's own heading, which may stand apart from the content that begins with piece `first`: the last one of
    the first level before that, if it says what the page's title says.
    """
    named = (features["title"][:first] >= _NAMED) & (features["level"][:first] == 1)
    at = [index for index in np.flatnonzero(named).tolist() if pieces[index].kind == "heading"]
    return [pieces[at[-1]]] if at else []


def blocks_of(pieces: Sequence[Piece], base: str) -> list[Block]:
    """Pieces as blocks."""
    deepest = max((piece.level for piece in pieces if piece.kind == "heading"), default=1)
    below = min(deepest + 1, _DEEPEST_HEADING)
    return [block for piece in pieces if (block := _block_of(piece, base, below)).text]


def _block_of(piece: Piece, base: str, below: int) -> Block:
    """A piece as a block; a short line set as a heading without being one becomes one of level `below`."""
    if piece.kind == "row":
        return row_block([_one_run(tuple(cell), base) for cell in piece.cells], header=piece.header)
    if piece.kind == "heading":
        return _heading(piece.words, base, piece.level)
    if piece.kind == "paragraph" and _is_set_as_heading(piece):
        return _heading(piece.words, base, below)
    run = bare_run(piece.text) if _is_bare(piece.words) else _one_run(tuple(piece.words), base)
    return Block(piece.kind, run.text, run.markdown, piece.level, piece.marker)


def _heading(words: Sequence[Words], base: str, level: int) -> Block:
    """A heading: one line, and not strongly emphasised besides."""
    set_plainly = (word if word is BREAK else word._replace(style=word.style._replace(strong=False)) for word in words)
    run = _one_run(tuple(set_plainly), base)
    return Block("heading", run.text.replace("\n", " "), run.markdown.replace("  \n", " "), level)


def _is_set_as_heading(piece: Piece) -> bool:
    """Whether a paragraph is a heading in disguise: bold or large throughout, short, no sentence."""
    if len(piece.text) > 150 or piece.text.count(" ") >= _HEADING_WORDS or piece.text[-1] in ".:;,":
        return False
    filled = [part for part in piece.words if part.text.strip()]
    return piece.text.isupper() or all(part.style.strong or part.style.large for part in filled)


def _is_bare(words: Sequence[Words]) -> bool:
    """Whether words have no style, link or line break."""
    return all(part.style is PLAIN and part is not BREAK for part in words)


@lru_cache(maxsize=10_000)
def _one_run(words: tuple[Words, ...], base: str) -> Run:
    """Words as a single run, plain and as Markdown. What stood so in an earlier capture of the page is remembered."""
    runs = [_linked(href, list(group), base) for href, group in groupby(words, key=lambda part: part.style.href)]
    return joined(_separated(paragraphs(runs))) if BREAK in words else tidy(joined(runs))


def _separated(runs: Sequence[Run]) -> list[Run]:
    """The paragraphs of a table cell with a line break between them."""
    return [part for run in runs for part in (Run("\n", "  \n"), run)][1:]


def _linked(href: str, words: Sequence[Words], base: str) -> Run:
    """Words that lead to one address, or to none, as a run."""
    groups = groupby(words, key=lambda part: (part.style.strong, part.style.emphasis))
    runs = [_marked(list(group), strong=strong, emphasis=emphasis) for (strong, emphasis), group in groups]
    return link(runs, href, base) if href else joined(runs)


def _marked(words: Sequence[Words], *, strong: bool, emphasis: bool) -> Run:
    """Words set alike as a run."""
    run = joined([Run("\n", "\n") if part is BREAK else plain(part.text) for part in words])
    if emphasis:
        run = emphasised([run], "*")
    return emphasised([run], "**") if strong else run


def row_block(runs: list[Run], *, header: bool) -> Block:
    """A table row: its cells, and all of them as one line."""
    cells = tuple(" ".join(run.text.split()) for run in runs)
    marked = (" ".join(run.markdown.split()).replace("|", "\\|") for run in runs)
    return Block("row", " | ".join(filter(None, cells)), f"| {' | '.join(marked)} |", cells=cells, header=header)
