"""Joins the stages: the only place that knows their order."""

from extractor.corpora import FORMATS, Wanted
from extractor.run.annotator import Annotator, load, load_to_stay
from extractor.run.audit import Plan as SamplePlan
from extractor.run.audit import audit_sample, write_sample
from extractor.run.corpus import Tally, read_corpus, read_paths
from extractor.run.corpus_shard import Corpus
from extractor.run.drift import drift_by_year, drift_table, warning_of
from extractor.run.engines import ShardsSummary, annotate_on_ray, annotate_shards
from extractor.run.history import HistorySummary, diff_captures, write_history
from extractor.run.job import Job, Plan, Summary, exclusive, plan_only, run_job
from extractor.run.merge import merge
from extractor.run.package import export, export_wacz
from extractor.run.report import report_on
from extractor.run.resume import annotate_into
from extractor.run.single import extract_page, label_lines
from extractor.run.status import duration, status
from extractor.run.verify import verify

__all__ = [
    "FORMATS",
    "Annotator",
    "Corpus",
    "HistorySummary",
    "Job",
    "Plan",
    "SamplePlan",
    "ShardsSummary",
    "Summary",
    "Tally",
    "Wanted",
    "annotate_into",
    "annotate_on_ray",
    "annotate_shards",
    "audit_sample",
    "diff_captures",
    "drift_by_year",
    "drift_table",
    "duration",
    "exclusive",
    "export",
    "export_wacz",
    "extract_page",
    "label_lines",
    "load",
    "load_to_stay",
    "merge",
    "plan_only",
    "read_corpus",
    "read_paths",
    "report_on",
    "run_job",
    "status",
    "verify",
    "warning_of",
    "write_history",
    "write_sample",
]
