"""The fast model: its labels, and the errors it raises for damaged files."""

import json
import re
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.errors import ModelError
from extractor.label import Model, load_model
from extractor.label.features import Vocabulary
from extractor.label.store import StoredModel, save_model
from extractor.modelcard import MODEL_FORMAT, identify_model
from extractor.records import CATEGORIES, PRACTICES, Segment

LABELS = (*PRACTICES, *CATEGORIES)
WORDS = ["clock", "collect", "cookies", "share"]


@pytest.fixture(scope="module")
def fast() -> Model:
    return load_model("fast")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that knows four words, each for one label. Without any of them, all scores are one half."""
    weights = np.zeros((len(LABELS), len(WORDS) + 1), dtype=np.float32)
    for word, label in (
        ("collect", "collection"),
        ("share", "sharing"),
        ("cookies", "cookies"),
        ("clock", "Data Security"),
    ):
        weights[LABELS.index(label), WORDS.index(word)] = 9
    stems = ["clock", "collect", "cooki", "share"]
    vocabulary = Vocabulary([*stems, "cue: zzz"], np.ones(len(stems) + 1, dtype=np.float32), {"zzz": ["zzz"]})
    rules = {label: {"slope": 1.0, "shift": 0.0, "threshold": 0.75} for label in LABELS}
    card = {"name": "tiny", "version": "0", "unclear": 0.1, "labels": rules}
    save_model(StoredModel(vocabulary, weights, np.zeros(len(LABELS), dtype=np.float32), card), tmp_path / "tiny")
    return tmp_path / "tiny"


def segment(text: str, *headings: str, context: str = "") -> Segment:
    return Segment(0, 0, len(text), text, headings=headings, context=context)


@pytest.mark.parametrize(
    ("given_segment", "practices", "categories"),
    [
        (segment("we collect"), ("collection",), ("Data Retention",)),
        (segment("we collect and share"), ("collection", "sharing"), ("Data Retention",)),
        (segment("the clock"), (), ("Data Security",)),
        (segment("anything"), (), ("Data Retention",)),
        (segment("kinds there are", "Cookies"), ("cookies",), ("Data Retention",)),
        (segment("with our partners.", context="We share:"), ("sharing",), ("Data Retention",)),
    ],
    ids=["one practice", "two", "a category", "no practice, first of equal categories", "heading", "lead-in"],
)
def test_label_follows_weights_and_thresholds(folder, given_segment, practices, categories):
    labelled = load_model(folder).label([given_segment])[0]
    assert (labelled.practices, labelled.categories) == (practices, categories)
    model_fields = {
        "practices": (),
        "categories": (),
        "scores": {},
        "category_scores": {},
        "evidence": {},
        "uncertain": False,
    }
    assert replace(labelled, **model_fields) == replace(given_segment, **model_fields)


def test_label_with_score_near_threshold_is_uncertain(folder):
    model = load_model(folder)
    rules = [replace(model.rule, thresholds=np.full(len(LABELS), threshold)) for threshold in (0.45, 0.55, 0.65)]
    models = [replace(model, rule=rule) for rule in rules]
    assert [one.label([segment("none of the words")])[0].uncertain for one in models] == [True, True, False]


@pytest.mark.parametrize("name", ["fast", "folder"])
def test_identify_model_tells_what_the_loaded_model_is(name, folder):
    place = folder if name == "folder" else name
    model = load_model(place)
    assert identify_model(place) == (model.name, model.version, model.sha256)


def test_sha256_changes_with_the_card(folder, tmp_path):
    model = load_model(folder)
    again = load_model(folder)
    assert model.sha256 == again.sha256 and re.fullmatch("[0-9a-f]{64}", model.sha256)
    change_card(folder, version="1")
    assert load_model(folder).sha256 != model.sha256


def change_card(folder: Path, **changes: object) -> None:
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(card | changes))


def flip_last_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "no folder": lambda folder: [path.unlink() for path in folder.iterdir()],
    "changed weights": lambda folder: flip_last_byte(folder / "weights.npz"),
    "changed terms": lambda folder: flip_last_byte(folder / "terms.txt"),
    "no weights": lambda folder: (folder / "weights.npz").unlink(),
    "invalid JSON": lambda folder: (folder / "model.json").write_text("{"),
    "not UTF-8": lambda folder: (folder / "model.json").write_bytes(b'{"format": "\xff"}'),
    "JSON list": lambda folder: (folder / "model.json").write_text("[1]"),
    "no hashes": lambda folder: change_card(folder, sha256={}),
    "hashes that are a number": lambda folder: change_card(folder, sha256=1),
    "a later format": lambda folder: change_card(folder, format=MODEL_FORMAT + 1),
    "other labels": lambda folder: change_card(folder, labels={"fishing": {}}),
    "text as threshold": lambda folder: change_card(
        folder, labels={label: {"slope": 1, "shift": 0, "threshold": "high"} for label in LABELS}
    ),
    "no margin": lambda folder: change_card(folder, unclear=None),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_load_model_from_damaged_folder_raises_model_error(folder, damage):
    damage(folder)
    with pytest.raises(ModelError) as raised:
        load_model(folder)
    assert str(folder) in str(raised.value) and str(raised.value).endswith(".")


FAULTS_OF_CONTENT = {"other labels", "text as threshold", "no margin"}  # which only loading shows


@pytest.mark.parametrize("damage", sorted(DAMAGES.keys() - FAULTS_OF_CONTENT))
def test_identify_model_in_damaged_folder_raises_the_error_of_loading_it(damage, folder):
    DAMAGES[damage](folder)
    with pytest.raises(ModelError) as raised:
        load_model(folder)
    with pytest.raises(ModelError, match=re.escape(str(raised.value))):
        identify_model(folder)


def test_load_model_from_missing_folder_names_it(tmp_path):
    with pytest.raises(ModelError, match="nowhere"):
        load_model(tmp_path / "nowhere")


def test_load_model_of_later_format_names_the_format(folder):
    change_card(folder, format=MODEL_FORMAT + 1)
    with pytest.raises(ModelError, match=f"format {MODEL_FORMAT + 1}"):
        load_model(folder)


# The bundled model --------------------------------------------------------------------------------------------------
SENTENCES = [
    "We collect your name and e-mail address when you register.",
    "",
    " \n",
    "We do not sell your data to third parties!",
    "Wir verwenden Cookies.",
    "\U0001f36a" * 40,
    "unsubscribe " * 3_000,
    "Children under 13 may not use this site.",
    "a\x00b\u2028c\r\n",
]


def test_label_sets_every_score_between_0_and_1(fast):
    for labelled in fast.label([segment(text) for text in SENTENCES]):
        assert tuple(labelled.scores) == PRACTICES and tuple(labelled.category_scores) == CATEGORIES
        scores = [*labelled.scores.values(), *labelled.category_scores.values()]
        assert all(0 <= score <= 1 and round(score, 4) == score for score in scores)
        assert len(labelled.categories) >= 1


@given(
    texts=st.lists(st.sampled_from(SENTENCES) | st.text(max_size=200), min_size=1, max_size=30),
    cuts=st.lists(st.integers(0, 30), max_size=5),
)
@settings(max_examples=40, deadline=None)
def test_label_of_batch_equals_label_of_each_segment(texts, cuts):
    model, segments = cached_model(), [segment(text) for text in texts]
    bounds = [0, *sorted(min(cut, len(segments)) for cut in cuts), len(segments)]
    parts = [labelled for start, end in pairwise(bounds) for labelled in model.label(segments[start:end])]
    assert parts == model.label(segments) == [model.label([one])[0] for one in segments]


LOADED: list[Model] = []


def cached_model() -> Model:
    """The fast model; hypothesis rejects narrower fixtures, and loading it for each example would take seconds."""
    if not LOADED:
        LOADED.append(load_model("fast"))
    return LOADED[0]


def test_label_of_no_segments_is_empty(fast):
    assert fast.label([]) == []


def test_label_of_a_megabyte_takes_less_than_two_seconds(fast):
    text = "We collect cookies and share them. " * 30_000
    fast.label([segment("warm")])
    start = time.perf_counter()
    labelled = fast.label([segment(text)])[0]
    assert time.perf_counter() - start < 2
    assert labelled.text == text and "cookies" in labelled.practices


def test_label_under_cookies_heading_raises_the_cookies_score(fast):
    text = "There are several kinds, which are described in the table."
    bare, headed = fast.label([segment(text), segment(text, "Privacy Policy", "Cookies")])
    assert headed.scores["cookies"] > bare.scores["cookies"]
