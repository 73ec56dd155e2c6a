"""Polarity and types of data: what is learned from marks on a corpus of a few sentences, and how it is measured."""

import shutil
from pathlib import Path

import pytest

from extractor.errors import UsageError
from extractor.label import load_model
from extractor.records import Segment
from extractor.training import Sources, evaluate, evaluation_page, format_report, train
from extractor.training.data.marks import read_marks
from extractor.training.data.opp115 import read_opp115
from extractor.training.models.datatypes import learn_types, read_named
from extractor.training.models.details import rows_without
from extractor.training.models.polarity import learn_polarity

from .conftest import row, rows_of, write_lines

THINGS = "name address photo telephone order birthday letter salary parcel hobby diary garden".split()
PARTIES = {"First Party Collection/Use": "Action First-Party", "Third Party Sharing/Collection": "Action Third Party"}
SAID = [  # category, verb, sentence, whether it is done, type of data
    ("First Party Collection/Use", "gather", "We gather your {} when you write to us.", "Does", "Contact"),
    ("First Party Collection/Use", "record", "We never record where your {} is kept.", "Does Not", "Location"),
    ("First Party Collection/Use", "record", "We record where your {} is kept on a map.", "Does", "Location"),
    ("Third Party Sharing/Collection", "sell", "We do not sell your {} to traders.", "Does Not", "Unspecified"),
    ("Third Party Sharing/Collection", "hand", "We hand your {} to traders by post.", "Does", "Contact"),
]


def marked(who: str, category: str, verb: str, text: str, said: str, kind: str) -> dict:
    start = text.index(verb)
    span = {"selectedText": verb, "startIndexInSegment": start, "endIndexInSegment": start + len(verb)}
    attributes = {
        PARTIES[category]: {"value": "Unspecified", **span},
        "Does/Does Not": {"value": said, "selectedText": "null", "startIndexInSegment": -1, "endIndexInSegment": -1},
        "Personal Information Type": {"value": kind},
    }
    return {"annotator": who, "category": category, "attributes": attributes}


def said_rows(policy: str, thing: str, first: int) -> list[dict]:
    """Each sentence as a segment, and the denial and the assertion of sharing as one."""
    texts = [
        (text.format(thing), [(category, verb, text.format(thing), *rest)]) for category, verb, text, *rest in SAID
    ]
    (no, _), (yes, _) = texts[3], texts[4]
    whole = f"{no} {yes}"
    both = [(SAID[k][0], SAID[k][1], whole, SAID[k][3], SAID[k][4]) for k in (3, 4)]
    return [
        row(policy, first + k, text, [marked(who, *one) for who in "ab" for one in said], "train")
        for k, (text, said) in enumerate([*texts, (whole, both)])
    ]


@pytest.fixture(scope="module")
def data(opp115, tmp_path_factory) -> Path:
    """OPP-115 in twelve policies, with what is done and denied, and with which data."""
    folder = tmp_path_factory.mktemp("details") / "opp115"
    shutil.copytree(opp115, folder)
    rows = []
    for number, thing in enumerate(THINGS):
        policy = f"site{number}.example"
        rows += [*rows_of(policy, thing, "train"), *said_rows(policy, thing, 100)]
    write_lines(folder / "segments.jsonl.gz", rows)
    return folder


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    train("fast", Sources(data), folder)
    return folder


def labelled(folder: Path, text: str) -> Segment:
    return load_model(folder).label([Segment(0, 0, len(text), text)])[0]


@pytest.mark.parametrize(
    ("text", "practice", "polarity"),
    [
        ("We do not sell your hat to traders.", "sharing", "does_not"),
        ("We hand your hat to traders by post.", "sharing", "does"),
        ("We do not sell your hat to traders. We hand your hat to traders by post.", "sharing", "mixed"),
        ("We never record where your hat is kept.", "collection", "does_not"),
        ("We gather your hat when you write to us.", "collection", "does"),
    ],
)
def test_what_is_denied_of_one_thing_is_denied_of_another(trained, text, practice, polarity):
    rules = load_model(trained).details.polarity
    assert rules.polarities([text], [(practice,)])[0][practice] == polarity


def test_types_are_learned_by_practice(trained):
    assert labelled(trained, "We record where your hat is kept on a map.").data_types["collection"] == ("location",)
    assert labelled(trained, "We hand your hat to traders by post.").data_types == {
        "collection": (),
        "sharing": ("contact",),
    }


def test_details_are_put_into_a_model_whose_other_weights_stay(data, trained, tmp_path):
    plain = tmp_path / "plain"
    shutil.copytree(trained, plain)
    shutil.rmtree(plain / "details")
    train("details", Sources(data, fast=trained), tmp_path / "again")
    files = {path.relative_to(trained): path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    assert files == {
        path.relative_to(tmp_path / "again"): path.read_bytes()
        for path in (tmp_path / "again").rglob("*")
        if path.is_file()
    }


def test_details_need_a_model(data, tmp_path):
    with pytest.raises(UsageError, match="--fast"):
        train("details", Sources(data), tmp_path / "out")


def test_a_corpus_without_marks_gives_a_model_without_details(opp115, tmp_path):
    train("fast", Sources(opp115), tmp_path)
    assert load_model(tmp_path).details is None and not (tmp_path / "details").exists()
    rows = read_opp115(opp115).rows
    assert learn_polarity(read_marks(rows)) is None
    assert learn_types(read_named(rows), load_model(tmp_path).vocabulary) is None


def test_what_is_held_out_is_not_learned_from(data):
    corpus = read_opp115(data)
    out = {one["text"] for one in corpus.rows} - {one["text"] for one in rows_without(corpus, "fold")}
    assert out and {one["policy"] for one in corpus.rows if one["text"] in out} < {one["policy"] for one in corpus.rows}


def test_marks_lie_in_the_sentence_of_their_words(data):
    both = [segment for segment in read_marks(read_opp115(data).rows) if len(segment.sentences) == 2 and segment.marks]
    assert both and all(
        {(mark.sentence, mark.said) for mark in segment.marks} == {(0, "does_not"), (1, "does")} for segment in both
    )
    assert {segment.agreed("sharing") for segment in both} == {"mixed"}


def test_evaluate_measures_what_it_did_not_see_beside_what_one_could_do_instead(data):
    measured = evaluate(data, ["details"])
    parts = {part.name: part.figures for part in measured}
    rules, bare = (parts[f"{who}: done or denied, sentences"] for who in ("details", "bare not"))
    always = parts["always does: done or denied, segments"]
    assert rules["macro"] > 0.9 and rules["macro"] >= bare["macro"]
    assert always["labels"]["does_not"]["f1"] == 0 and always["labels"]["does"]["f1"] > 0.5
    kinds = parts["details: types of data, segments with the practice"]["labels"]
    assert kinds["collection: location"]["f1"] > 0.7 and kinds["sharing: contact"]["positives"] > 0
    assert b"details: types of data" in evaluation_page(measured)
    table = format_report(measured)
    assert "| does_not |" in table and "| label | details | bare not | always does |" in table
