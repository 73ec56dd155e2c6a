"""Which passage of one capture is which of another.

First what is worded the same, told apart by neighbours and headings where it stands several times. Then, among the
rest, pairs that share rare shingles or a place between passages already found; so no pass over all pairs is made. Of
these first splits and merges, where the shingles of several pieces make up one whole, then edits, the likest first.
Last, what broke the order has moved: as few passages as explain it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from rapidfuzz.distance import LCSseq

from extractor.history.order import heaviest_rise
from extractor.history.wording import Reading, Words, read
from extractor.records import Change, Segment

_SHINGLE = 3  # words
_COMMON = 20  # a shingle of more segments tells nothing
_CANDIDATES = 8  # that are looked at for a segment, in each direction
_ALIKE = 0.6  # of the words both sides share, for an edit
_ALIKE_IN_PLACE = 0.35  # the same where both stand between the same neighbours under one heading
_CONTAINED = 0.75  # of the shorter side's shingles in the longer, for a passage cut short or grown
_PIECE = 0.6  # of a piece's shingles in the whole
_NEW = 0.2  # of a piece's shingles in the whole that no other piece has
_WHOLE = 0.6  # of the whole's shingles in its pieces
_PASSAGE = 1_000_000  # words: that few passages moved counts for more than that they are short
_FEWEST_WORDS = 3  # a shorter piece is no proof of a split

_Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Segments of one capture and what became of them in the other, by their places in the two sequences.

    `_similarity` is the share of words in common, in order (LCS, Dice). `moved` says that the order or the section
    changed, whatever else did; `cosmetic` that nothing of it is a change worth telling. Of what was added or removed
    `_similarity` is that to the nearest on the other side.
    """

    kind: Change
    before: tuple[int, ...]
    after: tuple[int, ...]
    similarity: float = 0.0
    moved: bool = False
    cosmetic: bool = False


@dataclass(slots=True)
class _Sides:
    """The two captures, and what of them has not found its counterpart yet."""

    before: list[Reading]
    after: list[Reading]
    open_before: dict[int, None] = field(default_factory=dict)
    open_after: dict[int, None] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open_before = dict.fromkeys(range(len(self.before)))
        self.open_after = dict.fromkeys(range(len(self.after)))

    def close(self, kind: Change, before: Sequence[int], after: Sequence[int], similarity: float) -> None:
        """Puts segments into a group."""
        for index in before:
            del self.open_before[index]
        for index in after:
            del self.open_after[index]
        self.groups.append(Group(kind, tuple(before), tuple(after), similarity))

    def are_open(self, before: Iterable[int], after: Iterable[int]) -> bool:
        """Whether none of these is in a group yet."""
        return all(i in self.open_before for i in before) and all(j in self.open_after for j in after)


def align(before: Sequence[Segment], after: Sequence[Segment]) -> tuple[Group, ...]:
    """The groups that two captures' segments fall into; every segment is in exactly one. In order of the later capture.

    >>> old = [Segment(0, 0, 22, "We use cookies and you.")]
    >>> [group.kind for group in align(old, old)]
    ['same']
    """
    sides = _Sides([read(segment) for segment in before], [read(segment) for segment in after])
    _pair_same(sides)
    pairs = list(_candidates(sides))
    _pair_parts(sides, pairs)
    _pair_edited(sides, pairs)
    return _ordered(sides, [*_with_moves(sides), *_leftovers(sides, pairs)])


def _pair_same(sides: _Sides) -> None:
    """Pairs what is worded the same: with its neighbours, else under its heading, else in order."""
    before, after = _neighbourhoods(sides.before), _neighbourhoods(sides.after)
    _pair_by(sides, before.__getitem__, after.__getitem__)
    _pair_by(sides, lambda i: _placed(sides.before[i]), lambda j: _placed(sides.after[j]))
    _pair_by(sides, lambda i: sides.before[i].words, lambda j: sides.after[j].words, all_of_them=False)


def _neighbourhoods(readings: list[Reading]) -> list[tuple[Words, Words, Words]]:
    """The words of each segment with those before and after it."""
    words = [(), *(reading.words for reading in readings), ()]
    return list(zip(words, words[1:], words[2:], strict=False))


def _placed(reading: Reading) -> tuple[Words, Words]:
    """The words of a segment with those of its headings."""
    return reading.heading, reading.words


def _pair_by(
    sides: _Sides,
    key_before: Callable[[int], Hashable],
    key_after: Callable[[int], Hashable],
    *,
    all_of_them: bool = True,
) -> None:
    """Pairs, in order, the open segments of one key; `all_of_them`: only where both sides have as many."""
    left, right = _gathered(sides.open_before, key_before), _gathered(sides.open_after, key_after)
    for key, indexes in left.items():
        others = right.get(key, [])
        if len(indexes) == len(others) or not all_of_them:
            for i, j in zip(indexes, others, strict=False):
                sides.close("same", [i], [j], 1.0)


def _gathered(indexes: Iterable[int], key_of: Callable[[int], Hashable]) -> dict[Hashable, list[int]]:
    """Indexes by their key."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index in indexes:
        found[key_of(index)].append(index)
    return found


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How alike two segments are: Dice of the words in common order, and the shingles in common."""

    before: int
    after: int
    dice: float
    shared: frozenset[Words]
    in_place: bool


def _candidates(sides: _Sides) -> Iterator[_Likeness]:
    """The pairs of open segments worth a look: they share rare shingles, or stand in one place."""
    left = {i: shingles(sides.before[i].words) for i in sides.open_before if not sides.before[i].cosmetic}
    right = {j: shingles(sides.after[j].words) for j in sides.open_after if not sides.after[j].cosmetic}
    in_place = {(i, j) for i, j in _same_places(sides) if i in left and j in right}
    pairs = {*_sharing(left, right), *((i, j) for j, i in _sharing(right, left)), *in_place}
    for i, j in sorted(pairs):
        dice = _similarity(sides.before[i].words, sides.after[j].words)
        same_heading = sides.before[i].heading[-_SHINGLE:] == sides.after[j].heading[-_SHINGLE:]
        yield _Likeness(i, j, dice, left[i] & right[j], same_heading and (i, j) in in_place)


def shingles(words: Words) -> frozenset[Words]:
    """The runs of three words in a passage; a shorter one is its own."""
    return frozenset(words[at : at + _SHINGLE] for at in range(max(1, len(words) - _SHINGLE + 1)))


def _sharing(left: dict[int, frozenset[Words]], right: dict[int, frozenset[Words]]) -> Iterator[_Pair]:
    """For each on the left the few on the right that share most of its rare shingles."""
    index: dict[Words, list[int]] = defaultdict(list)
    for j, found in right.items():
        for shingle in found:
            index[shingle].append(j)
    for i, found in left.items():
        votes: Counter[int] = Counter()
        for shingle in found:
            holders = index.get(shingle, ())
            if len(holders) <= _COMMON:
                votes.update(holders)
        for j in nlargest(_CANDIDATES, votes, key=lambda j: (votes[j], -j)):
            yield i, j


def _same_places(sides: _Sides) -> Iterator[_Pair]:
    """Open segments that stand next to a pair already found, on the same side of it."""
    for group in sides.groups:
        i, j = group.before[0], group.after[0]
        for step in (-1, 1):
            if i + step in sides.open_before and j + step in sides.open_after:
                yield i + step, j + step


def _similarity(left: Words, right: Words) -> float:
    """The share of words that two passages have in common order: 2·LCS / (number of words on both sides)."""
    total = len(left) + len(right)
    return 2 * LCSseq.similarity(left, right) / total if total else 1.0


def _pair_parts(sides: _Sides, pairs: list[_Likeness]) -> None:
    """Groups splits and merges, the most complete first."""
    splits = _wholes(sides.before, sides.after, [(pair.before, pair.after, pair.shared) for pair in pairs])
    merges = _wholes(sides.after, sides.before, [(pair.after, pair.before, pair.shared) for pair in pairs])
    found = [(cover, "split", [whole], parts) for cover, whole, parts in splits]
    found += [(cover, "merged", parts, [whole]) for cover, whole, parts in merges]
    for _, kind, before, after in sorted(found, key=lambda entry: (-entry[0], entry[1:])):
        if sides.are_open(before, after):
            words = _joined(sides.before, before), _joined(sides.after, after)
            sides.close("split" if kind == "split" else "merged", before, after, _similarity(*words))


def _wholes(
    whole_side: list[Reading], part_side: list[Reading], pairs: list[tuple[int, int, frozenset[Words]]]
) -> Iterator[tuple[float, int, list[int]]]:
    """The segments that several pieces on the other side make up, each with the share that the pieces cover."""
    parts: dict[int, dict[int, frozenset[Words]]] = defaultdict(dict)
    for whole, part, common in pairs:
        if _is_part(part_side[part].words, whole_side[whole].words, common):
            parts[whole][part] = common
    for whole, shared in parts.items():
        found, covered = _contributing(shared)
        cover = covered / len(shingles(whole_side[whole].words))
        if len(found) > 1 and cover >= _WHOLE:
            yield cover, whole, found


def _contributing(shared: dict[int, frozenset[Words]]) -> tuple[list[int], int]:
    """The pieces that each add to what larger ones cover, in order, and the number of shingles they cover together."""
    found: list[int] = []
    covered: set[Words] = set()
    for part, shingles_of_part in sorted(shared.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        if len(shingles_of_part - covered) >= _NEW * len(shingles_of_part):
            found.append(part)
            covered |= shingles_of_part
    return sorted(found), len(covered)


def _is_part(part: Words, whole: Words, shared: frozenset[Words]) -> bool:
    """Whether most of a passage stands in a longer one."""
    return _FEWEST_WORDS <= len(part) < len(whole) and len(shared) >= _PIECE * len(shingles(part))


def _joined(readings: list[Reading], indexes: Iterable[int]) -> Words:
    """The words of several segments in a row."""
    return tuple(word for index in indexes for word in readings[index].words)


def _pair_edited(sides: _Sides, pairs: list[_Likeness]) -> None:
    """Pairs what is alike enough to be one passage in another wording, the likest first."""
    for pair in sorted(pairs, key=lambda pair: (-pair.dice, abs(pair.before - pair.after), pair.before)):
        if sides.are_open([pair.before], [pair.after]) and _is_edit(sides, pair):
            sides.close("edited", [pair.before], [pair.after], pair.dice)


def _is_edit(sides: _Sides, pair: _Likeness) -> bool:
    """Whether two segments are one passage, edited."""
    if pair.dice >= (_ALIKE_IN_PLACE if pair.in_place else _ALIKE):
        return True
    shorter = min(sides.before[pair.before].words, sides.after[pair.after].words, key=len)
    return len(shorter) > _SHINGLE and len(pair.shared) >= _CONTAINED * len(shingles(shorter))


def _with_moves(sides: _Sides) -> Iterator[Group]:
    """The groups found so far, each with whether it moved."""
    found = sorted((group for group in sides.groups if not _is_cosmetic(sides, group)), key=lambda group: group.before)
    weights = [_PASSAGE + len(_joined(sides.before, group.before)) for group in found]
    in_order = heaviest_rise([group.after[0] for group in found], weights)
    sections = _heading_sets(sides)
    for place, group in enumerate(found):
        moved = place not in in_order or _changed_section(sides, group, sections)
        kind: Change = "moved" if moved and group.kind == "same" else group.kind
        yield Group(kind, group.before, group.after, group.similarity, moved)
    for group in sides.groups:
        if _is_cosmetic(sides, group):
            yield Group("same", group.before, group.after, 1.0, cosmetic=True)


def _is_cosmetic(sides: _Sides, group: Group) -> bool:
    """Whether no segment of a group says anything."""
    return all(sides.before[i].cosmetic for i in group.before) and all(sides.after[j].cosmetic for j in group.after)


def _heading_sets(sides: _Sides) -> tuple[set[Words], set[Words]]:
    """The heading paths of both captures."""
    return {reading.heading for reading in sides.before}, {reading.heading for reading in sides.after}


def _changed_section(sides: _Sides, group: Group, sections: tuple[set[Words], set[Words]]) -> bool:
    """Whether a passage went to another section; not where the section was given another heading."""
    left, right = sides.before[group.before[0]].heading, sides.after[group.after[0]].heading
    return left != right and left in sections[1] and right in sections[0]


def _leftovers(sides: _Sides, pairs: list[_Likeness]) -> Iterator[Group]:
    """What has no counterpart: removed, or added; with its likeness to what comes nearest."""
    nearest: dict[tuple[str, int], float] = defaultdict(float)
    for pair in pairs:
        for end in (("before", pair.before), ("after", pair.after)):
            nearest[end] = max(nearest[end], pair.dice)
    for i in sides.open_before:
        yield Group("removed", (i,), (), nearest["before", i], cosmetic=sides.before[i].cosmetic)
    for j in sides.open_after:
        yield Group("added", (), (j,), nearest["after", j], cosmetic=sides.after[j].cosmetic)


def _ordered(sides: _Sides, groups: list[Group]) -> tuple[Group, ...]:
    """Groups in order of the later capture; what was removed before what came under its heading, else at its place."""
    counterpart = {i: group.after[0] for group in groups if group.after for i in group.before}
    under: dict[Words, list[int]] = defaultdict(list)
    for j, reading in enumerate(sides.after):
        under[reading.heading].append(j)
    ends = _section_ends(sides.after)
    last, keys = -1, {}
    for i, reading in enumerate(sides.before):
        last = counterpart.get(i, last)
        held = under[reading.heading]
        at = bisect_right(held, last)
        if reading.heading == _heading_at(sides.after, last) or last < 0:
            keys[i] = last
        else:
            keys[i] = held[at] - 1 if at < len(held) else ends[last]

    def key(group: Group) -> tuple[int, int, tuple[int, ...]]:
        return (group.after[0], 0, ()) if group.after else (keys[group.before[0]], 1, group.before)

    return tuple(sorted(groups, key=key))


def _heading_at(readings: list[Reading], index: int) -> Words | None:
    """The heading path of a segment; None before the first."""
    return readings[index].heading if index >= 0 else None


def _section_ends(readings: list[Reading]) -> list[int]:
    """For each segment the last one that follows under the same heading path."""
    ends = list(range(len(readings)))
    for index in range(len(readings) - 2, -1, -1):
        if readings[index].heading == readings[index + 1].heading:
            ends[index] = ends[index + 1]
    return ends
