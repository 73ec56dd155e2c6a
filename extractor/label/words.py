"""Words as the fast model reads them: lower case, without endings."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Stemmer import Stemmer

WORD = re.compile(r"\w[\w'-]*\b")
_LONGEST_WORD = 40  # characters; what is longer is an address or noise
_NUMBER = "0"  # stands for every word with a digit but those in KEPT
_KEPT = frozenset({"13", "16", "18", "100"})


def words(text: str) -> list[str]:
    """The words of a text in lower case.

    >>> words("We don't SELL e-mail addresses.")
    ['we', "don't", 'sell', 'e-mail', 'addresses']
    """
    return WORD.findall(lowered(text))


def lowered(text: str) -> str:
    """A text in lower case with the apostrophes that WORD knows, as long as it was but for an i with a dot."""
    return text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


@lru_cache(maxsize=10_000)
def stem(word: str) -> str:
    """A word without its ending; numbers are all alike, but for ages.

    >>> [stem(word) for word in ("sharing", "shares", "2015", "13")]
    ['share', 'share', '0', '13']
    """
    if any(char.isdigit() for char in word):
        return word if word in _KEPT else _NUMBER
    return str(_stemmer().stemWord(word[:_LONGEST_WORD]))


@cache
def _stemmer() -> Stemmer:
    """Snowball's stemmer of English (M. Porter, "Snowball: A language for stemming algorithms", 2001)."""
    from Stemmer import Stemmer

    return Stemmer("english")
