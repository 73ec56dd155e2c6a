"""Which captures are of one policy: its line through the years, also where the site moved it.

A target that the user asked for is one policy. Two targets of one domain are one as well where the second begins when
the first has ended and they share wording: then the site moved its policy and nothing redirects. Where both were
captured at the same time they are two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from surt import surt

from extractor.history.align import shingles
from extractor.history.dates import is_moment
from extractor.history.wording import Words, words_of
from extractor.records import Policy

_RELATED = 0.03  # of the shorter text's shingles in the other: chance alone gives less than a hundredth


@dataclass(frozen=True, slots=True)
class Line:
    """One policy of a domain: its usable, labelled captures in order of time, no two of one moment.

    `policy` is the address it was first captured at.
    """

    domain: str
    policy: str
    captures: tuple[Policy, ...]


def lines_of(policies: Iterable[Policy], problems: list[str]) -> list[Line]:
    """The policies of one domain, by address. What is left out is named in `problems`, in sentences."""
    runs: dict[str, list[Policy]] = defaultdict(list)
    for policy in policies:
        if _is_looked_at(policy, problems):
            runs[_target_of(policy)].append(policy)
    found = [_in_time(run, problems) for run in runs.values()]
    chains: list[list[Policy]] = []
    for run in sorted(found, key=lambda run: (run[0].capture.timestamp, run[0].id)):
        chain = _predecessor(chains, run)
        chain.extend(run) if chain else chains.append(run)
    return [Line(chain[0].domain, address_of(chain[0]), tuple(chain)) for chain in chains]


def _is_looked_at(policy: Policy, problems: list[str]) -> bool:
    """Whether a record can be part of a history: usable, labelled, of a known time."""
    if not (policy.verdict.usable and policy.labelled):
        return False
    if not is_moment(policy.capture.timestamp):
        problems.append(f"{policy.id}: left out of the history, since the record has no time of capture.")
        return False
    return True


def _target_of(policy: Policy) -> str:
    """What was asked for: a domain, or an address without what does not tell pages apart (scheme, www)."""
    wanted = policy.capture.requested or policy.capture.url
    return address_key(wanted) if "/" in wanted else wanted


def address_of(policy: Policy) -> str:
    """The address that a capture was served from; the archive may have followed a redirect."""
    return policy.capture.served_url or policy.capture.url


def address_key(url: str) -> str:
    """An address as the archive's index keys it; what is no address stays as it is."""
    try:
        key: str = surt(url)
    except (ValueError, UnicodeError):
        return url
    return key


def _in_time(run: list[Policy], problems: list[str]) -> list[Policy]:
    """Captures in order of time; of several of one moment the first in the file, the others named."""
    found: dict[str, Policy] = {}
    for policy in run:
        kept = found.setdefault(policy.capture.timestamp, policy)
        if kept is not policy:
            problems.append(
                f"{policy.id}: left out of the history, since {kept.id} is of the same policy and the same moment."
            )
    return [found[timestamp] for timestamp in sorted(found)]


def _predecessor(chains: list[list[Policy]], run: Sequence[Policy]) -> list[Policy] | None:
    """The policy that ended before this run begins and shares most wording with it."""
    begin = run[0].capture.timestamp
    ended = [(_relation(chain[-1], run[0]), chain) for chain in chains if chain[-1].capture.timestamp < begin]
    best = max(ended, key=lambda entry: entry[0], default=(0.0, None))
    return best[1] if best[0] >= _RELATED else None


def _relation(left: Policy, right: Policy) -> float:
    """The share of the shorter policy's shingles that the other has."""
    one, other = _shingles_of(left), _shingles_of(right)
    return len(one & other) / max(1, min(len(one), len(other)))


def _shingles_of(policy: Policy) -> set[Words]:
    """The shingles of a policy's segments."""
    return {shingle for segment in policy.segments for shingle in shingles(words_of(segment.text))} - {()}
