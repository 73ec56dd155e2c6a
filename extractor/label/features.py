"""A segment as numbers: TF-IDF of words and word pairs, and of characters within words.

The passage that is read is what OPP-115's annotators had before them: a paragraph under its heading, an item under
its lead-in. Their segments carry both in front of the text, and so does the passage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from extractor.records import Segment

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

MAX_CHARACTERS = 8_000  # of a passage are read; the longest segment of OPP-115 has 2,400
PAGE_TITLE = re.compile(r"\bprivacy\W+(policy|notice|statement)\b", re.IGNORECASE)
WORDS: dict[str, Any] = {
    "analyzer": "word",
    "ngram_range": (1, 2),
    "sublinear_tf": True,
    "token_pattern": r"(?u)\b\w[\w'-]*\b",
}
CHARACTERS: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (3, 5), "sublinear_tf": True}


def passage(segment: Segment) -> str:
    """The text of a segment with its nearest heading and its lead-in in front; a page's title says nothing of it.

    >>> passage(Segment(0, 0, 9, "One logs in.", headings=("Privacy Policy", "Cookies"), context="We use:"))
    'Cookies We use: One logs in.'
    >>> passage(Segment(0, 0, 9, "We post it.", headings=("Changes to our Privacy Policy",)))
    'Changes to our We post it.'
    """
    heading = PAGE_TITLE.sub("", segment.headings[-1]).strip() if segment.headings else ""
    return " ".join(part for part in (heading, segment.context, segment.text) if part)[:MAX_CHARACTERS]


@dataclass(frozen=True)
class Vocabulary:
    """The features of a model: words and character n-grams, in order, and the inverse document frequency of each."""

    words: list[str]
    characters: list[str]
    word_idf: NDArray[np.float32]
    character_idf: NDArray[np.float32]

    def vectors(self, passages: Sequence[str]) -> csr_matrix:
        """The passages as rows of a sparse float32 matrix, (passages, words + characters); each row by itself."""
        return hstack([vectorizer.transform(passages) for vectorizer in self._vectorizers]).tocsr().astype(np.float32)

    @cached_property
    def _vectorizers(self) -> tuple[TfidfVectorizer, TfidfVectorizer]:
        return rebuilt(WORDS, self.words, self.word_idf), rebuilt(CHARACTERS, self.characters, self.character_idf)


def rebuilt(settings: dict[str, Any], terms: list[str], idf: NDArray[np.float32]) -> TfidfVectorizer:
    """A fitted vectorizer from its terms and their weights, in whatever version of scikit-learn is installed."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # most of a second, needed only to label

    vectorizer = TfidfVectorizer(vocabulary={term: column for column, term in enumerate(terms)}, **settings)
    vectorizer.idf_ = idf.astype(np.float64)
    return vectorizer
