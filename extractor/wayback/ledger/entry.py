"""The rows of the ledger's table of captures, as records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from extractor.identity import registered_domain
from extractor.records import Capture
from extractor.warcfile import RecordPosition
from extractor.wayback.selection import is_redirect

_State = Literal["planned", "fetched", "annotated", "failed"]

CAPTURE_COLUMNS = "urlkey, timestamp, original, mime, status, digest, length, target"
_MARKS = ", ".join("?" * (CAPTURE_COLUMNS.count(",") + 1))
HAS_BYTES = "state IN ('fetched', 'annotated')"
_ENTRY_COLUMNS = (
    f"id, {CAPTURE_COLUMNS}, state, outcome, reason, may_pass, tries, fixity, "
    'file, "offset", size, sha256, archive_url, served_url, served_timestamp'
)
_BATCH = 1000  # rows read at a time, so that a ledger of any size takes the same memory


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A planned capture and what became of it; `position`, `sha256` and what was served are empty before the fetch.

    `is_transient` is whether it failed for a reason that may pass.
    """

    id: int
    capture: Capture
    state: _State
    outcome: str
    reason: str
    is_transient: bool
    tries: int
    fixity: str
    position: RecordPosition
    sha256: str
    archive_url: str
    served_url: str
    served_timestamp: str


def select_entries(db: sqlite3.Connection, condition: str, *values: str) -> Iterator[LedgerEntry]:
    """The entries that meet a condition, read in batches: each batch sees what was written since the one before."""
    query = f"SELECT {_ENTRY_COLUMNS} FROM captures WHERE id > ? AND ({condition}) ORDER BY id LIMIT {_BATCH}"
    last = 0
    while rows := db.execute(query, (last, *values)).fetchall():
        last = rows[-1][0]
        yield from map(_entry_of, rows)


def first_entry(db: sqlite3.Connection, condition: str, *values: str) -> LedgerEntry | None:
    """The first entry that meets a condition."""
    query = f"SELECT {_ENTRY_COLUMNS} FROM captures WHERE {condition} ORDER BY id LIMIT 1"
    row = db.execute(query, values).fetchone()
    return _entry_of(row) if row else None


def _entry_of(row: tuple[Any, ...]) -> LedgerEntry:
    number, capture, rest = row[0], Capture(*row[1:9]), row[9:]
    state, outcome, reason, may_pass, tries, fixity, file, offset, size, *served = rest
    position = RecordPosition(file, offset, size)
    return LedgerEntry(number, capture, state, outcome, reason, bool(may_pass), tries, fixity, position, *served)


def capture_row(capture: Capture) -> tuple[str, ...]:
    """A capture as the values of CAPTURE_COLUMNS."""
    return (*capture.key[:3], capture.mime, capture.status, capture.digest, capture.length, capture.target)


def skipped_captures(db: sqlite3.Connection, target: str) -> list[Capture]:
    """The captures of a target that were passed over and may stand in for others: pages and redirects."""
    query = f"SELECT {CAPTURE_COLUMNS} FROM skipped WHERE target = ?"
    found = dict.fromkeys(Capture(*row) for row in db.execute(query, (target,)))
    return [capture for capture in found if capture.status in ("200", "-") or is_redirect(capture)]


def plan_capture(db: sqlite3.Connection, capture: Capture, why: str) -> int:
    """Plans a capture; returns its number, 0 if it is in the plan of the same site already.

    Sites with one policy, as brands of one company, have a row each; their bytes are fetched once. Ledgers of earlier
    versions hold a capture for one site only.
    """
    row = capture_row(capture)
    query = "SELECT target FROM captures WHERE urlkey = ? AND timestamp = ? AND original = ? AND digest = ?"
    planned = [target for (target,) in db.execute(query, (*row[:3], capture.digest))]
    if registered_domain(capture.target) in map(registered_domain, planned):
        return 0
    added = db.execute(
        f"INSERT OR IGNORE INTO captures (why, shareable, {CAPTURE_COLUMNS}) VALUES (?, ?, {_MARKS})",
        (why, is_shareable(capture), *row),
    )
    return int(added.lastrowid or 0) if added.rowcount == 1 else 0


def is_shareable(capture: Capture) -> bool:
    """Whether a capture may get its bytes from another with the same digest: a page with status 200, or a revisit.

    A redirect's digest is that of its body, which does not depend on where it leads.
    """
    return capture.status in ("200", "-") and len(capture.digest) == 32
