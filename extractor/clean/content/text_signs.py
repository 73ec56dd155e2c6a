"""Signs in a text that it belongs to a policy, to terms of use, or to what surrounds them."""

from __future__ import annotations

import re
from functools import cache

# Terms of personal data with a part of each that stands within one word, as the parts of the other signs do
_DATA_TERMS = {
    "personal": "personal", "privacy": "privacy", " collect": "collect", "your information": "information",
    "your data": "data", "third part": "third", "third-part": "third", "disclos": "disclos", "opt out": "opt",
    "opt-out": "opt", "ip address": "address", "email address": "address", "e-mail address": "address",
}  # fmt: skip
_TERMS_STEMS = ("warrant", "liab", "indemn", "arbitra", "infring", "licens", "copyright", "terminat", "jurisdiction")
_COOKIE_PART = "ookie"
_REPLIES_PARTS = ("respons", "comment", "thought", "repl", "reaction", "discussion")
_PARTS = tuple(dict.fromkeys((*_DATA_TERMS.values(), *_TERMS_STEMS, _COOKIE_PART, *_REPLIES_PARTS)))
_BITS = {part: 1 << place for place, part in enumerate(_PARTS)}
_PART = re.compile("|".join(_PARTS))
_COOKIE_BIT = _BITS[_COOKIE_PART]
_DATA_BITS, _STEMS_BITS, _REPLIES_BITS = (
    sum({_BITS[part] for part in parts}) for parts in (_DATA_TERMS.values(), _TERMS_STEMS, _REPLIES_PARTS)
)
_BUTTON_NAMES = (
    r"(?:(?:i )?(?:accept|agree|allow|reject|decline|deny|refuse)"
    r"(?: (?:all|cookies|all cookies|optional|necessary|(?:and|&) close))?"
    r"|ok(?:ay)?|got it|dismiss|i understand|understood|continue|save (?:settings|preferences|my choices|choices))"
)
_LINK_NAMES = (
    r"(?:(?:learn|find out|read|see) more|more(?: info(?:rmation)?)?|details|customi[sz]e|no,? thanks|close"
    r"|(?:manage |cookie |privacy )?(?:settings|preferences|options|policy|notice|cookies))"
)
_LONE_BUTTON = re.compile(rf"{_BUTTON_NAMES}[!\W]*")
_BUTTON = re.compile(
    rf"(?:^|[.!?…)\]]\s?)(?:(?:{_LINK_NAMES}|{_BUTTON_NAMES})\W{{0,3}}){{0,4}}{_BUTTON_NAMES}\W{{0,3}}"
    rf"(?:{_LINK_NAMES}\W{{0,3}}){{0,3}}$"
)
_REPLIES_TITLE = re.compile(
    r"(?:\d+|one|two|three|no) (?:responses?|comments?|thoughts?|replies|reactions?)(?: (?:to|on|for)\b.{0,200})?"
    r"|(?:leave a|post a|add a|write a|your) (?:reply|comment)s?(?: (?:to|on)\b.{0,200})?"
    r"|(?:reader |recent )?(?:comments|responses|discussion)(?: ?\(\d+\))?:?"
)

MAX_BANNER_LENGTH = 600
PARTS_BITS = len(_PARTS)
_MAX_BUTTON_LENGTH, _MAX_TITLE_WORDS, _MIN_BANNER_WORDS = 25, 25, 11


def parts_of_signs(word: str) -> int:
    """Which parts of signs are in a word in lower case, as the bits of a number.

    A text can have a sign only if one of its words has a part of it. The other functions take the bits of all words of
    a text as `parts`, so that they need not search it for each sign: most texts have few.
    """
    return sum([bit for part, bit in _BITS.items() if part in word]) if _PART.search(word) else 0


def count_mentions(lower: str, parts: int) -> int:
    """The number of mentions of personal data in a text in lower case."""
    return sum(map(lower.count, _data_terms_with(parts & _DATA_BITS)))


def count_cookies(lower: str, parts: int) -> int:
    """The number of words "cookie" in a text in lower case."""
    return lower.count("cookie") if parts & _COOKIE_BIT else 0


def count_terms_stems(lower: str, parts: int) -> int:
    """The number of words of terms of use in a text in lower case, by their stems."""
    return sum(map(lower.count, _stems_with(parts & _STEMS_BITS)))


@cache
def _data_terms_with(parts: int) -> tuple[str, ...]:
    """The terms of personal data that have one of these parts."""
    return tuple(term for term, part in _DATA_TERMS.items() if parts & _BITS[part])


@cache
def _stems_with(parts: int) -> tuple[str, ...]:
    """The stems of words of terms that are among these parts."""
    return tuple(stem for stem in _TERMS_STEMS if parts & _BITS[stem])


def is_button(text: str) -> bool:
    """Whether a text is the name of a button that accepts or rejects cookies."""
    return len(text) <= _MAX_BUTTON_LENGTH and _LONE_BUTTON.fullmatch(text.lower()) is not None


def is_banner_line(text: str, parts: int) -> bool:
    """Whether a text is about cookies and ends with a button, on one line."""
    is_about_cookies = parts & _COOKIE_BIT > 0 and len(text) <= MAX_BANNER_LENGTH and _COOKIE_PART in text
    return is_about_cookies and text.count(" ") + 1 >= _MIN_BANNER_WORDS and ends_with_button(text.lower())


def ends_with_button(lower: str) -> bool:
    """Whether a text in lower case ends with the name of a button that accepts or rejects cookies."""
    return _BUTTON.search(lower[-3 * _MAX_BUTTON_LENGTH :]) is not None


def is_title_of_replies(lower: str, parts: int) -> bool:
    """Whether a text in lower case is a heading above the comments of readers."""
    may_be_title = parts & _REPLIES_BITS > 0 and lower.count(" ") < _MAX_TITLE_WORDS
    return may_be_title and _REPLIES_TITLE.fullmatch(lower) is not None
