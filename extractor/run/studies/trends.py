"""How practices spread over time, as counted and as corrected by an audit: shares of sites, and shares of segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractor.audit import Audit, Corrected, Unit, clustered, correct, counted, read_audit
from extractor.errors import UsageError
from extractor.history import Observation, TrendPoint, chosen_captures, shares
from extractor.history.aggregate import Every
from extractor.records import PRACTICES, Practice

_BOUNDS = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class _Count:
    """What was counted of a practice in a period: `given` of `of`, in each site where segments are counted."""

    period: str
    unit: Unit
    practice: Practice
    of: int
    given: int
    low: float | None
    high: float | None
    by_site: tuple[tuple[int, int], ...] = ()


def read_audits(paths: Sequence[Path]) -> dict[Unit, Audit]:
    """Audits by what they are of. Raises UnreadableError, and UsageError where two are of the same."""
    audits: dict[Unit, Audit] = {}
    for path in paths:
        audit = read_audit(path)
        if audit.unit in audits:
            raise UsageError(f"{path} is a second audit of {audit.unit}: one of segments and one of sites will do.")
        audits[audit.unit] = audit
    return audits


def require_model(audits: Mapping[Unit, Audit], models: set[str]) -> None:
    """Raises UsageError where the records are labelled by another model than the one that was audited."""
    for audit in audits.values():
        if models - {audit.model_sha256}:
            raise UsageError(
                f"The audit of {audit.unit} is of the model {audit.model} ({audit.model_sha256[:12]}), and there are "
                "records by another one: its errors are not known. Sample and audit these records."
            )


def trends(
    observations: Sequence[Observation], audits: Mapping[Unit, Audit], every: Every = "half-year"
) -> list[TrendPoint]:
    """The shares, period by period, raw and corrected; without an audit the corrected ones are empty."""
    counts = [*_site_counts(observations, every), *_segment_counts(observations, every)]
    return [_point(count, audits.get(count.unit)) for count in counts]


def _site_counts(observations: Sequence[Observation], every: Every) -> Iterator[_Count]:
    """How many sites speak of each practice."""
    for one in shares(observations, every):
        if one.panel == "all":
            yield _Count(one.period, "sites", one.practice, one.sites, one.with_practice, one.low, one.high)


def _segment_counts(observations: Sequence[Observation], every: Every) -> Iterator[_Count]:
    """How many segments speak of each practice; the interval comes from drawing the sites again, if there are two."""
    sites: dict[str, list[list[Observation]]] = defaultdict(list)
    in_order = sorted(observations, key=lambda seen: seen.domain)  # that of the records is to change nothing
    for period, found in chosen_captures(in_order, every):
        sites[period].append(found)
    for period in dict.fromkeys(one.period for one in shares(observations, every) if one.panel == "all"):
        for k, practice in enumerate(PRACTICES):
            pairs = tuple(
                (sum(seen.given[k] for seen in site), sum(seen.segments for seen in site)) for site in sites[period]
            )
            given, of = (sum(column) for column in zip(*pairs, strict=True)) if pairs else (0, 0)
            yield _Count(period, "segments", practice, of, given, *_bounds(pairs), pairs)


def _bounds(pairs: Sequence[tuple[int, int]]) -> tuple[float | None, float | None]:
    """The interval of a share over sites; one site says nothing of others."""
    if len(pairs) < 2:
        return None, None
    low, high = np.percentile(clustered(pairs), _BOUNDS)
    return round(float(low), 4), round(float(high), 4)


def _point(count: _Count, audit: Audit | None) -> TrendPoint:
    """A count as a share, corrected where there is an audit of its unit."""
    share = count.given / count.of if count.of else None
    found = _corrected(count, audit, share) if audit and share is not None else Corrected()
    return TrendPoint(
        count.period,
        count.unit,
        count.practice,
        count.of,
        count.given,
        None if share is None else round(share, 4),
        count.low,
        count.high,
        found.share.value,
        found.share.low,
        found.share.high,
        found.rates,
        found.note,
    )


def _corrected(count: _Count, audit: Audit, share: float) -> Corrected:
    """The corrected share of a count."""
    drawn = clustered(count.by_site) if count.by_site else counted(count.given, count.of)
    return correct(audit, count.practice, count.period, share, drawn)
