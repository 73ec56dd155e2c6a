"""Classifies a text as a privacy policy, terms of service, or another page.

A linear model over the words and word pairs of a text, trained by `archived-policy train --model verdict` and stored as
JSON in `models/verdict`. Training (`extractor.training.models`) identifies the features by name, this module by number.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain, count
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from extractor.resources import bundled_path

TextKind = Literal["policy", "terms", "other"]
TEXT_KINDS: tuple[TextKind, ...] = get_args(TextKind)
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
_SLICE = 5_000  # characters from the start of a longer text, and half as many from its middle and from its end
_MAX_WORDS = 1 << 20  # more than any text has
_NO_WORD = -1  # in the place of the first word of a pair, for a single word
_LAST_KEY = np.iinfo(np.int64).max
_Integers = NDArray[np.int64]
_Array = NDArray[np.float64]


def _word_set(text: str) -> frozenset[str]:
    """A list of words as a set."""
    return frozenset(text.split())


# Two features for sites unlike those in the training data: the share of words typical of privacy policies, and of words
# typical of terms. The features reach their maximum at a share of one word in `CUE_SCALE`.
CUE_WORDS: dict[str, frozenset[str]] = {
    "(privacy)": _word_set(
        "privacy personal personally identifiable data collect collects collected collection cookie cookies "
        "beacons share shared sharing disclose disclosed disclosure opt unsubscribe advertisers analytics ip "
        "browser retention retain erasure rectification controller gdpr ccpa coppa children parental consent "
        "security encryption demographic aggregate tracking identifiers marketing anonymous"
    ),
    "(terms)": _word_set(
        "warranty warranties liable liability indemnify indemnification arbitration arbitrator jurisdiction "
        "governed venue damages consequential punitive merchantability infringement infringe infringing license "
        "licence licensed sublicense copyright copyrighted trademark trademarks dmca takedown terminate "
        "termination waive waiver severable unenforceable prohibited unlawful defamatory obscene reproduce "
        "derivative refund refunds fees payment subscription agreement hereunder herein obligations disclaim "
        "disclaims perjury disputes conduct"
    ),
}
CUE_SCALE = 12


class _KindModel(NamedTuple):
    """The numbers of the known words, and the keys (`_pair_key`) of the known words and pairs, ascending, then LAST.

    `weights` are those of the keys, (keys, kinds), and `bias` those of the kinds. `cues` is whether each word is in
    each group of cue words, (words, groups), and `cue_weights` are the weights of the groups, (groups, kinds).
    """

    word_ids: Mapping[str, int]
    keys: _Integers
    weights: _Array
    bias: _Array
    cues: _Array
    cue_weights: _Array


def kind_probabilities(text: str) -> dict[TextKind, float]:
    """The probability of each kind for a text in English; the three add up to one.

    The value of a word or pair is 1 plus the logarithm of its count in the text; the vector of these has length one.
    Unknown words count towards the length, so that a page that mentions privacy among much else gets a low probability.

    >>> kinds = kind_probabilities("We collect your e-mail address and do not share your personal information.")
    >>> max(kinds, key=kinds.get)
    'policy'
    """
    model = _load_model()
    words = _word_ids(sample_words(text), model.word_ids)
    keys, counts = np.unique(np.concatenate([words, _pair_key(words[:-1], words[1:])]), return_counts=True)
    values = 1 + np.log(counts)
    rows = np.searchsorted(model.keys, keys)
    known = model.keys[rows] == keys
    scores = values[known] @ model.weights[rows[known]] / (np.sqrt(values @ values) or 1.0)
    cue_counts = np.bincount(words, minlength=len(model.cues))[: len(model.cues)] @ model.cues
    scores += model.bias + np.minimum(1, CUE_SCALE * cue_counts / max(len(words), 1)) @ model.cue_weights
    odds = np.exp(scores - scores.max())
    return {kind: round(odd, 4) for kind, odd in zip(TEXT_KINDS, (odds / odds.sum()).tolist(), strict=True)}


def sample_words(text: str) -> list[str]:
    """The words of a text, or of samples of a long one, in lower case."""
    return _WORD.findall(_sample(text).lower())


def _word_ids(words: Sequence[str], known: Mapping[str, int]) -> _Integers:
    """The numbers of words; each different unknown word gets a number above those of the known ones."""
    ids = defaultdict(count(len(known)).__next__, known)
    return np.fromiter(map(ids.__getitem__, words), np.int64, len(words))


def _pair_key(first: _Integers, second: _Integers) -> _Integers:
    """The key of a pair of words, greater than the number of any word."""
    return (first + 1) * _MAX_WORDS + second


def _sample(text: str) -> str:
    """A text; of a long one the start and samples from the middle and the end."""
    if len(text) <= 2 * _SLICE:
        return text
    middle = len(text) // 2
    return f"{text[:_SLICE]} {text[middle : middle + _SLICE // 2]} {text[-_SLICE // 2 :]}"


@cache
def _load_model() -> _KindModel:
    """The model bundled with the package."""
    card = json.loads(bundled_path("models/verdict/model.json").read_bytes())
    weights = dict(zip(card["grams"], zip(*(card["weights"][kind] for kind in TEXT_KINDS), strict=True), strict=True))
    cue_weights = np.array([weights.pop(name) for name in CUE_WORDS])
    grams = [name.split(" ") for name in weights]
    word_ids = {word: number for number, word in enumerate(dict.fromkeys(chain(*grams, *CUE_WORDS.values())))}
    first = np.array([word_ids[gram[0]] if len(gram) > 1 else _NO_WORD for gram in grams])
    keys = _pair_key(first, np.array([word_ids[gram[-1]] for gram in grams]))
    order = np.argsort(keys)
    return _KindModel(
        word_ids,
        np.append(keys[order], _LAST_KEY),
        np.array(list(weights.values()))[order],
        np.array([card["bias"][kind] for kind in TEXT_KINDS]),
        np.array([[word in cues for cues in CUE_WORDS.values()] for word in word_ids], dtype=float),
        cue_weights,
    )
