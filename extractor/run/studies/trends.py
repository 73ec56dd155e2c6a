"""Shares of sites and of segments with each practice over time, as counted and as corrected by an audit.

Raters judge what a text mentions, not whether it denies it. So an audit corrects the share that mentions a practice,
and of that the parts that do it and that only deny it are those counted; their uncertainty is in the interval.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractor.audit import (
    Audit,
    CorrectedShare,
    CountedShare,
    Unit,
    clustered_share_draws,
    corrected_part,
    corrected_share,
    read_audit,
    share_draws,
)
from extractor.errors import UsageError
from extractor.history import Observation, SharePoint, TrendPoint, representative_captures
from extractor.records import PRACTICES, Practice
from extractor.stances import STANCES, Stance
from extractor.timestamps import PeriodLength

_PERCENTILES = (2.5, 97.5)
_Kind = tuple[Unit, Practice, Stance]


@dataclass(frozen=True, slots=True)
class _Count:
    """The count of a stance in a period, with its interval; of segments also (count, total) of each site."""

    period: str
    unit: Unit
    practice: Practice
    stance: Stance
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
    mentions = {(one.unit, one.period, one.practice): one for one in counts if one.stance == "any"}
    totals: Counter[_Kind] = Counter()
    for one in counts:
        totals[one.unit, one.practice, one.stance] += one.count
    return [
        _point(count, mentions[count.unit, count.period, count.practice], audits.get(count.unit), totals)
        for count in counts
    ]


def _site_count(point: SharePoint) -> _Count:
    """The number of sites with a practice in a period."""
    names = point.practice, point.stance
    return _Count(point.period, "sites", *names, point.sites, point.with_practice, point.low, point.high)


def _segment_counts(
    observations: Sequence[Observation], of_all_sites: Sequence[SharePoint], every: PeriodLength
) -> Iterator[_Count]:
    """The number of segments with each stance in each period; the interval is a bootstrap over two sites or more."""
    sites: dict[str, list[list[Observation]]] = defaultdict(list)
    in_order = sorted(observations, key=lambda one: one.site)  # so that the order of the records does not matter
    for period, captures in representative_captures(in_order, every):
        sites[period].append(captures)
    for period in dict.fromkeys(point.period for point in of_all_sites):
        for k, practice in enumerate(PRACTICES):
            for stance in STANCES:
                pairs = tuple(
                    (sum(_segments_of(capture, k, stance) for capture in site), sum(one.segments for one in site))
                    for site in sites[period]
                )
                count, total = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
                yield _Count(period, "segments", practice, stance, total, count, *_interval(pairs), pairs)


def _segments_of(capture: Observation, practice: int, stance: Stance) -> int:
    """The number of segments of a capture that have a stance on a practice, given by its place in PRACTICES."""
    mentioning, denying = capture.segments_with[practice], capture.segments_denying[practice]
    return {"any": mentioning, "does": mentioning - denying, "denies only": denying}[stance]


def _interval(pairs: Sequence[tuple[int, int]]) -> tuple[float | None, float | None]:
    """The interval of a share over sites; None for a single site."""
    if len(pairs) < 2:
        return None, None
    low, high = np.percentile(clustered_share_draws(pairs), _PERCENTILES)
    return round(float(low), 4), round(float(high), 4)


def _point(count: _Count, mentions: _Count, audit: Audit | None, totals: Mapping[_Kind, int]) -> TrendPoint:
    """A count as a share, corrected if there is an audit of its unit; `mentions` is the count of any stance.

    `totals` are the counts of all periods together.
    """
    share = count.count / count.total if count.total else None
    corrected = _corrected(count, mentions, audit, totals) if audit and share is not None else CorrectedShare()
    return TrendPoint(
        count.period,
        count.unit,
        count.practice,
        count.stance,
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


def _corrected(count: _Count, mentions: _Count, audit: Audit, totals: Mapping[_Kind, int]) -> CorrectedShare:
    """The corrected share of a count: of those that mention the practice, and of these the part with the stance."""
    share, draws = mentions.count / mentions.total, _draws(mentions)
    if count.stance == "any":
        return corrected_share(audit, count.practice, count.period, share, draws)
    part = _part_of(count, mentions) if mentions.count else _part_of_all_periods(count, totals)
    return corrected_part(audit, count.practice, count.period, CountedShare(share, draws), part)


def _part_of_all_periods(count: _Count, totals: Mapping[_Kind, int]) -> CountedShare:
    """The part with a stance of those that mention a practice in all periods, where nobody does in one.

    If nobody ever does, it is taken that all would do it.
    """
    having, mentioning = (totals[count.unit, count.practice, stance] for stance in (count.stance, "any"))
    value = having / mentioning if mentioning else float(count.stance == "does")
    return CountedShare(value, share_draws(having, mentioning)[::-1])


def _part_of(count: _Count, mentions: _Count) -> CountedShare:
    """The part with a stance of those that mention a practice, with its draws."""
    return CountedShare(count.count / mentions.count, _part_draws(count, mentions))


def _draws(count: _Count) -> NDArray[np.float64]:
    """Draws of the share of a count."""
    return clustered_share_draws(count.by_site) if count.by_site else share_draws(count.count, count.total)


def _part_draws(count: _Count, mentions: _Count) -> NDArray[np.float64]:
    """Draws of the part of those that mention a practice that a count is of."""
    if count.by_site:
        pairs = zip(count.by_site, mentions.by_site, strict=True)
        return clustered_share_draws([(one, of) for (one, _), (of, _) in pairs])
    return share_draws(count.count, mentions.count)[::-1]  # so that they do not vary with the draws of the share
