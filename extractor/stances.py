"""What a policy says about each practice, all its segments taken together: that it does it, or only that it does not.

Counts, tables, charts and the records' `summary` are all made of these functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from extractor.records import PRACTICES, Polarity, Practice, Segment

Stance = Literal["any", "does", "denies only"]
STANCES: tuple[Stance, ...] = get_args(Stance)


class PracticeStance(NamedTuple):
    """How many segments speak of a practice, and their polarity taken together: "" where none speaks of it."""

    segments: int
    polarity: Polarity


def practice_stances(segments: Iterable[Segment]) -> dict[Practice, PracticeStance]:
    """The stance on each practice of all segments of a policy, or of some; each of PRACTICES has a key.

    A segment that has the practice without a polarity, as in records of schema 1.0, is taken for unclear.
    """
    polarities: dict[Practice, list[Polarity]] = {name: [] for name in PRACTICES}
    for segment in segments:
        for name in segment.practices:
            polarities[name].append(segment.polarity[name] or "unclear")
    return {name: PracticeStance(len(said), combined_polarity(said)) for name, said in polarities.items()}


def combined_polarity(polarities: Iterable[Polarity]) -> Polarity:
    """The polarity of several statements on one practice; "" does not count as a statement.

    "does_not" only if all of them deny it; "mixed" if some deny it and others do not, or one does both; "does" if some
    do it and none denies it; "unclear" if none surely does it and not all deny it.

    >>> [combined_polarity(said) for said in ((), ("does_not",), ("does", "unclear"), ("does", "does_not"))]
    ['', 'does_not', 'does', 'mixed']
    >>> [combined_polarity(said) for said in (("unclear",), ("unclear", "does_not"), ("mixed",))]
    ['unclear', 'unclear', 'mixed']
    """
    found = set(polarities) - {""}
    if len(found) <= 1:
        return next(iter(found), "")
    if found == {"unclear", "does_not"}:
        return "unclear"
    return "mixed" if found & {"mixed", "does_not"} else "does"


def has_stance(polarity: Polarity, stance: Stance) -> bool:
    """Whether a polarity counts for a stance.

    "any" is whatever speaks of the practice. "denies only" is "does_not" alone. "does" is all else that speaks of it:
    a denial counts only where the model is sure of it and nothing else is said. So the two add up to "any".

    >>> [has_stance("does_not", stance) for stance in STANCES], [has_stance("mixed", stance) for stance in STANCES]
    ([True, False, True], [True, True, False])
    """
    if stance == "any":
        return polarity != ""
    return polarity == "does_not" if stance == "denies only" else polarity not in ("", "does_not")
