"""Shares of sites and of segments with each practice over time, as counted and as corrected by an audit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractor.audit import Audit, CorrectedShare, Unit, clustered_share_draws, corrected_share, read_audit, share_draws
from extractor.errors import UsageError
from extractor.history import Observation, SharePoint, TrendPoint, representative_captures
from extractor.records import PRACTICES, Practice
from extractor.timestamps import PeriodLength

_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class _Count:
    """The count of a practice in a period, with its interval; of segments also (count, total) of each site."""

    period: str
    unit: Unit
    practice: Practice
    total: int
    count: int
    low: float | None
    high: float | None
    by_site: tuple[tuple[int, int], ...] = ()


def read_audits(paths: Sequence[Path]) -> dict[Unit, Audit]:
    """Audits by their unit. Raises UnreadableError, and UsageError if two have the same unit."""
    audits: dict[Unit, Audit] = {}
    for path in paths:
        audit = read_audit(path)
        if audit.unit in audits:
            raise UsageError(
                f"{path} is a second audit of {audit.unit}: give one of segments and one of sites at most."
            )
        audits[audit.unit] = audit
    return audits


def require_model(audits: Mapping[Unit, Audit], models: set[str]) -> None:
    """Raises UsageError if records are labelled by another model than the one that was audited."""
    for audit in audits.values():
        if models - {audit.model_sha256}:
            raise UsageError(
                f"The audit of {audit.unit} is of the model {audit.model} ({audit.model_sha256[:12]}), and there are "
                "records by another one: its errors are not known. Sample and audit these records."
            )


def trends(
    observations: Sequence[Observation],
    site_shares: Sequence[SharePoint],
    audits: Mapping[Unit, Audit],
    every: PeriodLength = "half-year",
) -> list[TrendPoint]:
    """The shares of each period, as counted and as corrected; without an audit they are not corrected.

    `site_shares` are the `shares` of the observations in the same periods.
    """
    of_all_sites = [point for point in site_shares if point.panel == "all"]
    counts = [*map(_site_count, of_all_sites), *_segment_counts(observations, of_all_sites, every)]
    return [_point(count, audits.get(count.unit)) for count in counts]


def _site_count(point: SharePoint) -> _Count:
    """The number of sites with a practice in a period."""
    return _Count(point.period, "sites", point.practice, point.sites, point.with_practice, point.low, point.high)


def _segment_counts(
    observations: Sequence[Observation], of_all_sites: Sequence[SharePoint], every: PeriodLength
) -> Iterator[_Count]:
    """The number of segments with each practice in each period; the interval is a bootstrap over two sites or more."""
    sites: dict[str, list[list[Observation]]] = defaultdict(list)
    in_order = sorted(observations, key=lambda one: one.domain)  # so that the order of the records does not matter
    for period, captures in representative_captures(in_order, every):
        sites[period].append(captures)
    for period in dict.fromkeys(point.period for point in of_all_sites):
        for k, practice in enumerate(PRACTICES):
            pairs = tuple(
                (sum(capture.segments_with[k] for capture in site), sum(capture.segments for capture in site))
                for site in sites[period]
            )
            count, total = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
            yield _Count(period, "segments", practice, total, count, *_interval(pairs), pairs)


def _interval(pairs: Sequence[tuple[int, int]]) -> tuple[float | None, float | None]:
    """The interval of a share over sites; None for a single site."""
    if len(pairs) < 2:
        return None, None
    low, high = np.percentile(clustered_share_draws(pairs), _PERCENTILES)
    return round(float(low), 4), round(float(high), 4)


def _point(count: _Count, audit: Audit | None) -> TrendPoint:
    """A count as a share, corrected if there is an audit of its unit."""
    share = count.count / count.total if count.total else None
    corrected = _corrected(count, audit, share) if audit and share is not None else CorrectedShare()
    return TrendPoint(
        count.period,
        count.unit,
        count.practice,
        count.total,
        count.count,
        None if share is None else round(share, 4),
        count.low,
        count.high,
        corrected.share.value,
        corrected.share.low,
        corrected.share.high,
        corrected.rates,
        corrected.note,
    )


def _corrected(count: _Count, audit: Audit, share: float) -> CorrectedShare:
    """The corrected share of a count."""
    draws = clustered_share_draws(count.by_site) if count.by_site else share_draws(count.count, count.total)
    return corrected_share(audit, count.practice, count.period, share, draws)
