"""Confidence intervals of shares."""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054  # the standard normal distribution's 97.5th percentile


def wilson_interval(count: float, total: float) -> tuple[float, float]:
    """The 95% interval of the share count / total, rounded to four places: Wilson's score interval (1927).

    It holds for small totals, and for shares of 0 and 1. The numbers need not be whole: weighted counts are not.

    >>> wilson_interval(4, 4), wilson_interval(2.5, 10)
    ((0.5101, 1.0), (0.0809, 0.5578))
    """
    share, scale = count / total, 1 + _Z * _Z / total
    middle = (share + _Z * _Z / (2 * total)) / scale
    half = _Z * sqrt(share * (1 - share) / total + _Z * _Z / (4 * total * total)) / scale
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)
