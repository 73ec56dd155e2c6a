"""The compact form of a record: what the rest of the record tells is left out.

Everything but the Markdown, which is kept on request, comes back by `Policy.from_dict`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, cast

import msgspec
from msgspec import UNSET, UnsetType

from extractor.records import (
    CATEGORIES,
    PRACTICES,
    Category,
    CategoryScores,
    DataType,
    Offset,
    Polarity,
    Policy,
    PolicyCapture,
    PolicySummary,
    Practice,
    PracticeScores,
    Provenance,
    SchemaVersion,
    Score,
    Segment,
    SegmentKind,
    Source,
    Spans,
    Verdict,
    no_data_types,
    no_evidence,
    no_polarity,
)

_FiveScores = tuple[Score, Score, Score, Score, Score]
_TwelveScores = tuple[Score, Score, Score, Score, Score, Score, Score, Score, Score, Score, Score, Score]
RecordForm = Literal["full", "compact", "compact with Markdown"]
_FIVE_ZEROS, _TWELVE_ZEROS = (0.0,) * len(PRACTICES), (0.0,) * len(CATEGORIES)


class CompactPolarity(TypedDict, total=False):
    """The polarity of each practice that the segment mentions."""

    collection: Polarity
    sharing: Polarity
    cookies: Polarity
    rights: Polarity
    children: Polarity


class CompactEvidence(TypedDict, total=False):
    """The words that are evidence of each practice, as in a full record; without those that have none."""

    collection: Spans
    sharing: Spans
    cookies: Spans
    rights: Spans
    children: Spans


class CompactDataTypes(TypedDict, total=False):
    """The types of personal data that a segment says are collected, and shared, if any."""

    collection: tuple[DataType, ...]
    sharing: tuple[DataType, ...]


class CompactSegment(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A segment of a compact record. What is empty is left out; `kind` is left out where it is "paragraph".

    `scores` are those of collection, sharing, cookies, rights and children, `category_scores` those of the twelve
    categories in alphabetical order; each is left out where all are 0. `index` is there only if it is not the number of
    segments before this one, `text` only if it is not `text[start:end]` of the record.
    """

    index: Offset | UnsetType = UNSET
    start: Offset
    end: Offset
    text: str | UnsetType = UNSET
    kind: SegmentKind | UnsetType = UNSET
    headings: tuple[str, ...] = ()
    context: str = ""
    practices: tuple[Practice, ...] = ()
    scores: _FiveScores | UnsetType = UNSET
    categories: tuple[Category, ...] = ()
    category_scores: _TwelveScores | UnsetType = UNSET
    uncertain: bool = False
    polarity: CompactPolarity | UnsetType = UNSET
    evidence: CompactEvidence | UnsetType = UNSET
    data_types: CompactDataTypes | UnsetType = UNSET


class CompactPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A record in the compact form: `markdown` is there only if it was asked for."""

    schema_version: SchemaVersion
    form: Literal["compact"]
    id: str
    site: str
    policy: str
    domain: str
    title: str
    language: str
    summary: PolicySummary
    source: Source
    capture: PolicyCapture
    verdict: Verdict
    markdown: str | UnsetType = UNSET
    text: str
    labelled: bool
    segments: tuple[CompactSegment, ...]
    provenance: Provenance


def in_form(policy: Policy, form: RecordForm) -> Policy | CompactPolicy:
    """A record in a form, ready to be encoded."""
    return policy if form == "full" else _compact_policy(policy, with_markdown=form == "compact with Markdown")


def lacks_markdown(policy: Policy) -> bool:
    """Whether a record was read from a compact one that was written without its Markdown."""
    return bool(policy.text) and not policy.markdown


def _compact_policy(policy: Policy, *, with_markdown: bool) -> CompactPolicy:
    """A record in the compact form."""
    return CompactPolicy(
        schema_version=policy.schema_version,
        form="compact",
        id=policy.id,
        site=policy.site,
        policy=policy.policy,
        domain=policy.domain,
        title=policy.title,
        language=policy.language,
        summary=policy.summary,
        source=policy.source,
        capture=policy.capture,
        verdict=policy.verdict,
        markdown=policy.markdown if with_markdown else UNSET,
        text=policy.text,
        labelled=policy.labelled,
        segments=tuple(_compact_segment(number, one, policy.text) for number, one in enumerate(policy.segments)),
        provenance=policy.provenance,
    )


def _compact_segment(number: int, segment: Segment, text: str) -> CompactSegment:
    """A segment in the compact form, given its place in the record and the record's text."""
    scores, category_scores = segment.scores, segment.category_scores
    return CompactSegment(
        index=UNSET if segment.index == number else segment.index,
        start=segment.start,
        end=segment.end,
        text=UNSET if segment.text == text[segment.start : segment.end] else segment.text,
        kind=UNSET if segment.kind == "paragraph" else segment.kind,
        headings=segment.headings,
        context=segment.context,
        practices=segment.practices,
        scores=cast(_FiveScores, tuple(scores[name] for name in PRACTICES)) if any(scores.values()) else UNSET,
        categories=segment.categories,
        category_scores=cast(_TwelveScores, tuple(category_scores[name] for name in CATEGORIES))
        if any(category_scores.values())
        else UNSET,
        uncertain=segment.uncertain,
        polarity=_filled(segment.polarity),
        evidence=_filled(segment.evidence),
        data_types=_filled(segment.data_types),
    )


def _filled(values: Mapping[str, Any]) -> Any:
    """The values that are not empty, UNSET if there are none."""
    return {name: value for name, value in values.items() if value} or UNSET


def restored_policy(record: dict[str, Any]) -> Policy:
    """The policy of a compact record, its Markdown "" if it has none; msgspec.ValidationError where it is damaged."""
    compact = msgspec.convert(record, CompactPolicy)
    return Policy(
        schema_version=compact.schema_version,
        id=compact.id,
        site=compact.site,
        policy=compact.policy,
        domain=compact.domain,
        title=compact.title,
        language=compact.language,
        source=compact.source,
        capture=compact.capture,
        verdict=compact.verdict,
        markdown=compact.markdown or "",
        text=compact.text,
        labelled=compact.labelled,
        segments=tuple(_restored_segment(number, one, compact.text) for number, one in enumerate(compact.segments)),
        provenance=compact.provenance,
    )


def _restored_segment(number: int, compact: CompactSegment, text: str) -> Segment:
    """A segment of a compact record, given its place in the record and the record's text."""
    return Segment(
        index=number if compact.index is UNSET else compact.index,
        start=compact.start,
        end=compact.end,
        text=text[compact.start : compact.end] if compact.text is UNSET else compact.text,
        kind=compact.kind or "paragraph",
        headings=compact.headings,
        context=compact.context,
        practices=compact.practices,
        scores=cast(PracticeScores, dict(zip(PRACTICES, compact.scores or _FIVE_ZEROS, strict=True))),
        categories=compact.categories,
        category_scores=cast(
            CategoryScores, dict(zip(CATEGORIES, compact.category_scores or _TWELVE_ZEROS, strict=True))
        ),
        uncertain=compact.uncertain,
        polarity={**no_polarity(), **(compact.polarity or {})},
        evidence={**no_evidence(), **(compact.evidence or {})},
        data_types={**no_data_types(), **(compact.data_types or {})},
    )
