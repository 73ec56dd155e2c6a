"""The ledger: one row a planned capture, planned → fetched → annotated, or the reason why not; and how it came to that.

`captures.outcome` is one word. Of what was fetched: `whole`; `packed-twice` (a layer of gzip too many was undone);
`redirected` (inside the archive); `nearby` (the archive served another moment of the same URL); `same-digest` (the
index says that another capture has the same bytes); `same-period` (a neighbour stands in for a capture that will not
play). Of what was not: what the error that was met says.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Literal

from extractor.errors import ConfigurationError, UnreadableError
from extractor.records import Capture
from extractor.warcfile import Place
from extractor.wayback.archive import Served
from extractor.wayback.choose import Choice, moment
from extractor.wayback.discover import Step
from extractor.wayback.warc import Written

_State = Literal["planned", "fetched", "annotated", "failed"]

_FORMAT = 2
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
    outcome TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
    may_pass INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, repaired INTEGER NOT NULL DEFAULT 0,
    fixity TEXT NOT NULL DEFAULT 'not checked',
    file TEXT NOT NULL DEFAULT '', "offset" INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
    sha256 TEXT NOT NULL DEFAULT '', archive_url TEXT NOT NULL DEFAULT '',
    served_url TEXT NOT NULL DEFAULT '', served_timestamp TEXT NOT NULL DEFAULT '',
    shareable INTEGER NOT NULL DEFAULT 0, settled REAL NOT NULL DEFAULT 0,
    UNIQUE (urlkey, timestamp, original, digest)
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
_CAPTURE_COLUMNS = "urlkey, timestamp, original, mime, status, digest, length, target"
_ENTRY_COLUMNS = (
    f"id, {_CAPTURE_COLUMNS}, state, outcome, reason, may_pass, tries, fixity, "
    'file, "offset", size, sha256, archive_url, served_url, served_timestamp'
)
_BATCH = 1000  # rows read at a time, so that a ledger of any size takes the same memory
_OF_ITS_DIGEST = ("whole", "packed-twice", "same-digest")
_HIDDEN = ("excluded", "robots")  # outcomes of captures that nothing may stand in for


def _gives_bytes(row: str) -> str:
    """The condition that a row's bytes are there, and are those of the digest that the index gives."""
    return f"({row}.shareable AND {row}.state IN ('fetched', 'annotated') AND {row}.outcome IN {_OF_ITS_DIGEST})"


_LEADS = f"""state = 'planned' AND NOT (shareable AND EXISTS (
    SELECT 1 FROM captures AS other WHERE other.digest = captures.digest AND other.shareable
    AND ((other.state = 'planned' AND other.id < captures.id) OR {_gives_bytes("other")})))"""
_FOLLOWS = f"""shareable AND state IN ('planned', 'failed') AND outcome NOT IN {_HIDDEN} AND EXISTS (
    SELECT 1 FROM captures AS other WHERE other.digest = captures.digest AND {_gives_bytes("other")})"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A planned capture as the ledger knows it; `place`, `sha256` and what was served are empty before the fetch."""

    id: int
    capture: Capture
    state: _State
    outcome: str
    reason: str
    may_pass: bool
    tries: int
    fixity: str
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
            self._db = sqlite3.connect(_read_only_uri(path), uri=True, isolation_level=None)
            if not _has_format(self._db, path):
                raise UnreadableError(f"{path} holds nothing yet: run the same command again.")
            return
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        if not _has_format(self._db, path):
            _make_tables(self._db)

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

    def plan(self, target: str, choices: Iterable[Choice], malformed: Iterable[str] = ()) -> int:
        """Enters what was chosen of a target's captures and what was not, all or none; gives how many were new."""
        choices = list(choices)
        taken = [(c.why, is_shareable(c.capture), *_capture_row(c.capture)) for c in choices if c.taken]
        passed_over = [(c.why, *_capture_row(c.capture)) for c in choices if not c.taken]
        with _transaction(self._db):
            before = self._db.total_changes
            self._insert("OR IGNORE INTO captures", f"why, shareable, {_CAPTURE_COLUMNS}", taken)
            new = self._db.total_changes - before
            self._insert("INTO skipped", f"why, {_CAPTURE_COLUMNS}", passed_over)
            self._insert("INTO malformed", "target, line", [(target, line) for line in malformed])
            self._note_target(target, "", len(taken))
        return new

    def refuse(self, target: str, reason: str) -> None:
        """Notes why a target has no captures; it is asked for again on the next run."""
        self._note_target(target, reason, 0)

    def refused(self) -> list[tuple[str, str]]:
        """The targets without captures, each with the reason."""
        return self._db.execute("SELECT name, outcome FROM targets WHERE outcome != '' ORDER BY id").fetchall()

    def trail(self, target: str) -> _LedgerTrail:
        """The steps taken in search of a target's policy."""
        return _LedgerTrail(self._db, target)

    def to_fetch(self) -> Iterator[Entry]:
        """The captures still to be fetched, in the order of the plan; of several with one digest only the first."""
        return self._entries(_LEADS)

    def to_share(self) -> Iterator[tuple[Entry, Entry]]:
        """The captures whose bytes are there under the same digest, each with the first one that gives them."""
        for entry in self._entries(_FOLLOWS):
            if giver := self._first(f"digest = ? AND {_gives_bytes('captures')}", entry.capture.digest):
                yield entry, giver

    def to_repair(self) -> Iterator[Entry]:
        """The captures that failed and have not been replaced."""
        return self._entries(f"state = 'failed' AND NOT repaired AND outcome NOT IN {_HIDDEN}")

    def neighbours(self, entry: Entry) -> list[Capture]:
        """The captures of the same target that were seen in the index and not planned, the nearest in time first."""
        query = f"SELECT {_CAPTURE_COLUMNS} FROM skipped WHERE target = ? AND status IN ('200', '-')"
        found = [Capture(*row) for row in self._db.execute(query, (entry.capture.target,))]
        seen = moment(entry.capture.timestamp)
        return sorted(found, key=lambda other: (abs(moment(other.timestamp) - seen), other.key))

    def retry(self) -> int:
        """Makes those that failed for a reason that may pass planned ones again; gives how many there are."""
        return self._db.execute(
            "UPDATE captures SET state = 'planned', outcome = '' WHERE state = 'failed' AND may_pass"
        ).rowcount

    def with_bytes(self) -> Iterator[Entry]:
        """The captures whose bytes are in the WARC, in the order of the plan."""
        return self._entries("state IN ('fetched', 'annotated')")

    def entries(self, state: str = "") -> Iterator[Entry]:
        """All planned captures, or those in one state, in the order of the plan."""
        return self._entries("state = ?", state) if state else self._entries("1")

    def place_of(self, served: Served) -> Place | None:
        """Where the same page, of the same URL and time, stands in the WARC already."""
        snapshot = served.snapshot
        same = "sha256 != '' AND sha256 = ? AND served_url = ? AND served_timestamp = ?"
        query = f"{same} AND state IN ('fetched', 'annotated')"
        found = self._first(query, snapshot.sha256, snapshot.served_url, snapshot.served_timestamp)
        return found.place if found else None

    def payload_digest(self, url: str, timestamp: str) -> str:
        """The digest of the record that the WARC holds of a URL at a time, "" where it holds none."""
        query = (
            "SELECT json_extract(substr(line, instr(line, '{')), '$.digest') FROM cdxj WHERE url = ? AND timestamp = ?"
        )
        found = self._db.execute(query, (url, timestamp)).fetchone()
        return str(found[0]) if found else ""

    def fetched(self, entry: Entry, written: Written, served: Served, *, reason: str = "") -> None:
        """Notes that the bytes of a capture are in the WARC, and what was served for it."""
        snapshot = served.snapshot
        page = (snapshot.sha256, snapshot.archive_url, snapshot.served_url, snapshot.served_timestamp)
        with _transaction(self._db):
            self._note_written(written)
            self._note_fetched(entry, reason, (served.outcome, served.fixity, *astuple(written.place), *page))

    def shared(self, shares: list[tuple[Entry, Entry, str]], written: Written) -> None:
        """Notes that captures have the bytes of others, each with its own address; the WARC says so, too."""
        with _transaction(self._db):
            self._note_written(written)
            for entry, giver, archive_url in shares:
                page = (giver.sha256, archive_url, giver.served_url, giver.served_timestamp)
                self._note_fetched(entry, entry.reason, ("same-digest", giver.fixity, *astuple(giver.place), *page))

    def failed(self, entry: Entry, outcome: str, reason: str, *, may_pass: bool) -> None:
        """Notes why a capture could not be had."""
        self._db.execute(
            "UPDATE captures SET state = 'failed', outcome = ?, reason = ?, may_pass = ?, tries = tries + 1,"
            " settled = ? WHERE id = ?",
            (outcome, reason, may_pass, time.time(), entry.id),
        )

    def not_repaired(self, entry: Entry) -> None:
        """Notes that nothing can stand in for a capture."""
        self._db.execute("UPDATE captures SET repaired = 1 WHERE id = ?", (entry.id,))

    def annotated(self) -> None:
        """Notes that every fetched capture stands in the records."""
        self._db.execute("UPDATE captures SET state = 'annotated' WHERE state = 'fetched'")

    def committed(self) -> int:
        """The end of the last record of the WARC that the ledger knows of, in bytes."""
        end = self._db.execute("SELECT max(committed) FROM files").fetchone()[0]
        return int(end or 0)

    def keep_only(self, size: int) -> int:
        """Makes captures whose bytes lie beyond the WARC's end planned ones again; gives where to go on writing."""
        with _transaction(self._db):
            self._db.execute(
                "UPDATE captures SET state = 'planned', outcome = '' WHERE state IN ('fetched', 'annotated')"
                ' AND "offset" + size > ?',
                (size,),
            )
            query = "SELECT max(\"offset\" + size) FROM captures WHERE state IN ('fetched', 'annotated')"
            end = int(self._db.execute(query).fetchone()[0] or 0)
            self._db.execute(
                "DELETE FROM cdxj WHERE json_extract(substr(line, instr(line, '{')), '$.offset') + 0 >= ?", (end,)
            )
            self._db.execute("UPDATE files SET committed = ?", (end,))
        return end

    def cdxj(self) -> Iterator[str]:
        """The lines of the WARC's index, sorted."""
        query = "SELECT line FROM (SELECT timestamp, line FROM cdxj) ORDER BY line"
        return (row[0] for row in self._db.execute(query))

    def cdxj_places(self) -> set[tuple[str, str, int]]:
        """The URL, time and offset of each record that the WARC's index names."""
        query = "SELECT url, timestamp, json_extract(substr(line, instr(line, '{')), '$.offset') FROM cdxj"
        return {(url, timestamp, int(offset)) for url, timestamp, offset in self._db.execute(query)}

    def counts(self) -> dict[str, int]:
        """How many captures are in each state, those that are in none left out."""
        return dict(self._db.execute("SELECT state, count(*) FROM captures GROUP BY state ORDER BY state"))

    def outcomes(self) -> dict[str, int]:
        """How many captures came to each outcome, the most frequent first; "" is that of those still to be fetched."""
        query = "SELECT outcome, count(*) AS n FROM captures GROUP BY outcome ORDER BY n DESC, outcome"
        return dict(self._db.execute(query))

    def failures(self) -> dict[str, int]:
        """How many captures failed for each reason, the most frequent first."""
        query = (
            "SELECT reason, count(*) AS n FROM captures WHERE state = 'failed' GROUP BY reason ORDER BY n DESC, reason"
        )
        return dict(self._db.execute(query))

    def settled_since(self, moment: float) -> tuple[int, float]:
        """How many captures came to an outcome since a moment, and when the first did; in seconds since 1970."""
        query = "SELECT count(*), min(settled) FROM captures WHERE settled >= ?"
        number, first = self._db.execute(query, (moment,)).fetchone()
        return int(number), float(first or moment)

    def looked_up(self) -> int:
        """How many targets were asked about in the index."""
        return int(self._db.execute("SELECT count(*) FROM targets").fetchone()[0])

    def side_counts(self) -> dict[str, int]:
        """How many rows of the index were passed over, how many were malformed, and how many home pages were read."""
        tables = {"skipped": "skipped", "malformed": "malformed", "home pages read": "steps"}
        return {n: int(self._db.execute(f"SELECT count(*) FROM {t}").fetchone()[0]) for n, t in tables.items()}

    def open_breaker(self, until: float, reason: str) -> None:
        """Notes that the archive asked to be left alone until a moment, in seconds since 1970."""
        self._db.execute("INSERT OR REPLACE INTO breaker VALUES (1, ?, ?)", (until, reason))

    def close_breaker(self) -> None:
        """Notes that the archive may be asked again."""
        self._db.execute("DELETE FROM breaker")

    def breaker(self) -> tuple[float, str] | None:
        """Until when the archive asked to be left alone, and how it said so; None where it did not."""
        found: tuple[float, str] | None = self._db.execute("SELECT until, reason FROM breaker").fetchone()
        return found

    def _insert(self, where: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * (columns.count(",") + 1))
        self._db.executemany(f"INSERT {where} ({columns}) VALUES ({marks})", rows)

    def _note_target(self, target: str, outcome: str, captures: int) -> None:
        self._db.execute(
            "INSERT INTO targets (name, outcome, captures) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET outcome = excluded.outcome, captures = excluded.captures",
            (target, outcome, captures),
        )

    def _note_written(self, written: Written) -> None:
        self._db.executemany("INSERT OR IGNORE INTO cdxj VALUES (?, ?, ?)", written.lines)
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (written.place.part, written.end))

    def _note_fetched(self, entry: Entry, reason: str, page: tuple[Any, ...]) -> None:
        self._db.execute(
            "UPDATE captures SET state = 'fetched', may_pass = 0, reason = ?, settled = ?, outcome = ?, fixity = ?,"
            ' file = ?, "offset" = ?, size = ?, sha256 = ?, archive_url = ?, served_url = ?, served_timestamp = ?'
            " WHERE id = ?",
            (reason, time.time(), *page, entry.id),
        )

    def _first(self, condition: str, *values: str) -> Entry | None:
        query = f"SELECT {_ENTRY_COLUMNS} FROM captures WHERE {condition} ORDER BY id LIMIT 1"
        row = self._db.execute(query, values).fetchone()
        return _entry_of(row) if row else None

    def _entries(self, condition: str, *values: str) -> Iterator[Entry]:
        """The entries that a condition holds for, in batches: each sees what was written since the one before."""
        query = f"SELECT {_ENTRY_COLUMNS} FROM captures WHERE id > ? AND ({condition}) ORDER BY id LIMIT {_BATCH}"
        last = 0
        while rows := self._db.execute(query, (last, *values)).fetchall():
            last = rows[-1][0]
            yield from map(_entry_of, rows)


class _LedgerTrail:
    """The steps taken in search of a target's policy, as the ledger keeps them."""

    def __init__(self, db: sqlite3.Connection, target: str) -> None:
        self._db, self._target = db, target

    def get(self, page: str) -> Step | None:
        """The step from a page that was read before."""
        query = "SELECT page, link, text, score, note FROM steps WHERE target = ? AND page = ?"
        row = self._db.execute(query, (self._target, page)).fetchone()
        return Step(*row) if row else None

    def __setitem__(self, page: str, step: Step) -> None:
        row = (self._target, page, step.link, step.text, step.score, step.note)
        self._db.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?)", row)


def _read_only_uri(path: Path) -> str:
    """The name under which SQLite reads a file only; one without a write-ahead log needs nothing beside it."""
    way = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    return f"{path.resolve().as_uri()}?{way}"


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing: commits at the end of the block, rolls back on an error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _make_tables(db: sqlite3.Connection) -> None:
    """Makes all tables or none: a full disk or a crash halfway must not leave a ledger of no format."""
    try:
        db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT;")
    except sqlite3.Error:
        db.close()
        raise


def _has_format(db: sqlite3.Connection, path: Path) -> bool:
    """Whether the tables are there. Raises ConfigurationError for a ledger of another version of this package."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found not in (0, _FORMAT) or (found == 0 and db.execute("SELECT 1 FROM sqlite_master").fetchone()):
        raise ConfigurationError(
            f"{path} is a ledger of format {found}, this version writes {_FORMAT}: use another folder, or the version "
            "of archived-policy that its manifest.json names."
        )
    return found == _FORMAT


def is_shareable(capture: Capture) -> bool:
    """Whether a capture may get its bytes from another with the same digest: a page with 200, or a revisit.

    A redirect's digest is that of its body, which says nothing of where it leads.
    """
    return capture.status in ("200", "-") and len(capture.digest) == 32


def _capture_row(capture: Capture) -> tuple[str, ...]:
    """A capture as the ledger's columns."""
    return (*capture.key[:3], capture.mime, capture.status, capture.digest, capture.length, capture.target)


def _entry_of(row: tuple[Any, ...]) -> Entry:
    """An entry from a row of ENTRY_COLUMNS."""
    number, words, rest = row[0], row[1:9], row[9:]
    state, outcome, reason, may_pass, tries, fixity, file, offset, size, *of_page = rest
    place = Place(file, offset, size)
    return Entry(number, Capture(*words), state, outcome, reason, bool(may_pass), tries, fixity, place, *of_page)
