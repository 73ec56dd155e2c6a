"""What differs between two captures, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

from extractor.errors import UsageError
from extractor.history.align import Group, align
from extractor.history.wording import Words, words_in
from extractor.records import Change, Policy

_TOKEN = re.compile(r"\w+(?:['’]\w+)*\W*|\W+")
_ISLAND = 1  # words in common that lie between changes and are no more: shown as changed, since they part nothing
_LARGEST = (
    100_000_000  # pairs of words: a table of so many bits is 12 MB; a longer passage is shown as changed as a whole
)
_BETWEEN = "\n\n"  # segments of one side

_Op = Literal["equal", "delete", "insert"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words. An equal one has both texts, which may differ in typography; the others have one and ""."""

    op: _Op
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    """Segments of two captures that belong together, side by side, and their words.

    The `before` texts of the pieces, in a row, are the segments of `before` joined by a blank line; so on the other
    side.
    """

    kind: Change
    moved: bool
    cosmetic: bool
    before: tuple[int, ...]
    after: tuple[int, ...]
    headings: tuple[str, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Two captures of a policy side by side, in order of the later one; `before` and `after` are record ids."""

    domain: str
    before: str
    after: str
    before_timestamp: str
    after_timestamp: str
    rows: tuple[Row, ...]


def diff(before: Policy, after: Policy) -> Diff:
    """What differs between two captures, down to the word."""
    rows = tuple(_row_of(group, before, after) for group in align(before.segments, after.segments))
    times = before.capture.timestamp, after.capture.timestamp
    return Diff(after.domain, before.id, after.id, *times, rows)


def _row_of(group: Group, before: Policy, after: Policy) -> Row:
    """A group of segments with its words."""
    sides = text_of(before, group.before), text_of(after, group.after)
    first = after.segments[group.after[0]] if group.after else before.segments[group.before[0]]
    same_order = group.kind, group.moved, group.cosmetic, group.before, group.after
    return Row(*same_order, first.headings, tuple(pieces_of(*sides)))


def text_of(policy: Policy, indexes: Sequence[int]) -> str:
    """The text of some segments."""
    return _BETWEEN.join(policy.segments[index].text for index in indexes)


def pieces_of(before: str, after: str) -> Iterator[Piece]:
    """The pieces that lead from one text to the other, a deletion before the insertion that takes its place.

    >>> [(piece.op, piece.before, piece.after) for piece in pieces_of("We keep it a year.", "We keep it two years.")]
    [('equal', 'We keep it ', 'We keep it '), ('delete', 'a year.', ''), ('insert', '', 'two years.')]
    """
    left, right = _TOKEN.findall(before), _TOKEN.findall(after)
    keys = [words_in(token) for token in left], [words_in(token) for token in right]
    for op, i1, i2, j1, j2 in _runs(*keys):
        old, new = "".join(left[i1:i2]), "".join(right[j1:j2])
        if op == "equal":
            yield Piece("equal", old, new)
            continue
        yield from [Piece("delete", old, "")] if old else []
        yield from [Piece("insert", "", new)] if new else []


_Run = tuple[str, int, int, int, int]


def _runs(left: Sequence[Words], right: Sequence[Words]) -> Iterator[_Run]:
    """Equal and changed stretches by turns, each with its borders on the left and on the right."""
    if len(left) * len(right) > _LARGEST:
        yield "changed", 0, len(left), 0, len(right)
        return
    operations = list(Indel.opcodes(left, right))
    changed: _Run | None = None
    for place, step in enumerate(operations):
        i1, i2, j1, j2 = step.src_start, step.src_end, step.dest_start, step.dest_end
        inner = 0 < place < len(operations) - 1
        if step.tag == "equal" and not (inner and i2 - i1 <= _ISLAND):
            yield from [changed] if changed else []
            changed = None
            yield "equal", i1, i2, j1, j2
        else:
            start = changed or ("changed", i1, i1, j1, j1)
            changed = ("changed", start[1], i2, start[3], j2)
    yield from [changed] if changed else []


def patched(before: str, pieces: Sequence[Piece]) -> str:
    """The later text of a row, from the earlier one. Raises UsageError where the pieces are of another text."""
    at = 0
    for piece in pieces:
        if not before.startswith(piece.before, at):
            raise UsageError(f"The diff is of another text: it expects {piece.before[:40]!r} at character {at}.")
        at += len(piece.before)
    if at != len(before):
        raise UsageError(f"The diff is of another text: it ends at character {at} of {len(before)}.")
    return "".join(piece.after for piece in pieces)
