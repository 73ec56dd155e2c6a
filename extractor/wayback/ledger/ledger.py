"""The ledger of a run folder: one row per planned capture, planned → fetched → annotated, or failed for a reason.

`captures.outcome` is one word. Of what was fetched: `whole`; `packed-twice` (a layer of gzip too many was undone);
`redirected` (inside the archive); `nearby` (the archive served another time of the same URL); `same-digest` (the
index says that another capture has the same bytes); `same-period` (a neighbour stands in for a capture that cannot be
replayed). Of what was not: the `outcome` of the error.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from extractor.errors import ConfigurationError
from extractor.wayback.ledger.breaker import CircuitBreaker
from extractor.wayback.ledger.counts import LedgerCounts
from extractor.wayback.ledger.entry import HAS_BYTES, LedgerEntry, select_entries
from extractor.wayback.ledger.followed import FollowedLinks
from extractor.wayback.ledger.lookups import OpenLookups
from extractor.wayback.ledger.plan import CapturePlan
from extractor.wayback.ledger.queue import FetchQueue
from extractor.wayback.ledger.schema import connect, connect_read_only
from extractor.wayback.ledger.warc_index import WarcIndex


class Ledger:
    """The SQLite file of a run folder. Each method is one transaction, which is on disk when it returns.

    `plan` holds targets and planned captures, `lookups` what the index was not asked yet or did not answer, `followed`
    the links from captured pages to policies, `queue` what is to be fetched, `warc` what the WARC holds, `counts` the
    numbers for reports, and `breaker` whether the archive may be asked.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Opens or creates the file; `read_only` changes nothing and works in a folder that cannot be written to."""
        self._db = connect_read_only(path) if read_only else connect(path)
        self.plan = CapturePlan(self._db)
        self.lookups = OpenLookups(self._db)
        self.followed = FollowedLinks(self._db)
        self.queue = FetchQueue(self._db)
        self.warc = WarcIndex(self._db)
        self.counts = LedgerCounts(self._db)
        self.breaker = CircuitBreaker(self._db)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def keep_settings(self, settings: dict[str, str]) -> None:
        """Stores the settings of a new folder. Raises ConfigurationError where an old one has others."""
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

    def entries(self, state: str = "") -> Iterator[LedgerEntry]:
        """All planned captures, or those in one state, in the order of the plan."""
        return select_entries(self._db, "state = ?", state) if state else select_entries(self._db, "1")

    def with_bytes(self) -> Iterator[LedgerEntry]:
        """The captures whose bytes are in the WARC, in the order of the plan."""
        return select_entries(self._db, HAS_BYTES)

    def mark_annotated(self) -> None:
        """Marks every fetched capture as annotated: it has a record."""
        self._db.execute("UPDATE captures SET state = 'annotated' WHERE state = 'fetched'")
