"""Which words of a passage carried a label: of each sentence the run of words that adds most to the label's value.

From what each word adds (`features.Adding`) a little is taken off, so that a run ends where words say nothing; the run
of a sentence is then the one with the largest sum (J. Bentley, "Algorithm design techniques", CACM 1984). That it is
runs of words, not sentences or clauses, and the constants, are by measurement: `docs/labels.md`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from extractor.label.words import WORD, lowered

_BETWEEN = r"[\"')\]\u201d]*\s+(?=[^\sa-z])"
SENTENCE_END = re.compile(rf"\.{_BETWEEN}|!{_BETWEEN}|\?{_BETWEEN}|\n")  # each begins with one character: found sooner
_DISCOUNT = 0.05  # of what the strongest word adds, taken off every word
FAINT = 0.3  # of what the best run adds; a run that adds less is no evidence
MOST = 3  # runs of a passage
Span = tuple[int, int]
_Run = tuple[float, int, int]  # what it adds, its first word, the one after its last


class _Words(NamedTuple):
    """Where the words of a text start and end, and which are the first of a sentence; behind these their number."""

    starts: Sequence[int]
    ends: Sequence[int]
    borders: Sequence[int]


def words_in(text: str, words: Sequence[str]) -> _Words:
    """Where these words, in order, stand in a text, of which they are the first or all.

    >>> words_in("We don't. İyi", ["we", "don't", "i", "yi"])
    _Words(starts=[0, 3, 10, 11], ends=[2, 8, 11, 13], borders=[0, 2, 4])
    """
    lower, end, starts, ends = lowered(text), 0, [], []
    for word in words:  # no word begins before it, as its first character would begin one
        start = lower.find(word, end)
        end = start + len(word)
        starts.append(start)
        ends.append(end)
    if len(lower) != len(text):
        origin = [place for place, char in enumerate(text) for _ in char.lower()]
        starts, ends = [origin[start] for start in starts], [origin[end - 1] + 1 for end in ends]
    return _Words(starts, ends, _sentence_borders(text, starts))


def _sentence_borders(text: str, starts: Sequence[int]) -> list[int]:
    """The first word of each sentence, and the number of words; a sentence without a word is none."""
    ends = (match.end() for match in SENTENCE_END.finditer(text))
    return sorted({0, *(bisect_left(starts, end) for end in ends), len(starts)})


def evidence_of(text: str, words: _Words, values: Sequence[float], in_front: float = 0.0) -> list[Span]:
    """Where the words that carried a label stand in a text, in order: one place at least, unless the text is empty.

    `values` is what each word adds, `in_front` what the strongest word of heading and lead-in adds. Where no run adds
    as much, that word carried the label, or what only another model sees: then it is the sentence of the word that
    adds most.

    >>> text = "So. We set cookies here."
    >>> evidence_of(text, words_in(text, ["so", "we", "set", "cookies", "here"]), [0.0, 0.1, 0.4, 0.9, -0.2])
    [(4, 18)]
    """
    if not values:
        return [(0, len(text))][: len(text)]
    runs, borders = _best_runs(values, words.borders), words.borders
    if runs[0][0] <= in_front:
        after = bisect_right(borders, values.index(max(values)))
        runs = [(0.0, borders[after - 1], borders[after])]
    return sorted((words.starts[first], words.ends[after - 1]) for _, first, after in runs)


def sentences(text: str) -> list[Span]:
    """The sentences of a text that have a word, without what is white around them; where none has one, the whole text.

    >>> sentences("One. Two!  (b) ...")
    [(0, 4), (5, 9), (11, 18)]
    """
    borders = [0, *(match.end() for match in SENTENCE_END.finditer(text)), len(text)]
    found = [_trimmed(text, start, end) for start, end in pairwise(borders) if WORD.search(text, start, end)]
    return found or [(0, len(text))][: len(text)]


def _trimmed(text: str, start: int, end: int) -> Span:
    """A place in a text without the white space at its ends."""
    said = text[start:end]
    return start + len(said) - len(said.lstrip()), start + len(said.rstrip())


def _best_runs(values: Sequence[float], borders: Sequence[int]) -> list[_Run]:
    """The best runs of the sentences that have the best ones, the best first."""
    off = max(0.0, _DISCOUNT * max(values))
    runs = sorted((_best_run(values, off, *sentence) for sentence in pairwise(borders)), reverse=True)[:MOST]
    return [run for run in runs if run[0] >= FAINT * runs[0][0]]


def _best_run(values: Sequence[float], off: float, first: int, after: int) -> _Run:
    """The run of words of a sentence with the largest sum of values, `off` taken off each; it may be empty."""
    most, begin, end = 0.0, first, first
    total, start = 0.0, first
    for place, value in enumerate(values[first:after], first):
        if total <= 0:
            total, start = 0.0, place
        total += value - off
        if total > most:
            most, begin, end = total, start, place + 1
    return most, begin, end
