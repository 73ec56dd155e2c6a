"""How far labels can be believed: a sample for raters who do not see them, their agreement, and counts corrected by it.

texts ─▶ sample ─▶ raters' answers ─▶ error rates by stratum ─▶ corrected shares
"""

from extractor.audit.agreement import Figure, alpha, kappa
from extractor.audit.correct import Corrected, clustered, correct, counted
from extractor.audit.draw import Drawn, Item, Sample, Stratum, Unit, draw, span_of, strata_in
from extractor.audit.estimate import Audit, Judged, Row, rows_of
from extractor.audit.sheet import Answers, read_answers
from extractor.audit.store import read_audit, read_json, write_json
from extractor.audit.table import audit_table

__all__ = [
    "Answers",
    "Audit",
    "Corrected",
    "Drawn",
    "Figure",
    "Item",
    "Judged",
    "Row",
    "Sample",
    "Stratum",
    "Unit",
    "alpha",
    "audit_table",
    "clustered",
    "correct",
    "counted",
    "draw",
    "kappa",
    "read_answers",
    "read_audit",
    "read_json",
    "rows_of",
    "span_of",
    "strata_in",
    "write_json",
]
