"""Parquet and Arrow files as `datasets` writes them."""

import datetime
import sys

import pyarrow
import pyarrow.parquet
import pytest

from extractor import load, read_corpus
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


def test_read_corpus_of_parquet_row_without_text_is_empty_page(tmp_path, table, caplog):
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    found = list(read_corpus(tmp_path / "a.parquet", text_column="policy"))
    assert [s.content for s in found] == [b"We use cookies.", b"<p>We share.</p>", b""]
    assert load()(found[-1]).verdict.reasons == ("no text was found in the page",)
    assert caplog.text == ""


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_read_corpus_of_dataset_row_takes_first_column_that_is_filled(tmp_path, suffix):
    rows = {"HTML": [None, "<p>We share.", " \n", ""], "Text": ["We use cookies.", "no", None, "nan"]}
    table, path = pyarrow.table(rows), tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        pyarrow.parquet.write_table(table, path)
    else:
        with pyarrow.ipc.new_stream(str(path), table.schema) as out:
            out.write_table(table)
    found = list(read_corpus(path))
    assert [s.content.strip() for s in found] == [b"We use cookies.", b"<p>We share.", b"", b""]
    assert [s.content_type.partition(";")[0] for s in found[:2]] == ["text/plain", "text/html"]


def test_read_corpus_of_parquet_with_numbers_for_text_reports_rows(tmp_path, caplog):
    pyarrow.parquet.write_table(pyarrow.table({"text": [1, 2]}), tmp_path / "a.parquet")
    assert list(read_corpus(tmp_path)) == []
    assert "a.parquet: row 2 its text is no text" in caplog.text


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
    with pytest.raises(ConfigurationError, match=r"needs the extra parquet, .* install "):
        list(read_corpus(tmp_path))
