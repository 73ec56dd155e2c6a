"""The circuit breaker: whether the archive asked this run to stop, and until when."""

from __future__ import annotations

import sqlite3


class CircuitBreaker:
    """Open while the archive must not be asked."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def open(self, until: float, reason: str) -> None:
        """Records that the archive must not be asked before `until`, in seconds since 1970."""
        self._db.execute("INSERT OR REPLACE INTO breaker VALUES (1, ?, ?)", (until, reason))

    def close(self) -> None:
        """Records that the archive may be asked again."""
        self._db.execute("DELETE FROM breaker")

    def state(self) -> tuple[float, str] | None:
        """Until when the breaker is open, and why; None while it is closed."""
        found: tuple[float, str] | None = self._db.execute("SELECT until, reason FROM breaker").fetchone()
        return found
