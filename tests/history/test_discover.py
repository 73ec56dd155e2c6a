"""Phrases that rose or fell: planted changes come first, the boilerplate of one site does not."""

import random
from math import isclose

import pytest

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


def test_discover_finds_planted_phrases_first_and_counts_a_site_once(sites):
    found = discover(lambda: sites)
    first = {direction: next(one for one in found if one.direction == direction) for direction in ("rose", "fell")}
    assert first["rose"].phrase == "right to data portability"
    assert (first["rose"].before, first["rose"].after, first["rose"].after_of) == (0, 28, 40)
    assert first["rose"].z > 4
    assert "mailing lists" in first["fell"].phrase
    assert (first["fell"].before, first["fell"].after) == (24, 0)
    assert first["fell"].z < -4
    assert not [one for one in found if "zebra" in one.phrase or "giraffe" in one.phrase]


def test_discover_lists_no_phrase_and_its_part_twice(sites):
    found = [one.phrase for one in discover(lambda: sites) if "portability" in one.phrase]
    assert found == ["right to data portability"]


def test_discover_gives_at_most_so_many_of_each_direction_and_the_surest_first(sites):
    found = discover(lambda: sites, top=3)
    for direction in ("rose", "fell"):
        scores = [abs(one.z) for one in found if one.direction == direction]
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
