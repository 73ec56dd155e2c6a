"""The captures of each policy of a domain, also across a move to another address.

Each target that the user asked for is one policy. Two targets of a domain are also one, if the second begins after the
first has ended and they share wording: then the site moved its policy without a redirect. Targets that were captured at
the same time are two policies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from surt import surt

from extractor.history.align import shingles
from extractor.history.wording import WordTuple, significant_words
from extractor.records import Policy
from extractor.timestamps import is_timestamp

_MIN_SHARED_WORDING = (
    0.03  # of the shorter text's shingles in the other: unrelated policies share less than a hundredth
)


@dataclass(frozen=True, slots=True)
class CaptureSeries:
    """The usable, labelled captures of one policy in order of time, no two with the same timestamp.

    `policy` is the address that it was first captured at.
    """

    domain: str
    policy: str
    captures: tuple[Policy, ...]


def capture_series(policies: Iterable[Policy], problems: list[str]) -> list[CaptureSeries]:
    """The policies of one domain. A sentence on each record that is left out is added to `problems`."""
    targets: dict[str, list[Policy]] = defaultdict(list)
    for policy in policies:
        if _has_place_in_history(policy, problems):
            targets[_target_of(policy)].append(policy)
    in_order = [_in_order_of_time(captures, problems) for captures in targets.values()]
    merged: list[list[Policy]] = []
    for captures in sorted(in_order, key=lambda captures: (captures[0].capture.timestamp, captures[0].id)):
        earlier = _predecessor(merged, captures)
        earlier.extend(captures) if earlier else merged.append(captures)
    return [CaptureSeries(captures[0].domain, address_of(captures[0]), tuple(captures)) for captures in merged]


def _has_place_in_history(policy: Policy, problems: list[str]) -> bool:
    """Whether a record can be part of a history: usable, labelled, and of a known time."""
    if not (policy.verdict.usable and policy.labelled):
        return False
    if not is_timestamp(policy.capture.timestamp):
        problems.append(f"{policy.id}: left out of the history, since the record has no time of capture.")
        return False
    return True


def _target_of(policy: Policy) -> str:
    """What the user asked for: a domain, or the key of an address."""
    target = policy.capture.requested or policy.capture.url
    return address_key(target) if "/" in target else target


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


def _in_order_of_time(captures: list[Policy], problems: list[str]) -> list[Policy]:
    """Captures in order of time; of several with one timestamp the first in the file, with a problem for the others."""
    found: dict[str, Policy] = {}
    for policy in captures:
        kept = found.setdefault(policy.capture.timestamp, policy)
        if kept is not policy:
            problems.append(
                f"{policy.id}: left out of the history, since {kept.id} is of the same policy and the same moment."
            )
    return [found[timestamp] for timestamp in sorted(found)]


def _predecessor(series: list[list[Policy]], captures: Sequence[Policy]) -> list[Policy] | None:
    """The policy that ended before these captures begin and shares most wording with them; None if none does."""
    begin = captures[0].capture.timestamp
    ended = [(_shared_wording(one[-1], captures[0]), one) for one in series if one[-1].capture.timestamp < begin]
    best = max(ended, key=lambda entry: entry[0], default=(0.0, None))
    return best[1] if best[0] >= _MIN_SHARED_WORDING else None


def _shared_wording(left: Policy, right: Policy) -> float:
    """The share of the shorter policy's shingles that the other one has."""
    one, other = _shingles_of(left), _shingles_of(right)
    return len(one & other) / max(1, min(len(one), len(other)))


def _shingles_of(policy: Policy) -> set[WordTuple]:
    """The shingles of a policy's segments."""
    return {shingle for segment in policy.segments for shingle in shingles(significant_words(segment.text))} - {()}
