"""Ids of stems and pairs of stems, and the matrix columns that belong to them: many passages at a time, in numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.label.negation import may_be_in_cue
from extractor.label.stemming import stem
from extractor.label.words import IntArray

_MAX_CACHED_WORDS = 20_000
_SENTINEL = np.iinfo(np.int64).max  # greater than any id


class StemIds(dict[str, int]):
    """Twice the id of each word's stem, -1 if it is unknown, plus one if the word may be in a negation cue.

    Each word is looked up once and then cached. The id of a pair is computed from those of its stems, and is greater
    than that of any stem.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        super().__init__()
        self._stems = {stem: number for number, stem in enumerate(dict.fromkeys(" ".join(terms).split()))}

    def __missing__(self, word: str) -> int:
        if len(self) >= _MAX_CACHED_WORDS:
            self.clear()
        number = self[word] = 2 * self._stems.get(stem(word), -1) + may_be_in_cue(word)
        return number

    def term_ids(self, terms: Iterable[str]) -> IntArray:
        """The ids of known stems and of pairs of known stems."""
        parts, stems = [term.partition(" ") for term in terms], self._stems
        first = np.array([stems[one] for one, _, _ in parts], dtype=np.int64)
        second = np.array([stems[two] if two else -1 for _, _, two in parts], dtype=np.int64)
        return np.where(second >= 0, (first + 1) * len(stems) + second, first)

    def ids_of(self, words: Sequence[str]) -> tuple[IntArray, NDArray[np.bool_]]:
        """The ids of the stems of words, and whether each word may be in a negation cue."""
        found = np.fromiter(map(self.__getitem__, words), np.int64, len(words))
        return found >> 1, (found & 1).astype(bool)

    def pairs(self, ids: IntArray, rows: IntArray) -> IntArray:
        """The ids of the pairs of each stem with the next one, -1 if one is unknown or the next is in another row."""
        one, two = ids[:-1], ids[1:]
        is_known = (one >= 0) & (two >= 0) & (rows[:-1] == rows[1:])
        return np.where(is_known, (one + 1) * len(self._stems) + two, -1)

    def all_ids(self) -> IntArray:
        """The ids of all stems in order, and at the end that of unknown ones."""
        return np.append(np.arange(len(self._stems)), -1)


class TermIndex(NamedTuple):
    """The columns of stems and pairs: those of the term ids[i] are columns[first[i] : first[i] + counts[i]]."""

    ids: IntArray  # unique, ascending, with a sentinel at the end
    first: IntArray
    counts: IntArray
    columns: IntArray

    def cells(self, entries: IntArray, row_starts: IntArray) -> IntArray:
        """The cells of a matrix that entries belong to: the start of the row, given for each, plus the column."""
        known = entries < len(self.first)
        entries, row_starts = entries[known], row_starts[known]
        cells, counts = row_starts + self.columns[self.first[entries]], self.counts[entries]
        others = [
            row_starts[nth] + self.columns[self.first[entries[nth]] + place]
            for place in range(1, counts.max(initial=0))
            for nth in [np.flatnonzero(counts > place)]
        ]
        return np.concatenate([cells, *others])

    def entries(self, ids: IntArray) -> IntArray:
        """The positions of ids in the index; for an unknown one, the number of terms in the index."""
        order = np.argsort(ids)  # the search is three times as fast in ascending order
        ascending = ids[order]
        places = np.searchsorted(self.ids, ascending)
        found = np.empty(len(ids), dtype=np.int64)
        found[order] = np.where(self.ids[places] == ascending, places, len(self.first))
        return found

    def sums(self, by_column: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """The sum of the rows of `by_column` that belong to each term, (terms and a row of zeros, ...)."""
        sums = np.zeros((len(self.first) + 1, by_column.shape[1]), dtype=np.float32)
        sums[:-1] = np.add.reduceat(by_column[self.columns], self.first, axis=0)
        return sums


def term_index(terms: Sequence[str], columns: Sequence[int], stem_ids: StemIds) -> TermIndex:
    """The index of stems and pairs, given with their columns."""
    ids, places = stem_ids.term_ids(terms), np.array(columns, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    unique, first, counts = np.unique(ids[order], return_index=True, return_counts=True)
    return TermIndex(np.append(unique, _SENTINEL), first, counts, places[order])
