"""Stems and pairs of them as numbers, and the columns of a matrix that they set: many passages at once, in numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.label.words import stem

_MOST_WORDS = 20_000  # whose stems are remembered
_LAST = np.iinfo(np.int64).max
Integers = NDArray[np.int64]


class _Grams(NamedTuple):
    """Stems as numbers (-1: none that is known), and the row that each stands in."""

    keys: Integers
    rows: Integers


class Numbering(dict[str, int]):
    """The number of each word's stem, -1 for one that is not known; found once a word.

    A pair's number is made of those of its stems, and is greater than that of any stem.
    """

    def __init__(self, grams: Iterable[str]) -> None:
        super().__init__()
        self._stems = {
            stem: number for number, stem in enumerate(dict.fromkeys(chain.from_iterable(map(str.split, grams))))
        }

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_WORDS:
            self.clear()
        number = self[word] = self._stems.get(stem(word), -1)
        return number

    def key(self, gram: str) -> int:
        """The number of a known stem, or of a pair of them."""
        first, _, second = gram.partition(" ")
        number = self._stems[first]
        return (number + 1) * len(self._stems) + self._stems[second] if second else number

    def stems(self, found: Sequence[Sequence[str]]) -> _Grams:
        """Words by the numbers of their stems, in order; a row a text."""
        lengths = np.array([len(row) for row in found], dtype=np.int64)
        keys = np.fromiter(map(self.__getitem__, chain.from_iterable(found)), np.int64, int(lengths.sum()))
        return _Grams(keys, np.repeat(np.arange(len(found)), lengths))

    def pairs(self, stems: _Grams) -> tuple[Integers, Integers]:
        """The pairs of known stems by number, and which stem each begins with."""
        keys, rows = stems
        first = np.flatnonzero((keys[:-1] >= 0) & (keys[1:] >= 0) & (rows[:-1] == rows[1:]))
        return (keys[first] + 1) * len(self._stems) + keys[first + 1], first


class Index(NamedTuple):
    """The columns that stems and pairs set: those of keys[i] are columns[first[i] : first[i] + many[i]]."""

    keys: Integers  # each once, in ascending order; behind them LAST, which no gram has
    first: Integers
    many: Integers
    columns: Integers

    def cells(self, entries: Integers, rows: Integers, width: int) -> Integers:
        """The cells that entries set in a matrix of `width` columns, a cell being row * width + column."""
        known = entries < len(self.first)
        at, rows = entries[known], rows[known]
        many = self.many[at]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        return np.asarray(np.repeat(rows, many) * width + self.columns[np.repeat(self.first[at], many) + within])

    def entries(self, keys: Integers) -> Integers:
        """The places of keys in the index, the number of its keys for one that it has not."""
        order = np.argsort(keys)  # in ascending order they are found three times as fast
        ascending = keys[order]
        at = np.searchsorted(self.keys, ascending)
        found = np.empty(len(keys), dtype=np.int64)
        found[order] = np.where(self.keys[at] == ascending, at, len(self.first))
        return found

    def sums(self, by_column: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """What the columns of each key have together, (keys and a row of zeros, ...)."""
        found = np.zeros((len(self.first) + 1, by_column.shape[1]), dtype=np.float32)
        found[:-1] = np.add.reduceat(by_column[self.columns], self.first, axis=0)
        return found


def index_of(columns: Iterable[tuple[str, int]], numbering: Numbering) -> Index:
    """The index of stems and pairs, each with a column that it sets."""
    found = [(numbering.key(gram), column) for gram, column in columns]
    keys, places = np.array(found, dtype=np.int64).reshape(-1, 2).T
    order = np.argsort(keys, kind="stable")
    each, first, many = np.unique(keys[order], return_index=True, return_counts=True)
    return Index(np.append(each, _LAST), first, many, places[order])
