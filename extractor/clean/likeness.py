"""What a text reads like: a privacy policy, terms of service, or another page.

A linear model over the words and pairs of words of a text, trained by `extractor.training.verdict` and kept as JSON in
`models/verdict`. Scoring takes plain Python only, about a millisecond for the longest policy.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal, get_args

from extractor.resources import bundled

Kind = Literal["policy", "terms", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
SLICE = 5_000  # characters: of a longer text the first ones count, and half as many from its middle and its end
Gram = str | tuple[str, str]


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Two features that speak for sites unlike those the model has seen: how much of a text are words that privacy policies
# live on, and words that terms live on. A share of one word in `FULL` counts as much as it can.
CUES: dict[str, frozenset[str]] = {
    "(privacy)": words(
        "privacy personal personally identifiable data collect collects collected collection cookie cookies "
        "beacons share shared sharing disclose disclosed disclosure opt unsubscribe advertisers analytics ip "
        "browser retention retain erasure rectification controller gdpr ccpa coppa children parental consent "
        "security encryption demographic aggregate tracking identifiers marketing anonymous"
    ),
    "(terms)": words(
        "warranty warranties liable liability indemnify indemnification arbitration arbitrator jurisdiction "
        "governed venue damages consequential punitive merchantability infringement infringe infringing license "
        "licence licensed sublicense copyright copyrighted trademark trademarks dmca takedown terminate "
        "termination waive waiver severable unenforceable prohibited unlawful defamatory obscene reproduce "
        "derivative refund refunds fees payment subscription agreement hereunder herein obligations disclaim "
        "disclaims perjury disputes conduct"
    ),
}
FULL = 12


@dataclass(frozen=True)
class LikenessModel:
    """For each word or pair of words its weight for each of `KINDS`, and what each kind starts from."""

    weights: Mapping[Gram, tuple[float, float, float]]
    bias: tuple[float, float, float]


def likeness(text: str) -> dict[Kind, float]:
    """How probable each kind is for a text in English; the three add up to one.

    >>> found = likeness("We collect your e-mail address and do not share your personal information.")
    >>> max(found, key=found.get)
    'policy'
    """
    model = load_likeness()
    policy, terms, other = model.bias
    for gram, value in features(text, model.weights.keys()).items():
        for_policy, for_terms, for_other = model.weights[gram]
        policy += for_policy * value
        terms += for_terms * value
        other += for_other * value
    top = max(policy, terms, other)
    odds = [math.exp(value - top) for value in (policy, terms, other)]
    return {kind: round(odd / sum(odds), 4) for kind, odd in zip(KINDS, odds, strict=True)}


def features(text: str, known: Set[Gram] | None = None) -> dict[Gram, float]:
    """The words and pairs of a text with their weight in it, those in `known` if it is given.

    A weight is the logarithm of how often the word stands there, all of them scaled to a length of one. Words that are
    not known count in the scale, so that a page that says little of privacy among much else looks like little.
    """
    found = WORD.findall(sampled(text).lower())
    counts: Counter[Gram] = Counter(found)
    counts.update(pairwise(found))
    length = math.sqrt(sum(many * squared_weight(count) for count, many in Counter(counts.values()).items())) or 1.0
    kept = counts.keys() if known is None else counts.keys() & known
    return {gram: (1 + math.log(counts[gram])) / length for gram in kept} | shares(counts, len(found))


@cache
def squared_weight(count: int) -> float:
    """The square of the weight of a word before all are scaled."""
    return (1 + math.log(count)) ** 2


def shares(counts: Counter[Gram], total: int) -> dict[Gram, float]:
    """How much of a text are words of each group of cues, 0 to 1."""
    sums = {name: sum(counts[word] for word in cues) for name, cues in CUES.items()}
    return {name: min(1.0, FULL * count / max(total, 1)) for name, count in sums.items()}


def sampled(text: str) -> str:
    """A text, or its start and parts from its middle and end where it is long."""
    if len(text) <= 2 * SLICE:
        return text
    middle = len(text) // 2
    return f"{text[:SLICE]} {text[middle : middle + SLICE // 2]} {text[-SLICE // 2 :]}"


@cache
def load_likeness() -> LikenessModel:
    """The model that travels with the package."""
    card = json.loads(bundled("models/verdict/model.json").read_bytes())
    rows = zip(card["grams"], zip(*(card["weights"][kind] for kind in KINDS), strict=True), strict=True)
    policy, terms, other = (card["bias"][kind] for kind in KINDS)
    return LikenessModel({as_gram(name): row for name, row in rows}, (policy, terms, other))


def as_gram(name: str) -> Gram:
    """A word or a pair of words from its name in the model's file.

    >>> as_gram("privacy"), as_gram("we collect")
    ('privacy', ('we', 'collect'))
    """
    first, _, second = name.partition(" ")
    return (first, second) if second else first


def names(grams: Iterable[Gram]) -> Iterator[str]:
    """The names of words and pairs in the model's file."""
    return (gram if isinstance(gram, str) else " ".join(gram) for gram in grams)
