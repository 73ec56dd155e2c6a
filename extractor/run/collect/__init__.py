"""Targets to a run folder: planned, fetched, annotated, verified."""

from extractor.run.collect.job import RunSummary, SiteSummary, plan_and_fetch, run_job
from extractor.run.collect.plan import Job, PlanPreview, describe_failed_lookup, preview_plan
from extractor.run.collect.status import status
from extractor.run.collect.verify import verify

__all__ = [
    "Job",
    "PlanPreview",
    "RunSummary",
    "SiteSummary",
    "describe_failed_lookup",
    "plan_and_fetch",
    "preview_plan",
    "run_job",
    "status",
    "verify",
]
