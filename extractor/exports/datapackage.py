"""A Frictionless Data Package: the tables of policies and of segments as CSV, and a description of their columns.

The description, `datapackage.json`, has each column's type and meaning and the keys that join the tables (Data Package
and Table Schema of Frictionless Data, version 1). `frictionless validate datapackage.json` checks the files by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from extractor.exports.corpus_counts import CORPUS_CITATION, CorpusCounts
from extractor.exports.fields import JsonObject
from extractor.exports.record_tables import RECORD_TABLES, TABLE_ROWS, TableRows, csv_lines
from extractor.exports.tables import open_csv_table
from extractor.files import size_and_hash, write_json
from extractor.records import Policy

_KEYS: dict[TableRows, list[str]] = {"policies": ["site", "id"], "segments": ["site", "id", "index"]}
_FIELD_TYPES: dict[str, JsonObject] = {
    "string": {"type": "string"},
    "list<string>": {"type": "string"},
    "bool": {"type": "boolean", "trueValues": ["1"], "falseValues": ["0"]},
    "float64": {"type": "number"},
    "date32": {"type": "date", "format": "%Y-%m-%d"},
}


def write_datapackage(policies: Iterable[Policy], folder: Path, *, name: str = "") -> int:
    """Fills a folder with the tables as CSV and their description; returns the number of policies."""
    counts = CorpusCounts()
    with ExitStack() as stack:
        writers = [
            (table, stack.enter_context(open_csv_table(list(table.column_types), folder / f"{rows}.csv")))
            for rows, table in RECORD_TABLES.items()
        ]
        for policy in counts.counting(policies):
            for table, write_row in writers:
                for line in csv_lines(table, policy):
                    write_row(line)
    write_json(folder / "datapackage.json", _data_package(folder, counts, name))
    return counts.policies


def _data_package(folder: Path, counts: CorpusCounts, name: str) -> JsonObject:
    """The description of the tables in a folder."""
    return {
        "profile": "tabular-data-package",
        "title": name or "privacy-policies",
        "description": f"{counts.sentence} Cite: {CORPUS_CITATION}.",
        "resources": [_resource(folder / f"{rows}.csv", rows) for rows in TABLE_ROWS],
    }


def _resource(path: Path, rows: TableRows) -> JsonObject:
    """The description of a table, column by column."""
    known, table = size_and_hash(path), RECORD_TABLES[rows]
    fields = [
        {"name": column, "description": table.descriptions[column], **_FIELD_TYPES.get(kind, {"type": "integer"})}
        for column, kind in table.column_types.items()
    ]
    return {
        "profile": "tabular-data-resource",
        "name": rows,
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": known["bytes"],
        "hash": f"sha256:{known['sha256']}",
        "schema": {"fields": fields, "primaryKey": _KEYS[rows], **_foreign_keys(rows)},
    }


def _foreign_keys(rows: TableRows) -> JsonObject:
    """The policy that each segment is of, as a key."""
    if rows == "policies":
        return {}
    key = _KEYS["policies"]
    return {"foreignKeys": [{"fields": key, "reference": {"resource": "policies", "fields": key}}]}
