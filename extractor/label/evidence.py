"""The words of a passage that led to a label: in each sentence, the run of words that contributes most to its value.

A little is subtracted from what each word contributes (`features.TermContributions`), so that a run ends where words
say nothing. The run of a sentence is the one with the largest sum (J. Bentley, "Algorithm design techniques", CACM
1984). Runs of words did better than sentences or clauses; `docs/labels.md` has the measurement, also of the constants.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from extractor.label.words import IntArray, WordPlaces
from extractor.text import SENTENCE_END, restore_marks

_DISCOUNT = 0.05  # of the strongest word's contribution; subtracted from every word's
_MIN_SHARE_OF_BEST = 0.3  # a run with a smaller share of the best run's sum is no evidence
_MAX_RUNS = 3  # of a passage
_WordRun = tuple[int, int]
_Run = tuple[float, int, int]  # its sum, its first word, the word after its last


class TextWords(NamedTuple):
    """The words of a passage: those of its lead from `lead` up to `first`, then those of its text.

    `borders` are the first word of each sentence of the text, then the number of words, counted from `first`.
    """

    lead: int
    first: int
    borders: list[int]


def text_words(texts: Sequence[str], leads: Sequence[int], places: WordPlaces) -> list[TextWords]:
    """The words of passages, given with the length of the lead in front of each text, and with the places of all words.

    >>> from extractor.label.words import locate_words
    >>> texts = ["Cookies: We set it. Why?", "No.\\nYes."]
    >>> text_words(texts, [9, 0], locate_words(texts))
    [TextWords(lead=0, first=1, borders=[0, 3, 4]), TextWords(lead=5, first=5, borders=[0, 1, 2])]
    """
    first = np.minimum(np.searchsorted(places.starts, places.offsets[:-1] + leads), places.first[1:])
    borders = np.unique(np.concatenate([first, places.first, _sentence_starts(texts, leads, places)]))
    parts = np.searchsorted(borders, first), np.searchsorted(borders, places.first[1:]) + 1
    rows = zip(places.first[:-1].tolist(), first.tolist(), *(part.tolist() for part in parts), strict=True)
    all_borders = borders.tolist()
    return [TextWords(lead, start, [place - start for place in all_borders[one:end]]) for lead, start, one, end in rows]


def _sentence_starts(texts: Sequence[str], leads: Sequence[int], places: WordPlaces) -> IntArray:
    """The first word after each end of a sentence of the passages; a lead has none."""
    text = "\n".join(" " * lead + restore_marks(passage[lead:]) for lead, passage in zip(leads, texts, strict=True))
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    return np.searchsorted(places.starts, np.array(ends, dtype=np.int64))


def evidence_runs(
    contributions: Sequence[float], borders: Sequence[int], lead_contribution: float = 0.0
) -> list[_WordRun]:
    """The runs of words that led to a label, one or more in order, each as its first word and the word after its last.

    `contributions` are those of each word, at least one; `borders` the first word of each sentence, then the number of
    words; `lead_contribution` that of the strongest word of heading and lead-in. If no run adds up to more than that,
    either that word led to the label or something that only another model sees; then the evidence is the sentence of
    the word that contributes most.

    >>> evidence_runs([0.0, 0.1, 0.4, 0.9, -0.2], [0, 1, 5])  # So. We set cookies here.
    [(1, 4)]
    """
    runs = _best_runs(contributions, borders)
    if runs[0][0] <= lead_contribution:
        after = bisect_right(borders, contributions.index(max(contributions)))
        return [(borders[after - 1], borders[after])]
    return sorted([(first, after) for _, first, after in runs])


def _best_runs(contributions: Sequence[float], borders: Sequence[int]) -> list[_Run]:
    """The best run of each sentence; of these the best ones, the best first."""
    discount = max(0.0, _DISCOUNT * max(contributions))
    runs = [_best_run(contributions, discount, *sentence) for sentence in pairwise(borders)]
    runs.sort(reverse=True)
    return [run for run in runs[:_MAX_RUNS] if run[0] >= _MIN_SHARE_OF_BEST * runs[0][0]]


def _best_run(contributions: Sequence[float], discount: float, first: int, after: int) -> _Run:
    """The run of words of a sentence with the largest sum of discounted contributions; it may be empty."""
    best, begin, end = 0.0, first, first
    total, start = 0.0, first
    for place, value in enumerate(contributions[first:after], first):
        if total > 0:
            total += value - discount
        elif value > discount:
            total, start = value - discount, place
        else:
            continue
        if total > best:
            best, begin, end = total, start, place + 1
    return best, begin, end
