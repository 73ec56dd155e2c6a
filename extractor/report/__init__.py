"""The records as one HTML page that a person reads: it needs no network and runs nothing that a policy says."""

from extractor.report.page import write_report

__all__ = ["write_report"]
