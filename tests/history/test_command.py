"""The commands `history` and `diff`, with good and with bad input."""

import csv
import json
from dataclasses import replace

import pytest
from pyarrow.parquet import read_table

from extractor.cli import main
from extractor.exports import encode_line, read_jsonl, write_jsonl
from extractor.records import PolicyCapture

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
    assert list(events[0]) == [
        "site", "policy", "domain", "kind", "before", "after", "practice", "evidence", "confidence",
    ]  # fmt: skip
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


def test_history_with_a_record_twice_says_so(sample_run, tmp_path, capsys):
    policy = next(read_jsonl(sample_run / "policies.jsonl"))
    write_jsonl([policy, policy], tmp_path / "policies.jsonl")
    assert main(["history", str(tmp_path), "-q"]) == 0
    assert "1 record has the id of an earlier record" in capsys.readouterr().err


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
    assert list(found) == [
        "site", "policy", "domain", "before", "after", "before_timestamp", "after_timestamp", "rows",
    ]  # fmt: skip
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
            "has no site or policy 'nowhere.example'",
        ),
    ],
)
def test_diff_of_missing_or_ambiguous_captures_exits_with_2(sample_run, capsys, words, reason):
    assert main(["diff", str(sample_run), *words]) == 2
    assert reason in capsys.readouterr().err


@pytest.fixture
def nameless_corpus(make_policy, tmp_path):
    """Two documents of a service and one of another, without any URL; one has no date."""
    order, bank = ("We ask for your name.", {"collection": 0.9}), ("The bank sees the number.", {"sharing": 0.9})
    records = []
    for service, document, years in (("Lamps", "Privacy Policy", 3), ("Lamps", "Terms", 2), ("Boats", "Terms", 2)):
        for year in range(years):
            time, name = f"200{year}0101000000", f"{service}/{document}"
            records.append(make_policy(
                time, order, *[bank] * (year > 0), id=f"{name}#{year}", site=service, policy=name, domain="",
                capture=PolicyCapture(timestamp=time),
            ))  # fmt: skip
    records += [
        replace(records[0], id=f"undated#{number}", capture=PolicyCapture(), policy="Lamps/Undated")
        for number in range(40)
    ]
    write_jsonl(records, tmp_path / "policies.jsonl")
    return tmp_path


def test_history_of_a_corpus_without_any_url_follows_its_policies(nameless_corpus, capsys):
    assert main(["history", str(nameless_corpus)]) == 0
    assert capsys.readouterr().err.count("40 records have no date of capture") == 1
    found = [json.loads(line) for line in (nameless_corpus / "history" / "events.jsonl").open(encoding="utf-8")]
    kinds = [(one["site"], one["policy"], one["kind"], one["after"]["timestamp"][:4]) for one in found]
    names = [("Lamps", "Lamps/Privacy Policy"), ("Lamps", "Lamps/Terms"), ("Boats", "Boats/Terms")]
    assert kinds == [(*name, kind, "2001") for name in names for kind in ("practice_appeared", "added")]
    rows = list(csv.DictReader((nameless_corpus / "history" / "practices.csv").open(encoding="utf-8", newline="")))
    shares = {(row["period"], row["stance"]): row["with_practice"] + "/" + row["sites"] for row in rows
              if (row["practice"], row["panel"]) == ("sharing", "all")}  # fmt: skip
    assert (shares["2000-H1", "any"], shares["2001-H1", "any"], shares["2002-H1", "any"]) == ("0/2", "2/2", "1/1")
    coverage = list(csv.DictReader((nameless_corpus / "history" / "coverage.csv").open(encoding="utf-8", newline="")))
    assert {row["site"] for row in coverage} == {"Lamps", "Boats"}


def test_history_and_diff_and_report_of_one_policy(nameless_corpus, tmp_path, capsys):
    corpus = str(nameless_corpus)
    assert main(["history", corpus, "--policy", "boats", "-o", str(tmp_path / "boats")]) == 0
    assert {json.loads(line)["policy"] for line in (tmp_path / "boats" / "events.jsonl").open()} == {"Boats/Terms"}
    assert main(["diff", corpus, "2000", "2001", "--policy", "Boats"]) == 0
    assert capsys.readouterr().out.startswith("Boats/Terms: Boats/Terms#0 → Boats/Terms#1")
    assert main(["report", corpus, "--policy", "Lamps/Terms", "-o", str(tmp_path / "lamps.html")]) == 0
    page = (tmp_path / "lamps.html").read_text()
    assert "<b>1</b> site" in page and "Lamps/Terms" in page and "Boats" not in page


@pytest.mark.parametrize(
    "command", [["history"], ["report"], ["diff", "2000", "2001"], ["sample", "--per-stratum", "1"]]
)
@pytest.mark.parametrize(
    ("name", "reason"),
    [("terms", "may be Boats/Terms or Lamps/Terms"), ("Lambs", "no site or policy 'Lambs'. Did you mean Lamps")],
)
def test_policy_of_an_ambiguous_or_unknown_name_exits_with_2(nameless_corpus, tmp_path, capsys, command, name, reason):
    words = [command[0], str(nameless_corpus), *command[1:], "--policy", name, "-o", str(tmp_path / "out")]
    assert main(words) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_diff_of_two_captures_of_one_moment_names_them_by_id(make_policy, tmp_path, capsys):
    years = [make_policy("20000101000000", "One.", id="a"), make_policy("20000101000000", "One. Two.", id="b")]
    write_jsonl(years, tmp_path / "policies.jsonl")
    assert main(["diff", str(tmp_path), "2000", "2000"]) == 2
    assert "some of one moment: name one by its id (a, b)" in capsys.readouterr().err
    assert main(["diff", str(tmp_path), "a", "b"]) == 0
    assert "{+One. Two.+}" in capsys.readouterr().out


def test_diff_of_captures_of_several_policies_exits_with_2(sample_run, capsys):
    policies = [p for p in read_jsonl(sample_run / "policies.jsonl") if p.capture.timestamp[:4] in ("2012", "2022")]
    assert len(policies) > 2
    assert main(["diff", str(sample_run), "20", "20"]) == 2
    assert "Several policies have captures" in capsys.readouterr().err
