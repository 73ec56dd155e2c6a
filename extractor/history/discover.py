"""Words and phrases that rose or fell between two spans of time.

Log-odds with an informative Dirichlet prior (B. Monroe, M. Colaresi and K. Quinn 2008, "Fightin' Words"). What is
counted is not how often a phrase occurs but how many sites have it, so that the boilerplate of one site counts once,
however many captures it has. The prior is the share of sites that have the phrase in both spans together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt
from typing import Literal, NamedTuple

from extractor.text import lower_case

_MAX_PHRASE_WORDS = 4
_PRIOR_SITES = 10.0  # how many sites the prior weighs in each span
_MIN_SITES = 3  # that have a phrase
_MIN_SURENESS = 0.85  # of the z-score of a phrase in that of a longer one that is listed instead
_MAX_REPEATED = 0.5  # of the sites that have a phrase, in a longer or shorter one that is listed already
_PIECE_END = re.compile(r"[.,;:!?()\[\]\"\u201c\u201d\u2022*|/]+(?:\s|$)|\n|[()\[\]\"\u201c\u201d\u2022*|]")
_WORD = re.compile(r"[^\W_][\w'-]*")
_FUNCTION_WORDS = frozenset(
    "a about above after again against all also am an and any are aren't as at be because been before being below "
    "between both but by can cannot com could did do does doing don't down during e each either else et etc even "
    "every few for from further g had has have having he her here hers him his how however html http https i if "
    "in into is it its itself just let may me might more most must my neither no nor not now of off on once only "
    "or org other our ours out over own per rather s same shall she should so some such t than that the their "
    "theirs them then there these they this those through to too under until up upon us very was we were what "
    "when where whether which while who whom why will with within without would www you your yours yourself".split()
)
Phrase = tuple[str, ...]
Span = tuple[str, str]  # the first and the last year, or the like


class SpanText(NamedTuple):
    """The text of a capture that lies in the earlier or the later span."""

    site: str
    is_later: bool
    record: str
    text: str


@dataclass(frozen=True, slots=True)
class DiscoveredPhrase:
    """A phrase with the number of sites that have it in each span, and an example from the span where it is commoner.

    `z` is the log-odds ratio (later against earlier span) over its standard error; `terms` are the terms of the list
    that the phrase is part of a mention of, "" for none.
    """

    phrase: str
    direction: Literal["rose", "fell"]
    z: float
    log_odds: float
    before: int
    before_of: int
    after: int
    after_of: int
    terms: str = ""
    record: str = ""
    start: int = 0
    end: int = 0
    example: str = ""


class _PhraseCounts(NamedTuple):
    """How many sites have each phrase in each span, and how many sites there are."""

    before: Mapping[Phrase, int]
    after: Mapping[Phrase, int]
    before_of: int
    after_of: int


def discover(read: Callable[[], Iterable[Sequence[SpanText]]], top: int = 50) -> list[DiscoveredPhrase]:
    """The phrases that rose most and those that fell most, `top` of each; [] if a span has no site.

    `read` gives the texts site by site. It is called once for each number of words: a phrase is counted only if its
    parts are common enough, so that memory holds no rare phrases.
    """
    counts = _count_phrases(read)
    if not (counts.before_of and counts.after_of):
        return []
    scored = sorted((_scored(phrase, counts) for phrase in counts.before.keys() | counts.after.keys()), key=_rank)
    directions = ([one for one in scored if one.direction == direction and one.z] for direction in ("rose", "fell"))
    return [one for found in directions for one in _without_repeats(found, top)]


def _rank(found: DiscoveredPhrase) -> tuple[float, int, str]:
    """The order of phrases: the surest first, of equal ones the longest."""
    return -abs(found.z), -len(found.phrase), found.phrase


def _count_phrases(read: Callable[[], Iterable[Sequence[SpanText]]]) -> _PhraseCounts:
    """The numbers of sites that have the common phrases."""
    before: Counter[Phrase] = Counter()
    after: Counter[Phrase] = Counter()
    known: Set[Phrase] = frozenset()
    totals = (0, 0)
    for size in range(1, _MAX_PHRASE_WORDS + 1):
        counts = Counter[Phrase](), Counter[Phrase]()
        totals = _add_phrases(counts, read(), size, known)
        known = {
            phrase for phrase in counts[0].keys() | counts[1].keys() if sum(one[phrase] for one in counts) >= _MIN_SITES
        }
        for kept, counted in ((before, counts[0]), (after, counts[1])):
            kept.update({phrase: counted[phrase] for phrase in known if _is_whole(phrase)})
    return _PhraseCounts(before, after, *totals)


def _add_phrases(
    counts: tuple[Counter[Phrase], Counter[Phrase]], sites: Iterable[Sequence[SpanText]], size: int, known: Set[Phrase]
) -> tuple[int, int]:
    """Counts the phrases of a size whose parts are known, once for each site and span; returns the numbers of sites."""
    totals = [0, 0]
    for texts in sites:
        for is_later in (False, True):
            own = [one.text for one in texts if one.is_later == is_later]
            phrases = {phrase for text in dict.fromkeys(own) for phrase in _phrases(text, size, known)}
            counts[is_later].update(phrases)
            totals[is_later] += bool(own)
    return totals[0], totals[1]


def _phrases(text: str, size: int, known: Set[Phrase]) -> Iterator[Phrase]:
    """The phrases of a number of words in a text; longer ones only if both parts without an end word are known."""
    for _, words in _pieces(text):
        names = [word for _, word in words]
        for start in range(len(names) - size + 1):
            phrase = tuple(names[start : start + size])
            if size == 1 or (phrase[:-1] in known and phrase[1:] in known):
                yield phrase


def _pieces(text: str) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """The words of a text between punctuation marks, in lower case with their places; no phrase crosses a mark."""
    lower = lower_case(text.replace("\u0130", "I"))  # whose lower case is longer
    borders = [0, *(match.end() for match in _PIECE_END.finditer(lower)), len(lower)]
    for start, end in pairwise(borders):
        yield start, [(match.start(), match[0]) for match in _WORD.finditer(lower, start, end)]


def _is_whole(phrase: Phrase) -> bool:
    """Whether a phrase begins and ends with a word that means something, and has no number such as a year."""
    return (
        not ({phrase[0], phrase[-1]} & _FUNCTION_WORDS or any(word[0].isdigit() for word in phrase))
        and len(phrase[0]) > 1
    )


def _scored(phrase: Phrase, counts: _PhraseCounts) -> DiscoveredPhrase:
    """A phrase with its log-odds ratio and z-score."""
    before, after = counts.before.get(phrase, 0), counts.after.get(phrase, 0)
    prior = (before + after) / (counts.before_of + counts.after_of)
    ratio, z = log_odds_ratio((before, counts.before_of), (after, counts.after_of), prior)
    return DiscoveredPhrase(
        " ".join(phrase), "rose" if z > 0 else "fell", round(z, 2), round(ratio, 3),
        before, counts.before_of, after, counts.after_of,
    )  # fmt: skip


def log_odds_ratio(before: tuple[int, int], after: tuple[int, int], prior: float) -> tuple[float, float]:
    """The log-odds ratio of two shares (count, total), the second against the first, and its z-score.

    `prior` is the share expected in both. It counts like `_PRIOR_SITES` further sites in each: the Dirichlet prior of
    Monroe et al., of the two outcomes that a site has the phrase and that it has not.

    >>> [round(value, 2) for value in log_odds_ratio((1, 100), (50, 100), 0.255)]
    [3.31, 5.79]
    >>> log_odds_ratio((5, 10), (5, 10), 0.5)
    (0.0, 0.0)
    """
    odds, variance = [], 0.0
    for count, total in (before, after):
        has, lacks = count + _PRIOR_SITES * prior, total - count + _PRIOR_SITES * (1 - prior)
        if not (has and lacks):  # all sites have it, or none: nothing rose or fell
            return 0.0, 0.0
        odds.append(log(has / lacks))
        variance += 1 / has + 1 / lacks
    ratio = odds[1] - odds[0]
    return ratio, ratio / sqrt(variance)


def _without_repeats(found: Iterable[DiscoveredPhrase], top: int) -> list[DiscoveredPhrase]:
    """The first phrases, each once: of those that mostly stand together, the longest that is nearly as sure."""
    kept: list[DiscoveredPhrase] = []
    for one in found:
        repeated = [other for other in kept if _is_repeat(one, other)]
        if not repeated and len(kept) == top:
            break
        if all(_replaces(one, other) for other in repeated):
            kept = [*(other for other in kept if other not in repeated), one]
    return sorted(kept, key=_rank)


def _replaces(one: DiscoveredPhrase, other: DiscoveredPhrase) -> bool:
    """Whether one phrase contains the other and is nearly as sure."""
    return f" {other.phrase} " in f" {one.phrase} " and abs(one.z) >= _MIN_SURENESS * abs(other.z)


def _is_repeat(one: DiscoveredPhrase, other: DiscoveredPhrase) -> bool:
    """Whether one phrase contains the other, and most sites that have the shorter one have the longer one too."""
    shorter, longer = sorted((f" {one.phrase} ", f" {other.phrase} "), key=len)
    sites = sorted((_sites(one), _sites(other)))
    return shorter in longer and sites[0] >= _MAX_REPEATED * sites[1]


def _sites(found: DiscoveredPhrase) -> int:
    """The number of sites that have a phrase in the span where it is commoner."""
    return found.after if found.direction == "rose" else found.before


def phrase_span(text: str, phrase: str) -> tuple[int, int]:
    """The (start, end) of the first place of a phrase in a text, (-1, -1) if it has none.

    >>> phrase_span("Cookies. We never sell; Sell data", "sell data")
    (24, 33)
    """
    wanted = phrase.split(" ")
    if wanted[0] not in lower_case(text):
        return -1, -1
    for _, words in _pieces(text):
        names = [word for _, word in words]
        for at in range(len(names) - len(wanted) + 1):
            if names[at : at + len(wanted)] == wanted:
                last, word = words[at + len(wanted) - 1]
                return words[at][0], last + len(word)
    return -1, -1
