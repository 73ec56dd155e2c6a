"""The content of a page, as the verdict's rules need it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from extractor.clean.verdict.language import count_words
from extractor.clean.verdict.phrases import (
    COPYRIGHT_LINE,
    OLD_BROWSER,
    PLACEHOLDER_TEXT,
    POLICY_PREVIEW,
    PRACTICE,
    REGION_BLOCK,
    SCRIPT_ERROR,
    find_phrase,
)
from extractor.records import Block
from extractor.text import sentence_spans

_LINK = re.compile(r"\[(?<!\\\[)((?:[^\[\]\\]|\\.)*)\]\(([^()\s]*)\)")  # faster: it begins with a literal
_LETTERS = re.compile(r"\w")
_SENTENCE_MARK = re.compile(r"[.!?;:。！？][\"')\]*_]*\s*$")
_MAX_LINK_WORDS = 12  # more are no label: the page forgot to close the link
_MIN_LINE_WORDS = 6  # of a line without a full stop, that is no menu's
_MIN_HEADING_WORDS = 12
_MIN_PLAIN_CHARACTERS = 80
_STATES_NO_PRACTICE = (POLICY_PREVIEW, SCRIPT_ERROR, REGION_BLOCK, OLD_BROWSER, PLACEHOLDER_TEXT)


@dataclass(frozen=True, slots=True)
class PageContent:
    """What was extracted from a page.

    `status` is the HTTP status, 0 if unknown; `source` the HTML, "" for other media; `notes` the problems on the way,
    for the record; `address` the URL that relative links start from, "" if unknown.
    """

    title: str = ""
    blocks: tuple[Block, ...] = ()
    text: str = ""
    language: str = ""
    status: int = 0
    source: str = ""
    notes: tuple[str, ...] = ()
    address: str = ""


def markdown_links(block: Block) -> list[tuple[str, str]]:
    """The text and the URL of each link in a block."""
    return _LINK.findall(block.markdown)


def has_long_prose(blocks: tuple[Block, ...], min_words: int) -> bool:
    """Whether a page's prose has that many words; the long blocks without links are counted first, as that is quick."""
    return _reaches(map(_plain_words, blocks), min_words) or _reaches(
        (count_words(line) for line in map(_line_of_prose, blocks)), min_words
    )


def _reaches(counts: Iterable[int], minimum: int) -> bool:
    """Whether the sum of some numbers is at least the minimum; stops there."""
    return any(total >= minimum for total in accumulate(counts))


def _plain_words(block: Block) -> int:
    """The words of a long paragraph without links, about; 0 for other blocks."""
    is_plain = block.kind != "heading" and len(block.text) > _MIN_PLAIN_CHARACTERS and "](" not in block.markdown
    return block.text.count(" ") if is_plain else 0


def prose(blocks: tuple[Block, ...]) -> str:
    """The lines of a page that are no headings, links, menus or copyright lines."""
    return "\n".join(filter(None, map(_line_of_prose, blocks)))


def _line_of_prose(block: Block) -> str:
    """A block's words outside links, "" if they are part of a menu or only a heading."""
    line = _LINK.sub(_long_link_text, block.markdown)
    words = count_words(" ".join(word for word in line.split() if _LETTERS.search(word)))
    is_sentence = words >= _MIN_LINE_WORDS or (words >= 2 and bool(_SENTENCE_MARK.search(block.text[-100:])))
    if not is_sentence or (block.kind == "heading" and words < _MIN_HEADING_WORDS):
        return ""
    return "" if words < 2 * _MIN_LINE_WORDS and find_phrase(COPYRIGHT_LINE, line) else line


def _long_link_text(link: re.Match[str]) -> str:
    """The text of a link that is too long for a label, else nothing."""
    return link[1] if len(link[1].split()) > _MAX_LINK_WORDS else ""


def practice_words(text: str, enough: int) -> int:
    """The number of words in sentences that state what is done with data, in English; counted until they are enough.

    >>> practice_words("We respect your privacy. Our policy is below.", 30), practice_words("We set no cookies.", 30)
    (0, 4)
    """
    words = 0
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if _states_practice(sentence):
            words += count_words(sentence)
        if words >= enough:
            break
    return words


@lru_cache(maxsize=2_000)
def _states_practice(sentence: str) -> bool:
    """Whether a sentence states a practice, and does not only announce that a policy will.

    Cached, because most sentences recur in the next captures of a page.
    """
    return bool(find_phrase(PRACTICE, sentence)) and not any(
        find_phrase(phrases, sentence) for phrases in _STATES_NO_PRACTICE
    )
