"""The records as HTML that a person reads: it needs no network and runs nothing that a policy says."""

from extractor.report.charts import Chart, Point
from extractor.report.page import write_report
from extractor.report.story import About, Site, Story, site_of

__all__ = ["About", "Chart", "Point", "Site", "Story", "site_of", "write_report"]
