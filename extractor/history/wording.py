"""The words of a segment that count as content: no case, typography, punctuation, dates or leaked navigation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from extractor.history.dates import WRITTEN_DATE
from extractor.records import Segment, SegmentKind

WordTuple = tuple[str, ...]
CACHED_PASSAGES = 20_000  # a passage stands in many captures

_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_APOSTROPHE = re.compile(r"(?<=\w)['’‘ʼ`´](?=\w)")
_DATE_LINE_WORDS = frozenset(
    "last updated update updates modified changed change revised revision reviewed effective date dated as of in force "
    "since on from this the our privacy policy statement notice was is are and posted published version takes take "
    "effect became becomes it has been current starting time 1 0 v".split()
)
DATE_CUE = re.compile(
    r"\b(?:updated?|modified|changed|revised|revision|reviewed|effective|in force|date|version|effect)\b", re.IGNORECASE
)
_DATE_PLACEHOLDER = "\ufffc"  # stands for a date, which may run over the end of a line; not a word
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
_LINK_SEPARATOR = re.compile(r"\s[|»›>·•]\s")  # in menus and breadcrumbs
_MAX_DATE_LINE_CHARACTERS = 200  # longer lines are not tried
_MAX_NAVIGATION_CHARACTERS = 200  # the same, so that no hostile line makes the patterns slow
_MAX_LINK_WORDS = 5  # a link in a menu has no more words
_MIN_MENU_LINKS = 3


@dataclass(frozen=True, slots=True)
class NormalizedSegment:
    """A segment as the alignment compares it. `cosmetic`: a change of it is not worth an event."""

    words: WordTuple
    heading: WordTuple
    cosmetic: bool


def normalize_segment(segment: Segment) -> NormalizedSegment:
    """The significant words of a segment, and those of its heading path."""
    return _normalize_passage(segment.text, segment.headings, segment.context, segment.kind)


@lru_cache(maxsize=CACHED_PASSAGES)
def _normalize_passage(text: str, headings: WordTuple, context: str, kind: SegmentKind) -> NormalizedSegment:
    """A segment with this text, normalized."""
    words = significant_words(text)
    heading = tuple(word for heading in headings for word in normalized_words(heading))
    return NormalizedSegment(words, heading, cosmetic=not words or _is_navigation(text, context, kind))


@lru_cache(maxsize=CACHED_PASSAGES)
def significant_words(text: str) -> WordTuple:
    """The words of a passage, without dates and without lines that only state a date or are navigation.

    >>> significant_words("Last updated: 3 May 2015\\n\\nWe don’t  sell “it”.")
    ('we', 'dont', 'sell', 'it')
    """
    lines = (line for line in WRITTEN_DATE.sub(_DATE_PLACEHOLDER, text).split("\n") if not _is_navigation_line(line))
    runs = [(dates, " ".join(run)) for dates, run in groupby(lines, key=_may_be_date_line)]
    return normalized_words(" ".join(run for dates, run in runs if not (dates and is_date_line(run))))


def normalized_words(text: str) -> WordTuple:
    """The words of a text in lower case and compatibility form, without apostrophes and invisible characters."""
    plain = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return tuple(_WORD.findall(_APOSTROPHE.sub("", plain.casefold())))


def _may_be_date_line(line: str) -> bool:
    """Whether a line has only words of date lines: then it, or it with the next line, may be one."""
    return (
        len(line) <= _MAX_DATE_LINE_CHARACTERS
        and set(normalized_words(WRITTEN_DATE.sub(" ", line))) <= _DATE_LINE_WORDS
    )


def is_date_line(line: str) -> bool:
    """Whether a line only states the policy's date.

    >>> is_date_line("In force since 1 March 2006"), is_date_line("Logs are kept since 1 March 2006")
    (True, False)
    """
    if not _may_be_date_line(line):
        return False
    dated = _DATE_PLACEHOLDER in line or WRITTEN_DATE.search(line) is not None
    cued = DATE_CUE.search(line) is not None
    if not _can_begin_statement(line):
        return dated and cued
    return dated or _DATE_LABEL.fullmatch(line) is not None


def _is_navigation_line(line: str) -> bool:
    """Whether a line is navigation on the page or the site.

    >>> _is_navigation_line("Back to top"), _is_navigation_line("top of the page we say more")
    (True, False)
    """
    return (
        len(line) <= _MAX_NAVIGATION_CHARACTERS
        and _can_begin_statement(line)
        and _NAVIGATION.fullmatch(line) is not None
    )


def _can_begin_statement(line: str) -> bool:
    """Whether a line can begin a statement; if not, it may be the middle of a sentence that is cut into lines."""
    return not line.lstrip()[:1].islower()


def is_navigation(segment: Segment) -> bool:
    """Whether a segment is a menu, breadcrumbs or a table of contents."""
    return _is_navigation(segment.text, segment.context, segment.kind)


def _is_navigation(text: str, context: str, kind: SegmentKind) -> bool:
    """Whether a segment with this text is navigation."""
    lines = [line for line in text.split("\n") if line.strip()]
    if any(_CONTENTS.fullmatch(line[:_MAX_NAVIGATION_CHARACTERS]) for line in (context, *lines[:1])):
        return True
    links = list(_possible_links(lines))
    if context or kind == "row" or len(links) < _MIN_MENU_LINKS:
        return False
    return all(_is_link(link) for link in links)


def _possible_links(lines: list[str]) -> Iterator[str]:
    """The possible links of a menu: lines, or the parts of lines that look like breadcrumbs."""
    for line in lines:
        yield from filter(str.strip, _LINK_SEPARATOR.split(line))


def _is_link(line: str) -> bool:
    """Whether a line looks like a link of a menu: a few words, the first with a capital, no sentence."""
    words = _WORD.findall(line)
    return 0 < len(words) <= _MAX_LINK_WORDS and words[0][0].isupper() and line.rstrip()[-1] not in ".:;,!?"
