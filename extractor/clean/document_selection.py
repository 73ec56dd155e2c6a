"""Selects the privacy policy on a page with several documents: some sites have their terms of use on the same page.

Where documents may begin is found by their titles and the elements around them; which of them is the policy, by the
vocabulary of their text. Nothing is removed from a page with one document, or if the documents cannot be separated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from math import inf
from typing import Literal, NamedTuple

from extractor.clean.likeliest_runs import likeliest_members
from extractor.clean.phrases import SECTION_HEADING, TERMS_NAME
from extractor.clean.text_kind import CUE_WORDS
from extractor.clean.translations import without_translations
from extractor.clean.tree import BlockElement, PagePiece

_DocumentKind = Literal["privacy", "terms"]
_TitleKind = Literal["privacy", "terms", ""]

_PRIVACY_TITLE = re.compile(r"privacy[- ]+(policy|statement|notice|practices|principles|promise|pledge|center)", re.I)
_BARE_PRIVACY = re.compile(r"(our |your )?privacy\W*", re.I)
_PART_TITLE = re.compile(r"child|california|change|about|contact|question|updat|third|other|link|scope|cookie", re.I)
_TERMS_TITLE = re.compile(
    r"\b(terms (of|and|&)|conditions of use|(user|visitor|licen[cs]e) agreement|legal notice|dmca|"
    r"(copyright|acceptable use|trademark) (policy|notice))|\bterms\b",
    re.I,
)
_EARLIER_VERSION = re.compile(
    r"(?:our |the )?(?:prior|previous|earlier|old|former|archived|superseded)"
    r" (?:versions?|(?:privacy )?(?:policy|notice|statement))(?: of .{0,60})?(?: ?[(:–-].{0,60})?",
    re.I,
)
_TITLE_WORDS = ("terms", "conditions", "agreement", "notice", "dmca", "policy")  # one is in each title of terms
_NUMBERED = re.compile(r"[IVX]+\.")
_WORD = re.compile(r"[a-z]+")
_DATA_TERMS = (
    "personal", "privacy", "cookie", " collect", "opt-out", "opt out", "your information", "your data", "beacon",
    " track", "ip address", "email address", "e-mail address", "disclos", "third part", "third-part",
)  # fmt: skip
_TERMS_STEMS = ("warrant", "liab", "indemn", "arbitra", "infring", "licens", "copyright", "terminat", "jurisdiction")
_MIN_TERMS_STEMS = 8  # a page with fewer, and no title of terms, holds none
_MAX_TITLE_WORDS = 9

# Log odds that a text is of a policy: a hundred words of one have 4.5 data terms and 0.3 cues of terms, of terms 0.8, 3
_TERM_ODDS, _CUE_ODDS, _WORD_ODDS = 1.7, -2.3, -0.01
_TERMS_NAME_ODDS = -14.0
_TITLE_COST, _SECTION_COST = 6.0, 15.0  # log odds needed for a document to end or begin at a place
_MIN_POLICY_DENSITY, _MIN_POLICY_WORDS, _MIN_POLICY_SHARE = 0.025, 200, 0.15
_MIN_OTHER_WORDS = 150
_MIN_PANEL_WORDS, _MIN_PANEL_SHARE = 300, 0.1

_POLICY_NOTE = "the page holds several documents, of which the privacy policy was kept"
_TERMS_NOTE = "the page holds several documents, of which the terms were kept, as the name of the file asks for them"
_EARLIER_NOTE = "an earlier version of the text, below the current one, was left out"
_ENGLISH_NOTE = "the page holds its text in several languages, of which English was kept"
_ALL_NOTE = "the page holds terms and a privacy policy, all kept, because they could not be told apart"


class DocumentSelection(NamedTuple):
    """The pieces of the document that is kept, and notes for the record if there are others on the page."""

    pieces: list[PagePiece]
    notes: tuple[str, ...] = ()


class _PieceCounts(NamedTuple):
    """The words of a piece, the terms of personal data among them, and the cues of terms of use."""

    words: int
    terms: int
    cues: int

    @property
    def log_odds(self) -> float:
        """The log odds that a piece is of a policy, and not of terms."""
        return _TERM_ODDS * self.terms + _CUE_ODDS * self.cues + _WORD_ODDS * self.words


def requested_document(address: str) -> _DocumentKind:
    """The document that an address requests: the terms if the name of a file says so, otherwise the privacy policy.

    Whoever names a file says what is wanted of the page; a URL only says where the site has put it, and policies are
    also found under the URL of terms.

    >>> requested_document("shop-terms-of-use.html"), requested_document("https://shop.example/legal/terms-of-use")
    ('terms', 'privacy')
    """
    name = address.rsplit("/", 1)[-1].lower()
    return "terms" if "://" not in address and _names_terms(name) else "privacy"


def _names_terms(name: str) -> bool:
    """Whether the name of a file is that of terms."""
    return re.search(r"terms|conditions|\btos\b", name) is not None and "privacy" not in name


def select_document(
    pieces: Sequence[PagePiece], elements: Sequence[BlockElement], kind: _DocumentKind
) -> DocumentSelection:
    """The pieces of the requested document in English, with notes; all pieces unless there are two to be separated."""
    english = without_translations(pieces)
    current = _without_earlier_versions(english)
    selected = _select_kind(current, elements, kind)
    notes = [_ENGLISH_NOTE] * (len(english) < len(pieces)) + [_EARLIER_NOTE] * (len(current) < len(english))
    return DocumentSelection(selected.pieces, (*notes, *selected.notes))


def _without_earlier_versions(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """The pieces without long sections whose heading says that they are an earlier version of the policy."""
    kept: list[PagePiece] = []
    rest = list(pieces)
    while start := next((at for at, piece in enumerate(rest) if at and _is_earlier_version(piece)), 0):
        level = rest[start].level
        ends = (at for at in range(start + 1, len(rest)) if rest[at].kind == "heading" and rest[at].level <= level)
        end = next(ends, len(rest))
        is_long = sum(piece.text.count(" ") + 1 for piece in rest[start:end]) >= _MIN_OTHER_WORDS
        kept += rest[: start if is_long else end]
        rest = rest[end:]
    return [*kept, *rest]


def _is_earlier_version(piece: PagePiece) -> bool:
    """Whether a piece is the heading of an earlier version."""
    return piece.kind == "heading" and _EARLIER_VERSION.fullmatch(piece.text) is not None


def _select_kind(
    pieces: Sequence[PagePiece], elements: Sequence[BlockElement], kind: _DocumentKind
) -> DocumentSelection:
    """The pieces of the requested document, with a note; all pieces unless there are two that can be separated."""
    titles = [_title_kind(piece) for piece in pieces]
    if "terms" not in titles and not _has_words_of_terms(pieces):
        return DocumentSelection(list(pieces))
    counts = [_count_terms(piece.text) for piece in pieces]
    costs = _border_costs(pieces, elements, titles, counts)
    odds = [count.log_odds + _title_odds(piece, title) for piece, title, count in zip(pieces, titles, counts, strict=True)]
    is_policy = _with_short_gaps(likeliest_members(odds, costs), counts)
    if not _is_worth_separating(is_policy, counts, titles):
        return DocumentSelection(list(pieces), (_ALL_NOTE,) if _names_both(pieces, titles, counts) else ())
    if kind == "terms" and (terms := _longest_terms(is_policy, counts, titles)):
        return DocumentSelection([pieces[index] for index in terms], (_TERMS_NOTE,))
    return DocumentSelection([piece for piece, keep in zip(pieces, is_policy, strict=True) if keep], (_POLICY_NOTE,))


def _has_words_of_terms(pieces: Iterable[PagePiece]) -> bool:
    """Whether some vocabulary of terms is on the page; on most there is none, and nothing else is looked for."""
    text = "\n".join([piece.text for piece in pieces]).lower()
    return sum(map(text.count, _TERMS_STEMS)) >= _MIN_TERMS_STEMS


def _count_terms(text: str) -> _PieceCounts:
    """The words of a text, and those that are typical of policies and of terms."""
    lower = text.lower()
    cues = sum(map(CUE_WORDS["(terms)"].__contains__, _WORD.findall(lower)))
    return _PieceCounts(text.count(" ") + 1, sum(map(lower.count, _DATA_TERMS)), cues)


def _border_costs(
    pieces: Sequence[PagePiece],
    elements: Sequence[BlockElement],
    titles: Sequence[_TitleKind],
    counts: Sequence[_PieceCounts],
) -> list[float]:
    """What it costs that a document begins at each piece: little at a title, nothing is possible within a section."""
    levels = [piece.level for piece, title in zip(pieces, titles, strict=True) if title == "terms" and piece.level]
    deepest = max(levels, default=-1) + 1
    panels = _panel_of_pieces(pieces, elements, counts)
    costs = []
    for piece, title, panel, before in zip(pieces, titles, panels, [-1, *panels], strict=False):
        is_section = (piece.kind == "heading" and piece.level <= deepest) or panel != before
        costs.append(_TITLE_COST if title else _SECTION_COST if is_section else inf)
    return costs


def _panel_of_pieces(
    pieces: Sequence[PagePiece], elements: Sequence[BlockElement], counts: Sequence[_PieceCounts]
) -> list[int]:
    """The innermost element around each piece that is one of several long ones side by side, -1 if there is none."""
    words = [0] * (len(elements) + 1)  # the last one is that of no element
    for piece, count in zip(pieces, counts, strict=True):
        words[piece.element] += count.words
    for index in range(len(elements) - 1, -1, -1):
        words[elements[index].parent] += words[index]
    least = max(_MIN_PANEL_WORDS, _MIN_PANEL_SHARE * words[-1])
    long = [index for index in range(len(elements)) if words[index] >= least]
    siblings = Counter(elements[index].parent for index in long)
    panels = {index for index in long if siblings[elements[index].parent] > 1}
    around: list[int] = []
    for index, element in enumerate(elements):
        around.append(index if index in panels else around[element.parent] if element.parent >= 0 else -1)
    return [around[piece.element] if piece.element >= 0 else -1 for piece in pieces]


def _title_odds(piece: PagePiece, title: _TitleKind) -> float:
    """What a title adds to the log odds: the whole name of terms says what the text below is."""
    return _TERMS_NAME_ODDS if title == "terms" and _is_name_of_terms(piece.text) else 0.0


def _is_name_of_terms(title: str) -> bool:
    """Whether a title is the name of terms, and not of a section about them."""
    return TERMS_NAME.fullmatch(title) is not None and SECTION_HEADING.search(title) is None


def _with_short_gaps(is_policy: Sequence[bool], counts: Sequence[_PieceCounts]) -> list[bool]:
    """The same, with what is too short for another document taken for a part of the policy."""
    mask: list[bool] = []
    for keep, group in groupby(zip(is_policy, counts, strict=True), lambda pair: pair[0]):
        members = [count for _, count in group]
        is_short = sum(count.words for count in members) < _MIN_OTHER_WORDS
        mask += [keep or is_short] * len(members)
    return mask


def _is_worth_separating(
    is_policy: Sequence[bool], counts: Sequence[_PieceCounts], titles: Sequence[_TitleKind]
) -> bool:
    """Whether there is a policy, not only a clause about privacy in terms, and enough of something else."""
    policy = [count for count, keep in zip(counts, is_policy, strict=True) if keep]
    words, terms = sum(count.words for count in policy), sum(count.terms for count in policy)
    all_words = sum(count.words for count in counts)
    is_titled = any(keep and title == "privacy" for keep, title in zip(is_policy, titles, strict=True))
    return (
        words >= _MIN_POLICY_WORDS
        and terms >= _MIN_POLICY_DENSITY * words
        and (is_titled or words >= _MIN_POLICY_SHARE * all_words)
        and words < all_words
    )


def _longest_terms(
    is_policy: Sequence[bool], counts: Sequence[_PieceCounts], titles: Sequence[_TitleKind]
) -> list[int]:
    """The indexes of the pieces of the longest document with the title of terms, [] if there is none."""
    found: list[list[int]] = []
    for keep, group in groupby(range(len(counts)), is_policy.__getitem__):
        for index in () if keep else group:
            if titles[index] == "terms":
                found.append([])
            if found and (titles[index] == "terms" or found[-1][-1] == index - 1):
                found[-1].append(index)
    return max(found, key=lambda members: sum(counts[index].words for index in members), default=[])


def _names_both(
    pieces: Sequence[PagePiece], titles: Sequence[_TitleKind], counts: Sequence[_PieceCounts]
) -> bool:
    """Whether there is a document with the name of terms, of some length, and one with that of a policy."""
    starts = [index for index, title in enumerate(titles) if title]
    names = set()
    for start, end in pairwise([*starts, len(pieces)]):
        is_document = titles[start] == "privacy" or _is_name_of_terms(pieces[start].text)
        if is_document and sum(count.words for count in counts[start:end]) >= _MIN_OTHER_WORDS:
            names.add(titles[start])
    return len(names) > 1


def _title_kind(piece: PagePiece) -> _TitleKind:
    """The kind of document that a piece is the title of, "" if it is not a title."""
    text = piece.text
    if text.count(" ") >= _MAX_TITLE_WORDS or text.endswith((".", ",", ";", ":", "?")):
        return ""
    kind = _named_kind(text)
    return kind if kind and _is_set_as_title(piece) else ""


def _named_kind(text: str) -> _TitleKind:
    """The kind of document that a short text is the name of, "" if it is none."""
    lower = text.lower()
    if "privacy" in lower:
        is_policy = (_PRIVACY_TITLE.search(text) or _BARE_PRIVACY.fullmatch(text)) and not _PART_TITLE.search(text)
        return "privacy" if is_policy and not _TERMS_TITLE.search(text) else ""
    return "terms" if any(part in lower for part in _TITLE_WORDS) and _TERMS_TITLE.search(text) else ""


def _is_set_as_title(piece: PagePiece) -> bool:
    """Whether a short piece looks like a title: a heading, entirely bold, in capitals, or with a Roman number."""
    return (
        piece.kind == "heading"
        or piece.text.isupper()
        or _NUMBERED.match(piece.text) is not None
        or all(part.style.strong for part in piece.words if part.text.strip())
    )
