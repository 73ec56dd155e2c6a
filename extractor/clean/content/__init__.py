"""Which pieces of a page are the text of the document that is wanted."""

from extractor.clean.content.contents_list import without_linked_contents, without_named_contents
from extractor.clean.content.document_selection import requested_document, select_document
from extractor.clean.content.features import FeatureArray, PieceFeatures, piece_features
from extractor.clean.content.forest import CONTENT_MODEL_FORMAT, ContentForest, build_forest, content_mask, load_forest
from extractor.clean.content.surroundings import without_surroundings
from extractor.clean.content.text_stats import MIN_PROSE_WORDS

__all__ = [
    "CONTENT_MODEL_FORMAT",
    "MIN_PROSE_WORDS",
    "ContentForest",
    "FeatureArray",
    "PieceFeatures",
    "build_forest",
    "content_mask",
    "load_forest",
    "piece_features",
    "requested_document",
    "select_document",
    "without_linked_contents",
    "without_named_contents",
    "without_surroundings",
]
