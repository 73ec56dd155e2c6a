"""Phrases that rose or fell: planted changes come first, the boilerplate of one site does not."""

import random
from itertools import product
from math import isclose, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.history import SpanText, discover, phrase_span
from extractor.history.discover import log_odds_ratio

WORDS = "lamp order shop name address bank post letter parcel mail visit page browser account number colour".split()


def sentence(chance):
    return " ".join(chance.choices(WORDS, k=12)).capitalize() + "."


@pytest.fixture
def sites():
    """Forty sites, with two captures in each span, and planted phrases."""
    chance = random.Random(3)
    texts = []
    for number in range(40):
        site = []
        for is_later in (False, False, True, True):
            parts = [sentence(chance) for _ in range(20)]
            if is_later and number % 10 < 7:
                parts.append("You have the right to data portability.")
            if not is_later and number % 10 < 6:
                parts.append("We never rent mailing lists.")
            if number == 5 and is_later:  # boilerplate of one site, many times
                parts += ["Our zebra cares for stripes."] * 200
            if number in (5, 6) and is_later:
                parts += ["The giraffe looks down."] * 50
            site.append(SpanText(f"{number}.example", is_later, f"{number}-{is_later}", "\n\n".join(parts)))
        texts.append(site)
    return texts


@pytest.mark.parametrize("panel", ["all", "fixed"])
def test_discover_finds_planted_phrases_first_and_counts_a_site_once(sites, panel):
    found = [one for one in discover(lambda: sites) if one.panel == panel]
    first = {direction: next(one for one in found if one.direction == direction) for direction in ("rose", "fell")}
    assert first["rose"].phrase == "right to data portability"
    assert (first["rose"].before, first["rose"].after, first["rose"].after_of) == (0, 28, 40)
    assert first["rose"].z > 4
    assert "mailing lists" in first["fell"].phrase
    assert (first["fell"].before, first["fell"].after) == (24, 0)
    assert first["fell"].z < -4
    assert not [one for one in found if "zebra" in one.phrase or "giraffe" in one.phrase]


def test_discover_lists_no_phrase_and_its_part_twice(sites):
    found = [(one.panel, one.phrase) for one in discover(lambda: sites) if "portability" in one.phrase]
    assert found == [("all", "right to data portability"), ("fixed", "right to data portability")]


def site(name, before, after):
    """A site with a text in each span, None for a span without captures."""
    texts = ((False, before), (True, after))
    return [SpanText(name, is_later, f"{name}-{is_later}", text) for is_later, text in texts if text is not None]


def test_discover_tells_what_sites_changed_from_which_sites_there_are():
    stayed = [site(f"{number}.stayed", "Lamps.", "Lamps. Global privacy control.") for number in range(20)]
    left = [site(f"{number}.left", "Lamps. Postal newsletter.", None) for number in range(60)]
    joined = [site(f"{number}.joined", None, "Lamps. Mobile apps.") for number in range(60)]
    found = discover(lambda: [*stayed, *left, *joined])
    counts = {
        (one.panel, one.phrase): (one.direction, one.before, one.before_of, one.after, one.after_of, one.both)
        for one in found
    }
    assert counts == {
        ("all", "mobile apps"): ("rose", 0, 80, 60, 80, 0),
        ("all", "global privacy control"): ("rose", 0, 80, 20, 80, 0),
        ("all", "postal newsletter"): ("fell", 60, 80, 0, 80, 0),
        ("fixed", "global privacy control"): ("rose", 0, 20, 20, 20, 0),
    }


def test_discover_without_a_site_in_both_spans_has_no_fixed_panel():
    left, joined = ([site(f"{number}", *texts) for number in range(9)] for texts in (("Lamps.", None), (None, "Apps.")))
    assert {one.panel for one in discover(lambda: [*left, *joined])} == {"all"}


def test_discover_gives_at_most_so_many_of_each_direction_and_the_surest_first(sites):
    found = discover(lambda: sites, top=3)
    for panel, direction in product(("all", "fixed"), ("rose", "fell")):
        scores = [abs(one.z) for one in found if (one.panel, one.direction) == (panel, direction)]
        assert len(scores) <= 3
        assert scores == sorted(scores, reverse=True)


def test_discover_does_not_depend_on_the_order_of_sites(sites):
    assert discover(lambda: sites) == discover(lambda: sites[::-1])


@pytest.mark.parametrize("texts", [[], [[SpanText("a", False, "a", "Lamps.")]]])
def test_discover_without_texts_in_both_spans_finds_nothing(texts):
    assert discover(lambda: texts) == []


def test_log_odds_ratio_shrinks_what_few_sites_have():
    rare, common = log_odds_ratio((0, 100), (3, 100), 0.015), log_odds_ratio((0, 100), (60, 100), 0.3)
    assert 0 < rare[1] < 1.5 < 4 < common[1]
    mirrored = log_odds_ratio((60, 100), (0, 100), 0.3)
    assert isclose(mirrored[0], -common[0]) and isclose(mirrored[1], -common[1])
    assert log_odds_ratio((10, 10), (10, 10), 1.0) == log_odds_ratio((0, 10), (0, 10), 0.0) == (0.0, 0.0)


def test_log_odds_ratio_is_surer_the_more_sites_kept_their_words():
    scores = [log_odds_ratio((30, 100), (45, 100), 0.375, both)[1] for both in (0, 10, 20, 30)]
    assert scores == sorted(scores)
    assert log_odds_ratio((30, 100), (45, 100), 0.375)[1] < scores[-1]


@given(cells=st.tuples(*[st.integers(0, 300)] * 4).filter(any))
def test_log_odds_ratio_of_the_same_sites_is_a_number_and_mirrored(cells):
    both, lost, gained, _ = cells
    total = sum(cells)
    before, after = (both + lost, total), (both + gained, total)
    prior = (before[0] + after[0]) / (2 * total)
    ratio, z = log_odds_ratio(before, after, prior, both)
    mirrored = log_odds_ratio(after, before, prior, both)
    assert isfinite(z) and (z > 0) - (z < 0) == (gained > lost) - (gained < lost)
    assert isclose(mirrored[0], -ratio, abs_tol=1e-9) and isclose(mirrored[1], -z, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("text", "phrase", "words"),
    [
        ("We sell; data. Sell data.", "sell data", "Sell data"),
        ("\u0130stanbul sells lamps.", "sells lamps", "sells lamps"),
        ("We don\u2019t sell.", "don't sell", "don\u2019t sell"),
        ("Lamps.", "sell", ""),
        ("sell it", "sell data", ""),
    ],
)
def test_phrase_span_gives_the_place_of_the_words(text, phrase, words):
    start, end = phrase_span(text, phrase)
    assert (text[start:end] if start >= 0 else "") == words
