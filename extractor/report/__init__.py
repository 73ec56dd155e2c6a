"""The HTML report: records and their histories as pages that need no network and run nothing that a policy contains."""

from extractor.report.charts import Chart
from extractor.report.page import write_report
from extractor.report.sites import (
    NamedTerm,
    PeriodChoice,
    PolicyHistory,
    ReportInfo,
    Site,
    SiteTerm,
    TermPoint,
    TermSeries,
    TextPlace,
)

__all__ = [
    "Chart",
    "NamedTerm",
    "PeriodChoice",
    "PolicyHistory",
    "ReportInfo",
    "Site",
    "SiteTerm",
    "TermPoint",
    "TermSeries",
    "TextPlace",
    "write_report",
]
