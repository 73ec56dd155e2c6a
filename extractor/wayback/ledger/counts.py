"""The numbers that `run`, `status` and the manifest report from a ledger."""

from __future__ import annotations

import sqlite3

from extractor.wayback.ledger.entry import HAS_BYTES
from extractor.wayback.selection import REDIRECTS


class LedgerCounts:
    """How many captures, targets and rows of the index the ledger has."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def by_state(self) -> dict[str, int]:
        """How many captures are in each state; states of none are left out."""
        return dict(self._db.execute("SELECT state, count(*) FROM captures GROUP BY state ORDER BY state"))

    def by_outcome(self) -> dict[str, int]:
        """How many captures have each outcome, the most frequent first; "" is that of those still to be fetched."""
        query = "SELECT outcome, count(*) AS n FROM captures GROUP BY outcome ORDER BY n DESC, outcome"
        return dict(self._db.execute(query))

    def by_failure(self) -> dict[str, int]:
        """How many captures failed for each reason, the most frequent first."""
        query = (
            "SELECT reason, count(*) AS n FROM captures WHERE state = 'failed' GROUP BY reason ORDER BY n DESC, reason"
        )
        return dict(self._db.execute(query))

    def differing(self) -> int:
        """How many captures have other bytes than the index's digest names."""
        return self._rows_in(f"captures WHERE {HAS_BYTES} AND fixity = 'differs'")

    def settled_since(self, start: float) -> tuple[int, float]:
        """How many captures were fetched or failed since `start`, and when the first did; in seconds since 1970."""
        query = "SELECT count(*), min(settled) FROM captures WHERE settled >= ?"
        number, first = self._db.execute(query, (start,)).fetchone()
        return int(number), float(first or start)

    def last_number(self) -> int:
        """The number of the capture that was planned last, 0 where there is none."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM captures").fetchone()[0])

    def targets(self) -> dict[str, int]:
        """How many targets were looked up, how many of these are without captures; how many failed, or are not begun.

        A failed look-up may also be that of an address that a page names for its policy.
        """
        counts = {
            "looked_up": "targets",
            "without_captures": "targets WHERE outcome != ''",
            "failed": "open_lookups WHERE reason != ''",
            "not_looked_up": "open_lookups WHERE reason = ''",
        }
        return {name: self._rows_in(rows) for name, rows in counts.items()}

    def followed(self) -> tuple[int, int]:
        """How many pages name another address for the policy, and how many captures were planned for these."""
        query = "SELECT count(*), coalesce(sum(capture > 0), 0) FROM followed"
        pages, captures = self._db.execute(query).fetchone()
        return pages, captures

    def index_rows(self) -> dict[str, int]:
        """How many rows of the index were skipped, how many of them for being redirects, and how many were malformed.

        And how many home pages were read.
        """
        rows = {
            "skipped": "skipped",
            "redirects skipped": f"skipped WHERE why LIKE 'status %' AND status IN {REDIRECTS}",
            "malformed": "malformed",
            "home pages read": "steps",
        }
        return {name: self._rows_in(table) for name, table in rows.items()}

    def _rows_in(self, rows: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])
