"""Compact records and Parquet: commands make of them what they make of full JSONL; `annotate` writes and resumes them."""

import json
import subprocess
import sys
from dataclasses import replace

import jsonschema
import pyarrow.dataset
import pytest

from extractor import Annotator, compact_schema, policy_schema, read_jsonl
from extractor.cli import main
from extractor.compression import open_decompressed
from extractor.exports import EXPORT_FORMATS
from extractor.files import size_and_hash

OPTIONS = {"full": [], "compact": ["--compact"], "compact with Markdown": ["--compact", "--with-markdown"]}
STUDIES = {
    "history": ["history", ".", "-o", "out", "--parquet"],
    "report": ["report", ".", "-o", "out.html"],
    "terms": ["terms", ".", "-o", "out", "--discover", "--parquet"],
    "drift": ["drift", "."],
    "sample": ["sample", ".", "--per-stratum", "3", "-o", "out"],
    "diff": ["diff", ".", "2000", "2022", "--policy", "tadpole-club.example", "--format", "json"],
}
EXPORTS = {
    f"{name} {rows}": ["export", ".", "--format", name, "-o", "out", *(["--rows", rows] * bool(rows))]
    for name, export_format in EXPORT_FORMATS.items()
    for rows in (("policies", "segments") if name in ("csv", "parquet") else ("",))
}
WITHOUT_MARKDOWN = {key: words for key, words in EXPORTS.items() if not EXPORT_FORMATS[words[3]].markdown}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory, sample_warc):
    """A folder with the records of the sample archive for each form, and one with Parquet."""
    root = tmp_path_factory.mktemp("forms")
    for form, options in {**OPTIONS, "parquet": []}.items():
        (root / form).mkdir()
        path = root / form / ("policies.parquet" if form == "parquet" else "policies.jsonl")
        assert main(["annotate", str(sample_warc), "-o", str(path), *options, "-q"]) == 0
    return root


def outcome(folder, words, tmp_path, monkeypatch, capfdbinary):
    """All that a command prints and writes about the records in a folder, which is called the same for all forms."""
    place = tmp_path / folder.name / "corpus"
    place.mkdir(parents=True)
    for path in folder.iterdir():
        (place / path.name).symlink_to(path)
    monkeypatch.chdir(place)
    assert main(words) == 0
    said = capfdbinary.readouterr()
    return said.out, contents(place)


def contents(place):
    """The files below a folder: their bytes; of a git repository the hash of its last commit.

    The report names the file of the records.
    """
    if (place / "out" / ".git").is_dir():
        return subprocess.check_output(["git", "-C", place / "out", "rev-parse", "HEAD"])
    files = {
        str(path.relative_to(place)): path for path in place.rglob("*") if path.is_file() and not path.is_symlink()
    }
    return {name: path.read_bytes().replace(b"policies.parquet", b"policies.jsonl") for name, path in files.items()}


@pytest.mark.parametrize("key", [*STUDIES, *WITHOUT_MARKDOWN])
def test_command_on_compact_records_gives_what_it_gives_on_full_ones(corpora, tmp_path, monkeypatch, capfdbinary, key):
    words = {**STUDIES, **WITHOUT_MARKDOWN}[key]
    found = [outcome(corpora / form, words, tmp_path, monkeypatch, capfdbinary) for form in ("full", "compact")]
    assert found[0] == found[1]
    assert any(found[0])


@pytest.mark.parametrize("key", [*STUDIES, *EXPORTS])
@pytest.mark.parametrize("form", ["compact with Markdown", "parquet"])
def test_command_on_other_whole_records_gives_what_it_gives_on_full_jsonl(
    corpora, tmp_path, monkeypatch, capfdbinary, form, key
):
    words = {**STUDIES, **EXPORTS}[key]
    found = [outcome(corpora / one, words, tmp_path, monkeypatch, capfdbinary) for one in ("full", form)]
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["princeton", "princeton-git", "ota"])
def test_export_of_markdown_from_records_without_it_is_refused(corpora, tmp_path, capsys, name):
    words = ["export", str(corpora / "compact"), "--format", name, "-o", str(tmp_path / "out")]
    assert main(words) == 2
    assert f"has compact records without Markdown, of which {name} consists" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["jsonl", "croissant"])
def test_export_of_whole_records_from_compact_ones_says_that_their_markdown_is_empty(corpora, tmp_path, capsys, name):
    assert main(["export", str(corpora / "compact"), "--format", name, "-o", str(tmp_path / "out")]) == 0
    assert 'have "" for Markdown' in capsys.readouterr().err
    found = tmp_path / "out" / "policies.jsonl.gz" if name == "croissant" else tmp_path / "out"
    whole = list(read_jsonl(corpora / "full" / "policies.jsonl"))
    assert list(read_jsonl(found)) == [replace(policy, markdown="") for policy in whole]


def test_export_as_compact_records_gives_what_annotate_gives(corpora, tmp_path):
    assert main(["export", str(corpora / "full"), "--format", "jsonl-compact", "-o", str(tmp_path / "out.jsonl")]) == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (corpora / "compact" / "policies.jsonl").read_bytes()


@pytest.mark.parametrize("form", OPTIONS)
def test_annotate_gives_the_records_of_a_form_in_less_space(corpora, form):
    paths = {form: corpora / form / "policies.jsonl" for form in OPTIONS}
    whole, found = list(read_jsonl(paths["full"])), list(read_jsonl(paths[form]))
    assert found == (whole if form != "compact" else [replace(policy, markdown="") for policy in whole])
    share = {"full": 1, "compact": 0.5, "compact with Markdown": 0.7}[form]  # short pages: of OPP-115's it is .38
    assert paths[form].stat().st_size <= share * paths["full"].stat().st_size
    schema = policy_schema() if form == "full" else compact_schema()
    for line in paths[form].read_text(encoding="utf-8").splitlines():
        jsonschema.validate(json.loads(line), schema)


@pytest.mark.parametrize("workers", ["1", "3"])
@pytest.mark.parametrize("way", ["annotate", "merge", "export"])
def test_parquet_has_the_same_bytes_however_it_is_made(corpora, sample_warc, tmp_path, way, workers):
    out = tmp_path / "out" / "policies.parquet"
    out.parent.mkdir()
    annotate = ["annotate", str(sample_warc), "--workers", workers, "-q", "-o"]
    if way == "annotate":
        assert main([*annotate, str(out)]) == 0
    elif way == "merge":
        assert main([*annotate, str(tmp_path / "shards"), "--shards", "2"]) == 0
        assert main(["merge", str(tmp_path / "shards"), "-o", str(out), "-q"]) == 0
        assert main(["verify", str(out.parent)]) == 0
    else:
        assert main([*annotate, str(tmp_path / "out.jsonl")]) == 0
        assert main(["export", str(tmp_path / "out.jsonl"), "--format", "parquet-records", "-o", str(out), "-q"]) == 0
    assert out.read_bytes() == (corpora / "parquet" / "policies.parquet").read_bytes()


def test_export_of_parquet_records_per_file_is_a_folder_that_other_tools_and_our_commands_read(corpora, tmp_path):
    words = ["export", str(corpora / "full"), "--format", "parquet-records", "-o", str(tmp_path / "parts")]
    assert main([*words, "--per-file", "10"]) == 0
    assert len(list((tmp_path / "parts").iterdir())) == 3
    ids = [policy.id for policy in read_jsonl(corpora / "full" / "policies.jsonl")]
    assert pyarrow.dataset.dataset(tmp_path / "parts").to_table()["id"].to_pylist() == ids
    assert main(["export", str(tmp_path / "parts"), "--format", "jsonl", "-o", str(tmp_path / "again.jsonl")]) == 0
    assert (tmp_path / "again.jsonl").read_bytes() == (corpora / "full" / "policies.jsonl").read_bytes()


def test_annotate_into_parquet_in_the_compact_form_is_refused(sample_warc, tmp_path, capsys):
    words = ["annotate", str(sample_warc), "--compact", "-o"]
    assert main([*words, str(tmp_path / "out.parquet")]) == 2
    assert "holds full records, not compact ones" in capsys.readouterr().err
    assert main([*words, str(tmp_path / "corpus"), "--shards", "1", "-q"]) == 0
    assert main(["merge", str(tmp_path / "corpus"), "-o", str(tmp_path / "out.parquet")]) == 2
    assert "holds full records, not compact ones" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_annotate_into_parquet_without_pyarrow_says_so_before_it_reads(sample_warc, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr(Annotator, "pipe", None)
    assert main(["annotate", str(sample_warc), "-o", str(tmp_path / "out.parquet")]) == 4
    assert "Parquet needs the extra parquet, which is not installed" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["-", "out.jsonl.gz", "out.jsonl.zst", "shards"])
def test_annotate_compact_writes_the_same_records_wherever_it_writes(corpora, sample_warc, tmp_path, capfdbinary, name):
    words = ["annotate", str(sample_warc), "--compact", "-q"]
    if name == "-":
        assert main(words) == 0
        found = capfdbinary.readouterr().out
    elif name == "shards":
        assert main([*words, "--shards", "3", "-o", str(tmp_path)]) == 0
        assert main(["merge", str(tmp_path), "-q"]) == 0
        assert main(["verify", str(tmp_path), "-q"]) == 0
        found = (tmp_path / "policies.jsonl").read_bytes()
    else:
        assert main([*words, "--workers", "2", "-o", str(tmp_path / name)]) == 0
        with open_decompressed(tmp_path / name) as stream:
            found = stream.read()
    assert found == (corpora / "compact" / "policies.jsonl").read_bytes()


@pytest.mark.parametrize("first", OPTIONS)
@pytest.mark.parametrize("then", OPTIONS)
def test_annotate_over_the_draft_of_another_form_begins_anew(corpora, sample_warc, tmp_path, monkeypatch, first, then):
    out = tmp_path / "out.jsonl"
    lines = (corpora / first / "policies.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / ".out.jsonl.draft").write_bytes(b"".join(lines[:9]))
    annotated = []
    annotate = Annotator.pipe
    monkeypatch.setattr(
        Annotator, "pipe", lambda self, pages, **options: annotate(self, _noted(pages, annotated), **options)
    )
    assert main(["annotate", str(sample_warc), "-o", str(out), *OPTIONS[then], "-q"]) == 0
    assert out.read_bytes() == (corpora / then / "policies.jsonl").read_bytes()
    assert len(annotated) == len(lines) - (9 if first == then else 0)


def _noted(pages, seen):
    """The same pages, each added to a list as it passes."""
    for page in pages:
        seen.append(page.id)
        yield page


def test_annotate_of_a_shard_in_another_form_makes_it_again(sample_warc, tmp_path, capsys):
    words = ["annotate", str(sample_warc), "-o", str(tmp_path), "--shards", "2"]
    assert main([*words, "-q"]) == 0
    assert main([*words, "--shard", "2", "--compact"]) == 0
    assert "1 made;" in capsys.readouterr().err
    assert main(["merge", str(tmp_path)]) == 1
    assert "records and others with" in capsys.readouterr().err
    assert main([*words, "--compact"]) == 0
    assert "1 made, 1 were complete already" in capsys.readouterr().err
    assert main(["merge", str(tmp_path), "-q"]) == 0


def test_verify_of_compact_shards_names_a_segment_beyond_the_text(sample_warc, tmp_path, capsys):
    assert main(["annotate", str(sample_warc), "-o", str(tmp_path), "--shards", "1", "--compact", "-q"]) == 0
    path = tmp_path / "shards" / "00001-of-00001.jsonl"
    records = [json.loads(line) for line in path.read_bytes().splitlines()]
    broken = next(record for record in records if record["segments"])
    broken["text"] = broken["text"][:-5]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    manifest = path.with_suffix(".json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "files": {path.name: size_and_hash(path)}}))
    assert main(["verify", str(tmp_path)]) == 1
    assert "do not give its text" in capsys.readouterr().out


def test_annotate_with_markdown_and_without_compact_is_refused(sample_warc, capsys):
    assert main(["annotate", str(sample_warc), "--with-markdown"]) == 2
    assert "--with-markdown goes with --compact" in capsys.readouterr().err
