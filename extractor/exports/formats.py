"""The formats that records can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from extractor.errors import UsageError
from extractor.exports.croissant import write_croissant
from extractor.exports.datapackage import write_datapackage
from extractor.exports.docbin import write_docbin
from extractor.exports.doccano import write_doccano
from extractor.exports.huggingface import write_huggingface
from extractor.exports.jsonl import write_jsonl
from extractor.exports.labelstudio import write_labelstudio
from extractor.exports.ota import write_ota
from extractor.exports.parquet_records import write_parquet
from extractor.exports.princeton import write_princeton, write_princeton_git
from extractor.exports.prodigy import write_prodigy, write_prodigy_spans
from extractor.exports.record_tables import TableRows, write_records_csv, write_records_parquet
from extractor.exports.sqlite_database import write_sqlite
from extractor.exports.w3c import write_w3c
from extractor.records import Policy
from extractor.timestamps import is_timestamp

_Writer = Callable[..., int]  # of policies and a path


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format that policies can be exported to.

    `write` takes policies and a path and returns the number of `unit` written; `suffix` is that of its files, "" if it
    fills a folder. A policy that it does not accept is left out; `rejection` says why. `needs` is what
    `write` must be told of the corpus: its `name`, the path of the run's `manifest`. `markdown` says whether the format
    has the Markdown of a policy beside other things, or consists of it.
    """

    write: _Writer
    unit: str
    suffix: str = ""
    accepts: Callable[[Policy], bool] = lambda _: True
    rejection: str = ""
    needs: tuple[Literal["name", "manifest"], ...] = ()
    markdown: Literal["", "has", "is"] = ""


def _is_labelled(policy: Policy) -> bool:
    """Whether a policy is labelled. Without labels, "nobody looked" would read as "nothing found"."""
    return policy.labelled


def _is_dated_policy(policy: Policy) -> bool:
    """Whether a policy is usable and its time is known, and git can store the time."""
    timestamp = policy.capture.timestamp
    return policy.verdict.usable and timestamp >= "1970" and is_timestamp(timestamp)


def _is_located_policy(policy: Policy) -> bool:
    """Whether a policy is a dated one whose site and URL are known too."""
    return _is_dated_policy(policy) and bool(policy.domain and policy.capture.url)


_LABELLED_ONLY = (_is_labelled, "not labelled")
_DATED_ONLY = (_is_dated_policy, "not usable, or of unknown time")
_LOCATED_ONLY = (_is_located_policy, "not usable, or of unknown address or time")
EXPORT_FORMATS: dict[str, ExportFormat] = {
    "jsonl": ExportFormat(write_jsonl, "policies", ".jsonl.gz", markdown="has"),
    "jsonl-compact": ExportFormat(partial(write_jsonl, form="compact"), "policies", ".jsonl.gz"),
    "parquet": ExportFormat(write_records_parquet, "segments", ".parquet"),
    "parquet-records": ExportFormat(write_parquet, "policies", ".parquet", markdown="has"),
    "csv": ExportFormat(write_records_csv, "policies", ".csv"),
    "docbin": ExportFormat(write_docbin, "policies", ".spacy", *_LABELLED_ONLY),
    "labelstudio": ExportFormat(write_labelstudio, "segments", ".json", *_LABELLED_ONLY),
    "doccano": ExportFormat(write_doccano, "segments", ".jsonl", *_LABELLED_ONLY),
    "prodigy": ExportFormat(write_prodigy, "segments", ".jsonl", *_LABELLED_ONLY),
    "prodigy-spans": ExportFormat(write_prodigy_spans, "policies", ".jsonl", *_LABELLED_ONLY),
    "w3c": ExportFormat(write_w3c, "annotations", ".jsonld", *_LABELLED_ONLY),
    "princeton": ExportFormat(write_princeton, "policies", "", *_LOCATED_ONLY, markdown="is"),
    "princeton-git": ExportFormat(write_princeton_git, "versions", "", *_LOCATED_ONLY, markdown="is"),
    "ota": ExportFormat(write_ota, "versions", "", *_DATED_ONLY, markdown="is"),
    "sqlite": ExportFormat(write_sqlite, "policies", ".sqlite", needs=("name",)),
    "datapackage": ExportFormat(write_datapackage, "policies", needs=("name",)),
    "huggingface": ExportFormat(write_huggingface, "policies", needs=("name", "manifest")),
    "croissant": ExportFormat(write_croissant, "policies", needs=("name", "manifest"), markdown="has"),
}
_TABLE_WRITERS = {"parquet": write_records_parquet, "csv": write_records_csv}


def table_format(name: str, rows: TableRows) -> ExportFormat:
    """The format of a table with a row a policy or a row a segment. Raises UsageError for a format without rows."""
    if name not in _TABLE_WRITERS:
        raise UsageError(f"{name} has no rows to choose: leave --rows out, or write {' or '.join(_TABLE_WRITERS)}.")
    return replace(EXPORT_FORMATS[name], write=partial(_TABLE_WRITERS[name], rows=rows), unit=rows)
