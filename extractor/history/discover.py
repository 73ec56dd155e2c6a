"""Words and phrases that rose or fell between two spans of time.

Log-odds with an informative Dirichlet prior (B. Monroe, M. Colaresi and K. Quinn 2008, "Fightin' Words"). What is
counted is not how often a phrase occurs but how many sites have it, so that the boilerplate of one site counts once,
however many captures it has. The prior is the share of sites that have the phrase in both spans together. All sites
are compared, and again only the sites that have captures in both spans: the fixed panel.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from math import log, sqrt
from typing import Literal, NamedTuple

from extractor.history.aggregate import Panel
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

    `panel` is "all" sites, or the "fixed" ones that have captures in both spans. `z` is the log-odds ratio (later
    against earlier span) over its standard error; `both` is the number of sites that have the phrase in both spans;
    `terms` are the terms of the list that the phrase is part of a mention of, "" for none.
    """

    panel: Panel
    phrase: str
    direction: Literal["rose", "fell"]
    z: float
    log_odds: float
    before: int
    before_of: int
    after: int
    after_of: int
    both: int
    terms: str = ""
    record: str = ""
    start: int = 0
    end: int = 0
    example: str = ""


@dataclass(slots=True)
class _PanelCounts:
    """How many sites of a panel have each phrase before, after and both times, and how many sites there are."""

    before: Counter[Phrase] = field(default_factory=Counter)
    after: Counter[Phrase] = field(default_factory=Counter)
    both: Counter[Phrase] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)  # "before", "after"

    def add_site(self, before: Set[Phrase] | None, after: Set[Phrase] | None) -> None:
        """Counts the phrases of a site in each span, None if it has no text there."""
        self.before.update(before or ())
        self.after.update(after or ())
        self.both.update((before or set()) & (after or set()))
        self.sites.update(before=before is not None, after=after is not None)

    def keep(self, counts: _PanelCounts, phrases: Iterable[Phrase]) -> None:
        """Adds the counts of some phrases, and takes over the numbers of sites, which are those of each pass."""
        names = [phrase for phrase in phrases if counts.before[phrase] + counts.after[phrase] >= _MIN_SITES]
        self.before.update({phrase: counts.before[phrase] for phrase in names})
        self.after.update({phrase: counts.after[phrase] for phrase in names})
        self.both.update({phrase: counts.both[phrase] for phrase in names})
        self.sites = counts.sites


_Counts = Mapping[Panel, _PanelCounts]


def discover(read: Callable[[], Iterable[Sequence[SpanText]]], top: int = 50) -> list[DiscoveredPhrase]:
    """The phrases that rose most and those that fell most, `top` of each in each panel.

    A panel has none if one of its spans has no site. `read` gives the texts site by site. It is called once for each
    number of words: a phrase is counted only if its parts are common enough, so that memory holds no rare phrases.
    """
    return [one for panel, counts in _count_phrases(read).items() for one in _strongest(panel, counts, top)]


def _strongest(panel: Panel, counts: _PanelCounts, top: int) -> Iterator[DiscoveredPhrase]:
    """The phrases of a panel that rose most, and those that fell most."""
    if not (counts.sites["before"] and counts.sites["after"]):
        return
    phrases = counts.before.keys() | counts.after.keys()
    scored = sorted((_scored(phrase, panel, counts) for phrase in phrases), key=_rank)
    for direction in ("rose", "fell"):
        yield from _without_repeats((one for one in scored if one.direction == direction and one.z), top)


def _rank(found: DiscoveredPhrase) -> tuple[float, int, str]:
    """The order of phrases: the surest first, of equal ones the longest."""
    return -abs(found.z), -len(found.phrase), found.phrase


def _count_phrases(read: Callable[[], Iterable[Sequence[SpanText]]]) -> _Counts:
    """The numbers of sites that have the common phrases, by panel."""
    kept: _Counts = {"all": _PanelCounts(), "fixed": _PanelCounts()}
    known: Set[Phrase] = frozenset()
    for size in range(1, _MAX_PHRASE_WORDS + 1):
        counts: _Counts = {"all": _PanelCounts(), "fixed": _PanelCounts()}
        for texts in read():
            _add_site(counts, texts, size, known)
        found = counts["all"].before + counts["all"].after
        known = {phrase for phrase, sites in found.items() if sites >= _MIN_SITES}
        whole = list(filter(_is_whole, known))
        for panel, of_panel in kept.items():
            of_panel.keep(counts[panel], whole)
    return kept


def _add_site(counts: _Counts, texts: Sequence[SpanText], size: int, known: Set[Phrase]) -> None:
    """Counts the phrases of a size whose parts are known, once for the site and span."""
    before, after = (
        {phrase for text in own for phrase in _phrases(text, size, known)} if own else None
        for own in ({one.text for one in texts if one.is_later == is_later} for is_later in (False, True))
    )
    counts["all"].add_site(before, after)
    if before is not None and after is not None:
        counts["fixed"].add_site(before, after)


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


def _scored(phrase: Phrase, panel: Panel, counts: _PanelCounts) -> DiscoveredPhrase:
    """A phrase with its log-odds ratio and z-score."""
    before, after, both = counts.before[phrase], counts.after[phrase], counts.both[phrase]
    before_of, after_of = counts.sites["before"], counts.sites["after"]
    prior = (before + after) / (before_of + after_of)
    ratio, z = log_odds_ratio((before, before_of), (after, after_of), prior, both if panel == "fixed" else None)
    return DiscoveredPhrase(
        panel, " ".join(phrase), "rose" if z > 0 else "fell", round(z, 2), round(ratio, 3),
        before, before_of, after, after_of, both,
    )  # fmt: skip


def log_odds_ratio(
    before: tuple[int, int], after: tuple[int, int], prior: float, both: int | None = None
) -> tuple[float, float]:
    """The log-odds ratio of two shares (count, total), the second against the first, and its z-score.

    `prior` is the share expected in both. It counts like `_PRIOR_SITES` further sites in each: the Dirichlet prior of
    Monroe et al., of the two outcomes that a site has the phrase and that it has not. `both` is given if both totals
    are the same sites, and is how many of them count twice: most sites keep their words, so the two shares vary
    together, and the variance of their difference is smaller by twice their covariance (delta method).

    >>> [round(value, 2) for value in log_odds_ratio((1, 100), (50, 100), 0.255)]
    [3.31, 5.79]
    >>> [round(value, 2) for value in log_odds_ratio((20, 100), (40, 100), 0.3, both=20)]
    [0.89, 4.27]
    >>> log_odds_ratio((5, 10), (5, 10), 0.5)
    (0.0, 0.0)
    """
    has_before, has_after = (count + _PRIOR_SITES * prior for count, _ in (before, after))
    lacks_before, lacks_after = (total - count + _PRIOR_SITES * (1 - prior) for count, total in (before, after))
    if not (has_before and lacks_before and has_after and lacks_after):  # all sites have it, or none
        return 0.0, 0.0
    ratio = log(has_after / lacks_after) - log(has_before / lacks_before)
    variance = 1 / has_before + 1 / lacks_before + 1 / has_after + 1 / lacks_after
    if both is not None:
        total = after[1] + _PRIOR_SITES
        has_both = both + _PRIOR_SITES * prior**2
        covariance = total * (has_both * total - has_before * has_after)
        variance -= 2 * covariance / (has_before * lacks_before * has_after * lacks_after)
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
