"""What several writers share: JSON, an object a line or all in one array, and the segments of policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from extractor.compression import packed
from extractor.files import write_atomically
from extractor.records import DATA_TYPES, PRACTICES, Policy, Practice, Segment

Record = dict[str, Any]
SCOPES: tuple[Literal["collection"], Literal["sharing"]] = ("collection", "sharing")  # that types of data are told of
HEADING_BORDER = " › "


def write_lines(records: Iterable[Record], path: Path) -> int:
    """Writes objects as JSONL, compressed by the file's name. Gives their number."""
    count = 0
    with write_atomically(path) as raw, packed(raw, path) as stream:
        for count, record in enumerate(records, 1):  # noqa: B007
            stream.write(_as_json(record) + b"\n")
    return count


def write_array(records: Iterable[Record], path: Path, *, before: str = "[", after: str = "]") -> int:
    """Writes objects as one JSON array, one by one, between two pieces of JSON. Gives their number.

    `after` may hold `{count}`, which stands for that number.
    """
    count = 0
    with write_atomically(path) as raw, packed(raw, path) as stream:
        stream.write(before.encode())
        for count, record in enumerate(records, 1):
            stream.write((b",\n" if count > 1 else b"\n") + _as_json(record))
        stream.write(b"\n" + after.replace("{count}", str(count)).encode() + b"\n")
    return count


def _as_json(record: Record) -> bytes:
    """An object as JSON in ASCII: doccano guesses the encoding of a file, and U+2028 ends a line for some readers.

    >>> _as_json({"text": "a\\u2028b"})
    b'{"text": "a\\\\u2028b"}'
    """
    return json.dumps(record).encode()


def column_of(label: str) -> str:
    """A label as the name of a column.

    >>> column_of("First Party Collection/Use")
    'first_party_collection_use'
    """
    return re.sub(r"\W+", "_", label).lower()


def segments_of(policies: Iterable[Policy]) -> Iterator[tuple[Policy, Segment]]:
    """Each segment with the policy that it is of."""
    return ((policy, segment) for policy in policies for segment in policy.segments)


def origin(policy: Policy, segment: Segment) -> Record:
    """What an annotator is told of a segment, and what finds its place again."""
    return {
        "policy": policy.id,
        "domain": policy.domain,
        "url": policy.capture.url,
        "timestamp": policy.capture.timestamp,
        "index": segment.index,
        "start": segment.start,
        "end": segment.end,
        "headings": HEADING_BORDER.join(segment.headings),
        "context": segment.context,
        "polarity": _polarity_of(segment),
        "data_types": _data_types_of(segment),
        "model": policy.provenance.model,
    }


def evidence_in(segment: Segment) -> Iterator[tuple[Practice, int, int]]:
    """The evidence of a segment: a practice, and from where to where in the segment's text."""
    for practice in segment.practices:
        for start, end in segment.evidence[practice]:
            yield practice, start - segment.start, end - segment.start


def _polarity_of(segment: Segment) -> str:
    """What a segment says of its practices beside that it does them, "" where that is all.

    >>> _polarity_of(Segment(0, 0, 1, "a", polarity={"sharing": "does_not", "rights": "does"}))
    'sharing: does_not'
    """
    told = ((practice, segment.polarity.get(practice, "")) for practice in PRACTICES)
    return ", ".join(f"{practice}: {side}" for practice, side in told if side not in ("", "does"))


def _data_types_of(segment: Segment) -> str:
    """The types of data that a segment names, by practice.

    >>> _data_types_of(Segment(0, 0, 1, "a", data_types={"collection": ("contact", "device"), "sharing": ()}))
    'collection: contact, device'
    """
    return "; ".join(f"{scope}: {', '.join(types)}" for scope in SCOPES if (types := segment.data_types[scope]))


def types_in(policy: Policy, scope: Literal["collection", "sharing"]) -> list[str]:
    """The types of data that the segments of a policy name for a practice."""
    found = {name for segment in policy.segments for name in segment.data_types[scope]}
    return [name for name in DATA_TYPES if name in found]


def surest(segment: Segment) -> float:
    """How sure the model is of the practice it is least sure of, 0.5 to 1: annotators begin with the lowest."""
    return round(min(max(score, 1 - score) for score in _scores_of(segment)), 4)


def _scores_of(segment: Segment) -> list[float]:
    """The scores of the five practices."""
    return [segment.scores[practice] for practice in PRACTICES]
