"""Segments as feature vectors: TF-IDF of word stems and pairs of them, the words of headings, and named cues.

The model reads what OPP-115's annotators saw: a paragraph under its heading, an item under its lead-in. OPP-115's
segments have both in front of the text, so they are put in front here too.
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

from extractor.label.ngrams import IntArray, StemIds, TermIndex, term_index
from extractor.label.stemming import stems
from extractor.records import Segment
from extractor.text import lowercase_words

MAX_PASSAGE_CHARACTERS = 8_000  # the rest is not read; the longest segment of OPP-115 has 2,400
_PAGE_TITLE = re.compile(r"\b(website |online )?privacy\W+(policy|notice|statement)\b", re.IGNORECASE)
# Prefixes of the names of features that are no stems or pairs: a stem has no space, a pair no colon
HEADING_PREFIX, CUE_PREFIX = "heading: ", "cue: "
CUE_WEIGHT, HEADING_WEIGHT = 0.15, 0.5  # the vector of a passage's stems and pairs has length 1
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
    return "".join(f"{part} " for part in (heading, segment.context) if part)


def heading_path(segment: Segment) -> str:
    """The headings above a segment, outermost first, without the page's title."""
    return " ".join(filter(None, map(_without_page_title, segment.headings)))[:MAX_PASSAGE_CHARACTERS]


@lru_cache(maxsize=_MAX_CACHED_LEADS)
def lead_word_count(lead: str) -> int:
    """The number of words of a `lead_text`; cached, as many segments have the same one."""
    return len(lowercase_words(lead))


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

    `word_rows` is the passage of each word. `entries` are the index entries of all words, then of all pairs;
    `pair_starts` is the first word of each pair. `norms` are the lengths of the TF-IDF vectors before scaling.
    """

    vectors: csr_matrix
    words: list[list[str]]
    word_rows: IntArray
    entries: IntArray
    pair_starts: IntArray
    norms: _Array


class TermContributions(NamedTuple):
    """What each index entry contributes to decision values, (entries and a row of zeros, twice the labels).

    The first half is divided by the norm of the passage's vector, the second (from cues) is not.
    """

    table: NDArray[np.float32]

    def by_word(self, features: InputFeatures) -> NDArray[np.float32]:
        """What each word of passages contributes, (words, labels): its stem, and half of each pair that it is in."""
        rows, first = features.word_rows, features.pair_starts
        norms = features.norms  # 0 if no word of a passage is a feature
        scales = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0).astype(np.float32)
        from_terms, from_cues = np.hsplit(self.table.take(features.entries, axis=0), 2)
        total = from_terms * scales.take(np.concatenate([rows, rows[first]]))[:, None] + from_cues
        words, halves = total[: len(rows)], total[len(rows) :] / 2
        words[first] += halves
        words[first + 1] += halves
        return words


class _Lookup(NamedTuple):
    """How a vocabulary's columns are found: for words of passages, and of headings; and which columns are cues."""

    stem_ids: StemIds
    passages: TermIndex
    headings: TermIndex
    is_cue: NDArray[np.bool_]


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
        rows, width = len(inputs), len(self.terms)
        stem_ids, passage_index, heading_index, is_cue = self._lookup
        passage_words = [lowercase_words(passage) for passage, _ in inputs]
        passage_stems = stem_ids.ids_of(passage_words)
        pairs, pair_starts = stem_ids.pairs(passage_stems)
        entries = passage_index.entries(np.concatenate([passage_stems.ids, pairs]))
        cells = passage_index.cells(
            entries, np.concatenate([passage_stems.rows, passage_stems.rows[pair_starts]]), width
        )
        in_cue = is_cue[cells % width]
        cue_cells = np.unique(cells[in_cue])
        from_passages, norms = self._tfidf(cells[~in_cue], 1.0, rows)
        heading_stems = stem_ids.ids_of([lowercase_words(headings) for _, headings in inputs])
        heading_cells = heading_index.cells(heading_index.entries(heading_stems.ids), heading_stems.rows, width)
        from_headings, _ = self._tfidf(heading_cells, HEADING_WEIGHT, rows)
        parts = (from_passages, from_headings, (cue_cells, np.full(len(cue_cells), CUE_WEIGHT)))
        cells, values = map(np.concatenate, zip(*parts, strict=True))
        vectors = _sparse_matrix(cells, values, (rows, width))
        return InputFeatures(vectors, passage_words, passage_stems.rows, entries, pair_starts, norms)

    def _tfidf(self, cells: IntArray, length: float, rows: int) -> tuple[tuple[IntArray, _Array], _Array]:
        """Sublinear TF-IDF: each cell once with its value, all rows scaled to a length; and their lengths before."""
        cells, counts = np.unique(cells, return_counts=True)
        row, column = np.divmod(cells, len(self.terms))
        values = (1 + np.log(counts)) * self.weights[column]
        norms = np.sqrt(np.bincount(row, values**2, rows))
        return (cells, length * (values / norms[row])), norms

    def contributions(self, weights: NDArray[np.float32]) -> TermContributions:
        """What stems and pairs contribute to decision values by a model's weights, (features, labels)."""
        _, index, _, is_cue = self._lookup
        from_cues = np.where(is_cue[:, None], CUE_WEIGHT * weights, 0)
        from_terms = np.where(is_cue[:, None], 0, self.weights[:, None] * weights)
        return TermContributions(index.sums(np.hstack([from_terms, from_cues])))

    @cached_property
    def _lookup(self) -> _Lookup:
        columns = {term: column for column, term in enumerate(self.terms)}
        cues = [
            (phrase, columns[CUE_PREFIX + name])
            for name, phrases in self.cues.items()
            for phrase in {" ".join(found) for found in map(stems, phrases) if len(found) <= _MAX_CUE_WORDS}
        ]
        headings = [
            (term.removeprefix(HEADING_PREFIX), columns[term]) for term in self.terms if term.startswith(HEADING_PREFIX)
        ]
        plain = [(term, columns[term]) for term in self.terms if not term.startswith((CUE_PREFIX, HEADING_PREFIX))]
        stem_ids = StemIds(term for term, _ in (*plain, *headings, *cues))
        is_cue = np.array([term.startswith(CUE_PREFIX) for term in self.terms], dtype=bool)
        return _Lookup(stem_ids, term_index([*plain, *cues], stem_ids), term_index(headings, stem_ids), is_cue)


def _sparse_matrix(cells: IntArray, values: NDArray[np.float64], shape: tuple[int, int]) -> csr_matrix:
    """A sparse float32 matrix with these values in these cells."""
    order = np.argsort(cells, kind="stable")  # the cells are a few ascending runs, which a stable sort merges
    row, column = np.divmod(cells[order], shape[1])
    ends = np.searchsorted(row, np.arange(shape[0] + 1))
    return csr_matrix((values[order].astype(np.float32), column, ends), shape=shape)
