"""The data of a site for the page's script: each text once, everything else by number.

    {"site", "practices", "categories",
     "texts": [...], "terms": {text: [term, start, end, term, start, end, ...]},
     "paths": [[heading, ...], ...], "parents": [[passage, ...], ...],
     "captures": [{..., "segments": [[text, path, context, practices, uncertain, start, passage, scores, categories,
                                      evidence, polarity, data types], ...]}],
     "stories": [[capture, ...], ...], "names": [name of a story's policy, ...],
     "events": [[story, kind, before, after, segments before, segments after, sentence, went, came, confidence,
                 spans before, spans after], ...]}

`terms` has the first place of each term in a text, in code points. A story is a `PolicyHistory`. `practices` of a
segment is a bit set, a score is in hundredths, `passage` is -1 if there is none. A span is (segment, start, end) in
code points of the segment; `evidence` is practice, start, end, practice, start, end and so on. `polarity` has the
practices that are not simply done, by number, with "does_not", "mixed" or "unclear"; `data types` has those named as
collected, and those named as shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from extractor.records import CATEGORIES, PRACTICES, Event, Policy, Quote, Segment
from extractor.report.sanitize import linkable_url, valid_language_tag
from extractor.report.sentences import event_sentence, quotes_text
from extractor.report.sites import PolicyHistory, Site, verdict_name
from extractor.timestamps import known_date

_PLAIN_POLARITIES = ("", "does")  # the page says nothing about them
_QUOTED_KINDS = frozenset(
    ("retention_changed", "third_party_appeared", "third_party_disappeared", "effective_date_changed")
)


def _numbering() -> defaultdict[Any, int]:
    """A table that numbers each value when it is first looked up."""
    return defaultdict(count().__next__)


@dataclass(frozen=True, slots=True)
class _SharedValues:
    """The numbers of values that the captures of a site have in common, and the passage of each (record, segment)."""

    passage_ids: dict[tuple[str, int], str]
    texts: defaultdict[str, int] = field(default_factory=_numbering)
    paths: defaultdict[tuple[str, ...], int] = field(default_factory=_numbering)
    passages: defaultdict[str, int] = field(default_factory=_numbering)


def site_data(site: Site) -> dict[str, Any]:
    """The records and histories of a site, ready for JSON; captures in order of time."""
    shared = _SharedValues(dict(_passages_by_segment(site)))
    policies = by_time(site.policies)
    numbers = {policy.id: number for number, policy in enumerate(policies)}
    captures = [_capture_data(policy, shared) for policy in policies]
    return {
        "site": site.name,
        "practices": PRACTICES,
        "categories": CATEGORIES,
        "texts": list(shared.texts),
        "terms": {
            shared.texts[text]: list(chain.from_iterable(places))
            for text, places in site.terms.items()
            if places and text in shared.texts
        },
        "paths": list(shared.paths),
        "parents": _passage_parents(site, shared.passages),
        "captures": captures,
        "stories": [[numbers[record] for record in history.captures] for history in site.histories],
        "names": [history.name for history in site.histories],
        "events": [
            row
            for number, history in enumerate(site.histories)
            for row in _event_rows(history, number, policies, numbers)
        ],
    }


def by_time(policies: Iterable[Policy]) -> list[Policy]:
    """Records in order of capture; those of one moment, or without a date, stay as they are."""
    return sorted(policies, key=lambda policy: policy.capture.timestamp)


def _passages_by_segment(site: Site) -> Iterator[tuple[tuple[str, int], str]]:
    """The passage that each segment belongs to, by record and segment."""
    for history in site.histories:
        for passage in history.passages:
            for place in (place for version in passage.versions for place in version.captures):
                yield (place.record, place.segment), passage.id


def _passage_parents(site: Site, numbers: dict[str, int]) -> list[list[int]]:
    """The numbers of the passages that each numbered passage was split off from or merged from."""
    parents = {passage.id: passage.parents for history in site.histories for passage in history.passages}
    return [[numbers[parent] for parent in parents[passage] if parent in numbers] for passage in numbers]


def _capture_data(policy: Policy, shared: _SharedValues) -> dict[str, Any]:
    """A record without its texts."""
    return {
        "id": policy.id,
        "policy": policy.policy,
        "time": policy.capture.timestamp,
        "day": known_date(policy.capture.timestamp),
        "title": policy.title,
        "lang": valid_language_tag(policy.language),
        "url": policy.capture.url or policy.policy,
        "archive": linkable_url(policy.capture.archive_url),
        "verdict": verdict_name(policy),
        "reasons": policy.verdict.reasons,
        "likeness": round(policy.verdict.is_policy, 2),
        "labelled": policy.labelled,
        "origin": list(_origin(policy)),
        "segments": [_segment_row(segment, policy.id, shared) for segment in policy.segments],
    }


def _segment_row(segment: Segment, record: str, shared: _SharedValues) -> list[Any]:
    """A segment by numbers."""
    passage = shared.passage_ids.get((record, segment.index))
    return [
        shared.texts[segment.text],
        shared.paths[segment.headings],
        shared.texts[segment.context] if segment.context else -1,
        sum(1 << bit for bit, name in enumerate(PRACTICES) if name in segment.practices),
        int(segment.uncertain),
        segment.start,
        shared.passages[passage] if passage else -1,
        [round(100 * segment.scores[name]) for name in PRACTICES],
        [[CATEGORIES.index(name), round(100 * segment.category_scores[name])] for name in segment.categories],
        list(_evidence_spans(segment)),
        {
            number: segment.polarity[name]
            for number, name in enumerate(PRACTICES)
            if segment.polarity[name] not in _PLAIN_POLARITIES
        },
        [segment.data_types["collection"], segment.data_types["sharing"]],
    ]


def _evidence_spans(segment: Segment) -> Iterator[int]:
    """The places in the segment of the words that are evidence of each practice."""
    for number, name in enumerate(PRACTICES):
        for start, end in segment.evidence[name]:
            yield from (number, start - segment.start, end - segment.start)


def _event_rows(
    history: PolicyHistory, number: int, policies: list[Policy], numbers: dict[str, int]
) -> Iterator[list[Any]]:
    """The events of a history, each as a row."""
    for event in history.events:
        before, after = numbers[event.evidence.before_id], numbers[event.evidence.after_id]
        yield [
            number,
            event.kind,
            before,
            after,
            event.before.segments,
            event.after.segments,
            event_sentence(event, _first_segment(event, policies[before], policies[after])),
            quotes_text(event.evidence.before),
            quotes_text(event.evidence.after),
            round(100 * event.confidence),
            _quote_spans(event.evidence.before, policies[before]) if event.kind in _QUOTED_KINDS else [],
            _quote_spans(event.evidence.after, policies[after]) if event.kind in _QUOTED_KINDS else [],
        ]


def _quote_spans(quotes: Iterable[Quote], policy: Policy) -> list[tuple[int, int, int]]:
    """The places of quotes in their segments."""
    starts = {quote: policy.segments[quote.segment].start for quote in quotes}
    return [(quote.segment, quote.start - start, quote.end - start) for quote, start in starts.items()]


def _first_segment(event: Event, before: Policy, after: Policy) -> Segment | None:
    """The first segment of an event, in the later capture if it has one there."""
    for policy, side in ((after, event.after), (before, event.before)):
        if side.segments:
            return policy.segments[side.segments[0]]
    return None


def _origin(policy: Policy) -> Iterator[tuple[str, str]]:
    """Where a record comes from (term, value)."""
    capture, source, provenance = policy.capture, policy.source, policy.provenance
    model = (provenance.extractor, provenance.model, provenance.model_sha256[:12], provenance.encoding)
    facts = {
        "Record": policy.id,
        "Read from": " ".join(filter(None, (source.path, source.record))),
        "Asked for": capture.requested,
        "Captured": capture.timestamp and f"{capture.timestamp} (UTC)",
        "Served": " ".join(filter(None, (capture.served_timestamp, capture.served_url, capture.outcome))),
        "Archive": capture.archive_url,
        "Index": " ".join(filter(None, (str(capture.status or ""), capture.mime, capture.digest))),
        "SHA-256": capture.sha256,
        "Made by": ", ".join(filter(None, model)),
    }
    return ((term, value) for term, value in facts.items() if value)
