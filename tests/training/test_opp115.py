"""Reading OPP-115: majorities, the mapping to practices, damaged texts and duplicates."""

import gzip
import json

import pytest

from extractor.errors import UnreadableError
from extractor.records import CATEGORIES, PRACTICES
from extractor.training.data.opp115 import majority_labels, practices_of, read_opp115, text_key

TYPE, CHOICE, AUDIENCE = "Personal Information Type", "Choice Type", "Audience Type"
TRACKING = "Cookies and tracking elements"


@pytest.mark.parametrize(
    ("category", "attributes", "practices"),
    [
        ("First Party Collection/Use", {}, {"collection"}),
        ("First Party Collection/Use", {TYPE: "Contact"}, {"collection"}),
        ("First Party Collection/Use", {TYPE: TRACKING}, {"collection", "cookies"}),
        ("Third Party Sharing/Collection", {TYPE: TRACKING}, {"sharing", "cookies"}),
        ("Third Party Sharing/Collection", {CHOICE: "Opt-out link"}, {"sharing"}),
        ("User Choice/Control", {CHOICE: "Opt-in"}, {"rights"}),
        ("User Choice/Control", {CHOICE: "Browser/device privacy controls"}, {"rights"}),
        ("User Choice/Control", {CHOICE: "Third-party cookie controls"}, {"rights", "cookies"}),
        ("User Access, Edit and Deletion", {}, {"rights"}),
        ("International and Specific Audiences", {AUDIENCE: "Children"}, {"children"}),
        ("International and Specific Audiences", {AUDIENCE: "Californians"}, set()),
        ("International and Specific Audiences", {}, set()),
        ("Do Not Track", {}, {"cookies"}),
        ("Data Retention", {TYPE: TRACKING}, {"cookies"}),
        ("Data Retention", {}, set()),
        ("Other", {"Other Type": "Introductory/Generic"}, set()),
    ],
)
def test_practices_of_annotation_follow_the_scheme(category, attributes, practices):
    values = {name: {"value": value} for name, value in attributes.items()}
    assert practices_of({"annotator": "a", "category": category, "attributes": values}) == practices


@pytest.mark.parametrize(
    ("votes", "labels"),
    [
        ([], set()),
        ([("a", "x")], set()),
        ([("a", "x"), ("b", "x")], {"x"}),
        ([("a", "x"), ("a", "x")], set()),
        ([("a", "x"), ("b", "y"), ("c", "x"), ("c", "y")], {"x", "y"}),
        ([("a", "x"), ("b", "y"), ("c", "z")], set()),
    ],
    ids=["nobody", "one", "two", "one twice", "two and two", "all differ"],
)
def test_majority_labels_are_those_of_two_annotators(votes, labels):
    annotations = [{"annotator": who, "category": label} for who, label in votes]
    assert majority_labels(annotations, lambda annotation: {annotation["category"]}) == labels


def test_read_opp115_counts_lines_damaged_and_duplicates(opp115):
    corpus = read_opp115(opp115)
    assert corpus.counts["segments"] == len(corpus.practices) == len(corpus.categories) == 8 * 13
    assert corpus.counts["damaged"] == corpus.counts["doubles"] == 1
    assert corpus.counts["benchmark train"] == 7 * 12 + 2 and len(corpus.train) == 7 * 12
    assert {label for row in corpus.practices for label in row.labels} == set(PRACTICES)
    for rows in (corpus.categories, corpus.train, corpus.validation):
        assert {label for row in rows for label in row.labels} == set(CATEGORIES)


def test_read_opp115_leaves_out_withheld_and_damaged_texts(opp115):
    corpus = read_opp115(opp115)
    texts = [row.text for rows in (corpus.practices, corpus.categories, corpus.train) for row in rows]
    assert not any("Nobody may look" in text or "#NAME" in text for text in texts)


def test_read_opp115_merges_the_labels_of_duplicates(opp115):
    merged = [
        row
        for row in read_opp115(opp115).train
        if text_key(row.text) == "we gather and use your name to serve you well"
    ]
    assert [row.labels for row in merged] == [{"First Party Collection/Use", "Data Retention"}]


def test_read_opp115_finds_the_policy_of_a_benchmark_text(opp115):
    policies = {row.policy for row in read_opp115(opp115).train}
    assert policies == {f"site{i}.example" for i in range(7)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("segments.jsonl.gz", None),
        ("majority_train.jsonl", None),
        ("segments.jsonl.gz", b"no gzip"),
        ("segments.jsonl.gz", gzip.compress(b"no JSON\n")),
        ("segments.jsonl.gz", gzip.compress(b'{"text": "half a row"}\n')),
        ("segments.jsonl.gz", gzip.compress(b"{}\n" * 9)[:-6]),
        ("majority_train.jsonl", b"[1, 2]\n"),
        ("majority_validation.jsonl", json.dumps({"text": "no labels"}).encode()),
        ("majority_validation.jsonl", b'{"text": "\xff", "labels": []}'),
    ],
    ids=["no segments", "no train", "no gzip", "no JSON", "half a row", "cut", "a list", "no labels", "not UTF-8"],
)
def test_read_opp115_of_a_damaged_folder_is_unreadable(opp115, tmp_path, name, content):
    for path in opp115.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableError) as error:
        read_opp115(tmp_path)
    assert name in str(error.value) and str(error.value).endswith(".")
