"""The verdict model: training computes features by name, the scores come from numbers, and both must agree."""

import gzip
import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.clean import TEXT_KINDS, kind_probabilities, sample_words
from extractor.errors import UnreadableError
from extractor.resources import bundled_path
from extractor.training import TrainingInputs, train
from extractor.training.models.verdict import feature_names, text_features

CARD = json.loads(bundled_path("models/verdict/model.json").read_bytes())
WORDS = (
    "we collect your personal information cookies opt out terms warranty liability café o'clock hotel 12 Zyxw".split()
)
SEPARATORS = st.sampled_from([" ", "\n\n", ", ", "'", "’"])


def probabilities_by_name(text: str) -> dict[str, float]:
    """The probabilities of a text from its features by name, as in training."""
    features = dict(zip(feature_names(text_features(text)), text_features(text).values(), strict=True))
    odds = []
    for kind in TEXT_KINDS:
        weights = dict(zip(CARD["grams"], CARD["weights"][kind], strict=True))
        odds.append(
            math.exp(CARD["bias"][kind] + sum(weights.get(name, 0) * value for name, value in features.items()))
        )
    return {kind: odd / sum(odds) for kind, odd in zip(TEXT_KINDS, odds, strict=True)}


@pytest.mark.parametrize("text", ["", "Privacy", "12 34", "We collect it. " * 2_000, "Übergrößenträger über alles"])
def test_kind_probabilities_of_odd_texts_are_those_of_features_by_name(text: str) -> None:
    assert kind_probabilities(text) == pytest.approx(probabilities_by_name(text), abs=6e-5)


@given(st.lists(st.tuples(st.sampled_from(WORDS), SEPARATORS).map("".join), max_size=60).map("".join))
def test_kind_probabilities_are_those_of_features_by_name(text: str) -> None:
    assert kind_probabilities(text) == pytest.approx(probabilities_by_name(text), abs=6e-5)


@given(st.text(st.one_of(st.sampled_from("abzAZ'’' \n9_é\u0130\u212a\0\x92"), st.characters())))
def test_sample_words_are_letters_with_one_apostrophe_between_them(text: str) -> None:
    assert sample_words(text) == re.findall(r"[a-z]+(?:['’][a-z]+)?", text.lower())


@pytest.mark.parametrize(
    "missing", ["extraction", "unlabelled_policies.jsonl.gz", "open-terms-archive-versions.bundle"]
)
def test_train_verdict_without_a_data_set_names_it(tmp_path, missing) -> None:
    if missing != "extraction":
        (tmp_path / "extraction").mkdir()
    if missing.endswith(".bundle"):
        (tmp_path / "unlabelled_policies.jsonl.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(UnreadableError, match=missing):
        train("verdict", TrainingInputs(tmp_path / "opp115"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
