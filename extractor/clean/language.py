"""The language of a text, and policies in others than English."""

from __future__ import annotations

import re

import py3langid

from extractor.clean.phrases import ELSEWHERE

ENGLISH = "en"
_COMMONEST = frozenset(["the", "of", "and", "to", "you", "your", "our", "we", "that", "with", "for", "this"])
_WORD = re.compile(r"\w+")
_COMMON = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
_LOOKED_AT = 1_000  # characters
_OPENING = 10_000  # characters
_FEWEST_WORDS = 5
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")  # Thai, Japanese, Chinese: no spaces between words


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language, "" where there are too few words to tell (py3langid).

    py3langid also knows languages without such a code, small ones that it takes short English for: they are skipped.

    >>> language_of("We collect what you write in the order form."), language_of("Privacy")
    ('en', '')
    """
    sample = _sample_of(text)
    if words_in(sample) < _FEWEST_WORDS:
        return ""
    if _is_english(text):
        return ENGLISH
    return next((code for code, _ in py3langid.rank(sample) if len(code) == 2), "")


def _is_english(text: str) -> bool:
    """Whether a tenth of a text's words are the commonest of English, whatever its first lines (menus, code) are."""
    return _has_commonest(text[:_OPENING]) or (len(text) > _OPENING and _has_commonest(text[:200_000]))


def _has_commonest(text: str) -> bool:
    """Whether a tenth of a text's words are the commonest of English."""
    words = _WORD.findall(text.lower())
    return len(words) > 20 and sum(map(_COMMONEST.__contains__, words)) > len(words) / 10


def words_in(text: str) -> int:
    """How many words a text has, two characters a word in scripts that put no spaces between them.

    >>> words_in("we collect data"), words_in("個人情報")
    (3, 3)
    """
    return len(text.split()) + len(_UNSPACED.findall(uncommon(text))) // 2


def uncommon(text: str) -> str:
    """The characters of a text that are no printable ASCII, in order: few, found at a hundred times a pattern's speed.

    >>> uncommon("It’s 5 € a year.\\x00")
    '’€\\x00'
    """
    return text.encode("utf-8", "surrogatepass").translate(None, _COMMON).decode("utf-8", "surrogatepass")


def _sample_of(text: str) -> str:
    """What to tell the language by: the first long lines of a text, its start where there are none.

    The first lines of a page often hold a menu of languages.
    """
    sentences = ""
    for line in text[: 10 * _LOOKED_AT].split("\n"):
        if len(line) > 80 and len(sentences) < _LOOKED_AT:
            sentences += f"{line} "
    return (sentences or text)[:_LOOKED_AT]


def policy_elsewhere(title: str, text: str) -> float:
    """How much a text in another language than English looks like a privacy policy, 0 to 1: by the names that such
    policies have there, a name in the title counting as three in the text. A rough measure; nothing is trained on it.
    """
    named = 3 * bool(ELSEWHERE.search(title)) + len(ELSEWHERE.findall(text[:20_000]))
    return (0.1, 0.4, 0.6, 0.8)[min(named, 3)] if named < 6 else 0.95
