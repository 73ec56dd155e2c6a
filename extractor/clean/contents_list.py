"""Finds lists of contents: links to places on the same page, or lines that the headings below repeat."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby

from extractor.clean.headings import section_number
from extractor.clean.inline import absolute_url
from extractor.clean.tree import LINE_BREAK, PagePiece, StyledText
from extractor.text import lowercase_words

_MIN_ENTRIES = 3
_MIN_HEADING_SHARE = 0.5  # of the headings below a list without links
_MAX_WORD_SHARE = 0.25  # of a page's words, before a list of links
_HeadingPlaces = dict[str, int]


def without_contents_list(pieces: Sequence[PagePiece], base: str) -> list[PagePiece]:
    """The pieces of a page without its lists of contents. `base` is the URL of the page.

    A list of contents is no text of the policy, and would count as if it named every practice once more.
    """
    places = {_entry_key(piece.text): at for at, piece in enumerate(pieces) if piece.kind == "heading"}
    linked = [piece.kind in ("paragraph", "item") and _is_link_to_place(piece, base) for piece in pieces]
    named = [piece.kind in ("paragraph", "item") and _names_headings(piece, at, places) for at, piece in enumerate(pieces)]
    last_place = _place_of_word_share(pieces)
    omitted = {
        at
        for run in _runs(linked)
        if run.start <= last_place and _count_links(pieces, run) >= _MIN_ENTRIES
        for at in run
    }
    omitted |= {at for run in _runs(named) if _names_most(pieces, run, places) for at in run}
    return [piece for at, piece in enumerate(pieces) if at not in omitted]


def _runs(flags: Sequence[bool]) -> Iterator[range]:
    """The runs of indices whose flag is set."""
    at = 0
    for is_set, run in groupby(flags):
        start, at = at, at + sum(1 for _ in run)
        if is_set:
            yield range(start, at)


def _is_link_to_place(piece: PagePiece, base: str) -> bool:
    """Whether a piece is nothing but links to places on the page."""
    words = [word for word in piece.words if any(map(str.isalnum, word.text))]
    return bool(words) and all(_is_anchor(word.style.href, base) for word in words)


def _is_anchor(href: str, base: str) -> bool:
    """Whether a link leads to a place on the page itself."""
    if not href.partition("#")[2]:
        return False
    return href.startswith("#") or absolute_url(href, base).partition("#")[0] == base.partition("#")[0]


def _place_of_word_share(pieces: Sequence[PagePiece]) -> int:
    """The index of the piece that ends the first part of a page: lists of links further down name what they refer to."""
    ends = list(accumulate(piece.text.count(" ") + 1 for piece in pieces))
    return bisect_left(ends, _MAX_WORD_SHARE * ends[-1]) if ends else 0


def _count_links(pieces: Sequence[PagePiece], run: range) -> int:
    """The number of links in pieces that hold nothing else."""
    hrefs = [word.style.href for at in run for word in pieces[at].words if word.style.href]
    return sum(1 for _ in groupby(hrefs))


def _names_headings(piece: PagePiece, at: int, places: _HeadingPlaces) -> bool:
    """Whether most lines of a piece are the texts of headings below it."""
    keys = [_entry_key(line) for line in _lines_of(piece.words)]
    return 2 * sum(places.get(key, -1) > at for key in keys) > len(keys)


def _names_most(pieces: Sequence[PagePiece], run: range, places: _HeadingPlaces) -> bool:
    """Whether pieces name several headings below them, and most of those there are."""
    keys = {_entry_key(line) for at in run for line in _lines_of(pieces[at].words)}
    count = sum(places.get(key, -1) >= run.stop for key in keys)
    below = sum(place >= run.stop for place in places.values())
    return count >= max(_MIN_ENTRIES, _MIN_HEADING_SHARE * below)


def _lines_of(words: Sequence[StyledText]) -> Iterator[str]:
    """The lines of a text that have words."""
    for is_break, line in groupby(words, key=lambda word: word is LINE_BREAK):
        text = "" if is_break else "".join(word.text for word in line)
        if text.strip():
            yield text.strip()


def _entry_key(text: str) -> str:
    """The words of a heading or entry without its number."""
    number = section_number(text)
    return " ".join(lowercase_words(text.removeprefix(number) if number else text))
