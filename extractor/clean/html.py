"""HTML to blocks: splits a page into pieces, selects those with its content, and turns these into blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from extractor.clean.content import (
    ContentForest,
    PieceFeatures,
    content_mask,
    load_forest,
    piece_features,
    requested_document,
    select_document,
    without_linked_contents,
    without_surroundings,
)
from extractor.clean.headings import find_headings, heading_words
from extractor.clean.inline import (
    Run,
    absolute_url,
    emphasis_run,
    join_runs,
    line_run,
    link_run,
    plain_run,
    split_paragraphs,
    tidy_run,
)
from extractor.clean.tree import (
    LINE_BREAK,
    MENU_TAG,
    PLAIN_STYLE,
    BlockElement,
    PagePiece,
    StyledText,
    page_pieces,
    page_title,
    parse_html,
)
from extractor.records import Block, BlockKind

_MIN_PAGE_WORDS = 15  # a page with fewer may have its article as JSON-LD
_MAX_BARE_PAGE_WORDS = 1000
_MIN_TITLE_SHARE = 0.6  # of a heading's words, in the page's title
_href, _strong_and_emphasis = attrgetter("style.href"), attrgetter("style.strong", "style.emphasis")


def html_blocks(page: str | bytes, base: str, address: str) -> tuple[str, list[Block], tuple[str, ...]]:
    """The title and the blocks of a page, also in UTF-8, and a note if a part of its content was omitted.

    Relative links are resolved against `base`. `address` is the page's URL or file name, which may say which of several
    documents on the page is requested.
    """
    tree = parse_html(page)
    base = _base_url(tree, base)
    title = page_title(tree)
    pieces, elements = page_pieces(tree)
    content = content_pieces(pieces, elements, title)
    document = select_document(content, elements, requested_document(address))
    blocks = pieces_to_blocks(without_linked_contents(document.pieces, base), base)
    if not _has_page_words(blocks):
        blocks = _json_ld_article(page if isinstance(page, str) else page.decode()) or blocks
    return title, blocks, document.notes


def _has_page_words(blocks: Sequence[Block]) -> bool:
    """Whether the first blocks together have as many words as a page should."""
    words = 0
    for block in blocks[:_MIN_PAGE_WORDS]:
        words += len(block.text.split(None, _MIN_PAGE_WORDS))
        if words >= _MIN_PAGE_WORDS:
            return True
    return False


def _json_ld_article(page: str) -> list[Block]:
    """The article in a page's JSON-LD (data for search engines), extracted by trafilatura; [] if there is none."""
    if "articleBody" not in page:
        return []
    import trafilatura  # takes half a second, and few pages need it

    _, text, _ = trafilatura.baseline(page)
    return [
        Block("paragraph", run.text, run.markdown)
        for line in text.splitlines()
        for run in split_paragraphs([plain_run(line)])
    ]


def _base_url(tree: LexborHTMLParser, base: str) -> str:
    """The URL that relative links are resolved against: that of the <base> element if there is one."""
    element = tree.head.css_first("base[href]") if tree.head else None
    return absolute_url((element.attributes["href"] or "") if element else "", base) or base


def html_extractor_name() -> str:
    """The name of the content model, for a record's provenance."""
    return f"content model {load_forest().sha256[:8]}"


def content_pieces(
    pieces: list[PagePiece], elements: list[BlockElement], title: str, forest: ContentForest | None = None
) -> list[PagePiece]:
    """The pieces that are the content of a page; all pieces if the model finds none.

    `forest` replaces the bundled one, to evaluate on pages that the bundled one was trained on.
    """
    pieces = without_surroundings(pieces, elements)
    if not pieces:
        return []
    features = piece_features(pieces, elements, title)
    if _is_bare_page(features, elements):
        return pieces
    mask = content_mask(features, forest or load_forest())
    content = [piece for piece, is_content in zip(pieces, mask, strict=True) if is_content]
    return [*_page_heading(pieces, features, int(np.argmax(mask))), *content] if content else pieces


def _is_bare_page(features: PieceFeatures, elements: Sequence[BlockElement]) -> bool:
    """Whether a page is short and has no menu or line of links, so that it is all content."""
    has_links = features["link"].max() >= 0.5 or any(element.tag == MENU_TAG for element in elements)
    return bool(np.expm1(features["words"]).sum() <= _MAX_BARE_PAGE_WORDS) and not has_links


def _page_heading(pieces: Sequence[PagePiece], features: PieceFeatures, first: int) -> list[PagePiece]:
    """The page's main heading, [] if there is none before the content, which begins with piece `first`.

    It is the last heading of level 1 before `first` with most of its words in the page's title.
    """
    like_title = (features["title"][:first] >= _MIN_TITLE_SHARE) & (features["level"][:first] == 1)
    headings = [index for index in np.flatnonzero(like_title).tolist() if pieces[index].kind == "heading"]
    return [pieces[headings[-1]]] if headings else []


def pieces_to_blocks(pieces: Sequence[PagePiece], base: str) -> list[Block]:
    """Pieces as blocks, with headings and paragraphs told apart by `find_headings`."""
    return [block for piece in find_headings(pieces) if (block := _piece_to_block(piece, base)).text]


def _piece_to_block(piece: PagePiece, base: str) -> Block:
    """A piece as a block."""
    if piece.kind == "row":
        return _row_block([_cell_run(tuple(cell), base) for cell in piece.cells], header=piece.header)
    if piece.kind == "heading":
        run = _heading_run(tuple(piece.words), base)
        return Block("heading", run.text, run.markdown, piece.level)
    if _is_unstyled(piece.words):
        return _line_block(piece.text, piece.kind, piece.level, piece.marker)
    return _styled_block(tuple(piece.words), base, piece.kind, piece.level, piece.marker)


@lru_cache(maxsize=5_000)  # most text recurs in the next captures of a page
def _line_block(line: str, kind: BlockKind, level: int, marker: str) -> Block:
    """One line without links or emphasis as a block."""
    return Block(kind, *line_run(line), level, marker)


@lru_cache(maxsize=5_000)
def _styled_block(words: tuple[StyledText, ...], base: str, kind: BlockKind, level: int, marker: str) -> Block:
    """Styled text as a block."""
    return Block(kind, *_to_run(words, base), level, marker)


@lru_cache(maxsize=5_000)  # most headings recur in the next captures of a page
def _heading_run(words: tuple[StyledText, ...], base: str) -> Run:
    """A heading: one line without junk at its end, not bold in the Markdown."""
    not_bold = [
        word._replace(style=word.style._replace(strong=False)) if word.style.strong else word
        for word in heading_words(words)
    ]
    run = _to_run(not_bold, base)
    return Run(run.text.replace("\n", " "), run.markdown.replace("  \n", " "))


def _is_unstyled(words: Sequence[StyledText]) -> bool:
    """Whether text has no style, link or line break."""
    return not [part for part in words if part.style is not PLAIN_STYLE or part is LINE_BREAK]


@lru_cache(maxsize=2_500)
def _cell_run(words: tuple[StyledText, ...], base: str) -> Run:
    """The text of a table cell as one run."""
    return _to_run(words, base)


def _to_run(words: Sequence[StyledText], base: str) -> Run:
    """Styled text as one run."""
    runs = [_to_linked_run(href, list(group), base) for href, group in groupby(words, key=_href)]
    return join_runs(_with_line_breaks(split_paragraphs(runs))) if LINE_BREAK in words else tidy_run(join_runs(runs))


def _with_line_breaks(runs: Sequence[Run]) -> list[Run]:
    """Paragraphs of a table cell with line breaks between them."""
    return [part for run in runs for part in (Run("\n", "  \n"), run)][1:]


def _to_linked_run(href: str, words: Sequence[StyledText], base: str) -> Run:
    """Text with one link target, or none, as a run."""
    groups = groupby(words, key=_strong_and_emphasis)
    runs = [_to_emphasis_run(group, strong=strong, emphasis=emphasis) for (strong, emphasis), group in groups]
    return link_run(runs, href, base) if href else join_runs(runs)


def _to_emphasis_run(words: Iterable[StyledText], *, strong: bool, emphasis: bool) -> Run:
    """Text in one style as a run."""
    run = join_runs([Run("\n", "\n") if part is LINE_BREAK else plain_run(part.text) for part in words])
    if emphasis:
        run = emphasis_run([run], "*")
    return emphasis_run([run], "**") if strong else run


def _row_block(runs: list[Run], *, header: bool) -> Block:
    """A table row as a block, with its cells also joined to one line."""
    cells = tuple(" ".join(run.text.split()) for run in runs)
    escaped = (" ".join(run.markdown.split()).replace("|", "\\|") for run in runs)
    return Block("row", " | ".join(filter(None, cells)), f"| {' | '.join(escaped)} |", cells=cells, header=header)
