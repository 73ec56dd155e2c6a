"""Computes features of each piece of a page, by which content is separated from navigation, banners and the like.

They do not separate privacy from other legal text: terms of service are content as well. What counts is the position of
a piece, how much of its surroundings is prose or links, and whether it shares the vocabulary of the bulk of the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.clean.tree import BlockElement, PagePiece, StyledText
from extractor.text import ends_sentence

FeatureArray = NDArray[np.float64]

_FUNCTION_WORDS = frozenset(
    "the of to and a in that is for or we you our your by with as this be are not may will any if on from such other"
    " have us it which these when use".split()
)
_WORD = re.compile(r"\w[\w'’-]*")
_DIGIT = re.compile(r"\d")
# Words of both policies and terms
_LEGAL_WORDS = frozenset(
    "personal personally identifiable privacy cookie cookies collect collects collected collecting collection consent"
    " opt opt-out opt-in unsubscribe beacons tracking ip disclose disclosed disclosure disclosures disclosing gdpr ccpa"
    " third-party parties terms agreement liability liable warranty warranties license licence licensed shall hereby"
    " herein copyright copyrighted dmca pursuant applicable law laws rights third information data".split()
)
_ACTION = re.compile(
    r"(?:home|search|menu|skip to|back to|sign (?:in|up)|log ?in|log ?out|subscribe|share|print|e-?mail|tweet|follow"
    r"|contact us|about|careers|help|more|close|next|previous|top|read more|learn more|get |download|join|shop|register"
    r"|cart|my account|faq|site ?map|advertise|newsletter|feedback|accept|ok$|view|see all|facebook|twitter|google)"
)
# Parts of the class names, ids and roles of elements that hold the main text, and of elements that hold anything else
_CONTENT_HINTS = tuple(
    "content main article policy privacy legal terms post entry body text story copy rich wysiwyg page accordion faq"
    " panel".split()
)
_OTHER_HINTS = tuple(
    "nav menu foot header side crumb share social cookie consent banner modal popup overlay comment relat promo advert"
    " sponsor widget login sign search newsletter subscri skip lang locale dropdown flyout sitemap toc util tool pagin"
    " print mobile logo carousel slide cart account recommend trending popular latest recent".split()
)
_BLOCK_KINDS = ("paragraph", "heading", "item", "row")
_NOTED_TAGS = ("details", "form", "article", "main")
_TAG_FLAGS = {tag: tuple(tag == other for other in _NOTED_TAGS) for tag in _NOTED_TAGS}
_NO_TAG_FLAGS = (False,) * len(_NOTED_TAGS)
_BULK_SHARES = (0.5, 0.8, 0.95)
MIN_PROSE_WORDS = 10
_MIN_FUNCTION_WORDS = 3  # different ones, in prose
_MAX_LEGAL_WORDS = 4
_MAX_DISTANCE = 50
_MAX_SHARED_WORDS = 50_000
_SHARED_VOCABULARY = "kin"  # the name of the feature in models/content/model.json

PieceFeatures = dict[str, FeatureArray]


def piece_features(pieces: Sequence[PagePiece], elements: Sequence[BlockElement], title: str) -> PieceFeatures:
    """The features of pieces by name, each an array with one number per piece; `title` is the title of the page.

    `near4_` features describe a window of four pieces on both sides, `behind8_` the eight pieces before; `box1_` to
    `box4_` the elements around the innermost one; `bulk50` is whether a piece is in the innermost element with half of
    the page's prose.
    """
    stats = [text_stats(piece.text) for piece in pieces]
    vocabularies = [one.vocabulary for one in stats]
    words, function_words, legal = np.array([one.counts for one in stats], dtype=float).T
    linked = np.array([_count_linked_words(piece.words) for piece in pieces], dtype=float)
    link = np.minimum(1, linked / np.maximum(words, 1))
    is_prose = (words >= MIN_PROSE_WORDS) & (link < 0.5) & (function_words >= _MIN_FUNCTION_WORDS)
    prose = is_prose * words
    places = np.array([piece.element for piece in pieces])
    ends = _subtree_ends(elements)
    sums = _subtree_sums(ends, places, np.column_stack([words, linked, prose, np.ones(len(pieces))]))
    inside = _is_within_bulk(elements, ends, sums[:, 2])[places]
    shared = _shared_vocabulary(vocabularies, is_prose & inside[:, 0])
    return {
        "words": np.log1p(words),
        "link": link,
        "legal": legal,
        _SHARED_VOCABULARY: shared / np.maximum([len(vocabulary) for vocabulary in vocabularies], 1),
        "title": _known_share(vocabularies, set(_WORD.findall(title.lower()))),
        "repeats": _repetitions([piece.text.lower() for piece in pieces]),
        **_own_features(pieces, stats, words),
        **_position_features(prose),
        **{f"bulk{100 * bulk:.0f}": column for bulk, column in zip(_BULK_SHARES, inside.T.astype(float), strict=True)},
        **_hint_features(elements, ends, places),
        **_ancestor_features(elements, places, sums),
        **_window_features(link, prose, words, shared, legal),
    }


class _TextStats(NamedTuple):
    """Statistics of a text that do not depend on its surroundings.

    `vocabulary` are its different words without function words; `counts` the numbers of all words, of different
    function words, and of different legal words; `style` the number of characters, and whether the text is in capitals,
    has a digit, ends like a sentence, and starts with an action that a page offers.
    """

    vocabulary: frozenset[str]
    counts: tuple[int, int, int]
    style: tuple[float, float, float, float, float]


@lru_cache(maxsize=12_000)
def text_stats(text: str) -> _TextStats:
    """The statistics of a text. Cached, because menus and most paragraphs recur in the next captures of a site."""
    lower = text.lower()
    words = _WORD.findall(lower)
    different = frozenset(words)
    vocabulary = _with_shared_words(different - _FUNCTION_WORDS)
    return _TextStats(
        vocabulary,
        (len(words), len(different) - len(vocabulary), min(len(_LEGAL_WORDS & vocabulary), _MAX_LEGAL_WORDS)),
        (
            max(len(lower), 1),
            text.isupper(),
            _DIGIT.search(lower) is not None,
            ends_sentence(lower),
            _ACTION.match(lower) is not None,
        ),
    )


_shared_words: dict[str, str] = {}


def _with_shared_words(words: Set[str]) -> frozenset[str]:
    """A set of words in the least memory: a word is the same object in all sets, and the table of the set fits it."""
    if len(_shared_words) > _MAX_SHARED_WORDS:
        _shared_words.clear()
    return frozenset(set(map(_shared_words.setdefault, words, words)))


def _count_linked_words(words: Sequence[StyledText]) -> int:
    """The number of words in links."""
    return sum([len(text.split()) for text, style in words if style.href])


def _known_share(vocabularies: Sequence[Set[str]], known: Set[str]) -> FeatureArray:
    """The share of each vocabulary that is known."""
    return np.array([len(words & known) / max(len(words), 1) for words in vocabularies])


def _shared_vocabulary(vocabularies: Sequence[Set[str]], is_bulk: NDArray[np.bool_]) -> FeatureArray:
    """The number of words that each piece shares with the prose in the bulk of the page, without the piece itself.

    It is low for news teasers, offers and the like, whatever the topic of the page.
    """
    known, repeated = set[str](), set[str]()
    for words in compress(vocabularies, is_bulk):
        repeated |= words & known
        known |= words
    rows = zip(vocabularies, is_bulk.tolist(), strict=True)
    return np.array([len(words & (repeated if bulk else known)) for words, bulk in rows], dtype=float)


def _repetitions(texts: Sequence[str]) -> FeatureArray:
    """How often each text occurs in the page, at most 4."""
    return np.asarray(np.minimum(list(map(Counter(texts).__getitem__, texts)), 4), dtype=float)


def _own_features(pieces: Sequence[PagePiece], stats: Sequence[_TextStats], words: FeatureArray) -> PieceFeatures:
    """Features of a piece that do not depend on its surroundings."""
    characters, capitals, digit, sentence, action = np.array([one.style for one in stats], dtype=float).T
    return {
        "characters": characters / np.maximum(words, 1),
        "capitals": capitals,
        "digit": digit,
        "sentence": sentence,
        "action": action,
        "kind": np.array([_BLOCK_KINDS.index(piece.kind) for piece in pieces], dtype=float),
        "level": np.array([piece.level for piece in pieces], dtype=float),
    }


def _position_features(prose: FeatureArray) -> PieceFeatures:
    """The shares of prose before and after each piece, and the distances in pieces to the nearest prose."""
    total = max(prose.sum(), 1)
    before = np.cumsum(prose) - prose
    prose_at, here = np.flatnonzero(prose), np.arange(len(prose))
    padded = np.concatenate([[-10 * _MAX_DISTANCE], prose_at, [len(prose) + 10 * _MAX_DISTANCE]])
    following, previous = padded[np.searchsorted(prose_at, here) + 1], padded[np.searchsorted(prose_at, here, "right")]
    return {
        "prose_before": before / total,
        "prose_after": 1 - (before + prose) / total,
        "to_prose": np.minimum(following - here, _MAX_DISTANCE).astype(float),
        "from_prose": np.minimum(here - previous, _MAX_DISTANCE).astype(float),
    }


def _subtree_ends(elements: Sequence[BlockElement]) -> NDArray[np.int_]:
    """The index after the last descendant of each element: descendants follow their ancestor without a gap."""
    ends = list(range(1, len(elements) + 1))
    for index in range(len(elements) - 1, 0, -1):
        parent = elements[index].parent
        if parent >= 0 and ends[index] > ends[parent]:
            ends[parent] = ends[index]
    return np.array(ends)


def _subtree_sums(ends: NDArray[np.int_], places: NDArray[np.int_], values: FeatureArray) -> FeatureArray:
    """The sums of values over each element and its descendants, (elements, values)."""
    own = np.zeros((len(ends) + 1, values.shape[1]))
    np.add.at(own, places + 1, values)
    sums = np.cumsum(own, axis=0)
    return np.asarray(sums[ends] - sums[:-1])


def _is_within_bulk(elements: Sequence[BlockElement], ends: NDArray[np.int_], prose: FeatureArray) -> NDArray[np.bool_]:
    """Whether each element is in the innermost one with each share in `_BULK_SHARES` of the page's prose."""
    depths = np.array([element.depth for element in elements])
    inside = np.zeros((len(elements), len(_BULK_SHARES)), dtype=bool)
    for column, share in enumerate(_BULK_SHARES):
        holder = int(np.argmax(np.where(prose >= share * prose[0], depths, -1)))
        inside[holder : ends[holder], column] = True
    return inside


def _hint_features(elements: Sequence[BlockElement], ends: NDArray[np.int_], places: NDArray[np.int_]) -> PieceFeatures:
    """The number of elements around a piece with each noted tag, and with class, id or role hints of each kind."""
    counts = np.zeros((len(elements) + 1, len(_NOTED_TAGS) + 2))
    with_hints = [index for index, element in enumerate(elements) if element.hints or element.tag in _NOTED_TAGS]
    if with_hints:
        counts[with_hints] = [
            _TAG_FLAGS.get(elements[index].tag, _NO_TAG_FLAGS) + _hint_kinds(elements[index].hints)
            for index in with_hints
        ]
        np.subtract.at(counts, ends[with_hints], counts[with_hints])
    names = (*(f"in_{tag}" for tag in _NOTED_TAGS), "content_hints", "other_hints")
    return dict(zip(names, np.cumsum(counts, axis=0)[places].T, strict=True))


@lru_cache(maxsize=10_000)
def _hint_kinds(hint: str) -> tuple[bool, bool]:
    """Whether a class, id or role suggests content, and whether it suggests anything else."""
    hint = hint.lower()
    return any(word in hint for word in _CONTENT_HINTS), any(word in hint for word in _OTHER_HINTS)


def _ancestor_features(elements: Sequence[BlockElement], places: NDArray[np.int_], sums: FeatureArray) -> PieceFeatures:
    """What the first four elements around a piece's own one hold: share of links, words per piece, share of prose."""
    parents = np.array([max(element.parent, 0) for element in elements])
    features: PieceFeatures = {}
    for step in range(1, 5):
        places = parents[places]
        words, linked, prose, count = sums[places].T
        features[f"box{step}_link"] = linked / np.maximum(words, 1)
        features[f"box{step}_words"] = words / np.maximum(count, 1)
        features[f"box{step}_prose"] = prose / max(sums[0, 2], 1)
    return features


def _window_features(
    link: FeatureArray, prose: FeatureArray, words: FeatureArray, shared: FeatureArray, legal: FeatureArray
) -> PieceFeatures:
    """What the pieces before and after a piece hold."""
    series = np.column_stack([link, prose, words, shared, legal > 0])
    sums = np.concatenate([np.zeros((1, series.shape[1])), np.cumsum(series, axis=0)])
    (links, proses, *_), count = _window_sums(sums, 4, 4)
    features: PieceFeatures = {"near4_prose": proses / count, "near4_link": links / count}
    (links, *_), count = _window_sums(sums, 10, 10)
    features["near10_link"] = links / count
    for reach in (2, 6, 15):
        (_, _, lengths, shareds, legals), _ = _window_sums(sums, reach, reach)
        features[f"near{reach}_words"] = lengths / (2 * reach + 1)
        features[f"near{reach}_{_SHARED_VOCABULARY}"] = shareds / np.maximum(lengths, 1)
        features[f"near{reach}_legal"] = legals / (2 * reach + 1)
    (_, _, lengths, shareds, _), _ = _window_sums(sums, 8, 0)
    features[f"behind8_{_SHARED_VOCABULARY}"] = shareds / np.maximum(lengths, 1)
    return features


def _window_sums(sums: FeatureArray, behind: int, ahead: int) -> tuple[FeatureArray, NDArray[np.int_]]:
    """The sums over each piece and its neighbours, a row for each column of `sums`, and the number of pieces summed.

    `sums` are cumulative; `behind` and `ahead` are the numbers of neighbours on both sides.
    """
    here = np.arange(len(sums) - 1)
    start, end = np.maximum(0, here - behind), np.minimum(len(here), here + 1 + ahead)
    return (sums[end] - sums[start]).T, end - start
