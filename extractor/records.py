"""The records that move along the line, from a row of the archive's index to a labelled policy.

Small frozen dataclasses with no behaviour beyond derived properties. A stage takes the record on its left and
returns the one on its right:

    Capture ─▶ Snapshot ─▶ Document ─▶ Segment ─▶ Policy

A line of `policies.jsonl` is a `Policy`; its JSON Schema is made from the annotations below
(`extractor.exports.schema`). Absent text is "", an absent number 0; nothing is ever null.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypedDict, get_args

import msgspec
from msgspec import Meta

from extractor.identity import PageOrigin, identity_of

# 1.1 added `polarity`, `evidence` and `data_types`, 1.2 `site`, `policy` and `summary`; what lacks them is still read
SchemaVersion = Literal["1.0", "1.1", "1.2"]
SCHEMA_VERSION: SchemaVersion = "1.2"

Practice = Literal["collection", "sharing", "cookies", "rights", "children"]
Category = Literal[
    "Data Retention",
    "Data Security",
    "Do Not Track",
    "First Party Collection/Use",
    "International and Specific Audiences",
    "Introductory/Generic",
    "Policy Change",
    "Practice not covered",
    "Privacy contact information",
    "Third Party Sharing/Collection",
    "User Access, Edit and Deletion",
    "User Choice/Control",
]
Polarity = Literal["", "does", "does_not", "mixed", "unclear"]
DataType = Literal[
    "activity",
    "computer",
    "contact",
    "cookies",
    "demographic",
    "device",
    "financial",
    "generic",
    "health",
    "identifier",
    "location",
    "profile",
    "social",
    "survey",
]
PRACTICES: tuple[Practice, ...] = get_args(Practice)
CATEGORIES: tuple[Category, ...] = get_args(Category)
DATA_TYPES: tuple[DataType, ...] = get_args(DataType)

Score = Annotated[float, Meta(ge=0, le=1)]
Offset = Annotated[int, Meta(ge=0)]
Timestamp = Annotated[str, Meta(pattern=r"^([0-9]{14})?$", description="YYYYMMDDhhmmss in UTC, or ''.")]
Sha256 = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$", description="Hexadecimal SHA-256, or ''.")]
BlockKind = Literal["heading", "paragraph", "item", "row"]
SegmentKind = Literal["paragraph", "list", "item", "row"]


class PracticeScores(TypedDict):
    """The score of each practice, 0 to 1, rounded to four places."""

    collection: Score
    sharing: Score
    cookies: Score
    rights: Score
    children: Score


CategoryScores = TypedDict(
    "CategoryScores",
    {
        "Data Retention": Score,
        "Data Security": Score,
        "Do Not Track": Score,
        "First Party Collection/Use": Score,
        "International and Specific Audiences": Score,
        "Introductory/Generic": Score,
        "Policy Change": Score,
        "Practice not covered": Score,
        "Privacy contact information": Score,
        "Third Party Sharing/Collection": Score,
        "User Access, Edit and Deletion": Score,
        "User Choice/Control": Score,
    },
)


class PracticePolarity(TypedDict):
    """Whether the segment says that each practice is done; "" where the segment does not mention it."""

    collection: Polarity
    sharing: Polarity
    cookies: Polarity
    rights: Polarity
    children: Polarity


Spans = tuple[tuple[Offset, Offset], ...]


class PracticeEvidence(TypedDict):
    """The words that are evidence of each practice: (start, end) in code points of the policy's text, in order."""

    collection: Spans
    sharing: Spans
    cookies: Spans
    rights: Spans
    children: Spans


class PracticeSummary(TypedDict):
    """How many segments of a policy speak of a practice, and what they say of it together; 0 and "" if none does."""

    segments: Offset
    polarity: Polarity


class PolicySummary(TypedDict):
    """What a policy says of each practice, its segments taken together (`extractor.stances`)."""

    collection: PracticeSummary
    sharing: PracticeSummary
    cookies: PracticeSummary
    rights: PracticeSummary
    children: PracticeSummary


class DataTypes(TypedDict):
    """The types of personal data that a segment says are collected, and shared."""

    collection: tuple[DataType, ...]
    sharing: tuple[DataType, ...]


def no_polarity() -> PracticePolarity:
    """The polarity of a segment that mentions no practice."""
    return {"collection": "", "sharing": "", "cookies": "", "rights": "", "children": ""}


def no_evidence() -> PracticeEvidence:
    """The evidence of a segment that mentions no practice."""
    return {"collection": (), "sharing": (), "cookies": (), "rights": (), "children": ()}


def no_data_types() -> DataTypes:
    """The data types of a segment that names none."""
    return {"collection": (), "sharing": ()}


def _no_summary() -> PolicySummary:
    """The summary of a policy that speaks of no practice."""
    return msgspec.convert({name: {"segments": 0, "polarity": ""} for name in PRACTICES}, PolicySummary)


def _no_practice_scores() -> PracticeScores:
    """The scores of a segment that is not labelled: five zeros."""
    return {"collection": 0.0, "sharing": 0.0, "cookies": 0.0, "rights": 0.0, "children": 0.0}


def _no_category_scores() -> CategoryScores:
    """The category scores of a segment that is not labelled: twelve zeros."""
    return ALL_ZERO.copy()


ALL_ZERO = msgspec.convert(dict.fromkeys(CATEGORIES, 0.0), CategoryScores)


@dataclass(frozen=True, slots=True)
class Capture:
    """One row of the archive's index (CDX): a URL at a time.

    `status` and `length` stay text, as the index has "-" where they are unknown; `target` is what the user asked for.
    """

    urlkey: str
    timestamp: str
    original: str
    mime: str = ""
    status: str = ""
    digest: str = ""
    length: str = ""
    target: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What identifies a capture: (urlkey, timestamp, original, digest)."""
        return self.urlkey, self.timestamp, self.original, self.digest


@dataclass(frozen=True, slots=True)
class Source:
    """Where a page was read from: a file, and the record in it. Both "" for a page fetched from an archive.

    `url_from` and `date_from` say what told the page's URL and date where the corpus gives none: "saved-from" (the
    comment of the program that saved the page), "canonical" or "og:url" for both, "name" (of the file) for the date.
    `fields` are the other facts that the corpus has about the page: its columns, the commit.
    """

    path: str = ""
    record: str = ""
    url_from: str = ""
    date_from: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The bytes of one page, after transfer and content encodings are undone, and what is known about their origin.

    `content_type` is the header as served; `status` the HTTP status of the page, 0 where unknown; `outcome` says in a
    word how the archive served the capture; `followed_from` are the ids of the pages that named its address, the one
    that the user asked for first. `site` and `policy` are the names that the corpus has for them (see `Policy`), ""
    where the target or the URL says what they are.
    """

    content: bytes
    capture: Capture = field(default_factory=lambda: Capture("", "", ""))
    source: Source = Source()
    content_type: str = ""
    status: int = 0
    archive_url: str = ""
    served_url: str = ""
    served_timestamp: str = ""
    outcome: str = ""
    followed_from: tuple[str, ...] = ()
    site: str = ""
    policy: str = ""

    @property
    def id(self) -> str:
        """`timestamp/original URL`, or the path the page was read from, with `#` and the record in it."""
        if self.capture.original and self.capture.timestamp:
            return f"{self.capture.timestamp}/{self.capture.original}"
        return f"{self.source.path}#{self.source.record}" if self.source.record else self.source.path

    @property
    def sha256(self) -> str:
        """Hexadecimal SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item or table row of a page.

    `text` is one line or several without blank ones between; `markdown` the same words with links and emphasis.
    `level` is 1-6 for a heading, the depth from 1 for an item; `marker` is "-" or "3." for an item; a row holds its
    `cells`, and `header` says that the row names the columns of those after it.
    """

    kind: BlockKind
    text: str
    markdown: str = ""
    level: int = 0
    marker: str = ""
    cells: tuple[str, ...] = ()
    header: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a page can be used, how much its text is like a privacy policy's (0 to 1), and why."""

    usable: bool
    is_policy: Score
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The clean text of a page: its blocks, the verdict on it, and the two renderings of the blocks.

    `spans[i]` is the (start, end) of `blocks[i]` in `text`, in Unicode code points; `encoding` is the one that the page
    was decoded with. `elsewhere` is the absolute URL of the page that holds the policy instead of this one: a frame,
    an embedded document, the only link; "" if the policy is here or nothing is known.
    """

    verdict: Verdict
    title: str = ""
    language: str = ""
    blocks: tuple[Block, ...] = ()
    text: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    markdown: str = ""
    extractor: str = ""
    encoding: str = ""
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A passage as a human annotator would have cut it, and the practices it mentions.

    `start` and `end` count Unicode code points of the policy's text; `headings` is the path of headings above the
    segment, outermost first; `context` the lead-in of a list item or the header of a table row. For each practice in
    `practices`, `polarity` says whether it is done or denied, and `evidence` which words show that.
    """

    index: Offset
    start: Offset
    end: Offset
    text: str
    kind: SegmentKind = "paragraph"
    headings: tuple[str, ...] = ()
    context: str = ""
    practices: tuple[Practice, ...] = ()
    scores: PracticeScores = field(default_factory=_no_practice_scores)
    categories: tuple[Category, ...] = ()
    category_scores: CategoryScores = field(default_factory=_no_category_scores)
    uncertain: bool = False
    polarity: PracticePolarity = field(default_factory=no_polarity)
    evidence: PracticeEvidence = field(default_factory=no_evidence)
    data_types: DataTypes = field(default_factory=no_data_types)


@dataclass(frozen=True, slots=True)
class PolicyCapture:
    """What the archive's index says about a capture, and what the archive served.

    `requested` is the target the user asked for; `status` is 0 where the index has "-"; `sha256` is of the page's
    bytes after transfer and content encodings are undone. `outcome` is "whole" where the archive served the capture
    itself; "redirected", "nearby", "same-digest" and "same-period" say why `served_url` and `served_timestamp` differ.
    """

    url: str = ""
    timestamp: Timestamp = ""
    requested: str = ""
    archive_url: str = ""
    status: int = 0
    mime: str = ""
    digest: str = ""
    served_url: str = ""
    served_timestamp: Timestamp = ""
    sha256: Sha256 = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a record: the extractor and its version, the model with its version and hash ("" if unlabelled).

    `encoding` is the one that the page was decoded with, "" where it has none (PDF). `elsewhere` is the address that
    the page names for the policy (see `Document`); `followed_from` are the ids of the records that led to this one by
    such an address, the one that the user asked for first.
    """

    extractor: str = ""
    model: str = ""
    model_sha256: Sha256 = ""
    encoding: str = ""
    elsewhere: str = ""
    followed_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One labelled snapshot: a line of `policies.jsonl`.

    `site` is what a reader calls the site, `policy` the document within the corpus, which all captures of it share;
    neither is ever empty. `labelled` false means that the page was not examined (another language, an unusable page),
    never that nothing was found. `summary` is made of the segments.
    """

    schema_version: SchemaVersion
    id: str
    site: str
    policy: str
    domain: str
    title: str
    language: str
    summary: PolicySummary = field(init=False, default_factory=_no_summary)
    source: Source
    capture: PolicyCapture
    verdict: Verdict
    markdown: str
    text: str
    labelled: bool
    segments: tuple[Segment, ...]
    provenance: Provenance

    def __post_init__(self) -> None:
        """Makes the summary of the segments, whatever a file says: those before schema 1.2 have none."""
        from extractor.stances import practice_stances  # which needs the types above

        stances = practice_stances(self.segments).items()
        object.__setattr__(self, "summary", {name: stance._asdict() for name, stance in stances})

    def to_dict(self) -> dict[str, Any]:
        """The record as plain dicts and lists, ready for JSON."""
        record: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return record

    @staticmethod
    def from_dict(record: dict[str, Any]) -> Policy:
        """A policy from such a dict; msgspec.ValidationError where a key is missing or of another type.

        What a file of an older schema lacks is filled in, and what the compact form leaves out; only its Markdown stays
        "" (`extractor.compact`).
        """
        if isinstance(record, dict) and record.get("form") == "compact":
            from extractor.compact import restored_policy  # which needs the types above

            return restored_policy(record)
        return msgspec.convert(_with_identity(record), Policy)


def _with_identity(record: dict[str, Any]) -> dict[str, Any]:
    """A record with `site` and `policy`, which those before schema 1.2 lack."""
    if "site" in record and "policy" in record:
        return record
    try:
        source, capture = record["source"], record["capture"]
        led_from = [*record["provenance"].get("followed_from", ()), ""][0]
        identity = identity_of(
            PageOrigin(
                capture["requested"],
                led_from.partition("/")[2] or capture["url"],
                record["domain"],
                source["path"],
                source["record"],
                capture["sha256"],
            )
        )
    except (KeyError, TypeError, AttributeError):
        return record  # msgspec says what is wrong with it
    return {**record, **identity._asdict()}


Change = Literal["same", "edited", "moved", "split", "merged", "added", "removed"]
EventKind = Literal[
    "added",
    "removed",
    "edited",
    "moved",
    "split",
    "merged",
    "rewritten",
    "practice_appeared",
    "practice_disappeared",
    "practice_returned",
    "polarity_changed",
    "retention_changed",
    "rights_changed",
    "third_party_appeared",
    "third_party_disappeared",
    "policy_moved",
    "effective_date_changed",
]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two captures an event lies between: its timestamp, and the segments concerned by their `index`."""

    timestamp: Timestamp = ""
    segments: tuple[Offset, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a policy: `text` stands at `start` to `end` (code points) of the policy's text, within `segment`."""

    segment: Offset
    start: Offset
    end: Offset
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an event is based on: the words removed (`before`) and added (`after`), in the records of these ids.

    `values_before` and `values_after` are read from the words: periods, names, dates, addresses. `passages` are the
    passages concerned, `similarity` (0 to 1) is the share of the wording that both sides have, `note` a remark.
    """

    before_id: str = ""
    after_id: str = ""
    before: tuple[Quote, ...] = ()
    after: tuple[Quote, ...] = ()
    values_before: tuple[str, ...] = ()
    values_after: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    similarity: Score = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A change between two successive captures of one policy: a line of `events.jsonl`.

    `site`, `policy` and `domain` are those of the policy's first record; `practice` is "" unless the event is about
    one; `confidence` (0 to 1) says which events to check first; it is not a probability.
    """

    site: str
    policy: str
    domain: str
    kind: EventKind
    before: Side
    after: Side
    practice: Practice | Literal[""] = ""
    evidence: Evidence = Evidence()
    confidence: Score = 1.0


@dataclass(frozen=True, slots=True)
class Appearance:
    """A passage in one capture: its segment there, the practices of that segment, and the id of the record."""

    timestamp: Timestamp
    segment: Offset
    practices: tuple[Practice, ...] = ()
    record: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One wording of a passage and the captures that have it, with its practices, and whether it denies each."""

    text: str
    practices: tuple[Practice, ...]
    polarity: PracticePolarity
    captures: tuple[Appearance, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a policy through the years: a line of `passages.jsonl`.

    `site`, `policy` and `domain` are those of the policy's first record; `parents` are the passages that it was split
    or merged from.
    """

    id: str
    site: str
    policy: str
    domain: str
    first_seen: Timestamp
    last_seen: Timestamp
    versions: tuple[Version, ...]
    parents: tuple[str, ...] = ()
