"""The words of a passage that led to a label: in each sentence, the run of words that contributes most to its value.

A little is subtracted from what each word contributes (`features.TermContributions`), so that a run ends where words
say nothing. The run of a sentence is the one with the largest sum (J. Bentley, "Algorithm design techniques", CACM
1984). Runs of words did better than sentences or clauses; `docs/labels.md` has the measurement, also of the constants.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from extractor.text import SENTENCE_END, lower_case, restore_marks

_DISCOUNT = 0.05  # of the strongest word's contribution; subtracted from every word's
_MIN_SHARE_OF_BEST = 0.3  # a run with a smaller share of the best run's sum is no evidence
_MAX_RUNS = 3  # of a passage
_Span = tuple[int, int]
_Run = tuple[float, int, int]  # its sum, its first word, the word after its last


class _WordPositions(NamedTuple):
    """The starts and ends of a text's words, and the first word of each sentence, then the number of words."""

    starts: Sequence[int]
    ends: Sequence[int]
    borders: Sequence[int]


def locate_words(text: str, words: Sequence[str]) -> _WordPositions:
    """The positions of a text's words, or of the first of them, given in lower case and in order.

    >>> locate_words("We don't. İyi", ["we", "don't", "i", "yi"])
    _WordPositions(starts=[0, 3, 10, 11], ends=[2, 8, 11, 13], borders=[0, 2, 4])
    """
    lower, end, starts, ends = lower_case(text), 0, [], []
    for word in words:  # no earlier match is possible, as its first character would begin a word
        start = lower.find(word, end)
        end = start + len(word)
        starts.append(start)
        ends.append(end)
    if len(lower) != len(text):
        origin = [place for place, char in enumerate(text) for _ in char.lower()]
        starts, ends = [origin[start] for start in starts], [origin[end - 1] + 1 for end in ends]
    return _WordPositions(starts, ends, _sentence_borders(text, starts))


def _sentence_borders(text: str, starts: Sequence[int]) -> list[int]:
    """The first word of each sentence that has a word, and the number of words."""
    ends = (match.end() for match in SENTENCE_END.finditer(restore_marks(text)))
    return sorted({0, *(bisect_left(starts, end) for end in ends), len(starts)})


def evidence_spans(
    text: str, words: _WordPositions, contributions: Sequence[float], lead_contribution: float = 0.0
) -> list[_Span]:
    """The spans of the words that led to a label, in order; at least one unless the text is empty.

    `contributions` are those of each word, `lead_contribution` that of the strongest word of heading and lead-in. If no
    run adds up to more than that, either that word led to the label or something that only another model sees; then the
    evidence is the sentence of the word that contributes most.

    >>> text = "So. We set cookies here."
    >>> words = locate_words(text, ["so", "we", "set", "cookies", "here"])
    >>> evidence_spans(text, words, [0.0, 0.1, 0.4, 0.9, -0.2])
    [(4, 18)]
    """
    if not contributions:
        return [(0, len(text))][: len(text)]
    runs, borders = _best_runs(contributions, words.borders), words.borders
    if runs[0][0] <= lead_contribution:
        after = bisect_right(borders, contributions.index(max(contributions)))
        runs = [(0.0, borders[after - 1], borders[after])]
    return sorted((words.starts[first], words.ends[after - 1]) for _, first, after in runs)


def _best_runs(contributions: Sequence[float], borders: Sequence[int]) -> list[_Run]:
    """The best run of each sentence; of these the best ones, the best first."""
    discount = max(0.0, _DISCOUNT * max(contributions))
    runs = sorted((_best_run(contributions, discount, *sentence) for sentence in pairwise(borders)), reverse=True)
    return [run for run in runs[:_MAX_RUNS] if run[0] >= _MIN_SHARE_OF_BEST * runs[0][0]]


def _best_run(contributions: Sequence[float], discount: float, first: int, after: int) -> _Run:
    """The run of words of a sentence with the largest sum of discounted contributions; it may be empty."""
    best, begin, end = 0.0, first, first
    total, start = 0.0, first
    for place, value in enumerate(contributions[first:after], first):
        if total <= 0:
            total, start = 0.0, place
        total += value - discount
        if total > best:
            best, begin, end = total, start, place + 1
    return best, begin, end
