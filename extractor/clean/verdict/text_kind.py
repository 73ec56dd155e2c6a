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
_APOSTROPHE = "\0"  # stands for "’" in words
_ASCII_FORMS = {"\0": " ", "’": _APOSTROPHE, "\u0130": "i ", "\u212a": "k"}  # the last two have ASCII lower cases
_LETTERS = bytes(range(ord("a"), ord("z") + 1))
_SPACED = bytes(code if code in _LETTERS + b"'\0" else ord(" ") for code in bytes(range(256)).lower())
_WORD = re.compile(rb"[a-z]+(?:['\0][a-z]+)?")
# Two patterns for two marks: one that begins with a literal is fifty times as fast
_LOOSE_MARKS = (re.compile(rb"'(?:(?![a-z])|(?<![a-z]'))"), re.compile(rb"\0(?:(?![a-z])|(?<![a-z]\0))"))
_TWO_MARKS = (re.compile(rb"'[a-z]+['\0]"), re.compile(rb"\0[a-z]+['\0]"))
_SLICE = 5_000  # characters from the start of a longer text, and half as many from its middle and from its end
_MAX_WORDS = 1 << 20  # more than any text has
_NO_WORD = -1  # in the place of the first word of a pair, for a single word
_LAST_KEY = np.iinfo(np.int64).max
_OUTERMOST_KEYS = np.array([_NO_WORD, _LAST_KEY])  # those of no word or pair
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

    word_ids: Mapping[bytes, int]
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
    words = _word_ids(_find_words(_sample(text)), model.word_ids)
    keys, counts = _count_keys(words)
    values = 1 + np.log(counts)
    rows = np.searchsorted(model.keys, keys)
    known = np.flatnonzero(model.keys.take(rows) == keys)
    scores = values.take(known) @ model.weights.take(rows.take(known), axis=0) / (np.sqrt(values @ values) or 1.0)
    cue_counts = np.bincount(words, minlength=len(model.cues))[: len(model.cues)] @ model.cues
    scores += model.bias + np.minimum(1, CUE_SCALE * cue_counts / max(len(words), 1)) @ model.cue_weights
    odds = np.exp(scores - scores.max())
    return {kind: round(odd, 4) for kind, odd in zip(TEXT_KINDS, (odds / odds.sum()).tolist(), strict=True)}


def sample_words(text: str) -> list[str]:
    """The words of a text, or of samples of a long one, in lower case.

    >>> sample_words("We don’t sell users' e-mail addresses.")
    ['we', 'don’t', 'sell', 'users', 'e', 'mail', 'addresses']
    """
    return [word.decode().replace(_APOSTROPHE, "’") for word in _find_words(_sample(text))]


def _find_words(text: str) -> list[bytes]:
    """The words of a text: runs of the letters a to z in lower case, or two such runs with an apostrophe between them.

    Splitting a text whose other characters are spaces takes a third of the time that finding words by a pattern takes.
    """
    for character, ascii_form in _ASCII_FORMS.items():
        text = text.replace(character, ascii_form)
    spaced = text.encode("latin-1", "replace").translate(_SPACED)
    if any(marks.search(spaced) for marks in _TWO_MARKS):
        return _WORD.findall(spaced)
    for marks in _LOOSE_MARKS:
        spaced = marks.sub(b" ", spaced)
    return spaced.split()


def _word_ids(words: Sequence[bytes], known: Mapping[bytes, int]) -> _Integers:
    """The numbers of words; each different unknown word gets a number above those of the known ones."""
    ids = defaultdict(count(len(known)).__next__, known)
    return np.fromiter(map(ids.__getitem__, words), np.int64, len(words))


def _count_keys(words: _Integers) -> tuple[_Integers, _Integers]:
    """The different words and pairs of a text, ascending, and how often each is in it, as by np.unique but faster."""
    keys = np.concatenate([_OUTERMOST_KEYS, words, _pair_key(words[:-1], words[1:])])
    keys.sort()
    starts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return keys.take(starts[:-1]), starts[1:] - starts[:-1]


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
        {word.replace("’", _APOSTROPHE).encode(): number for word, number in word_ids.items()},
        np.append(keys[order], _LAST_KEY),
        np.array(list(weights.values()))[order],
        np.array([card["bias"][kind] for kind in TEXT_KINDS]),
        np.array([[word in cues for cues in CUE_WORDS.values()] for word in word_ids], dtype=float),
        cue_weights,
    )
