"""The formats that records can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from extractor.exports.croissant import write_croissant
from extractor.exports.docbin import write_docbin
from extractor.exports.doccano import write_doccano
from extractor.exports.git import is_moment
from extractor.exports.jsonl import write_jsonl
from extractor.exports.labelstudio import write_labelstudio
from extractor.exports.ota import write_ota
from extractor.exports.parquet import write_parquet
from extractor.exports.princeton import write_princeton, write_princeton_git
from extractor.exports.prodigy import write_prodigy, write_prodigy_spans
from extractor.exports.summary import write_csv
from extractor.exports.w3c import write_w3c
from extractor.records import Policy

_Writer = Callable[[Iterable[Policy], Path], int]


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is written.

    `write` takes policies and a path and gives the number of `unit` written; `suffix` is that of its files, "" where it
    fills a folder. A policy that is not `fit` is left out; `without` says why.
    """

    write: _Writer
    unit: str
    suffix: str = ""
    fit: Callable[[Policy], bool] = lambda _: True
    without: str = ""


def _is_labelled(policy: Policy) -> bool:
    """Whether a policy has labels to show: without, "nobody looked" would read as "nothing found"."""
    return policy.labelled


def _is_dated_policy(policy: Policy) -> bool:
    """Whether a policy is usable and its site, address and time are known."""
    return policy.verdict.usable and bool(policy.domain and policy.capture.url) and is_moment(policy.capture.timestamp)


_LABELLED = (_is_labelled, "not labelled")
_DATED = (_is_dated_policy, "not usable, or of unknown address or time")
EXPORTS: dict[str, Format] = {
    "jsonl": Format(write_jsonl, "policies", ".jsonl.gz"),
    "parquet": Format(write_parquet, "segments", ".parquet"),
    "csv": Format(write_csv, "policies", ".csv"),
    "docbin": Format(write_docbin, "policies", ".spacy", *_LABELLED),
    "labelstudio": Format(write_labelstudio, "segments", ".json", *_LABELLED),
    "doccano": Format(write_doccano, "segments", ".jsonl", *_LABELLED),
    "prodigy": Format(write_prodigy, "segments", ".jsonl", *_LABELLED),
    "prodigy-spans": Format(write_prodigy_spans, "policies", ".jsonl", *_LABELLED),
    "w3c": Format(write_w3c, "annotations", ".jsonld", *_LABELLED),
    "princeton": Format(write_princeton, "sites", "", *_DATED),
    "princeton-git": Format(write_princeton_git, "versions", "", *_DATED),
    "ota": Format(write_ota, "versions", "", *_DATED),
    "croissant": Format(write_croissant, "policies"),
}
