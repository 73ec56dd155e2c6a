"""OPP-115 as its authors published it gives the same examples as the consolidated file."""

import csv
import gzip
import json
from dataclasses import replace

import pytest

from extractor.cli import main
from extractor.errors import UnreadableError
from extractor.training.data.opp115 import read_opp115


@pytest.fixture
def published(opp115, tmp_path):
    """The corpus of the other tests in the published layout."""
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


def test_read_opp115_of_published_layout_gives_the_same_examples(opp115, published):
    consolidated, corpus = read_opp115(opp115), read_opp115(published)
    assert corpus.practices == [replace(row, split="train") for row in consolidated.practices]
    assert corpus.categories == [replace(row, split="train") for row in consolidated.categories]
    assert (corpus.train, corpus.validation) == ([], [])


def test_train_on_published_layout_gives_a_model(published, tmp_path, capsysbinary):
    assert main(["train", str(published), "-o", str(tmp_path / "model"), "--quiet"]) == 0
    assert main(["label", "--scheme", "opp115", "--model", str(tmp_path / "model"), str(write_passage(tmp_path))]) == 0
    assert json.loads(capsysbinary.readouterr().out)["labels"] == ["Data Security"]


def write_passage(folder):
    (folder / "in.jsonl").write_text('{"text": "Locks and encryption protect your name against thieves."}\n')
    return folder / "in.jsonl"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,b,a,1,99,Other,{},1/1/15,u", "annotates segment 99"),
        ("1,b,a,1,0,Other,no JSON,1/1/15,u", "has no annotation on line 1"),
        ("1,b,a", "has no annotation on line 1"),
    ],
)
def test_read_opp115_with_a_damaged_row_names_it(published, row, message):
    (published / "annotations/site0.example.csv").write_text(row + "\n")
    with pytest.raises(UnreadableError, match=message):
        read_opp115(published)


def test_read_opp115_without_the_annotations_of_a_policy_names_the_file(published):
    (published / "annotations/site0.example.csv").unlink()
    with pytest.raises(UnreadableError, match=r"site0.example.csv cannot be read \(No such file"):
        read_opp115(published)
