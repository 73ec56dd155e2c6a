"""Lines of descent: each passage has an identity from capture to capture, whatever its place or wording.

A passage goes on through what is the same, edited or moved; of a split the longest piece goes on and the others begin,
of a merge the longest part goes on and the others end. What was removed and comes back word for word is the same
passage again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from extractor.history.align import Group, align
from extractor.history.lines import Line
from extractor.history.wording import Words, is_navigation, words_of
from extractor.records import PRACTICES, Appearance, Passage, Policy, Practice, Segment, Version

_MARGIN = 0.2  # an edit whose score moved less does not change the label: the text did not, only the threshold's side


@dataclass(slots=True)
class Thread:
    """A passage while it is followed: (place of the capture in the line, segment) in order of time."""

    steps: list[tuple[int, Segment]] = field(default_factory=list)
    parents: list[Thread] = field(default_factory=list)
    holds: dict[int, frozenset[Practice]] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True)
class Descent:
    """A line with its alignments: `groups[k]` is between captures k and k+1, `threads[k]` by segment in capture k."""

    line: Line
    groups: tuple[tuple[Group, ...], ...]
    threads: tuple[dict[int, Thread], ...]
    all_threads: tuple[Thread, ...]


@dataclass(slots=True)
class _Trace:
    """What is known while a line is followed: all passages, those that are gone by their words, and the rows so far."""

    captures: Sequence[Policy]
    made: list[Thread] = field(default_factory=list)
    gone: dict[Words, Thread] = field(default_factory=dict)
    rows: list[dict[int, Thread]] = field(default_factory=list)


def descend(line: Line) -> Descent:
    """Follows the passages of a line."""
    groups = tuple(align(before.segments, after.segments) for before, after in pairwise(line.captures))
    trace = _Trace(line.captures)
    first = (segment for segment in line.captures[0].segments if _says(segment))
    trace.rows.append({segment.index: _begin(trace, 0, segment) for segment in first})
    for found in groups:
        trace.rows.append(_follow(trace, [group for group in found if not group.cosmetic]))
    for thread in trace.made:
        thread.id = _identity(line, thread)
        thread.holds = _steady_practices(thread)
    return Descent(line, groups, tuple(trace.rows), tuple(trace.made))


def _says(segment: Segment) -> bool:
    """Whether a segment says something, so that it is a passage."""
    return bool(words_of(segment.text)) and not is_navigation(segment)


def _begin(trace: _Trace, place: int, segment: Segment, parents: Iterable[Thread] = ()) -> Thread:
    """A new passage."""
    trace.made.append(Thread([(place, segment)], list(parents)))
    return trace.made[-1]


def _follow(trace: _Trace, groups: Sequence[Group]) -> dict[int, Thread]:
    """The passages of the next capture by segment: those that go on, come back or begin."""
    row = trace.rows[-1]
    ends = [[row[index] for index in group.before if index in row] for group in groups]
    for group, before in zip(groups, ends, strict=True):
        if not group.after:
            trace.gone.update((words_of(thread.steps[-1][1].text), thread) for thread in before)
    found: dict[int, Thread] = {}
    for group, before in zip(groups, ends, strict=True):
        found.update(_heirs(trace, group, before))
    return found


def _heirs(trace: _Trace, group: Group, before: Sequence[Thread]) -> Iterator[tuple[int, Thread]]:
    """The passages of one group in the next capture: the longest goes on in the longest."""
    place = len(trace.rows)
    segments = [trace.captures[place].segments[index] for index in group.after]
    chief = _longest(segments)
    for number, segment in enumerate(segments):
        if before and number == chief:
            thread = before[_longest([one.steps[-1][1] for one in before])]
            thread.parents += [one for one in before if one is not thread]
            thread.steps.append((place, segment))
        else:
            thread = _come_back(trace, place, segment, before) or _begin(trace, place, segment, before)
        yield segment.index, thread


def _come_back(trace: _Trace, place: int, segment: Segment, before: Sequence[Thread]) -> Thread | None:
    """The passage of these words that was gone, if there is one and the segment has no other origin."""
    thread = None if before else trace.gone.pop(words_of(segment.text), None)
    if thread:
        thread.steps.append((place, segment))
    return thread


def _longest(segments: Sequence[Segment]) -> int:
    """The place of the longest segment, the first of several; 0 where there is none."""
    return max(range(len(segments)), key=lambda place: len(segments[place].text), default=0)


def _identity(line: Line, thread: Thread) -> str:
    """A passage's identity: the same whenever its first capture is in the corpus, whatever comes later."""
    place, segment = thread.steps[0]
    words = "\n".join((line.domain, line.policy, line.captures[place].capture.timestamp, str(segment.index)))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _steady_practices(thread: Thread) -> dict[int, frozenset[Practice]]:
    """The practices of a passage in each capture by place: one answer a wording, none that a threshold made."""
    holds: dict[int, frozenset[Practice]] = {}
    last: frozenset[Practice] | None = None
    means: dict[Practice, float] = {}
    for _, steps in _wordings(thread):
        segments = [segment for _, segment in steps]
        voted = frozenset(name for name in PRACTICES if _majority(name, segments))
        now = {name: _mean_score(name, segments) for name in PRACTICES}
        if last is not None:
            wavering = {name for name in voted ^ last if abs(now[name] - means[name]) < _MARGIN}
            voted = voted ^ wavering
        holds.update((place, voted) for place, _ in steps)
        last, means = voted, now
    return holds


def _wordings(thread: Thread) -> list[tuple[Words, list[tuple[int, Segment]]]]:
    """The steps of a passage by wording, in order."""
    return [(words, list(steps)) for words, steps in groupby(thread.steps, key=lambda step: words_of(step[1].text))]


def _majority(name: Practice, segments: Sequence[Segment]) -> bool:
    """Whether at least half of the captures of one wording have a label."""
    return 2 * sum(name in segment.practices for segment in segments) >= len(segments)


def _mean_score(name: Practice, segments: Sequence[Segment]) -> float:
    """The mean score of a label over the captures of one wording."""
    return sum(segment.scores[name] for segment in segments) / len(segments)


def passages_of(descent: Descent) -> list[Passage]:
    """The passages of a line, as records."""
    return [_passage_of(descent.line, thread) for thread in descent.all_threads]


def _passage_of(line: Line, thread: Thread) -> Passage:
    """A passage as a record."""
    times = [line.captures[place].capture.timestamp for place, _ in thread.steps]
    versions = tuple(_version_of(line, thread, steps) for _, steps in _wordings(thread))
    parents = tuple(dict.fromkeys(parent.id for parent in thread.parents))
    return Passage(thread.id, line.domain, line.policy, times[0], times[-1], versions, parents)


def _version_of(line: Line, thread: Thread, steps: Sequence[tuple[int, Segment]]) -> Version:
    """One wording of a passage as a record."""
    captures = tuple(
        Appearance(line.captures[place].capture.timestamp, segment.index, segment.practices) for place, segment in steps
    )
    practices = tuple(name for name in PRACTICES if name in thread.holds[steps[0][0]])
    return Version(steps[0][1].text, practices, captures)
