"""The commands `history` and `diff`, with good and with bad input."""

import csv
import json

import pytest
from pyarrow.parquet import read_table

from extractor.cli import main
from extractor.exports import encode_line, read_jsonl, write_jsonl

TABLES = ["coverage.csv", "lengths.csv", "practices.csv", "trends.csv"]
ALL = sorted([*TABLES, "events.jsonl", "passages.jsonl", "lengths.svg", "practices.svg", "trends.svg"])


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_history_of_a_run_folder_writes_all_files(sample_run, capsys, tmp_path):
    assert main(["history", str(sample_run), "-o", str(tmp_path / "out"), "--parquet"]) == 0
    assert "20" in capsys.readouterr().err
    tables = [f"{name}.parquet" for name in ("coverage", "lengths", "practices", "trends")]
    assert names(tmp_path / "out") == sorted([*ALL, *tables])
    events = [json.loads(line) for line in (tmp_path / "out" / "events.jsonl").open(encoding="utf-8")]
    assert list(events[0]) == ["domain", "policy", "kind", "before", "after", "practice", "evidence", "confidence"]
    assert all(list(e["before"]) == list(e["after"]) == ["timestamp", "segments"] for e in events)
    assert all(e["before"]["timestamp"] < e["after"]["timestamp"] and 0 <= e["confidence"] <= 1 for e in events)


def test_history_writes_the_same_tables_as_csv_and_parquet(sample_run, tmp_path):
    assert main(["history", str(sample_run), "-o", str(tmp_path), "--parquet", "-q"]) == 0
    for name in ("practices", "trends", "lengths", "coverage"):
        rows = list(csv.DictReader((tmp_path / f"{name}.csv").open(encoding="utf-8", newline="")))
        table = read_table(tmp_path / f"{name}.parquet").to_pylist()
        assert rows == [{key: "" if value is None else str(value) for key, value in row.items()} for row in table]


def test_history_does_not_depend_on_order_and_compression_of_records(sample_run, tmp_path):
    policies = list(read_jsonl(sample_run / "policies.jsonl"))
    write_jsonl(policies[::2] + policies[1::2], tmp_path / "policies.jsonl.gz")
    assert main(["history", str(tmp_path / "policies.jsonl.gz"), "-q"]) == 0
    assert main(["history", str(sample_run), "-o", str(tmp_path / "sorted"), "-q"]) == 0
    found, expected = (sorted((tmp_path / name / "events.jsonl").open()) for name in ("history", "sorted"))
    assert found == expected
    for name in ("practices.csv", "trends.csv"):
        assert (tmp_path / "history" / name).read_bytes() == (tmp_path / "sorted" / name).read_bytes()


def test_history_of_an_empty_corpus_or_a_single_capture_says_so(sample_run, tmp_path, capsys):
    (tmp_path / "policies.jsonl").touch()
    assert main(["history", str(tmp_path)]) == 0
    assert "No policy has a usable, labelled capture with a time" in capsys.readouterr().err
    assert names(tmp_path / "history") == ALL
    write_jsonl([next(read_jsonl(sample_run / "policies.jsonl"))], tmp_path / "policies.jsonl")
    assert main(["history", str(tmp_path)]) == 0
    assert "No policy has two captures that differ." in capsys.readouterr().err


def test_history_of_damaged_or_missing_records_exits_with_1(sample_run, tmp_path, capsys):
    whole = encode_line(next(read_jsonl(sample_run / "policies.jsonl")))
    (tmp_path / "policies.jsonl").write_bytes(whole + whole[:200] + b"\n" + whole)
    assert main(["history", str(tmp_path)]) == 1
    assert "damaged at or after line" in capsys.readouterr().err
    assert main(["history", str(tmp_path / "nowhere")]) == 1
    assert "There is no file or folder" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["history", str(tmp_path / "empty")]) == 1
    assert "neither a run folder nor a policies.jsonl" in capsys.readouterr().err


def test_history_with_two_records_of_one_timestamp_names_one(sample_run, tmp_path, capsys):
    policy = next(read_jsonl(sample_run / "policies.jsonl"))
    write_jsonl([policy, policy], tmp_path / "policies.jsonl")
    assert main(["history", str(tmp_path), "-q"]) == 0
    assert "of the same policy and the same moment" in capsys.readouterr().err


def test_diff_writes_text_and_json(sample_run, tmp_path, capsysbinary):
    words = ["diff", str(sample_run), "2020", "20250402193004", "--policy", "brightcart.example"]
    assert main(words) == 0
    text = capsysbinary.readouterr().out.decode()
    assert "edited: We do not sell your personal information for money." in text
    assert (
        "under the laws of California, Colorado and some other states" not in text.replace("{+", "").split("added")[0]
    )
    assert "{+" in text
    assert "[-" in text
    assert "\x1b" not in text
    assert main([*words, "--format", "json"]) == 0
    found = json.loads(capsysbinary.readouterr().out)
    assert list(found) == ["domain", "before", "after", "before_timestamp", "after_timestamp", "rows"]
    assert main([*words, "--format", "json", "-o", str(tmp_path / "d.json")]) == 0
    assert json.loads((tmp_path / "d.json").read_bytes()) == found


def test_history_with_former_option_diff_writes_what_diff_writes(sample_run, capsysbinary):
    assert main(["diff", str(sample_run), "2020", "20250402193004", "--policy", "brightcart.example"]) == 0
    diff = capsysbinary.readouterr().out
    assert main(["history", str(sample_run), "--diff", "2020", "20250402193004", "--domain", "brightcart.example"]) == 0
    assert capsysbinary.readouterr().out == diff


@pytest.mark.parametrize(
    "words, reason",
    [
        (
            ["1998", "2003"],
            "No policy has usable, labelled captures of both 1998 and 2003: brightcart.example has",
        ),
        (["2", "2003"], "2 is of several captures"),
        (
            ["2022", "2014", "--policy", "nowhere.example"],
            "has no usable, labelled capture of nowhere.example",
        ),
    ],
)
def test_diff_of_missing_or_ambiguous_captures_exits_with_2(sample_run, capsys, words, reason):
    assert main(["diff", str(sample_run), *words]) == 2
    assert reason in capsys.readouterr().err


def test_diff_of_captures_of_several_policies_exits_with_2(sample_run, capsys):
    policies = [p for p in read_jsonl(sample_run / "policies.jsonl") if p.capture.timestamp[:4] in ("2012", "2022")]
    assert len(policies) > 2
    assert main(["diff", str(sample_run), "20", "20"]) == 2
    assert "Several policies have captures" in capsys.readouterr().err
