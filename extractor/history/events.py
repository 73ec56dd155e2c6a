"""Events: what changed between two successive captures of a policy, with the words it rests on.

Every event rests on words that came or went. A label that changes over the same words is none (`steady_practices`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from extractor.history.align import Group
from extractor.history.dates import date_in, day_of
from extractor.history.descent import Descent, Thread
from extractor.history.diff import pieces_of, text_of
from extractor.history.facts import Mention, parties, periods, same_period
from extractor.history.lines import address_key, address_of
from extractor.history.wording import DATING_CUE, is_dating
from extractor.records import PRACTICES, Event, EventKind, Evidence, Policy, Practice, Quote, Segment, Side

REWRITTEN = 0.5  # of the words of either side: where less is left, the policy was rewritten
LONGEST_POLICY_NAME = 80


@dataclass(frozen=True)
class Step:
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


def events_of(descent: Descent) -> Iterator[Event]:
    """The events of a policy in order of time; for each pair of captures, first what concerns all of it."""
    seen = practices_at(descent, 0)
    for place in range(1, len(descent.line.captures)):
        step = Step(descent, place)
        for find in (moved_policy, rewritten, effective_date):
            yield from find(step)
        yield from practice_events(step, seen)
        for find in (third_parties, retention, rights, passage_events):
            yield from find(step)
        seen |= practices_at(descent, place)


def event(
    step: Step,
    kind: EventKind,
    before: Iterable[Quote],
    after: Iterable[Quote],
    *,
    practice: Practice | None = None,
    values: tuple[Iterable[str], Iterable[str]] = ((), ()),
    groups: Iterable[Group] = (),
    similarity: float = 0.0,
    note: str = "",
    confidence: float = 1.0,
) -> Event:
    """An event of a step; the segments on both sides are those that its quotes, or its groups, stand in."""
    old, new, groups = tuple(before), tuple(after), tuple(groups)
    segments = {quote.segment for quote in old} | {i for group in groups for i in group.before}
    later = {quote.segment for quote in new} | {j for group in groups for j in group.after}
    passages = dict.fromkeys(thread.id for group in groups for side in step.threads(group) for thread in side)
    evidence = Evidence(
        step.before.id,
        step.after.id,
        old,
        new,
        tuple(values[0]),
        tuple(values[1]),
        tuple(passages),
        round(min(similarity, 1.0), 4),
        note,
    )
    line = step.descent.line
    return Event(
        line.domain,
        line.policy,
        kind,
        Side(step.before.capture.timestamp, tuple(sorted(segments))),
        Side(step.after.capture.timestamp, tuple(sorted(later))),
        practice or "",
        evidence,
        round(min(max(confidence, 0.0), 1.0), 4),
    )


def moved_policy(step: Step) -> Iterator[Event]:
    """The site moved its policy: another address, whatever the scheme and a leading www."""
    old, new = address_of(step.before), address_of(step.after)
    if address_key(old) != address_key(new):
        sure = step.before.capture.requested == step.after.capture.requested
        note = "" if sure else "Two targets, taken for one policy since they share wording and follow one another."
        yield event(step, "policy_moved", (), (), values=([old], [new]), note=note, confidence=1.0 if sure else 0.8)


def rewritten(step: Step) -> Iterator[Event]:
    """A wholesale rewrite: of neither side half the words are left."""
    kept = [kept_words(step, group) for group in step.groups]
    old, new = (sum(words_count(segment) for segment in policy.segments) for policy in (step.before, step.after))
    left, right = sum(kept) / max(old, 1), sum(kept) / max(new, 1)
    if max(left, right) < REWRITTEN:
        note = f"{left:.0%} of the words of the earlier capture are left; they are {right:.0%} of the later one."
        yield event(
            step, "rewritten", (), (), groups=step.changed, similarity=max(left, right), note=note,
            confidence=1 - max(left, right),
        )  # fmt: skip


def kept_words(step: Step, group: Group) -> float:
    """The number of words that both sides of a group have."""
    if not (group.before and group.after):
        return 0.0
    total = words_count(*(step.before.segments[i] for i in group.before)) + words_count(
        *(step.after.segments[j] for j in group.after)
    )
    return group.similarity * total / 2


def words_count(*segments: Segment) -> int:
    """The number of words of some segments."""
    return sum(len(segment.text.split()) for segment in segments)


def effective_date(step: Step) -> Iterator[Event]:
    """The date that the policy says it is of, where it changed with the wording, against the dates of the captures.

    A new date over the same words is none: many sites print the day of the visit.
    """
    old, new = stated_date(step.before), stated_date(step.after)
    if not (step.changed and old and new and old.value != new.value):
        return
    captured = day_of(step.after.capture.timestamp)
    days = (captured - day_of(new.value.replace("-", ""))).days
    note = f"The later text was captured {days} days after its own date."
    if days < 0:
        note = f"The later text was captured {-days} days before its own date."
    elif new.value.replace("-", "") <= step.before.capture.timestamp[:8]:
        note += " The archive still had the earlier text at that date or after it."
    quotes = [own_quote(step.before, old)], [own_quote(step.after, new)]
    yield event(step, "effective_date_changed", *map(present, quotes), values=([old.value], [new.value]), note=note)


def present(quotes: Iterable[Quote | None]) -> list[Quote]:
    """The quotes that there are."""
    return [quote for quote in quotes if quote]


def stated_date(policy: Policy) -> Mention | None:
    """The date of the first line that only dates the policy, as YYYY-MM-DD, with the line's place in the text.

    "Effective" goes before "last updated".
    """
    found, at = [], 0
    for line in policy.text.split("\n"):
        if DATING_CUE.search(line) and is_dating(line) and (day := date_in(line)):
            found.append(Mention(day.isoformat(), at, at + len(line)))
        at += len(line) + 1
    return min(found, key=lambda mention: not is_effective(policy.text[mention.start : mention.end]), default=None)


def is_effective(line: str) -> bool:
    """Whether a line says from when on a policy holds, rather than when it was changed."""
    return any(cue in line.casefold() for cue in ("effective", "in force", "takes effect"))


def own_quote(policy: Policy, mention: Mention) -> Quote | None:
    """The quote of a place in the policy's text; None where no segment holds it."""
    for segment in policy.segments:
        if segment.start <= mention.start and mention.end <= segment.end:
            return Quote(segment.index, mention.start, mention.end, policy.text[mention.start : mention.end])
    return None


def practices_at(descent: Descent, place: int) -> set[Practice]:
    """The practices that a capture speaks of, by the steady labels of its passages."""
    return {name for thread in descent.threads[place].values() for name in thread.holds[place]}


def practice_events(step: Step, seen: set[Practice]) -> Iterator[Event]:
    """Practices that came or went with words; `seen` are those that any capture before spoke of."""
    old, new = practices_at(step.descent, step.place - 1), practices_at(step.descent, step.place)
    for name in PRACTICES:
        if name in new and name not in old:
            kind: EventKind = "practice_returned" if name in seen else "practice_appeared"
            yield from practice_event(step, name, kind, came=True)
        elif name in old and name not in new:
            yield from practice_event(step, name, "practice_disappeared", came=False)


def practice_event(step: Step, name: Practice, kind: EventKind, *, came: bool) -> Iterator[Event]:
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
    quotes = [whole(here, index) for index in carriers]
    sides = ((), quotes) if came else (quotes, ())
    yield event(step, kind, *sides, practice=name, groups=groups, confidence=best * (1 - rival))


def whole(policy: Policy, index: int) -> Quote:
    """A segment as a quote."""
    segment = policy.segments[index]
    return Quote(segment.index, segment.start, segment.end, segment.text)


def quoted(segment: Segment, mention: Mention) -> Quote:
    """A fact's words as a quote."""
    start, end = segment.start + mention.start, segment.start + mention.end
    return Quote(segment.index, start, end, segment.text[mention.start : mention.end])


Facts = Callable[[Segment], Iterable[Mention]]


def facts_in(policy: Policy, indexes: Iterable[int], find: Facts) -> dict[str, list[Quote]]:
    """The quotes of each fact in some segments."""
    found: dict[str, list[Quote]] = {}
    for index in indexes:
        segment = policy.segments[index]
        for mention in find(segment):
            found.setdefault(mention.value, []).append(quoted(segment, mention))
    return found


def retention(step: Step) -> Iterator[Event]:
    """Passages whose periods of keeping changed, came or went; two weeks and fourteen days are one."""
    for group in step.changed:
        old, new = facts_in(step.before, group.before, periods), facts_in(step.after, group.after, periods)
        went, came = unlike(old, new), unlike(new, old)
        if went or came:
            quotes = [quote for value in went for quote in old[value]], [quote for value in came for quote in new[value]]
            yield event(step, "retention_changed", *quotes, values=(went, came), groups=[group], confidence=0.8)


def unlike(values: Iterable[str], others: Iterable[str]) -> list[str]:
    """The periods that are not among the others."""
    known = {same_period(value) for value in others}
    return [value for value in values if same_period(value) not in known]


def third_parties(step: Step) -> Iterator[Event]:
    """Companies that are named for the first time since the capture before, or no more."""
    site = step.descent.line.domain
    changed = {i for group in step.changed for i in group.before}, {j for group in step.changed for j in group.after}
    old = facts_in(step.before, sorted(changed[0]), lambda segment: parties(segment, site))
    new = facts_in(step.after, sorted(changed[1]), lambda segment: parties(segment, site))
    texts = [" ".join(segment.text for segment in policy.segments).casefold() for policy in (step.before, step.after)]
    for name, quotes in new.items():
        if name.casefold() not in texts[0]:
            yield event(step, "third_party_appeared", (), quotes, values=((), [name]), confidence=0.7)
    for name, quotes in old.items():
        if name.casefold() not in texts[1]:
            yield event(step, "third_party_disappeared", quotes, (), values=([name], ()), confidence=0.7)


def rights(step: Step) -> Iterator[Event]:
    """Passages on rights whose words changed, came or went."""
    for group in step.changed:
        before, after = step.threads(group)
        held = any("rights" in thread.holds.get(step.place - 1, ()) for thread in before)
        if held or any("rights" in thread.holds.get(step.place, ()) for thread in after):
            concerned = [*((step.before, i) for i in group.before), *((step.after, j) for j in group.after)]
            score = max(policy.segments[index].scores["rights"] for policy, index in concerned)
            yield passage_event(step, group, "rights_changed", practice="rights", confidence=score)


def passage_events(step: Step) -> Iterator[Event]:
    """What the alignment says of each passage that is not the same."""
    for group in step.groups:
        if group.kind != "same":
            yield passage_event(step, group, group.kind, confidence=sureness(group))


def sureness(group: Group) -> float:
    """The confidence in the kind of a change: the likeness of both sides, or the distance to the nearest."""
    return 1 - group.similarity if group.kind in ("added", "removed") else group.similarity


def passage_event(
    step: Step, group: Group, kind: EventKind, *, practice: Practice | None = None, confidence: float
) -> Event:
    """The event of one group: of an edit the words that differ, else whole segments."""
    if group.kind == "edited":
        quotes = differing(step, group)
    else:
        quotes = [whole(step.before, i) for i in group.before], [whole(step.after, j) for j in group.after]
    note = "It moved as well." if group.moved and group.kind != "moved" else returned(step, group)
    return event(
        step, kind, *quotes, practice=practice, groups=[group], similarity=group.similarity, note=note,
        confidence=confidence,
    )  # fmt: skip


def returned(step: Step, group: Group) -> str:
    """A word on a passage that was there before."""
    if group.kind != "added":
        return ""
    threads = step.threads(group)[1]
    earlier = [place for thread in threads for place, _ in thread.steps if place < step.place]
    return f"It stood here before, last in {step.descent.line.captures[max(earlier)].capture.timestamp}." if earlier else ""


def differing(step: Step, group: Group) -> tuple[list[Quote], list[Quote]]:
    """The words of an edited passage that went and that came, by their place in the two texts."""
    (i,), (j,) = group.before, group.after
    left, right = step.before.segments[i], step.after.segments[j]
    at_left, at_right = 0, 0
    went, came = [], []
    for piece in pieces_of(text_of(step.before, [i]), text_of(step.after, [j])):
        if piece.op == "delete":
            went.append(quoted(left, Mention("", at_left, at_left + len(piece.before))))
        elif piece.op == "insert":
            came.append(quoted(right, Mention("", at_right, at_right + len(piece.after))))
        at_left, at_right = at_left + len(piece.before), at_right + len(piece.after)
    return went, came
