"""Leaves out the text of a page in other languages, if the page has it in English as well."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from extractor.clean.content.likeliest_runs import likeliest_members
from extractor.clean.content.text_stats import FOREIGN_WORDS, stats_of_texts
from extractor.clean.tree import PagePiece

_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH_WORDS = frozenset("the of and to you your our we that with for this or is are by from".split())
# Of Spanish, Portuguese, French, Italian, German, Dutch, Swedish, Danish, Polish, Czech; none is a usual English word
_OTHER_WORDS = frozenset(
    "de la el los las que y en del por con para su sus una se nuestro nuestra usted e da do dos das um uma com sua seus"
    " não ou le les des du et à au aux dans pour vous nous votre vos nos sur est une di il che per dei delle della gli"
    " sono nel der die das und den dem zu mit von für wir sie ist auf ihre unsere nicht oder van het een wij uw onze op"
    " te niet och att för av vi på eller som med og til vores af w i z na do się są oraz lub nie że pro které"
    " nebo".split()
)
_MIN_OTHER_WORDS_ON_PAGE = 10
_MIN_EXTRA_BYTES = 600  # of UTF-8 beyond one a character: typographic quotes on an English page are fewer
_NON_LATIN = re.compile(r"[\u0370-\u1fff\u2e80-\ud7ff]")
_SENTENCE_ENDS = (".", "!", "?", ":", ";", "\u3002")
_CHARACTERS_A_WORD = 4  # of scripts without spaces, roughly

_WORD_ODDS, _BORDER_COST = 3.0, 20.0
_MIN_RUN_WORDS, _MIN_RUN_SHARE, _MIN_SENTENCE_SHARE = 80, 0.2, 0.5  # lists of foreign authorities have less
_MIN_ENGLISH_WORDS = 200


class _LanguageCounts(NamedTuple):
    """The words of a piece, those that only English has, those that only other languages have, those in sentences."""

    words: int
    english: int
    other: int
    in_sentences: int


def without_translations(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """The pieces without passages in other languages; all of them if there is hardly any English."""
    if not _may_have_translations(pieces):
        return list(pieces)
    counts = [_count_languages(piece.text) for piece in pieces]
    odds = [_WORD_ODDS * (count.english - count.other) for count in counts]
    is_english = likeliest_members(odds, [_BORDER_COST] * len(odds))
    dropped = set(_translated_pieces(counts, is_english))
    kept = sum(count.words for index, count in enumerate(counts) if index not in dropped)
    if not dropped or kept < _MIN_ENGLISH_WORDS:
        return list(pieces)
    return [piece for index, piece in enumerate(pieces) if index not in dropped]


def _may_have_translations(pieces: Iterable[PagePiece]) -> bool:
    """Whether there are common words of other languages, or other scripts."""
    texts = [piece.text for piece in pieces]
    extra_bytes = sum([len(text.encode(errors="replace")) - len(text) for text in texts if not text.isascii()])
    return extra_bytes > _MIN_EXTRA_BYTES or _count_other_words(texts) >= _MIN_OTHER_WORDS_ON_PAGE


def _count_other_words(texts: Sequence[str]) -> int:
    """The number of common words of other languages in texts, most of which have none."""
    foreign = [text for text, stats in zip(texts, stats_of_texts(texts), strict=True) if stats.is_foreign]
    return sum(text.count(f" {word} ") for text in foreign for word in FOREIGN_WORDS)


def _count_languages(text: str) -> _LanguageCounts:
    """The words of a text and of its languages; characters of other scripts count as words of another language."""
    words = _WORD.findall(text.lower())
    strange = 0 if text.isascii() else len(_NON_LATIN.findall(text)) // _CHARACTERS_A_WORD
    count = len(words) + strange
    return _LanguageCounts(
        count,
        sum(map(_ENGLISH_WORDS.__contains__, words)),
        strange + sum(map(_OTHER_WORDS.__contains__, words)),
        count if text.endswith(_SENTENCE_ENDS) else 0,
    )


def _translated_pieces(counts: Sequence[_LanguageCounts], is_english: Sequence[bool]) -> Iterator[int]:
    """The indexes of the pieces in passages of some length that are in another language."""
    for english, group in groupby(range(len(counts)), is_english.__getitem__):
        members = list(group)
        if not english and _is_translation([counts[index] for index in members]):
            yield from members


def _is_translation(counts: Sequence[_LanguageCounts]) -> bool:
    """Whether a passage in another language is one of sentences, and long enough."""
    words = sum(count.words for count in counts)
    return (
        words >= _MIN_RUN_WORDS
        and sum(count.other for count in counts) >= _MIN_RUN_SHARE * words
        and sum(count.in_sentences for count in counts) >= _MIN_SENTENCE_SHARE * words
    )
