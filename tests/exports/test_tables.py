"""Parquet and CSV, read by other libraries."""

import csv
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import datasets
import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

import extractor
from extractor.errors import ConfigurationError
from extractor.exports.policy_table import POLICY_COLUMN_TYPES
from extractor.exports.record_tables import write_records_csv, write_records_parquet
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES
from extractor.records import CATEGORIES, PRACTICES, PolicyCapture, Provenance, no_polarity

ARROW = {
    "string": "string",
    "bool": "bool",
    "int16": "int16",
    "int32": "int32",
    "float64": "double",
    "date32": "date32",
}
POLARS = {
    "string": pl.String,
    "bool": pl.Boolean,
    "int16": pl.Int16,
    "int32": pl.Int32,
    "float64": pl.Float64,
    "date32": pl.Date,
    "list<string>": pl.List(pl.String),
}
DUCKDB = {
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "float64": "DOUBLE",
    "date32": "DATE",
    "list<string>": "VARCHAR[]",
}
HUGGING_FACE = {
    **{kind: datasets.Value(kind) for kind in ARROW},
    "list<string>": datasets.List(datasets.Value("string")),
}


@pytest.fixture
def table(tmp_path, policies, hard):
    path = tmp_path / "segments.parquet"
    assert write_records_parquet([*policies, hard], path) == sum(len(policy.segments) for policy in policies) + 2
    return path


@pytest.fixture
def texts(policies, hard):
    return [segment.text for policy in [*policies, hard] for segment in policy.segments]


def test_parquet_columns_are_required_and_without_nulls(table):
    parquet = pq.ParquetFile(table)
    assert [field.name for field in parquet.schema_arrow if field.nullable] == ["date"]
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
    assert len(SEGMENT_COLUMN_TYPES) == 27 + 3 * len(PRACTICES) + len(CATEGORIES)


def test_parquet_has_columns_of_polarity_and_data_types(table, policies):
    segments = [segment for policy in policies for segment in policy.segments]
    rows = pq.read_table(table).to_pylist()[: len(segments)]
    for practice in PRACTICES:
        assert [row[practice] for row in rows] == [segment.polarity[practice] for segment in segments]
    for scope in ("collection", "sharing"):
        assert [row[f"data_types_{scope}"] for row in rows] == [list(one.data_types[scope]) for one in segments]
    assert {row["sharing"] for row in rows} >= {"", "does", "does_not"}
    assert ["contact"] in [row["data_types_collection"] for row in rows]


def test_csv_counts_denials_and_lists_data_types(tmp_path, policies):
    write_records_csv(policies, tmp_path / "policies.csv")
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
    assert write_records_csv([*policies, hard], path) == len(policies) + 1
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == list(POLICY_COLUMN_TYPES)
    frame = pd.read_csv(path, dtype={"timestamp": str}, keep_default_na=False)
    assert frame["id"].tolist() == [row["id"] for row in rows] == [policy.id for policy in [*policies, hard]]
    for row, policy in zip(rows, policies, strict=False):
        assert int(row["segments_children"]) == sum("children" in segment.practices for segment in policy.segments)
        assert (row["labelled"], row["segments"]) == (str(int(policy.labelled)), str(len(policy.segments)))
    assert frame.dtypes["is_policy"] == "float64" and frame.dtypes["segments_first_party_collection_use"] == "int64"


def test_csv_escapes_formulas(tmp_path, hard):
    write_records_csv([hard], tmp_path / "p.csv")
    row = pd.read_csv(tmp_path / "p.csv").iloc[0]
    assert row["title"] == '\'=HYPERLINK("http://e.example")'
    assert not any(str(value).startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for value in row)


def test_csv_is_compressed_by_suffix(tmp_path, policies):
    write_records_csv(policies, tmp_path / "p.csv.gz")
    assert len(pd.read_csv(tmp_path / "p.csv.gz")) == len(policies)


@pytest.fixture
def undated(hard):
    """A policy without a URL or a time, on which the model of schema 1.0 said nothing of polarity."""
    return replace(hard, capture=PolicyCapture(), id="a/b.html", site="a", policy="a/b", domain="")


@pytest.mark.parametrize("rows", ["policies", "segments"])
def test_parquet_and_csv_have_site_policy_year_date_and_polarity(tmp_path, policies, undated, rows):
    given = [*policies, undated]
    expected = [one for one in given for _ in (one.segments if rows == "segments" else "1")]
    assert write_records_parquet(given, tmp_path / "p.parquet", rows) == len(expected)
    assert write_records_csv(given, tmp_path / "p.csv", rows) == len(expected)
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as lines:
        texts = list(csv.DictReader(lines))
    for row, text, one in zip(pq.read_table(tmp_path / "p.parquet").to_pylist(), texts, expected, strict=True):
        day = one.capture.timestamp[:8]
        assert (row["id"], row["site"], row["policy"]) == (one.id, one.site, one.policy)
        assert (text["id"], text["site"], text["policy"]) == (one.id, one.site, one.policy)
        assert row["date"] == (date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}") if day else None)
        assert text["date"] == (row["date"].isoformat() if day else "")
        assert row["year"] == int(text["year"]) == int(day[:4] or 0)
        assert [row[name] for name in PRACTICES] == [text[name] for name in PRACTICES]
    assert texts[-1]["children"] == "unclear"


def test_table_of_policies_never_counts_denial_as_practice(tmp_path, hard):
    says = [("does_not",), ("does",), ("does", "does_not"), ("unclear",), ()]
    policies = [
        replace(
            hard,
            segments=tuple(
                replace(hard.segments[0], practices=("sharing",), polarity={**no_polarity(), "sharing": polarity})
                for polarity in polarities
            ),
        )
        for polarities in says
    ]
    write_records_parquet(policies, tmp_path / "p.parquet", "policies")
    frame = pd.read_parquet(tmp_path / "p.parquet")
    assert frame["sharing"].tolist() == ["does_not", "does", "mixed", "unclear", ""]
    assert frame["segments_sharing"].tolist() == [1, 1, 2, 1, 0]
    assert frame["denied_sharing"].tolist() == [1, 0, 1, 0, 0]


def test_table_of_policies_says_what_led_to_a_record(tmp_path, hard):
    led = replace(hard, provenance=Provenance(elsewhere="http://c.example/", followed_from=("1/http://b.example/",)))
    write_records_parquet([led], tmp_path / "p.parquet", "policies")
    (row,) = pq.read_table(tmp_path / "p.parquet").to_pylist()
    assert (row["elsewhere"], row["followed_from"]) == ("http://c.example/", ["1/http://b.example/"])


# to_arrow, to_pandas --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", ["policies", "segments"])
def test_to_arrow_gives_table_of_parquet_export(tmp_path, policies, undated, rows):
    given = [*policies, undated]
    write_records_parquet(given, tmp_path / "p.parquet", rows)
    assert extractor.to_arrow(iter(given), rows).equals(pq.read_table(tmp_path / "p.parquet"))
    assert extractor.to_arrow([], rows).schema == extractor.to_arrow(given, rows).schema


@pytest.mark.parametrize("rows", ["policies", "segments"])
def test_to_pandas_gives_same_values_as_to_arrow(policies, undated, rows):
    given = [*policies, undated]
    frame = extractor.to_pandas(iter(given), rows)
    table = extractor.to_arrow(given, rows)
    assert list(frame.columns) == table.column_names
    assert frame.drop(columns="date").to_dict("records") == table.drop_columns(["date"]).to_pylist()
    assert [None if pd.isna(day) else day.date() for day in frame["date"]] == table["date"].to_pylist()
    assert frame.dtypes[["year", "labelled", "date"]].map(str).tolist() == ["int16", "bool", "datetime64[s]"]
    assert extractor.to_pandas([], rows).dtypes.equals(frame.dtypes)


@pytest.mark.parametrize("call", [extractor.to_arrow, extractor.to_pandas])
def test_to_table_of_something_else_names_right_call(call, hard):
    for given, error, says in (
        (hard, TypeError, r"\[policy\]"),
        ("policies.jsonl", TypeError, "read_jsonl"),
        (Path("policies.jsonl"), TypeError, "read_jsonl"),
        ([hard.to_dict()], TypeError, "Policy.from_dict"),
    ):
        with pytest.raises(error, match=says):
            call(given)
    with pytest.raises(ValueError, match='"policies" or "segments"'):
        call([hard], "sites")


@pytest.mark.parametrize(("call", "package"), [(extractor.to_arrow, "pyarrow"), (extractor.to_pandas, "pandas")])
def test_to_table_without_package_names_extra(call, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match=r"install .*\[(parquet|pandas)\]'"):
        call([])
