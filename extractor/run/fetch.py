"""Planned captures to bytes in the WARC: many workers ask, one writes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

from extractor.errors import (
    ArchiveError,
    ArchiveStopError,
    InterruptedRunError,
    TooManyFailuresError,
    TransientError,
    UnreadableError,
)
from extractor.records import Snapshot
from extractor.wayback import Archive, Entry, Ledger, WarcStore, replay

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # stage, done, of how many


@dataclass(frozen=True, slots=True)
class Pool:
    """How many pages to fetch at a time, how many may fail (a share under 1, else a count), and the user's stop."""

    workers: int
    max_fail: float
    stop: Event


def fetch_all(archive: Archive, ledger: Ledger, store: WarcStore, pool: Pool, progress: Progress) -> None:
    """Fetches what the ledger still lacks.

    Raises InterruptedRunError once `stop` is set and the pages in flight are in, TooManyFailuresError, and
    ArchiveStopError when the archive refuses.
    """
    todo = ledger.to_fetch()
    failures = 0
    for done, (entry, result) in enumerate(results(archive, todo, pool), 1):
        failures += not settle(entry, result, ledger, store)
        progress("fetch", done, len(todo))
        check_failures(failures, len(todo), pool.max_fail)
    check_stop(pool.stop)


def check_stop(stop: Event) -> None:
    """Raises InterruptedRunError once the user asked to stop."""
    if stop.is_set():
        raise InterruptedRunError("Interrupted; nothing is lost. Run the same command again to go on.")


def results(archive: Archive, todo: list[Entry], pool: Pool) -> Iterator[tuple[Entry, Future[Snapshot]]]:
    """Each entry with what came of it, as it comes; no new ones are begun once `stop` is set."""
    queue = iter(todo)
    flying: dict[Future[Snapshot], Entry] = {}
    with ThreadPoolExecutor(pool.workers) as threads:
        while True:
            while len(flying) < pool.workers and not pool.stop.is_set() and (entry := next(queue, None)):
                flying[threads.submit(replay, archive, entry.capture)] = entry
            if not flying:
                return
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                yield flying.pop(future), future


def settle(entry: Entry, result: Future[Snapshot], ledger: Ledger, store: WarcStore) -> bool:
    """Keeps the bytes, or notes why there are none; gives whether there are."""
    try:
        snapshot = result.result()
    except ArchiveStopError:
        raise
    except (ArchiveError, UnreadableError, ValueError) as error:  # ValueError: a header or address beyond parsing
        log.info("%s", error)
        ledger.failed(entry, str(error), may_pass=isinstance(error, TransientError))
        return False
    ledger.fetched(entry, store.add(snapshot), snapshot)
    return True


def check_failures(failures: int, planned: int, max_fail: float) -> None:
    """Raises TooManyFailuresError where there are more than `max_fail`: a share under 1, else a count."""
    allowed = max_fail * planned if max_fail < 1 else max_fail
    if failures > allowed:
        raise TooManyFailuresError(
            f"{failures} of {planned} captures failed, more than --max-fail {max_fail:g} allows. "
            "The reasons are in the ledger; run again with a higher limit to go on."
        )
