"""The verdict's model is trained on features by name, and scores by number: both have to say the same."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.clean import TEXT_KINDS, kind_probabilities
from extractor.resources import bundled_path
from extractor.training.models.verdict import features_of, names

CARD = json.loads(bundled_path("models/verdict/model.json").read_bytes())
SAID = (
    "we collect your personal information cookies opt out terms warranty liability café o'clock hotel 12 Zyxw".split()
)
SEPARATORS = st.sampled_from([" ", "\n\n", ", ", "'", "’"])


def by_name(text: str) -> dict[str, float]:
    """The likeness of a text from its features as training has them."""
    features = dict(zip(names(features_of(text)), features_of(text).values(), strict=True))
    odds = []
    for kind in TEXT_KINDS:
        weights = dict(zip(CARD["grams"], CARD["weights"][kind], strict=True))
        odds.append(
            math.exp(CARD["bias"][kind] + sum(weights.get(name, 0) * value for name, value in features.items()))
        )
    return {kind: odd / sum(odds) for kind, odd in zip(TEXT_KINDS, odds, strict=True)}


@pytest.mark.parametrize("text", ["", "Privacy", "12 34", "We collect it. " * 2_000, "Übergrößenträger über alles"])
def test_likeness_of_odd_texts_is_that_of_their_features(text: str) -> None:
    assert kind_probabilities(text) == pytest.approx(by_name(text), abs=6e-5)


@given(st.lists(st.tuples(st.sampled_from(SAID), SEPARATORS).map("".join), max_size=60).map("".join))
def test_likeness_is_that_of_the_features(text: str) -> None:
    assert kind_probabilities(text) == pytest.approx(by_name(text), abs=6e-5)
