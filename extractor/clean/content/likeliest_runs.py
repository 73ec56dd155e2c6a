"""Divides a sequence into runs of two kinds, by the log odds of each member and what a border costs at each place."""

from __future__ import annotations

from collections.abc import Sequence


def likeliest_members(log_odds: Sequence[float], border_costs: Sequence[float]) -> list[bool]:
    """Whether each member is of the first kind: the division with the greatest sum, minus its borders (Viterbi 1967).

    `border_costs` are those of a border in front of each member.

    >>> likeliest_members([5, -1, 5, -9], [2, 2, 2, 2])
    [True, True, True, False]
    """
    inside, outside = 0.0, 0.0
    came_in, went_out = [], []
    for odds, cost in zip(log_odds, border_costs, strict=True):
        came_in.append(outside - cost > inside)
        went_out.append(inside - cost >= outside)  # members that tell nothing stay with those before
        inside, outside = max(inside, outside - cost) + odds, max(outside, inside - cost)
    members = [False] * len(log_odds)
    is_inside = inside >= outside
    for index in range(len(log_odds) - 1, -1, -1):
        members[index] = is_inside
        is_inside = not came_in[index] if is_inside else went_out[index]
    return members
