"""Parquet and Arrow files as `datasets` writes them."""

import datetime
import sys

import pyarrow
import pyarrow.parquet
import pytest

from extractor import read_corpus
from extractor.errors import ConfigurationError, UnreadableError

MOMENT = datetime.datetime(2012, 3, 4, 5, 6, 7)
ROWS = {
    "policy": ["We use cookies.", "<p>We share.</p>", None],
    "text": ["a", "b", "c"],
    "url": ["http://a.example/p", "http://b.example/p", "http://c.example/p"],
    "date": [MOMENT, MOMENT, MOMENT],
    "vector": [[1.0], [2.0], [3.0]],
}


@pytest.fixture
def table():
    return pyarrow.table(ROWS)


def test_read_corpus_of_parquet_shards_reads_them_in_order(tmp_path, table):
    (tmp_path / "data").mkdir()
    (tmp_path / "README.md").write_text("# A dataset card")
    for number in range(2):
        pyarrow.parquet.write_table(table, tmp_path / f"data/train-0000{number}-of-00002.parquet")
    found = list(read_corpus(tmp_path, text_column="text"))
    assert [s.content for s in found] == [b"a", b"b", b"c"] * 2
    assert found[0].id == "20120304050607/http://a.example/p"
    assert [s.source.record for s in found] == ["1", "2", "3"] * 2


@pytest.mark.parametrize("open_writer", [pyarrow.ipc.new_stream, pyarrow.ipc.new_file], ids=["stream", "file"])
def test_read_corpus_of_arrow_stream_and_file(tmp_path, table, open_writer):
    with open_writer(str(tmp_path / "data-00000-of-00001.arrow"), table.schema) as out:
        out.write_table(table)
    (tmp_path / "state.json").write_text("{}")
    assert [s.content for s in read_corpus(tmp_path)] == [b"a", b"b", b"c"]


def test_read_corpus_of_parquet_skips_row_without_text(tmp_path, table, caplog):
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    found = list(read_corpus(tmp_path / "a.parquet", text_column="policy"))
    assert [s.content for s in found] == [b"We use cookies.", b"<p>We share.</p>"]
    assert "a.parquet: row 3: its policy is no text" in caplog.text


def test_read_corpus_with_unknown_text_column_names_existing_columns(tmp_path, table):
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(
        UnreadableError, match="has no body, only date, policy, text, url, vector: name the one with --text-column"
    ):
        list(read_corpus(tmp_path / "a.parquet", text_column="body", strict=True))


def test_read_corpus_skips_damaged_parquet_and_arrow_files(tmp_path, table, caplog):
    pyarrow.parquet.write_table(table, tmp_path / "b.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "b.parquet").read_bytes()[:-50])
    (tmp_path / "c.arrow").write_bytes(b"nothing")
    assert len(list(read_corpus(tmp_path))) == 3
    assert "a.parquet cannot be read" in caplog.text
    assert "c.arrow cannot be read" in caplog.text


def test_read_corpus_recognizes_parquet_without_suffix(tmp_path, table):
    pyarrow.parquet.write_table(table, tmp_path / "blob")
    assert len(list(read_corpus(tmp_path))) == 3


def test_read_corpus_of_parquet_without_pyarrow_names_extra(tmp_path, monkeypatch):
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=r"archived-policy\[parquet\]"):
        list(read_corpus(tmp_path))
