"""From the bytes of a page to its clean document: unpack, decode, select the content, render, judge."""

from extractor.clean.cache import DocumentCache, PageSignature, clean_with_cache, page_signature
from extractor.clean.content import (
    CONTENT_MODEL_FORMAT,
    MIN_PROSE_WORDS,
    ContentForest,
    FeatureArray,
    PieceFeatures,
    build_forest,
    piece_features,
    requested_document,
    select_document,
    without_surroundings,
)
from extractor.clean.document import clean, extract_blocks
from extractor.clean.html import content_pieces, html_blocks, pieces_to_blocks
from extractor.clean.render import render_markdown, render_text
from extractor.clean.source import UnpackedPage, decode, detect_media_type, is_heavy, unpack
from extractor.clean.tree import BlockElement, PagePiece, page_pieces, page_title, parse_html
from extractor.clean.verdict import (
    CUE_SCALE,
    CUE_WORDS,
    TEXT_KINDS,
    TextKind,
    count_words,
    kind_probabilities,
    sample_words,
)

__all__ = [
    "CONTENT_MODEL_FORMAT",
    "CUE_SCALE",
    "CUE_WORDS",
    "MIN_PROSE_WORDS",
    "TEXT_KINDS",
    "BlockElement",
    "ContentForest",
    "DocumentCache",
    "FeatureArray",
    "PagePiece",
    "PageSignature",
    "PieceFeatures",
    "TextKind",
    "UnpackedPage",
    "build_forest",
    "clean",
    "clean_with_cache",
    "content_pieces",
    "count_words",
    "decode",
    "detect_media_type",
    "extract_blocks",
    "html_blocks",
    "is_heavy",
    "kind_probabilities",
    "page_pieces",
    "page_signature",
    "page_title",
    "parse_html",
    "piece_features",
    "pieces_to_blocks",
    "render_markdown",
    "render_text",
    "requested_document",
    "sample_words",
    "select_document",
    "unpack",
    "without_surroundings",
]
