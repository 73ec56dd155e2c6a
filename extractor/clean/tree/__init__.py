"""From the source of an HTML page to its pieces: parsed, and flattened to the text between block elements."""

from extractor.clean.tree.hidden_text import hidden_texts
from extractor.clean.tree.source_repair import overlong_tag_starts
from extractor.clean.tree.styles import PLAIN_STYLE, Style, style_inside
from extractor.clean.tree.walk import (
    LINE_BREAK,
    MENU_TAG,
    BlockElement,
    PagePiece,
    StyledText,
    page_pieces,
    page_title,
    parse_html,
    words_as_line,
)
from extractor.clean.tree.wayback_toolbar import remove_toolbar

__all__ = [
    "LINE_BREAK",
    "MENU_TAG",
    "PLAIN_STYLE",
    "BlockElement",
    "PagePiece",
    "Style",
    "StyledText",
    "hidden_texts",
    "overlong_tag_starts",
    "page_pieces",
    "page_title",
    "parse_html",
    "remove_toolbar",
    "style_inside",
    "words_as_line",
]
