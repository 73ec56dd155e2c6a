"""What a text reads like: a privacy policy, terms of service, or another page.

A linear model over the words and pairs of words of a text, trained by `archived-policy train --model verdict` and kept
as JSON in `models/verdict`. Its features are made by name in training (`extractor.training.models`), here by number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from extractor.resources import bundled

Kind = Literal["policy", "terms", "other"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
_SLICE = 5_000  # characters: of a longer text the first ones count, and half as many from its middle and its end
_MOST = 1 << 20  # words; no text that is read has as many
_NONE = -1  # the number of the word before one that stands by itself
_LAST = np.iinfo(np.int64).max
_Integers = NDArray[np.int64]
_Array = NDArray[np.float64]


def _words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# Two features that speak for sites unlike those the model has seen: how much of a text are words that privacy policies
# live on, and words that terms live on. A share of one word in `FULL` counts as much as it can.
CUES: dict[str, frozenset[str]] = {
    "(privacy)": _words(
        "privacy personal personally identifiable data collect collects collected collection cookie cookies "
        "beacons share shared sharing disclose disclosed disclosure opt unsubscribe advertisers analytics ip "
        "browser retention retain erasure rectification controller gdpr ccpa coppa children parental consent "
        "security encryption demographic aggregate tracking identifiers marketing anonymous"
    ),
    "(terms)": _words(
        "warranty warranties liable liability indemnify indemnification arbitration arbitrator jurisdiction "
        "governed venue damages consequential punitive merchantability infringement infringe infringing license "
        "licence licensed sublicense copyright copyrighted trademark trademarks dmca takedown terminate "
        "termination waive waiver severable unenforceable prohibited unlawful defamatory obscene reproduce "
        "derivative refund refunds fees payment subscription agreement hereunder herein obligations disclaim "
        "disclaims perjury disputes conduct"
    ),
}
FULL = 12


class _LikenessModel(NamedTuple):
    """Words by number, and the known words and pairs by `_key_of`, each once, in ascending order; behind them LAST.

    `weights` are theirs, (keys, kinds), `bias` is what each kind starts from. `cues` says of each word whether it is
    one of each group, (words, groups), `cue_weights` are the groups' own, (groups, kinds).
    """

    numbers: Mapping[str, int]
    keys: _Integers
    weights: _Array
    bias: _Array
    cues: _Array
    cue_weights: _Array


def likeness(text: str) -> dict[Kind, float]:
    """How probable each kind is for a text in English; the three add up to one.

    The weight of a word or a pair is the logarithm of how often it stands in the text, all of them scaled to a length
    of one. Words that are not known count in the scale, so that a page that says little of privacy among much else
    looks like little.

    >>> found = likeness("We collect your e-mail address and do not share your personal information.")
    >>> max(found, key=found.get)
    'policy'
    """
    model = _load_likeness()
    found = _numbered(words_of(text), model.numbers)
    keys, counts = np.unique(np.concatenate([found, _key_of(found[:-1], found[1:])]), return_counts=True)
    weights = 1 + np.log(counts)
    at = np.searchsorted(model.keys, keys)
    known = model.keys[at] == keys
    values = weights[known] @ model.weights[at[known]] / (np.sqrt(weights @ weights) or 1.0)
    cued = model.cues[found[found < len(model.cues)]].sum(axis=0)
    values += model.bias + np.minimum(1, FULL * cued / max(len(found), 1)) @ model.cue_weights
    odds = np.exp(values - values.max())
    return {kind: round(odd, 4) for kind, odd in zip(KINDS, (odds / odds.sum()).tolist(), strict=True)}


def words_of(text: str) -> list[str]:
    """The words of a text, or of parts of a long one, in lower case."""
    return _WORD.findall(_sampled(text).lower())


def _numbered(found: Sequence[str], numbers: Mapping[str, int]) -> _Integers:
    """Words by number; those without one get higher ones, each its own."""
    own = {word: numbers.get(word, number) for number, word in enumerate(dict.fromkeys(found), len(numbers))}
    return np.fromiter(map(own.__getitem__, found), np.int64, len(found))


def _key_of(first: _Integers, second: _Integers) -> _Integers:
    """The number of a pair of words, greater than that of any word."""
    return (first + 1) * _MOST + second


def _sampled(text: str) -> str:
    """A text, or its start and parts from its middle and end where it is long."""
    if len(text) <= 2 * _SLICE:
        return text
    middle = len(text) // 2
    return f"{text[:_SLICE]} {text[middle : middle + _SLICE // 2]} {text[-_SLICE // 2 :]}"


@cache
def _load_likeness() -> _LikenessModel:
    """The model that travels with the package."""
    card = json.loads(bundled("models/verdict/model.json").read_bytes())
    weights = dict(zip(card["grams"], zip(*(card["weights"][kind] for kind in KINDS), strict=True), strict=True))
    cue_weights = np.array([weights.pop(name) for name in CUES])
    grams = [name.split(" ") for name in weights]
    numbers = {word: number for number, word in enumerate(dict.fromkeys(chain(*grams, *CUES.values())))}
    first = np.array([numbers[gram[0]] if len(gram) > 1 else _NONE for gram in grams])
    keys = _key_of(first, np.array([numbers[gram[-1]] for gram in grams]))
    order = np.argsort(keys)
    return _LikenessModel(
        numbers,
        np.append(keys[order], _LAST),
        np.array(list(weights.values()))[order],
        np.array([card["bias"][kind] for kind in KINDS]),
        np.array([[word in cues for cues in CUES.values()] for word in numbers], dtype=float),
        cue_weights,
    )
