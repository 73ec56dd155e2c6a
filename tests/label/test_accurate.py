"""The bundled accurate model, run by onnxruntime and tokenizers."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.errors import ModelError
from extractor.label import Model, load_model
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.resources import bundled_path

SENTENCES = [
    "We collect your name and e-mail address when you register.",
    "",
    "We do not sell your data to third parties!",
    "unsubscribe " * 500,
    "Children under 13 may not use this site. " * 5,
    "\U0001f36a a\x00b\u2028c\r\n",
    "Cookies.",
]


@cache
def accurate() -> Model:
    return load_model("accurate")


def segment(text: str, *headings: str) -> Segment:
    return Segment(0, 0, len(text), text, headings=headings)


@pytest.mark.parametrize(
    ("text", "practice", "category"),
    [
        ("We collect your name and e-mail address when you register.", "collection", "First Party Collection/Use"),
        ("We share this information with our advertising partners.", "sharing", "Third Party Sharing/Collection"),
        ("You can refuse cookies in the settings of your browser.", "cookies", "User Choice/Control"),
        ("Write to us to see, correct or delete your data.", "rights", "User Access, Edit and Deletion"),
        ("This site is not for children under 13.", "children", "International and Specific Audiences"),
    ],
)
def test_label_of_plain_sentence_has_the_obvious_labels(text, practice, category):
    labelled = accurate().label([segment(text)])[0]
    assert practice in labelled.practices and category in labelled.categories


def test_label_sets_every_score_between_0_and_1():
    for labelled in accurate().label([segment(text) for text in SENTENCES]):
        assert tuple(labelled.scores) == PRACTICES and tuple(labelled.category_scores) == CATEGORIES
        scores = [*labelled.scores.values(), *labelled.category_scores.values()]
        assert all(0 <= score <= 1 and round(score, 4) == score for score in scores)
    assert accurate().label([]) == []


@given(texts=st.lists(st.sampled_from(SENTENCES) | st.text(max_size=200), min_size=1, max_size=12))
@settings(max_examples=15, deadline=None)
def test_label_of_batch_equals_label_of_each_segment(texts):
    segments = [segment(text) for text in texts]
    labelled = accurate().label(segments)
    assert labelled == [accurate().label([one])[0] for one in segments]
    assert labelled == accurate().label(segments[::-1])[::-1]


def test_label_where_fast_is_sure_skips_the_encoder(monkeypatch):
    model, sure, unsure = (
        accurate(),
        segment("We may change this policy at any time; changes will be posted here."),
        segment("We keep track of it for our partners."),
    )
    encoded = []
    monkeypatch.setattr(
        type(model.encoder), "decision_values", lambda self, texts: encoded.extend(texts) or np.zeros((len(texts), 17))
    )
    labelled = model.label([sure, unsure])
    assert encoded == [unsure.text] and labelled[0] == model.fast.label([sure])[0]


def test_label_under_cookies_heading_raises_the_cookies_score():
    text = "There are several kinds, which are described in the table."
    bare, headed = accurate().label([segment(text), segment(text, "Privacy Policy", "Cookies")])
    assert headed.scores["cookies"] > bare.scores["cookies"]


def test_load_model_without_onnxruntime_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"install .*\[accurate\]'"):
        load_model("accurate")


def test_load_accurate_writes_no_identifier_and_prepares_no_report(tmp_path):
    """onnxruntime leaves both in the home folder, unless it runs under CI or is told not to."""
    names = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in names if name in os.environ} | {"HOME": str(tmp_path)}
    load = [sys.executable, "-c", "import extractor; extractor.load('accurate')"]
    subprocess.run(load, env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(bundled_path("models/accurate"), tmp_path / "accurate"))


@pytest.mark.parametrize("name", ["tokenizer.json", "encoder.onnx", "fast/model.json", "fast/terms.txt"])
def test_load_model_with_changed_file_raises_model_error(folder, name):
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match=Path(name).name.replace(".", r"\.")):
        load_model(folder)


@pytest.mark.parametrize("change", [{"format": 1}, {"share": "half"}, {"sure": "quite"}, {"labels": {}}], ids=str)
def test_load_model_with_invalid_card_raises_model_error(folder, change):
    card = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(card | change))
    with pytest.raises(ModelError, match="again"):
        load_model(folder)
