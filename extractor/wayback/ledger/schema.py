"""The tables of a ledger, and connections to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractor.errors import ConfigurationError, UnreadableError

_FORMAT = 2
_FOLLOWED = """followed (
    page TEXT PRIMARY KEY, link TEXT NOT NULL, capture INTEGER NOT NULL, note TEXT NOT NULL
) WITHOUT ROWID;
"""
_OPEN_LOOKUPS = """open_lookups (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, reason TEXT NOT NULL DEFAULT '',
    is_followed INTEGER NOT NULL DEFAULT 0
);
"""
_LATER_TABLES = {"followed": _FOLLOWED, "open_lookups": _OPEN_LOOKUPS}  # that ledgers of format 2 may lack
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS {_FOLLOWED}
CREATE TABLE IF NOT EXISTS {_OPEN_LOOKUPS}
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
    outcome TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
    may_pass INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, repaired INTEGER NOT NULL DEFAULT 0,
    fixity TEXT NOT NULL DEFAULT 'not checked',
    file TEXT NOT NULL DEFAULT '', "offset" INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '', archive_url TEXT NOT NULL DEFAULT '',
    served_url TEXT NOT NULL DEFAULT '', served_timestamp TEXT NOT NULL DEFAULT '',
    shareable INTEGER NOT NULL DEFAULT 0, settled REAL NOT NULL DEFAULT 0,
    UNIQUE (urlkey, timestamp, original, digest, target)
);
CREATE INDEX IF NOT EXISTS captures_by_state ON captures (state);
CREATE INDEX IF NOT EXISTS captures_by_digest ON captures (digest);
CREATE INDEX IF NOT EXISTS captures_by_sha256 ON captures (sha256) WHERE sha256 != '';
CREATE TABLE IF NOT EXISTS skipped (
    target TEXT NOT NULL, urlkey TEXT NOT NULL, timestamp TEXT NOT NULL, original TEXT NOT NULL,
    mime TEXT NOT NULL, status TEXT NOT NULL, digest TEXT NOT NULL, length TEXT NOT NULL, why TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS skipped_by_target ON skipped (target);
CREATE TABLE IF NOT EXISTS malformed (target TEXT NOT NULL, line TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS steps (
    target TEXT NOT NULL, page TEXT NOT NULL, link TEXT NOT NULL, text TEXT NOT NULL, score REAL NOT NULL,
    note TEXT NOT NULL, PRIMARY KEY (target, page)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cdxj (url TEXT, timestamp TEXT, line TEXT, PRIMARY KEY (url, timestamp)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, committed INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS breaker (id INTEGER PRIMARY KEY CHECK (id = 1), until REAL NOT NULL, reason TEXT NOT NULL);
"""


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a ledger (WAL), created where there is none.

    Raises ConfigurationError for a ledger of another version of this package.
    """
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    if not _has_tables(db, path):
        _create_tables(db)
    for definition in _missing_tables(db):
        db.execute(f"CREATE TABLE {definition}")
    return db


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing. Raises UnreadableError for an empty ledger, else as `connect`."""
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"  # for SQLite to make no files
    db = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None)
    if not _has_tables(db, path):
        raise UnreadableError(f"{path} holds nothing yet: run the same command again.")
    for definition in _missing_tables(db):
        db.execute(f"CREATE TEMP TABLE {definition}")
    return db


def _missing_tables(db: sqlite3.Connection) -> list[str]:
    """The definitions of the tables that a ledger lacks, as it was begun before they were thought of."""
    existing = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [definition for name, definition in _LATER_TABLES.items() if name not in existing]


def _create_tables(db: sqlite3.Connection) -> None:
    """Creates all tables or none: a full disk or a crash halfway must not leave a ledger without a format."""
    try:
        db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT;")
    except sqlite3.Error:
        db.close()
        raise


def _has_tables(db: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there. Raises ConfigurationError for a ledger of another version of this package."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found not in (0, _FORMAT) or (found == 0 and db.execute("SELECT 1 FROM sqlite_master").fetchone()):
        raise ConfigurationError(
            f"{path} is a ledger of format {found}, this version writes {_FORMAT}: use another folder, or the version "
            "of archived-policy that its manifest.json names."
        )
    return found == _FORMAT


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """A block that is committed as a whole, or rolled back on an error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
