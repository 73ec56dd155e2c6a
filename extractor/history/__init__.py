"""Policies over time: which passage became which, what came, went and changed, and how practices spread.

    captures of one policy ─▶ alignment ─▶ lines of descent ─▶ events
                                                        └────▶ aggregate over sites

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
    chosen_captures,
    cover,
    covered,
    fixed_panel,
    kinds_of,
    lengths,
    observe,
    shares,
)
from extractor.history.align import Group, align
from extractor.history.diff import Diff, Piece, Row, diff, patched
from extractor.history.lines import Line, lines_of
from extractor.history.plot import length_chart, share_chart, trend_chart
from extractor.history.timeline import History, _history_of, histories

__all__ = [
    "Coverage",
    "Diff",
    "Group",
    "History",
    "LengthPoint",
    "Line",
    "Observation",
    "Piece",
    "Row",
    "SharePoint",
    "TrendPoint",
    "_history_of",
    "align",
    "chosen_captures",
    "cover",
    "covered",
    "diff",
    "fixed_panel",
    "histories",
    "kinds_of",
    "length_chart",
    "lengths",
    "lines_of",
    "observe",
    "patched",
    "share_chart",
    "shares",
    "trend_chart",
]
