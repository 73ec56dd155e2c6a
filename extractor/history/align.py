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

SHINGLE = 3  # words
COMMON = 20  # a shingle of more segments tells nothing
CANDIDATES = 8  # that are looked at for a segment, in each direction
ALIKE = 0.6  # of the words both sides share, for an edit
ALIKE_IN_PLACE = 0.35  # the same where both stand between the same neighbours under one heading
CONTAINED = 0.75  # of the shorter side's shingles in the longer, for a passage cut short or grown
PIECE = 0.6  # of a piece's shingles in the whole
NEW = 0.2  # of a piece's shingles in the whole that no other piece has
WHOLE = 0.6  # of the whole's shingles in its pieces
PASSAGE = 1_000_000  # words: that few passages moved counts for more than that they are short
FEWEST_WORDS = 3  # a shorter piece is no proof of a split

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Segments of one capture and what became of them in the other, by their places in the two sequences.

    `similarity` is the share of words in common, in order (LCS, Dice). `moved` says that the order or the section
    changed, whatever else did; `cosmetic` that nothing of it is a change worth telling. Of what was added or removed
    `similarity` is that to the nearest on the other side.
    """

    kind: Change
    before: tuple[int, ...]
    after: tuple[int, ...]
    similarity: float = 0.0
    moved: bool = False
    cosmetic: bool = False


@dataclass(slots=True)
class Sides:
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
    sides = Sides([read(segment) for segment in before], [read(segment) for segment in after])
    pair_same(sides)
    pairs = list(candidates(sides))
    pair_parts(sides, pairs)
    pair_edited(sides, pairs)
    return ordered(sides, [*with_moves(sides), *leftovers(sides, pairs)])


def pair_same(sides: Sides) -> None:
    """Pairs what is worded the same: with its neighbours, else under its heading, else in order."""
    before, after = neighbourhoods(sides.before), neighbourhoods(sides.after)
    pair_by(sides, before.__getitem__, after.__getitem__)
    pair_by(sides, lambda i: placed(sides.before[i]), lambda j: placed(sides.after[j]))
    pair_by(sides, lambda i: sides.before[i].words, lambda j: sides.after[j].words, all_of_them=False)


def neighbourhoods(readings: list[Reading]) -> list[tuple[Words, Words, Words]]:
    """The words of each segment with those before and after it."""
    words = [(), *(reading.words for reading in readings), ()]
    return list(zip(words, words[1:], words[2:], strict=False))


def placed(reading: Reading) -> tuple[Words, Words]:
    """The words of a segment with those of its headings."""
    return reading.heading, reading.words


def pair_by(
    sides: Sides,
    key_before: Callable[[int], Hashable],
    key_after: Callable[[int], Hashable],
    *,
    all_of_them: bool = True,
) -> None:
    """Pairs, in order, the open segments of one key; `all_of_them`: only where both sides have as many."""
    left, right = gathered(sides.open_before, key_before), gathered(sides.open_after, key_after)
    for key, indexes in left.items():
        others = right.get(key, [])
        if len(indexes) == len(others) or not all_of_them:
            for i, j in zip(indexes, others, strict=False):
                sides.close("same", [i], [j], 1.0)


def gathered(indexes: Iterable[int], key_of: Callable[[int], Hashable]) -> dict[Hashable, list[int]]:
    """Indexes by their key."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index in indexes:
        found[key_of(index)].append(index)
    return found


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two segments are: Dice of the words in common order, and the shingles in common."""

    before: int
    after: int
    dice: float
    shared: frozenset[Words]
    in_place: bool


def candidates(sides: Sides) -> Iterator[Likeness]:
    """The pairs of open segments worth a look: they share rare shingles, or stand in one place."""
    left = {i: shingles(sides.before[i].words) for i in sides.open_before if not sides.before[i].cosmetic}
    right = {j: shingles(sides.after[j].words) for j in sides.open_after if not sides.after[j].cosmetic}
    in_place = {(i, j) for i, j in same_places(sides) if i in left and j in right}
    pairs = {*sharing(left, right), *((i, j) for j, i in sharing(right, left)), *in_place}
    for i, j in sorted(pairs):
        dice = similarity(sides.before[i].words, sides.after[j].words)
        same_heading = sides.before[i].heading[-SHINGLE:] == sides.after[j].heading[-SHINGLE:]
        yield Likeness(i, j, dice, left[i] & right[j], same_heading and (i, j) in in_place)


def shingles(words: Words) -> frozenset[Words]:
    """The runs of three words in a passage; a shorter one is its own."""
    return frozenset(words[at : at + SHINGLE] for at in range(max(1, len(words) - SHINGLE + 1)))


def sharing(left: dict[int, frozenset[Words]], right: dict[int, frozenset[Words]]) -> Iterator[Pair]:
    """For each on the left the few on the right that share most of its rare shingles."""
    index: dict[Words, list[int]] = defaultdict(list)
    for j, found in right.items():
        for shingle in found:
            index[shingle].append(j)
    for i, found in left.items():
        votes: Counter[int] = Counter()
        for shingle in found:
            holders = index.get(shingle, ())
            if len(holders) <= COMMON:
                votes.update(holders)
        for j in nlargest(CANDIDATES, votes, key=lambda j: (votes[j], -j)):
            yield i, j


def same_places(sides: Sides) -> Iterator[Pair]:
    """Open segments that stand next to a pair already found, on the same side of it."""
    for group in sides.groups:
        i, j = group.before[0], group.after[0]
        for step in (-1, 1):
            if i + step in sides.open_before and j + step in sides.open_after:
                yield i + step, j + step


def similarity(left: Words, right: Words) -> float:
    """The share of words that two passages have in common order: 2·LCS / (number of words on both sides)."""
    total = len(left) + len(right)
    return 2 * LCSseq.similarity(left, right) / total if total else 1.0


def pair_parts(sides: Sides, pairs: list[Likeness]) -> None:
    """Groups splits and merges, the most complete first."""
    splits = wholes(sides.before, sides.after, [(pair.before, pair.after, pair.shared) for pair in pairs])
    merges = wholes(sides.after, sides.before, [(pair.after, pair.before, pair.shared) for pair in pairs])
    found = [(cover, "split", [whole], parts) for cover, whole, parts in splits]
    found += [(cover, "merged", parts, [whole]) for cover, whole, parts in merges]
    for _, kind, before, after in sorted(found, key=lambda entry: (-entry[0], entry[1:])):
        if sides.are_open(before, after):
            words = joined(sides.before, before), joined(sides.after, after)
            sides.close("split" if kind == "split" else "merged", before, after, similarity(*words))


def wholes(
    whole_side: list[Reading], part_side: list[Reading], pairs: list[tuple[int, int, frozenset[Words]]]
) -> Iterator[tuple[float, int, list[int]]]:
    """The segments that several pieces on the other side make up, each with the share that the pieces cover."""
    parts: dict[int, dict[int, frozenset[Words]]] = defaultdict(dict)
    for whole, part, common in pairs:
        if is_part(part_side[part].words, whole_side[whole].words, common):
            parts[whole][part] = common
    for whole, shared in parts.items():
        found, covered = contributing(shared)
        cover = covered / len(shingles(whole_side[whole].words))
        if len(found) > 1 and cover >= WHOLE:
            yield cover, whole, found


def contributing(shared: dict[int, frozenset[Words]]) -> tuple[list[int], int]:
    """The pieces that each add to what larger ones cover, in order, and the number of shingles they cover together."""
    found: list[int] = []
    covered: set[Words] = set()
    for part, shingles_of_part in sorted(shared.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        if len(shingles_of_part - covered) >= NEW * len(shingles_of_part):
            found.append(part)
            covered |= shingles_of_part
    return sorted(found), len(covered)


def is_part(part: Words, whole: Words, shared: frozenset[Words]) -> bool:
    """Whether most of a passage stands in a longer one."""
    return FEWEST_WORDS <= len(part) < len(whole) and len(shared) >= PIECE * len(shingles(part))


def joined(readings: list[Reading], indexes: Iterable[int]) -> Words:
    """The words of several segments in a row."""
    return tuple(word for index in indexes for word in readings[index].words)


def pair_edited(sides: Sides, pairs: list[Likeness]) -> None:
    """Pairs what is alike enough to be one passage in another wording, the likest first."""
    for pair in sorted(pairs, key=lambda pair: (-pair.dice, abs(pair.before - pair.after), pair.before)):
        if sides.are_open([pair.before], [pair.after]) and is_edit(sides, pair):
            sides.close("edited", [pair.before], [pair.after], pair.dice)


def is_edit(sides: Sides, pair: Likeness) -> bool:
    """Whether two segments are one passage, edited."""
    if pair.dice >= (ALIKE_IN_PLACE if pair.in_place else ALIKE):
        return True
    shorter = min(sides.before[pair.before].words, sides.after[pair.after].words, key=len)
    return len(shorter) > SHINGLE and len(pair.shared) >= CONTAINED * len(shingles(shorter))


def with_moves(sides: Sides) -> Iterator[Group]:
    """The groups found so far, each with whether it moved."""
    found = sorted((group for group in sides.groups if not is_cosmetic(sides, group)), key=lambda group: group.before)
    weights = [PASSAGE + len(joined(sides.before, group.before)) for group in found]
    in_order = heaviest_rise([group.after[0] for group in found], weights)
    sections = heading_sets(sides)
    for place, group in enumerate(found):
        moved = place not in in_order or changed_section(sides, group, sections)
        kind: Change = "moved" if moved and group.kind == "same" else group.kind
        yield Group(kind, group.before, group.after, group.similarity, moved)
    for group in sides.groups:
        if is_cosmetic(sides, group):
            yield Group("same", group.before, group.after, 1.0, cosmetic=True)


def is_cosmetic(sides: Sides, group: Group) -> bool:
    """Whether no segment of a group says anything."""
    return all(sides.before[i].cosmetic for i in group.before) and all(sides.after[j].cosmetic for j in group.after)


def heading_sets(sides: Sides) -> tuple[set[Words], set[Words]]:
    """The heading paths of both captures."""
    return {reading.heading for reading in sides.before}, {reading.heading for reading in sides.after}


def changed_section(sides: Sides, group: Group, sections: tuple[set[Words], set[Words]]) -> bool:
    """Whether a passage went to another section; not where the section was given another heading."""
    left, right = sides.before[group.before[0]].heading, sides.after[group.after[0]].heading
    return left != right and left in sections[1] and right in sections[0]


def leftovers(sides: Sides, pairs: list[Likeness]) -> Iterator[Group]:
    """What has no counterpart: removed, or added; with its likeness to what comes nearest."""
    nearest: dict[tuple[str, int], float] = defaultdict(float)
    for pair in pairs:
        for end in (("before", pair.before), ("after", pair.after)):
            nearest[end] = max(nearest[end], pair.dice)
    for i in sides.open_before:
        yield Group("removed", (i,), (), nearest["before", i], cosmetic=sides.before[i].cosmetic)
    for j in sides.open_after:
        yield Group("added", (), (j,), nearest["after", j], cosmetic=sides.after[j].cosmetic)


def ordered(sides: Sides, groups: list[Group]) -> tuple[Group, ...]:
    """Groups in order of the later capture; what was removed before what came under its heading, else at its place."""
    counterpart = {i: group.after[0] for group in groups if group.after for i in group.before}
    under: dict[Words, list[int]] = defaultdict(list)
    for j, reading in enumerate(sides.after):
        under[reading.heading].append(j)
    ends = section_ends(sides.after)
    last, keys = -1, {}
    for i, reading in enumerate(sides.before):
        last = counterpart.get(i, last)
        held = under[reading.heading]
        at = bisect_right(held, last)
        if reading.heading == heading_at(sides.after, last) or last < 0:
            keys[i] = last
        else:
            keys[i] = held[at] - 1 if at < len(held) else ends[last]

    def key(group: Group) -> tuple[int, int, tuple[int, ...]]:
        return (group.after[0], 0, ()) if group.after else (keys[group.before[0]], 1, group.before)

    return tuple(sorted(groups, key=key))


def heading_at(readings: list[Reading], index: int) -> Words | None:
    """The heading path of a segment; None before the first."""
    return readings[index].heading if index >= 0 else None


def section_ends(readings: list[Reading]) -> list[int]:
    """For each segment the last one that follows under the same heading path."""
    ends = list(range(len(readings)))
    for index in range(len(readings) - 2, -1, -1):
        if readings[index].heading == readings[index + 1].heading:
            ends[index] = ends[index + 1]
    return ends
