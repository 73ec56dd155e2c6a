"""The look-ups in the archive's index that a run still owes: not begun, or failed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from extractor.wayback.ledger.schema import transaction


class OpenLookups:
    """The targets, and the addresses that pages name for their policies, whose look-up is not done.

    Each stays until the index has answered, that there is nothing included.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def open_targets(self, names: Iterable[str]) -> None:
        """Adds the targets that were never looked up."""
        query = "INSERT OR IGNORE INTO open_lookups (name) SELECT ?1 WHERE ?1 NOT IN (SELECT name FROM targets)"
        with transaction(self._db):
            self._db.executemany(query, ((name,) for name in names))

    def mark_failed(self, name: str, reason: str, *, is_followed: bool = False) -> None:
        """Records why a look-up failed, of a target or of an address that a page names (`is_followed`)."""
        with transaction(self._db):
            self._db.execute("DELETE FROM targets WHERE name = ? AND ? = 0", (name, is_followed))
            self._db.execute(
                "INSERT INTO open_lookups (name, reason, is_followed) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET reason = excluded.reason",
                (name, reason, is_followed),
            )

    def targets(self) -> list[tuple[str, str]]:
        """The targets whose look-up is not done, each with the reason why it failed, "" where it was not begun."""
        return self._db.execute("SELECT name, reason FROM open_lookups WHERE NOT is_followed ORDER BY id").fetchall()

    def failed(self) -> list[tuple[str, str]]:
        """The targets and followed addresses whose look-up failed, each with the reason."""
        return self._db.execute("SELECT name, reason FROM open_lookups WHERE reason != '' ORDER BY id").fetchall()


def close_lookup(db: sqlite3.Connection, name: str) -> None:
    """Removes a look-up, which is done."""
    db.execute("DELETE FROM open_lookups WHERE name = ?", (name,))
