"""Studies of the records: history and trends, terms, audits, drift, reports, exports."""

from extractor.run.studies.audit import SamplePlan, audit_sample, write_sample
from extractor.run.studies.drift import drift_by_year, drift_figures, drift_table, drift_warnings
from extractor.run.studies.export import export, export_wacz
from extractor.run.studies.history import HistorySummary, diff_captures, write_history
from extractor.run.studies.report import report_on, report_on_sites
from extractor.run.studies.terms import TermsSummary, write_discovered_phrases, write_terms

__all__ = [
    "HistorySummary",
    "SamplePlan",
    "TermsSummary",
    "audit_sample",
    "diff_captures",
    "drift_by_year",
    "drift_figures",
    "drift_table",
    "drift_warnings",
    "export",
    "export_wacz",
    "report_on",
    "report_on_sites",
    "write_discovered_phrases",
    "write_history",
    "write_sample",
    "write_terms",
]
