"""Statistics of texts that do not depend on their surroundings, kept from page to page.

Menus and most paragraphs of a page recur in its next captures, and menus on the other pages of a site.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import count
from struct import Struct
from threading import Lock
from typing import NamedTuple

from extractor.clean.content.text_signs import (
    count_mentions,
    count_terms_stems,
    is_banner_line,
    is_button,
    is_title_of_replies,
)
from extractor.clean.tree import PagePiece
from extractor.text import ends_sentence

FUNCTION_WORDS = tuple(
    "the of to and a in that is for or we you our your by with as this be are not may will any if on from such other"
    " have us it which these when use".split()
)
# Words of both policies and terms
LEGAL_WORDS = tuple(
    "personal personally identifiable privacy cookie cookies collect collects collected collecting collection consent"
    " opt opt-out opt-in unsubscribe beacons tracking ip disclose disclosed disclosure disclosures disclosing gdpr ccpa"
    " third-party parties terms agreement liability liable warranty warranties license licence licensed shall hereby"
    " herein copyright copyrighted dmca pursuant applicable law laws rights third information data".split()
)
FOREIGN_WORDS = tuple("de la que et und der di het och og na".split())  # common in other languages
_FOREIGN_BYTES = frozenset(map(str.encode, FOREIGN_WORDS))
_ACTION = re.compile(
    r"(?:home|search|menu|skip to|back to|sign (?:in|up)|log ?in|log ?out|subscribe|share|print|e-?mail|tweet|follow"
    r"|contact us|about|careers|help|more|close|next|previous|top|read more|learn more|get |download|join|shop|register"
    r"|cart|my account|faq|site ?map|advertise|newsletter|feedback|accept|ok$|view|see all|facebook|twitter|google)"
)
_DIGIT = re.compile(r"\d")
_NO_DIGITS = bytes(code for code in range(128) if not chr(code).isdigit())
_APOSTROPHE = "\0"  # stands for "’": the text of a page has no null character
_JOINERS = f"'-{_APOSTROPHE}".encode()  # inside a word or at its end
_WORD = re.compile(rf"\w[\w'{_APOSTROPHE}-]*")
_SPACED = bytes(code if code > 127 or chr(code).isalnum() or chr(code) in "_'-\0" else 32 for code in range(256))
_USUAL_MARKS = "“”‘–—…•·®©™"  # beyond ASCII, and in no word
MIN_PROSE_WORDS = 10
_MAX_RECENT_TEXTS, _MAX_WORDS = 6_000, 50_000
_pack_measures = Struct("6d").pack


class TextStats(NamedTuple):
    """What is known of a text.

    `words` are the numbers of its different words, as C integers. In the statistics of one page a number stands for one
    word; the first numbers are those of `FUNCTION_WORDS`, the next ones those of `LEGAL_WORDS`. `measures` are six
    doubles: the numbers of words and of characters per word, and 1 or 0 for whether the text is in capitals, has a
    digit, ends like a sentence, and starts with an action that a page offers.

    `size` is the number of words between spaces, `prose` the same if the text is prose, else 0. `mentions` are those of
    personal data in prose, `cookies` the words "cookie", `terms_stems` the words of terms of use. `is_foreign` is
    whether one of its words is a common one of another language.
    """

    words: bytes
    measures: bytes
    size: int
    prose: int
    mentions: int
    cookies: int
    terms_stems: int
    is_foreign: bool
    is_button: bool
    is_banner_line: bool
    is_title_of_replies: bool


def stats_of_pieces(pieces: Iterable[PagePiece]) -> list[TextStats]:
    """The statistics of the texts of pieces of a page."""
    return stats_of_texts([piece.text for piece in pieces])


def stats_of_texts(texts: Iterable[str]) -> list[TextStats]:
    """The statistics of the texts of a page."""
    kept = _kept_stats()
    if kept.has_too_many_words():
        _kept_stats.cache_clear()
        kept = _kept_stats()
    kept.drop_old()
    return list(map(kept.__getitem__, texts))


class _StatsByText(dict[str, TextStats]):
    """The statistics of recent texts, added when they are first asked for. A word has one number in all of them.

    When there are many, they become the earlier ones, and those that are asked for again are taken from there: at each
    change only texts that were not asked for since the last one are lost.
    """

    def __init__(self) -> None:
        super().__init__()
        self._earlier: dict[str, TextStats] = {}
        self._numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
        self._lock = Lock()  # without it, two threads could give a new word two numbers
        self._number_words([word.encode() for word in (*FUNCTION_WORDS, *LEGAL_WORDS)])

    def __missing__(self, text: str) -> TextStats:
        self[text] = stats = self._earlier.pop(text, None) or self._measure(text)
        return stats

    def _measure(self, text: str) -> TextStats:
        lower = text.lower()
        words = _find_words(lower)
        different = set(words)
        size = text.count(" ") + 1
        is_prose = size >= MIN_PROSE_WORDS
        return TextStats(
            words=self._number_words(different),
            measures=_measures_of(text, lower, len(words)),
            size=size,
            prose=size if is_prose else 0,
            mentions=count_mentions(lower) if is_prose else 0,
            cookies=lower.count("cookie"),
            terms_stems=count_terms_stems(lower),
            is_foreign=not _FOREIGN_BYTES.isdisjoint(different),
            is_button=is_button(text),
            is_banner_line=is_banner_line(text),
            is_title_of_replies=is_title_of_replies(lower),
        )

    def _number_words(self, words: Iterable[bytes]) -> bytes:
        with self._lock:
            return array("i", map(self._numbers.__getitem__, words)).tobytes()

    def drop_old(self) -> None:
        """Makes room if many texts are kept."""
        if len(self) >= _MAX_RECENT_TEXTS:
            self._earlier = dict(self)
            self.clear()

    def has_too_many_words(self) -> bool:
        """Whether so many words have numbers that it is time to begin anew."""
        return len(self._numbers) >= _MAX_WORDS


@cache
def _kept_stats() -> _StatsByText:
    """The statistics that are kept. What a page uses stays consistent if they begin anew in the middle of it."""
    return _StatsByText()


def _measures_of(text: str, lower: str, count: int) -> bytes:
    """The measures of a text with so many words."""
    return _pack_measures(
        count,
        max(len(lower), 1) / max(count, 1),
        text.isupper(),
        _has_digit(lower),
        ends_sentence(lower),
        _ACTION.match(lower) is not None,
    )


def _has_digit(text: str) -> bool:
    """Whether a text has a digit."""
    return bool(text.encode().translate(None, _NO_DIGITS)) if text.isascii() else _DIGIT.search(text) is not None


def _find_words(lower: str) -> list[bytes]:
    """The words of a text in lower case, with hyphens and apostrophes.

    Splitting most texts at what is in no word takes half the time that finding words by a pattern takes.
    """
    if not lower.isascii():
        lower = lower.replace("’", _APOSTROPHE)
        for mark in _USUAL_MARKS:
            lower = lower.replace(mark, " ")
        if not lower.isascii():
            return [word.encode("utf-8", "surrogatepass") for word in _WORD.findall(lower)]
    spaced = lower.encode().translate(_SPACED)
    words = spaced.split()
    has_joiners = b"-" in spaced or b"'" in spaced or _APOSTROPHE.encode() in spaced
    if has_joiners and min(words) < b"0":  # each joiner is less than all that a word can begin with
        return [word for part in words if (word := part.lstrip(_JOINERS))]
    return words
