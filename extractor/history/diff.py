"""The differences between two captures, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import Indel

from extractor.errors import UsageError
from extractor.history.align import SegmentGroup, align
from extractor.history.wording import WordTuple, normalized_words
from extractor.records import Change, Policy

_TOKEN = re.compile(r"\w+(?:['’]\w+)*\W*|\W+")
_MAX_ISLAND_WORDS = 1  # in common between two changes: so few are shown as changed
_MAX_WORD_PAIRS = 100_000_000  # a table of so many bits is 12 MB; a longer passage is shown as changed as a whole
_CACHED_TOKENS = 20_000
_SEPARATOR = "\n\n"  # between segments of one side

_Op = Literal["equal", "delete", "insert"]


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A run of words. An equal one has both texts, which may differ in typography; a deletion or insertion has one."""

    op: _Op
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DiffRow:
    """Segments of two captures that belong together, and their words.

    The `before` texts of the pieces, joined, are the segments of `before` with blank lines between them; `after`
    likewise.
    """

    kind: Change
    moved: bool
    cosmetic: bool
    before: tuple[int, ...]
    after: tuple[int, ...]
    headings: tuple[str, ...]
    pieces: tuple[DiffPiece, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Two captures of a policy side by side, in order of the later one; `before` and `after` are record ids."""

    site: str
    policy: str
    domain: str
    before: str
    after: str
    before_timestamp: str
    after_timestamp: str
    rows: tuple[DiffRow, ...]


def diff(before: Policy, after: Policy) -> Diff:
    """The differences between two captures, down to the word."""
    rows = tuple(_row_of(group, before, after) for group in align(before.segments, after.segments))
    times = before.capture.timestamp, after.capture.timestamp
    return Diff(after.site, after.policy, after.domain, before.id, after.id, *times, rows)


def _row_of(group: SegmentGroup, before: Policy, after: Policy) -> DiffRow:
    """A group of segments as a row."""
    sides = joined_text(before, group.before), joined_text(after, group.after)
    first = after.segments[group.after[0]] if group.after else before.segments[group.before[0]]
    fields = group.kind, group.moved, group.cosmetic, group.before, group.after
    return DiffRow(*fields, first.headings, tuple(word_diff(*sides)))


def joined_text(policy: Policy, indexes: Sequence[int]) -> str:
    """The texts of some segments, joined by blank lines."""
    return _SEPARATOR.join(policy.segments[index].text for index in indexes)


def word_diff(before: str, after: str) -> Iterator[DiffPiece]:
    """The pieces that turn one text into the other; a deletion comes before the insertion that takes its place.

    >>> [(piece.op, piece.before, piece.after) for piece in word_diff("We keep it a year.", "We keep it two years.")]
    [('equal', 'We keep it ', 'We keep it '), ('delete', 'a year.', ''), ('insert', '', 'two years.')]
    """
    left, right = _TOKEN.findall(before), _TOKEN.findall(after)
    keys = [_token_key(token) for token in left], [_token_key(token) for token in right]
    for op, i1, i2, j1, j2 in _stretches(*keys):
        old, new = "".join(left[i1:i2]), "".join(right[j1:j2])
        if op == "equal":
            yield DiffPiece("equal", old, new)
            continue
        yield from [DiffPiece("delete", old, "")] if old else []
        yield from [DiffPiece("insert", "", new)] if new else []


@lru_cache(maxsize=_CACHED_TOKENS)
def _token_key(token: str) -> WordTuple:
    """What two tokens that count as equal have in common."""
    return normalized_words(token)


_Stretch = tuple[str, int, int, int, int]


def _stretches(left: Sequence[WordTuple], right: Sequence[WordTuple]) -> Iterator[_Stretch]:
    """Equal and changed stretches in turn, each with its start and end on the left and on the right."""
    if len(left) * len(right) > _MAX_WORD_PAIRS:
        yield "changed", 0, len(left), 0, len(right)
        return
    operations = list(Indel.opcodes(left, right))
    changed: _Stretch | None = None
    for number, step in enumerate(operations):
        i1, i2, j1, j2 = step.src_start, step.src_end, step.dest_start, step.dest_end
        inner = 0 < number < len(operations) - 1
        if step.tag == "equal" and not (inner and i2 - i1 <= _MAX_ISLAND_WORDS):
            yield from [changed] if changed else []
            changed = None
            yield "equal", i1, i2, j1, j2
        else:
            start = changed or ("changed", i1, i1, j1, j1)
            changed = ("changed", start[1], i2, start[3], j2)
    yield from [changed] if changed else []


def apply_pieces(before: str, pieces: Sequence[DiffPiece]) -> str:
    """The later text of a row, from the earlier one. Raises UsageError if the pieces are of another text."""
    at = 0
    for piece in pieces:
        if not before.startswith(piece.before, at):
            raise UsageError(f"The diff is of another text: it expects {piece.before[:40]!r} at character {at}.")
        at += len(piece.before)
    if at != len(before):
        raise UsageError(f"The diff is of another text: it ends at character {at} of {len(before)}.")
    return "".join(piece.after for piece in pieces)
