"""Audits of the labels: a sample for blind raters, their agreement, the model's error rates, and corrected shares.

texts ─▶ sample ─▶ raters' answers ─▶ error rates by stratum ─▶ corrected shares
"""

from extractor.audit.agreement import Estimate, cohens_kappa, krippendorffs_alpha
from extractor.audit.answers import RaterAnswers, read_answers
from extractor.audit.correct import (
    CorrectedShare,
    CountedShare,
    clustered_share_draws,
    corrected_part,
    corrected_share,
    share_draws,
)
from extractor.audit.estimate import Audit, AuditRow, JudgedItem, audit_rows
from extractor.audit.sampling import AuditItem, DrawnItem, Sample, Stratum, Unit, draw_sample, span_of, stratum_counts
from extractor.audit.store import read_audit, read_json_record, write_json_record
from extractor.audit.table import audit_table

__all__ = [
    "Audit",
    "AuditItem",
    "AuditRow",
    "CorrectedShare",
    "CountedShare",
    "DrawnItem",
    "Estimate",
    "JudgedItem",
    "RaterAnswers",
    "Sample",
    "Stratum",
    "Unit",
    "audit_rows",
    "audit_table",
    "clustered_share_draws",
    "cohens_kappa",
    "corrected_part",
    "corrected_share",
    "draw_sample",
    "krippendorffs_alpha",
    "read_answers",
    "read_audit",
    "read_json_record",
    "share_draws",
    "span_of",
    "stratum_counts",
    "write_json_record",
]
