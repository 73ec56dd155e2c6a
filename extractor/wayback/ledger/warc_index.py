"""What the ledger knows of the WARC: its committed size, and the lines of its CDXJ."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping

from extractor.layout import warc_number
from extractor.warcfile import RecordPosition
from extractor.wayback.archive import Memento, ReplayedPage
from extractor.wayback.fixity import sha1_base32
from extractor.wayback.ledger.entry import HAS_BYTES, LedgerEntry, first_entry
from extractor.wayback.ledger.schema import transaction
from extractor.wayback.warc import WriteResult

_FIELDS = "substr(line, instr(line, '{'))"  # the JSON at the end of a line of CDXJ


class WarcIndex:
    """The records that the WARC holds."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def committed_sizes(self) -> dict[str, int]:
        """The end of the last record of each WARC that the ledger knows of, in bytes, by the WARC's name, in order."""
        sizes = dict(self._db.execute("SELECT name, committed FROM files"))
        return {name: int(sizes[name]) for name in sorted(sizes, key=warc_number)}

    def truncate(self, part: str, size: int) -> int:
        """Plans the captures whose bytes lie beyond `size` of a WARC again; returns the end of what is left of it."""
        with transaction(self._db):
            self._db.execute(
                f"UPDATE captures SET state = 'planned', outcome = '' WHERE {HAS_BYTES} AND file = ?"
                ' AND "offset" + size > ?',
                (part, size),
            )
            query = f'SELECT max("offset" + size) FROM captures WHERE {HAS_BYTES} AND file = ?'
            end = int(self._db.execute(query, (part,)).fetchone()[0] or 0)
            self._db.execute(
                f"DELETE FROM cdxj WHERE json_extract({_FIELDS}, '$.filename') = ?"
                f" AND json_extract({_FIELDS}, '$.offset') + 0 >= ?",
                (part, end),
            )
            self._db.execute("UPDATE files SET committed = ? WHERE name = ?", (end, part))
        return end

    def cdxj_lines(self) -> Iterator[str]:
        """The lines of the CDXJ, sorted."""
        query = "SELECT line FROM (SELECT timestamp, line FROM cdxj) ORDER BY line"
        return (row[0] for row in self._db.execute(query))

    def places(self, part: str) -> set[tuple[str, str, int]]:
        """The URL, timestamp and offset of each record of a WARC in the CDXJ."""
        query = (
            f"SELECT url, timestamp, json_extract({_FIELDS}, '$.offset') FROM cdxj"
            f" WHERE json_extract({_FIELDS}, '$.filename') = ?"
        )
        return {(url, timestamp, int(offset)) for url, timestamp, offset in self._db.execute(query, (part,))}

    def starts(self, part: str) -> list[int]:
        """The offsets of the records of a WARC in the CDXJ."""
        return sorted(offset for _, _, offset in self.places(part))

    def replace_part(self, old: str, new: str, moved: Mapping[int, int], end: int) -> int:
        """Records that a WARC was replaced by another, to which records moved (old to new offsets).

        Plans the captures whose bytes did not move again; returns how many. `end` is the size of the new WARC.
        """
        query = f"SELECT url, timestamp, line FROM cdxj WHERE json_extract({_FIELDS}, '$.filename') = ?"
        with transaction(self._db):
            for url, timestamp, line in self._db.execute(query, (old,)).fetchall():
                row = (url, timestamp, line)
                self._db.execute("DELETE FROM cdxj WHERE url = ? AND timestamp = ? AND line = ?", row)
                head, brace, fields = line.partition("{")
                values = json.loads(brace + fields)
                if (offset := int(values["offset"])) in moved:
                    values |= {"offset": str(moved[offset]), "filename": new}
                    row = (url, timestamp, f"{head}{json.dumps(values)}\n")
                    self._db.execute("INSERT INTO cdxj VALUES (?, ?, ?)", row)
            places = ((new, moved[offset], old, offset) for offset in moved)
            self._db.executemany('UPDATE captures SET file = ?, "offset" = ? WHERE file = ? AND "offset" = ?', places)
            lost = self._db.execute(
                "UPDATE captures SET state = 'planned', outcome = '', reason = '', tries = 0, repaired = 0, file = '',"
                f" sha256 = '' WHERE file = ? AND {HAS_BYTES}",
                (old,),
            ).rowcount
            self._db.execute("DELETE FROM files WHERE name = ?", (old,))
            self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (new, end))
        return lost

    def payload_digests(self, url: str, timestamp: str) -> set[str]:
        """The digests of the records of a URL at a time: of a page and of the redirect to it there may be two."""
        query = f"SELECT json_extract({_FIELDS}, '$.digest') FROM cdxj WHERE url = ? AND timestamp = ?"
        return {str(digest) for (digest,) in self._db.execute(query, (url, timestamp))}

    def payload_digest(self, entry: LedgerEntry) -> str:
        """The digest of the record with the bytes of an entry, "" where the index has none."""
        query = (
            f"SELECT json_extract({_FIELDS}, '$.digest') FROM cdxj WHERE url = ? AND timestamp = ?"
            f" AND json_extract({_FIELDS}, '$.filename') = ? AND json_extract({_FIELDS}, '$.offset') = ?"
        )
        position = entry.position.part, str(entry.position.offset)
        found = self._db.execute(query, (entry.served_url, entry.served_timestamp, *position)).fetchone()
        return str(found[0]) if found else ""

    def holds(self, hop: Memento) -> bool:
        """Whether the WARC has the record of a redirect."""
        return sha1_base32(hop.content) in self.payload_digests(hop.url, hop.timestamp)

    def position_of(self, replayed: ReplayedPage) -> RecordPosition | None:
        """The position of a page if the WARC holds the same bytes of the same URL and time already."""
        snapshot = replayed.snapshot
        same = "sha256 != '' AND sha256 = ? AND served_url = ? AND served_timestamp = ?"
        values = (snapshot.sha256, snapshot.served_url, snapshot.served_timestamp)
        found = first_entry(self._db, f"{same} AND {HAS_BYTES}", *values)
        return found.position if found else None


def insert_written(db: sqlite3.Connection, written: WriteResult) -> None:
    """Adds the records of one write, as part of the caller's transaction."""
    db.executemany("INSERT OR IGNORE INTO cdxj VALUES (?, ?, ?)", written.lines)
    db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (written.part, written.end))
