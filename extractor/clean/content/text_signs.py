"""Signs in a text that it belongs to a policy, to terms of use, or to what surrounds them."""

from __future__ import annotations

import re

_DATA_TERMS = (
    "personal", "privacy", " collect", "your information", "your data", "third part", "third-part", "disclos",
    "opt out", "opt-out", "ip address", "email address", "e-mail address",
)  # fmt: skip
_TERMS_STEMS = ("warrant", "liab", "indemn", "arbitra", "infring", "licens", "copyright", "terminat", "jurisdiction")
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
_MAX_BUTTON_LENGTH, _MAX_TITLE_WORDS, _MIN_BANNER_WORDS = 25, 25, 11


def count_mentions(lower: str) -> int:
    """The number of mentions of personal data in a text in lower case."""
    return sum(map(lower.count, _DATA_TERMS))


def count_terms_stems(lower: str) -> int:
    """The number of words of terms of use in a text in lower case, by their stems."""
    return sum(map(lower.count, _TERMS_STEMS))


def is_button(text: str) -> bool:
    """Whether a text is the name of a button that accepts or rejects cookies."""
    return len(text) <= _MAX_BUTTON_LENGTH and _LONE_BUTTON.fullmatch(text.lower()) is not None


def is_banner_line(text: str) -> bool:
    """Whether a text is about cookies and ends with a button, on one line."""
    is_about_cookies = len(text) <= MAX_BANNER_LENGTH and "ookie" in text
    return is_about_cookies and text.count(" ") + 1 >= _MIN_BANNER_WORDS and ends_with_button(text.lower())


def ends_with_button(lower: str) -> bool:
    """Whether a text in lower case ends with the name of a button that accepts or rejects cookies."""
    return _BUTTON.search(lower[-3 * _MAX_BUTTON_LENGTH :]) is not None


def is_title_of_replies(lower: str) -> bool:
    """Whether a text in lower case is a heading above the comments of readers."""
    return _REPLIES_TITLE.fullmatch(lower) is not None and lower.count(" ") < _MAX_TITLE_WORDS
