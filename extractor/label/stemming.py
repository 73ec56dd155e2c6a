"""Stems of words. All numbers but some ages have the same stem."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from extractor.text import lowercase_words

if TYPE_CHECKING:
    from Stemmer import Stemmer

_MAX_STEMMED_CHARACTERS = 40  # a longer word is an address or noise
_NUMBER_STEM = "0"  # of each word with a digit that is not in _AGES
_AGES = frozenset({"13", "16", "18", "100"})


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order."""
    return [stem(word) for word in lowercase_words(text)]


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """A word without its ending, or the stem of all numbers.

    >>> [stem(word) for word in ("sharing", "shares", "2015", "13")]
    ['share', 'share', '0', '13']
    """
    if any(char.isdigit() for char in word):
        return word if word in _AGES else _NUMBER_STEM
    return str(_stemmer().stemWord(word[:_MAX_STEMMED_CHARACTERS]))


@cache
def _stemmer() -> Stemmer:
    """Snowball's English stemmer (M. Porter, "Snowball: A language for stemming algorithms", 2001)."""
    from Stemmer import Stemmer

    return Stemmer("english")
