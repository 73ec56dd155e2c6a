"""The command `export`: from folders and files, with all formats, and its errors."""

import errno
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pandas
import pytest
import spacy
from spacy.tokens import DocBin

from extractor import read_jsonl, write_jsonl
from extractor.cli import main
from extractor.exports import EXPORT_FORMATS

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).parent / "archived-policy"


def export(source, name, path, *options):
    return main(["export", str(source), "--format", name, "-o", str(path), *options])


@pytest.mark.parametrize("name", sorted(EXPORT_FORMATS))
def test_export_each_format_from_folder_and_from_file(corpus, policies, tmp_path, capsys, name):
    write_jsonl(policies, tmp_path / "policies.jsonl.zst")
    assert (
        export(corpus, name, tmp_path / "folder")
        == export(tmp_path / "policies.jsonl.zst", name, tmp_path / "file")
        == 0
    )
    said = capsys.readouterr().err
    assert f"{EXPORT_FORMATS[name].unit} in " in said
    assert (tmp_path / "folder").is_dir() == (tmp_path / "file").is_dir() == (not EXPORT_FORMATS[name].suffix)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.jsonl.zst"])
def test_export_jsonl_gives_same_records(corpus, policies, tmp_path, name):
    assert export(corpus, "jsonl", tmp_path / name) == 0
    assert list(read_jsonl(tmp_path / name)) == policies


def test_export_per_file_gives_shards_that_can_be_exported_again(corpus, policies, tmp_path):
    assert export(corpus, "jsonl", tmp_path / "shards", "--per-file", "8") == 0
    files = sorted((tmp_path / "shards").iterdir())
    assert [path.name for path in files] == [f"policies-{number:05}.jsonl.gz" for number in range(3)]
    assert [len(list(read_jsonl(path))) for path in files] == [8, 8, 5]
    assert export(tmp_path / "shards", "jsonl", tmp_path / "p.jsonl") == 0
    assert list(read_jsonl(tmp_path / "p.jsonl")) == policies
    assert export(tmp_path / "shards", "docbin", tmp_path / "docbin", "--per-file", "12") == 0
    docs = [
        doc.user_data["id"]
        for path in sorted((tmp_path / "docbin").iterdir())
        for doc in DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    ]
    assert docs == [policy.id for policy in policies if policy.labelled]


@pytest.mark.parametrize(
    ("name", "options", "rows"),
    [
        ("csv", (), "policies"),
        ("csv", ("--rows", "segments"), "segments"),
        ("parquet", (), "segments"),
        ("parquet", ("--rows", "policies"), "policies"),
    ],
)
def test_export_table_has_rows_asked_for(corpus, policies, tmp_path, capsys, name, options, rows):
    assert export(corpus, name, tmp_path / f"t.{name}", *options) == 0
    read = {"csv": pandas.read_csv, "parquet": pandas.read_parquet}[name]
    count = len(policies) if rows == "policies" else sum(len(policy.segments) for policy in policies)
    assert len(read(tmp_path / f"t.{name}")) == count
    assert f"{count} {rows} in " in capsys.readouterr().err


def test_export_to_standard_output(corpus):
    words = [COMMAND, "export", corpus, "--format", "labelstudio", "-o", "/dev/stdout", "-q"]
    done = subprocess.run(words, capture_output=True, check=True)
    assert len(json.loads(done.stdout)) > 100


def test_export_to_standard_output_in_a_file_puts_the_interface_beside_that_file(corpus, tmp_path):
    with (tmp_path / "tasks.json").open("wb") as stream:
        words = [COMMAND, "export", corpus, "--format", "labelstudio", "-o", "/dev/stdout", "-q"]
        subprocess.run(words, stdout=stream, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tasks.json", "tasks.xml"]


def test_export_reports_number_left_out(corpus, tmp_path, capsys):
    export(corpus, "prodigy", tmp_path / "p.jsonl")
    assert "Left out, as not labelled: 1." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["{tmp}/nowhere", "csv", "{tmp}/o"], 1, "There is no file or folder"),
        (["{tmp}/bare", "csv", "{tmp}/o"], 1, "neither a run folder nor a policies.jsonl"),
        (["{tmp}/empty.jsonl", "csv", "{tmp}/o"], 1, "holds no records: there is nothing to export"),
        (["{tmp}/damaged.jsonl", "csv", "{tmp}/o"], 1, "is damaged at or after line 22"),
        (["{tmp}/damaged.jsonl", "ota", "{tmp}/o"], 1, "is damaged at or after line 22"),
        (["{tmp}/cut.jsonl.gz", "parquet", "{tmp}/o"], 1, "is damaged at or after line"),
        (["{corpus}", "ota", "{tmp}/taken"], 2, "taken exists already: name a new folder"),
        (["{corpus}", "princeton", "{tmp}/empty.jsonl"], 2, "exists already: name a new folder"),
        (["{corpus}", "jsonl", "{tmp}/taken", "--per-file", "5"], 2, "exists already"),
        (["{corpus}", "croissant", "{tmp}/none/o"], 1, "none/o: No such file or directory: check the path"),
        (["{corpus}", "sqlite", "{tmp}/none/o"], 1, "none/o: No such file or directory: check the path"),
        (["{tmp}/damaged.jsonl", "sqlite", "{tmp}/o"], 1, "is damaged at or after line 22"),
        (["{tmp}/damaged.jsonl", "huggingface", "{tmp}/o"], 1, "is damaged at or after line 22"),
        (["{tmp}/damaged.jsonl", "datapackage", "{tmp}/o"], 1, "is damaged at or after line 22"),
        (["{corpus}", "sqlite", "{tmp}/bare"], 2, "bare is no file"),
        (["{corpus}", "sqlite", "/dev/full"], 2, "/dev/full is no file"),
        (["{corpus}", "huggingface", "{tmp}/taken"], 2, "taken exists already: name a new folder"),
        (["{corpus}", "csv", "{tmp}/none/o"], 1, "none/o: No such file or directory: check the path"),
        (["{corpus}", "csv", "{tmp}/bare"], 1, "Is a directory: name a file"),
        (["{corpus}", "princeton", "/proc/o"], 1, "Cannot read or write /proc/o"),
        (["{corpus}", "princeton", "{tmp}/o", "--per-file", "5"], 2, "leave --per-file out"),
        (["{corpus}", "wacz", "{tmp}/o", "--per-file", "5"], 2, "leave --per-file out"),
        (["{corpus}", "wacz", "{tmp}/o", "--rows", "segments"], 2, "leave --rows out"),
        (["{corpus}", "jsonl", "{tmp}/o", "--rows", "segments"], 2, "jsonl has no rows to choose: leave --rows out"),
        (
            ["{tmp}/unlabelled.jsonl", "w3c", "{tmp}/o"],
            1,
            "nothing to export: all 1 records of {tmp}/unlabelled.jsonl are not",
        ),
        (["{corpus}", "labelstudio", "{tmp}/o.xml"], 2, "name it .json"),
        (["{corpus}", "csv", "/dev/full"], 3, "disk is full"),
        (["{corpus}", "parquet", "/dev/full"], 3, "disk is full"),
        (["{corpus}", "docbin", "/dev/full"], 3, "disk is full"),
    ],
)
def test_export_error_is_one_line_and_leaves_no_file(corpus, policies, tmp_path, capsys, words, code, says):
    write_jsonl([policy for policy in policies if not policy.labelled], tmp_path / "unlabelled.jsonl")
    (tmp_path / "bare").mkdir()
    (tmp_path / "taken/full").mkdir(parents=True)
    (tmp_path / "empty.jsonl").write_bytes(b"")
    lines = (corpus / "policies.jsonl").read_bytes()
    (tmp_path / "damaged.jsonl").write_bytes(lines + b"{}\n")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(lines)[:-20])
    before = sorted(tmp_path.rglob("*"))
    source, name, path, *more = [word.format(tmp=tmp_path, corpus=corpus) for word in words]
    assert export(source, name, path, *more) == code
    err = capsys.readouterr().err
    assert says.format(tmp=tmp_path) in err
    assert [line for line in err.splitlines() if "Left out" not in line] == [err.splitlines()[-1]]
    assert sorted(tmp_path.rglob("*")) == before


def test_export_with_unknown_format_names_known_ones(corpus, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        export(corpus, "xlsx", tmp_path / "o")
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert all(f"'{name}'" in said for name in (*EXPORT_FORMATS, "wacz"))


def test_export_folder_on_full_disk_exits_3_and_leaves_nothing(corpus, tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert export(corpus, "princeton", tmp_path / "o") == 3
    assert "make room" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "module"), [("parquet", "pyarrow"), ("croissant", "pyarrow"), ("huggingface", "pyarrow")]
)
def test_export_without_pyarrow_names_extra(corpus, tmp_path, capsys, monkeypatch, name, module):
    monkeypatch.setitem(sys.modules, module, None)
    assert export(corpus, name, tmp_path / "o") == 4
    assert re.search(r"install .*\[parquet\]'", capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


def test_export_without_git_exits_4_with_message(corpus, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert export(corpus, "ota", tmp_path / "o") == 4
    assert "install git" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# docs/formats.md ------------------------------------------------------------------------------------------------------
FORMATS_PAGE = ROOT / "docs/formats.md"
ROW = re.compile(
    r"^\| `(?P<format>[\w-]+)`[^|]*\|[^|]*\| `(?P<command>export [^`]+)` \| (?P<writers>[^|]+) \| (?P<tests>[^|]+) \|$",
    re.M,
)


def test_each_export_command_in_documentation_works(corpus, tmp_path, monkeypatch):
    (tmp_path / "corpus").symlink_to(corpus)
    monkeypatch.chdir(tmp_path)
    rows = list(ROW.finditer(FORMATS_PAGE.read_text(encoding="utf-8").split("## Out")[1]))
    assert {row["format"] for row in rows} == {*EXPORT_FORMATS, "wacz"}
    for row in rows:
        words = row["command"].split()
        assert words[3] == row["format"]
        assert main([*words, "-q"]) == 0
        assert Path(words[-1]).exists()


def test_each_file_named_in_documentation_exists():
    for row in ROW.finditer(FORMATS_PAGE.read_text(encoding="utf-8").split("## Out")[1]):
        for name in re.findall(r"`([\w/]+\.py)`", row["writers"]):
            assert (ROOT / name).is_file() or (ROOT / "extractor/exports" / name).is_file()
        for name in re.findall(r"`?(test_\w+\.py)`?", row["tests"]):
            assert (ROOT / "tests/exports" / name).is_file() or (ROOT / "tests/run" / name).is_file()
