"""A segment as numbers: TF-IDF of word stems and pairs of them, the words of its headings, and cues with names.

The passage that is read is what OPP-115's annotators had before them: a paragraph under its heading, an item under
its lead-in. Their segments carry both in front of the text, and so does the passage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from extractor.label.grams import Index, Integers, Numbering, index_of
from extractor.label.words import stem, words
from extractor.records import Segment

MAX_CHARACTERS = 8_000  # of a passage are read; the longest segment of OPP-115 has 2,400
_PAGE_TITLE = re.compile(r"\b(website |online )?privacy\W+(policy|notice|statement)\b", re.IGNORECASE)
HEADING, CUE = "heading: ", "cue: "  # begin the names of those features; no stem has a space, no pair a colon
CUE_WEIGHT, HEADING_WEIGHT = 0.15, 0.5  # beside 1, the length of the vector of a passage's stems and pairs
_REMEMBERED = 1_000  # headings and lead-ins
_PAIR = 2  # words; longer cues are not read
Cues = dict[str, list[str]]
Reading = tuple[str, str]  # a passage, and the headings above it
_Array = NDArray[np.float64]


def passage(segment: Segment) -> str:
    """The text of a segment with its nearest heading and its lead-in in front; a page's title says nothing of it.

    >>> passage(Segment(0, 0, 9, "One logs in.", headings=("Privacy Policy", "Cookies"), context="We use:"))
    'Cookies We use: One logs in.'
    >>> passage(Segment(0, 0, 9, "We post it.", headings=("Changes to our Privacy Policy",)))
    'Changes to our We post it.'
    """
    return (leading(segment) + segment.text)[:MAX_CHARACTERS]


def leading(segment: Segment) -> str:
    """What is read in front of a segment's text."""
    heading = _telling(segment.headings[-1]) if segment.headings else ""
    return "".join(f"{part} " for part in (heading, segment.context) if part)


def headings(segment: Segment) -> str:
    """The path of headings above a segment, outermost first, without the page's title."""
    return " ".join(filter(None, map(_telling, segment.headings)))[:MAX_CHARACTERS]


@lru_cache(maxsize=_REMEMBERED)
def words_before(text: str) -> int:
    """How many words a text has, that stands in front of others: many passages have the same heading."""
    return len(words(text))


@lru_cache(maxsize=_REMEMBERED)
def _telling(heading: str) -> str:
    """A heading without the words that every policy has in its title."""
    return _PAGE_TITLE.sub("", heading).strip()


def reading(segment: Segment) -> Reading:
    """What the model reads of a segment."""
    return passage(segment), headings(segment)


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order."""
    return [stem(word) for word in words(text)]


def _pairs(found: Sequence[str]) -> list[str]:
    """Each stem with the one after it.

    >>> _pairs(["opt", "out", "now"])
    ['opt out', 'out now']
    """
    return [f"{one} {two}" for one, two in pairwise(found)]


def terms(text: str) -> list[str]:
    """The stems of a text and the pairs of them."""
    found = stems(text)
    return found + _pairs(found)


class Features(NamedTuple):
    """Readings as a model sees them: vectors, (readings, features), the words of their passages, and what these are.

    `rows` says of which passage each word is, `entries` where words and then pairs are in the index, `paired` which
    words are the first of a pair; `lengths` is what the TF-IDF of each passage was divided by.
    """

    vectors: csr_matrix
    words: list[list[str]]
    rows: Integers
    entries: Integers
    paired: Integers
    lengths: _Array


class Adding(NamedTuple):
    """What the entries of an index add to decision values where they stand.

    (entries and one of zeros, twice the labels): what adds its share of the passage's length, then what adds itself.
    """

    table: NDArray[np.float32]

    def by_word(self, features: Features) -> NDArray[np.float32]:
        """What each word of passages adds, (words, labels): its stem, and half of each pair that it is in."""
        rows, first = features.rows, features.paired
        lengths = features.lengths  # 0 of a passage without a word that is a feature
        shares = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0).astype(np.float32)
        said, cued = np.hsplit(self.table.take(features.entries, axis=0), 2)
        added = said * shares.take(np.concatenate([rows, rows[first]]))[:, None] + cued
        words, halves = added[: len(rows)], added[len(rows) :] / 2
        words[first] += halves
        words[first + 1] += halves
        return words


class _Lookup(NamedTuple):
    """How the columns of a vocabulary are found: by what is said and what stands above; and which are those of cues."""

    numbering: Numbering
    said: Index
    above: Index
    is_cue: NDArray[np.bool_]


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
        return self.features(readings).vectors

    def features(self, readings: Sequence[Reading]) -> Features:
        """Readings as rows of numbers, and what stands where in their passages."""
        rows, width = len(readings), len(self.terms)
        numbering, said, above, is_cue = self._lookup
        spoken = [words(text) for text, _ in readings]
        stems = numbering.stems(spoken)
        pairs, paired = numbering.pairs(stems)
        entries = said.entries(np.concatenate([stems.keys, pairs]))
        found = said.cells(entries, np.concatenate([stems.rows, stems.rows[paired]]), width)
        cued = is_cue[found % width]
        cues = np.unique(found[cued])
        passages, lengths = self._tfidf(found[~cued], 1.0, rows)
        heads = numbering.stems([words(heads) for _, heads in readings])
        headings, _ = self._tfidf(above.cells(above.entries(heads.keys), heads.rows, width), HEADING_WEIGHT, rows)
        parts = (passages, headings, (cues, np.full(len(cues), CUE_WEIGHT)))
        cells, values = map(np.concatenate, zip(*parts, strict=True))
        return Features(_matrix(cells, values, (rows, width)), spoken, stems.rows, entries, paired, lengths)

    def _tfidf(self, found: Integers, length: float, rows: int) -> tuple[tuple[Integers, _Array], _Array]:
        """Sublinear TF-IDF: the cells that were found, each once, and their values, each row made this long.

        And the lengths that the rows had before.
        """
        cells, counts = np.unique(found, return_counts=True)
        row, column = np.divmod(cells, len(self.terms))
        values = (1 + np.log(counts)) * self.weights[column]
        lengths = np.sqrt(np.bincount(row, values**2, rows))
        return (cells, length * (values / lengths[row])), lengths

    def adding(self, weights: NDArray[np.float32]) -> Adding:
        """What stems and pairs add to decision values where they stand; `weights` is (features, labels)."""
        _, index, _, is_cue = self._lookup
        cued = np.where(is_cue[:, None], CUE_WEIGHT * weights, 0)
        said = np.where(is_cue[:, None], 0, self.weights[:, None] * weights)
        return Adding(index.sums(np.hstack([said, cued])))

    @cached_property
    def _lookup(self) -> _Lookup:
        columns = {term: column for column, term in enumerate(self.terms)}
        cued = [
            (phrase, columns[CUE + name])
            for name, phrases in self.cues.items()
            for phrase in {" ".join(found) for found in map(stems, phrases) if len(found) <= _PAIR}
        ]
        above = [(term.removeprefix(HEADING), columns[term]) for term in self.terms if term.startswith(HEADING)]
        said = [(term, columns[term]) for term in self.terms if not term.startswith((CUE, HEADING))]
        numbering = Numbering(gram for gram, _ in (*said, *above, *cued))
        is_cue = np.array([term.startswith(CUE) for term in self.terms], dtype=bool)
        return _Lookup(numbering, index_of([*said, *cued], numbering), index_of(above, numbering), is_cue)


def _matrix(cells: Integers, values: NDArray[np.float64], shape: tuple[int, int]) -> csr_matrix:
    """The sparse float32 matrix with these values in these cells."""
    order = np.argsort(cells, kind="stable")  # a few runs in ascending order: it puts them together
    row, column = np.divmod(cells[order], shape[1])
    ends = np.searchsorted(row, np.arange(shape[0] + 1))
    return csr_matrix((values[order].astype(np.float32), column, ends), shape=shape)
