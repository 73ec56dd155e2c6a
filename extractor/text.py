"""Words and sentences of a text."""

from __future__ import annotations

import re
from itertools import pairwise

_WORD = re.compile(r"\w[\w'-]*\b")
_ALPHANUMERIC = re.compile(r"\w+")
_ASCII = bytes(range(128))
_BETWEEN_ALPHANUMERIC = {code: " " for code in _ASCII if not (chr(code).isalnum() or chr(code) == "_")}
_BETWEEN_WORDS = {code: " " for code in _BETWEEN_ALPHANUMERIC if chr(code) not in "'-"}
_BETWEEN = r"[\"')\]\u201d]*\s+(?=[^\sa-z])"
SENTENCE_END = re.compile(rf"\.{_BETWEEN}|!{_BETWEEN}|\?{_BETWEEN}|\n")  # faster: each branch begins with a literal
_STATEMENT_END = re.compile(r"[.;!?:][\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9-])")
_UP_TO_FULL_STOP = re.compile(r"\S.*?(?:[.!?](?=\s)|\Z)", re.DOTALL)
_FULL_STOP = re.compile(r"[.!?]+(?=\s|$)")
_FINAL_PUNCTUATION = re.compile(r"[.!?:;][\"'”’)\]]*$")
_MAX_FINAL_CHARACTERS = 8
# Pages of another encoding than they were read in have "?" for typographic marks: don?t, ?cookies?, policy ? as revised
# (the patterns begin with the "?", not with what is before it: Python finds a literal faster)
_LOST_APOSTROPHE = re.compile(r"\?(?<=[a-z]\?)(?=(?:t|s|re|ve|ll|d|m)\b(?!=))", re.IGNORECASE)
_LOST_QUOTES = re.compile(r"\?(?<![^\s(\[]\?)(?=\w)([^?\n]{1,80})\?(?!\w)")
_LOST_DASH = re.compile(r"\?(?<=\w \?)(?= \w)")


def restore_marks(text: str) -> str:
    """A text of the same length with the "?" that stand for lost apostrophes, quotation marks and dashes replaced.

    >>> print(restore_marks("We don?t set ?cookies? here. Why?"))
    We don't set "cookies" here. Why?
    """
    if "?" not in text:
        return text
    text = _LOST_QUOTES.sub(r'"\1"', _LOST_APOSTROPHE.sub("'", text))
    return _LOST_DASH.sub("-", text)


def lower_case(text: str) -> str:
    """A text in lower case with straight apostrophes, also for a "?" in their place; only an "İ" changes its length.

    >>> lower_case("We Don\u2019t"), lower_case("We Don?t")
    ("we don't", "we don't")
    """
    lower = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return _LOST_APOSTROPHE.sub("'", lower) if "?" in lower else lower


def lowercase_words(text: str) -> list[str]:
    """The words of a text in lower case, with the hyphens and apostrophes inside them.

    >>> lowercase_words("We don't SELL e-mail addresses.")
    ['we', "don't", 'sell', 'e-mail', 'addresses']
    """
    lower = lower_case(text)
    spaced = _spaced(lower, _BETWEEN_WORDS)
    if spaced is None:
        return _WORD.findall(lower)
    parts = spaced.split()
    has_marks = "'" in spaced or "-" in spaced
    return [word for part in parts if (word := part.strip("'-"))] if has_marks else parts


def alphanumeric_words(text: str) -> list[str]:
    """The runs of letters and digits of a text, in lower case.

    >>> alphanumeric_words("We don't SELL e-mail addresses.")
    ['we', 'don', 't', 'sell', 'e', 'mail', 'addresses']
    """
    lower = text.lower()
    spaced = _spaced(lower, _BETWEEN_ALPHANUMERIC)
    return _ALPHANUMERIC.findall(lower) if spaced is None else spaced.split()


def _spaced(text: str, separators: dict[int, str]) -> str | None:
    """A text with spaces for its separators, and for marks beyond ASCII; None if it has letters beyond ASCII.

    Splitting it takes a third of the time that finding its words by a pattern takes.
    """
    if not text.isascii():
        for mark in set(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")):
            if mark.isalnum():
                return None
            text = text.replace(mark, " ")
    return text.translate(separators)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The (start, end) of each sentence of a text, without the white space around it.

    >>> sentence_spans("One. Two!  (b) e.g. three\\nFour")
    [(0, 4), (5, 9), (11, 25), (26, 30)]
    """
    borders = [0, *(match.end() for match in SENTENCE_END.finditer(restore_marks(text))), len(text)]
    spans = []
    for start, end in pairwise(borders):
        if sentence := text[start:end].strip():
            first = text.index(sentence, start)
            spans.append((first, first + len(sentence)))
    return spans


def full_stop_spans(text: str) -> list[tuple[int, int]]:
    """The (start, end) of each piece of a text that ends in final punctuation before white space.

    Unlike `sentence_spans` it cuts also before a lower-case letter and not at line ends. Paragraphs that are too long
    for spaCy are cut this way; another way would change their segments.

    >>> full_stop_spans("One e.g. two.\\nThree")
    [(0, 8), (9, 13), (14, 19)]
    """
    return [match.span() for match in _UP_TO_FULL_STOP.finditer(restore_marks(text))]


def statements(text: str) -> list[str]:
    """The sentences of a text, cut also after a colon or semicolon before a capital, a digit or a dash.

    Unlike `sentence_spans` it does not cut at line ends, as the lines of a list often continue one sentence. The
    polarity rules were learned on text cut this way.

    >>> statements("We use it: Never sold. We e.g. keep it; not you.")
    ['We use it:', 'Never sold.', 'We e.g. keep it; not you.']
    """
    cuts = [end.span() for end in _STATEMENT_END.finditer(restore_marks(text))]
    if not cuts:
        return [text] if text else []
    starts, stops = [0, *[end for _, end in cuts]], [*[start + 1 for start, _ in cuts], len(text)]
    return [text[start:end] for start, end in zip(starts, stops, strict=True) if start < end]


def count_sentences(text: str) -> int:
    """The number of sentences of a text, 1 or more, for the Coleman-Liau index.

    It counts final punctuation only, also before a lower-case letter: `sentence_spans` would count each line of a list
    as a sentence, which makes lists look easier to read.

    >>> count_sentences("One. Two!\\nand three"), count_sentences("Privacy")
    (2, 1)
    """
    return max(1, len(_FULL_STOP.findall(restore_marks(text))))


def ends_sentence(text: str) -> bool:
    """Whether a text ends like a sentence, a colon or semicolon included.

    >>> ends_sentence('We said "no."'), ends_sentence("Our policy")
    (True, False)
    """
    return _FINAL_PUNCTUATION.search(text[-_MAX_FINAL_CHARACTERS:]) is not None
