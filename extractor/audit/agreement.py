"""Whether raters agree beyond chance: Cohen's kappa and Krippendorff's alpha, with intervals.

J. Cohen, "A Coefficient of Agreement for Nominal Scales", 1960; K. Krippendorff, "Computing Krippendorff's
Alpha-Reliability", 2011, here for nominal data, any number of raters, and texts that some did not rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_RESAMPLES, _BOUNDS = 2_000, (2.5, 97.5)  # of the bootstrap over texts (Efron 1979), and its percentiles


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95% interval; None where it cannot be told."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


NOTHING = Figure()


def kappa(first: Sequence[object], second: Sequence[object]) -> Figure:
    """Cohen's kappa of two raters' answers to the same questions; no figure where one of them gave one answer only.

    >>> kappa("yyyn", "yynn").value
    0.5
    """
    values = sorted({*first, *second}, key=str)
    pairs = np.array([[(a, b) == (x, y) for x in values for y in values] for a, b in zip(first, second, strict=True)])
    return _resampled(pairs.astype(np.float64), lambda counts: _kappas(counts, len(values)))


def _kappas(counts: Array, values: int) -> Array:
    """Kappa of tables of answers, (tables, values * values); NaN where a rater could not but agree by chance alone."""
    table = counts.reshape(len(counts), values, values)
    total, first, second = table.sum((1, 2)), table.sum(2), table.sum(1)
    seen = np.trace(table, axis1=1, axis2=2) / total
    by_chance = (first * second).sum(1) / total**2
    one_answer = (first.max(1) == total) | (second.max(1) == total)
    return np.asarray(np.where(one_answer, np.nan, (seen - by_chance) / np.where(one_answer, 1, 1 - by_chance)))


def alpha(answers: Sequence[Sequence[object]]) -> Figure:
    """Krippendorff's alpha of the answers to each question, of as many raters as gave one.

    >>> alpha(["yy", "yy", "yn", "nn", "n"]).value
    0.5333
    """
    values = sorted({one for row in answers for one in row}, key=str)
    counts = np.array([[float(list(row).count(value)) for value in values] for row in answers if len(row) > 1])
    if not len(counts):
        return Figure()
    raters = counts.sum(1)
    apart = (raters**2 - (counts**2).sum(1)) / (raters - 1)  # ordered pairs of answers that differ
    return _resampled(np.column_stack([apart, counts]), _alphas)


def _alphas(sums: Array) -> Array:
    """Alpha of sums over questions: the pairs that differ, then how often each value was given; NaN of one value."""
    apart, given = sums[:, 0], sums[:, 1:]
    total = given.sum(1)
    expected = (total**2 - (given**2).sum(1)) / np.maximum(total - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 - apart / expected)


def _resampled(rows: Array, measure: Callable[[Array], Array]) -> Figure:
    """A measure of the sums of rows, with its interval by drawing the rows again and again."""
    if not len(rows):
        return Figure()
    value = float(measure(rows.sum(0, keepdims=True))[0])
    if not np.isfinite(value):
        return Figure()
    kinds, often = np.unique(rows, axis=0, return_counts=True)  # rows are of few kinds
    times = np.random.default_rng(0).multinomial(len(rows), often / len(rows), _RESAMPLES)
    drawn = measure(times @ kinds)
    return figure(value, drawn[np.isfinite(drawn)])


def figure(value: float, drawn: Array) -> Figure:
    """A value with the percentiles of what was drawn for it; the interval holds the value."""
    low, high = np.percentile(drawn, _BOUNDS) if len(drawn) else (value, value)
    return Figure(round(value, 4), round(min(float(low), value), 4), round(max(float(high), value), 4))
