"""Facts in a passage: how long data is kept, and which third parties are named.

They are found by rules on words, not by a model: each can be read in the text, but other ways to say it are missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extractor.history.wording import CACHED_PASSAGES
from extractor.records import Segment
from extractor.text import sentence_spans

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: E501
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_UNITS = r"(?:minute|hour|day|week|month|year)"
_COUNT = rf"\d+|(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(reversed(_ONES))}|an?|hundred"
_PERIOD = re.compile(
    rf"\b({_COUNT})(?:\s*\(\d+\))?[\s-]+(?:(?:business|calendar|full)\s+)?({_UNITS})s?\b", re.IGNORECASE
)
_KEEPING = re.compile(
    r"\b(?:keep|keeps|kept|retain\w*|retention|stor(?:e|es|ed|age|ing)|sav(?:e|ed)|delet\w+|eras\w+|overwritten|expir\w+|"
    r"lasts?|lifetime|stays?|cut off|throw|thrown|destroy\w*|purge\w*|anonymi[sz]ed?|remov\w+|logged)\b",
    re.IGNORECASE,
)
_AGE = re.compile(r"\s*(?:of age|old)\b|['’]s?\b", re.IGNORECASE)
_RATE = re.compile(
    r"(?:\b(?:past|last|previous|preceding|once|twice|times|per|every|each)|\bunder|\bolder than|\bover)\s*$",
    re.IGNORECASE,
)

_NAME_WORD = r"[A-Z][\w&’'-]*(?:\.(?:com|net|org|io))?"
_NAME = re.compile(rf"\b{_NAME_WORD}(?: (?:(?:of|de|&) )?{_NAME_WORD})*(?:,? (?:Inc|LLC|Ltd|Corp|GmbH)\b)?")
_SENTENCE_OPENER = re.compile(
    r"(?:The|Our|We|You|If|In|At|By|For|With|Since|From|When|And|This|Your|Its?|Should|Whether|Although|Because|As"
    r"|All|Some|Any|Each|Please|Like|To|On|Under|Through|Besides|While|Where|Only|Both|Neither|Us|They|I|A|An|No"
    r"|Not)(?: |$)"
)
_FIRM_WORDS = frozenset(
    "inc llc ltd gmbh corp corporation limited plc bv ag sa co media metrics analytics networks technologies "
    "ads labs interactive systems solutions".split()
)
_KNOWN_FIRMS = frozenset(
    "google doubleclick facebook meta instagram whatsapp amazon microsoft apple yahoo twitter linkedin youtube "
    "pinterest tiktok snapchat adobe omniture comscore nielsen quantcast criteo taboola outbrain hotjar mixpanel "
    "amplitude stripe paypal braintree visa mastercard mailchimp sendgrid zendesk salesforce hubspot intercom "
    "cloudflare akamai fastly aws truste trustarc oracle bluekai appnexus".split()
)
_ROLE = (
    r"(?:company|compan(?:y|ies)|network|provider|partner|service|agency|processor|vendor|firm|supplier|broker|contractor"
    r"|representative)s?"
)
_ROLE_AFTER = re.compile(rf"\s*,\s+(?:an?|our|the|which|who)\b[^.,;|]{{0,60}}?\b{_ROLE}\b", re.IGNORECASE)
_ROLE_BEFORE = re.compile(
    rf"\b{_ROLE}\b(?:\s+(?:that|which|who)\b[^.,;]{{0,60}})?(?:,|\s+(?:called|named|such as|like|including|is))\s+$",
    re.IGNORECASE,
)
_OFFICIAL_WORDS = frozenset(
    "department commission act regulation directive union state states court ministry authority office officer agency "
    "shield framework clause clauses rule article board institute university european federal national privacy "
    "policy".split()
)
_CONTEXT_CHARACTERS = 100  # before a mention: they may say what it is
_MAX_NAME_CHARACTERS = 80
_MAX_SHORT_LABEL_LETTERS = 4  # of a site's name: it is part of many other words
_IN_SMALLER_UNITS = {"week": (7, "day"), "year": (12, "month")}


@dataclass(frozen=True, slots=True)
class Mention:
    """A fact in a text: its value, and where the text says it."""

    value: str
    start: int
    end: int


def retention_periods(segment: Segment) -> tuple[Mention, ...]:
    """The periods after which something is deleted or for which it is kept, such as "30 days"."""
    return _periods_in(segment.text, " ".join((segment.context, *segment.headings[-1:])))


@lru_cache(maxsize=CACHED_PASSAGES)
def _periods_in(text: str, frame: str) -> tuple[Mention, ...]:
    """The retention periods in a text; its `frame` is what stands above it."""
    return tuple(_find_periods(text, frame))


def _find_periods(text: str, frame: str) -> Iterator[Mention]:
    """The retention periods, sentence by sentence."""
    for first, last in sentence_spans(text):
        if not _KEEPING.search(f"{text[first:last]} {frame}"):
            continue
        for match in _PERIOD.finditer(text, first, last):
            if not (
                _AGE.match(text, match.end())
                or _RATE.search(text[max(first, match.start() - _CONTEXT_CHARACTERS) : match.start()])
            ):
                yield Mention(_period_in_figures(match), match.start(), match.end())


def _period_in_figures(match: re.Match[str]) -> str:
    """A period with its number in figures.

    >>> _period_in_figures(_PERIOD.search("after thirty-one days"))
    '31 days'
    """
    count, unit = _number_of(match[1].lower()), match[2].lower()
    return f"{count} {unit}{'' if count == 1 else 's'}"


def comparable_period(value: str) -> str:
    """A period in units in which equal periods are written alike.

    >>> comparable_period("2 weeks"), comparable_period("1 year")
    ('14 days', '12 months')
    """
    count, unit = value.split()
    factor, smaller = _IN_SMALLER_UNITS.get(unit.removesuffix("s"), (1, unit.removesuffix("s")))
    number = int(count) * factor
    return f"{number} {smaller}{'' if number == 1 else 's'}"


def _number_of(word: str) -> int:
    """The number that a word or figures stand for."""
    if word.isdigit():
        return int(word)
    tens, _, ones = word.replace("-", " ").partition(" ")
    if tens in _TENS:
        return 10 * (_TENS.index(tens) + 2) + (_ONES.index(ones) if ones else 0)
    return {"a": 1, "an": 1, "hundred": 100}.get(tens) or _ONES.index(tens)


@lru_cache(maxsize=CACHED_PASSAGES)
def third_parties(text: str, site: str) -> tuple[Mention, ...]:
    """The companies that a passage names, except that of the `site`, a domain."""
    return tuple(_find_third_parties(text, site))


def _find_third_parties(text: str, site: str) -> Iterator[Mention]:
    """The companies, sentence by sentence."""
    for first, last in sentence_spans(text):
        for match in _NAME.finditer(text, first, last):
            mention = _name_mention(text, match)
            words = {word.casefold() for word in re.findall(r"\w+", mention.value)}
            outside = (
                words
                and len(mention.value) <= _MAX_NAME_CHARACTERS
                and not words & _OFFICIAL_WORDS
                and not _is_own_name(mention.value, site)
            )
            if outside and _is_firm(text, mention, words):
                yield mention


def _name_mention(text: str, match: re.Match[str]) -> Mention:
    """The name in a run of capitalised words, without words that only begin the sentence."""
    start = match.start()
    while skipped := _SENTENCE_OPENER.match(text, start, match.end()):
        start = skipped.end()
    return Mention(re.sub(r"\W+$|['’]s$", "", text[start : match.end()]), start, match.end())


def _is_own_name(name: str, site: str) -> bool:
    """Whether a name is the site's own.

    >>> [_is_own_name(name, "pinegrove-news.example") for name in ("The Pinegrove News", "Eastwind Media")]
    [True, False]
    """
    label = re.sub(r"\W", "", site.split(".", maxsplit=1)[0]).casefold()
    words = [word.casefold() for word in re.findall(r"\w+", name)]
    return bool(label) and (label in words or (len(label) > _MAX_SHORT_LABEL_LETTERS and label in "".join(words)))


def _is_firm(text: str, mention: Mention, words: set[str]) -> bool:
    """Whether a name is a company's: by its form, as a well-known one, or by the words around it."""
    if words & _KNOWN_FIRMS or (words & _FIRM_WORDS and len(words) > 1) or re.search(r"[a-z][A-Z][a-z]", mention.value):
        return True
    return bool(
        _ROLE_AFTER.match(text, mention.end)
        or _ROLE_BEFORE.search(text[max(0, mention.start - _CONTEXT_CHARACTERS) : mention.start])
    )
