"""A segment as numbers: TF-IDF of word stems and pairs of them, the words of its headings, and cues with names.

The passage that is read is what OPP-115's annotators had before them: a paragraph under its heading, an item under
its lead-in. Their segments carry both in front of the text, and so does the passage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from extractor.label.words import stem, words
from extractor.records import Segment

MAX_CHARACTERS = 8_000  # of a passage are read; the longest segment of OPP-115 has 2,400
PAGE_TITLE = re.compile(r"\b(website |online )?privacy\W+(policy|notice|statement)\b", re.IGNORECASE)
HEADING, CUE = "heading: ", "cue: "  # begin the names of those features; no stem has a space, no pair a colon
CUE_WEIGHT, HEADING_WEIGHT = 0.15, 0.5  # beside 1, the length of the vector of a passage's stems and pairs
Cues = dict[str, list[str]]
Reading = tuple[str, str]  # a passage, and the headings above it


def passage(segment: Segment) -> str:
    """The text of a segment with its nearest heading and its lead-in in front; a page's title says nothing of it.

    >>> passage(Segment(0, 0, 9, "One logs in.", headings=("Privacy Policy", "Cookies"), context="We use:"))
    'Cookies We use: One logs in.'
    >>> passage(Segment(0, 0, 9, "We post it.", headings=("Changes to our Privacy Policy",)))
    'Changes to our We post it.'
    """
    heading = telling(segment.headings[-1]) if segment.headings else ""
    return " ".join(part for part in (heading, segment.context, segment.text) if part)[:MAX_CHARACTERS]


def headings(segment: Segment) -> str:
    """The path of headings above a segment, outermost first, without the page's title."""
    return " ".join(filter(None, map(telling, segment.headings)))[:MAX_CHARACTERS]


def telling(heading: str) -> str:
    """A heading without the words that every policy has in its title."""
    return PAGE_TITLE.sub("", heading).strip()


def reading(segment: Segment) -> Reading:
    """What the model reads of a segment."""
    return passage(segment), headings(segment)


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order."""
    return [stem(word) for word in words(text)]


def pairs(found: Sequence[str]) -> list[str]:
    """Each stem with the one after it.

    >>> pairs(["opt", "out", "now"])
    ['opt out', 'out now']
    """
    return [f"{one} {two}" for one, two in pairwise(found)]


def terms(text: str) -> list[str]:
    """The stems of a text and the pairs of them."""
    found = stems(text)
    return found + pairs(found)


@dataclass(frozen=True)
class Vocabulary:
    """The features of a model, in order: stems and pairs, words of headings, cues; and a weight of each.

    `weights` are inverse document frequencies; `cues` names groups of stems and pairs.
    """

    terms: list[str]
    weights: NDArray[np.float32]
    cues: Cues

    def vectors(self, readings: Sequence[Reading]) -> csr_matrix:
        """Readings as rows of a sparse float32 matrix, (readings, features); each row by itself."""
        said = [terms(text) for text, _ in readings]
        above = [[HEADING + word for word in stems(heads)] for _, heads in readings]
        cued = self._cued
        cues = self._counts([[column for name in cued.keys() & row for column in cued[name]] for row in said])
        cues.data[:] = CUE_WEIGHT
        return (self._tfidf(said) + HEADING_WEIGHT * self._tfidf(above) + cues).astype(np.float32)

    def _tfidf(self, names: Sequence[Sequence[str]]) -> csr_matrix:
        """Sublinear TF-IDF of the names that are features, each row of length one."""
        known = self._columns
        found = self._counts([[known[name] for name in row if name in known] for row in names])
        found.data = (1 + np.log(found.data)) * self.weights[found.indices]
        row_of = np.repeat(np.arange(len(names)), np.diff(found.indptr))
        lengths = np.sqrt(np.bincount(row_of, found.data**2, len(names)))
        found.data /= lengths[row_of]
        return found

    def _counts(self, columns: Sequence[Sequence[int]]) -> csr_matrix:
        """How often each column stands in each row."""
        ends = np.cumsum([0, *map(len, columns)])
        flat = np.fromiter(chain.from_iterable(columns), dtype=np.int32, count=int(ends[-1]))
        shape = (len(columns), len(self.terms))
        counts = csr_matrix((np.ones(len(flat)), flat, ends), shape=shape)
        counts.sum_duplicates()
        return counts

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {term: column for column, term in enumerate(self.terms)}

    @cached_property
    def _cued(self) -> dict[str, tuple[int, ...]]:
        """The columns of the cues by the stem or pair that sets them."""
        found: dict[str, tuple[int, ...]] = {}
        for name, phrases in self.cues.items():
            for phrase in {" ".join(stems(phrase)) for phrase in phrases}:
                found[phrase] = (*found.get(phrase, ()), self._columns[CUE + name])
        return found
