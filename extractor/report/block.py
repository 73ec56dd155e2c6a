"""A site as the page's script reads it: every text once, everything else by number.

    {"site", "practices", "categories",
     "texts": [...], "paths": [[heading, ...], ...], "parents": [[passage, ...], ...],
     "captures": [{..., "segments": [[text, path, context, practices, uncertain, start, passage, scores, categories,
                                      evidence, polarity, data types], ...]}],
     "stories": [[capture, ...], ...],
     "events": [[story, kind, before, after, segments before, segments after, sentence, went, came, confidence,
                 spans before, spans after], ...]}

`practices` of a segment is a set of bits, a score a whole number of hundredths, `passage` -1 where it has none; a span
is (segment, from, to) in code points of the segment, and `evidence` practice, from, to, practice, from, to and so on.
`polarity` has the practices that are not simply done, by number, with "does_not", "mixed" or "unclear"; `data types`
those named as collected, and as shared.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from extractor.records import CATEGORIES, PRACTICES, Event, Policy, Quote, Segment
from extractor.report.sentences import sentence, shortened
from extractor.report.showing import language_tag, web_address
from extractor.report.story import Site, Story, verdict_word

_Value = TypeVar("_Value", bound=Hashable)
_DONE = ("", "does")  # the polarities that need no word
_FACTS = frozenset(("retention_changed", "third_party_appeared", "third_party_disappeared", "effective_date_changed"))


@dataclass(slots=True)
class _Pool(Generic[_Value]):
    """Values by number, each once."""

    numbers: dict[_Value, int] = field(default_factory=dict)

    def number(self, value: _Value) -> int:
        """The number of a value."""
        return self.numbers.setdefault(value, len(self.numbers))


@dataclass(slots=True)
class _Pools:
    """What the captures of a site have in common."""

    texts: _Pool[str] = field(default_factory=_Pool)
    paths: _Pool[tuple[str, ...]] = field(default_factory=_Pool)
    passages: _Pool[str] = field(default_factory=_Pool)
    passage_at: dict[tuple[str, int], str] = field(default_factory=dict)


def block_of(site: Site) -> dict[str, Any]:
    """The site's records and stories, ready for JSON; captures in order of time."""
    pools = _Pools(passage_at=dict(_places(site)))
    policies = in_time(site.policies)
    numbers = {policy.id: number for number, policy in enumerate(policies)}
    captures = [_capture_of(policy, pools) for policy in policies]
    stories = [[numbers[name] for name in story.captures] for story in site.stories]
    told = (_events_of(story, number, policies, numbers) for number, story in enumerate(site.stories))
    parents = _parents_of(site, pools)
    return {
        "site": site.name,
        "practices": PRACTICES,
        "categories": CATEGORIES,
        "texts": list(pools.texts.numbers),
        "paths": list(pools.paths.numbers),
        "parents": parents,
        "captures": captures,
        "stories": stories,
        "events": [event for events in told for event in events],
    }


def in_time(policies: Iterable[Policy]) -> list[Policy]:
    """Records in order of capture."""
    return sorted(policies, key=lambda policy: (policy.capture.timestamp, policy.id))


def _places(site: Site) -> Iterator[tuple[tuple[str, int], str]]:
    """The passage that each segment is, by record and segment."""
    times = {policy.id: policy.capture.timestamp for policy in site.policies}
    for story in site.stories:
        names = {times[name]: name for name in story.captures}
        for passage in story.passages:
            for seen in (seen for version in passage.versions for seen in version.captures):
                yield (names[seen.timestamp], seen.segment), passage.id


def _parents_of(site: Site, pools: _Pools) -> list[list[int]]:
    """The passages that each passage was split from or merged of."""
    known = {passage.id: passage.parents for story in site.stories for passage in story.passages}
    numbered = list(pools.passages.numbers)
    return [[pools.passages.numbers[name] for name in known[one] if name in pools.passages.numbers] for one in numbered]


def _capture_of(policy: Policy, pools: _Pools) -> dict[str, Any]:
    """A record without its texts."""
    return {
        "id": policy.id,
        "time": policy.capture.timestamp,
        "title": policy.title,
        "lang": language_tag(policy.language),
        "url": policy.capture.url or policy.source.path,
        "archive": web_address(policy.capture.archive_url),
        "verdict": verdict_word(policy),
        "reasons": policy.verdict.reasons,
        "likeness": round(policy.verdict.is_policy, 2),
        "labelled": policy.labelled,
        "origin": list(_origins(policy)),
        "segments": [_segment_of(segment, policy.id, pools) for segment in policy.segments],
    }


def _segment_of(segment: Segment, record: str, pools: _Pools) -> list[Any]:
    """A segment by numbers."""
    passage = pools.passage_at.get((record, segment.index))
    return [
        pools.texts.number(segment.text),
        pools.paths.number(segment.headings),
        pools.texts.number(segment.context) if segment.context else -1,
        sum(1 << place for place, name in enumerate(PRACTICES) if name in segment.practices),
        int(segment.uncertain),
        segment.start,
        pools.passages.number(passage) if passage else -1,
        [round(100 * segment.scores[name]) for name in PRACTICES],
        [[CATEGORIES.index(name), round(100 * segment.category_scores[name])] for name in segment.categories],
        list(_evidence_of(segment)),
        {place: segment.polarity[name] for place, name in enumerate(PRACTICES) if segment.polarity[name] not in _DONE},
        [segment.data_types["collection"], segment.data_types["sharing"]],
    ]


def _evidence_of(segment: Segment) -> Iterator[int]:
    """Where the words that carried each practice stand in the segment."""
    for place, name in enumerate(PRACTICES):
        for start, end in segment.evidence[name]:
            yield from (place, start - segment.start, end - segment.start)


def _events_of(story: Story, number: int, policies: list[Policy], numbers: dict[str, int]) -> Iterator[list[Any]]:
    """The events of a story, each as a row."""
    for event in story.events:
        before, after = numbers[event.evidence.before_id], numbers[event.evidence.after_id]
        yield [
            number,
            event.kind,
            before,
            after,
            event.before.segments,
            event.after.segments,
            sentence(event, _first_segment(event, policies[before], policies[after])),
            shortened(event.evidence.before),
            shortened(event.evidence.after),
            round(100 * event.confidence),
            _spans(event.evidence.before, policies[before]) if event.kind in _FACTS else [],
            _spans(event.evidence.after, policies[after]) if event.kind in _FACTS else [],
        ]


def _spans(quotes: Iterable[Quote], policy: Policy) -> list[tuple[int, int, int]]:
    """Where quotes stand in their segments."""
    starts = {quote: policy.segments[quote.segment].start for quote in quotes}
    return [(quote.segment, quote.start - start, quote.end - start) for quote, start in starts.items()]


def _first_segment(event: Event, before: Policy, after: Policy) -> Segment | None:
    """The first segment that an event concerns, of the later capture where it is there."""
    for policy, side in ((after, event.after), (before, event.before)):
        if side.segments:
            return policy.segments[side.segments[0]]
    return None


def _origins(policy: Policy) -> Iterator[tuple[str, str]]:
    """What is known of a record's origin."""
    capture, source, maker = policy.capture, policy.source, policy.provenance
    known = {
        "Record": policy.id,
        "Read from": " ".join(filter(None, (source.path, source.record))),
        "Asked for": capture.requested,
        "Captured": capture.timestamp and f"{capture.timestamp} (UTC)",
        "Served": " ".join(filter(None, (capture.served_timestamp, capture.served_url, capture.outcome))),
        "Archive": capture.archive_url,
        "Index": " ".join(filter(None, (str(capture.status or ""), capture.mime, capture.digest))),
        "SHA-256": capture.sha256,
        "Made by": ", ".join(filter(None, (maker.extractor, maker.model, maker.model_sha256[:12], maker.encoding))),
    }
    return ((term, value) for term, value in known.items() if value)
