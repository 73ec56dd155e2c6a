"""Selects one document of a page with several: some sites have their terms of use and privacy policy on one page.

The page's address says which one is requested; by default it is the privacy policy. Nothing is removed from a page with
one document, or if the privacy policy cannot be separated from the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractor.clean.tree import PagePiece

_DocumentKind = Literal["privacy", "terms"]

_PRIVACY_TITLE = re.compile(r"privacy[- ]+(policy|statement|notice|practices|principles|promise|pledge|center)", re.I)
_BARE_PRIVACY = re.compile(r"(our |your )?privacy\W*", re.I)
_PART_TITLE = re.compile(r"child|california|change|about|contact|question|updat|third|other|link|scope|cookie", re.I)
_TERMS_TITLE = re.compile(
    r"\b(terms (of|and|&)|conditions of use|(user|visitor|licen[cs]e) agreement|legal notice|dmca|"
    r"(copyright|acceptable use|trademark) (policy|notice))|\bterms\b",
    re.I,
)
_NUMBERED = re.compile(r"[IVX]+\.")
_DATA_TERMS = (
    "personal", "privacy", "cookie", " collect", "opt-out", "opt out", "your information", "your data", "beacon",
    " track", "ip address", "email address", "e-mail address", "disclos", "third part", "third-part",
)  # fmt: skip
_MAX_TITLE_WORDS = 9
# Mentions of personal data per hundred words: policies have 2.5 or more, terms of use 0.2 to 1.2
_MIN_POLICY_MENTIONS, _MAX_OTHER_MENTIONS = 2.5, 1.2
_MIN_POLICY_WORDS, _MIN_SECTION_WORDS = 200, 150


@dataclass(frozen=True, slots=True)
class _Section:
    """The indexes of pieces from one document's title to the next, and the kind of document, "" without a title."""

    kind: _DocumentKind | Literal[""]
    members: list[int]
    texts: list[str]
    words: int

    @property
    def mentions(self) -> float:
        """Mentions of personal data per hundred words."""
        text = "\n".join(self.texts).lower()
        return 100 * sum(map(text.count, _DATA_TERMS)) / max(self.words, 1)


def requested_document(address: str) -> _DocumentKind:
    """The document that the address of a page requests.

    >>> requested_document("https://shop.example/legal/terms-of-use"), requested_document("https://shop.example/legal")
    ('terms', 'privacy')
    """
    name = address.rstrip("/").rsplit("/", 1)[-1].lower()
    return "terms" if re.search(r"terms|conditions|\btos\b", name) and "privacy" not in name else "privacy"


def select_document(pieces: Sequence[PagePiece], kind: _DocumentKind) -> list[PagePiece]:
    """The pieces of the requested document; all pieces unless there are two that can be separated."""
    sections = _split_at_titles(pieces)
    if sum(section.words >= _MIN_SECTION_WORDS for section in sections) < 2:
        return list(pieces)
    has_policy = any(
        section.kind == "privacy" and section.words >= _MIN_POLICY_WORDS and section.mentions >= _MIN_POLICY_MENTIONS
        for section in sections
    )
    others = [
        section
        for section in sections
        if section.mentions < _MAX_OTHER_MENTIONS and section.words >= _MIN_SECTION_WORDS
    ]
    if not (has_policy and others):
        return list(pieces)
    if kind == "privacy":
        dropped = {index for section in others for index in section.members}
        return [piece for index, piece in enumerate(pieces) if index not in dropped]
    terms = [section for section in others if section.kind == "terms"]
    return [pieces[index] for index in max(terms, key=lambda section: section.words).members] if terms else list(pieces)


def _split_at_titles(pieces: Sequence[PagePiece]) -> list[_Section]:
    """The sections between the titles of documents."""
    parts: list[tuple[_DocumentKind | Literal[""], list[int]]] = [("", [])]
    for index, piece in enumerate(pieces):
        if kind := _title_kind(piece):
            parts.append((kind, []))
        parts[-1][1].append(index)
    return [_build_section(kind, members, pieces) for kind, members in parts if members]


def _build_section(kind: _DocumentKind | Literal[""], members: list[int], pieces: Sequence[PagePiece]) -> _Section:
    """A section made of these pieces."""
    texts = [pieces[index].text for index in members]
    words = sum(text.count(" ") + 1 for text in texts)  # a piece's text has single spaces
    return _Section(kind, members, texts, words)


def _title_kind(piece: PagePiece) -> _DocumentKind | Literal[""]:
    """The kind of document that a piece is the title of, "" if it is not a title."""
    text = piece.text
    if text.count(" ") >= _MAX_TITLE_WORDS or text.endswith((".", ",", ";", ":", "?")) or not _is_set_as_title(piece):
        return ""
    terms = _TERMS_TITLE.search(text)
    if "privacy" in text.lower():
        is_title = (_PRIVACY_TITLE.search(text) or _BARE_PRIVACY.fullmatch(text)) and not _PART_TITLE.search(text)
        return "privacy" if is_title and not terms else ""
    return "terms" if terms else ""


def _is_set_as_title(piece: PagePiece) -> bool:
    """Whether a short piece looks like a title: a heading, entirely bold, in capitals, or with a Roman number."""
    return (
        piece.kind == "heading"
        or piece.text.isupper()
        or _NUMBERED.match(piece.text) is not None
        or all(part.style.strong for part in piece.words if part.text.strip())
    )
