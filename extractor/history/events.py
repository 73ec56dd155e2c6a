"""Events: what changed between two successive captures of a policy, with the words as evidence.

Every event rests on words that were added or removed. A label that changes while the words stay is no event (see
`tracking`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal

from extractor.history.align import SegmentGroup
from extractor.history.dates import unambiguous_date
from extractor.history.diff import joined_text, word_diff
from extractor.history.facts import Mention, comparable_period, retention_periods, third_parties
from extractor.history.series import address_key, address_of
from extractor.history.tracking import TrackedPassage, TrackedSeries
from extractor.history.wording import CACHED_PASSAGES, DATE_CUE, is_date_line
from extractor.records import PRACTICES, Event, EventKind, Evidence, Polarity, Policy, Practice, Quote, Segment, Side
from extractor.timestamps import parse_timestamp

_MIN_KEPT_SHARE = 0.5  # of the words of either side; if less is kept, the policy was rewritten
_MAX_QUOTES = 5  # for one fact
_RULE_CONFIDENCE = 0.75  # set by hand: what a rule finds in words is less certain than what the alignment is sure of


@dataclass(frozen=True)
class _Step:
    """Two successive captures with their alignment and passages."""

    tracked: TrackedSeries
    index: int  # of the later capture

    @cached_property
    def before(self) -> Policy:
        """The earlier capture."""
        return self.tracked.series.captures[self.index - 1]

    @cached_property
    def after(self) -> Policy:
        """The later capture."""
        return self.tracked.series.captures[self.index]

    @cached_property
    def groups(self) -> tuple[SegmentGroup, ...]:
        """The groups of the alignment that are not cosmetic."""
        return tuple(group for group in self.tracked.alignments[self.index - 1] if not group.cosmetic)

    @cached_property
    def changed(self) -> tuple[SegmentGroup, ...]:
        """The groups in which words were added or removed."""
        return tuple(group for group in self.groups if group.kind not in ("same", "moved"))

    def passages(self, group: SegmentGroup) -> tuple[list[TrackedPassage], list[TrackedPassage]]:
        """The passages of a group before and after."""
        before, after = self.tracked.passages_at[self.index - 1], self.tracked.passages_at[self.index]
        return [before[i] for i in group.before if i in before], [after[j] for j in group.after if j in after]


@dataclass(frozen=True, slots=True)
class _Finding:
    """A future event: quotes and values of both sides, the groups concerned, and the confidence."""

    kind: EventKind
    before: Sequence[Quote] = ()
    after: Sequence[Quote] = ()
    practice: Practice | Literal[""] = ""
    values_before: Sequence[str] = ()
    values_after: Sequence[str] = ()
    groups: Sequence[SegmentGroup] = ()
    similarity: float = 0.0
    note: str = ""
    confidence: float = 1.0


def events_of(tracked: TrackedSeries) -> Iterator[Event]:
    """The events of a policy in order of time; for each pair of captures, first those that concern the whole policy."""
    mentioned = tracked.practices_at(0)
    for index in range(1, len(tracked.series.captures)):
        step = _Step(tracked, index)
        for finding in _findings(step, mentioned):
            yield _event_of(step, finding)
        mentioned |= tracked.practices_at(index)


def _findings(step: _Step, mentioned: set[Practice]) -> Iterator[_Finding]:
    """Everything that changed in a step; `mentioned` are the practices that any earlier capture mentioned."""
    for find in (_moved_policy, _rewrite, _effective_date):
        yield from find(step)
    yield from _practice_events(step, mentioned)
    for find in (_polarity_events, _third_party_events, _retention_events, _rights_events, _passage_events):
        yield from find(step)


def _event_of(step: _Step, finding: _Finding) -> Event:
    """A finding as an event; its segments are those of its quotes and groups."""
    before = {quote.segment for quote in finding.before} | {i for group in finding.groups for i in group.before}
    after = {quote.segment for quote in finding.after} | {j for group in finding.groups for j in group.after}
    series = step.tracked.series
    return Event(
        series.site,
        series.policy,
        series.domain,
        finding.kind,
        Side(step.before.capture.timestamp, tuple(sorted(before))),
        Side(step.after.capture.timestamp, tuple(sorted(after))),
        finding.practice,
        _evidence_of(step, finding),
        _rounded_share(finding.confidence),
    )


def _evidence_of(step: _Step, finding: _Finding) -> Evidence:
    """The evidence of a finding."""
    passages = dict.fromkeys(
        passage.id for group in finding.groups for side in step.passages(group) for passage in side
    )
    return Evidence(
        step.before.id,
        step.after.id,
        tuple(finding.before),
        tuple(finding.after),
        tuple(finding.values_before),
        tuple(finding.values_after),
        tuple(passages),
        _rounded_share(finding.similarity),
        finding.note,
    )


def _rounded_share(value: float) -> float:
    """A share, kept between 0 and 1 and rounded to four places."""
    return round(min(max(value, 0.0), 1.0), 4)


def _moved_policy(step: _Step) -> Iterator[_Finding]:
    """A move of the policy to another address; scheme and a leading www do not matter."""
    old, new = address_of(step.before), address_of(step.after)
    if old and new and address_key(old) != address_key(new):
        sure = step.before.policy == step.after.policy
        note = "" if sure else "Two addresses, taken for one policy since they share wording and follow one another."
        yield _Finding(
            "policy_moved", values_before=[old], values_after=[new], note=note, confidence=1.0 if sure else 0.8
        )


def _rewrite(step: _Step) -> Iterator[_Finding]:
    """A rewrite of the whole policy: less than half of the words of either side are kept."""
    kept = sum(_kept_words(step, group) for group in step.groups)
    left, right = (kept / max(_word_count(*policy.segments), 1) for policy in (step.before, step.after))
    most = max(left, right)
    if step.changed and most < _MIN_KEPT_SHARE:
        note = f"{left:.0%} of the words of the earlier capture are left; they are {right:.0%} of the later one."
        yield _Finding("rewritten", groups=step.changed, similarity=most, note=note, confidence=1 - most)


def _kept_words(step: _Step, group: SegmentGroup) -> float:
    """The number of words that both sides of a group have in common."""
    if not (group.before and group.after):
        return 0.0
    total = _word_count(*(step.before.segments[i] for i in group.before)) + _word_count(
        *(step.after.segments[j] for j in group.after)
    )
    return group.similarity * total / 2


def _word_count(*segments: Segment) -> int:
    """The number of words of some segments."""
    return sum(_count_text_words(segment.text) for segment in segments)


@lru_cache(maxsize=CACHED_PASSAGES)
def _count_text_words(text: str) -> int:
    """The number of words of a text."""
    return len(text.split())


def _effective_date(step: _Step) -> Iterator[_Finding]:
    """A change of the policy's effective date together with its wording, compared with the dates of the captures.

    A new date over the same words does not count: many sites print the day of the visit.
    """
    old, new = _stated_date(step.before), _stated_date(step.after)
    if not (step.changed and old and new and old.value != new.value):
        return
    stated = date.fromisoformat(new.value)
    days = (parse_timestamp(step.after.capture.timestamp).date() - stated).days
    note = f"The later text was captured {days} days after its own date."
    if days < 0:
        note = f"The later text was captured {-days} days before its own date."
    elif stated <= parse_timestamp(step.before.capture.timestamp).date():
        note += " The archive still had the earlier text at that date or after it."
    quotes = list(_quotes_of(step.before, old)), list(_quotes_of(step.after, new))
    yield _Finding("effective_date_changed", *quotes, values_before=[old.value], values_after=[new.value], note=note)


def _stated_date(policy: Policy) -> Mention | None:
    """The date of the first line that only states a date, as YYYY-MM-DD, with the place of the line in the text.

    "Effective" is preferred to "last updated".
    """
    mentions, start = [], 0
    for line in policy.text.split("\n"):
        if day := _date_stated_by(line):
            mentions.append(Mention(day, start, start + len(line)))
        start += len(line) + 1
    return min(mentions, key=lambda mention: not _is_effective(policy.text[mention.start : mention.end]), default=None)


@lru_cache(maxsize=CACHED_PASSAGES)
def _date_stated_by(line: str) -> str:
    """The date of a line that only states a date, as YYYY-MM-DD, "" for other lines."""
    day = unambiguous_date(line) if DATE_CUE.search(line) and is_date_line(line) else None
    return day.isoformat() if day else ""


def _is_effective(line: str) -> bool:
    """Whether a line states when a policy takes effect, rather than when it was changed."""
    return any(cue in line.casefold() for cue in ("effective", "in force", "takes effect"))


def _quotes_of(policy: Policy, mention: Mention) -> Iterator[Quote]:
    """The quote of a place in the policy's text, if it lies within a segment."""
    for segment in policy.segments:
        if segment.start <= mention.start and mention.end <= segment.end:
            yield Quote(segment.index, mention.start, mention.end, policy.text[mention.start : mention.end])


def _practice_events(step: _Step, mentioned: set[Practice]) -> Iterator[_Finding]:
    """Practices that appeared or disappeared with words; `mentioned` are those that any earlier capture mentioned."""
    old, new = step.tracked.practices_at(step.index - 1), step.tracked.practices_at(step.index)
    for name in PRACTICES:
        if name in new and name not in old:
            kind: EventKind = "practice_returned" if name in mentioned else "practice_appeared"
            yield from _practice_event(step, name, kind, added=True)
        elif name in old and name not in new:
            yield from _practice_event(step, name, "practice_disappeared", added=False)


def _practice_event(step: _Step, name: Practice, kind: EventKind, *, added: bool) -> Iterator[_Finding]:
    """The event of a practice, if added (or removed) words carry it; its value is what the capture says about it.

    Confidence: the highest score among those words, times 1 minus the highest on the other side.
    """
    index = step.index - (not added)
    groups = [
        group
        for group in step.changed
        if any(name in passage.practices.get(index, ()) for passage in step.passages(group)[added])
    ]
    if not groups:
        return
    here, there = (step.after, step.before) if added else (step.before, step.after)
    carriers = [
        index
        for group in groups
        for index in (group.after if added else group.before)
        if name in here.segments[index].practices
    ]
    best = max((here.segments[index].scores[name] for index in carriers), default=0.0)
    rival = max((segment.scores[name] for segment in there.segments), default=0.0)
    quotes = [_segment_quote(here, index) for index in carriers]
    said = [step.tracked.polarity_at(index)[name]]
    finding = _Finding(kind, practice=name, groups=groups, confidence=best * (1 - rival))
    yield (
        replace(finding, after=quotes, values_after=said)
        if added
        else replace(finding, before=quotes, values_before=said)
    )


def _polarity_events(step: _Step) -> Iterator[_Finding]:
    """Practices that a passage denied and its next wording does not, or the other way round.

    Both wordings have the practice, and both are clear: "mixed" or "unclear" on either side is no change.
    """
    for group in step.changed:
        for name in PRACTICES:
            old, new = (_carriers(step, group, name, added=added) for added in (False, True))
            sides = _polarity_of(step.before, old, name), _polarity_of(step.after, new, name)
            if set(sides) == {"does", "does_not"}:
                yield _Finding(
                    "polarity_changed",
                    [_segment_quote(step.before, index) for index in old],
                    [_segment_quote(step.after, index) for index in new],
                    practice=name,
                    values_before=[sides[0]],
                    values_after=[sides[1]],
                    groups=[group],
                    similarity=group.similarity,
                    confidence=min(_highest_score(step.before, old, name), _highest_score(step.after, new, name)),
                )


def _carriers(step: _Step, group: SegmentGroup, name: Practice, *, added: bool) -> list[int]:
    """The segments of one side of a group that have a practice, if it is a steady label of its passages."""
    policy, index = (step.after, step.index) if added else (step.before, step.index - 1)
    if not any(name in passage.practices.get(index, ()) for passage in step.passages(group)[added]):
        return []
    return [i for i in (group.after if added else group.before) if name in policy.segments[i].practices]


def _polarity_of(policy: Policy, indexes: Sequence[int], name: Practice) -> Polarity:
    """The polarity of a practice over some segments: that of all of them, else "mixed"; "" without segments."""
    found = {policy.segments[index].polarity[name] for index in indexes}
    return "mixed" if len(found) > 1 else next(iter(found), "")


def _highest_score(policy: Policy, indexes: Sequence[int], name: Practice) -> float:
    """The highest score of a practice among some segments."""
    return max(policy.segments[index].scores[name] for index in indexes)


def _segment_quote(policy: Policy, index: int) -> Quote:
    """A segment as a quote."""
    segment = policy.segments[index]
    return Quote(segment.index, segment.start, segment.end, segment.text)


def _mention_quote(segment: Segment, mention: Mention) -> Quote:
    """The words of a fact as a quote."""
    start, end = segment.start + mention.start, segment.start + mention.end
    return Quote(segment.index, start, end, segment.text[mention.start : mention.end])


_FactFinder = Callable[[Segment], Iterable[Mention]]


def _quotes_by_fact(policy: Policy, indexes: Iterable[int], find: _FactFinder) -> dict[str, list[Quote]]:
    """The quotes of each fact in some segments, the first few of each."""
    found: dict[str, list[Quote]] = {}
    for index in indexes:
        segment = policy.segments[index]
        for mention in find(segment):
            quotes = found.setdefault(mention.value, [])
            if len(quotes) < _MAX_QUOTES:
                quotes.append(_mention_quote(segment, mention))
    return found


def _retention_events(step: _Step) -> Iterator[_Finding]:
    """Passages whose retention periods changed; two weeks and fourteen days are the same."""
    for group in step.changed:
        old, new = (
            _quotes_by_fact(step.before, group.before, retention_periods),
            _quotes_by_fact(step.after, group.after, retention_periods),
        )
        removed, added = _missing_periods(old, new), _missing_periods(new, old)
        if removed or added:
            quotes = (
                [quote for value in removed for quote in old[value]],
                [quote for value in added for quote in new[value]],
            )
            yield _Finding(
                "retention_changed",
                *quotes,
                values_before=removed,
                values_after=added,
                groups=[group],
                confidence=_RULE_CONFIDENCE,
            )


def _missing_periods(values: Iterable[str], others: Iterable[str]) -> list[str]:
    """The periods that are missing among the others."""
    known = {comparable_period(value) for value in others}
    return [value for value in values if comparable_period(value) not in known]


def _third_party_events(step: _Step) -> Iterator[_Finding]:
    """Companies that only one of the two captures names."""
    site = step.tracked.series.domain or step.tracked.series.site
    changed = {i for group in step.changed for i in group.before}, {j for group in step.changed for j in group.after}
    old = _quotes_by_fact(step.before, sorted(changed[0]), lambda segment: third_parties(segment.text, site))
    new = _quotes_by_fact(step.after, sorted(changed[1]), lambda segment: third_parties(segment.text, site))
    texts = [" ".join(segment.text for segment in policy.segments).casefold() for policy in (step.before, step.after)]
    for name, quotes in new.items():
        if name.casefold() not in texts[0]:
            yield _Finding("third_party_appeared", after=quotes, values_after=[name], confidence=_RULE_CONFIDENCE)
    for name, quotes in old.items():
        if name.casefold() not in texts[1]:
            yield _Finding("third_party_disappeared", before=quotes, values_before=[name], confidence=_RULE_CONFIDENCE)


def _rights_events(step: _Step) -> Iterator[_Finding]:
    """Passages on rights whose words changed."""
    for group in step.changed:
        before, after = step.passages(group)
        held = any("rights" in passage.practices.get(step.index - 1, ()) for passage in before)
        if held or any("rights" in passage.practices.get(step.index, ()) for passage in after):
            concerned = [*((step.before, i) for i in group.before), *((step.after, j) for j in group.after)]
            score = max(policy.segments[index].scores["rights"] for policy, index in concerned)
            yield replace(_passage_finding(step, group), kind="rights_changed", practice="rights", confidence=score)


def _passage_events(step: _Step) -> Iterator[_Finding]:
    """The events of all passages that are not the same."""
    return (_passage_finding(step, group) for group in step.groups if group.kind != "same")


def _group_confidence(group: SegmentGroup) -> float:
    """The confidence in the kind of a change: the similarity of both sides, or the distance to the most similar."""
    return 1 - group.similarity if group.kind in ("added", "removed") else group.similarity


def _passage_finding(step: _Step, group: SegmentGroup) -> _Finding:
    """The change of one group: for an edit with the words that differ, else with whole segments."""
    if group.kind == "edited":
        before, after = _edit_quotes(step, group)
    else:
        before, after = (
            [_segment_quote(step.before, i) for i in group.before],
            [_segment_quote(step.after, j) for j in group.after],
        )
    note = "It moved as well." if group.moved and group.kind != "moved" else _return_note(step, group)
    return _Finding(
        _kind_of(group),
        before,
        after,
        groups=[group],
        similarity=group.similarity,
        note=note,
        confidence=_group_confidence(group),
    )


def _kind_of(group: SegmentGroup) -> EventKind:
    """The kind of event of a group. Raises ValueError if it did not change."""
    if group.kind == "same":
        raise ValueError("A group that did not change is not an event.")
    return group.kind


def _return_note(step: _Step, group: SegmentGroup) -> str:
    """The note on an added passage that was there before."""
    if group.kind != "added":
        return ""
    added = step.passages(group)[1]
    earlier = [index for passage in added for index, _ in passage.occurrences if index < step.index]
    return (
        f"It stood here before, last in {step.tracked.series.captures[max(earlier)].capture.timestamp}."
        if earlier
        else ""
    )


def _edit_quotes(step: _Step, group: SegmentGroup) -> tuple[list[Quote], list[Quote]]:
    """The removed and the added words of an edited passage."""
    (i,), (j,) = group.before, group.after
    left, right = step.before.segments[i], step.after.segments[j]
    at_left, at_right = 0, 0
    removed, added = [], []
    for piece in word_diff(joined_text(step.before, [i]), joined_text(step.after, [j])):
        if piece.op == "delete":
            removed.append(_mention_quote(left, Mention("", at_left, at_left + len(piece.before))))
        elif piece.op == "insert":
            added.append(_mention_quote(right, Mention("", at_right, at_right + len(piece.after))))
        at_left, at_right = at_left + len(piece.before), at_right + len(piece.after)
    return removed, added
