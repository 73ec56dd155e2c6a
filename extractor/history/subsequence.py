"""The heaviest increasing subsequence: the elements that kept their order when others were moved."""

from __future__ import annotations

from collections.abc import Sequence


def heaviest_increasing_subsequence(values: Sequence[int], weights: Sequence[int]) -> set[int]:
    """The indexes of an increasing subsequence of `values` (all different) with the greatest sum of `weights`.

    In n·log(n) steps: a Fenwick tree holds, for each value, the best sum that ends at or below it.

    >>> sorted(heaviest_increasing_subsequence([5, 1, 2, 3], [1, 1, 1, 1]))
    [1, 2, 3]
    """
    rank = {value: index for index, value in enumerate(sorted(values), 1)}
    tree: list[tuple[int, int]] = [(0, -1)] * (len(values) + 1)
    previous: list[int] = []
    for index, (value, weight) in enumerate(zip(values, weights, strict=True)):
        best, ending = _best_below(tree, rank[value] - 1)
        previous.append(ending)
        _insert(tree, rank[value], (best + max(weight, 1), index))
    return set(_backtrack(previous, _best_below(tree, len(values))[1]))


def _best_below(tree: list[tuple[int, int]], rank: int) -> tuple[int, int]:
    """The best (sum, index) up to a rank."""
    best = (0, -1)
    while rank > 0:
        best = max(best, tree[rank])
        rank -= rank & -rank
    return best


def _insert(tree: list[tuple[int, int]], rank: int, entry: tuple[int, int]) -> None:
    """Inserts a (sum, index) at a rank."""
    while rank < len(tree):
        tree[rank] = max(tree[rank], entry)
        rank += rank & -rank


def _backtrack(previous: list[int], index: int) -> list[int]:
    """The indexes of the subsequence that ends at an index, backwards."""
    found = []
    while index >= 0:
        found.append(index)
        index = previous[index]
    return found
