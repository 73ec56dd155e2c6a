"""What a segment says, without what is no change: case, typography, punctuation, dates, leaked navigation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from extractor.history.dates import WRITTEN_DATE
from extractor.records import Segment

Words = tuple[str, ...]

_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_APOSTROPHE = re.compile(r"(?<=\w)['’‘ʼ`´](?=\w)")
_DATING = frozenset(
    "last updated update updates modified changed change revised revision reviewed effective date dated as of in force "
    "since on from this the our privacy policy statement notice was is are and posted published version takes take "
    "effect became becomes it has been current starting time 1 0 v".split()
)
DATING_CUE = re.compile(
    r"\b(?:updated?|modified|changed|revised|revision|reviewed|effective|in force|date|version|effect)\b", re.IGNORECASE
)
_DATE = "\ufffc"  # stands for a date, which may run over the end of a line; no word
_DATE_LABEL = re.compile(
    r"\W*(?:date(?: of)? )?(?:last |date )(?:updated?|modified|changed?|revised|revision|reviewed)\W*"
    r"|\W*(?:effective|revision) date\W*|\W*(?:updated|modified|revised|effective|version|date):\s*",
    re.IGNORECASE,
)
_NAVIGATION = re.compile(
    r"""\W*(?:
        (?:skip|jump)\ to\ (?:main\ |the\ )?(?:content|navigation|main|search)
      | (?:back|return|go)\ to\ (?:the\ )?top(?:\ of\ (?:the\ |this\ )?page)? | top\ of\ page | top
      | (?:print|e-?mail|share|bookmark)\ this(?:\ (?:page|article|policy))? | printer[- ]friendly(?:\ version)?
      | (?:share|follow\ us|like\ us|tweet)(?:\ on\ \w+)? | (?:read|learn|show|view|see)\ (?:more|less|all)
      | (?:toggle|open|close|show|hide)\ (?:menu|navigation|search|sidebar) | (?:main\ )?menu | search
      | (?:was|is)\ this\ (?:page|article|information|document)\ (?:helpful|useful)\W*(?:yes\W+no)?
      | (?:did\ (?:this|you)\ .{0,40}\b(?:help(?:ful)?|useful)\b.{0,10}?)\W*(?:yes\W+no)?
      | home | previous | next | sign\ (?:in|up) | log\ ?(?:in|out) | you\ are\ here\W.*
      | (?:copyright\W*(?:©|\(c\))?|©|\(c\))\W*\d{4}.{0,80} | [^.]{0,40}\ball\ rights\ reserved\W?
    )[^\w.?!]*""",
    re.IGNORECASE | re.VERBOSE,
)
_CONTENTS = re.compile(
    r"\W*(?:(?:on|in) this (?:page|policy|notice)|(?:table of )?contents|jump to(?: section)?|quick links)\W*",
    re.IGNORECASE,
)
_TRAIL = re.compile(r"\s[|»›>·•]\s")  # what parts the links of a menu or of a trail of crumbs
_DATING_CHARACTERS = 200  # a line that only dates is no longer
_NAVIGATION_CHARACTERS = 200  # nor one that leads about; so no hostile line makes the patterns slow
_LINK_WORDS = 5  # a menu's line is no longer
_MENU_LINES = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A segment as the alignment sees it. `cosmetic`: it says nothing whose change would be one."""

    words: Words
    heading: Words
    cosmetic: bool


def read(segment: Segment) -> Reading:
    """The words of a segment that count, and those of its heading path."""
    words = words_of(segment.text)
    heading = tuple(word for heading in segment.headings for word in words_in(heading))
    return Reading(words, heading, cosmetic=not words or is_navigation(segment))


@lru_cache(maxsize=20_000)  # a passage stands in many captures
def words_of(text: str) -> Words:
    """The words of a passage, without dates and without the lines that only date it or lead about the page.

    >>> words_of("Last updated: 3 May 2015\\n\\nWe don’t  sell “it”.") == words_of("We don't sell it!")
    True
    """
    said = (line for line in WRITTEN_DATE.sub(_DATE, text).split("\n") if not _leads_about(line))
    runs = [(dates, " ".join(lines)) for dates, lines in groupby(said, key=_may_date)]
    return words_in(" ".join(run for dates, run in runs if not (dates and is_dating(run))))


def words_in(text: str) -> Words:
    """The words of a text: compatibility forms and case undone, no apostrophes, nothing invisible."""
    plain = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return tuple(_WORD.findall(_APOSTROPHE.sub("", plain.casefold())))


def _may_date(line: str) -> bool:
    """Whether a line has no words but those that tell of when a policy is: it, or it with the next, may do so."""
    return len(line) <= _DATING_CHARACTERS and set(words_in(WRITTEN_DATE.sub(" ", line))) <= _DATING


def is_dating(line: str) -> bool:
    """Whether a line only says of when the policy is.

    >>> is_dating("In force since 1 March 2006"), is_dating("Logs are kept since 1 March 2006")
    (True, False)
    """
    if not _may_date(line):
        return False
    dated = _DATE in line or WRITTEN_DATE.search(line) is not None
    cued = DATING_CUE.search(line) is not None
    if not _begins_one(line):
        return dated and cued
    return dated or _DATE_LABEL.fullmatch(line) is not None


def _leads_about(line: str) -> bool:
    """Whether a line leads about the page or the site and says nothing.

    >>> _leads_about("Back to top"), _leads_about("top of the page we say more")
    (True, False)
    """
    return len(line) <= _NAVIGATION_CHARACTERS and _begins_one(line) and _NAVIGATION.fullmatch(line) is not None


def _begins_one(line: str) -> bool:
    """Whether a line could begin something; else it may be the middle of a sentence that is cut into lines."""
    return not line.lstrip()[:1].islower()


def is_navigation(segment: Segment) -> bool:
    """Whether a segment is a menu, a trail of crumbs or a contents list: it leads about the site and says nothing."""
    lines = [line for line in segment.text.split("\n") if line.strip()]
    if any(_CONTENTS.fullmatch(line[:_NAVIGATION_CHARACTERS]) for line in (segment.context, *lines[:1])):
        return True
    links = list(_links_of(lines))
    if segment.context or segment.kind == "row" or len(links) < _MENU_LINES:
        return False
    return all(_is_link(link) for link in links)


def _links_of(lines: list[str]) -> Iterator[str]:
    """What could be the links of a menu: lines, or the parts of lines that look like a trail."""
    for line in lines:
        yield from filter(str.strip, _TRAIL.split(line))


def _is_link(line: str) -> bool:
    """Whether a line looks like a link of a menu: a few words, the first with a capital, no sentence."""
    words = _WORD.findall(line)
    return 0 < len(words) <= _LINK_WORDS and words[0][0].isupper() and line.rstrip()[-1] not in ".:;,!?"
