"""One document out of a page that holds several: sites put their terms of use and their privacy policy on one page.

Which one is wanted, the page's address tells; where it does not, the privacy policy is. A page with one document, or
whose privacy policy cannot be told from the rest, stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractor.clean.tree import Piece

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
_SPEAKS_OF_DATA = (
    "personal", "privacy", "cookie", " collect", "opt-out", "opt out", "your information", "your data", "beacon",
    " track", "ip address", "email address", "e-mail address", "disclos", "third part", "third-part",
)  # fmt: skip
_TITLE_WORDS = 9
# Mentions of personal data a hundred words: policies have 2.5 or more, terms of use 0.2 to 1.2
_MANY, _FEW = 2.5, 1.2
_POLICY_WORDS, _SECTION_WORDS = 200, 150


@dataclass(frozen=True, slots=True)
class _Section:
    """The pieces (indexes) from one document's title to the next, and what the title says it is, "" where nothing."""

    kind: _DocumentKind | Literal[""]
    members: list[int]
    texts: list[str]
    words: int

    @property
    def mentions(self) -> float:
        """How often personal data are spoken of in a hundred words."""
        whole = "\n".join(self.texts).lower()
        return 100 * sum(map(whole.count, _SPEAKS_OF_DATA)) / max(self.words, 1)


def wanted_document(address: str) -> _DocumentKind:
    """The document that the address of a page asks for.

    >>> wanted_document("https://shop.example/legal/terms-of-use"), wanted_document("https://shop.example/legal")
    ('terms', 'privacy')
    """
    name = address.rstrip("/").rsplit("/", 1)[-1].lower()
    return "terms" if re.search(r"terms|conditions|\btos\b", name) and "privacy" not in name else "privacy"


def only_document(pieces: Sequence[Piece], wanted: _DocumentKind) -> list[Piece]:
    """The pieces of the wanted document; all of them where there are not two to be told apart."""
    parts = _sections(pieces)
    if sum(part.words >= _SECTION_WORDS for part in parts) < 2:
        return list(pieces)
    policy = any(part.kind == "privacy" and part.words >= _POLICY_WORDS and part.mentions >= _MANY for part in parts)
    others = [part for part in parts if part.mentions < _FEW and part.words >= _SECTION_WORDS]
    if not (policy and others):
        return list(pieces)
    if wanted == "privacy":
        dropped = {index for part in others for index in part.members}
        return [piece for index, piece in enumerate(pieces) if index not in dropped]
    terms = max((part for part in others if part.kind == "terms"), key=lambda part: part.words, default=None)
    return [pieces[index] for index in terms.members] if terms else list(pieces)


def _sections(pieces: Sequence[Piece]) -> list[_Section]:
    """The pieces cut at the titles of documents."""
    cut: list[tuple[_DocumentKind | Literal[""], list[int]]] = [("", [])]
    for index, piece in enumerate(pieces):
        if kind := _title_kind(piece):
            cut.append((kind, []))
        cut[-1][1].append(index)
    return [_section(kind, members, pieces) for kind, members in cut if members]


def _section(kind: _DocumentKind | Literal[""], members: list[int], pieces: Sequence[Piece]) -> _Section:
    """The section that these pieces make."""
    texts = [pieces[index].text for index in members]
    words = sum(text.count(" ") + 1 for text in texts)  # a piece's text has single spaces
    return _Section(kind, members, texts, words)


def _title_kind(piece: Piece) -> _DocumentKind | Literal[""]:
    """Of what document a piece is the title, "" for any other piece."""
    text = piece.text
    if text.count(" ") >= _TITLE_WORDS or text.endswith((".", ",", ";", ":", "?")) or not _looks_like_title(piece):
        return ""
    terms = _TERMS_TITLE.search(text)
    if "privacy" in text.lower():
        named = (_PRIVACY_TITLE.search(text) or _BARE_PRIVACY.fullmatch(text)) and not _PART_TITLE.search(text)
        return "privacy" if named and not terms else ""
    return "terms" if terms else ""


def _looks_like_title(piece: Piece) -> bool:
    """Whether a short piece is set as a title: a heading, bold throughout, in capitals, or with a Roman number."""
    return (
        piece.kind == "heading"
        or piece.text.isupper()
        or _NUMBERED.match(piece.text) is not None
        or all(part.style.strong for part in piece.words if part.text.strip())
    )
