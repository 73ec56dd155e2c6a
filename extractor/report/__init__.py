"""The HTML report: records and their histories as pages that need no network and run nothing that a policy contains."""

from extractor.report.charts import Chart
from extractor.report.page import write_report
from extractor.report.sites import NamedTerm, PolicyHistory, ReportInfo, Site

__all__ = ["Chart", "NamedTerm", "PolicyHistory", "ReportInfo", "Site", "write_report"]
