"""Shares corrected for the errors of the model that counted them.

Of texts of which `share` is given a practice, (share - fpr) / (tpr - fpr) have it: "adjusted count" (G. Forman,
"Quantifying counts and costs via classification", 2008), first in epidemiology (W. Rogan and B. Gladen, "Estimating
prevalence from the results of a screening test", 1978). It holds where the error rates are those of the audit, however
many texts have the practice. The interval carries the errors of both: of the share, and of the rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from extractor.audit.agreement import NOTHING, Array, Figure, figure
from extractor.audit.draw import span_of
from extractor.audit.estimate import ALL, DRAWS, ENOUGH, Audit, Row, rates_of
from extractor.records import Practice

_MOST_SITES = 300  # that are drawn each by itself


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected share, whose error rates were taken from `rates`: a span of years, "all", or "" where none was."""

    share: Figure = NOTHING
    rates: str = ""
    note: str = ""


def correct(audit: Audit, practice: Practice, year: str, share: float, shares: Array) -> Corrected:
    """The share corrected by the audit of a practice; `shares` are what the share might have been, (DRAWS,)."""
    row = _rates_for(audit, practice, year)
    rates = rates_of(row.bands)
    if not rates.tells:
        return Corrected(rates=row.span, note=rates.note)
    value = _adjusted(np.array([share]), np.array([rates.tpr]), np.array([rates.fpr]))
    return Corrected(figure(float(value[0]), _adjusted(shares, rates.tprs, rates.fprs)), row.span)


def _adjusted(share: Array, tpr: Array, fpr: Array) -> Array:
    """The adjusted count, kept between 0 and 1."""
    return np.asarray(np.clip((share - fpr) / np.maximum(tpr - fpr, 1e-9), 0, 1))


def _rates_for(audit: Audit, practice: Practice, year: str) -> Row:
    """The row of the span that a year lies in where enough was judged there to correct by, else that of all spans."""
    rows = {row.span: row for row in audit.rows if row.practice == practice}
    own = rows.get(span_of(year, audit.years))
    enough = own and min(own.present, own.judged - own.present) >= ENOUGH and not own.note
    return own if own and enough else rows[ALL]


def counted(count: int, of: int) -> Array:
    """What the share of a count might have been, (DRAWS,), by Jeffreys' posterior."""
    return np.random.default_rng(1).beta(count + 0.5, of - count + 0.5, DRAWS)


def clustered(counts: Sequence[tuple[int, int]]) -> Array:
    """What the share of a sum might have been, (DRAWS,): its sites drawn again, each (count, of how many).

    Of many sites groups are drawn, which vary as their sites do. Of what was drawn Jeffreys' posterior is taken: one
    site, or sites that are alike, would else seem to be certain.
    """
    every = np.array(counts, dtype=np.float64).reshape(-1, 2)
    table = np.array([every[k::_MOST_SITES].sum(0) for k in range(min(_MOST_SITES, len(every)))])
    count, of = (_drawn_again(len(table)) @ table).T
    return np.asarray(np.random.default_rng(2).beta(count + 0.5, of - count + 0.5))


@lru_cache(maxsize=8)
def _drawn_again(size: int) -> Array:
    """How often each of so many is drawn when as many are drawn with replacement, (DRAWS, size)."""
    return np.random.default_rng(1).multinomial(size, np.full(size, 1 / size), DRAWS).astype(np.float64)
