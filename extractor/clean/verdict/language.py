"""Detects the language of a text, and scores policies in languages other than English."""

from __future__ import annotations

import re

from extractor.clean.verdict.language_model import ranked_languages
from extractor.clean.verdict.phrases import NON_ENGLISH_POLICY
from extractor.text import alphanumeric_words

ENGLISH = "en"
_COMMON_ENGLISH_WORDS = frozenset(["the", "of", "and", "to", "you", "your", "our", "we", "that", "with", "for", "this"])
_COMMON_ENGLISH_BYTES = frozenset(map(str.encode, _COMMON_ENGLISH_WORDS))
_MIN_ENGLISH_WORDS = 20
_SPACED = bytes(code if code > 127 or chr(code).isalnum() or chr(code) == "_" else 32 for code in range(256)).lower()
_PRINTABLE_ASCII = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
_SAMPLE_LENGTH = 1_000  # characters
_OPENING_LENGTH = 10_000  # characters
_MIN_WORDS = 5
# Thai, Japanese, Chinese: no spaces between words
_UNSPACED_SCRIPT = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")


def detect_language(text: str) -> str:
    """The ISO 639-1 code of a text's language (by py3langid), "" if there are too few words.

    Languages without such a code are skipped: py3langid mistakes short English texts for them.

    >>> detect_language("We collect what you write in the order form."), detect_language("Privacy")
    ('en', '')
    """
    sample = _sample_of(text)
    if count_words(sample) < _MIN_WORDS:
        return ""
    if _is_english(text):
        return ENGLISH
    return next((code for code, _ in ranked_languages(sample) if len(code) == 2), "")


def _is_english(text: str) -> bool:
    """Whether a text, or its longer beginning, is English even if its first lines (menus, code) are not."""
    return _has_english_words(text[:_OPENING_LENGTH]) or (
        len(text) > _OPENING_LENGTH and _has_english_words(text[:200_000])
    )


def _has_english_words(text: str) -> bool:
    """Whether more than a tenth of a text's words are among the commonest English words."""
    if _begins_in_english(text):
        return True
    words = alphanumeric_words(text)
    return len(words) > _MIN_ENGLISH_WORDS and sum(map(_COMMON_ENGLISH_WORDS.__contains__, words)) > len(words) / 10


def _begins_in_english(text: str) -> bool:
    """Whether so many of the first words are common ones that the other words do not matter."""
    encoded = text.encode("utf-8", "surrogatepass")
    words = encoded.translate(_SPACED).split()
    most_words = len(words) + len(encoded) - len(text)  # a mark beyond ASCII takes 2 or more bytes, may divide a word
    common = sum(map(_COMMON_ENGLISH_BYTES.__contains__, words[: most_words * 3 // 5]))
    return common > max(_MIN_ENGLISH_WORDS, most_words / 10)


def count_words(text: str) -> int:
    """The number of words of a text; in scripts without spaces two characters count as a word.

    >>> count_words("we collect data"), count_words("個人情報")
    (3, 3)
    """
    return len(text.split()) + len(_UNSPACED_SCRIPT.findall(unusual_characters(text))) // 2


def unusual_characters(text: str | bytes) -> str:
    """The characters of a text outside printable ASCII, in order; a hundred times as fast as a regular expression.

    The text may be given in UTF-8, which is three times as fast.

    >>> unusual_characters("It’s 5 € a year.\\x00")
    '’€\\x00'
    """
    encoded = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return encoded.translate(None, _PRINTABLE_ASCII).decode("utf-8", "surrogatepass")


def _sample_of(text: str) -> str:
    """The first long lines of a text, its start if there are none.

    The very first lines of a page are often a menu of languages.
    """
    sentences = ""
    for line in text[: 10 * _SAMPLE_LENGTH].split("\n"):
        if len(line) > 80 and len(sentences) < _SAMPLE_LENGTH:
            sentences += f"{line} "
    return (sentences or text)[:_SAMPLE_LENGTH]


def non_english_policy_score(title: str, text: str) -> float:
    """How much a text in a language other than English looks like a privacy policy, 0 to 1.

    The score is a rough one: it counts the names of such policies in that language, one in the title as three.
    """
    names = 3 * bool(NON_ENGLISH_POLICY.search(title)) + len(NON_ENGLISH_POLICY.findall(text[:20_000]))
    return (0.1, 0.4, 0.6, 0.8)[min(names, 3)] if names < 6 else 0.95
