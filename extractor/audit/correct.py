"""Shares corrected for the errors of the model.

If the model labels a `share` of the texts with a practice, (share - fpr) / (tpr - fpr) have it: "adjusted count"
(G. Forman, "Quantifying counts and costs via classification", 2008), first in epidemiology (W. Rogan and B. Gladen,
"Estimating prevalence from the results of a screening test", 1978). It holds wherever the model has the error rates of
the audit, however common the practice is. The interval includes the uncertainty of the share and of the rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from extractor.audit.agreement import NO_ESTIMATE, Estimate, estimate_of
from extractor.audit.estimate import ALL_SPANS, MIN_SPAN_CASES, POSTERIOR_DRAWS, Audit, AuditRow, error_rates
from extractor.audit.sampling import span_of
from extractor.records import Practice

_Array = NDArray[np.float64]
_MAX_CLUSTERS = 300  # in the bootstrap; of more sites groups are drawn


@dataclass(frozen=True, slots=True)
class CorrectedShare:
    """A corrected share. `rates` names the span whose error rates correct it, or "all"; "" without an audit."""

    share: Estimate = NO_ESTIMATE
    rates: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CountedShare:
    """A share as counted, and draws of it, (POSTERIOR_DRAWS,)."""

    value: float
    draws: _Array


def corrected_share(audit: Audit, practice: Practice, year: str, share: float, draws: _Array) -> CorrectedShare:
    """The share corrected by the audit of a practice; `draws` are draws of the share, (POSTERIOR_DRAWS,)."""
    row = _rates_for(audit, practice, year)
    corrected = _adjusted_share(row, CountedShare(share, draws))
    if corrected is None:
        return CorrectedShare(rates=row.span, note=error_rates(row.bands).note)
    return CorrectedShare(estimate_of(corrected.value, corrected.draws), row.span)


def corrected_part(
    audit: Audit, practice: Practice, year: str, share: CountedShare, part: CountedShare
) -> CorrectedShare:
    """A part of a corrected share, such as those that deny a practice: it is divided as was counted.

    No rater judged it. `part` is a share of those that `share` counts.
    """
    row = _rates_for(audit, practice, year)
    corrected = _adjusted_share(row, share)
    if corrected is None:
        return CorrectedShare(rates=row.span, note=error_rates(row.bands).note)
    estimate = estimate_of(corrected.value * part.value, corrected.draws * part.draws)
    note = "The corrected share of `any`, divided as counted: raters did not judge what is denied."
    return CorrectedShare(estimate, row.span, note)


def _adjusted_share(row: AuditRow, share: CountedShare) -> CountedShare | None:
    """A share corrected by the error rates of a row; None if they cannot correct any."""
    rates = error_rates(row.bands)
    if not rates.can_correct:
        return None
    value = _adjusted(np.array([share.value]), np.array([rates.tpr]), np.array([rates.fpr]))
    return CountedShare(float(value[0]), _adjusted(share.draws, rates.tprs, rates.fprs))


def _adjusted(share: _Array, tpr: _Array, fpr: _Array) -> _Array:
    """The adjusted count, limited to 0 to 1."""
    return np.asarray(np.clip((share - fpr) / np.maximum(tpr - fpr, 1e-9), 0, 1))


def _rates_for(audit: Audit, practice: Practice, year: str) -> AuditRow:
    """The row of the span that a year lies in, if enough was judged there; else that of all spans."""
    rows = {row.span: row for row in audit.rows if row.practice == practice}
    own = rows.get(span_of(year, audit.years))
    enough = own and min(own.present, own.judged - own.present) >= MIN_SPAN_CASES and not own.note
    return own if own and enough else rows[ALL_SPANS]


def share_draws(count: int, total: int) -> _Array:
    """Draws of a share from Jeffreys' posterior, (POSTERIOR_DRAWS,)."""
    return np.random.default_rng(1).beta(count + 0.5, total - count + 0.5, POSTERIOR_DRAWS)


def clustered_share_draws(counts: Sequence[tuple[int, int]]) -> _Array:
    """Draws of a share over sites, (POSTERIOR_DRAWS,), by a bootstrap over the sites, each (count, total).

    Of many sites, groups are drawn, which vary as their sites do. Each draw then comes from Jeffreys' posterior:
    otherwise a single site, or sites that are alike, would seem certain.
    """
    sites = np.array(counts, dtype=np.float64).reshape(-1, 2)
    clusters = np.array([sites[k::_MAX_CLUSTERS].sum(0) for k in range(min(_MAX_CLUSTERS, len(sites)))])
    count, total = (_resampling_counts(len(clusters)) @ clusters).T
    return np.asarray(np.random.default_rng(2).beta(count + 0.5, total - count + 0.5))


@lru_cache(maxsize=8)
def _resampling_counts(size: int) -> _Array:
    """How often each of `size` things is drawn when `size` are drawn with replacement, (POSTERIOR_DRAWS, size)."""
    return np.random.default_rng(1).multinomial(size, np.full(size, 1 / size), POSTERIOR_DRAWS).astype(np.float64)
