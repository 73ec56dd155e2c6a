"""A corpus to publish, in one folder: records, tables, manifest, Croissant description and datasheet.

Croissant 1.0 is the MLCommons vocabulary for data sets (schema.org in JSON-LD), which Hugging Face, Kaggle, OpenML and
Google's Dataset Search read. The datasheet answers the questions of Gebru et al., "Datasheets for Datasets", CACM
64(12), 2021; what only the publisher knows is marked TODO.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from extractor.exports.fields import JsonObject
from extractor.exports.jsonl import read_jsonl, write_jsonl
from extractor.exports.policy_table import POLICY_COLUMN_TYPES
from extractor.exports.record_tables import write_records_csv, write_records_parquet
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES
from extractor.exports.tables import import_pyarrow
from extractor.files import size_and_hash, write_json, write_text
from extractor.records import PRACTICES, Policy, Practice
from extractor.resources import PACKAGE
from extractor.stances import STANCES, Stance, has_stance
from extractor.timestamps import iso_day

_RECORDS, _SEGMENTS, _POLICIES, _MANIFEST = "policies.jsonl.gz", "segments.parquet", "policies.csv", "manifest.json"
_MEDIA_TYPES = {
    _RECORDS: "application/gzip",
    _SEGMENTS: "application/x-parquet",
    _POLICIES: "text/csv",
    _MANIFEST: "application/json",
}
_CROISSANT_TYPES = {
    "string": "sc:Text",
    "bool": "sc:Boolean",
    "list<string>": "sc:Text",
    "float64": "sc:Float",
    "date32": "sc:Date",
}
_CITATION = (
    "archived-policy (software), with labels learned from OPP-115: Wilson et al., The Creation and Analysis of a "
    "Website Privacy Policy Corpus, ACL 2016"
)
_DESCRIPTION = (
    "{policies} captures of {names} privacy policies of {sites} sites{span}, cut into {segments} segments and labelled."
)


@dataclass
class _CorpusCounts:
    """Counts of what a corpus holds."""

    policies: int = 0
    usable: int = 0
    labelled: int = 0
    segments: int = 0
    sites: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    first: str = ""
    last: str = ""
    software: set[str] = field(default_factory=set)
    stances: Counter[tuple[Practice, Stance]] = field(default_factory=Counter)

    def counting(self, policies: Iterable[Policy]) -> Iterator[Policy]:
        """The policies, each counted when it is taken."""
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
        self.sites.add(policy.site)
        self.names.add(policy.policy)
        self.first, self.last = min(filter(None, (self.first, day)), default=""), max(self.last, day)
        self.software |= {policy.provenance.extractor, policy.provenance.model} - {""}
        self.stances.update(
            (practice, stance)
            for practice in PRACTICES
            for stance in STANCES
            if has_stance(policy.summary[practice]["polarity"], stance)
        )

    @property
    def days(self) -> list[str]:
        """The days of the first and the last capture, YYYY-MM-DD; empty if no capture is dated."""
        return [iso_day(day) for day in (self.first, self.last) if day]


def write_croissant(policies: Iterable[Policy], folder: Path, *, name: str = "", manifest: Path | None = None) -> int:
    """Fills a folder with a corpus to publish and returns the number of policies. `manifest` is that of the run.

    Raises ConfigurationError if pyarrow is not installed.
    """
    import_pyarrow()  # before any work is done
    counts = _CorpusCounts()
    count = write_jsonl(counts.counting(policies), folder / _RECORDS)
    write_records_parquet(read_jsonl(folder / _RECORDS), folder / _SEGMENTS, "segments")
    write_records_csv(read_jsonl(folder / _RECORDS), folder / _POLICIES, "policies")
    if manifest and manifest.is_file():
        write_text(folder / _MANIFEST, manifest.read_text(encoding="utf-8"))
    title = name or "privacy-policies"
    description = _croissant_description(title, counts, [_file_object(path) for path in sorted(folder.iterdir())])
    write_json(folder / "croissant.json", description)
    write_text(folder / "datasheet.md", _datasheet(title, counts))
    return count


def _croissant_description(name: str, counts: _CorpusCounts, files: list[JsonObject]) -> JsonObject:
    """The Croissant description."""
    context: JsonObject = json.loads((PACKAGE / "exports/croissant-context.json").read_text(encoding="utf-8"))
    return {
        "@context": context,
        "@type": "sc:Dataset",
        "name": name,
        "description": _summary_sentence(counts),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "citeAs": _CITATION,
        **({"temporalCoverage": "/".join(counts.days)} if counts.days else {}),
        "version": "1.0.0",
        "distribution": files,
        "recordSet": [
            _record_set(
                "segments",
                _SEGMENTS,
                {column: _parquet_column_type(kind) for column, kind in SEGMENT_COLUMN_TYPES.items()},
            ),
            _record_set(
                "policies", _POLICIES, {column: _csv_column_type(kind) for column, kind in POLICY_COLUMN_TYPES.items()}
            ),
        ],
    }


def _summary_sentence(counts: _CorpusCounts) -> str:
    """A sentence that describes the corpus."""
    span = f" from {' to '.join(counts.days)}" if counts.days else ""
    figures = {"policies": counts.policies, "names": len(counts.names), "sites": len(counts.sites)}
    return _DESCRIPTION.format(**figures, span=span, segments=counts.segments)


def _file_object(path: Path) -> JsonObject:
    """A file with its size and hash."""
    known = size_and_hash(path)
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": path.name,
        "contentSize": f"{known['bytes']} B",
        "encodingFormat": _MEDIA_TYPES[path.name],
        "sha256": known["sha256"],
    }


def _record_set(name: str, file: str, kinds: dict[str, JsonObject]) -> JsonObject:
    """The description of a table, column by column."""
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


def _parquet_column_type(kind: str) -> JsonObject:
    """The Croissant type of a column of a Parquet table."""
    return {
        "dataType": _CROISSANT_TYPES.get(kind, "sc:Integer"),
        **({"repeated": True} if kind == "list<string>" else {}),
    }


def _csv_column_type(kind: str) -> JsonObject:
    """The Croissant type of a column of a CSV, where truth is 1 or 0 and a list one text."""
    return {"dataType": "sc:Integer" if kind == "bool" else _CROISSANT_TYPES.get(kind, "sc:Integer")}


def _datasheet(name: str, counts: _CorpusCounts) -> str:
    """The datasheet, filled in as far as the records allow."""
    practice_rows = "\n".join(
        f"| {practice} | {' | '.join(str(counts.stances[practice, stance]) for stance in STANCES)} |"
        for practice in PRACTICES
    )
    template = Template((PACKAGE / "exports/datasheet.md").read_text(encoding="utf-8"))
    return template.substitute(
        name=name,
        about=_summary_sentence(counts),
        usable=counts.usable,
        labelled=counts.labelled,
        policies=counts.policies,
        made_by=", ".join(sorted(counts.software)),
        practices=practice_rows,
        citation=_CITATION,
    )
