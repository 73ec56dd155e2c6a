"""The ledger: one row a planned capture, planned → fetched → annotated, or the reason why not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Literal

from extractor.errors import ConfigurationError
from extractor.records import Capture, Snapshot
from extractor.warcfile import Place
from extractor.wayback.choose import Choice

State = Literal["planned", "fetched", "annotated", "failed"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS targets (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, outcome TEXT NOT NULL, captures INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS captures (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL, urlkey TEXT NOT NULL, timestamp TEXT NOT NULL, original TEXT NOT NULL,
    mime TEXT NOT NULL, status TEXT NOT NULL, digest TEXT NOT NULL, length TEXT NOT NULL,
    why TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'fetched', 'annotated', 'failed')),
    reason TEXT NOT NULL DEFAULT '', may_pass INTEGER NOT NULL DEFAULT 0,
    file TEXT NOT NULL DEFAULT '', "offset" INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '', archive_url TEXT NOT NULL DEFAULT '',
    served_url TEXT NOT NULL DEFAULT '', served_timestamp TEXT NOT NULL DEFAULT '',
    UNIQUE (urlkey, timestamp, original, digest)
);
CREATE INDEX IF NOT EXISTS captures_by_state ON captures (state);
"""
CAPTURE_COLUMNS = "urlkey, timestamp, original, mime, status, digest, length, target"
ENTRY_COLUMNS = (
    f'id, {CAPTURE_COLUMNS}, state, reason, file, "offset", size, sha256, archive_url, served_url, served_timestamp'
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A planned capture as the ledger knows it; `place`, `sha256` and what was served are empty before the fetch."""

    id: int
    capture: Capture
    state: State
    reason: str
    place: Place
    sha256: str
    archive_url: str
    served_url: str
    served_timestamp: str


class Ledger:
    """The SQLite file of a run folder (WAL). Each method is one transaction, on the disk when it returns."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Opens or makes the file; `read_only` changes nothing and works where nothing can be written."""
        if read_only:
            self._db = sqlite3.connect(read_only_uri(path), uri=True, isolation_level=None)
            return
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def keep_settings(self, settings: dict[str, str]) -> None:
        """Notes the settings of a new folder; raises ConfigurationError where they contradict those of an old one."""
        for name, value in settings.items():
            self._db.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (name, value))
        for name, value in self._db.execute("SELECT name, value FROM settings"):
            if settings.get(name, value) != value:
                raise ConfigurationError(
                    f"This folder was begun with {name} {value!r}, not {settings[name]!r}: "
                    "use the same settings to go on, or another folder."
                )

    def settings(self) -> dict[str, str]:
        """The settings that the folder was begun with."""
        return dict(self._db.execute("SELECT name, value FROM settings"))

    def is_planned(self, target: str) -> bool:
        """Whether the captures of a target stand in the ledger."""
        query = "SELECT 1 FROM targets WHERE name = ? AND outcome = ''"
        return self._db.execute(query, (target,)).fetchone() is not None

    def plan(self, target: str, choices: Iterable[Choice]) -> int:
        """Enters the chosen captures of a target, all or none; gives how many were new."""
        rows = [(choice.why, *capture_row(choice.capture)) for choice in choices]
        with transaction(self._db):
            before = self._db.total_changes
            self._db.executemany(
                f"INSERT OR IGNORE INTO captures (why, {CAPTURE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )
            new = self._db.total_changes - before
            self._note_target(target, "", len(rows))
        return new

    def refuse(self, target: str, reason: str) -> None:
        """Notes why a target has no captures; it is asked for again on the next run."""
        self._note_target(target, reason, 0)

    def _note_target(self, target: str, outcome: str, captures: int) -> None:
        self._db.execute(
            "INSERT INTO targets (name, outcome, captures) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET outcome = excluded.outcome, captures = excluded.captures",
            (target, outcome, captures),
        )

    def refused(self) -> list[tuple[str, str]]:
        """The targets without captures, each with the reason."""
        return self._db.execute("SELECT name, outcome FROM targets WHERE outcome != '' ORDER BY id").fetchall()

    def to_fetch(self) -> list[Entry]:
        """The captures still to be fetched: those planned, and those that failed for a reason that may pass."""
        return list(self._entries("state = 'planned' OR (state = 'failed' AND may_pass)"))

    def with_bytes(self) -> Iterator[Entry]:
        """The captures whose bytes are in the WARC, in the order of the plan."""
        return self._entries("state IN ('fetched', 'annotated')")

    def entries(self) -> Iterator[Entry]:
        """All planned captures, in the order of the plan."""
        return self._entries("1")

    def fetched(self, entry: Entry, place: Place, snapshot: Snapshot) -> None:
        """Notes that the bytes of a capture are in the WARC, and what was served for it."""
        self._db.execute(
            "UPDATE captures SET state = 'fetched', reason = '', may_pass = 0, file = ?, \"offset\" = ?, size = ?,"
            " sha256 = ?, archive_url = ?, served_url = ?, served_timestamp = ? WHERE id = ?",
            (*astuple(place), snapshot.sha256, *served(snapshot), entry.id),
        )

    def failed(self, entry: Entry, reason: str, *, may_pass: bool) -> None:
        """Notes why a capture could not be had."""
        self._db.execute(
            "UPDATE captures SET state = 'failed', reason = ?, may_pass = ? WHERE id = ?", (reason, may_pass, entry.id)
        )

    def annotated(self) -> None:
        """Notes that every fetched capture stands in the records."""
        self._db.execute("UPDATE captures SET state = 'annotated' WHERE state = 'fetched'")

    def committed(self) -> int:
        """The end of the last record of the WARC that the ledger knows of, in bytes."""
        end = self._db.execute('SELECT max("offset" + size) FROM captures').fetchone()[0]
        return int(end or 0)

    def counts(self) -> dict[str, int]:
        """How many captures are in each state, those that are in none left out."""
        return dict(self._db.execute("SELECT state, count(*) FROM captures GROUP BY state ORDER BY state"))

    def _entries(self, condition: str) -> Iterator[Entry]:
        query = f"SELECT {ENTRY_COLUMNS} FROM captures WHERE {condition} ORDER BY id"
        return map(entry_of, self._db.execute(query).fetchall())


def read_only_uri(path: Path) -> str:
    """The name under which SQLite reads a file only; one without a write-ahead log needs nothing beside it."""
    way = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    return f"{path.resolve().as_uri()}?{way}"


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: commits at the end of the block, rolls back on an error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def served(snapshot: Snapshot) -> tuple[str, str, str]:
    """What the archive served: the address it was asked at, the page's own URL and time."""
    return snapshot.archive_url, snapshot.served_url, snapshot.served_timestamp


def capture_row(capture: Capture) -> tuple[str, ...]:
    """A capture as the ledger's columns."""
    return (*capture.key[:3], capture.mime, capture.status, capture.digest, capture.length, capture.target)


def entry_of(row: tuple[object, ...]) -> Entry:
    """An entry from a row of ENTRY_COLUMNS."""
    number, *words = row
    capture = Capture(*words[:8])  # type: ignore[arg-type]
    state, reason, file, offset, size, *of_page = words[8:]
    return Entry(number, capture, state, reason, Place(file, offset, size), *of_page)  # type: ignore[arg-type]
