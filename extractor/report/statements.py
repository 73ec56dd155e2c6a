"""What a capture says about each practice, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractor.records import PRACTICES, Polarity, Policy, Practice, PracticePolarity, Segment
from extractor.report.sanitize import replace_unshowable
from extractor.report.sites import Site
from extractor.stances import practice_stances
from extractor.text import sentence_spans
from extractor.timestamps import known_date

_MAX_QUOTE_LENGTH = 180  # characters
_QUOTED_IN_TURN: dict[Polarity, tuple[Polarity, ...]] = {"mixed": ("does", "does_not")}


@dataclass(frozen=True, slots=True)
class _Statement:
    """What a capture says about a practice: its polarity, the segment that most surely says so, and the words there.

    `polarity` is "" if the capture is silent. `segment` is -1 and `words` are "" if no segment can be shown for it.
    """

    polarity: Polarity
    segment: int = -1
    words: str = ""


@dataclass(frozen=True, slots=True)
class SiteCapture:
    """A usable, labelled capture of a site: its place among the records of the site, and what it says.

    `series` numbers the policies of the site; `timestamp` is "" if it is not known.
    """

    index: int
    record: str
    series: int
    timestamp: str
    statements: dict[Practice, _Statement]

    @property
    def day(self) -> str:
        """The day of the capture, "no date" without one."""
        return known_date(self.timestamp) or "no date"


def site_captures(site: Site, policies: Sequence[Policy]) -> list[SiteCapture]:
    """The usable, labelled captures of a site in order of time; `policies` are its records in that order.

    What a capture says is known from its history, in which labels are steady; a record that is part of no history, as
    it has no date, is a series of its own and says what its segments say.
    """
    numbered = {policy.id: (index, policy) for index, policy in reversed(list(enumerate(policies)))}
    found, placed = list[SiteCapture](), set[str]()
    for series, history in enumerate(site.histories):
        for number, record in enumerate(history.captures):
            index, policy = numbered[record]
            polarity = history.polarities[number] if history.polarities else _polarity_of(policy)
            found.append(_capture(index, policy, series, polarity))
            placed.add(record)
    alone = [(index, policy) for index, policy in numbered.values() if policy.id not in placed and _was_read(policy)]
    for series, (index, policy) in enumerate(alone, len(site.histories)):
        found.append(_capture(index, policy, series, _polarity_of(policy)))
    return sorted(found, key=lambda capture: (capture.timestamp, capture.index))


def _was_read(policy: Policy) -> bool:
    """Whether practices were sought in a record: it is usable and in English."""
    return policy.verdict.usable and policy.labelled


def _polarity_of(policy: Policy) -> PracticePolarity:
    """What the segments of a record say about each practice."""
    stances = practice_stances(policy.segments)
    return {  # type: ignore[return-value]
        name: stances[name].polarity for name in PRACTICES
    }


def _capture(index: int, policy: Policy, series: int, polarity: PracticePolarity) -> SiteCapture:
    """A capture with its statements."""
    statements = {name: _statement(policy.segments, name, polarity[name]) for name in PRACTICES}
    return SiteCapture(index, policy.id, series, policy.capture.timestamp, statements)


def _statement(segments: Sequence[Segment], practice: Practice, polarity: Polarity) -> _Statement:
    """The statement on a practice, quoted from the segments that say what the capture says as a whole."""
    if not polarity:
        return _Statement("")
    quoted = list(_segments_to_quote(segments, practice, polarity))
    if not quoted:
        return _Statement(polarity)
    words = " … ".join(dict.fromkeys(_sentence_on(segment, practice) for segment in quoted))
    return _Statement(polarity, quoted[0].index, str(replace_unshowable(words)))


def _segments_to_quote(segments: Sequence[Segment], practice: Practice, polarity: Polarity) -> Iterator[Segment]:
    """The surest segment with the polarity of the capture; of a mixed one that does and one that denies; else any."""
    speaking = [segment for segment in segments if practice in segment.practices]
    for wanted in ((polarity,), _QUOTED_IN_TURN.get(polarity, ())):
        found = [_surest(practice, (one for one in speaking if one.polarity[practice] == side)) for side in wanted]
        if any(found):
            yield from filter(None, found)
            return
    yield from filter(None, [_surest(practice, speaking)])


def _surest(practice: Practice, segments: Iterable[Segment]) -> Segment | None:
    """The segment with the highest score of a practice, the first of several; None without segments."""
    return max(segments, key=lambda segment: segment.scores[practice], default=None)


def _sentence_on(segment: Segment, practice: Practice) -> str:
    """The sentence of a segment with the first evidence of a practice, the first sentence without any; cut if long."""
    at = min((start for start, _ in segment.evidence[practice]), default=segment.start) - segment.start
    spans = sentence_spans(segment.text)
    start, end = next(((start, end) for start, end in spans if end > at), (0, len(segment.text)))
    sentence = " ".join(segment.text[start:end].split())
    return sentence if len(sentence) <= _MAX_QUOTE_LENGTH else f"{sentence[:_MAX_QUOTE_LENGTH].rpartition(' ')[0]} …"
