"""Policies over time: what became of each passage between captures, and how practices spread over sites.

    captures of one policy ─▶ alignment ─▶ tracked passages ─▶ events
                                                   └────▶ tables over sites

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
from extractor.history.plot import length_chart, panel_points, share_chart, trend_chart
from extractor.history.series import CaptureSeries, SeriesNotes, capture_series
from extractor.history.timeline import History, histories, history_of
from extractor.history.wording import is_navigation, significant_words

__all__ = [
    "CaptureSeries",
    "Coverage",
    "Diff",
    "DiffPiece",
    "DiffRow",
    "History",
    "LengthPoint",
    "Observation",
    "SegmentGroup",
    "SeriesNotes",
    "SharePoint",
    "TrendPoint",
    "align",
    "apply_pieces",
    "capture_series",
    "coverage_keys",
    "coverage_rows",
    "diff",
    "fixed_panel",
    "histories",
    "history_of",
    "is_navigation",
    "length_chart",
    "lengths",
    "observations_of",
    "panel_points",
    "representative_captures",
    "share_chart",
    "shares",
    "significant_words",
    "site_polarity",
    "trend_chart",
]
