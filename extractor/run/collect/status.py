"""`status`: how far a run is, from its folder alone, also while the run goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from extractor.errors import UnreadableError
from extractor.layout import LEDGER, is_run_folder
from extractor.run.folder import is_locked
from extractor.timestamps import duration
from extractor.wayback import Ledger, current_wait, format_utc

_MAX_NAMED_LOOKUPS = 20
_PACE_MINUTES = 5  # over which the pace is taken, or since the first capture in that time


def status(folder: Path) -> Iterator[str]:
    """The lines that say how far a run is. Raises UnreadableError where `folder` is no run folder."""
    if not is_run_folder(folder):
        raise UnreadableError(f"{folder} is no run folder: it has no {LEDGER}.")
    running = is_locked(folder)
    with closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        yield f"{folder}: {'a run is at work' if running else 'no run is at work'}"
        yield from _count_lines(ledger)
        yield from _pace_lines(ledger, running=running)


def _count_lines(ledger: Ledger) -> Iterator[str]:
    """How many captures are in each state, and the outcomes of those that are done."""
    counts = ledger.counts.by_state()
    planned = sum(counts.values())
    yield f"captures: {planned} planned, {planned - counts.get('planned', 0)} done, {counts.get('failed', 0)} failed"
    yield from (f"  {outcome}: {number}" for outcome, number in ledger.counts.by_outcome().items() if outcome)
    pages, followed = ledger.counts.followed()
    if pages:
        yield f"followed: {followed} captures of addresses that {pages} pages name for their policy"
    sides = ", ".join(f"{number} {name}" for name, number in ledger.counts.index_rows().items())
    yield from _target_lines(ledger)
    yield f"index: {sides}"


def _target_lines(ledger: Ledger) -> Iterator[str]:
    """How many targets were looked up, and which look-ups failed and why."""
    counts, failed = ledger.counts.targets(), ledger.lookups.failed()
    left = f", {counts['not_looked_up']} not looked up yet" if counts["not_looked_up"] else ""
    yield (
        f"targets: {counts['looked_up']} looked up, {counts['without_captures']} of them without captures; "
        f"{counts['failed']} look-ups failed{left}"
    )
    yield from (f"  {name}: {reason}" for name, reason in failed[:_MAX_NAMED_LOOKUPS])
    if len(failed) > _MAX_NAMED_LOOKUPS:
        yield f"  and {len(failed) - _MAX_NAMED_LOOKUPS} more, which `verify` names"
    if failed:
        yield "  Run the same command again to look them up."


def _pace_lines(ledger: Ledger, *, running: bool) -> Iterator[str]:
    """How fast the run is, how long it will take, and what it waits for."""
    left = ledger.counts.by_state().get("planned", 0)
    recent, first = ledger.counts.settled_since(time.time() - 60 * _PACE_MINUTES)
    if running and recent > 1:
        seconds_a_capture = (time.time() - first) / (recent - 1)
        yield f"pace: {60 / seconds_a_capture:.1f} captures a minute, {duration(left * seconds_a_capture)} left"
    if ban := ledger.breaker.state():
        yield f"stopped: {ban[1]} Come back after {format_utc(ban[0])}."
    if waiting := current_wait(ledger.settings().get("archive", "")):
        yield f"waiting: {waiting}"
