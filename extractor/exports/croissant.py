"""A corpus to publish: records, tables, manifest, a Croissant description and a datasheet, in one folder.

Croissant 1.0 is the MLCommons vocabulary for data sets (schema.org in JSON-LD), which Hugging Face, Kaggle, OpenML and
Google's Dataset Search read. The datasheet asks what Gebru et al., "Datasheets for Datasets", CACM 64(12), 2021, ask;
what only the publisher knows is left to fill in, marked TODO.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from extractor.exports.jsonl import read_jsonl, write_jsonl
from extractor.exports.parquet import TYPES, arrow, write_parquet
from extractor.exports.summary import COLUMNS, write_csv
from extractor.files import write_atomically
from extractor.records import PRACTICES, Policy
from extractor.resources import PACKAGE

_RECORDS, _SEGMENTS, _SUMMARY, _MANIFEST = "policies.jsonl.gz", "segments.parquet", "policies.csv", "manifest.json"
_MIME = {
    _RECORDS: "application/gzip",
    _SEGMENTS: "application/x-parquet",
    _SUMMARY: "text/csv",
    _MANIFEST: "application/json",
}
_KINDS = {"string": "sc:Text", "bool": "sc:Boolean", "list<string>": "sc:Text", "float64": "sc:Float"}
_TEXT_COLUMNS = {
    *("id", "domain", "title", "language", "url", "timestamp", "archive_url", "sha256", "source", "reasons"),
    *("extractor", "model", "model_sha256", "data_types_collection", "data_types_sharing"),
}
_CITATION = (
    "archived-policy (software), with labels learned from OPP-115: Wilson et al., The Creation and Analysis of a "
    "Website Privacy Policy Corpus, ACL 2016"
)
_DESCRIPTION = (
    "{policies} captures of privacy policies of {sites} sites{span}, cut into {segments} segments and labelled."
)
_Json = dict[str, Any]


@dataclass
class _Tally:
    """What a corpus holds, counted as its records pass."""

    policies: int = 0
    usable: int = 0
    labelled: int = 0
    segments: int = 0
    sites: set[str] = field(default_factory=set)
    first: str = ""
    last: str = ""
    made_by: set[str] = field(default_factory=set)
    practices: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PRACTICES, 0))

    def counted(self, policies: Iterable[Policy]) -> Iterator[Policy]:
        """The policies, counted on their way."""
        for policy in policies:
            self.add(policy)
            yield policy

    def add(self, policy: Policy) -> None:
        """Counts a policy."""
        day = policy.capture.timestamp[:8]
        self.policies += 1
        self.usable += policy.verdict.usable
        self.labelled += policy.labelled
        self.segments += len(policy.segments)
        self.sites |= {policy.domain} - {""}
        self.first, self.last = min(filter(None, (self.first, day)), default=""), max(self.last, day)
        self.made_by |= {policy.provenance.extractor, policy.provenance.model} - {""}
        for practice in {practice for segment in policy.segments for practice in segment.practices}:
            self.practices[practice] += 1

    @property
    def days(self) -> list[str]:
        """The days of the first and the last capture, YYYY-MM-DD; none where no capture has one."""
        return [f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in (self.first, self.last) if day]


def write_croissant(policies: Iterable[Policy], folder: Path, *, name: str = "", manifest: Path | None = None) -> int:
    """Fills a folder with a corpus to publish; `manifest` is the run's. Gives the number of policies.

    Raises ConfigurationError where pyarrow is not installed.
    """
    arrow()
    tally = _Tally()
    count = write_jsonl(tally.counted(policies), folder / _RECORDS)
    write_parquet(read_jsonl(folder / _RECORDS), folder / _SEGMENTS)
    write_csv(read_jsonl(folder / _RECORDS), folder / _SUMMARY)
    if manifest and manifest.is_file():
        _write_text(folder / _MANIFEST, manifest.read_text(encoding="utf-8"))
    named = name or "privacy-policies"
    description = _describe(named, tally, [_file_object(path) for path in sorted(folder.iterdir())])
    _write_text(folder / "croissant.json", json.dumps(description, indent=2, ensure_ascii=False) + "\n")
    _write_text(folder / "datasheet.md", _datasheet(named, tally))
    return count


def _write_text(path: Path, text: str) -> None:
    """Writes a text as UTF-8."""
    with write_atomically(path) as stream:
        stream.write(text.encode())


def _describe(name: str, tally: _Tally, files: list[_Json]) -> _Json:
    """The Croissant description."""
    context: _Json = json.loads((PACKAGE / "exports/croissant-context.json").read_text(encoding="utf-8"))
    return {
        "@context": context,
        "@type": "sc:Dataset",
        "name": name,
        "description": _about(tally),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "citeAs": _CITATION,
        **({"temporalCoverage": "/".join(tally.days)} if tally.days else {}),
        "version": "1.0.0",
        "distribution": files,
        "recordSet": [
            _record_set("segments", _SEGMENTS, {column: _segment_kind(kind) for column, kind in TYPES.items()}),
            _record_set("policies", _SUMMARY, {column: _policy_kind(column) for column in COLUMNS}),
        ],
    }


def _about(tally: _Tally) -> str:
    """The corpus in a sentence."""
    span = f" from {' to '.join(tally.days)}" if tally.days else ""
    return _DESCRIPTION.format(policies=tally.policies, sites=len(tally.sites), span=span, segments=tally.segments)


def _file_object(path: Path) -> _Json:
    """A file with its size and hash."""
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": path.name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": _MIME[path.name],
        "sha256": _sha256_of(path),
    }


def _sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _record_set(name: str, file: str, kinds: dict[str, _Json]) -> _Json:
    """A table, column by column."""
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{column}",
            "name": f"{name}/{column}",
            **kind,
            "source": {"fileObject": {"@id": file}, "extract": {"column": column}},
        }
        for column, kind in kinds.items()
    ]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def _segment_kind(kind: str) -> _Json:
    """The type of a column of the segment table."""
    return {"dataType": _KINDS.get(kind, "sc:Integer"), **({"repeated": True} if kind == "list<string>" else {})}


def _policy_kind(column: str) -> _Json:
    """The type of a column of the summary."""
    if column in _TEXT_COLUMNS:
        return {"dataType": "sc:Text"}
    return {"dataType": "sc:Float" if column == "is_policy" else "sc:Integer"}


def _datasheet(name: str, tally: _Tally) -> str:
    """The datasheet, filled in as far as the records tell."""
    share = "\n".join(f"| {practice} | {count} |" for practice, count in tally.practices.items())
    template = Template((PACKAGE / "exports/datasheet.md").read_text(encoding="utf-8"))
    return template.substitute(
        name=name,
        about=_about(tally),
        usable=tally.usable,
        labelled=tally.labelled,
        policies=tally.policies,
        made_by=", ".join(sorted(tally.made_by)),
        practices=share,
        citation=_CITATION,
    )
