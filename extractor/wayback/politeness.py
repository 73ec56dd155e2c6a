"""Politeness towards an archive: one rate, one pause and one ban for all workers of all processes on this machine.

The state of an archive is a small SQLite file in the user's cache folder, named after its host and port. Times in it
are wall-clock times, the only ones that processes share. Each is stored with the time it was written at: where that
lies in the future, the clock was set back since, and the wait begins anew.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from extractor.errors import ArchiveStopError, InterruptedRunError

_log = logging.getLogger(__name__)

_THROTTLE_PAUSE = 60.0  # seconds after a 429 without Retry-After; doubles with each one in a row
_SHORTEST_PAUSE = 1.0  # seconds, where the archive asks for 0
MAX_THROTTLES = 8  # pauses in a row; after that the run ends
MAX_PAUSE = 3600.0  # seconds; a longer wait ends the run
FIRST_BAN = 3600.0  # seconds; the Wayback Machine blocks an address for an hour, then for twice that
MAX_BAN = 24 * 3600.0
MAX_RETRY_AFTER = 30 * 24 * 3600.0  # seconds; a longer Retry-After is taken for a mistake
_POLL_INTERVAL = 0.5  # seconds

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (kind TEXT PRIMARY KEY, next REAL NOT NULL, gap REAL NOT NULL);
CREATE TABLE IF NOT EXISTS waits (
    kind TEXT PRIMARY KEY CHECK (kind IN ('pause', 'ban')), written REAL NOT NULL, until REAL NOT NULL,
    in_a_row INTEGER NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS known (kind TEXT PRIMARY KEY, url TEXT NOT NULL);
INSERT OR IGNORE INTO waits VALUES ('pause', 0, 0, 0, ''), ('ban', 0, 0, 0, '');
"""


class Politeness:
    """The turns, pauses and bans of one archive.

    `wait` blocks the caller until its turn; the other methods report what the archive answered.
    """

    def __init__(
        self,
        path: Path,
        *,
        stop: Event | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.stop, self._clock, self._sleep = stop or Event(), clock, sleep
        self._lock = threading.RLock()
        self._turn_locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._turns: dict[str, float] = {}  # when each kind of request that waits for its turn has it
        self._db = open_state(path)

    def wait(self, kind: str, rate: float) -> float:
        """Blocks until the caller's turn among requests of its kind, `rate` a second, and until no pause lasts.

        Returns the time at which the turn began. Raises ArchiveStopError while a ban lasts, InterruptedRunError once
        the user asked to stop.
        """
        with self._turn_locks[kind]:
            self.check_stop()
            while (seconds := self._seconds_left(kind, rate)) > 0:
                self._turns[kind] = self._clock() + seconds
                self.sleep(min(seconds, _POLL_INTERVAL))
            self._turns.pop(kind, None)
        return self._clock()

    def check_stop(self) -> None:
        """Raises InterruptedRunError once the user asked to stop."""
        if self.stop.is_set():
            raise InterruptedRunError("Interrupted; nothing is lost. Run the same command again to go on.")

    def sleep(self, seconds: float) -> None:
        """Sleeps; raises InterruptedRunError as soon as the user asked to stop."""
        end = self._clock() + seconds
        while (left := end - self._clock()) > 0:
            self.check_stop()
            self._sleep(min(left, seconds, _POLL_INTERVAL))

    def report_throttling(self, asked_at: float, retry_after: float | None, reason: str) -> None:
        """Pauses all workers after a 429; answers to requests from before the pause count as one.

        Raises ArchiveStopError after MAX_THROTTLES in a row, or where the archive asks for more than MAX_PAUSE.
        """
        written, _, in_a_row, _ = self._read("pause")
        in_a_row = max(1, in_a_row + (asked_at >= written))
        seconds = _THROTTLE_PAUSE * 2 ** (in_a_row - 1) if retry_after is None else retry_after
        if in_a_row > MAX_THROTTLES or seconds > MAX_PAUSE:
            raise self.ban(f"{reason} It did not let up.", at_least=seconds)
        self.pause(seconds, reason, in_a_row=in_a_row)

    def pause(self, seconds: float, reason: str, *, in_a_row: int | None = None) -> None:
        """Makes all workers wait for `seconds` from now; never shortens a pause."""
        seconds = max(seconds, _SHORTEST_PAUSE)
        _log.warning("%s All workers wait %.0f s.", reason, seconds)
        now = self._clock()
        with self._transaction():
            _, until, before, _ = self._read("pause")
            self._write("pause", now, max(until, now + seconds), before if in_a_row is None else in_a_row, reason)

    def ban(self, reason: str, *, at_least: float = 0.0, first: float = FIRST_BAN) -> ArchiveStopError:
        """Records that the archive must not be asked for `first` seconds, twice as long each time in a row.

        Returns the error to raise.
        """
        now = self._clock()
        with self._transaction():
            _, until, in_a_row, before = self._read("ban")
            if until > now:  # reported by another worker already
                return ban_error(before, until)
            seconds = max(min(at_least, MAX_RETRY_AFTER), min(MAX_BAN, first * 2.0**in_a_row))
            self._write("ban", now, now + seconds, in_a_row + 1, reason)
        return ban_error(reason, now + seconds)

    def lift_ban(self) -> None:
        """Ends a ban, at the request of the user."""
        with self._transaction():
            self._write("ban", 0, 0, 0, "")

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return self._clock()

    def known(self, kind: str) -> str:
        """An address that the archive answered in an earlier run, "" where there is none."""
        with self._lock:
            found = self._db.execute("SELECT url FROM known WHERE kind = ?", (kind,)).fetchone()
        return str(found[0]) if found else ""

    def keep_known(self, kind: str, url: str) -> None:
        """Keeps an address that the archive answered, for later runs."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO known VALUES (?, ?)", (kind, url))

    def report_success(self) -> None:
        """Records a good answer: the next pause and the next ban are as short as the first."""
        if any(self._read(kind)[2] for kind in ("pause", "ban")):
            with self._transaction():
                self._db.execute("UPDATE waits SET in_a_row = 0")

    def wait_reason(self) -> str:
        """Why requests wait, in a few words; "" while they do not."""
        for kind, name in (("ban", "blocked"), ("pause", "paused by the archive")):
            if (seconds := self._read(kind)[1] - self._clock()) > 0:
                return f"{name}, {seconds:.0f} s left"
        left = self._turns.get("index", 0.0) - self._clock()
        return f"waiting {left:.1f} s for the index" if left > 0 else ""

    def _seconds_left(self, kind: str, rate: float) -> float:
        now = self._clock()
        _, until, _, reason = self._read("ban")
        if until > now:
            raise ban_error(reason, until)
        paused = self._read("pause")[1] - now
        return paused if paused > 0 or not rate else self._take_turn(kind, 1 / rate, now)

    def _take_turn(self, kind: str, gap: float, now: float) -> float:
        """Takes a turn and returns 0, or returns the seconds until the next one.

        A turn that is taken late by less than one gap does not delay those after it.
        """
        with self._transaction():
            query = "SELECT next, gap FROM turns WHERE kind = ?"
            turn, last_gap = self._db.execute(query, (kind,)).fetchone() or (now, gap)
            if now < turn <= now + last_gap:  # a later one was written before the clock was set back
                return float(turn - now)
            turn = min(turn, now)
            self._db.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?)", (kind, max(turn, now - gap) + gap, gap))
            return 0.0

    def _read(self, kind: str) -> tuple[float, float, int, str]:
        """A row of `waits`; one that was written in the future, before the clock was set back, begins now."""
        query = "SELECT written, until, in_a_row, reason FROM waits WHERE kind = ?"
        now = self._clock()
        with self._lock:
            written, until, in_a_row, reason = self._db.execute(query, (kind,)).fetchone()
            if written > now:
                written, until = now, now + (until - written)
                self._write(kind, written, until, in_a_row, reason)
        return written, until, in_a_row, reason

    def _write(self, kind: str, written: float, until: float, in_a_row: int, reason: str) -> None:
        row = (kind, written, until, in_a_row, reason)
        self._db.execute("INSERT OR REPLACE INTO waits VALUES (?, ?, ?, ?, ?)", row)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                self._db.execute("COMMIT")


def ban_error(reason: str, until: float) -> ArchiveStopError:
    """The error that says why the archive must not be asked, and until when."""
    message = f"{reason} Come back after {format_utc(until)}: the same command goes on where it stopped "
    message += "(if it was your own archive, just down: --lift-ban)."
    return ArchiveStopError(message, reason=reason, come_back=until)


def format_utc(seconds: float) -> str:
    """A time in seconds since 1970, to the minute.

    >>> format_utc(1300000000)
    '2011-03-13 07:06 UTC'
    """
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d %H:%M} UTC"


def state_path(base: str) -> Path:
    """The file with the state of an archive, named after the host and port of its base URL.

    >>> state_path("https://web.archive.org/").name
    'web.archive.org-443.sqlite'
    """
    parts = urlsplit(base)
    name = f"{parts.hostname}-{parts.port or (443 if parts.scheme == 'https' else 80)}"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "archived-policy" / f"{re.sub(r'[^a-z0-9.-]', '_', name)}.sqlite"


def open_state(path: Path) -> sqlite3.Connection:
    """Opens the state at a path, else one in the temporary folder, which fewer processes may share."""
    try:
        return _connect(path)
    except (OSError, sqlite3.Error) as error:
        fallback = Path(tempfile.gettempdir()) / f"archived-policy-{getattr(os, 'getuid', int)()}" / path.name
        _log.warning("The request rate is kept in %s, since %s cannot be written (%s).", fallback, path, error)
        return _connect(fallback)


def _connect(path: Path) -> sqlite3.Connection:
    """Opens or creates the SQLite file at a path. A power cut may lose a turn, as there is no fsync."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    db.execute("PRAGMA synchronous = OFF")
    db.executescript(_SCHEMA)
    return db
