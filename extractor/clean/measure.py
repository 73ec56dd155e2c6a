"""What can be said of each piece of a page: numbers with names, by which the content is told from what surrounds it.

Nothing here knows privacy from any other legal text: a page of terms is content as well. What matters is where a piece
stands, how much around it is prose or links, and whether it uses the words that the bulk of the page uses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from functools import lru_cache
from itertools import chain, compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.clean.tree import Node, Piece, Words

Array = NDArray[np.float64]

_FUNCTION_WORDS = frozenset(
    "the of to and a in that is for or we you our your by with as this be are not may will any if on from such other"
    " have us it which these when use".split()
)
_WORD = re.compile(r"\w[\w'’-]*")
_DIGIT = re.compile(r"\d")
# Words of policies and of terms, by which neither is told from the other
_LEGAL = frozenset(
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
_SENTENCE_END = re.compile(r"[.?!;:][\"”’)\]]*$")
# What makers of pages call the elements that hold the text, and those that hold anything else
_CONTENT_HINTS = tuple(
    "content main article policy privacy legal terms post entry body text story copy rich wysiwyg page accordion faq"
    " panel".split()
)
_OTHER_HINTS = tuple(
    "nav menu foot header side crumb share social cookie consent banner modal popup overlay comment relat promo advert"
    " sponsor widget login sign search newsletter subscri skip lang locale dropdown flyout sitemap toc util tool pagin"
    " print mobile logo carousel slide cart account recommend trending popular latest recent".split()
)
_KINDS = ("paragraph", "heading", "item", "row")
_MARKED = ("details", "form", "article", "main")
_MARKS = {tag: tuple(tag == other for other in _MARKED) for tag in _MARKED}
_NO_MARK = (False,) * len(_MARKED)
_BULK = (0.5, 0.8, 0.95)
PROSE_WORDS = 10
_PROSE_FUNCTION_WORDS = 3  # different ones
_MOST_LEGAL = 4
_FAR = 50


Features = dict[str, Array]


def measure(pieces: Sequence[Piece], nodes: Sequence[Node], title: str) -> Features:
    """The features of pieces by name, each an array with one number a piece; `title` is that of the page.

    `near4_` is of a window of four pieces to both sides, `behind8_` of the eight before; `box1_` to `box4_` of the
    elements around the innermost one; `bulk50` says that a piece lies in the innermost element that holds half of the
    page's prose.
    """
    said = [_what_is_said(piece.text) for piece in pieces]
    telling = [one.telling for one in said]
    words, function_words, legal = np.array([one.counts for one in said], dtype=float).T
    linked = np.array([_words_in_links(piece.words) for piece in pieces], dtype=float)
    link = np.minimum(1, linked / np.maximum(words, 1))
    is_prose = (words >= PROSE_WORDS) & (link < 0.5) & (function_words >= _PROSE_FUNCTION_WORDS)
    prose = is_prose * words
    places = np.array([piece.node for piece in pieces])
    ends = _ends_of(nodes)
    sums = _sums_within(ends, places, np.column_stack([words, linked, prose, np.ones(len(pieces))]))
    inside = _inside_bulk(nodes, ends, sums[:, 2])[places]
    kin = _kinship(telling, is_prose & inside[:, 0])
    return {
        "words": np.log1p(words),
        "link": link,
        "legal": legal,
        "kin": kin / np.maximum([len(known) for known in telling], 1),
        "title": _share_in(telling, set(_WORD.findall(title.lower()))),
        "repeats": _repeats([piece.text.lower() for piece in pieces]),
        **_looks(pieces, said, words),
        **_positions(prose),
        **{f"bulk{share * 100:.0f}": column for share, column in zip(_BULK, inside.T.astype(float), strict=True)},
        **_hints(nodes, ends, places),
        **_boxes(nodes, places, sums),
        **_windows(link, prose, words, kin, legal),
    }


class _Said(NamedTuple):
    """What a text says by itself, whatever stands around it.

    `telling` are its different words but for function words; `counts` the number of all words, of different function
    words, and of different words of law; `_looks` its characters, and whether it is in capitals, has a digit, ends as a
    sentence does, and begins as what one can do on a page.
    """

    telling: frozenset[str]
    counts: tuple[int, int, int]
    looks: tuple[float, float, float, float, float]


@lru_cache(maxsize=20_000)
def _what_is_said(text: str) -> _Said:
    """What a text says. Menus and most paragraphs come again in the next captures of a site, and are remembered."""
    lower = text.lower()
    words = _WORD.findall(lower)
    different = frozenset(words)
    telling = different - _FUNCTION_WORDS
    return _Said(
        telling,
        (len(words), len(different) - len(telling), min(len(_LEGAL & telling), _MOST_LEGAL)),
        (
            max(len(lower), 1),
            text.isupper(),
            _DIGIT.search(lower) is not None,
            _SENTENCE_END.search(lower[-8:]) is not None,
            _ACTION.match(lower) is not None,
        ),
    )


def _words_in_links(words: Sequence[Words]) -> int:
    """How many words stand in links."""
    return sum([len(text.split()) for text, style in words if style.href])


def _share_in(some: Sequence[Set[str]], known: Set[str]) -> Array:
    """The share of the words of each that are known."""
    return np.array([len(words & known) / max(len(words), 1) for words in some])


def _kinship(some: Sequence[Set[str]], is_bulk: NDArray[np.bool_]) -> Array:
    """How many words of each piece the prose in the bulk of the page uses as well, apart from the piece itself.

    Teasers of news, offers and the like stand out by it, whatever the page is about.
    """
    count = Counter(chain.from_iterable(compress(some, is_bulk)))
    known, again = set(count), {word for word, pieces in count.items() if pieces > 1}
    rows = zip(some, is_bulk.tolist(), strict=True)
    return np.array([len(words & (again if bulk else known)) for words, bulk in rows], dtype=float)


def _repeats(texts: Sequence[str]) -> Array:
    """How often each text stands in the page, up to four times."""
    count = Counter(texts)
    return np.array([min(count[text], 4) for text in texts], dtype=float)


def _looks(pieces: Sequence[Piece], said: Sequence[_Said], words: Array) -> Features:
    """What a piece is by itself."""
    characters, capitals, digit, sentence, action = np.array([one.looks for one in said], dtype=float).T
    return {
        "characters": characters / np.maximum(words, 1),
        "capitals": capitals,
        "digit": digit,
        "sentence": sentence,
        "action": action,
        "kind": np.array([_KINDS.index(piece.kind) for piece in pieces], dtype=float),
        "level": np.array([piece.level for piece in pieces], dtype=float),
    }


def _positions(prose: Array) -> Features:
    """How much of the prose lies before and after each piece, and how many pieces away the nearest prose is."""
    whole = max(prose.sum(), 1)
    before = np.cumsum(prose) - prose
    at, here = np.flatnonzero(prose), np.arange(len(prose))
    marks = np.concatenate([[-10 * _FAR], at, [len(prose) + 10 * _FAR]])
    following, previous = marks[np.searchsorted(at, here) + 1], marks[np.searchsorted(at, here, "right")]
    return {
        "prose_before": before / whole,
        "prose_after": 1 - (before + prose) / whole,
        "to_prose": np.minimum(following - here, _FAR).astype(float),
        "from_prose": np.minimum(here - previous, _FAR).astype(float),
    }


def _ends_of(nodes: Sequence[Node]) -> NDArray[np.int_]:
    """The index behind the last node within each node: what lies within it stands in one run."""
    ends = list(range(1, len(nodes) + 1))
    for index in range(len(nodes) - 1, 0, -1):
        parent = nodes[index].parent
        if parent >= 0 and ends[index] > ends[parent]:
            ends[parent] = ends[index]
    return np.array(ends)


def _sums_within(ends: NDArray[np.int_], places: NDArray[np.int_], values: Array) -> Array:
    """The sums of values within each node and all below it, (nodes, values)."""
    own = np.zeros((len(ends) + 1, values.shape[1]))
    np.add.at(own, places + 1, values)
    sums = np.cumsum(own, axis=0)
    return np.asarray(sums[ends] - sums[:-1])


def _inside_bulk(nodes: Sequence[Node], ends: NDArray[np.int_], prose: Array) -> NDArray[np.bool_]:
    """Whether each node is or lies within the innermost one that holds each share in BULK of the page's prose."""
    depths = np.array([node.depth for node in nodes])
    inside = np.zeros((len(nodes), len(_BULK)), dtype=bool)
    for column, share in enumerate(_BULK):
        holder = int(np.argmax(np.where(prose >= share * prose[0], depths, -1)))
        inside[holder : ends[holder], column] = True
    return inside


def _hints(nodes: Sequence[Node], ends: NDArray[np.int_], places: NDArray[np.int_]) -> Features:
    """What the makers of the page say the elements around a piece are for, by tag, class, id and role: how many do."""
    said = np.zeros((len(nodes) + 1, len(_MARKED) + 2))
    speaking = [index for index, node in enumerate(nodes) if node.hints or node.tag in _MARKED]
    if speaking:
        own = [_MARKS.get(nodes[index].tag, _NO_MARK) + _meaning(nodes[index].hints) for index in speaking]
        said[speaking] = own
        np.subtract.at(said, ends[speaking], said[speaking])
    names = (*(f"in_{tag}" for tag in _MARKED), "content_hints", "other_hints")
    return dict(zip(names, np.cumsum(said, axis=0)[places].T, strict=True))


@lru_cache(maxsize=10_000)
def _meaning(hint: str) -> tuple[bool, bool]:
    """Whether a class, id or role speaks of content, and whether of something else."""
    hint = hint.lower()
    return any(word in hint for word in _CONTENT_HINTS), any(word in hint for word in _OTHER_HINTS)


def _boxes(nodes: Sequence[Node], places: NDArray[np.int_], sums: Array) -> Features:
    """How the first four elements around a piece's own one are filled: links, words a piece, share of the prose."""
    parents = np.array([max(node.parent, 0) for node in nodes])
    features: Features = {}
    for step in range(1, 5):
        places = parents[places]
        words, linked, prose, count = sums[places].T
        features[f"box{step}_link"] = linked / np.maximum(words, 1)
        features[f"box{step}_words"] = words / np.maximum(count, 1)
        features[f"box{step}_prose"] = prose / max(sums[0, 2], 1)
    return features


def _windows(link: Array, prose: Array, words: Array, kin: Array, legal: Array) -> Features:
    """What surrounds a piece in the order of the page."""
    series = np.column_stack([link, prose, words, kin, legal > 0])
    sums = np.concatenate([np.zeros((1, series.shape[1])), np.cumsum(series, axis=0)])
    (links, proses, *_), count = _near(sums, 4, 4)
    features: Features = {"near4_prose": proses / count, "near4_link": links / count}
    (links, *_), count = _near(sums, 10, 10)
    features["near10_link"] = links / count
    for reach in (2, 6, 15):
        (_, _, lengths, kins, legals), _ = _near(sums, reach, reach)
        features[f"near{reach}_words"] = lengths / (2 * reach + 1)
        features[f"near{reach}_kin"] = kins / np.maximum(lengths, 1)
        features[f"near{reach}_legal"] = legals / (2 * reach + 1)
    (_, _, lengths, kins, _), _ = _near(sums, 8, 0)
    features["behind8_kin"] = kins / np.maximum(lengths, 1)
    return features


def _near(sums: Array, behind: int, ahead: int) -> tuple[Array, Array]:
    """The sums over each piece's neighbours, so many behind it, itself, and so many ahead: a row for each column of
    `sums`, which are those up to each piece; and how many neighbours there are.
    """
    here = np.arange(len(sums) - 1)
    start, end = np.maximum(0, here - behind), np.minimum(len(here), here + 1 + ahead)
    return (sums[end] - sums[start]).T, end - start
