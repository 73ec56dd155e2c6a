"""Statistics of texts that do not depend on their surroundings, kept from page to page.

Menus and most paragraphs of a page recur in its next captures, and menus on the other pages of a site.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from struct import Struct
from threading import Lock
from typing import NamedTuple

import numpy as np

from extractor.clean.content.text_signs import (
    PARTS_BITS,
    count_cookies,
    count_mentions,
    count_terms_stems,
    is_banner_line,
    is_button,
    is_title_of_replies,
    parts_of_signs,
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
_ACTION = re.compile(
    r"(?:home|search|menu|skip to|back to|sign (?:in|up)|log ?in|log ?out|subscribe|share|print|e-?mail|tweet|follow"
    r"|contact us|about|careers|help|more|close|next|previous|top|read more|learn more|get |download|join|shop|register"
    r"|cart|my account|faq|site ?map|advertise|newsletter|feedback|accept|ok$|view|see all|facebook|twitter|google)"
)
_DIGIT = re.compile(r"\d")
_APOSTROPHE = "\0"  # stands for "’": the text of a page has no null character
_JOINERS = f"'{_APOSTROPHE}-"  # inside a word or at its end
_WORD = re.compile(rf"\w[\w{_JOINERS}]*")
_SPACED_JOINERS = tuple(f" {joiner}".encode() for joiner in _JOINERS)
_JOINERS_BEFORE_WORD = re.compile(rf" [{_JOINERS}]+".encode())
_SPACED = bytes(code if code > 127 or chr(code).isalnum() or chr(code) in f"_{_JOINERS}" else 32 for code in range(256))
_USUAL_MARKS = "“”‘–—…•·®©™"  # beyond ASCII, and in no word
_BORDER = " \uffff ".encode()  # stands after the words of a text, and is in none
_FOREIGN_BIT, _DIGIT_BIT = 1 << PARTS_BITS, 2 << PARTS_BITS
MIN_PROSE_WORDS = 10
_MAX_RECENT_TEXTS, _MAX_WORDS = 6_000, 50_000
_NUMBER_BITS = 32
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1
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


def stats_of_texts(texts: Sequence[str]) -> list[TextStats]:
    """The statistics of the texts of a page."""
    if _kept_stats().has_too_many_words():
        _kept_stats.cache_clear()
    return _kept_stats().of_texts(texts)


class _StatsByText:
    """The statistics of recent texts, added when they are first asked for. A word has one number in all of them.

    When there are many, they become the earlier ones, and those that are asked for again are taken from there: at each
    change only texts that were not asked for since the last one are lost.
    """

    def __init__(self) -> None:
        self._recent: dict[str, TextStats] = {}
        self._earlier: dict[str, TextStats] = {}
        self._words = _NumberedWords()
        self._lock = Lock()  # without it, two threads could give a new word two numbers

    def of_texts(self, texts: Sequence[str]) -> list[TextStats]:
        """The statistics of the texts of a page."""
        with self._lock:
            if len(self._recent) >= _MAX_RECENT_TEXTS:
                self._earlier, self._recent = self._recent, {}
            try:
                return list(map(self._recent.__getitem__, texts))
            except KeyError:
                self._add([text for text in dict.fromkeys(texts) if text not in self._recent])
            return list(map(self._recent.__getitem__, texts))

    def _add(self, texts: Sequence[str]) -> None:
        known = {text: self._earlier.pop(text) for text in texts if text in self._earlier}
        self._recent.update(known)
        if new := [text for text in texts if text not in known]:
            self._recent.update(zip(new, self._measure(new), strict=True))

    def _measure(self, texts: Sequence[str]) -> list[TextStats]:
        lower = [text.lower() for text in texts]
        return list(map(_stats_of, texts, lower, *self._words.of_texts(lower)))

    def has_too_many_words(self) -> bool:
        """Whether so many words have numbers that it is time to begin anew."""
        return len(self._words) >= _MAX_WORDS


@cache
def _kept_stats() -> _StatsByText:
    """The statistics that are kept. What a page uses stays consistent if they begin anew in the middle of it."""
    return _StatsByText()


class _NumberedWords(dict[bytes, int]):
    """The numbers of words, each given when the word is first asked for, and what there is to be known of the words.

    `_marks` are, by the number of a word, the bits for the parts of signs in it, for a word of another language, and
    for a digit.
    """

    def __init__(self) -> None:
        super().__init__()
        self._marks = array("i")
        for word in (*FUNCTION_WORDS, *LEGAL_WORDS):
            self[word.encode()]  # has the next number from now on
        self._border = self[_BORDER.strip()]

    def __missing__(self, word: bytes) -> int:
        number = self[word] = len(self)
        self._marks.append(_marks_of_word(word.decode("utf-8", "surrogatepass")))
        return number

    def of_texts(self, texts: Sequence[str]) -> tuple[list[int], list[bytes], list[int]]:
        """For each text in lower case its number of words, the numbers of its different words, and the marks of these.

        All texts together are sorted as pairs of text and word, since single ones have too few words for numpy.
        """
        words = _words_before_borders(texts)
        numbers = np.fromiter(map(self.__getitem__, words), np.int64, len(words))
        is_border = numbers == self._border
        text_of_word = np.cumsum(is_border, dtype=np.int64) - is_border
        counts = np.bincount(text_of_word) - 1  # without the border
        pairs = np.sort(text_of_word << _NUMBER_BITS | numbers)
        pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])]
        different = (pairs & _NUMBER_MASK).astype(np.intc)
        bounds = np.arange(len(texts) + 1, dtype=np.int64) << _NUMBER_BITS  # of the pairs of each text
        marks = np.bitwise_or.reduceat(np.asarray(self._marks)[different], np.searchsorted(pairs, bounds[:-1]))
        is_word = different != self._border
        ends = np.searchsorted(pairs[is_word], bounds) * different.itemsize
        stored = different[is_word].tobytes()
        return counts.tolist(), [stored[start:end] for start, end in pairwise(ends.tolist())], marks.tolist()


def _marks_of_word(word: str) -> int:
    """The bits for what is to be known of a word."""
    return parts_of_signs(word) | _FOREIGN_BIT * (word in FOREIGN_WORDS) | _DIGIT_BIT * bool(_DIGIT.search(word))


def _stats_of(text: str, lower: str, count: int, words: bytes, marks: int) -> TextStats:
    """The statistics of a text with so many words, of which these are the different ones, with these marks."""
    size = text.count(" ") + 1
    is_prose = size >= MIN_PROSE_WORDS
    return TextStats(
        words=words,
        measures=_pack_measures(
            count,
            max(len(lower), 1) / max(count, 1),
            text.isupper(),
            marks & _DIGIT_BIT > 0,
            ends_sentence(lower),
            _ACTION.match(lower) is not None,
        ),
        size=size,
        prose=size if is_prose else 0,
        mentions=count_mentions(lower, marks) if is_prose else 0,
        cookies=count_cookies(lower, marks),
        terms_stems=count_terms_stems(lower, marks),
        is_foreign=marks & _FOREIGN_BIT > 0,
        is_button=is_button(text),
        is_banner_line=is_banner_line(text, marks),
        is_title_of_replies=is_title_of_replies(lower, marks),
    )


def _words_before_borders(texts: Iterable[str]) -> list[bytes]:
    """The words of texts in lower case, with hyphens and apostrophes, and a border after those of each text.

    Splitting at what is in no word takes half the time that finding words by a pattern takes.
    """
    spaced = b" " + b"".join([_with_words_only(text) + _BORDER for text in texts]).translate(_SPACED)
    if any(joiner in spaced for joiner in _SPACED_JOINERS):
        spaced = _JOINERS_BEFORE_WORD.sub(b" ", spaced)
    return spaced.split()


def _with_words_only(text: str) -> bytes:
    """A text in lower case in which all that is in no word is ASCII."""
    if not text.isascii():
        text = text.replace("’", _APOSTROPHE)
        for mark in _USUAL_MARKS:
            text = text.replace(mark, " ")
        if not text.isascii():
            return " ".join(_WORD.findall(text)).encode("utf-8", "surrogatepass")
    return text.encode()
