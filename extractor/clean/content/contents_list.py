"""Leaves out lists of contents: links to places on the same page, or lines that the headings below repeat.

They are no text of the policy, and would count as if it named every practice once more.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby

from extractor.clean.headings import section_number
from extractor.clean.inline import absolute_url
from extractor.clean.tree import PagePiece
from extractor.records import Block
from extractor.text import ends_sentence, lowercase_words

_MIN_ENTRIES = 3
_MAX_WORD_SHARE = 0.25  # of a page's words, before a list of links: further down, links name what a text refers to
_MIN_HEADING_SHARE = 0.5  # of the headings below a list without links
_MAX_ENTRY_WORDS = 8
_LABEL = re.compile(
    r"(?:(?:table of )?contents|on this page|in this (?:policy|notice|statement|document|page)|jump to|quick links"
    r"|index|sections|topics)\W*",
    re.IGNORECASE,
)
_TEXT_KINDS = ("paragraph", "item")


def without_linked_contents(pieces: Sequence[PagePiece], base: str) -> list[PagePiece]:
    """The pieces of a page without lists of links to places on it. `base` is the URL of the page."""
    ends = list(accumulate([piece.text.count(" ") + 1 for piece in pieces]))
    last = bisect_left(ends, _MAX_WORD_SHARE * ends[-1]) if ends else 0
    links = [_count_place_links(piece, base) for piece in pieces[: last + 1]]
    entries = [bool(count) or _is_short_item(piece) for count, piece in zip(links, pieces, strict=False)]
    runs = [run for run in _runs(entries) if _is_contents(links[run.start : run.stop])]
    omitted = {at for run in runs for at in _with_label(pieces, run)}
    return [piece for at, piece in enumerate(pieces) if at not in omitted]


def _is_short_item(piece: PagePiece) -> bool:
    """Whether a piece may be an entry without a link among others."""
    return piece.kind == "item" and piece.text.count(" ") < _MAX_ENTRY_WORDS and not ends_sentence(piece.text)


def _is_contents(links: Sequence[int]) -> bool:
    """Whether a list with so many links in each of its entries is one of contents."""
    return sum(links) >= _MIN_ENTRIES and 2 * sum(map(bool, links)) >= len(links)


def _with_label(pieces: Sequence[PagePiece], run: range) -> range:
    """The indices of a list of contents, with that of the label above it."""
    is_labelled = run.start > 0 and _LABEL.fullmatch(pieces[run.start - 1].text) is not None
    return range(run.start - is_labelled, run.stop)


def _count_place_links(piece: PagePiece, base: str) -> int:
    """The number of links to places on the page in a text of nothing else, 0 for any other piece."""
    if piece.kind not in _TEXT_KINDS:
        return 0
    targets: list[str] = []
    for text, style in piece.words:
        if any(map(str.isalnum, text)):
            if not _is_place(style.href, base):
                return 0
            targets.append(style.href)
    return sum(1 for _ in groupby(targets))


def _is_place(href: str, base: str) -> bool:
    """Whether a link leads to a place on the page itself."""
    if not href.partition("#")[2]:
        return False
    return href.startswith("#") or absolute_url(href, base).partition("#")[0] == base.partition("#")[0]


def _runs(counts: Sequence[int] | Sequence[bool]) -> Iterator[range]:
    """The runs of indices with a count above 0."""
    end = 0
    for is_counted, run in groupby(counts, key=bool):
        start, end = end, end + sum(1 for _ in run)
        if is_counted:
            yield range(start, end)


def without_named_contents(blocks: Sequence[Block]) -> list[Block]:
    """Blocks without texts whose lines are those of most headings below them."""
    places = {_entry_key(block.text): at for at, block in enumerate(blocks) if block.kind == "heading"}
    named = [_count_named(block, at, places) for at, block in enumerate(blocks)] if places else []
    ordered = sorted(places.values())
    omitted = {at for run in _runs(named) if _names_most(blocks, run, places, ordered) for at in run}
    return [block for at, block in enumerate(blocks) if at not in omitted]


def _count_named(block: Block, at: int, places: Mapping[str, int]) -> int:
    """The number of lines of a text that are headings below it, 0 unless most are."""
    lines = block.text.split("\n") if block.kind in _TEXT_KINDS else []
    count = sum(places.get(_entry_key(line), -1) > at for line in lines)
    return count if 2 * count > len(lines) else 0


def _names_most(blocks: Sequence[Block], run: range, places: Mapping[str, int], ordered: Sequence[int]) -> bool:
    """Whether blocks name several headings below them, and most of those that there are. `ordered` are the places."""
    keys = {_entry_key(line) for at in run for line in blocks[at].text.split("\n")}
    count = sum(places.get(key, -1) >= run.stop for key in keys)
    below = len(ordered) - bisect_left(ordered, run.stop)
    return count >= max(_MIN_ENTRIES, _MIN_HEADING_SHARE * below)


def _entry_key(text: str) -> str:
    """The words of a heading or entry without its number."""
    number = section_number(text)
    return " ".join(lowercase_words(text.removeprefix(number) if number else text))
