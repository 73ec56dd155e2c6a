"""From periods whose captured page cannot be used to other captures of the period, which may show the policy.

The index says that a capture is a page, not that the page is the policy: soft 404s, walls and empty pages have status
200, too. Which they are is known when the pages are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec
from surt import surt

from extractor.layout import RECORDS
from extractor.records import Capture, PolicyCapture, Provenance, Verdict
from extractor.timestamps import parse_timestamp
from extractor.wayback import CaptureChoice, Ledger, LedgerEntry, is_redirect, period_finder

_MAX_STAND_INS = 3  # captures of one period that are tried after the first


class _JudgedPage(msgspec.Struct):
    """The part of a record that says which page it is, and whether it can be used."""

    id: str
    capture: PolicyCapture
    verdict: Verdict
    provenance: Provenance


class _Period(NamedTuple):
    """A period of one series: the target, the address if the target stands for several, the period's name."""

    target: str
    urlkey: str
    name: str


@dataclass(slots=True)
class _Tried:
    """What a period's captures came to: the captures in the plan, and whether all of them are done with."""

    captures: list[Capture] = field(default_factory=list)
    is_pending: bool = False


def plan_stand_ins(folder: Path, ledger: Ledger) -> None:
    """Plans a stand-in for each period whose captures so far show no usable page. `folder` is the run folder."""
    for choice in list(pending_stand_ins(folder, ledger)):
        ledger.plan.add_stand_in(choice)


def pending_stand_ins(folder: Path, ledger: Ledger) -> Iterator[CaptureChoice]:
    """The next capture to try in each period whose captures so far show no usable page, up to three after the first.

    There is none where all captures or all changes are wanted, or where nothing but the same bytes is left.
    """
    every = ledger.settings().get("every", "")
    if every in ("", "all", "change"):
        return
    find_period = period_finder(every)

    def period_name(timestamp: str) -> str:
        return find_period(timestamp).name

    periods = _unusable_periods(folder / RECORDS, period_name)
    for period, tried in _tried_captures(ledger, periods, period_name).items():
        if tried.is_pending or not 0 < len(tried.captures) <= _MAX_STAND_INS:
            continue
        middle, last = find_period(tried.captures[0].timestamp).middle, tried.captures[-1]
        left = [
            (abs(parse_timestamp(one.timestamp) - middle), one) for one in _untried(ledger, period, tried, period_name)
        ]
        if left:
            _, nearest = min(left, key=lambda found: (is_redirect(found[1]), found[0], found[1].key))
            why = f"next nearest {period.name}, as {last.timestamp}/{last.original} shows no usable page"
            yield CaptureChoice(nearest, why)


def _period_of(page_id: str, target: str, period_name: Callable[[str], str]) -> _Period:
    """The period that a page belongs to: the page that was planned first, if it was followed from one."""
    timestamp, _, url = page_id.partition("/")
    return _Period(target, surt(url) if target.endswith("/*") else "", period_name(timestamp))


def _unusable_periods(records: Path, period_name: Callable[[str], str]) -> set[_Period]:
    """The periods that have a record and no usable one."""
    is_usable: dict[_Period, bool] = defaultdict(bool)
    with records.open("rb") as lines:
        for line in lines:
            page = msgspec.json.decode(line, type=_JudgedPage)
            first = next(iter(page.provenance.followed_from), page.id)
            is_usable[_period_of(first, page.capture.requested, period_name)] |= page.verdict.usable
    return {period for period, usable in is_usable.items() if not usable}


def _tried_captures(ledger: Ledger, periods: set[_Period], period_name: Callable[[str], str]) -> dict[_Period, _Tried]:
    """What the plan has for some periods; captures that a page led to only show whether they are done with."""
    tried: dict[_Period, _Tried] = defaultdict(_Tried)
    paths = ledger.followed.paths() if periods else {}
    for entry in ledger.entries() if periods else ():
        path = paths.get(entry.id, ())
        period = _period_of(next(iter(path), _id_of(entry)), entry.capture.target, period_name)
        if period in periods:
            tried[period].is_pending |= entry.state in ("planned", "fetched")
            if not path:
                tried[period].captures.append(entry.capture)
    return tried


def _id_of(entry: LedgerEntry) -> str:
    return f"{entry.capture.timestamp}/{entry.capture.original}"


def _untried(ledger: Ledger, period: _Period, tried: _Tried, period_name: Callable[[str], str]) -> Iterator[Capture]:
    """The captures of a period that were passed over and may show another page than those that were tried."""
    digests = {one.digest for one in tried.captures if not is_redirect(one)}
    for capture in ledger.plan.skipped_captures(period.target):
        is_of_series = not period.urlkey or capture.urlkey == period.urlkey
        is_other = is_redirect(capture) or capture.digest not in digests
        if is_of_series and is_other and period_name(capture.timestamp) == period.name:
            yield capture
