"""Parquet and CSV, read by other libraries."""

import csv

import datasets
import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from extractor.exports.policy_table import POLICY_COLUMNS, write_policies_csv
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES, write_segments_parquet
from extractor.records import CATEGORIES, PRACTICES

ARROW = {"string": "string", "bool": "bool", "int16": "int16", "int32": "int32", "float64": "double"}
POLARS = {
    "string": pl.String,
    "bool": pl.Boolean,
    "int16": pl.Int16,
    "int32": pl.Int32,
    "float64": pl.Float64,
    "list<string>": pl.List(pl.String),
}
DUCKDB = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "float64": "DOUBLE",
    "list<string>": "VARCHAR[]",
}
HUGGING_FACE = {
    **{kind: datasets.Value(kind) for kind in ARROW},
    "list<string>": datasets.List(datasets.Value("string")),
}


@pytest.fixture
def table(tmp_path, policies, hard):
    path = tmp_path / "segments.parquet"
    assert write_segments_parquet([*policies, hard], path) == sum(len(policy.segments) for policy in policies) + 2
    return path


@pytest.fixture
def texts(policies, hard):
    return [segment.text for policy in [*policies, hard] for segment in policy.segments]


def test_parquet_columns_are_required_and_without_nulls(table):
    parquet = pq.ParquetFile(table)
    assert not any(field.nullable for field in parquet.schema_arrow)
    assert parquet.metadata.row_group(0).column(0).compression == "ZSTD"
    assert all(column.null_count == 0 for column in parquet.read().columns)


def test_polars_reads_parquet_with_declared_types(table, texts):
    frame = pl.read_parquet(table)
    assert frame.schema == {name: POLARS[kind] for name, kind in SEGMENT_COLUMN_TYPES.items()}
    assert frame["text"].to_list() == texts
    assert frame.null_count().sum_horizontal().item() == 0


def test_duckdb_reads_parquet_with_declared_types(table, texts):
    columns = duckdb.sql(f"DESCRIBE FROM '{table}'").fetchall()
    assert {name: kind for name, kind, *_ in columns} == {
        name: DUCKDB[kind] for name, kind in SEGMENT_COLUMN_TYPES.items()
    }
    found = duckdb.sql(f"SELECT text FROM '{table}' WHERE list_contains(practices, 'cookies')").fetchall()
    assert (texts[-2],) in found


def test_pandas_reads_parquet(table, texts, hard):
    frame = pd.read_parquet(table)
    assert frame["text"].tolist() == texts
    assert not frame.isna().any().any()
    assert frame.dtypes[["index", "year", "labelled", "score_rights"]].map(str).tolist() == [
        *("int32", "int16", "bool", "float64"),
    ]
    assert list(frame.iloc[-2]["headings"]) == list(hard.segments[0].headings)


def test_hugging_face_datasets_reads_parquet_with_declared_types(table, texts, tmp_path):
    loaded = datasets.load_dataset("parquet", data_files=str(table), cache_dir=str(tmp_path), split="train")
    assert dict(loaded.features) == {name: HUGGING_FACE[kind] for name, kind in SEGMENT_COLUMN_TYPES.items()}
    assert list(loaded["text"]) == texts


def test_parquet_scores_are_those_of_records(table, policies):
    first = pq.read_table(table).to_pylist()[0]
    segment = policies[0].segments[0]
    assert [first[f"score_{practice}"] for practice in PRACTICES] == list(segment.scores.values())
    assert first["score_policy_change"] == segment.category_scores["Policy Change"]
    assert len(SEGMENT_COLUMN_TYPES) == 24 + 3 * len(PRACTICES) + len(CATEGORIES)


def test_parquet_has_columns_of_polarity_and_data_types(table, policies):
    segments = [segment for policy in policies for segment in policy.segments]
    rows = pq.read_table(table).to_pylist()[: len(segments)]
    for practice in PRACTICES:
        assert [row[f"polarity_{practice}"] for row in rows] == [segment.polarity[practice] for segment in segments]
    for scope in ("collection", "sharing"):
        assert [row[f"data_types_{scope}"] for row in rows] == [list(one.data_types[scope]) for one in segments]
    assert {row["polarity_sharing"] for row in rows} >= {"", "does", "does_not"}
    assert ["contact"] in [row["data_types_collection"] for row in rows]


def test_csv_counts_denials_and_lists_data_types(tmp_path, policies):
    write_policies_csv(policies, tmp_path / "policies.csv")
    with (tmp_path / "policies.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    denied = [sum(one.polarity["sharing"] in ("does_not", "mixed") for one in policy.segments) for policy in policies]
    assert [int(row["denied_sharing"]) for row in rows] == denied and any(denied)
    assert "contact" in {name for row in rows for name in row["data_types_collection"].split("; ")}


def test_parquet_quotes_evidence(table):
    hard = pq.read_table(table).to_pylist()[-2]
    assert hard["evidence_cookies"] == ["use “cookies” \U0001f36a", "𝒷eacons"]
    assert hard["evidence_children"] == []


def test_csv_is_read_by_csv_module_and_pandas(tmp_path, policies, hard):
    path = tmp_path / "policies.csv"
    assert write_policies_csv([*policies, hard], path) == len(policies) + 1
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == list(POLICY_COLUMNS)
    frame = pd.read_csv(path, dtype={"timestamp": str}, keep_default_na=False)
    assert frame["id"].tolist() == [row["id"] for row in rows] == [policy.id for policy in [*policies, hard]]
    for row, policy in zip(rows, policies, strict=False):
        assert int(row["children"]) == sum("children" in segment.practices for segment in policy.segments)
        assert (row["labelled"], row["segments"]) == (str(int(policy.labelled)), str(len(policy.segments)))
    assert frame.dtypes["is_policy"] == "float64" and frame.dtypes["first_party_collection_use"] == "int64"


def test_csv_escapes_formulas(tmp_path, hard):
    write_policies_csv([hard], tmp_path / "p.csv")
    row = pd.read_csv(tmp_path / "p.csv").iloc[0]
    assert row["title"] == '\'=HYPERLINK("http://e.example")'
    assert not any(str(value).startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for value in row)


def test_csv_is_compressed_by_suffix(tmp_path, policies):
    write_policies_csv(policies, tmp_path / "p.csv.gz")
    assert len(pd.read_csv(tmp_path / "p.csv.gz")) == len(policies)
