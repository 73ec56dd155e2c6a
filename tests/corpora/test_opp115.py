"""OPP-115 as published, read as documents."""

import csv
import json

import pytest

from extractor import load, read_corpus
from extractor.errors import UnreadableError

SEGMENTS = (
    "<strong>Privacy policy</strong> <br> <br> We collect your name and your address when you order a lamp. <br> <br>",
    "We use cookies to remember your basket. <br> <br>",
    "<ul> <li> We share nothing with anybody. </li> </ul>",
)


@pytest.fixture
def corpus(tmp_path):
    for name in ("sanitized_policies", "annotations", "consolidation/threshold-0.75-overlap-similarity"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "sanitized_policies/7_lampworks.example.html").write_text("|||".join(SEGMENTS))
    (tmp_path / "sanitized_policies/12_shop.example.html").write_text("We sell your data.|||We are sorry.")
    row = [1, "batch", 121, 7, 0, "Other", json.dumps({}), "6/23/15", "http://lampworks.example/privacy"]
    with (tmp_path / "annotations/7_lampworks.example.csv").open("w", newline="") as out:
        csv.writer(out).writerow(row)
    return tmp_path


def test_read_corpus_of_opp115_joins_segments_and_finds_url_and_date(corpus, caplog):
    shop, lamps = read_corpus(corpus)
    assert b"|||" not in lamps.content + shop.content
    assert lamps.capture.original == "http://lampworks.example/privacy"
    assert (lamps.capture.timestamp, shop.capture.original) == ("20150623000000", "")
    policy = load()(lamps)
    assert policy.domain == "lampworks.example"
    assert policy.text.split("\n\n")[1:] == [
        "We collect your name and your address when you order a lamp.", "We use cookies to remember your basket.", "We share nothing with anybody.",
    ]  # fmt: skip
    assert "12_shop.example.csv cannot be read: No such file or directory" in caplog.text
    assert "is read without URL and date" in caplog.text


def test_read_corpus_of_opp115_selects_by_name_and_url(corpus):
    assert len(list(read_corpus(corpus, documents=["*lampworks*"]))) == 1
    assert len(list(read_corpus(corpus, url_pattern="*/privacy"))) == 1


def test_read_corpus_of_other_folder_as_opp115_raises(tmp_path):
    with pytest.raises(UnreadableError, match="it has no folder sanitized_policies"):
        list(read_corpus(tmp_path, format="opp115"))
