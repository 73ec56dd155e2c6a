"""Whole records as Parquet: they come back as they were, and other tools read them."""

import duckdb
import pandas
import polars
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.test_compact import SEGMENTS, WORDS
from exports.test_jsonl import policy
from extractor import read_parquet, write_parquet
from extractor.cli import main
from extractor.errors import UnreadableError
from extractor.exports import write_records_parquet
from extractor.records import Source


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS, st.lists(SEGMENTS, max_size=3).map(tuple), st.dictionaries(WORDS, WORDS, max_size=3))
def test_any_record_comes_back_from_parquet(tmp_path, text, segments, fields):
    records = [policy(text, segments=segments, source=Source("p.html", fields=fields)), policy(labelled=False)]
    assert write_parquet(records, tmp_path / "p.parquet") == 2
    assert list(read_parquet(tmp_path / "p.parquet")) == records


def test_write_parquet_of_no_records_gives_a_file_with_all_columns(tmp_path):
    assert write_parquet([], tmp_path / "p.parquet") == 0
    assert list(read_parquet(tmp_path / "p.parquet")) == []
    assert pyarrow.parquet.read_schema(tmp_path / "p.parquet").names == list(policy().to_dict())


@pytest.fixture
def parquet(tmp_path, policies, hard):
    write_parquet([*policies, hard], tmp_path / "p.parquet")
    return tmp_path / "p.parquet"


def test_parquet_of_records_is_read_by_pandas_polars_and_arrow(parquet, policies, hard):
    ids = [one.id for one in (*policies, hard)]
    assert pandas.read_parquet(parquet)["id"].tolist() == ids
    assert polars.read_parquet(parquet)["id"].to_list() == ids
    for found, expected in zip(pyarrow.parquet.read_table(parquet).to_pylist(), (*policies, hard), strict=True):
        source = {**found["source"], "fields": dict(found["source"]["fields"])}
        assert {**found, "source": source} == expected.to_dict()


def test_parquet_of_records_is_asked_in_sql_as_the_jsonl_is(parquet, policies, corpus):
    query = """SELECT id, capture.timestamp AS time, segment.start AS place, segment.scores.cookies AS score,
        segment.category_scores."Data Retention" AS retention, segment.evidence.cookies AS words
        FROM (SELECT id, capture, unnest(segments) AS segment FROM '{}' WHERE labelled) ORDER BY id, place"""
    rows = duckdb.sql(query.format(parquet)).fetchall()
    assert [row for row in rows if row[0] != policy().id] == duckdb.sql(
        query.format(corpus / "policies.jsonl")
    ).fetchall()


def test_no_value_in_parquet_of_records_may_be_null(parquet):
    fields = list(pyarrow.parquet.read_schema(parquet))
    while fields:
        field = fields.pop()
        assert not field.nullable, field
        fields += [field.type.field(number) for number in range(field.type.num_fields)]


def test_write_parquet_begins_a_row_group_once_it_has_the_bytes_for_one(tmp_path, monkeypatch):
    monkeypatch.setattr("extractor.exports.parquet_records._ROW_GROUP_BYTES", 100_000)
    records = [policy("We use cookies. " * 500, id=str(number)) for number in range(100)]
    write_parquet(records, tmp_path / "p.parquet")
    metadata = pyarrow.parquet.read_metadata(tmp_path / "p.parquet")
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [
        16,
        16,
        16,
        16,
        16,
        16,
        4,
    ]
    assert list(read_parquet(tmp_path / "p.parquet")) == records


def test_write_parquet_that_fails_keeps_old_file(tmp_path):
    path = tmp_path / "p.parquet"
    write_parquet([policy()], path)

    def failing():
        yield policy()
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        write_parquet(failing(), path)
    assert list(read_parquet(path)) == [policy()]
    assert [file.name for file in tmp_path.iterdir()] == ["p.parquet"]


@pytest.mark.parametrize("cut", [0, 3, 100, -1])
def test_read_parquet_of_a_cut_file_raises(parquet, tmp_path, cut):
    (tmp_path / "cut.parquet").write_bytes(parquet.read_bytes()[:cut])
    with pytest.raises(UnreadableError, match=r"cut.parquet cannot be read: [^\n]*\.$"):
        list(read_parquet(tmp_path / "cut.parquet"))


def test_read_parquet_with_a_value_that_no_record_has_raises(tmp_path):
    record = policy(source=Source("p.html", fields={"a": "b"})).to_dict()
    for broken, reason in (({"schema_version": "9.9"}, "Invalid enum value '9.9'"), ({"source": None}, "Expected")):
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([{**record, **broken}]), tmp_path / "p.parquet")
        with pytest.raises(UnreadableError, match=rf"p.parquet is damaged: {reason}"):
            list(read_parquet(tmp_path / "p.parquet"))


@pytest.mark.parametrize("command", ["history", "report", "export"])
def test_commands_on_a_table_of_segments_say_that_it_holds_no_records(policies, tmp_path, capsys, command):
    write_records_parquet(policies, tmp_path / "segments.parquet")
    options = ["--format", "csv"] if command == "export" else []
    assert main([command, str(tmp_path / "segments.parquet"), *options, "-o", str(tmp_path / "out")]) == 1
    assert "is a table of something else than whole records" in capsys.readouterr().err
