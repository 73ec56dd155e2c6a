"""Planned captures to bytes in the WARC: many workers ask, one writes.

Three passes: every capture once, of several with one digest only the first; then, slowly, those that failed for a
reason that may pass; then, for those that will not play, a neighbour.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from threading import Event
from typing import Protocol

from extractor.errors import (
    ArchivedPolicyError,
    ArchiveError,
    ArchiveStopError,
    InterruptedRunError,
    TooManyFailuresError,
    TransientError,
    UnreadableError,
)
from extractor.records import Capture
from extractor.wayback import Archive, Entry, Ledger, Served, WarcStore, Written, period_finder, replay

_log = logging.getLogger(__name__)

_RIVALS = 3  # neighbours that are tried for a capture that will not play
_LASTING = 3  # tries (two a run) after which a failure that may pass is taken for one that lasts
_AT_ONCE = 100  # revisits that share one fsync


class Progress(Protocol):
    """Told how far a stage is: what is done, of how many, and how many of these failed."""

    def __call__(self, stage: str, done: int, of: int, failed: int = 0, /) -> None:
        """Takes the news."""


@dataclass(frozen=True, slots=True)
class Pool:
    """How many pages to fetch at a time, how many may fail (a share under 1, else a count), and the user's stop."""

    workers: int
    max_fail: float
    stop: Event


@dataclass(slots=True)
class _Tally:
    """What came of a run so far, out of so many planned captures."""

    planned: int
    done: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where results go: the ledger, the WARC, the tally, and whoever watches."""

    ledger: Ledger
    store: WarcStore
    tally: _Tally
    progress: Progress

    def show(self) -> None:
        """Tells how far it is."""
        self.progress("fetch", self.tally.done, self.tally.planned, self.tally.failed)


def fetch_all(archive: Archive, ledger: Ledger, store: WarcStore, pool: Pool, progress: Progress) -> None:
    """Fetches what the ledger still lacks.

    Raises InterruptedRunError once `stop` is set and the pages in flight are in, TooManyFailuresError, and
    ArchiveStopError when the archive refuses.
    """
    ledger.retry()
    desk = _Desk(ledger, store, _tally_of(ledger), progress)
    _first_pass(archive, desk, pool)
    if retried := ledger.retry():
        desk.tally.failed -= retried
        desk.tally.done -= retried
        _first_pass(archive.patient(), desk, pool)
    _repair(archive, desk, pool)


def _tally_of(ledger: Ledger) -> _Tally:
    """The tally at the start of a run: what an earlier one fetched is done."""
    counts = ledger.counts()
    return _Tally(sum(counts.values()), sum(counts.values()) - counts.get("planned", 0), counts.get("failed", 0))


def _first_pass(archive: Archive, desk: _Desk, pool: Pool) -> None:
    """Fetches all that is planned, each digest once; where that one failed, the next with its digest is tried."""
    settled = 1
    while settled:
        settled = _sweep(archive, desk, pool)
        _share_digests(archive, desk)  # also where nothing was left to fetch: an earlier run may have ended just here
        desk.show()


def _sweep(archive: Archive, desk: _Desk, pool: Pool) -> int:
    """Goes once through what is planned; gives how many captures that settled.

    Whatever ends it, the pages in flight are kept first.
    """
    problems: list[ArchivedPolicyError] = []
    before = desk.tally.done
    for entry, result in _results(archive, desk.ledger.to_fetch(), pool, problems):
        try:
            desk.tally.failed += not _settle(entry, result, desk)
            desk.tally.done += 1
            desk.show()
            _check_failures(desk.tally, pool.max_fail)
        except (ArchiveStopError, InterruptedRunError, TooManyFailuresError) as error:
            problems.append(error)
    if problems:
        raise problems[0]
    check_stop(pool.stop)
    return desk.tally.done - before


def check_stop(stop: Event) -> None:
    """Raises InterruptedRunError once the user asked to stop."""
    if stop.is_set():
        raise InterruptedRunError("Interrupted; nothing is lost. Run the same command again to go on.")


def _results(
    archive: Archive, todo: Iterator[Entry], pool: Pool, problems: list[ArchivedPolicyError]
) -> Iterator[tuple[Entry, Future[Served]]]:
    """Each entry with what came of it, as it comes; no new ones are begun after a stop or a problem."""
    flying: dict[Future[Served], Entry] = {}
    with ThreadPoolExecutor(pool.workers) as threads:
        while True:
            wanted = 0 if problems or pool.stop.is_set() else archive.useful_workers(pool.workers)
            while len(flying) < wanted and (entry := next(todo, None)):
                flying[threads.submit(replay, archive, entry.capture)] = entry
            if not flying:
                return
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                yield flying.pop(future), future


def _settle(entry: Entry, result: Future[Served], desk: _Desk) -> bool:
    """Keeps the bytes, or notes why there are none; gives whether there are."""
    try:
        _keep(entry, result.result(), desk)
    except (ArchiveStopError, InterruptedRunError):
        raise
    except (ArchiveError, UnreadableError, ValueError) as error:  # ValueError: a header or address beyond parsing
        _log.info("%s", error)
        outcome = error.outcome if isinstance(error, ArchiveError) else "unreadable"
        desk.ledger.failed(entry, outcome, str(error), may_pass=isinstance(error, TransientError))
        return False
    return True


def _keep(entry: Entry, served: Served, desk: _Desk) -> None:
    """Bytes first, then the ledger's row."""
    desk.ledger.fetched(entry, _write(served, desk), served)


def _write(served: Served, desk: _Desk) -> Written:
    """Writes a page to the WARC; one that stands there already, or a redirect, is not written twice."""
    hops = [hop for hop in served.hops if not desk.ledger.payload_digest(hop.url, hop.timestamp)]
    return desk.store.add(served, hops=hops, place=desk.ledger.place_of(served))


def _share_digests(archive: Archive, desk: _Desk) -> None:
    """Gives captures the bytes that were fetched under their digest, and the WARC a revisit of each."""
    pairs = desk.ledger.to_share()
    while batch := list(islice(pairs, _AT_ONCE)):
        written = desk.store.repeat(_revisits(batch, desk.ledger))
        desk.ledger.shared([(*pair, archive.url_of(pair[0].capture)) for pair in batch], written)
        desk.tally.done += sum(entry.state == "planned" for entry, _ in batch)
        desk.tally.failed -= sum(entry.state == "failed" for entry, _ in batch)


def _revisits(pairs: list[tuple[Entry, Entry]], ledger: Ledger) -> Iterator[tuple[Capture, str, str, str]]:
    """What revisits to write: the capture, and the URL, time and digest of the page that has its bytes."""
    for entry, giver in pairs:
        digest = ledger.payload_digest(giver.served_url, giver.served_timestamp)
        if digest and not ledger.payload_digest(entry.capture.original, entry.capture.timestamp):
            yield entry.capture, giver.served_url, giver.served_timestamp, digest


def _repair(archive: Archive, desk: _Desk, pool: Pool) -> None:
    """Finds a neighbour for each capture that will not play: one with its digest, else the nearest of its period."""
    every = desk.ledger.settings().get("every", "")
    for entry in desk.ledger.to_repair():
        check_stop(pool.stop)
        lasting = not entry.may_pass or entry.tries >= _LASTING
        rivals = _neighbours(entry, desk.ledger.neighbours(entry), every, same_period=lasting)
        if not _stand_in(archive, entry, rivals, desk) and lasting:
            desk.ledger.not_repaired(entry)


def _neighbours(entry: Entry, found: list[Capture], every: str, *, same_period: bool) -> list[Capture]:
    """The captures that may stand in for one: first those with its digest, then those of its period."""
    same = [other for other in found if other.digest == entry.capture.digest and len(other.digest) == 32]
    if not same_period or every in ("", "all", "change"):
        return same[:_RIVALS]
    period_of = period_finder(every)
    period = period_of(entry.capture.timestamp)
    near = [other for other in found if other not in same and period_of(other.timestamp) == period]
    return [*same[:_RIVALS], *near[:_RIVALS]]


def _stand_in(archive: Archive, entry: Entry, rivals: list[Capture], desk: _Desk) -> bool:
    """Fetches the first neighbour that plays and notes that its bytes stand for the entry's; gives whether one does."""
    for other in rivals:
        try:
            served = replay(archive, other)
        except ArchiveStopError:
            raise
        except (ArchiveError, UnreadableError, ValueError) as error:
            _log.info("%s", error)
            continue
        itself = served.outcome in ("whole", "packed-twice")
        outcome = "same-digest" if itself and other.digest == entry.capture.digest else "same-period"
        stands = _standing_in(served, entry.capture, archive, outcome)
        desk.ledger.fetched(entry, _write(served, desk), stands, reason=entry.reason)
        return True
    return False


def _standing_in(served: Served, capture: Capture, archive: Archive, outcome: str) -> Served:
    """A neighbour's page as that of the capture it stands for."""
    snapshot = replace(served.snapshot, capture=capture, archive_url=archive.url_of(capture))
    return replace(served, snapshot=snapshot, outcome=outcome)


def _check_failures(tally: _Tally, max_fail: float) -> None:
    """Raises TooManyFailuresError where there are more than `max_fail`: a share under 1, else a count."""
    allowed = max_fail * tally.planned if max_fail < 1 else max_fail
    if tally.failed > allowed:
        raise TooManyFailuresError(
            f"{tally.failed} of {tally.planned} captures failed, more than --max-fail {max_fail:g} allows. "
            "The reasons are in the ledger; run again with a higher limit to go on."
        )
