"""In which sites each word stands, so that the overview of many sites can say where to search.

    {"words": "a b c ...", "sites": ["1 3 2", ...]}

The words are sorted; for each word, `sites` has the number of the first site and then the distances to the next ones,
in base 36.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np

from extractor.report.sites import Site

_WORD = re.compile(r"\w+")


class WordIndex:
    """The sites of each word of a corpus; sites are added in order."""

    def __init__(self) -> None:
        self._sites: dict[str, array[int]] = {}
        self._count = 0

    def add(self, site: Site) -> None:
        """Adds the next site."""
        self._count += 1
        texts = {segment.text for policy in site.policies for segment in policy.segments}
        words: set[str] = set()
        for text in texts:
            words.update(_WORD.findall(folded(text)))
        for word in words:
            self._sites.setdefault(word, array("L")).append(self._count)

    def data(self) -> dict[str, Any]:
        """The index, ready for JSON."""
        words = sorted(self._sites)
        return {"words": " ".join(words), "sites": [_distances(self._sites[word]) for word in words]}


def folded(text: str) -> str:
    """A text without accents and in lower case, as `folded` in script/search.js makes it.

    >>> folded("Zürich’s Straße"), folded("ΣΟΦΟΣ")
    ("zurich's strasse", 'σοφοσ')
    """
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in parts if not unicodedata.category(char).startswith("M"))
    return text.lower().replace("ς", "σ").replace("ß", "ss").replace("’", "'").replace("‘", "'")


def _distances(numbers: Iterable[int]) -> str:
    """Rising numbers as the first and the distances between them.

    >>> _distances([1, 4, 41])
    '1 3 11'
    """
    distances, last = [], 0
    for number in numbers:
        distances.append(np.base_repr(number - last, 36).lower())
        last = number
    return " ".join(distances)
