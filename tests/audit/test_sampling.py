"""The sample: its chances are what they say, and it is the same each time."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.planted import World, corpus
from extractor.audit import draw_sample, stratum_counts
from extractor.records import PRACTICES

CORPUS = corpus(World(texts=300, spans=2), 0)


@given(st.randoms(), st.integers(1, 5), st.integers(0, 3))
def test_draw_sample_does_not_depend_on_the_order_of_texts(random, per_stratum, seed):
    shuffled = random.sample(CORPUS.items, len(CORPUS.items))
    assert draw_sample(shuffled, per_stratum, seed) == draw_sample(CORPUS.items, per_stratum, seed)


@pytest.mark.parametrize("per_stratum", [1, 3, 10_000])
def test_draw_sample_draws_the_number_per_stratum(per_stratum):
    sample = draw_sample(CORPUS.items, per_stratum, 7)
    sizes = Counter(stratum for item in CORPUS.items for stratum in item.strata)
    assert dict(sample.sizes) == dict(sizes)
    for stratum, size, judged in stratum_counts(sample):
        assert min(size, per_stratum) <= judged <= size, stratum
    assert len({one.id for one in sample.items}) == len(sample.items)
    assert all(0 < one.chance <= 1 for one in sample.items)


def test_draw_sample_with_another_seed_draws_other_texts():
    first, second = ({one.item.place for one in draw_sample(CORPUS.items, 2, seed).items} for seed in (0, 1))
    assert first != second


def test_draw_sample_chances_are_the_frequencies_of_being_drawn():
    times = 600
    seen, chances = Counter(), {}
    for seed in range(times):
        for one in draw_sample(CORPUS.items[:120], 2, seed).items:
            seen[one.item.place] += 1
            chances[one.item.place] = one.chance
    expected = np.array([chances[place] for place in chances])
    found = np.array([seen[place] / times for place in chances])
    deviations = (found - expected) / np.sqrt(np.maximum(expected * (1 - expected), 1e-3) / times)
    assert np.abs(deviations).max() < 4.5
    assert np.mean(deviations**2) < 1.5


def test_draw_sample_weights_add_up_to_the_corpus():
    totals = [sum(1 / one.chance for one in draw_sample(CORPUS.items, 4, seed).items) for seed in range(60)]
    assert np.mean(totals) == pytest.approx(300, abs=4 * np.std(totals) / np.sqrt(60))


def test_draw_sample_order_is_independent_of_the_labels():
    sample = draw_sample(CORPUS.items, 8, 0)
    first, second = sample.items[: len(sample.items) // 2], sample.items[len(sample.items) // 2 :]
    for name in PRACTICES:
        shares = [sum(name in one.item.practices for one in half) / len(half) for half in (first, second)]
        assert abs(shares[0] - shares[1]) < 4 * np.sqrt(0.25 * 2 / len(first))
