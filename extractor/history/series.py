"""The captures of each policy in order of time.

Records of one `site` and `policy` are captures of one policy; two records are compared in no other case but one. Two
addresses of a domain that nobody has named are one policy, too, if the second begins after the first has ended and they
share much of their wording: then the site moved its policy without a redirect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from surt import surt

from extractor.history.align import shingles
from extractor.history.wording import WordTuple, significant_words
from extractor.identity import is_address
from extractor.records import Policy
from extractor.timestamps import is_timestamp

_MIN_SHARED_WORDING = 0.2  # of the shorter text's shingles in the other; unrelated policies share less than a hundredth


@dataclass(frozen=True, slots=True)
class CaptureSeries:
    """The usable, labelled captures of one policy in order of time; those of one moment in the order of the file.

    `site`, `policy` and `domain` are those of the first capture.
    """

    site: str
    policy: str
    domain: str
    captures: tuple[Policy, ...]


@dataclass(slots=True)
class _Occasion:
    """How many records something is said of, and the id of the first."""

    count: int = 0
    first: str = ""

    def add(self, policy: Policy) -> None:
        """Adds a record."""
        self.count += 1
        self.first = self.first or policy.id


@dataclass(slots=True)
class SeriesNotes:
    """What is to be said about usable, labelled records that have no place of their own in a history."""

    undated: _Occasion = field(default_factory=_Occasion)
    repeated: _Occasion = field(default_factory=_Occasion)
    simultaneous: _Occasion = field(default_factory=_Occasion)

    def sentences(self) -> list[str]:
        """A sentence on each kind of records, with their number."""
        patterns = (
            (self.undated, "{} no date of capture and cannot be placed in time: left out of the history (first {})."),
            (self.repeated, "{} the id of an earlier record of the same policy: counted once (first {})."),
            (
                self.simultaneous,
                "{} the same time as an earlier one of the same policy: taken in the order of the file (first {}).",
            ),
        )
        return [
            pattern.format(f"{kind.count:,} {'record has' if kind.count == 1 else 'records have'}", kind.first)
            for kind, pattern in patterns
            if kind.count
        ]


def capture_series(policies: Iterable[Policy], notes: SeriesNotes | None = None) -> list[CaptureSeries]:
    """The policies among some records. Records without a place in a history are counted in `notes`."""
    notes = notes or SeriesNotes()
    by_policy: dict[tuple[str, str], list[Policy]] = defaultdict(list)
    for policy in policies:
        if _has_place_in_history(policy, notes):
            by_policy[policy.site, policy.policy].append(policy)
    in_order = [_in_order_of_time(captures, notes) for captures in by_policy.values()]
    merged: list[list[Policy]] = []
    for captures in sorted(in_order, key=lambda captures: (captures[0].capture.timestamp, captures[0].id)):
        earlier = _predecessor(merged, captures)
        earlier.extend(captures) if earlier else merged.append(captures)
    return [_series_of(captures) for captures in merged]


def _series_of(captures: Sequence[Policy]) -> CaptureSeries:
    """Captures in order as a series."""
    first = captures[0]
    return CaptureSeries(first.site, first.policy, first.domain, tuple(captures))


def _has_place_in_history(policy: Policy, notes: SeriesNotes) -> bool:
    """Whether a record can be part of a history: usable, labelled, and of a known time."""
    if not (policy.verdict.usable and policy.labelled):
        return False
    if not is_timestamp(policy.capture.timestamp):
        notes.undated.add(policy)
        return False
    return True


def address_of(policy: Policy) -> str:
    """The address that a capture was served from: the archive may have followed a redirect."""
    return policy.capture.served_url or policy.capture.url


def address_key(url: str) -> str:
    """The key of an address in the archive's index, without scheme and www; other texts are returned unchanged."""
    try:
        key: str = surt(url)
    except (ValueError, UnicodeError):
        return url
    return key


def _in_order_of_time(captures: list[Policy], notes: SeriesNotes) -> list[Policy]:
    """Captures in order of time, each id once."""
    ids: set[str] = set()
    timestamps: set[str] = set()
    kept = []
    for policy in captures:
        if policy.id in ids:
            notes.repeated.add(policy)
            continue
        if policy.capture.timestamp in timestamps:
            notes.simultaneous.add(policy)
        ids.add(policy.id)
        timestamps.add(policy.capture.timestamp)
        kept.append(policy)
    return sorted(kept, key=lambda policy: policy.capture.timestamp)


def _is_named_by_address(policy: Policy) -> bool:
    """Whether nobody has named the policy of a record, so that it may be at other addresses as well."""
    return is_address(policy.policy, policy.domain, (policy.capture.requested, policy.capture.url))


def _predecessor(series: list[list[Policy]], captures: Sequence[Policy]) -> list[Policy] | None:
    """The policy that ended before these captures begin and moved to their address; None if none did."""
    first = captures[0]
    if not _is_named_by_address(first):
        return None
    ended = [
        (_shared_wording(one[-1], first), one)
        for one in series
        if (one[-1].site, one[-1].domain) == (first.site, first.domain)
        and one[-1].capture.timestamp < first.capture.timestamp
        and _is_named_by_address(one[-1])
    ]
    best = max(ended, key=lambda entry: entry[0], default=(0.0, None))
    return best[1] if best[0] >= _MIN_SHARED_WORDING else None


def _shared_wording(left: Policy, right: Policy) -> float:
    """The share of the shorter policy's shingles that the other one has."""
    one, other = _shingles_of(left), _shingles_of(right)
    return len(one & other) / max(1, min(len(one), len(other)))


def _shingles_of(policy: Policy) -> set[WordTuple]:
    """The shingles of a policy's segments."""
    return {shingle for segment in policy.segments for shingle in shingles(significant_words(segment.text))} - {()}
