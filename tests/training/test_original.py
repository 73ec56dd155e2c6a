"""OPP-115 as its authors give it out: the same examples as from the consolidated file."""

import csv
import gzip
import json
from dataclasses import replace

import pytest

from extractor.cli import main
from extractor.errors import UnreadableError
from extractor.training.data.opp115 import read_opp115


@pytest.fixture
def original(opp115, tmp_path):
    """The corpus of the other tests in the authors' layout."""
    for name in ("sanitized_policies", "annotations", "consolidation"):
        (tmp_path / name).mkdir()
    rows = [json.loads(line) for line in gzip.decompress((opp115 / "segments.jsonl.gz").read_bytes()).splitlines()]
    for policy in {row["policy"] for row in rows if row["annotations"]}:
        segments = [row for row in rows if row["policy"] == policy]
        text = "|||".join(f"<strong>{row['text']}</strong> <br> <br>" for row in segments)
        (tmp_path / f"sanitized_policies/{policy}.html").write_text(text)
        with (tmp_path / f"annotations/{policy}.csv").open("w", newline="") as out:
            csv.writer(out).writerows(
                [number, "batch", given["annotator"], 1, row["segment"], given["category"], json.dumps(given["attributes"]), "1/1/15", "http://a.example/"]
                for row in segments
                for number, given in enumerate(row["annotations"])
            )  # fmt: skip
    return tmp_path


def test_the_examples_are_the_same(opp115, original):
    by_file, by_layout = read_opp115(opp115), read_opp115(original)
    assert by_layout.practices == [replace(row, split="train") for row in by_file.practices]
    assert by_layout.categories == [replace(row, split="train") for row in by_file.categories]
    assert (by_layout.train, by_layout.validation) == ([], [])


def test_a_model_is_trained_on_it(original, tmp_path, capsysbinary):
    assert main(["train", str(original), "-o", str(tmp_path / "model"), "--quiet"]) == 0
    assert main(["label", "--scheme", "opp115", "--model", str(tmp_path / "model"), str(lines(tmp_path))]) == 0
    assert json.loads(capsysbinary.readouterr().out)["labels"] == ["Data Security"]


def lines(folder):
    (folder / "in.jsonl").write_text('{"text": "Locks and encryption protect your name against thieves."}\n')
    return folder / "in.jsonl"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1,b,a,1,99,Other,{},1/1/15,u", "speaks of segment 99"),
        ("1,b,a,1,0,Other,no JSON,1/1/15,u", "has no annotation on line 1"),
        ("1,b,a", "has no annotation on line 1"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(original, row, says):
    (original / "annotations/site0.example.csv").write_text(row + "\n")
    with pytest.raises(UnreadableError, match=says):
        read_opp115(original)


def test_a_policy_without_annotations_is_named(original):
    (original / "annotations/site0.example.csv").unlink()
    with pytest.raises(UnreadableError, match=r"site0.example.csv cannot be read \(No such file"):
        read_opp115(original)
