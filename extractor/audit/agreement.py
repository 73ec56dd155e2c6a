"""Agreement of raters beyond chance: Cohen's kappa and Krippendorff's alpha, with intervals.

J. Cohen, "A Coefficient of Agreement for Nominal Scales", 1960; K. Krippendorff, "Computing Krippendorff's
Alpha-Reliability", 2011, here for nominal data, any number of raters, and texts that some raters left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float64]
_RESAMPLES, _PERCENTILES = 2_000, (2.5, 97.5)  # of the bootstrap over texts (Efron 1979)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; None if unknown."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


NO_ESTIMATE = Estimate()


def cohens_kappa(first: Sequence[object], second: Sequence[object]) -> Estimate:
    """Cohen's kappa of two raters' answers to the same questions; no estimate if a rater always gave the same answer.

    >>> cohens_kappa("yyyn", "yynn").value
    0.5
    """
    values = sorted({*first, *second}, key=str)
    pairs = np.array([[(a, b) == (x, y) for x in values for y in values] for a, b in zip(first, second, strict=True)])
    return _bootstrap(pairs.astype(np.float64), lambda counts: _kappas(counts, len(values)))


def _kappas(counts: _Array, values: int) -> _Array:
    """Kappa of tables of counts, (tables, values * values); NaN if a rater always gave the same answer."""
    table = counts.reshape(len(counts), values, values)
    total, first, second = table.sum((1, 2)), table.sum(2), table.sum(1)
    observed = np.trace(table, axis1=1, axis2=2) / total
    by_chance = (first * second).sum(1) / total**2
    one_answer = (first.max(1) == total) | (second.max(1) == total)
    return np.asarray(np.where(one_answer, np.nan, (observed - by_chance) / np.where(one_answer, 1, 1 - by_chance)))


def krippendorffs_alpha(answers: Sequence[Sequence[object]]) -> Estimate:
    """Krippendorff's alpha of the answers to each question, by any number of raters.

    >>> krippendorffs_alpha(["yy", "yy", "yn", "nn", "n"]).value
    0.5333
    """
    values = sorted({answer for row in answers for answer in row}, key=str)
    counts = np.array([[float(list(row).count(value)) for value in values] for row in answers if len(row) > 1])
    if not len(counts):
        return Estimate()
    raters = counts.sum(1)
    disagreements = (raters**2 - (counts**2).sum(1)) / (raters - 1)  # ordered pairs of answers that differ
    return _bootstrap(np.column_stack([disagreements, counts]), _alphas)


def _alphas(sums: _Array) -> _Array:
    """Alpha of sums over questions: the disagreements, then the count of each value; NaN if there is only one value."""
    disagreements, counts = sums[:, 0], sums[:, 1:]
    total = counts.sum(1)
    expected = (total**2 - (counts**2).sum(1)) / np.maximum(total - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 - disagreements / expected)


def _bootstrap(rows: _Array, statistic: Callable[[_Array], _Array]) -> Estimate:
    """A statistic of the sum of rows, with its bootstrap interval over the rows."""
    if not len(rows):
        return Estimate()
    value = float(statistic(rows.sum(0, keepdims=True))[0])
    if not np.isfinite(value):
        return Estimate()
    distinct, counts = np.unique(rows, axis=0, return_counts=True)  # there are few distinct rows
    resamples = np.random.default_rng(0).multinomial(len(rows), counts / len(rows), _RESAMPLES)
    draws = statistic(resamples @ distinct)
    return estimate_of(value, draws[np.isfinite(draws)])


def estimate_of(value: float, draws: _Array) -> Estimate:
    """A value with the percentiles of its draws; the interval contains the value."""
    low, high = np.percentile(draws, _PERCENTILES) if len(draws) else (value, value)
    return Estimate(round(value, 4), round(min(float(low), value), 4), round(max(float(high), value), 4))
