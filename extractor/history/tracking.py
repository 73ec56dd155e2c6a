"""Tracking of passages: each keeps its identity from capture to capture, wherever it stands and however it is edited.

A passage continues through segments that are the same, edited or moved. Of a split, the longest part continues the
passage and the others are new; of a merge, the longest part continues and the others end. A passage that was removed
and comes back word for word is the same one again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from extractor.history.align import SegmentGroup, align
from extractor.history.series import CaptureSeries
from extractor.history.wording import WordTuple, is_navigation, significant_words
from extractor.records import (
    PRACTICES,
    Appearance,
    Passage,
    Policy,
    Practice,
    PracticePolarity,
    Segment,
    Version,
    no_polarity,
)
from extractor.stances import combined_polarity, practice_stances

_MIN_SCORE_CHANGE = 0.2  # of an edit that changes a label; a smaller one only crossed the threshold

_Occurrence = tuple[int, Segment]  # the index of the capture, and the segment


@dataclass(slots=True)
class TrackedPassage:
    """A passage with its occurrences in order of time, and its practices by the index of the capture.

    `polarity` has what the passage says about each of these practices, also by the index of the capture.
    """

    occurrences: list[_Occurrence] = field(default_factory=list)
    parents: list[TrackedPassage] = field(default_factory=list)
    practices: dict[int, frozenset[Practice]] = field(default_factory=dict)
    polarity: dict[int, PracticePolarity] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True)
class TrackedSeries:
    """The captures of a policy with their alignments and passages.

    `alignments[k]` is between captures k and k + 1; `passages_at[k]` are the passages of capture k by segment.
    """

    series: CaptureSeries
    alignments: tuple[tuple[SegmentGroup, ...], ...]
    passages_at: tuple[dict[int, TrackedPassage], ...]
    passages: tuple[TrackedPassage, ...]

    def practices_at(self, index: int) -> set[Practice]:
        """The practices that a capture mentions, by the steady labels of its passages."""
        return {name for passage in self.passages_at[index].values() for name in passage.practices[index]}

    def polarity_at(self, index: int) -> PracticePolarity:
        """What a capture says about each practice, all its passages taken together; "" if it does not mention it."""
        said = [passage.polarity[index] for passage in self.passages_at[index].values()]
        found = no_polarity()
        for name in PRACTICES:
            found[name] = combined_polarity(one[name] for one in said)
        return found


@dataclass(slots=True)
class _Tracker:
    """The state of tracking: all passages so far, the removed ones by their words, and those of each capture."""

    captures: Sequence[Policy]
    passages: list[TrackedPassage] = field(default_factory=list)
    removed: dict[WordTuple, TrackedPassage] = field(default_factory=dict)
    passages_at: list[dict[int, TrackedPassage]] = field(default_factory=list)


def track_passages(series: CaptureSeries) -> TrackedSeries:
    """Aligns each capture with the one before and follows the passages."""
    alignments = tuple(align(before.segments, after.segments) for before, after in pairwise(series.captures))
    tracker = _Tracker(series.captures)
    first = (segment for segment in series.captures[0].segments if _is_passage(segment))
    tracker.passages_at.append({segment.index: _start_passage(tracker, 0, segment) for segment in first})
    for groups in alignments:
        tracker.passages_at.append(_follow_groups(tracker, [group for group in groups if not group.cosmetic]))
    for passage in tracker.passages:
        passage.id = _passage_id(series, passage)
        passage.practices = _steady_practices(passage)
        passage.polarity = _steady_polarity(passage)
    return TrackedSeries(series, alignments, tuple(tracker.passages_at), tuple(tracker.passages))


def _is_passage(segment: Segment) -> bool:
    """Whether a segment is a passage: it has words that count and is not navigation."""
    return bool(significant_words(segment.text)) and not is_navigation(segment)


def _start_passage(
    tracker: _Tracker, index: int, segment: Segment, parents: Iterable[TrackedPassage] = ()
) -> TrackedPassage:
    """A new passage."""
    tracker.passages.append(TrackedPassage([(index, segment)], list(parents)))
    return tracker.passages[-1]


def _follow_groups(tracker: _Tracker, groups: Sequence[SegmentGroup]) -> dict[int, TrackedPassage]:
    """The passages of the next capture by segment: continued, resumed or new."""
    last = tracker.passages_at[-1]
    before = [[last[index] for index in group.before if index in last] for group in groups]
    for group, passages in zip(groups, before, strict=True):
        if not group.after:
            tracker.removed.update((_last_words(passage), passage) for passage in passages)
    found: dict[int, TrackedPassage] = {}
    for group, passages in zip(groups, before, strict=True):
        found.update(_continue_group(tracker, group, passages))
    return found


def _last_words(passage: TrackedPassage) -> WordTuple:
    """The words of a passage at its last occurrence."""
    return significant_words(passage.occurrences[-1][1].text)


def _continue_group(
    tracker: _Tracker, group: SegmentGroup, before: Sequence[TrackedPassage]
) -> Iterator[tuple[int, TrackedPassage]]:
    """The passages of one group in the next capture: the longest one continues in the longest segment."""
    index = len(tracker.passages_at)
    segments = [tracker.captures[index].segments[number] for number in group.after]
    longest = _longest_index(segments)
    for number, segment in enumerate(segments):
        if before and number == longest:
            passage = before[_longest_index([one.occurrences[-1][1] for one in before])]
            passage.parents += [one for one in before if one is not passage]
            passage.occurrences.append((index, segment))
        else:
            passage = _resume_passage(tracker, index, segment, before) or _start_passage(
                tracker, index, segment, before
            )
        yield segment.index, passage


def _resume_passage(
    tracker: _Tracker, index: int, segment: Segment, before: Sequence[TrackedPassage]
) -> TrackedPassage | None:
    """The removed passage with the same words, if there is one and the segment has no other origin."""
    passage = None if before else tracker.removed.pop(significant_words(segment.text), None)
    if passage:
        passage.occurrences.append((index, segment))
    return passage


def _longest_index(segments: Sequence[Segment]) -> int:
    """The index of the longest segment, the first of several; 0 if there are no segments."""
    return max(range(len(segments)), key=lambda index: len(segments[index].text), default=0)


def _passage_id(series: CaptureSeries, passage: TrackedPassage) -> str:
    """The identity of a passage. It depends on the first occurrence only, so later captures do not change it."""
    index, segment = passage.occurrences[0]
    words = "\n".join((series.site, series.policy, series.captures[index].capture.timestamp, str(segment.index)))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _steady_practices(passage: TrackedPassage) -> dict[int, frozenset[Practice]]:
    """The practices of a passage by capture: the same for one wording, and changed only by a clear change of score."""
    found: dict[int, frozenset[Practice]] = {}
    last: frozenset[Practice] | None = None
    last_scores: dict[Practice, float] = {}
    for occurrences in _wordings(passage):
        segments = [segment for _, segment in occurrences]
        practices = frozenset(name for name in PRACTICES if _majority(name, segments))
        scores = {name: _mean_score(name, segments) for name in PRACTICES}
        if last is not None:
            changed = practices ^ last
            practices ^= {name for name in changed if abs(scores[name] - last_scores[name]) < _MIN_SCORE_CHANGE}
        found.update((index, practices) for index, _ in occurrences)
        last, last_scores = practices, scores
    return found


def _steady_polarity(passage: TrackedPassage) -> dict[int, PracticePolarity]:
    """What a passage says about its practices by capture: the same for one wording.

    Where a wording has a practice only because the wording before it had it, it keeps its polarity as well.
    """
    found: dict[int, PracticePolarity] = {}
    last = no_polarity()
    for occurrences in _wordings(passage):
        stances = practice_stances(segment for _, segment in occurrences)
        polarity = no_polarity()
        for name in passage.practices[occurrences[0][0]]:
            polarity[name] = stances[name].polarity or last[name] or "unclear"
        found.update((index, polarity) for index, _ in occurrences)
        last = polarity
    return found


def _wordings(passage: TrackedPassage) -> list[list[_Occurrence]]:
    """The occurrences of a passage, grouped by wording, in order."""
    return [list(run) for _, run in groupby(passage.occurrences, key=lambda one: significant_words(one[1].text))]


def _majority(name: Practice, segments: Sequence[Segment]) -> bool:
    """Whether at least half of the segments have a label."""
    return 2 * sum(name in segment.practices for segment in segments) >= len(segments)


def _mean_score(name: Practice, segments: Sequence[Segment]) -> float:
    """The mean score of a label over some segments."""
    return sum(segment.scores[name] for segment in segments) / len(segments)


def passage_records(tracked: TrackedSeries) -> list[Passage]:
    """The passages of a policy as records."""
    return [_passage_record(tracked.series, passage) for passage in tracked.passages]


def _passage_record(series: CaptureSeries, passage: TrackedPassage) -> Passage:
    """A passage as a record."""
    times = [series.captures[index].capture.timestamp for index, _ in passage.occurrences]
    versions = tuple(_version_record(series, passage, occurrences) for occurrences in _wordings(passage))
    parents = tuple(dict.fromkeys(parent.id for parent in passage.parents))
    names = series.site, series.policy, series.domain
    return Passage(passage.id, *names, times[0], times[-1], versions, parents)


def _version_record(series: CaptureSeries, passage: TrackedPassage, occurrences: Sequence[_Occurrence]) -> Version:
    """One wording of a passage as a record."""
    captures = tuple(
        Appearance(
            series.captures[index].capture.timestamp, segment.index, segment.practices, series.captures[index].id
        )
        for index, segment in occurrences
    )
    index = occurrences[0][0]
    practices = tuple(name for name in PRACTICES if name in passage.practices[index])
    return Version(occurrences[0][1].text, practices, passage.polarity[index], captures)
