"""Policies over time: what became of each passage between captures, and how practices spread over sites.

    captures of one policy ─▶ alignment ─▶ tracked passages ─▶ events
                                                   └────▶ tables over sites
    texts of captures ─▶ mentions of terms ─▶ tables over sites; phrases that rose or fell

>>> from extractor.history import diff, histories
>>> list(histories([]))
[]
"""

from extractor.history.aggregate import (
    Coverage,
    LengthPoint,
    Observation,
    SharePoint,
    TrendPoint,
    coverage_keys,
    coverage_rows,
    fixed_panel,
    lengths,
    observations_of,
    representative_captures,
    shares,
    site_polarity,
)
from extractor.history.align import SegmentGroup, align
from extractor.history.diff import Diff, DiffPiece, DiffRow, apply_pieces, diff
from extractor.history.discover import DiscoveredPhrase, Span, SpanText, discover, phrase_span
from extractor.history.plot import length_chart, panel_points, share_chart, trend_chart
from extractor.history.series import CaptureSeries, SeriesNotes, capture_series
from extractor.history.term_list import Term, TermList, read_terms
from extractor.history.term_plot import term_chart
from extractor.history.term_tables import (
    FirstMention,
    TermCapture,
    TermMention,
    TermShare,
    first_mentions,
    term_capture,
    term_shares,
)
from extractor.history.terms import TermPlace, TermTree, find_terms, term_tree
from extractor.history.timeline import History, histories, history_of
from extractor.history.wording import is_navigation, significant_words

__all__ = [
    "CaptureSeries",
    "Coverage",
    "Diff",
    "DiffPiece",
    "DiffRow",
    "DiscoveredPhrase",
    "FirstMention",
    "History",
    "LengthPoint",
    "Observation",
    "SegmentGroup",
    "SeriesNotes",
    "SharePoint",
    "Span",
    "SpanText",
    "Term",
    "TermCapture",
    "TermList",
    "TermMention",
    "TermPlace",
    "TermShare",
    "TermTree",
    "TrendPoint",
    "align",
    "apply_pieces",
    "capture_series",
    "coverage_keys",
    "coverage_rows",
    "diff",
    "discover",
    "find_terms",
    "first_mentions",
    "fixed_panel",
    "histories",
    "history_of",
    "is_navigation",
    "length_chart",
    "lengths",
    "observations_of",
    "panel_points",
    "phrase_span",
    "read_terms",
    "representative_captures",
    "share_chart",
    "shares",
    "significant_words",
    "site_polarity",
    "term_capture",
    "term_chart",
    "term_shares",
    "term_tree",
    "trend_chart",
]
