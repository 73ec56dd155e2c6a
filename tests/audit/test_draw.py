"""The sample: its chances are what they say, and it is the same each time."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.planted import World, corpus
from extractor.audit import draw, strata_in
from extractor.records import PRACTICES

MADE = corpus(World(texts=300, spans=2), 0)


@given(st.randoms(), st.integers(1, 5), st.integers(0, 3))
def test_the_order_of_the_texts_changes_nothing(random, per_stratum, seed):
    shuffled = random.sample(MADE.items, len(MADE.items))
    assert draw(shuffled, per_stratum, seed) == draw(MADE.items, per_stratum, seed)


@pytest.mark.parametrize("per_stratum", [1, 3, 10_000])
def test_each_stratum_has_its_number(per_stratum):
    sample = draw(MADE.items, per_stratum, 7)
    sizes = Counter(stratum for item in MADE.items for stratum in item.strata)
    assert dict(sample.sizes) == dict(sizes)
    for stratum, size, judged in strata_in(sample):
        assert min(size, per_stratum) <= judged <= size, stratum
    assert len({one.id for one in sample.drawn}) == len(sample.drawn)
    assert all(0 < one.chance <= 1 for one in sample.drawn)


def test_another_seed_draws_others():
    first, second = ({one.item.place for one in draw(MADE.items, 2, seed).drawn} for seed in (0, 1))
    assert first != second


def test_chances_are_how_often_a_text_is_drawn():
    times = 600
    seen, chances = Counter(), {}
    for seed in range(times):
        for one in draw(MADE.items[:120], 2, seed).drawn:
            seen[one.item.place] += 1
            chances[one.item.place] = one.chance
    expected = np.array([chances[place] for place in chances])
    found = np.array([seen[place] / times for place in chances])
    deviations = (found - expected) / np.sqrt(np.maximum(expected * (1 - expected), 1e-3) / times)
    assert np.abs(deviations).max() < 4.5
    assert np.mean(deviations**2) < 1.5


def test_weights_add_up_to_the_corpus():
    totals = [sum(1 / one.chance for one in draw(MADE.items, 4, seed).drawn) for seed in range(60)]
    assert np.mean(totals) == pytest.approx(300, abs=4 * np.std(totals) / np.sqrt(60))


def test_the_order_on_the_sheet_tells_nothing_of_the_labels():
    sample = draw(MADE.items, 8, 0)
    first, second = sample.drawn[: len(sample.drawn) // 2], sample.drawn[len(sample.drawn) // 2 :]
    for name in PRACTICES:
        shares = [sum(name in one.item.practices for one in half) / len(half) for half in (first, second)]
        assert abs(shares[0] - shares[1]) < 4 * np.sqrt(0.25 * 2 / len(first))
