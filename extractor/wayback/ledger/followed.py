"""The links in the ledger that were followed from captured pages to the policies they name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extractor.wayback.ledger.entry import CAPTURE_COLUMNS, capture_row, plan_capture
from extractor.wayback.ledger.lookups import close_lookup
from extractor.wayback.ledger.schema import transaction
from extractor.wayback.selection import CaptureChoice

_MARKS = ", ".join("?" * (CAPTURE_COLUMNS.count(",") + 1))


@dataclass(frozen=True, slots=True)
class FollowedLink:
    """A link from a page, by the id of its record: the capture chosen for it, or a note why there is none."""

    page: str
    link: str
    choice: CaptureChoice | None = None
    note: str = ""


class FollowedLinks:
    """The links from captured pages to policies, one for each page, and the captures that were planned for them."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(
        self, links: Sequence[FollowedLink], others: Iterable[CaptureChoice] = (), malformed: Iterable[str] = ()
    ) -> int:
        """Adds links to one address with the captures chosen for them, all or none; returns how many of these are new.

        `others` are further captures of the address, which can be substitutes, `malformed` rows of the index that were
        put aside. The target of the others is the address.
        """
        rows = [(other.why, *capture_row(other.capture)) for other in others]
        lines = [(links[0].link, line) for line in malformed]
        with transaction(self._db):
            new = sum([self._add_link(link) for link in links])
            self._db.executemany(f"INSERT INTO skipped (why, {CAPTURE_COLUMNS}) VALUES (?, {_MARKS})", rows)
            self._db.executemany("INSERT INTO malformed (target, line) VALUES (?, ?)", lines)
            close_lookup(self._db, links[0].link)
        return new

    def pages(self) -> set[str]:
        """The ids of the pages whose link was looked up."""
        return {page for (page,) in self._db.execute("SELECT page FROM followed")}

    def paths(self) -> dict[int, tuple[str, ...]]:
        """The ids of the pages that led to each capture planned for a link, in order, by the capture's number."""
        query = (
            "SELECT captures.id, captures.timestamp || '/' || captures.original, followed.page"
            " FROM followed JOIN captures ON captures.id = followed.capture ORDER BY captures.id"
        )
        by_number: dict[int, tuple[str, ...]] = {}
        by_page: dict[str, tuple[str, ...]] = {}
        for number, name, page in self._db.execute(query):
            by_number[number] = by_page[name] = (*by_page.get(page, ()), page)
        return by_number

    def _add_link(self, link: FollowedLink) -> bool:
        """Adds a link and plans its capture; returns whether the capture is new."""
        number = plan_capture(self._db, link.choice.capture, link.choice.why) if link.choice else 0
        note = link.note if number or not link.choice else "its capture was planned before"
        row = (link.page, link.link, number, note)
        self._db.execute("INSERT OR REPLACE INTO followed (page, link, capture, note) VALUES (?, ?, ?, ?)", row)
        return number > 0
