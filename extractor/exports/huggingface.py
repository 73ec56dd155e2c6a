"""A folder that Hugging Face `datasets` loads and the Hub displays: Parquet tables, and a card that describes them.

The header of the card, `README.md`, names the configurations and the type of each column, as the Hub's documentation
of dataset cards and repository structure defines them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from string import Template

from extractor.exports.corpus_counts import CORPUS_CITATION, CorpusCounts
from extractor.exports.record_tables import RECORD_TABLES, RecordTable
from extractor.exports.tables import import_pyarrow, open_parquet_table
from extractor.files import write_text
from extractor.layout import MANIFEST
from extractor.records import Policy
from extractor.resources import PACKAGE

_POLICIES_AT_A_TIME = 200  # of which the rows are held in memory; some 5,000 segments
_SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M", 10_000_000: "1M<n<10M"}
_SEGMENTS, _POLICIES = RECORD_TABLES["segments"], RECORD_TABLES["policies"]
_TABLES: dict[str, RecordTable] = {
    "segments": _SEGMENTS,
    "policies": RecordTable(
        {**_POLICIES.column_types, "text": "string"},
        _POLICIES.descriptions,
        lambda policy: [{**row, "text": policy.text} for row in _POLICIES.rows_of(policy)],
    ),
}


def write_huggingface(policies: Iterable[Policy], folder: Path, *, name: str = "", manifest: Path | None = None) -> int:
    """Fills a folder with tables and their card; returns the number of policies. `manifest` is that of the run.

    Raises ConfigurationError if pyarrow is not installed.
    """
    import_pyarrow()  # before any work is done
    counts = CorpusCounts()
    rest = counts.counting(policies)
    with ExitStack() as stack:
        writers = [
            (
                table,
                stack.enter_context(
                    open_parquet_table(table.column_types, folder / f"{key}.parquet", compression="zstd")
                ),
            )
            for key, table in _TABLES.items()
        ]
        while batch := list(islice(rest, _POLICIES_AT_A_TIME)):
            for table, write_row_group in writers:
                write_row_group([row for policy in batch for row in table.rows_of(policy)])
    has_manifest = manifest is not None and manifest.is_file()
    if manifest and has_manifest:
        write_text(folder / MANIFEST, manifest.read_text(encoding="utf-8"))
    write_text(folder / "README.md", _card(name or "privacy-policies", counts, has_manifest))
    return counts.policies


def _card(name: str, counts: CorpusCounts, has_manifest: bool) -> str:
    """The card."""
    template = Template((PACKAGE / "exports/huggingface-card.md").read_text(encoding="utf-8"))
    return template.substitute(
        name=name,
        pretty_name=json.dumps(name),
        languages=json.dumps(sorted(counts.languages)),
        size=next((text for limit, text in _SIZES.items() if counts.segments < limit), "n>10M"),
        features="\n".join(_features(key, table) for key, table in _TABLES.items()),
        about=counts.sentence,
        segments=counts.segments,
        policies=counts.policies,
        labelled=counts.labelled,
        practices=counts.stance_rows,
        made_by=", ".join(sorted(counts.software)),
        manifest=f" `{MANIFEST}` has the configuration of the run, the versions and the hashes."
        if has_manifest
        else "",
        citation=CORPUS_CITATION,
        segment_columns=_column_table(_TABLES["segments"]),
        policy_columns=_column_table(_TABLES["policies"]),
    )


def _features(key: str, table: RecordTable) -> str:
    """The types of a table's columns in YAML, for the header of the card."""
    lines = [f"- config_name: {key}", "  features:"]
    for column, kind in table.column_types.items():
        dtype = f"    sequence: {kind[5:-1]}" if kind.startswith("list<") else f"    dtype: {kind}"
        lines += [f"  - name: {column}", dtype]
    return "\n".join(lines)


def _column_table(table: RecordTable) -> str:
    """The columns of a table with types and descriptions, in Markdown."""
    rows = [f"| `{name}` | {kind} | {table.descriptions[name]} |" for name, kind in table.column_types.items()]
    return "\n".join(["| column | type | holds |", "|---|---|---|", *rows])
