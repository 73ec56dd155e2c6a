"""Segments as feature vectors: TF-IDF of word stems and pairs of them, the words of headings, and named cues.

The model reads what OPP-115's annotators saw: a paragraph under its heading, an item under its lead-in. OPP-115's
segments have both in front of the text, so they are put in front here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from extractor.label.ngrams import StemIds, TermIndex, term_index
from extractor.label.stemming import stems
from extractor.label.words import IntArray, WordPlaces, locate_words
from extractor.records import Segment

MAX_PASSAGE_CHARACTERS = 8_000  # the rest is not read; the longest segment of OPP-115 has 2,400
_PAGE_TITLE = re.compile(r"\b(website |online )?privacy\W+(policy|notice|statement)\b", re.IGNORECASE)
# Prefixes of the names of features that are no stems or pairs: a stem has no space, a pair no colon
HEADING_PREFIX, CUE_PREFIX = "heading: ", "cue: "
CUE_WEIGHT, HEADING_WEIGHT = 0.15, 0.5  # the vector of a passage's stems and pairs has length 1
_TERM, _HEADING, _CUE = range(3)  # kinds of features: stems and pairs, words of headings, cues
_LENGTHS = np.array([1.0, HEADING_WEIGHT, 1.0])  # of what a vector has of each kind; cues as they are
_MAX_CACHED_LEADS = 1_000  # headings and lead-ins
_MAX_CUE_WORDS = 2  # longer cues are ignored
Cues = dict[str, list[str]]
ModelInput = tuple[str, str]  # a passage, and the headings above it
_Array = NDArray[np.float64]


def passage_text(segment: Segment) -> str:
    """The text of a segment after its nearest heading, without the page's title, and its lead-in.

    >>> passage_text(Segment(0, 0, 9, "One logs in.", headings=("Privacy Policy", "Cookies"), context="We use:"))
    'Cookies We use: One logs in.'
    >>> passage_text(Segment(0, 0, 9, "We post it.", headings=("Changes to our Privacy Policy",)))
    'Changes to our We post it.'
    """
    return (lead_text(segment) + segment.text)[:MAX_PASSAGE_CHARACTERS]


def lead_text(segment: Segment) -> str:
    """The heading and lead-in that are read before a segment's text."""
    heading = _without_page_title(segment.headings[-1]) if segment.headings else ""
    lead = f"{heading} " if heading else ""
    return f"{lead}{segment.context} " if segment.context else lead


def heading_path(segment: Segment) -> str:
    """The headings above a segment, outermost first, without the page's title."""
    return _joined_headings(segment.headings)


@lru_cache(maxsize=_MAX_CACHED_LEADS)
def _joined_headings(headings: tuple[str, ...]) -> str:
    return " ".join(filter(None, map(_without_page_title, headings)))[:MAX_PASSAGE_CHARACTERS]


@lru_cache(maxsize=_MAX_CACHED_LEADS)
def _without_page_title(heading: str) -> str:
    """A heading without the words that every policy has in its title."""
    return _PAGE_TITLE.sub("", heading).strip()


def model_input(segment: Segment) -> ModelInput:
    """What the models read of a segment."""
    return passage_text(segment), heading_path(segment)


def terms(text: str) -> list[str]:
    """The stems of a text, then each with the one after it.

    >>> terms("Opt out now")
    ['opt', 'out', 'now', 'opt out', 'out now']
    """
    found = stems(text)
    return found + [f"{first} {second}" for first, second in pairwise(found)]


class InputFeatures(NamedTuple):
    """The vectors of inputs, (inputs, features), and the words of their passages.

    `word_entries` are the index entries of the words, `pair_entries` those of each word with the next one. `norms` are
    the lengths of the TF-IDF vectors before scaling. Passages that are not in `with_cue` have no negation.
    """

    vectors: csr_matrix
    places: WordPlaces
    word_entries: IntArray
    pair_entries: IntArray
    norms: _Array
    with_cue: set[int]


class TermContributions(NamedTuple):
    """What each index entry contributes to decision values, (entries and a row of zeros, labels).

    `from_terms` is divided by the norm of the passage's vector, `from_cues` is not; `is_cue` tells its rows that are
    not zero.
    """

    from_terms: NDArray[np.float32]
    from_cues: NDArray[np.float32]
    is_cue: NDArray[np.bool_]

    def by_word(self, features: InputFeatures) -> NDArray[np.float32]:
        """What each word of passages contributes, (words, labels): its stem, and half of each pair that it is in."""
        norms = features.norms  # 0 if no word of a passage is a feature
        scales = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0).astype(np.float32)
        by_word = np.repeat(scales, np.diff(features.places.first))[:, None]
        words = self._of_entries(features.word_entries, by_word)
        halves = self._of_entries(features.pair_entries, by_word[:-1]) / 2
        words[:-1] += halves
        words[1:] += halves
        return words

    def _of_entries(self, entries: IntArray, scales: NDArray[np.float32]) -> NDArray[np.float32]:
        total = self.from_terms.take(entries, axis=0) * scales
        cues = np.flatnonzero(self.is_cue[entries])
        total[cues] += self.from_cues[entries[cues]]
        return total


class _Lookup(NamedTuple):
    """How a vocabulary's columns are found, for words of passages and of headings, and the kind of each column."""

    stem_ids: StemIds
    stem_entries: IntArray
    passages: TermIndex
    headings: dict[str, int]
    kinds: IntArray


@dataclass(frozen=True)
class Vocabulary:
    """The features of a model, in order: stems and pairs of them, words of headings, and cues, each with a weight.

    `weights` are inverse document frequencies; `cues` are named groups of stems and pairs.
    """

    terms: list[str]
    weights: NDArray[np.float32]
    cues: Cues

    def vectors(self, inputs: Sequence[ModelInput]) -> csr_matrix:
        """Inputs as a sparse float32 matrix, (inputs, features); no row depends on the others."""
        return self.features(inputs).vectors

    def features(self, inputs: Sequence[ModelInput]) -> InputFeatures:
        """The vectors of inputs, and the words of their passages with their index entries."""
        lookup, width = self._lookup, len(self.terms)
        places = locate_words([passage for passage, _ in inputs])
        rows = places.rows
        ids, is_cue = lookup.stem_ids.ids_of(places.words)
        word_entries = lookup.stem_entries[ids]
        pair_entries = lookup.passages.entries(lookup.stem_ids.pairs(ids, rows))
        cells = [
            lookup.passages.cells(word_entries, rows * width),
            lookup.passages.cells(pair_entries, rows[:-1] * width),
            self._heading_cells([headings for _, headings in inputs]),
        ]
        vectors, norms = self._weighted(np.concatenate(cells), len(inputs))
        return InputFeatures(vectors, places, word_entries, pair_entries, norms, set(rows[is_cue].tolist()))

    def _heading_cells(self, headings: Sequence[str]) -> IntArray:
        """The cells of the words of headings, which are those of a row each."""
        columns = [self._cached_heading_columns(text) for text in headings]
        starts = np.repeat(np.arange(len(columns)) * len(self.terms), [len(found) for found in columns])
        return np.fromiter(chain.from_iterable(columns), np.int64, len(starts)) + starts

    @cached_property
    def _cached_heading_columns(self) -> Callable[[str], tuple[int, ...]]:
        known = self._lookup.headings

        @lru_cache(maxsize=_MAX_CACHED_LEADS)
        def heading_columns(headings: str) -> tuple[int, ...]:
            return tuple([known[word] for word in stems(headings) if word in known])

        return heading_columns

    def _weighted(self, cells: IntArray, rows: int) -> tuple[csr_matrix, _Array]:
        """The vectors whose features stand in these cells, as often as they occur; and their lengths before scaling.

        Cues have a constant weight. All else has sublinear TF-IDF: of each row the words of the passage are scaled to
        length 1, those of the headings to theirs.
        """
        cells, counts = np.unique(cells, return_counts=True)
        row, column = np.divmod(cells, len(self.terms))
        kind = self._lookup.kinds[column]
        values = np.where(kind == _CUE, CUE_WEIGHT, (1 + np.log(counts)) * self.weights[column])
        group = row * len(_LENGTHS) + kind
        norms = np.sqrt(np.bincount(group, values**2, rows * len(_LENGTHS)))
        norms[_CUE :: len(_LENGTHS)] = 1
        values = _LENGTHS[kind] * (values / norms[group])
        ends = np.searchsorted(row, np.arange(rows + 1))
        vectors = csr_matrix((values.astype(np.float32), column, ends), shape=(rows, len(self.terms)))
        return vectors, norms[_TERM :: len(_LENGTHS)]

    def contributions(self, weights: NDArray[np.float32]) -> TermContributions:
        """What stems and pairs contribute to decision values by a model's weights, (features, labels)."""
        lookup = self._lookup
        is_cue = (lookup.kinds == _CUE)[:, None]
        from_terms = lookup.passages.sums(np.where(is_cue, 0, self.weights[:, None] * weights))
        from_cues = lookup.passages.sums(np.where(is_cue, CUE_WEIGHT * weights, 0))
        return TermContributions(from_terms, from_cues, np.asarray(from_cues.any(axis=1)))

    @cached_property
    def _lookup(self) -> _Lookup:
        columns = {term: column for column, term in enumerate(self.terms)}
        headings = {term.removeprefix(HEADING_PREFIX): columns[term] for term in self._terms_with(HEADING_PREFIX)}
        cues = [columns[term] for term in self._terms_with(CUE_PREFIX)]
        kinds = np.full(len(self.terms), _TERM)
        kinds[list(headings.values())] = _HEADING
        kinds[cues] = _CUE
        phrases = [
            (phrase, columns[CUE_PREFIX + name])
            for name, phrases in self.cues.items()
            for phrase in {" ".join(found) for found in map(stems, phrases) if len(found) <= _MAX_CUE_WORDS}
        ]
        plain = np.flatnonzero(kinds == _TERM).tolist()
        terms = [*map(self.terms.__getitem__, plain), *(phrase for phrase, _ in phrases)]
        stem_ids = StemIds(terms)
        index = term_index(terms, [*plain, *(column for _, column in phrases)], stem_ids)
        return _Lookup(stem_ids, index.entries(stem_ids.all_ids()), index, headings, kinds)

    def _terms_with(self, prefix: str) -> list[str]:
        return [term for term in self.terms if term.startswith(prefix)]
