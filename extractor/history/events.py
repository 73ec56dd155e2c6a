"""Events: what changed between two successive captures of a policy, with the words it rests on.

Every event rests on words that came or went. A label that changes over the same words is none (`steady_practices`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from extractor.history.align import Group
from extractor.history.dates import date_in, day_of
from extractor.history.descent import Descent, Thread
from extractor.history.diff import pieces_of, text_of
from extractor.history.facts import Mention, parties, periods, same_period
from extractor.history.lines import address_key, address_of
from extractor.history.wording import DATING_CUE, is_dating
from extractor.records import PRACTICES, Event, EventKind, Evidence, Polarity, Policy, Practice, Quote, Segment, Side

_REWRITTEN = 0.5  # of the words of either side: where less is left, the policy was rewritten
_QUOTES = 5  # of one fact
_BY_WORDS = 0.75  # set by hand: what a rule reads from words comes after what the alignment is sure of


@dataclass(frozen=True)
class _Step:
    """Two successive captures with their alignment, and where the passages of both lead."""

    descent: Descent
    place: int  # of the later capture in the line

    @cached_property
    def before(self) -> Policy:
        """The earlier capture."""
        return self.descent.line.captures[self.place - 1]

    @cached_property
    def after(self) -> Policy:
        """The later capture."""
        return self.descent.line.captures[self.place]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The alignment, without what is cosmetic."""
        return tuple(group for group in self.descent.groups[self.place - 1] if not group.cosmetic)

    @cached_property
    def changed(self) -> tuple[Group, ...]:
        """The groups in which words came or went."""
        return tuple(group for group in self.groups if group.kind not in ("same", "moved"))

    def threads(self, group: Group) -> tuple[list[Thread], list[Thread]]:
        """The passages of a group, before and after."""
        before, after = self.descent.threads[self.place - 1], self.descent.threads[self.place]
        return [before[i] for i in group.before if i in before], [after[j] for j in group.after if j in after]


@dataclass(frozen=True, slots=True)
class _Finding:
    """What is to become an event: the quotes and values of both sides, the groups concerned, and how sure it is."""

    kind: EventKind
    before: Sequence[Quote] = ()
    after: Sequence[Quote] = ()
    practice: Practice | Literal[""] = ""
    values_before: Sequence[str] = ()
    values_after: Sequence[str] = ()
    groups: Sequence[Group] = ()
    similarity: float = 0.0
    note: str = ""
    confidence: float = 1.0


def events_of(descent: Descent) -> Iterator[Event]:
    """The events of a policy in order of time; for each pair of captures, first what concerns all of it."""
    seen = _practices_at(descent, 0)
    for place in range(1, len(descent.line.captures)):
        step = _Step(descent, place)
        for finding in _findings(step, seen):
            yield _event_of(step, finding)
        seen |= _practices_at(descent, place)


def _findings(step: _Step, seen: set[Practice]) -> Iterator[_Finding]:
    """All that changed in a step; `seen` are the practices that any capture before spoke of."""
    for find in (_moved_policy, _rewritten, _effective_date):
        yield from find(step)
    yield from _practice_events(step, seen)
    for find in (_polarity_events, _third_parties, _retention, _rights, _passage_events):
        yield from find(step)


def _event_of(step: _Step, found: _Finding) -> Event:
    """A finding as an event; the segments on both sides are those that its quotes, or its groups, stand in."""
    before = {quote.segment for quote in found.before} | {i for group in found.groups for i in group.before}
    after = {quote.segment for quote in found.after} | {j for group in found.groups for j in group.after}
    line = step.descent.line
    return Event(
        line.domain,
        line.policy,
        found.kind,
        Side(step.before.capture.timestamp, tuple(sorted(before))),
        Side(step.after.capture.timestamp, tuple(sorted(after))),
        found.practice,
        _evidence_of(step, found),
        _within_one(found.confidence),
    )


def _evidence_of(step: _Step, found: _Finding) -> Evidence:
    """What a finding rests on."""
    passages = dict.fromkeys(thread.id for group in found.groups for side in step.threads(group) for thread in side)
    return Evidence(
        step.before.id,
        step.after.id,
        tuple(found.before),
        tuple(found.after),
        tuple(found.values_before),
        tuple(found.values_after),
        tuple(passages),
        _within_one(found.similarity),
        found.note,
    )


def _within_one(value: float) -> float:
    """A share, rounded to four places."""
    return round(min(max(value, 0.0), 1.0), 4)


def _moved_policy(step: _Step) -> Iterator[_Finding]:
    """The site moved its policy: another address, whatever the scheme and a leading www."""
    old, new = address_of(step.before), address_of(step.after)
    if address_key(old) != address_key(new):
        sure = step.before.capture.requested == step.after.capture.requested
        note = "" if sure else "Two targets, taken for one policy since they share wording and follow one another."
        yield _Finding(
            "policy_moved", values_before=[old], values_after=[new], note=note, confidence=1.0 if sure else 0.8
        )


def _rewritten(step: _Step) -> Iterator[_Finding]:
    """A wholesale rewrite: of neither side half the words are left."""
    kept = sum(_kept_words(step, group) for group in step.groups)
    left, right = (kept / max(_words_count(*policy.segments), 1) for policy in (step.before, step.after))
    most = max(left, right)
    if step.changed and most < _REWRITTEN:
        note = f"{left:.0%} of the words of the earlier capture are left; they are {right:.0%} of the later one."
        yield _Finding("rewritten", groups=step.changed, similarity=most, note=note, confidence=1 - most)


def _kept_words(step: _Step, group: Group) -> float:
    """The number of words that both sides of a group have."""
    if not (group.before and group.after):
        return 0.0
    total = _words_count(*(step.before.segments[i] for i in group.before)) + _words_count(
        *(step.after.segments[j] for j in group.after)
    )
    return group.similarity * total / 2


def _words_count(*segments: Segment) -> int:
    """The number of words of some segments."""
    return sum(len(segment.text.split()) for segment in segments)


def _effective_date(step: _Step) -> Iterator[_Finding]:
    """The date that the policy says it is of, where it changed with the wording, against the dates of the captures.

    A new date over the same words is none: many sites print the day of the visit.
    """
    old, new = _stated_date(step.before), _stated_date(step.after)
    if not (step.changed and old and new and old.value != new.value):
        return
    captured = day_of(step.after.capture.timestamp)
    days = (captured - day_of(new.value.replace("-", ""))).days
    note = f"The later text was captured {days} days after its own date."
    if days < 0:
        note = f"The later text was captured {-days} days before its own date."
    elif new.value.replace("-", "") <= step.before.capture.timestamp[:8]:
        note += " The archive still had the earlier text at that date or after it."
    quotes = list(_own_quotes(step.before, old)), list(_own_quotes(step.after, new))
    yield _Finding("effective_date_changed", *quotes, values_before=[old.value], values_after=[new.value], note=note)


def _stated_date(policy: Policy) -> Mention | None:
    """The date of the first line that only dates the policy, as YYYY-MM-DD, with the line's place in the text.

    "Effective" goes before "last updated".
    """
    found, at = [], 0
    for line in policy.text.split("\n"):
        if DATING_CUE.search(line) and is_dating(line) and (day := date_in(line)):
            found.append(Mention(day.isoformat(), at, at + len(line)))
        at += len(line) + 1
    return min(found, key=lambda mention: not _is_effective(policy.text[mention.start : mention.end]), default=None)


def _is_effective(line: str) -> bool:
    """Whether a line says from when on a policy holds, rather than when it was changed."""
    return any(cue in line.casefold() for cue in ("effective", "in force", "takes effect"))


def _own_quotes(policy: Policy, mention: Mention) -> Iterator[Quote]:
    """The quote of a place in the policy's text, where a segment holds it."""
    for segment in policy.segments:
        if segment.start <= mention.start and mention.end <= segment.end:
            yield Quote(segment.index, mention.start, mention.end, policy.text[mention.start : mention.end])


def _practices_at(descent: Descent, place: int) -> set[Practice]:
    """The practices that a capture speaks of, by the steady labels of its passages."""
    return {name for thread in descent.threads[place].values() for name in thread.holds[place]}


def _practice_events(step: _Step, seen: set[Practice]) -> Iterator[_Finding]:
    """Practices that came or went with words; `seen` are those that any capture before spoke of."""
    old, new = _practices_at(step.descent, step.place - 1), _practices_at(step.descent, step.place)
    for name in PRACTICES:
        if name in new and name not in old:
            kind: EventKind = "practice_returned" if name in seen else "practice_appeared"
            yield from _practice_event(step, name, kind, came=True)
        elif name in old and name not in new:
            yield from _practice_event(step, name, "practice_disappeared", came=False)


def _practice_event(step: _Step, name: Practice, kind: EventKind, *, came: bool) -> Iterator[_Finding]:
    """The event of a practice, where words that came (or went) carry it.

    Confidence: the highest score among those words, times what is missing to 1 of the highest on the other side.
    """
    place = step.place - (not came)
    groups = [
        group
        for group in step.changed
        if any(name in thread.holds.get(place, ()) for thread in step.threads(group)[came])
    ]
    if not groups:
        return
    here, there = (step.after, step.before) if came else (step.before, step.after)
    carriers = [
        index
        for group in groups
        for index in (group.after if came else group.before)
        if name in here.segments[index].practices
    ]
    best = max((here.segments[index].scores[name] for index in carriers), default=0.0)
    rival = max((segment.scores[name] for segment in there.segments), default=0.0)
    quotes = [_whole(here, index) for index in carriers]
    sides: tuple[Sequence[Quote], Sequence[Quote]] = ((), quotes) if came else (quotes, ())
    yield _Finding(kind, *sides, practice=name, groups=groups, confidence=best * (1 - rival))


def _polarity_events(step: _Step) -> Iterator[_Finding]:
    """Practices that a passage denied and its next wording does not, or the other way round.

    Both wordings hold the practice, and both are clear: what is mixed or unclear on either side is no change.
    """
    for group in step.changed:
        for name in PRACTICES:
            old, new = (_carriers(step, group, name, came=came) for came in (False, True))
            sides = _stance(step.before, old, name), _stance(step.after, new, name)
            if set(sides) == {"does", "does_not"}:
                yield _Finding(
                    "polarity_changed",
                    [_whole(step.before, index) for index in old],
                    [_whole(step.after, index) for index in new],
                    practice=name,
                    values_before=[sides[0]],
                    values_after=[sides[1]],
                    groups=[group],
                    similarity=group.similarity,
                    confidence=min(_surest(step.before, old, name), _surest(step.after, new, name)),
                )


def _carriers(step: _Step, group: Group, name: Practice, *, came: bool) -> list[int]:
    """The segments of one side of a group that have a practice, where its passages hold it steadily."""
    policy, place = (step.after, step.place) if came else (step.before, step.place - 1)
    if not any(name in thread.holds.get(place, ()) for thread in step.threads(group)[came]):
        return []
    return [i for i in (group.after if came else group.before) if name in policy.segments[i].practices]


def _stance(policy: Policy, indexes: Sequence[int], name: Practice) -> Polarity:
    """What some segments together say of a practice: the same in all of them, else "mixed"; "" of none."""
    told = {policy.segments[index].polarity[name] for index in indexes}
    return "mixed" if len(told) > 1 else next(iter(told), "")


def _surest(policy: Policy, indexes: Sequence[int], name: Practice) -> float:
    """The highest score of a practice among some segments."""
    return max(policy.segments[index].scores[name] for index in indexes)


def _whole(policy: Policy, index: int) -> Quote:
    """A segment as a quote."""
    segment = policy.segments[index]
    return Quote(segment.index, segment.start, segment.end, segment.text)


def _quoted(segment: Segment, mention: Mention) -> Quote:
    """A fact's words as a quote."""
    start, end = segment.start + mention.start, segment.start + mention.end
    return Quote(segment.index, start, end, segment.text[mention.start : mention.end])


_Facts = Callable[[Segment], Iterable[Mention]]


def _facts_in(policy: Policy, indexes: Iterable[int], find: _Facts) -> dict[str, list[Quote]]:
    """The quotes of each fact in some segments, the first few of one."""
    found: dict[str, list[Quote]] = {}
    for index in indexes:
        segment = policy.segments[index]
        for mention in find(segment):
            quotes = found.setdefault(mention.value, [])
            if len(quotes) < _QUOTES:
                quotes.append(_quoted(segment, mention))
    return found


def _retention(step: _Step) -> Iterator[_Finding]:
    """Passages whose periods of keeping changed, came or went; two weeks and fourteen days are one."""
    for group in step.changed:
        old, new = _facts_in(step.before, group.before, periods), _facts_in(step.after, group.after, periods)
        went, came = _unlike(old, new), _unlike(new, old)
        if went or came:
            quotes = (
                [quote for value in went for quote in old[value]],
                [quote for value in came for quote in new[value]],
            )
            yield _Finding(
                "retention_changed",
                *quotes,
                values_before=went,
                values_after=came,
                groups=[group],
                confidence=_BY_WORDS,
            )


def _unlike(values: Iterable[str], others: Iterable[str]) -> list[str]:
    """The periods that are not among the others."""
    known = {same_period(value) for value in others}
    return [value for value in values if same_period(value) not in known]


def _third_parties(step: _Step) -> Iterator[_Finding]:
    """Companies that are named for the first time since the capture before, or no more."""
    site = step.descent.line.domain
    changed = {i for group in step.changed for i in group.before}, {j for group in step.changed for j in group.after}
    old = _facts_in(step.before, sorted(changed[0]), lambda segment: parties(segment, site))
    new = _facts_in(step.after, sorted(changed[1]), lambda segment: parties(segment, site))
    texts = [" ".join(segment.text for segment in policy.segments).casefold() for policy in (step.before, step.after)]
    for name, quotes in new.items():
        if name.casefold() not in texts[0]:
            yield _Finding("third_party_appeared", after=quotes, values_after=[name], confidence=_BY_WORDS)
    for name, quotes in old.items():
        if name.casefold() not in texts[1]:
            yield _Finding("third_party_disappeared", before=quotes, values_before=[name], confidence=_BY_WORDS)


def _rights(step: _Step) -> Iterator[_Finding]:
    """Passages on rights whose words changed, came or went."""
    for group in step.changed:
        before, after = step.threads(group)
        held = any("rights" in thread.holds.get(step.place - 1, ()) for thread in before)
        if held or any("rights" in thread.holds.get(step.place, ()) for thread in after):
            concerned = [*((step.before, i) for i in group.before), *((step.after, j) for j in group.after)]
            score = max(policy.segments[index].scores["rights"] for policy, index in concerned)
            yield replace(_passage_finding(step, group), kind="rights_changed", practice="rights", confidence=score)


def _passage_events(step: _Step) -> Iterator[_Finding]:
    """What the alignment says of each passage that is not the same."""
    return (_passage_finding(step, group) for group in step.groups if group.kind != "same")


def _sureness(group: Group) -> float:
    """The confidence in the kind of a change: the likeness of both sides, or the distance to the nearest."""
    return 1 - group.similarity if group.kind in ("added", "removed") else group.similarity


def _passage_finding(step: _Step, group: Group) -> _Finding:
    """What became of one group: of an edit the words that differ, else whole segments."""
    if group.kind == "edited":
        before, after = _differing(step, group)
    else:
        before, after = [_whole(step.before, i) for i in group.before], [_whole(step.after, j) for j in group.after]
    note = "It moved as well." if group.moved and group.kind != "moved" else _returned(step, group)
    return _Finding(
        _kind_of(group),
        before,
        after,
        groups=[group],
        similarity=group.similarity,
        note=note,
        confidence=_sureness(group),
    )


def _kind_of(group: Group) -> EventKind:
    """The kind of event that a change is; what is the same is none."""
    if group.kind == "same":
        raise ValueError("What is the same is no event.")
    return group.kind


def _returned(step: _Step, group: Group) -> str:
    """A word on a passage that was there before."""
    if group.kind != "added":
        return ""
    threads = step.threads(group)[1]
    earlier = [place for thread in threads for place, _ in thread.steps if place < step.place]
    return (
        f"It stood here before, last in {step.descent.line.captures[max(earlier)].capture.timestamp}."
        if earlier
        else ""
    )


def _differing(step: _Step, group: Group) -> tuple[list[Quote], list[Quote]]:
    """The words of an edited passage that went and that came, by their place in the two texts."""
    (i,), (j,) = group.before, group.after
    left, right = step.before.segments[i], step.after.segments[j]
    at_left, at_right = 0, 0
    went, came = [], []
    for piece in pieces_of(text_of(step.before, [i]), text_of(step.after, [j])):
        if piece.op == "delete":
            went.append(_quoted(left, Mention("", at_left, at_left + len(piece.before))))
        elif piece.op == "insert":
            came.append(_quoted(right, Mention("", at_right, at_right + len(piece.after))))
        at_left, at_right = at_left + len(piece.before), at_right + len(piece.after)
    return went, came
