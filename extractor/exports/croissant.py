"""A corpus to publish, in one folder: records, tables, manifest, Croissant description and datasheet.

Croissant 1.0 is the MLCommons vocabulary for data sets (schema.org in JSON-LD), which Hugging Face, Kaggle, OpenML and
Google's Dataset Search read. The datasheet answers the questions of Gebru et al., "Datasheets for Datasets", CACM
64(12), 2021; what only the publisher knows is marked TODO.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from extractor.exports.column_descriptions import POLICY_COLUMN_DESCRIPTIONS, SEGMENT_COLUMN_DESCRIPTIONS
from extractor.exports.corpus_counts import CORPUS_CITATION, CorpusCounts
from extractor.exports.fields import JsonObject
from extractor.exports.jsonl import read_jsonl, write_jsonl
from extractor.exports.policy_table import POLICY_COLUMN_TYPES
from extractor.exports.record_tables import write_records_csv, write_records_parquet
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES
from extractor.exports.tables import import_pyarrow
from extractor.files import size_and_hash, write_json, write_text
from extractor.records import Policy
from extractor.resources import PACKAGE

_RECORDS, _SEGMENTS, _POLICIES, _MANIFEST = "policies.jsonl.gz", "segments.parquet", "policies.csv", "manifest.json"
_MEDIA_TYPES = {
    _RECORDS: "application/jsonlines",
    _SEGMENTS: "application/x-parquet",
    _POLICIES: "text/csv",
    _MANIFEST: "application/json",
}
_KEY = ("site", "id")
_JSONL_COLUMNS = ("id", "site", "policy", "domain", "title", "language", "labelled", "text")
_RECORD_SET_DESCRIPTIONS = {
    "policies": "One row for each capture of a policy.",
    "segments": "One row for each segment of a capture.",
    "records": "One record for each capture, with its whole text. The file has everything else that is known of it "
    "too; its JSON Schema is extractor.policy_schema().",
}
_CROISSANT_TYPES = {
    "string": "sc:Text",
    "bool": "sc:Boolean",
    "list<string>": "sc:Text",
    "float64": "sc:Float",
    "date32": "sc:Date",
}


def write_croissant(policies: Iterable[Policy], folder: Path, *, name: str = "", manifest: Path | None = None) -> int:
    """Fills a folder with a corpus to publish and returns the number of policies. `manifest` is that of the run.

    Raises ConfigurationError if pyarrow is not installed.
    """
    import_pyarrow()  # before any work is done
    counts = CorpusCounts()
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


def _croissant_description(name: str, counts: CorpusCounts, files: list[JsonObject]) -> JsonObject:
    """The Croissant description."""
    context: JsonObject = json.loads((PACKAGE / "exports/croissant-context.json").read_text(encoding="utf-8"))
    return {
        "@context": context,
        "@type": "sc:Dataset",
        "name": name,
        "description": counts.sentence,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "citeAs": CORPUS_CITATION,
        **({"temporalCoverage": "/".join(counts.days)} if counts.days else {}),
        "version": "1.0.0",
        "distribution": files,
        "recordSet": [
            _record_set("policies", _POLICIES, _csv_fields(), key=_KEY),
            _record_set("segments", _SEGMENTS, _parquet_fields(), key=(*_KEY, "index")),
            _record_set("records", _RECORDS, _jsonl_fields(), key=_KEY),
        ],
    }


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


def _record_set(name: str, file: str, fields: Mapping[str, JsonObject], key: Iterable[str]) -> JsonObject:
    """The description of a table, column by column."""
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": _RECORD_SET_DESCRIPTIONS[name],
        "key": [{"@id": f"{name}/{column}"} for column in key],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": f"{name}/{column}",
                **description,
                "source": {"fileObject": {"@id": file}, "extract": {"column": column}},
            }
            for column, description in fields.items()
        ],
    }


def _parquet_fields() -> dict[str, JsonObject]:
    """The columns of the Parquet table of segments, with types and descriptions."""
    return {
        column: {
            "description": SEGMENT_COLUMN_DESCRIPTIONS[column],
            "dataType": _CROISSANT_TYPES.get(kind, "sc:Integer"),
            **({"repeated": True} if kind == "list<string>" else {}),
        }
        for column, kind in SEGMENT_COLUMN_TYPES.items()
    }


def _csv_fields() -> dict[str, JsonObject]:
    """The columns of the CSV of policies, where truth is 1 or 0 and a list one text."""
    return {
        column: {
            "description": POLICY_COLUMN_DESCRIPTIONS[column],
            "dataType": "sc:Integer" if kind == "bool" else _CROISSANT_TYPES.get(kind, "sc:Integer"),
        }
        for column, kind in POLICY_COLUMN_TYPES.items()
    }


def _jsonl_fields() -> dict[str, JsonObject]:
    """The texts that stand at the top of a record, and only there."""
    kinds = {"labelled": "sc:Boolean"}
    return {
        column: {"description": POLICY_COLUMN_DESCRIPTIONS[column], "dataType": kinds.get(column, "sc:Text")}
        for column in _JSONL_COLUMNS
    }


def _datasheet(name: str, counts: CorpusCounts) -> str:
    """The datasheet, filled in as far as the records allow."""
    template = Template((PACKAGE / "exports/datasheet.md").read_text(encoding="utf-8"))
    return template.substitute(
        name=name,
        about=counts.sentence,
        usable=counts.usable,
        labelled=counts.labelled,
        policies=counts.policies,
        made_by=", ".join(sorted(counts.software)),
        practices=counts.stance_rows,
        citation=CORPUS_CITATION,
    )
