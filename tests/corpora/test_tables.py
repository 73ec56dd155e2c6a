"""Parquet and Arrow files as `datasets` leaves them on disk."""

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


def test_a_layout_of_shards_is_read_in_order(tmp_path, table):
    (tmp_path / "data").mkdir()
    (tmp_path / "README.md").write_text("# A dataset card")
    for number in range(2):
        pyarrow.parquet.write_table(table, tmp_path / f"data/train-0000{number}-of-00002.parquet")
    found = list(read_corpus(tmp_path, text_column="text"))
    assert [s.content for s in found] == [b"a", b"b", b"c"] * 2
    assert found[0].id == "20120304050607/http://a.example/p"
    assert [s.source.record for s in found] == ["1", "2", "3"] * 2


@pytest.mark.parametrize("opened", [pyarrow.ipc.new_stream, pyarrow.ipc.new_file], ids=["stream", "file"])
def test_what_save_to_disk_writes_is_read(tmp_path, table, opened):
    with opened(str(tmp_path / "data-00000-of-00001.arrow"), table.schema) as out:
        out.write_table(table)
    (tmp_path / "state.json").write_text("{}")
    assert [s.content for s in read_corpus(tmp_path)] == [b"a", b"b", b"c"]


def test_a_row_without_text_costs_no_other(tmp_path, table, caplog):
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    found = list(read_corpus(tmp_path / "a.parquet", text_column="policy"))
    assert [s.content for s in found] == [b"We use cookies.", b"<p>We share.</p>"]
    assert "a.parquet: row 3: its policy is no text" in caplog.text


def test_a_wrong_column_names_those_there_are(tmp_path, table):
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(
        UnreadableError, match="has no body, only date, policy, text, url, vector: name the one with --text-column"
    ):
        list(read_corpus(tmp_path / "a.parquet", text_column="body", strict=True))


def test_a_file_that_is_none_costs_no_neighbour(tmp_path, table, caplog):
    pyarrow.parquet.write_table(table, tmp_path / "b.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "b.parquet").read_bytes()[:-50])
    (tmp_path / "c.arrow").write_bytes(b"nothing")
    assert len(list(read_corpus(tmp_path))) == 3
    assert "a.parquet cannot be read" in caplog.text
    assert "c.arrow cannot be read" in caplog.text


def test_a_file_without_an_ending_is_known_by_its_first_bytes(tmp_path, table):
    pyarrow.parquet.write_table(table, tmp_path / "blob")
    assert len(list(read_corpus(tmp_path))) == 3


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=r"archived-policy\[parquet\]"):
        list(read_corpus(tmp_path))
