"""The alignment of two captures: which passage of the earlier one became which passage of the later one.

1. Passages with the same words are paired. Neighbours and headings decide where a passage occurs more than once.
2. Of the rest, pairs that share rare shingles or have paired neighbours are candidates; not every pair is compared.
3. Candidates become splits and merges, if the shingles of several parts cover one whole; then edits, the most similar
   first.
4. Passages that break the order have moved: as few as possible.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import nlargest

from rapidfuzz.distance import LCSseq

from extractor.history.subsequence import heaviest_increasing_subsequence
from extractor.history.wording import CACHED_PASSAGES, NormalizedSegment, WordTuple, normalize_segment
from extractor.records import Change, Segment

_SHINGLE_WORDS = 3
_MAX_SHINGLE_SEGMENTS = 20  # a shingle of more segments is too common to make candidates
_MAX_CANDIDATES = 8  # of a segment, in each direction
_MIN_SIMILARITY = 0.6  # the share of words in common, for an edit
_MIN_SIMILARITY_IN_PLACE = 0.35  # the same for an edit between the same neighbours under the same heading
_MIN_CONTAINMENT = (
    0.75  # the share of the shorter side's shingles in the longer one, for a shortened or extended passage
)
_MIN_PART_SHARE = 0.6  # the share of a part's shingles that are in the whole
_MIN_NEW_SHARE = 0.2  # the share of these that no larger part has
_MIN_COVERAGE = 0.6  # the share of the whole's shingles that its parts cover
_PASSAGE_WEIGHT = 1_000_000  # in words: fewer moved passages matter more than shorter ones
_MIN_PART_WORDS = 3  # a shorter part is no proof of a split

_Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SegmentGroup:
    """Segments of one capture and what became of them in the other, by their indexes in the two sequences.

    `similarity` is the share of words in common, in order (LCS, Dice); for added and removed segments, that to the most
    similar one on the other side. `moved`: the order or the section changed, whatever else did. `cosmetic`: no
    change worth an event.
    """

    kind: Change
    before: tuple[int, ...]
    after: tuple[int, ...]
    similarity: float = 0.0
    moved: bool = False
    cosmetic: bool = False


@dataclass(slots=True)
class _OpenAlignment:
    """The two captures, the indexes of the segments that are not in a group yet, and the groups found so far."""

    before: list[NormalizedSegment]
    after: list[NormalizedSegment]
    open_before: dict[int, None] = field(default_factory=dict)
    open_after: dict[int, None] = field(default_factory=dict)
    groups: list[SegmentGroup] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open_before = dict.fromkeys(range(len(self.before)))
        self.open_after = dict.fromkeys(range(len(self.after)))

    def close(self, kind: Change, before: Sequence[int], after: Sequence[int], similarity: float) -> None:
        """Adds a group and removes its segments from the open ones."""
        for index in before:
            del self.open_before[index]
        for index in after:
            del self.open_after[index]
        self.groups.append(SegmentGroup(kind, tuple(before), tuple(after), similarity))

    def are_open(self, before: Iterable[int], after: Iterable[int]) -> bool:
        """Whether none of these segments is in a group yet."""
        return all(i in self.open_before for i in before) and all(j in self.open_after for j in after)


def align(before: Sequence[Segment], after: Sequence[Segment]) -> tuple[SegmentGroup, ...]:
    """The groups of the segments of two captures, in order of the later one. Every segment is in exactly one group.

    >>> old = [Segment(0, 0, 22, "We use cookies and you.")]
    >>> [group.kind for group in align(old, old)]
    ['same']
    """
    alignment = _OpenAlignment(
        [normalize_segment(segment) for segment in before], [normalize_segment(segment) for segment in after]
    )
    _pair_same(alignment)
    pairs = list(_candidates(alignment))
    _pair_parts(alignment, pairs)
    _pair_edited(alignment, pairs)
    return _in_reading_order(alignment, [*_with_moves(alignment), *_leftovers(alignment, pairs)])


def _pair_same(alignment: _OpenAlignment) -> None:
    """Pairs segments with the same words: with the same neighbours, then under the same headings, then in order."""
    before, after = _neighbourhoods(alignment.before), _neighbourhoods(alignment.after)
    _pair_by(alignment, before.__getitem__, after.__getitem__)
    _pair_by(
        alignment, lambda i: _heading_and_words(alignment.before[i]), lambda j: _heading_and_words(alignment.after[j])
    )
    _pair_by(
        alignment, lambda i: alignment.before[i].words, lambda j: alignment.after[j].words, equal_counts_only=False
    )


def _neighbourhoods(segments: list[NormalizedSegment]) -> list[tuple[WordTuple, WordTuple, WordTuple]]:
    """The words of each segment, with those of the segments before and after it."""
    words = [(), *(segment.words for segment in segments), ()]
    return list(zip(words, words[1:], words[2:], strict=False))


def _heading_and_words(segment: NormalizedSegment) -> tuple[WordTuple, WordTuple]:
    """The words of a segment with those of its headings."""
    return segment.heading, segment.words


def _pair_by(
    alignment: _OpenAlignment,
    key_before: Callable[[int], Hashable],
    key_after: Callable[[int], Hashable],
    *,
    equal_counts_only: bool = True,
) -> None:
    """Pairs the open segments with the same key, in order; by default only if both sides have equally many."""
    left, right = _indexes_by_key(alignment.open_before, key_before), _indexes_by_key(alignment.open_after, key_after)
    for key, indexes in left.items():
        others = right.get(key, [])
        if len(indexes) == len(others) or not equal_counts_only:
            for i, j in zip(indexes, others, strict=False):
                alignment.close("same", [i], [j], 1.0)


def _indexes_by_key(indexes: Iterable[int], key_of: Callable[[int], Hashable]) -> dict[Hashable, list[int]]:
    """Indexes by their key."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index in indexes:
        found[key_of(index)].append(index)
    return found


@dataclass(frozen=True, slots=True)
class _CandidatePair:
    """Two segments that may be one passage: Dice of the words in common, in order, and the shingles in common.

    `in_place`: they stand next to the same pair, under the same heading.
    """

    before: int
    after: int
    dice: float
    shared: frozenset[WordTuple]
    in_place: bool


def _candidates(alignment: _OpenAlignment) -> Iterator[_CandidatePair]:
    """The pairs of open segments that share rare shingles or have paired neighbours."""
    left = {i: shingles(alignment.before[i].words) for i in alignment.open_before if not alignment.before[i].cosmetic}
    right = {j: shingles(alignment.after[j].words) for j in alignment.open_after if not alignment.after[j].cosmetic}
    in_place = {(i, j) for i, j in _next_to_pairs(alignment) if i in left and j in right}
    pairs = {*_with_shared_shingles(left, right), *((i, j) for j, i in _with_shared_shingles(right, left)), *in_place}
    for i, j in sorted(pairs):
        dice = _similarity(alignment.before[i].words, alignment.after[j].words)
        same_heading = alignment.before[i].heading[-_SHINGLE_WORDS:] == alignment.after[j].heading[-_SHINGLE_WORDS:]
        yield _CandidatePair(i, j, dice, left[i] & right[j], same_heading and (i, j) in in_place)


@lru_cache(maxsize=CACHED_PASSAGES)
def shingles(words: WordTuple) -> frozenset[WordTuple]:
    """The runs of three words in a passage; a shorter passage is its own shingle."""
    return frozenset(words[at : at + _SHINGLE_WORDS] for at in range(max(1, len(words) - _SHINGLE_WORDS + 1)))


def _with_shared_shingles(
    left: dict[int, frozenset[WordTuple]], right: dict[int, frozenset[WordTuple]]
) -> Iterator[_Pair]:
    """For each segment on the left, the few on the right that share most of its rare shingles."""
    index: dict[WordTuple, list[int]] = defaultdict(list)
    for j, found in right.items():
        for shingle in found:
            index[shingle].append(j)
    for i, found in left.items():
        votes: dict[int, int] = {}  # a Counter takes twice as long
        for shingle in found:
            holders = index.get(shingle, ())
            if len(holders) <= _MAX_SHINGLE_SEGMENTS:
                for j in holders:
                    votes[j] = votes.get(j, 0) + 1
        for j in nlargest(_MAX_CANDIDATES, votes, key=lambda j: (votes[j], -j)):
            yield i, j


def _next_to_pairs(alignment: _OpenAlignment) -> Iterator[_Pair]:
    """Pairs of open segments that stand next to a pair already found, on the same side of it."""
    for group in alignment.groups:
        i, j = group.before[0], group.after[0]
        for step in (-1, 1):
            if i + step in alignment.open_before and j + step in alignment.open_after:
                yield i + step, j + step


def _similarity(left: WordTuple, right: WordTuple) -> float:
    """The share of words that two passages have in common, in order: 2·LCS / (number of words on both sides)."""
    total = len(left) + len(right)
    return 2 * LCSseq.similarity(left, right) / total if total else 1.0


def _pair_parts(alignment: _OpenAlignment, pairs: list[_CandidatePair]) -> None:
    """Groups the splits and merges, the most complete first."""
    splits = _possible_splits(
        alignment.before, alignment.after, [(pair.before, pair.after, pair.shared) for pair in pairs]
    )
    merges = _possible_splits(
        alignment.after, alignment.before, [(pair.after, pair.before, pair.shared) for pair in pairs]
    )
    found = [(cover, "split", [whole], parts) for cover, whole, parts in splits]
    found += [(cover, "merged", parts, [whole]) for cover, whole, parts in merges]
    for _, kind, before, after in sorted(found, key=lambda entry: (-entry[0], entry[1:])):
        if alignment.are_open(before, after):
            words = _joined(alignment.before, before), _joined(alignment.after, after)
            alignment.close("split" if kind == "split" else "merged", before, after, _similarity(*words))


def _possible_splits(
    wholes: list[NormalizedSegment],
    candidates: list[NormalizedSegment],
    pairs: list[tuple[int, int, frozenset[WordTuple]]],
) -> Iterator[tuple[float, int, list[int]]]:
    """Segments that consist of several on the other side: (share that these cover, index, indexes of the parts)."""
    parts: dict[int, dict[int, frozenset[WordTuple]]] = defaultdict(dict)
    for whole, part, common in pairs:
        if _is_part(candidates[part].words, wholes[whole].words, common):
            parts[whole][part] = common
    for whole, shared in parts.items():
        found, covered = _contributing_parts(shared)
        cover = covered / len(shingles(wholes[whole].words))
        if len(found) > 1 and cover >= _MIN_COVERAGE:
            yield cover, whole, found


def _contributing_parts(shared: dict[int, frozenset[WordTuple]]) -> tuple[list[int], int]:
    """The parts that each add to what larger ones cover, in order, and the number of shingles they cover together."""
    found: list[int] = []
    covered: set[WordTuple] = set()
    for part, shingles_of_part in sorted(shared.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        if len(shingles_of_part - covered) >= _MIN_NEW_SHARE * len(shingles_of_part):
            found.append(part)
            covered |= shingles_of_part
    return sorted(found), len(covered)


def _is_part(part: WordTuple, whole: WordTuple, shared: frozenset[WordTuple]) -> bool:
    """Whether a longer passage contains most of a passage."""
    return _MIN_PART_WORDS <= len(part) < len(whole) and len(shared) >= _MIN_PART_SHARE * len(shingles(part))


def _joined(segments: list[NormalizedSegment], indexes: Iterable[int]) -> WordTuple:
    """The words of several segments, joined."""
    return tuple(word for index in indexes for word in segments[index].words)


def _pair_edited(alignment: _OpenAlignment, pairs: list[_CandidatePair]) -> None:
    """Pairs the candidates that are similar enough to be one passage in other words, the most similar first."""
    for pair in sorted(pairs, key=lambda pair: (-pair.dice, abs(pair.before - pair.after), pair.before)):
        if alignment.are_open([pair.before], [pair.after]) and _is_edit(alignment, pair):
            alignment.close("edited", [pair.before], [pair.after], pair.dice)


def _is_edit(alignment: _OpenAlignment, pair: _CandidatePair) -> bool:
    """Whether two candidates are one passage that was edited."""
    if pair.dice >= (_MIN_SIMILARITY_IN_PLACE if pair.in_place else _MIN_SIMILARITY):
        return True
    shorter = min(alignment.before[pair.before].words, alignment.after[pair.after].words, key=len)
    return len(shorter) > _SHINGLE_WORDS and len(pair.shared) >= _MIN_CONTAINMENT * len(shingles(shorter))


def _with_moves(alignment: _OpenAlignment) -> Iterator[SegmentGroup]:
    """The groups found so far, with `moved` and `cosmetic` set."""
    found = sorted(
        (group for group in alignment.groups if not _is_cosmetic(alignment, group)), key=lambda group: group.before
    )
    weights = [_PASSAGE_WEIGHT + sum(len(alignment.before[i].words) for i in group.before) for group in found]
    in_order = heaviest_increasing_subsequence([group.after[0] for group in found], weights)
    sections = _heading_paths(alignment)
    for number, group in enumerate(found):
        moved = number not in in_order or _changed_section(alignment, group, sections)
        kind: Change = "moved" if moved and group.kind == "same" else group.kind
        yield SegmentGroup(kind, group.before, group.after, group.similarity, moved)
    for group in alignment.groups:
        if _is_cosmetic(alignment, group):
            yield SegmentGroup("same", group.before, group.after, 1.0, cosmetic=True)


def _is_cosmetic(alignment: _OpenAlignment, group: SegmentGroup) -> bool:
    """Whether all segments of a group are cosmetic."""
    return all(alignment.before[i].cosmetic for i in group.before) and all(
        alignment.after[j].cosmetic for j in group.after
    )


def _heading_paths(alignment: _OpenAlignment) -> tuple[set[WordTuple], set[WordTuple]]:
    """The heading paths of both captures."""
    return {segment.heading for segment in alignment.before}, {segment.heading for segment in alignment.after}


def _changed_section(
    alignment: _OpenAlignment, group: SegmentGroup, sections: tuple[set[WordTuple], set[WordTuple]]
) -> bool:
    """Whether a passage went to another section. A section that was renamed is still the same."""
    left, right = alignment.before[group.before[0]].heading, alignment.after[group.after[0]].heading
    return left != right and left in sections[1] and right in sections[0]


def _leftovers(alignment: _OpenAlignment, pairs: list[_CandidatePair]) -> Iterator[SegmentGroup]:
    """Segments without a counterpart, as removed or added, with their similarity to the most similar one."""
    nearest: dict[tuple[str, int], float] = defaultdict(float)
    for pair in pairs:
        for end in (("before", pair.before), ("after", pair.after)):
            nearest[end] = max(nearest[end], pair.dice)
    for i in alignment.open_before:
        yield SegmentGroup("removed", (i,), (), nearest["before", i], cosmetic=alignment.before[i].cosmetic)
    for j in alignment.open_after:
        yield SegmentGroup("added", (), (j,), nearest["after", j], cosmetic=alignment.after[j].cosmetic)


def _in_reading_order(alignment: _OpenAlignment, groups: list[SegmentGroup]) -> tuple[SegmentGroup, ...]:
    """Groups in order of the later capture. A removed segment comes within its section, else at its former place."""
    counterpart = {i: group.after[0] for group in groups if group.after for i in group.before}
    indexes_under: dict[WordTuple, list[int]] = defaultdict(list)
    for j, segment in enumerate(alignment.after):
        indexes_under[segment.heading].append(j)
    ends = _section_ends(alignment.after)
    last, keys = -1, {}
    for i, segment in enumerate(alignment.before):
        last = counterpart.get(i, last)
        section = indexes_under[segment.heading]
        at = bisect_right(section, last)
        if segment.heading == _heading_at(alignment.after, last) or last < 0:
            keys[i] = last
        else:
            keys[i] = section[at] - 1 if at < len(section) else ends[last]

    def key(group: SegmentGroup) -> tuple[int, int, tuple[int, ...]]:
        return (group.after[0], 0, ()) if group.after else (keys[group.before[0]], 1, group.before)

    return tuple(sorted(groups, key=key))


def _heading_at(segments: list[NormalizedSegment], index: int) -> WordTuple | None:
    """The heading path of a segment; None before the first."""
    return segments[index].heading if index >= 0 else None


def _section_ends(segments: list[NormalizedSegment]) -> list[int]:
    """For each segment, the index of the last one that follows under the same heading path."""
    ends = list(range(len(segments)))
    for index in range(len(segments) - 2, -1, -1):
        if segments[index].heading == segments[index + 1].heading:
            ends[index] = ends[index + 1]
    return ends
