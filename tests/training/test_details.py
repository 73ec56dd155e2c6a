"""Polarity and data types: learned and measured on a corpus of a few sentences."""

import shutil
from pathlib import Path

import pytest

from extractor.errors import UsageError
from extractor.label import load_model
from extractor.records import Segment
from extractor.training import TrainingInputs, evaluate, evaluation_page, format_measurements, train
from extractor.training.data.data_types import read_data_type_examples
from extractor.training.data.opp115 import read_opp115
from extractor.training.data.polarity_marks import read_marked_segments
from extractor.training.models.data_types import fit_data_type_rules
from extractor.training.models.details import rows_not_held_out
from extractor.training.models.polarity import has_enough_marks

from .conftest import row, rows_of, write_lines

THINGS = "name address photo telephone order birthday letter salary parcel hobby diary garden".split()
PARTIES = {"First Party Collection/Use": "Action First-Party", "Third Party Sharing/Collection": "Action Third Party"}
STATEMENTS = [  # category, verb, sentence, whether it is done, type of data
    ("First Party Collection/Use", "gather", "We gather your {} when you write to us.", "Does", "Contact"),
    ("First Party Collection/Use", "record", "We never record where your {} is kept.", "Does Not", "Location"),
    ("First Party Collection/Use", "record", "We record where your {} is kept on a map.", "Does", "Location"),
    ("Third Party Sharing/Collection", "sell", "We do not sell your {} to traders.", "Does Not", "Unspecified"),
    ("Third Party Sharing/Collection", "hand", "We hand your {} to traders by post.", "Does", "Contact"),
]


def annotation(annotator: str, category: str, verb: str, text: str, value: str, data_type: str) -> dict:
    start = text.index(verb)
    span = {"selectedText": verb, "startIndexInSegment": start, "endIndexInSegment": start + len(verb)}
    attributes = {
        PARTIES[category]: {"value": "Unspecified", **span},
        "Does/Does Not": {"value": value, "selectedText": "null", "startIndexInSegment": -1, "endIndexInSegment": -1},
        "Personal Information Type": {"value": data_type},
    }
    return {"annotator": annotator, "category": category, "attributes": attributes}


def statement_rows(policy: str, thing: str, first: int) -> list[dict]:
    """Each sentence as a segment, and the denial and the assertion of sharing in one segment."""
    texts = [
        (text.format(thing), [(category, verb, text.format(thing), *rest)])
        for category, verb, text, *rest in STATEMENTS
    ]
    (no, _), (yes, _) = texts[3], texts[4]
    both_sentences = f"{no} {yes}"
    both = [(STATEMENTS[k][0], STATEMENTS[k][1], both_sentences, STATEMENTS[k][3], STATEMENTS[k][4]) for k in (3, 4)]
    return [
        row(
            policy,
            first + k,
            text,
            [annotation(annotator, *statement) for annotator in "ab" for statement in statements],
            "train",
        )
        for k, (text, statements) in enumerate([*texts, (both_sentences, both)])
    ]


@pytest.fixture(scope="module")
def data(opp115, tmp_path_factory) -> Path:
    """OPP-115 in twelve policies, with polarity and data types."""
    folder = tmp_path_factory.mktemp("details") / "opp115"
    shutil.copytree(opp115, folder)
    rows = []
    for number, thing in enumerate(THINGS):
        policy = f"site{number}.example"
        rows += [*rows_of(policy, thing, "train"), *statement_rows(policy, thing, 100)]
    write_lines(folder / "segments.jsonl.gz", rows)
    return folder


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    train("fast", TrainingInputs(data), folder)
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
def test_polarity_is_learned_for_unseen_words(trained, text, practice, polarity):
    rules = load_model(trained).details.polarity
    segment = Segment(0, 0, len(text), text, practices=(practice,))
    assert rules.polarities([segment], [text])[0][practice] == polarity


def test_data_types_are_learned_by_practice(trained):
    assert labelled(trained, "We record where your hat is kept on a map.").data_types["collection"] == ("location",)
    assert labelled(trained, "We hand your hat to traders by post.").data_types == {
        "collection": (),
        "sharing": ("contact",),
    }


def test_train_details_changes_no_other_file_of_the_model(data, trained, tmp_path):
    plain = tmp_path / "plain"
    shutil.copytree(trained, plain)
    shutil.rmtree(plain / "details")
    train("details", TrainingInputs(data, fast=trained), tmp_path / "again")
    files = {path.relative_to(trained): path.read_bytes() for path in trained.rglob("*") if path.is_file()}
    assert files == {
        path.relative_to(tmp_path / "again"): path.read_bytes()
        for path in (tmp_path / "again").rglob("*")
        if path.is_file()
    }


def era_rows(thing: str, number: int) -> list[dict]:
    """Passages of a policy that are marked as wholes: one denies sharing in words of its own, one does not."""
    texts = {
        f"Here is our page. We refuse to barter your {thing} at fairs. Write to us.": {"sharing": "does_not"},
        f"Here is our page. We barter your {thing} at fairs, not in shops. Write to us.": {},
    }
    fixed = {"era": "old", "headings": [], "context": "", "practices": ["sharing"], "categories": []}
    return [{**fixed, "policy": f"fair{number}.example", "text": text, "denied": own} for text, own in texts.items()]


def test_train_details_learns_from_passages_of_all_eras_which_sentence_denies(data, trained, tmp_path):
    shutil.copytree(data, tmp_path / "opp115")
    (tmp_path / "eras").mkdir()
    rows = [row for number, thing in enumerate(THINGS) for row in era_rows(thing, number)]
    write_lines(tmp_path / "eras" / "labelled.jsonl.gz", rows)
    train("details", TrainingInputs(tmp_path / "opp115", fast=trained), tmp_path / "out")
    rules = load_model(tmp_path / "out").details.polarity
    segments = [
        Segment(0, 0, len(text), text, practices=("sharing",)) for text in (row["text"] for row in era_rows("hat", 0))
    ]
    found = rules.polarities(segments, [segment.text for segment in segments])
    assert [polarity["sharing"] for polarity in found] == ["does_not", "does"]


def test_train_details_without_a_model_is_refused(data, tmp_path):
    with pytest.raises(UsageError, match="--fast"):
        train("details", TrainingInputs(data), tmp_path / "out")


def test_train_on_a_corpus_without_marks_gives_a_model_without_details(opp115, tmp_path):
    train("fast", TrainingInputs(opp115), tmp_path)
    assert load_model(tmp_path).details is None and not (tmp_path / "details").exists()
    rows = read_opp115(opp115).rows
    assert not has_enough_marks(read_marked_segments(rows))
    assert fit_data_type_rules(read_data_type_examples(rows), load_model(tmp_path).vocabulary) is None


def test_rows_not_held_out_leaves_out_whole_policies(data):
    corpus = read_opp115(data)
    out = {one["text"] for one in corpus.rows} - {one["text"] for one in rows_not_held_out(corpus, "fold")}
    assert out and {one["policy"] for one in corpus.rows if one["text"] in out} < {one["policy"] for one in corpus.rows}


def test_read_marked_segments_places_marks_in_their_sentences(data):
    both = [
        segment
        for segment in read_marked_segments(read_opp115(data).rows)
        if len(segment.sentences) == 2 and segment.marks
    ]
    assert both and all(
        {(mark.sentence, mark.polarity) for mark in segment.marks} == {(0, "does_not"), (1, "does")} for segment in both
    )
    assert {segment.agreed_polarity("sharing") for segment in both} == {"mixed"}


def test_evaluate_details_measures_unseen_policies_beside_simple_methods(data):
    measured = evaluate(data, ["details"])
    parts = {part.name: part.figures for part in measured}
    rules, bare = (parts[f"{method}: done or denied, sentences"] for method in ("details", "bare not"))
    always = parts["always does: done or denied, segments"]
    assert rules["macro"] > 0.9 and rules["macro"] >= bare["macro"]
    assert always["labels"]["does_not"]["f1"] == 0 and always["labels"]["does"]["f1"] > 0.5
    kinds = parts["details: types of data, segments with the practice"]["labels"]
    assert kinds["collection: location"]["f1"] > 0.7 and kinds["sharing: contact"]["positives"] > 0
    assert b"details: types of data" in evaluation_page(measured)
    table = format_measurements(measured)
    assert "| does_not |" in table and "| label | details | bare not | always does |" in table
