"""Planned captures to bytes in the WARC: many workers ask, one writes.

There are three passes: every capture once, and of several with one digest only the first; then, slowly, those that
failed for a reason that may pass; then a substitute for each that will not play.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice
from threading import Event

from extractor.errors import (
    ArchivedPolicyError,
    ArchiveError,
    ArchiveStopError,
    InterruptedRunError,
    TooManyFailuresError,
    TransientError,
    UnconfirmedError,
    UnreadableError,
)
from extractor.progress import Progress
from extractor.records import Capture
from extractor.wayback import (
    Archive,
    Ledger,
    LedgerEntry,
    ReplayedPage,
    WarcStore,
    WriteResult,
    is_shareable,
    period_finder,
    replay,
    run_concurrently,
)

_log = logging.getLogger(__name__)

_MAX_SUBSTITUTES = 3  # captures tried in place of one that will not play
_MAX_TRIES = 3  # two a run; then a failure that may pass counts as one that lasts
_REVISITS_PER_SYNC = 100  # revisits that share one fsync


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How many pages to fetch at a time, how many may fail (a share if under 1, else a count), and the user's stop.

    Of the captures that failed, only those with a number above `retry_after` are tried again.
    """

    workers: int
    max_fail: float
    stop: Event
    retry_after: int = 0


@dataclass(slots=True)
class _FetchCounts:
    """How many captures are planned, done (fetched or failed), and failed."""

    planned: int
    done: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _FetchContext:
    """Where results go: the ledger, the WARC, the counts, and the progress."""

    ledger: Ledger
    store: WarcStore
    counts: _FetchCounts
    progress: Progress

    def report(self) -> None:
        """Reports the progress."""
        self.progress("fetch", self.counts.done, self.counts.planned, self.counts.failed)


def fetch_all(archive: Archive, ledger: Ledger, store: WarcStore, limits: FetchLimits, progress: Progress) -> None:
    """Fetches what the ledger still lacks.

    Raises InterruptedRunError once `stop` is set and the pages in flight are in, TooManyFailuresError, and
    ArchiveStopError when the archive refuses.
    """
    try:
        _fetch_in_passes(archive, ledger, store, limits, progress)
    except ArchiveStopError as error:
        ledger.queue.reopen_failed(error.failing_since)
        raise


def _fetch_in_passes(
    archive: Archive, ledger: Ledger, store: WarcStore, limits: FetchLimits, progress: Progress
) -> None:
    ledger.queue.requeue_transient(limits.retry_after)
    context = _FetchContext(ledger, store, _counts_of(ledger), progress)
    _fetch_planned(archive, context, limits)
    if retried := ledger.queue.requeue_transient(limits.retry_after):
        context.counts.failed -= retried
        context.counts.done -= retried
        _fetch_planned(archive.slower(), context, limits)
    _fetch_substitutes(archive, context, limits)


def _counts_of(ledger: Ledger) -> _FetchCounts:
    """The counts at the start of a run: what an earlier one fetched is done."""
    counts = ledger.counts.by_state()
    return _FetchCounts(sum(counts.values()), sum(counts.values()) - counts.get("planned", 0), counts.get("failed", 0))


def _fetch_planned(archive: Archive, context: _FetchContext, limits: FetchLimits) -> None:
    """Fetches all that is planned, each digest once; where that failed, the next capture with the digest is tried."""
    settled = 1
    while settled:
        settled = _fetch_once(archive, context, limits)
        _share_digests(archive, context)  # also where nothing was fetched: an earlier run may have ended here
        context.report()


def _fetch_once(archive: Archive, context: _FetchContext, limits: FetchLimits) -> int:
    """Goes once through what is planned and returns how many captures are done with.

    Whatever ends it, the pages in flight are kept first.
    """
    problems: list[ArchivedPolicyError] = []
    before = context.counts.done
    for entry, result in _fetch_concurrently(archive, context.ledger.queue.to_fetch(), limits, problems):
        try:
            context.counts.failed += not _record_result(entry, result, context)
            context.counts.done += 1
            context.report()
            _check_failures(context.counts, limits.max_fail)
        except (ArchiveStopError, InterruptedRunError, TooManyFailuresError) as error:
            problems.append(error)
    if problems:
        raise problems[0]
    check_stop(limits.stop)
    return context.counts.done - before


def check_stop(stop: Event) -> None:
    """Raises InterruptedRunError once the user asked to stop."""
    if stop.is_set():
        raise InterruptedRunError("Interrupted; nothing is lost. Run the same command again to go on.")


def _fetch_concurrently(
    archive: Archive, todo: Iterator[LedgerEntry], limits: FetchLimits, problems: list[ArchivedPolicyError]
) -> Iterator[tuple[LedgerEntry, Future[ReplayedPage]]]:
    """Each entry with its result, as they come; after a stop or a problem no new ones are begun."""

    def wanted() -> int:
        return 0 if problems or limits.stop.is_set() else archive.useful_workers(limits.workers)

    return run_concurrently(lambda entry: replay(archive, entry.capture), todo, limits.workers, wanted)


def _record_result(entry: LedgerEntry, result: Future[ReplayedPage], context: _FetchContext) -> bool:
    """Stores the bytes, or records why there are none; returns whether there are."""
    try:
        _store_page(entry, result.result(), context)
    except (ArchiveStopError, InterruptedRunError):
        raise
    except (ArchiveError, UnreadableError, ValueError) as error:  # ValueError: a header or address beyond parsing
        _log.info("%s", error)
        outcome = error.outcome if isinstance(error, ArchiveError) else "unreadable"
        may_pass = isinstance(error, TransientError) or (isinstance(error, UnconfirmedError) and not entry.tries)
        context.ledger.queue.mark_failed(entry, outcome, str(error), is_transient=may_pass)
        return False
    return True


def _store_page(entry: LedgerEntry, served: ReplayedPage, context: _FetchContext) -> None:
    """Stores a page: bytes first, then the ledger's row.

    Raises ArchiveError for the page of another capture: a server cannot be told which of those in one second is meant.
    """
    if served.fixity == "differs" and context.ledger.queue.is_of_another_in_its_second(entry, served):
        raise ArchiveError(
            f"Of the captures of {entry.capture.original} at {entry.capture.timestamp} the archive serves another than "
            "this one, whose bytes are others by the index.",
            outcome="same-second",
        )
    context.ledger.queue.mark_fetched(entry, _write_to_warc(served, context), served)


def _write_to_warc(served: ReplayedPage, context: _FetchContext) -> WriteResult:
    """Writes a page to the WARC; neither a page nor a redirect is written twice."""
    hops = [hop for hop in served.hops if not context.ledger.warc.holds(hop)]
    return context.store.add_page(served, hops=hops, position=context.ledger.warc.position_of(served))


def _share_digests(archive: Archive, context: _FetchContext) -> None:
    """Assigns captures the bytes that were fetched under their digest, and writes a revisit record of each."""
    pairs = context.ledger.queue.to_share()
    while batch := list(islice(pairs, _REVISITS_PER_SYNC)):
        written = context.store.add_revisits(_revisit_records(batch, context.ledger))
        context.ledger.queue.mark_shared([(*pair, archive.replay_url(pair[0].capture)) for pair in batch], written)
        context.counts.done += sum(entry.state == "planned" for entry, _ in batch)
        context.counts.failed -= sum(entry.state == "failed" for entry, _ in batch)


def _revisit_records(
    pairs: list[tuple[LedgerEntry, LedgerEntry]], ledger: Ledger
) -> Iterator[tuple[Capture, str, str, str]]:
    """The revisit records to write: the capture, and the URL, time and digest of the page that has its bytes."""
    for entry, giver in pairs:
        digest = ledger.warc.payload_digest(giver)
        if digest and digest not in ledger.warc.payload_digests(entry.capture.original, entry.capture.timestamp):
            yield entry.capture, giver.served_url, giver.served_timestamp, digest


def _fetch_substitutes(archive: Archive, context: _FetchContext, limits: FetchLimits) -> None:
    """Fetches a substitute for each capture that will not play: one with its digest, else the nearest of its period."""
    every = context.ledger.settings().get("every", "")
    for entry in context.ledger.queue.to_substitute(limits.retry_after):
        check_stop(limits.stop)
        lasting = not entry.is_transient or entry.tries >= _MAX_TRIES
        substitutes = _substitutes_for(entry, context.ledger.queue.skipped_captures(entry), every, same_period=lasting)
        if not _fetch_substitute(archive, entry, substitutes, context) and lasting:
            context.ledger.queue.mark_without_substitute(entry)


def _substitutes_for(entry: LedgerEntry, found: list[Capture], every: str, *, same_period: bool) -> list[Capture]:
    """The captures that may stand for one: first those with its digest, then those of its period."""
    same = [other for other in found if other.digest == entry.capture.digest and is_shareable(other)]
    if not same_period or every in ("", "all", "change"):
        return same[:_MAX_SUBSTITUTES]
    find_period = period_finder(every)
    period = find_period(entry.capture.timestamp)
    near = [other for other in found if other not in same and find_period(other.timestamp) == period]
    return [*same[:_MAX_SUBSTITUTES], *near[:_MAX_SUBSTITUTES]]


def _fetch_substitute(archive: Archive, entry: LedgerEntry, substitutes: list[Capture], context: _FetchContext) -> bool:
    """Fetches the first substitute that plays, to stand for the entry; returns whether one does."""
    for other in substitutes:
        try:
            served = replay(archive, other)
        except ArchiveStopError:
            raise
        except (ArchiveError, UnreadableError, ValueError) as error:
            _log.info("%s", error)
            continue
        is_same = is_shareable(other) and other.digest == entry.capture.digest
        if is_same and (served.outcome not in ("whole", "packed-twice") or served.fixity == "differs"):
            continue  # it was chosen for its digest, and these are other bytes
        outcome = "same-digest" if is_same else "same-period"
        stands = _as_substitute(served, entry.capture, archive, outcome)
        context.ledger.queue.mark_fetched(entry, _write_to_warc(served, context), stands, reason=entry.reason)
        return True
    return False


def _as_substitute(served: ReplayedPage, capture: Capture, archive: Archive, outcome: str) -> ReplayedPage:
    """The page of a substitute as that of the capture it stands for."""
    snapshot = replace(served.snapshot, capture=capture, archive_url=archive.replay_url(capture))
    return replace(served, snapshot=snapshot, outcome=outcome)


def _check_failures(counts: _FetchCounts, max_fail: float) -> None:
    """Raises TooManyFailuresError where more than `max_fail` failed: a share if under 1, else a count."""
    allowed = max_fail * counts.planned if max_fail < 1 else max_fail
    if counts.failed > allowed:
        raise TooManyFailuresError(
            f"{counts.failed} of {counts.planned} captures failed, more than --max-fail {max_fail:g} allows. "
            "The reasons are in the ledger; run again with a higher limit to go on."
        )
