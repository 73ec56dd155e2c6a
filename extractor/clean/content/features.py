"""Computes features of each piece of a page, by which content is separated from navigation, banners and the like.

They do not separate privacy from other legal text: terms of service are content as well. What counts is the position of
a piece, how much of its surroundings is prose or links, and whether it shares the vocabulary of the bulk of the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.clean.content.text_stats import FUNCTION_WORDS, LEGAL_WORDS, MIN_PROSE_WORDS, TextStats, stats_of_texts
from extractor.clean.tree import BlockElement, PagePiece

FeatureArray = NDArray[np.float64]

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
_HINT_FEATURES = (*(f"in_{tag}" for tag in _NOTED_TAGS), "content_hints", "other_hints")
_BULK_SHARES = (0.5, 0.8, 0.95)
_MIN_FUNCTION_WORDS = 3  # different ones, in prose
_MAX_LEGAL_WORDS = 4
_MAX_DISTANCE = 50
_MAX_REPETITIONS = 4
_MAX_REACH = 15  # of a window, in pieces
_SHARED_VOCABULARY = "kin"  # the name of the feature in models/content/model.json

PieceFeatures = dict[str, FeatureArray]


def piece_features(pieces: Sequence[PagePiece], elements: Sequence[BlockElement], title: str) -> PieceFeatures:
    """The features of pieces by name, each an array with one number per piece; `title` is the title of the page.

    `near4_` features describe a window of four pieces on both sides, `behind8_` the eight pieces before; `box1_` to
    `box4_` the elements around the innermost one; `bulk50` is whether a piece is in the innermost element with half of
    the page's prose.
    """
    texts = [piece.text for piece in pieces]
    *stats, title_stats = stats_of_texts([*texts, title])
    words, characters, capitals, digit, sentence, action = _measures(stats)
    vocabulary = _page_vocabulary(stats)
    function_words, legal = vocabulary.function_words, vocabulary.legal_words
    linked = _linked_words(pieces)
    link = np.minimum(1, linked / np.maximum(words, 1))
    is_prose = (words >= MIN_PROSE_WORDS) & (link < 0.5) & (function_words >= _MIN_FUNCTION_WORDS)
    prose = is_prose * words
    places = np.array([piece.element for piece in pieces])
    parents = [element.parent for element in elements]
    ends = _subtree_ends(parents)
    sums = _subtree_sums(ends, places, np.column_stack([words, linked, prose, np.ones(len(pieces))]))
    inside = _is_within_bulk(elements, ends, sums[:, 2])[:, places]
    sizes = np.maximum(vocabulary.sizes, 1)
    shared = _shared_vocabulary(vocabulary, is_prose & inside[0])
    return {
        "words": np.log1p(words),
        "link": link,
        "legal": legal,
        _SHARED_VOCABULARY: shared / sizes,
        "title": vocabulary.count_words(_is_among(vocabulary.words, _word_numbers([title_stats]))) / sizes,
        "repeats": _repetitions(texts, stats),
        "characters": characters,
        "capitals": capitals,
        "digit": digit,
        "sentence": sentence,
        "action": action,
        "kind": np.array([_BLOCK_KINDS.index(piece.kind) for piece in pieces], dtype=float),
        "level": np.array([piece.level for piece in pieces], dtype=float),
        **_position_features(prose),
        **{f"bulk{100 * share:.0f}": row for share, row in zip(_BULK_SHARES, inside.astype(float), strict=True)},
        **_hint_features(elements, ends, places),
        **_ancestor_features(parents, places, sums),
        **_window_features(link, prose, words, shared, legal),
    }


def _measures(stats: Sequence[TextStats]) -> FeatureArray:
    """The measures of texts, a row for each."""
    rows = np.frombuffer(b"".join([one.measures for one in stats])).reshape(len(stats), -1)
    return np.ascontiguousarray(rows.T)


class _PageVocabulary(NamedTuple):
    """The different words of each piece without function words, one piece after another.

    `words` are their numbers, `holders` the indexes of their pieces. For each piece there is the number of different
    words, of different function words, and of different legal words.
    """

    words: NDArray[np.intp]
    holders: NDArray[np.intp]
    sizes: FeatureArray
    function_words: FeatureArray
    legal_words: FeatureArray

    def count_words(self, is_counted: NDArray[np.bool_]) -> FeatureArray:
        """The number of words of each piece that are counted."""
        return _counts(self.holders[is_counted], len(self.sizes))


def _page_vocabulary(stats: Sequence[TextStats]) -> _PageVocabulary:
    """The vocabulary of a page with texts that have these statistics."""
    words = _word_numbers(stats)
    sizes = np.array([len(one.words) for one in stats]) // np.intc().itemsize
    holders = np.repeat(np.arange(len(stats)), sizes)
    is_own = words >= len(FUNCTION_WORDS)
    words, holders = words[is_own], holders[is_own]
    own_sizes = _counts(holders, len(stats))
    is_legal = words < len(FUNCTION_WORDS) + len(LEGAL_WORDS)
    legal_words = np.minimum(_counts(holders[is_legal], len(stats)), _MAX_LEGAL_WORDS)
    return _PageVocabulary(words, holders, own_sizes, sizes - own_sizes, legal_words)


def _word_numbers(stats: Sequence[TextStats]) -> NDArray[np.intp]:
    """The numbers of the different words of texts, one text after another."""
    return np.frombuffer(b"".join([one.words for one in stats]), np.intc).astype(np.intp)


def _counts(holders: NDArray[np.intp], count: int) -> FeatureArray:
    """How often each index occurs, of so many that there are."""
    return np.bincount(holders, minlength=count).astype(float)


def _is_among(words: NDArray[np.intp], known: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each word is among others."""
    is_known = np.zeros(max(words.max(initial=0), known.max(initial=0)) + 1, dtype=bool)
    is_known[known] = True
    return is_known[words]


def _linked_words(pieces: Sequence[PagePiece]) -> FeatureArray:
    """The number of words in links in each piece."""
    counts = [0] * len(pieces)
    for index, piece in enumerate(pieces):
        for text, style in piece.words:
            if style.href:
                counts[index] += len(text.split())
    return np.array(counts, dtype=float)


def _shared_vocabulary(vocabulary: _PageVocabulary, is_bulk: NDArray[np.bool_]) -> FeatureArray:
    """The number of words that each piece shares with the prose in the bulk of the page, without the piece itself.

    It is low for news teasers, offers and the like, whatever the topic of the page.
    """
    words, holders, *_ = vocabulary
    in_bulk = is_bulk[holders]
    bulk_words, bulk_holders = words[in_bulk], holders[in_bulk]
    size = words.max(initial=0) + 1
    last_holder = np.empty(size, dtype=np.intp)
    last_holder[bulk_words] = bulk_holders
    is_repeated = last_holder[bulk_words] != bulk_holders
    others = np.zeros(size, dtype=np.uint8)  # 1 for a word of one piece in the bulk, 2 for a word of several
    others[bulk_words] = 1
    others[bulk_words[is_repeated]] = 2
    return vocabulary.count_words(others[words] > in_bulk)


def _repetitions(texts: Sequence[str], stats: Sequence[TextStats]) -> FeatureArray:
    """How often each text occurs in the page, at most 4, in capitals or not."""
    alike = Counter([one.words for one in stats])  # the same text has the same words; few others have
    lower = [text.lower() if alike[one.words] > 1 else text for text, one in zip(texts, stats, strict=True)]
    counts = np.array(list(map(Counter(lower).__getitem__, lower)), dtype=float)
    return np.asarray(np.minimum(counts, _MAX_REPETITIONS))


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


def _subtree_ends(parents: Sequence[int]) -> NDArray[np.int_]:
    """The index after the last descendant of each element: descendants follow their ancestor without a gap."""
    ends = list(range(1, len(parents) + 1))
    for index in range(len(parents) - 1, 0, -1):
        parent = parents[index]
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
    """Whether elements are in the innermost one with each share in `_BULK_SHARES` of the prose, (shares, elements)."""
    inside = np.zeros((len(_BULK_SHARES), len(elements)), dtype=bool)
    amounts = prose.tolist()
    around = np.flatnonzero(prose >= min(_BULK_SHARES) * prose[0]).tolist()
    for row, share in enumerate(_BULK_SHARES):
        holders = [index for index in around if amounts[index] >= share * amounts[0]]
        holder = max(holders, key=lambda index: elements[index].depth)
        inside[row, holder : ends[holder]] = True
    return inside


def _hint_features(elements: Sequence[BlockElement], ends: NDArray[np.int_], places: NDArray[np.int_]) -> PieceFeatures:
    """The number of elements around a piece with each noted tag, and with class, id or role hints of each kind."""
    counts = np.zeros((len(elements) + 1, len(_HINT_FEATURES)))
    noted = [index for index, (tag, _, _, hints) in enumerate(elements) if hints or tag in _NOTED_TAGS]
    if noted:
        flags = b"".join([_hint_flags(elements[index].tag, elements[index].hints) for index in noted])
        counts[noted] = np.frombuffer(flags, np.uint8).reshape(len(noted), -1)
        np.subtract.at(counts, ends[noted], counts[noted])
    return dict(zip(_HINT_FEATURES, np.cumsum(counts, axis=0)[places].T, strict=True))


@lru_cache(maxsize=10_000)
def _hint_flags(tag: str, hints: str) -> bytes:
    """Which of the noted tags an element has, whether its class, id or role suggests content, or anything else."""
    hints = hints.lower()
    suggestions = [any(map(hints.__contains__, words)) for words in (_CONTENT_HINTS, _OTHER_HINTS)]
    return bytes([*(tag == noted for noted in _NOTED_TAGS), *suggestions])


def _ancestor_features(parents: Sequence[int], places: NDArray[np.int_], sums: FeatureArray) -> PieceFeatures:
    """What the first four elements around a piece's own one hold: share of links, words per piece, share of prose."""
    around = np.maximum(parents, 0)
    words, linked, prose, count = sums.T
    rates = np.array([linked / np.maximum(words, 1), words / np.maximum(count, 1), prose / max(prose[0], 1)])
    features: PieceFeatures = {}
    for step in range(1, 5):
        places = around[places]
        features[f"box{step}_link"], features[f"box{step}_words"], features[f"box{step}_prose"] = rates[:, places]
    return features


def _window_features(
    link: FeatureArray, prose: FeatureArray, words: FeatureArray, shared: FeatureArray, legal: FeatureArray
) -> PieceFeatures:
    """What the pieces before and after a piece hold."""
    sums = _padded_sums(np.array([link, prose, words, shared, legal > 0, np.ones(len(words))]))
    links, proses, *_, count = _window_sums(sums, 4, 4)
    features: PieceFeatures = {"near4_prose": proses / count, "near4_link": links / count}
    links, *_, count = _window_sums(sums, 10, 10)
    features["near10_link"] = links / count
    for reach in (2, 6, 15):
        _, _, lengths, shareds, legals, _ = _window_sums(sums, reach, reach)
        features[f"near{reach}_words"] = lengths / (2 * reach + 1)
        features[f"near{reach}_{_SHARED_VOCABULARY}"] = shareds / np.maximum(lengths, 1)
        features[f"near{reach}_legal"] = legals / (2 * reach + 1)
    _, _, lengths, shareds, *_ = _window_sums(sums, 8, 0)
    features[f"behind8_{_SHARED_VOCABULARY}"] = shareds / np.maximum(lengths, 1)
    return features


def _padded_sums(series: FeatureArray) -> FeatureArray:
    """The cumulative sums of the rows of `series`, with their ends repeated so that windows may go beyond them."""
    size = series.shape[1]
    sums = np.zeros((len(series), size + 2 * _MAX_REACH + 1))
    np.cumsum(series, axis=1, out=sums[:, _MAX_REACH + 1 : _MAX_REACH + 1 + size])
    sums[:, _MAX_REACH + 1 + size :] = sums[:, _MAX_REACH + size, None]
    return sums


def _window_sums(sums: FeatureArray, behind: int, ahead: int) -> FeatureArray:
    """The sums of each row over each piece and so many neighbours on both sides, from padded cumulative sums."""
    size = sums.shape[1] - 2 * _MAX_REACH - 1
    start, end = _MAX_REACH - behind, _MAX_REACH + 1 + ahead
    return sums[:, end : end + size] - sums[:, start : start + size]
