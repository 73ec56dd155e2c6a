"""Polarity and data types, on self-written sentences, in both models."""

import json
import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.errors import ModelError
from extractor.label import LabelCache, Model, label_with_cache, load_model, may_deny, passage_text, plain_statements
from extractor.label.features import Vocabulary
from extractor.label.negation import NEGATION_CUE, NEGATION_CUES, has_negation
from extractor.label.store import StoredModel, save_model
from extractor.records import DATA_TYPES, PRACTICES, Segment
from extractor.resources import bundled_path
from extractor.text import lower_case, statements

FLOOR = 0.85  # accuracy on the gold's sentences with a clear polarity; set before the rules were run on them
KIND_FLOOR = 0.75  # the same for each way of saying no, "mixed" included
CLEAR = ("does", "does_not")


@cache
def model(name: str = "fast") -> Model:
    return load_model(name)


def segment(text: str, *headings: str, context: str = "") -> Segment:
    return Segment(0, 0, len(text), text, headings=headings, context=context)


def polarity_of(text: str, practice: str, heading: str = "", context: str = "") -> str:
    one = replace(segment(text, *filter(None, [heading]), context=context), practices=(practice,))
    return model().details.polarity.polarities([one], [passage_text(one)])[0][practice]


def polarity_of_row(row: dict) -> str:
    return polarity_of(row["text"], row["practice"], row.get("heading", ""), row.get("context", ""))


@cache
def gold() -> list[dict]:
    lines = bundled_path("annotations/gold/polarity.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_polarity_of_bundled_rules_reaches_the_floor_on_the_gold():
    clear = [row for row in gold() if row["polarity"] in CLEAR]
    right = [polarity_of_row(row) == row["polarity"] for row in clear]
    assert len(clear) > 160 and sum(right) >= FLOOR * len(right)


KINDS = sorted({row["kind"] for row in gold() if "kind" in row})


@pytest.mark.parametrize("kind", KINDS)
def test_polarity_of_each_kind_of_denial_in_the_gold_reaches_the_floor(kind):
    rows = [row for row in gold() if row.get("kind") == kind]
    right = [polarity_of_row(row) == row["polarity"] for row in rows]
    assert sum(right) >= KIND_FLOOR * len(right), [row["text"] for row, ok in zip(rows, right, strict=True) if not ok]


def test_polarity_of_sentences_in_the_gold_that_deny_nothing_is_does():
    plain = [row for row in gold() if row["polarity"] == "does" and "kind" not in row]
    assert not [row for row in plain if polarity_of_row(row) != "does"]


def test_gold_has_every_polarity_and_practice():
    assert {row["polarity"] for row in gold()} == {"does", "does_not", "mixed", "unclear"}
    assert {row["practice"] for row in gold()} == set(PRACTICES)


@pytest.mark.parametrize(
    ("text", "practice", "polarity"),
    [
        ("We do not sell your personal information to third parties.", "sharing", "does_not"),
        ("We do not knowingly collect personal information from children under 13.", "children", "does_not"),
        ("We not only collect your name but also your address.", "collection", "does"),
        ("We share it with partners, including but not limited to advertisers.", "sharing", "does"),
        ("We do not share your information without your consent.", "sharing", "does_not"),
        ("We will not disclose your data to others unless you agree.", "sharing", "does_not"),
        ("If you do not want us to share your information with partners, write to us.", "sharing", "does"),
        ("We cannot guarantee that third parties will not misuse the data we share.", "sharing", "does"),
        ("You will not be able to order without giving us your address.", "collection", "does"),
        ("We no longer share your e-mail address with advertisers.", "sharing", "does_not"),
        ("We share your data with no one other than our bank.", "sharing", "does"),
        ("We do not respond to Do Not Track signals.", "cookies", "does"),
        ("Our site doesn\N{RIGHT SINGLE QUOTATION MARK}t use cookies.", "cookies", "does_not"),
        ("You cannot opt out of messages about your account.", "rights", "does_not"),
        ("You may choose not to give us your name.", "rights", "does"),
        ("We do not sell your data. We may share it with service providers and affiliates.", "sharing", "mixed"),
        ("We do not offer a way to see the information that we hold about you.", "rights", "does_not"),
        ("We use cookies.", "cookies", "does"),
    ],
)
def test_polarity_of_phrase(text, practice, polarity):
    assert polarity_of(text, practice) == polarity


# Known errors of the rules; strict, so that a fix shows here
@pytest.mark.parametrize(
    ("text", "practice", "meant"),
    [
        ("It is not the case that we never share data with anyone.", "sharing", "unclear"),
        ("We refrain from collecting more than is needed.", "collection", "unclear"),
    ],
)
@pytest.mark.xfail(strict=True)
def test_polarity_of_phrase_that_is_not_understood_is_wrong(text, practice, meant):
    assert polarity_of(text, practice) == meant


def test_polarity_of_item_under_denying_lead_in_is_does_not():
    item = segment("your name and your postal address;", context="We do not collect any of the following information:")
    labelled = model().label([item])[0]
    assert labelled.practices == ("collection",) and labelled.polarity["collection"] == "does_not"


STATEMENTS = [  # text, heading, lead-in or header, statements
    ("Do you rent my name? No.", "", "", ["we do not rent your name."]),
    ("Do we rent your name? No. We post it.", "", "", ["we do not rent your name.", "We post it."]),
    ("Q: Is my name sold?\nA: Never.", "", "", ["your name is not sold."]),
    ("No, never. Why?", "Will you keep my name?", "", ["we will not keep your name.", "Why?"]),
    ("None.", "What data do you store?", "", ["we do not store What data."]),
    ("Yes. We post it.", "Do you share my name?", "", ["we do share your name.", "We post it."]),
    ("We may.", "Do you share my name?", "", ["Do you share my name?", "We may."]),
    ("We do not:\n\n- sell it\n\n- lend it\nWe post it.", "", "", ["We do not sell it", "We do not lend it", "We post it."]),
    ("sell it;", "Our rules", "We never:", ["Our rules", "We never sell it;"]),
    ("Names | a, b | Yes | N/A", "", "Kind | Examples | Collected | Sold",
     ["Names", "a, b", "We collect Names.", "We do not share Names."]),
    ("Names | \u2717", "", "Kind | Do we use it?", ["Names", "We do not collect Names."]),
    ("Names | the post", "", "Kind | Shared with", ["Names", "We share Names with the post."]),
    ("To market | Yes | No", "", "Reason | Does A share? | Can you limit this?",
     ["To market", "We share To market.", "You can not limit the sharing of To market."]),
    ("Names | No", "", "", ["Names", "No"]),
    ("We post it.Nobody else does.", "", "", ["We post it.", "Nobody else does."]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "heading", "context", "expected"), STATEMENTS)
def test_plain_statements_of_structure_are_sentences(text, heading, context, expected):
    assert plain_statements(segment(text, *filter(None, [heading]), context=context)) == expected


PIECES = st.sampled_from(
    [
        "We do not",
        "Do you",
        "sell",
        "it",
        "No",
        "Yes",
        "never",
        "Q",
        "A",
        ":",
        "?",
        ".",
        ",",
        " | ",
        "\n",
        " ",
        " ",
        "-",
        "N/A",
        "é",
    ]
)


@given(*[st.lists(PIECES, max_size=14).map("".join)] * 3)
@settings(max_examples=500)
def test_plain_statements_of_any_text_are_not_empty(text, heading, context):
    statements_of_text = plain_statements(segment(text, heading, context=context))
    assert all(statements_of_text)
    assert plain_statements(segment(text, heading, context=context)) == statements_of_text


@given(st.text(alphabet=st.sampled_from("aB .;!,-\n"), max_size=80))
def test_plain_statements_of_text_without_structure_are_its_statements(text):
    assert plain_statements(segment(text)) == statements(re.sub(r"(?<=[a-z][.!])(?=[A-Z][a-z])", " ", text))


@pytest.mark.parametrize(
    ("text", "possible"), [("Names | \u2717", True), ("Names | N/A", True), ("\u2717", False), ("We sell it.", False)]
)
def test_may_deny_is_true_for_marks_in_cells(text, possible):
    assert may_deny(text) == possible


TEXTS = [row["text"] for row in gold()] + [
    "",
    "We use cookies.",
    "No.",
    "not " * 300,
    "n't",
    "\U0001f36a no \x00 never",
]


@pytest.mark.parametrize("name", ["fast", "accurate"])
def test_polarity_and_data_types_are_set_for_the_labelled_practices_only(name):
    for labelled in model(name).label([segment(text) for text in TEXTS]):
        assert tuple(labelled.polarity) == PRACTICES
        assert {practice for practice, polarity in labelled.polarity.items() if polarity} == set(labelled.practices)
        for scope, types in labelled.data_types.items():
            assert not types or scope in labelled.practices
            assert list(types) == [name for name in DATA_TYPES if name in types]


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_polarity_and_data_types_of_batch_equal_those_of_each_segment(texts):
    segments = [segment(text) for text in texts]
    assert model().label(segments) == [model().label([one])[0] for one in segments]


def test_label_with_cache_keeps_the_polarity():
    cache: LabelCache = {}
    first = label_with_cache([segment("We do not sell your e-mail address to advertisers.")], model(), cache)
    again = label_with_cache([segment("We do not sell your e-mail address to advertisers.")], model(), cache)
    assert first == again and again[0].polarity["sharing"] == "does_not"


@given(st.text(alphabet=st.sampled_from("aB .;:!?\"'()-\n"), max_size=80))
def test_statements_keep_everything_but_white_space_and_closing_marks(text):
    kept = "".join("".join(statements(text)).split())
    assert set(text) - set(kept) <= set(" \n\"')")


@pytest.mark.parametrize("text", ["We know it.", "Notice: nothings nor", "another note"])
def test_has_negation_of_similar_words_is_false(text):
    assert has_negation(text) == ("nor" in text)


@pytest.mark.parametrize(
    ("text", "collected", "shared"),
    [
        ("We collect your name, postal address, e-mail address and telephone number.", {"contact"}, set()),
        ("We collect your IP address and the type of your browser.", {"device", "computer"}, set()),
        ("We collect your credit card number to process your payment.", {"financial"}, set()),
        ("We collect medical information such as your prescriptions.", {"health"}, set()),
        ("We may share your e-mail address with third parties.", set(), {"contact"}),
        ("We use cookies and web beacons to collect information.", {"cookies"}, set()),
    ],
)
def test_data_types_of_sentence(text, collected, shared):
    labelled = model().label([segment(text)])[0]
    assert collected <= set(labelled.data_types["collection"])
    assert shared <= set(labelled.data_types["sharing"])


# Files ---------------------------------------------------------------------------------------------------------------
@pytest.fixture
def copy(tmp_path) -> Path:
    shutil.copytree(bundled_path("models/fast"), tmp_path / "model")
    return tmp_path / "model"


def change(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


DAMAGES = {
    "another threshold": lambda folder: change(folder / "details/details.json", b'"denied": ', b'"denied": 1'),
    "another name": lambda folder: change(folder / "details/names.txt", b"w:", b"v:"),
    "no weights": lambda folder: (folder / "details/weights.npz").unlink(),
    "no details, though they are listed": lambda folder: shutil.rmtree(folder / "details"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_load_model_with_damaged_details_raises_model_error(copy, damage):
    damage(copy)
    with pytest.raises(ModelError) as raised:
        load_model(copy)
    assert "details" in str(raised.value) and str(raised.value).endswith(".")


def test_card_has_the_hashes_of_the_details(copy):
    card = json.loads((copy / "model.json").read_bytes())
    assert "details/details.json" in card["sha256"]
    for path in ("details/names.txt", "details/weights.npz"):
        assert path in json.loads((copy / "details/details.json").read_bytes())["sha256"]


def test_label_by_model_without_details_leaves_polarity_and_data_types_empty(copy, tmp_path):
    bundled_model = load_model(copy)
    card = {name: value for name, value in bundled_model.card.items() if name not in ("sha256", "format", "cues")}
    stored = StoredModel(bundled_model.vocabulary, bundled_model.weights.T, bundled_model.bias, card)
    assert isinstance(stored.vocabulary, Vocabulary)
    save_model(stored, tmp_path / "plain")
    labelled = load_model(tmp_path / "plain").label([segment("We do not sell your data to third parties.")])[0]
    assert labelled.practices == ("sharing",)
    assert set(labelled.polarity.values()) == {""} and labelled.data_types == {"collection": (), "sharing": ()}


BITS = st.sampled_from(
    [*sorted(NEGATION_CUES), "n't", "n’t", "do", "casi", "ces", "i", "_", "-", "'", " ", " ", ".", "N", "é", "7"]
)


@given(st.lists(BITS, max_size=12).map("".join))
@settings(max_examples=500)
def test_has_negation_equals_search_for_any_cue(text):
    """The fast search finds what the plain pattern finds."""
    assert has_negation(text) == bool(NEGATION_CUE.search(lower_case(text)))
