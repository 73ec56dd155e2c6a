"""Selects the privacy policy on a page with several documents: some sites have their terms of use on the same page.

Where documents may begin is found by their titles and the elements around them; which of them is the policy, by the
vocabulary of their text. Nothing is removed from a page with one document, or if the documents cannot be separated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from math import inf
from typing import Literal, NamedTuple

from extractor.clean.content.likeliest_runs import likeliest_members
from extractor.clean.content.text_stats import stats_of_pieces
from extractor.clean.content.translations import without_translations
from extractor.clean.tree import BlockElement, PagePiece
from extractor.clean.verdict import SECTION_HEADING, TERMS_NAME

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
_DATA_TERMS = (
    "personal", "privacy", "cookie", " collect", "opt-out", "opt out", "your information", "your data", "beacon",
    " track", "ip address", "email address", "e-mail address", "disclos", "third part", "third-part",
)  # fmt: skip
# Words of terms of use by what a clause is about; payments, fees and the like are in policies as well
_CLAUSE_WORDS: dict[str, tuple[str, ...]] = {
    "warranty": ("warranty", "warranties", "merchantability", "disclaim", "disclaims", "disclaimer"),
    "liability": ("liable", "liability", "indemnify", "indemnification", "damages", "consequential", "punitive"),
    "property": tuple(
        "infringe infringing infringement license licence licensed licenses sublicense copyright copyrighted copyrights"
        " trademark trademarks dmca takedown reproduce derivative".split()
    ),
    "dispute": tuple(
        "arbitration arbitrator jurisdiction governed venue disputes severable unenforceable waiver waive".split()
    ),
    "conduct": tuple(
        "prohibited unlawful defamatory obscene terminate terminated termination perjury conduct agreement hereunder"
        " herein obligations".split()
    ),
}
_CLAUSES = {word.encode(): clause for clause, words in _CLAUSE_WORDS.items() for word in words}
_LETTERS_SPACED = bytes(code if code in b"abcdefghijklmnopqrstuvwxyz" else 32 for code in range(256))
_MIN_TERMS_STEMS = 8  # a page with fewer, and no title of terms, holds none
_MAX_TITLE_WORDS = 9

# Log odds that a text is of a policy: a hundred words of one have 4.5 terms of data and 0.3 words
# of clauses, of terms of use 0.8 and 2.5
_TERM_ODDS, _CLAUSE_ODDS, _WORD_ODDS = 1.7, -2.3, -0.01
_TERMS_NAME_ODDS = -14.0
_TITLE_COST, _SECTION_COST = 6.0, 15.0  # log odds needed for a document to end or begin at a place
_MIN_POLICY_DENSITY, _MIN_POLICY_WORDS, _MIN_POLICY_SHARE = 0.025, 150, 0.15
# Another document has so many words: fewer if its clauses are of several kinds, or if it has a name. Policies have some
_MIN_OTHER_WORDS, _MIN_CLAUSES, _MIN_NAMED_WORDS, _LONG_OTHER_WORDS = 100, 3, 150, 1000
_MIN_PANEL_WORDS, _MIN_PANEL_SHARE = 200, 0.1

_POLICY_NOTE = "the page holds several documents, of which the privacy policy was kept"
_TERMS_NOTE = "the page holds several documents, of which the terms were kept, as the name of the file asks for them"
_EARLIER_NOTE = "an earlier version of the text, below the current one, was left out"
_ENGLISH_NOTE = "the page holds its text in several languages, of which English was kept"
_ALL_NOTE = "the page holds terms and a privacy policy, all kept, because they could not be told apart"


class _DocumentSelection(NamedTuple):
    """The pieces of the document that is kept, and notes for the record if there are others on the page."""

    pieces: list[PagePiece]
    notes: tuple[str, ...] = ()


class _PieceCounts(NamedTuple):
    """The number of words of a piece and of terms of personal data among them, and the clauses its words suggest."""

    words: int
    terms: int
    clauses: tuple[str, ...]

    @property
    def log_odds(self) -> float:
        """The log odds that a piece is of a policy, and not of terms."""
        return _TERM_ODDS * self.terms + _CLAUSE_ODDS * len(self.clauses) + _WORD_ODDS * self.words


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
) -> _DocumentSelection:
    """The pieces of the requested document in English, with notes; all pieces unless there are two to be separated."""
    english = without_translations(pieces)
    current = _without_earlier_versions(english)
    selected = _select_kind(current, elements, kind)
    notes = [_ENGLISH_NOTE] * (len(english) < len(pieces)) + [_EARLIER_NOTE] * (len(current) < len(english))
    return _DocumentSelection(selected.pieces, (*notes, *selected.notes))


def _without_earlier_versions(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """The pieces without long sections whose heading says that they are an earlier version of the policy."""
    kept: list[PagePiece] = []
    section: list[PagePiece] = []  # one of an earlier version, with its heading first
    for piece in pieces:
        if section and piece.kind == "heading" and piece.level <= section[0].level:
            kept += section if _is_short(section) else []
            section = []
        (section if section or (kept and _is_earlier_version(piece)) else kept).append(piece)
    return kept + section if _is_short(section) else kept


def _is_short(pieces: Iterable[PagePiece]) -> bool:
    """Whether pieces have too few words for a document."""
    return sum(piece.text.count(" ") + 1 for piece in pieces) < _MIN_OTHER_WORDS


def _is_earlier_version(piece: PagePiece) -> bool:
    """Whether a piece is the heading of an earlier version."""
    return piece.kind == "heading" and _EARLIER_VERSION.fullmatch(piece.text) is not None


def _select_kind(
    pieces: Sequence[PagePiece], elements: Sequence[BlockElement], kind: _DocumentKind
) -> _DocumentSelection:
    """The pieces of the requested document, with a note; all pieces unless there are two that can be separated."""
    titles = [_title_kind(piece) for piece in pieces]
    if "terms" not in titles and not _has_words_of_terms(pieces):
        return _DocumentSelection(list(pieces))
    counts = [_count_terms(piece.text) for piece in pieces]
    costs = _border_costs(pieces, elements, titles, counts)
    is_name = [title == "terms" and _is_name_of_terms(piece.text) for piece, title in zip(pieces, titles, strict=True)]
    odds = [count.log_odds + _TERMS_NAME_ODDS * named for count, named in zip(counts, is_name, strict=True)]
    is_policy = _without_gaps(likeliest_members(odds, costs), counts, is_name)
    if not _is_worth_separating(is_policy, counts, titles):
        return _DocumentSelection(list(pieces), (_ALL_NOTE,) if _names_both(pieces, titles, counts) else ())
    if kind == "terms" and (terms := _longest_terms(is_policy, counts, titles)):
        return _DocumentSelection([pieces[index] for index in terms], (_TERMS_NOTE,))
    return _DocumentSelection([piece for piece, keep in zip(pieces, is_policy, strict=True) if keep], (_POLICY_NOTE,))


def _has_words_of_terms(pieces: Iterable[PagePiece]) -> bool:
    """Whether some vocabulary of terms is on the page; on most there is none, and nothing else is looked for."""
    return sum([one.terms_stems for one in stats_of_pieces(pieces)]) >= _MIN_TERMS_STEMS


@lru_cache(maxsize=10_000)  # most text recurs in the next captures of a page
def _count_terms(text: str) -> _PieceCounts:
    """The words of a text, and those that are typical of policies and of terms."""
    lower = text.lower()
    words = lower.encode("ascii", "replace").translate(_LETTERS_SPACED).split()
    clauses = tuple([_CLAUSES[word] for word in words if word in _CLAUSES])
    return _PieceCounts(text.count(" ") + 1, sum(map(lower.count, _DATA_TERMS)), clauses)


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


def _is_name_of_terms(title: str) -> bool:
    """Whether a title is the name of terms, and not of a section about them."""
    return TERMS_NAME.fullmatch(title) is not None and SECTION_HEADING.search(title) is None


def _without_gaps(is_policy: Sequence[bool], counts: Sequence[_PieceCounts], is_name: Sequence[bool]) -> list[bool]:
    """The same, with all that is no document of its own taken for a part of the policy."""
    mask: list[bool] = []
    for keep, group in groupby(range(len(counts)), is_policy.__getitem__):
        members = list(group)
        is_named = any(is_name[index] for index in members)
        is_other = not keep and _is_document([counts[index] for index in members], is_named=is_named)
        mask += [not is_other] * len(members)
    return mask


def _is_document(counts: Sequence[_PieceCounts], *, is_named: bool) -> bool:
    """Whether pieces that are not of a policy have the name, the length or the variety of a document of their own."""
    words = sum(count.words for count in counts)
    clauses = {clause for count in counts for clause in count.clauses}
    is_varied = len(clauses) >= _MIN_CLAUSES
    return words >= (_MIN_OTHER_WORDS if is_varied else _MIN_NAMED_WORDS if is_named else _LONG_OTHER_WORDS)


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


def _names_both(pieces: Sequence[PagePiece], titles: Sequence[_TitleKind], counts: Sequence[_PieceCounts]) -> bool:
    """Whether there is a document with the name of terms, of some length, and one with that of a policy."""
    starts = [index for index, title in enumerate(titles) if title]
    names = set()
    for start, end in pairwise([*starts, len(pieces)]):
        is_name = titles[start] == "privacy" or _is_name_of_terms(pieces[start].text)
        if is_name and sum(count.words for count in counts[start:end]) >= _MIN_OTHER_WORDS:
            names.add(titles[start])
    return len(names) > 1


def _title_kind(piece: PagePiece) -> _TitleKind:
    """The kind of document that a piece is the title of, "" if it is not a title."""
    text = piece.text
    if text.count(" ") >= _MAX_TITLE_WORDS or text.endswith((".", ",", ";", ":", "?")):
        return ""
    kind = _named_kind(text)
    return kind if kind and _is_set_as_title(piece) else ""


@lru_cache(maxsize=5_000)  # as above
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
