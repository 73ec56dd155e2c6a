"""The heaviest increasing subsequence: what kept its order when some of it was moved."""

from __future__ import annotations

from collections.abc import Sequence


def heaviest_rise(values: Sequence[int], weights: Sequence[int]) -> set[int]:
    """The places of an increasing subsequence of `values` (all different) with the greatest sum of `weights`.

    In n·log n steps: a Fenwick tree holds, for each value, the best sum that ends at or below it.

    >>> sorted(heaviest_rise([5, 1, 2, 3], [1, 1, 1, 1]))
    [1, 2, 3]
    """
    rank = {value: place for place, value in enumerate(sorted(values), 1)}
    tree: list[tuple[int, int]] = [(0, -1)] * (len(values) + 1)
    previous: list[int] = []
    for place, (value, weight) in enumerate(zip(values, weights, strict=True)):
        best, ending = _best_below(tree, rank[value] - 1)
        previous.append(ending)
        _enter(tree, rank[value], (best + max(weight, 1), place))
    return set(_chain(previous, _best_below(tree, len(values))[1]))


def _best_below(tree: list[tuple[int, int]], at: int) -> tuple[int, int]:
    """The best (sum, place) up to a rank."""
    best = (0, -1)
    while at > 0:
        best = max(best, tree[at])
        at -= at & -at
    return best


def _enter(tree: list[tuple[int, int]], at: int, entry: tuple[int, int]) -> None:
    """Enters a (sum, place) at a rank."""
    while at < len(tree):
        tree[at] = max(tree[at], entry)
        at += at & -at


def _chain(previous: list[int], place: int) -> list[int]:
    """The places that lead to one, backwards."""
    found = []
    while place >= 0:
        found.append(place)
        place = previous[place]
    return found
