"""Shards of Parquet: a folder that other tools and our commands read, resumed and verified like shards of JSONL."""

import json

import duckdb
import pyarrow.dataset
import pytest

from extractor.cli import main


@pytest.fixture(scope="module")
def lines(sample_warc, tmp_path_factory):
    """The lines that `annotate` writes of the sample archive."""
    path = tmp_path_factory.mktemp("whole") / "policies.jsonl"
    assert main(["annotate", str(sample_warc), "-o", str(path), "-q"]) == 0
    return path.read_bytes().splitlines(keepends=True)


@pytest.fixture
def annotate(sample_warc, tmp_path):
    """A function that makes shards of the sample archive, and the folder that it makes them in."""
    folder = tmp_path / "corpus.parquet"
    return lambda *options: main(["annotate", str(sample_warc), "-o", str(folder), "--shards", "3", *options]), folder


@pytest.fixture
def corpus(annotate):
    """A folder with all shards, merged."""
    make, folder = annotate
    assert make("-q") == 0
    assert main(["merge", str(folder), "-q"]) == 0
    return folder


def ids_in(lines):
    return [json.loads(line)["id"] for line in lines]


def test_shards_of_parquet_are_a_folder_for_pyarrow_and_duckdb(corpus, lines):
    dealt = [number for first in range(3) for number in ids_in(lines)[first::3]]
    assert pyarrow.dataset.dataset(corpus / "shards").to_table()["id"].to_pylist() == dealt
    found = duckdb.sql(f"SELECT id, text FROM read_parquet('{corpus}/shards/*.parquet')").fetchall()
    assert dict(found) == {record["id"]: record["text"] for record in map(json.loads, lines)}


def test_commands_read_merged_shards_of_parquet(corpus, lines, tmp_path):
    assert main(["export", str(corpus), "--format", "jsonl", "-o", str(tmp_path / "p.jsonl"), "-q"]) == 0
    assert sorted((tmp_path / "p.jsonl").read_bytes().splitlines(keepends=True)) == sorted(lines)
    for name, place in (("a", corpus), ("b", tmp_path / "p.jsonl")):
        assert main(["history", str(place), "-o", str(tmp_path / name), "-q"]) == 0
    assert (tmp_path / "a/events.jsonl").read_bytes() == (tmp_path / "b/events.jsonl").read_bytes()
    assert main(["verify", str(corpus), "-q"]) == 0


def test_annotate_into_parquet_shards_keeps_complete_ones_and_makes_others_again(annotate, capsys):
    make, folder = annotate
    assert make("--shard", "2") == 0
    whole = (folder / "shards/00002-of-00003.parquet").read_bytes()
    assert make() == 0
    assert "2 made, 1 were complete already" in capsys.readouterr().err
    (folder / "shards/00002-of-00003.parquet").write_bytes(whole[:-100])
    assert main(["verify", str(folder)]) == 1
    assert "Shard 2 of 3 is damaged" in capsys.readouterr().out
    assert make("--workers", "2") == 0
    assert "1 made, 2 were complete already" in capsys.readouterr().err
    assert (folder / "shards/00002-of-00003.parquet").read_bytes() == whole


def test_shards_of_parquet_are_read_only_when_merge_found_them_complete(annotate, capsys):
    make, folder = annotate
    assert make("--shard", "1", "-q") == 0
    assert main(["report", str(folder), "-o", str(folder / "r.html")]) == 1
    assert f"Merge its shards first: `archived-policy merge {folder}`" in capsys.readouterr().err
    assert main(["merge", str(folder)]) == 1
    assert "Shard 2 of 3 is missing" in capsys.readouterr().err
    assert make("-q") == 0
    assert main(["merge", str(folder)]) == 0
    assert f"27 records of 3 shards in {folder}" in capsys.readouterr().err
    assert main(["report", str(folder), "-o", str(folder / "r.html"), "-q"]) == 0


def test_merge_of_parquet_shards_into_a_file_is_refused(corpus, tmp_path, capsys):
    assert main(["merge", str(corpus), "-o", str(tmp_path / "p.jsonl")]) == 2
    assert f"`archived-policy export {corpus} --format jsonl -o {tmp_path / 'p.jsonl'}`" in capsys.readouterr().err


def test_verify_of_parquet_shards_names_what_changed_since_they_were_merged(corpus, tmp_path, capsys):
    manifest = corpus / "manifest.json"
    described = json.loads(manifest.read_text())
    described["shards"]["00001-of-00003.parquet"]["bytes"] += 1
    manifest.write_text(json.dumps(described))
    assert main(["verify", str(corpus)]) == 1
    assert "The shards changed since they were merged" in capsys.readouterr().out
    for path in (corpus / "shards").glob("_*.json"):  # as a corpus may be published
        path.unlink()
    assert main(["verify", str(corpus)]) == 0
    (corpus / "shards/00001-of-00003.parquet").unlink()
    assert main(["verify", str(corpus)]) == 1
    assert "shards/00001-of-00003.parquet is missing" in capsys.readouterr().out


def test_annotate_into_parquet_shards_in_the_compact_form_is_refused(annotate, capsys):
    make, folder = annotate
    assert make("--compact") == 2
    assert "holds full records, not compact ones" in capsys.readouterr().err
    assert not folder.exists()
