"""The plan in the ledger: targets, the captures chosen for each, and the steps taken to find them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from extractor.records import Capture
from extractor.wayback.discovery import DiscoveryStep
from extractor.wayback.ledger.entry import CAPTURE_COLUMNS, capture_row, plan_capture, skipped_captures
from extractor.wayback.ledger.lookups import close_lookup
from extractor.wayback.ledger.schema import transaction
from extractor.wayback.selection import CaptureChoice


class CapturePlan:
    """The targets of a run with their captures, planned or skipped."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def has_target(self, target: str) -> bool:
        """Whether the captures of a target are in the ledger."""
        query = "SELECT 1 FROM targets WHERE name = ? AND outcome = ''"
        return self._db.execute(query, (target,)).fetchone() is not None

    def add(self, target: str, choices: Iterable[CaptureChoice], malformed: Iterable[str] = ()) -> int:
        """Adds a target's captures, planned and skipped, all or none; returns how many of the planned ones are new."""
        choices = list(choices)
        planned = [choice for choice in choices if choice.taken]
        skipped = [(c.why, *capture_row(c.capture)) for c in choices if not c.taken]
        with transaction(self._db):
            new = sum([plan_capture(self._db, choice.capture, choice.why) > 0 for choice in planned])
            self._insert("INTO skipped", f"why, {CAPTURE_COLUMNS}", skipped)
            self._set_malformed(target, malformed)
            self._set_target(target, "", len(planned))
        return new

    def add_malformed(self, target: str, lines: Iterable[str]) -> None:
        """Records the malformed rows of the index about a target whose captures cannot be planned."""
        with transaction(self._db):
            self._set_malformed(target, lines)

    def add_stand_in(self, choice: CaptureChoice) -> None:
        """Plans a capture that was skipped."""
        capture = choice.capture
        with transaction(self._db):
            if plan_capture(self._db, capture, choice.why):
                condition = "target = ? AND urlkey = ? AND timestamp = ? AND original = ? AND digest = ?"
                values = (capture.target, *capture.key)
                self._db.execute(f"DELETE FROM skipped WHERE {condition}", values)

    def skipped_captures(self, target: str) -> list[Capture]:
        """The captures in the index of a target, or of an address that a page named, that may stand in for others.

        They are pages and redirects that are not in the plan.
        """
        return skipped_captures(self._db, target)

    def add_problem(self, target: str, reason: str) -> None:
        """Records why a target has no captures, which the index answered; the next run asks for it again."""
        with transaction(self._db):
            self._set_target(target, reason, 0)

    def problems(self) -> list[tuple[str, str]]:
        """The targets without captures, each with the reason."""
        return self._db.execute("SELECT name, outcome FROM targets WHERE outcome != '' ORDER BY id").fetchall()

    def steps(self, target: str) -> _LedgerSteps:
        """The steps taken in search of a target's policy."""
        return _LedgerSteps(self._db, target)

    def _insert(self, where: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * (columns.count(",") + 1))
        self._db.executemany(f"INSERT {where} ({columns}) VALUES ({marks})", rows)

    def _set_malformed(self, target: str, lines: Iterable[str]) -> None:
        """Replaces the malformed rows about a target: it may be looked up again."""
        self._db.execute("DELETE FROM malformed WHERE target = ?", (target,))
        self._insert("INTO malformed", "target, line", [(target, line) for line in dict.fromkeys(lines)])

    def _set_target(self, target: str, outcome: str, captures: int) -> None:
        self._db.execute(
            "INSERT INTO targets (name, outcome, captures) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET outcome = excluded.outcome, captures = excluded.captures",
            (target, outcome, captures),
        )
        close_lookup(self._db, target)


class _LedgerSteps:
    """The steps of one target; see `StepStore`."""

    def __init__(self, db: sqlite3.Connection, target: str) -> None:
        self._db, self._target = db, target

    def get(self, page: str) -> DiscoveryStep | None:
        """The step from a page that was read before."""
        query = "SELECT page, link, text, score, note FROM steps WHERE target = ? AND page = ?"
        row = self._db.execute(query, (self._target, page)).fetchone()
        return DiscoveryStep(*row) if row else None

    def __setitem__(self, page: str, step: DiscoveryStep) -> None:
        row = (self._target, page, step.link, step.text, step.score, step.note)
        self._db.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?)", row)
