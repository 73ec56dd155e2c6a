"""The captures to fetch, to share bytes between and to find substitutes for, and what became of each."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Iterator
from dataclasses import astuple
from typing import Any

from extractor.records import Capture
from extractor.timestamps import parse_timestamp
from extractor.wayback.archive import ReplayedPage
from extractor.wayback.fixity import MIN_SHARED_BYTES, sha1_base32
from extractor.wayback.ledger.entry import LedgerEntry, first_entry, select_entries, skipped_captures
from extractor.wayback.ledger.schema import transaction
from extractor.wayback.ledger.warc_index import insert_written
from extractor.wayback.selection import is_redirect
from extractor.wayback.warc import WriteResult

_OUTCOMES_WITH_OWN_BYTES = ("whole", "packed-twice", "same-digest")
_HIDDEN = ("excluded", "robots")  # outcomes of captures that nothing may stand in for


def _can_share(table: str) -> str:
    """The condition that a row has its bytes, and that they are those of the digest in the index."""
    return (
        f"({table}.shareable AND {table}.state IN ('fetched', 'annotated') "
        f"AND {table}.outcome IN {_OUTCOMES_WITH_OWN_BYTES} AND {table}.fixity != 'differs')"
    )


_IS_FIRST_OF_DIGEST = f"""state = 'planned' AND NOT (shareable AND EXISTS (
    SELECT 1 FROM captures AS other WHERE other.digest = captures.digest AND other.shareable
    AND ((other.state = 'planned' AND other.id < captures.id) OR {_can_share("other")})))"""
_CAN_BE_GIVEN_BYTES = f"""shareable AND state IN ('planned', 'failed') AND outcome NOT IN {_HIDDEN} AND EXISTS (
    SELECT 1 FROM captures AS other WHERE other.digest = captures.digest AND {_can_share("other")})"""


class FetchQueue:
    """What is left to do for the planned captures."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def to_fetch(self) -> Iterator[LedgerEntry]:
        """The captures still to be fetched, in the order of the plan; of several with one digest only the first."""
        return select_entries(self._db, _IS_FIRST_OF_DIGEST)

    def to_share(self) -> Iterator[tuple[LedgerEntry, LedgerEntry]]:
        """The captures whose bytes were fetched under the same digest, each with the first one that has them."""
        for entry in select_entries(self._db, _CAN_BE_GIVEN_BYTES):
            if giver := first_entry(self._db, f"digest = ? AND {_can_share('captures')}", entry.capture.digest):
                yield entry, giver

    def to_substitute(self, after: int = 0) -> Iterator[LedgerEntry]:
        """The captures with a number above `after` that failed and may still get a substitute."""
        return select_entries(
            self._db, f"state = 'failed' AND NOT repaired AND outcome NOT IN {_HIDDEN} AND id > {after:d}"
        )

    def skipped_captures(self, entry: LedgerEntry) -> list[Capture]:
        """The captures of the same target that are in the index and not in the plan, the nearest in time first.

        Those of the same address for a capture that a link led to: the others of its target are other pages.
        """
        time_of_entry = parse_timestamp(entry.capture.timestamp)
        return sorted(
            skipped_captures(self._db, self._target_of(entry)),
            key=lambda other: (is_redirect(other), abs(parse_timestamp(other.timestamp) - time_of_entry), other.key),
        )

    def requeue_transient(self, after: int = 0) -> int:
        """Plans those with a number above `after` that failed for a reason that may pass again; returns how many."""
        return self._db.execute(
            "UPDATE captures SET state = 'planned', outcome = '' WHERE state = 'failed' AND may_pass AND id > ?",
            (after,),
        ).rowcount

    def reopen(self, outcomes: Collection[str]) -> int:
        """Plans captures that failed with one of these outcomes again, with "all" every one; returns how many.

        So are those of which another page was taken (`same-period`, `nearby`, `redirected`), if named: their bytes stay
        in the WARC.
        """
        named = ", ".join("?" * len(outcomes))
        of_any_state = f"outcome IN ({named}) AND state IN ('failed', 'fetched', 'annotated')"
        failed = "state = 'failed'" if "all" in outcomes else "0"
        return self._db.execute(
            "UPDATE captures SET state = 'planned', outcome = '', may_pass = 0, tries = 0, repaired = 0"
            f" WHERE {failed} OR {of_any_state}",
            tuple(outcomes),
        ).rowcount

    def reopen_failed(self, since: float) -> None:
        """Lets the next run ask again for what failed after `since` (seconds since 1970): the archive was at fault."""
        self._db.execute(
            "UPDATE captures SET may_pass = 1, tries = 0, repaired = 0 WHERE state = 'failed' AND settled >= ?",
            (min(since, 1e12),),
        )

    def mark_fetched(
        self, entry: LedgerEntry, written: WriteResult, replayed: ReplayedPage, *, reason: str = ""
    ) -> None:
        """Records that the bytes of a capture are in the WARC, and what was served for it."""
        snapshot = replayed.snapshot
        page = (snapshot.sha256, snapshot.archive_url, snapshot.served_url, snapshot.served_timestamp)
        with transaction(self._db):
            insert_written(self._db, written)
            self._set_fetched(entry, reason, (replayed.outcome, replayed.fixity, *astuple(written.position), *page))
            if replayed.outcome in _OUTCOMES_WITH_OWN_BYTES and len(snapshot.content) < MIN_SHARED_BYTES:
                self._db.execute("UPDATE captures SET shareable = 0 WHERE digest = ?", (entry.capture.digest,))

    def mark_shared(self, shares: list[tuple[LedgerEntry, LedgerEntry, str]], written: WriteResult) -> None:
        """Records that captures have the bytes of others, and their revisit records in the WARC.

        Each share is the capture, the one that has its bytes, and the capture's own address in the archive.
        """
        with transaction(self._db):
            insert_written(self._db, written)
            for entry, giver, archive_url in shares:
                page = (giver.sha256, archive_url, giver.served_url, giver.served_timestamp)
                is_same = entry.capture.key == giver.capture.key  # planned for another site, too
                outcome = giver.outcome if is_same else "same-digest"
                self._set_fetched(entry, entry.reason, (outcome, giver.fixity, *astuple(giver.position), *page))

    def mark_failed(self, entry: LedgerEntry, outcome: str, reason: str, *, is_transient: bool) -> None:
        """Records why a capture could not be fetched."""
        self._db.execute(
            "UPDATE captures SET state = 'failed', outcome = ?, reason = ?, may_pass = ?, tries = tries + 1,"
            " settled = ? WHERE id = ?",
            (outcome, reason, is_transient, time.time(), entry.id),
        )

    def is_of_another_in_its_second(self, entry: LedgerEntry, replayed: ReplayedPage) -> bool:
        """Whether the bytes that were served are those of another capture in the index, of the same URL and second."""
        condition = "urlkey = ? AND timestamp = ? AND digest = ?"
        place = (*entry.capture.key[:2], sha1_base32(replayed.snapshot.content))
        planned = self._db.execute(f"SELECT 1 FROM captures WHERE {condition}", place)
        skipped = self._db.execute(
            f"SELECT 1 FROM skipped WHERE target = ? AND {condition}", (entry.capture.target, *place)
        )
        return (planned.fetchone() or skipped.fetchone()) is not None

    def mark_without_substitute(self, entry: LedgerEntry) -> None:
        """Records that nothing can stand in for a capture."""
        self._db.execute("UPDATE captures SET repaired = 1 WHERE id = ?", (entry.id,))

    def _target_of(self, entry: LedgerEntry) -> str:
        """The target among whose captures those of the same page are: the address for one that a link led to."""
        found = self._db.execute("SELECT link FROM followed WHERE capture = ?", (entry.id,)).fetchone()
        return str(found[0]) if found else entry.capture.target

    def _set_fetched(self, entry: LedgerEntry, reason: str, page: tuple[Any, ...]) -> None:
        self._db.execute(
            "UPDATE captures SET state = 'fetched', may_pass = 0, reason = ?, settled = ?, outcome = ?, fixity = ?,"
            ' file = ?, "offset" = ?, size = ?, sha256 = ?, archive_url = ?, served_url = ?, served_timestamp = ?'
            " WHERE id = ?",
            (reason, time.time(), *page, entry.id),
        )
