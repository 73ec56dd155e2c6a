"""A WARC or WACZ file as an archive, with the index rows and mementos that a server over it would return."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from pathlib import Path
from urllib.parse import urljoin

from surt import surt

from extractor.errors import ArchiveError
from extractor.records import Capture
from extractor.timestamps import parse_timestamp
from extractor.warcfile import ArchivedResponse, IndexedRecord, read_record, scan_records
from extractor.wayback.archive import REDIRECT_STATUSES, IndexQuery, Memento, OnMalformedRow
from extractor.wayback.fixity import CandidateDigests, names_content, sha1_base32

_log = logging.getLogger(__name__)


class FileArchive:
    """The archive in a file. Logs a warning for a file that is cut, raises UnreadableError for one of another kind."""

    def __init__(self, path: Path) -> None:
        self._path = path
        records, fault = scan_records(path)
        if fault and not records:
            raise fault
        if fault:
            _log.warning("%s", fault)
        self._by_urlkey: dict[str, list[IndexedRecord]] = defaultdict(list)
        for record in sorted(records, key=lambda record: record.capture.key):
            self._by_urlkey[record.capture.urlkey].append(record)

    @property
    def fixity_recheck(self) -> None:
        """None: a file has the same bytes each time."""

    def captures(self, query: IndexQuery, on_malformed: OnMalformedRow = lambda _: None) -> Iterator[Capture]:  # noqa: ARG002
        """The rows of the index; see `Archive.captures`."""
        for urlkey in self._keys(query):
            months: set[str] = set()
            for record in self._by_urlkey.get(urlkey, ()):
                row = record.capture
                if _matches(row, query) and not (query.monthly and row.timestamp[:6] in months):
                    months.add(row.timestamp[:6])
                    yield replace(row, target=query.target)

    def memento(self, timestamp: str, url: str, digest: str = "") -> Memento:
        """The memento of `url` nearest to `timestamp`; see `Archive.memento`.

        One of another spelling of the URL has to be a day nearer: a page and the redirect to it are often of one key.
        """
        records = self._by_urlkey.get(surt(url))
        if not records:
            raise ArchiveError(f"{self._path} does not hold {url}.", outcome="not-held")
        time = parse_timestamp(timestamp)

        def distance(record: IndexedRecord) -> tuple[timedelta, bool]:
            row = record.capture
            detour = timedelta(days=row.original != url)
            return abs(parse_timestamp(row.timestamp) - time) + detour, row.digest != digest

        found = min(records, key=distance)
        page = read_record(self._path, self._original_of(found).position)
        if page.is_cut:
            raise ArchiveError(f"The bytes of {url} in {self._path} break off.", outcome="cut")
        return _memento_of(found.capture, page)

    def replay_url(self, capture: Capture) -> str:  # noqa: ARG002
        """Always "": a capture in a file has no web address."""
        return ""

    def slower(self) -> FileArchive:
        """The same archive: a file has no request rate."""
        return self

    def wait_reason(self) -> str:
        """Always "": nothing waits for a file."""
        return ""

    def useful_workers(self, maximum: int) -> int:
        """All of them."""
        return maximum

    def _keys(self, query: IndexQuery) -> list[str]:
        if query.match == "exact":
            return [surt(query.url)]
        prefix = surt(query.url).split(")")[0] if query.match == "domain" else surt(query.url)
        below = re.compile(re.escape(prefix) + ("[,)]" if query.match == "domain" else ""))
        pattern = re.compile(query.urlkey_pattern or ".*")
        return sorted(key for key in self._by_urlkey if below.match(key) and pattern.fullmatch(key))

    def _original_of(self, record: IndexedRecord) -> IndexedRecord:
        """The record with the bytes: for a revisit, the response with the same digest, preferably of the same URL.

        For a revisit with the digest of nothing (the server said "not modified"), the last response of the URL before.
        """
        row = record.capture
        if row.mime != "warc/revisit":
            return record
        same_key = [other for other in self._by_urlkey[row.urlkey] if other.capture.mime != "warc/revisit"]
        if not names_content(row.digest):
            before = [other for other in same_key if other.capture.timestamp <= row.timestamp]
            if before:
                return max(before, key=lambda other: (other.capture.original == row.original, other.capture.timestamp))
        else:
            others = (other for records in self._by_urlkey.values() for other in records)
            for other in chain(same_key, others):
                if other.capture.digest == row.digest and other.capture.mime != "warc/revisit":
                    return other
        message = f"{self._path} holds a revisit of {row.original} but not what it repeats."
        raise ArchiveError(message, outcome="not-held")


def _matches(row: Capture, query: IndexQuery) -> bool:
    """Whether a row has the time and the status that a query asks for."""
    in_time = (query.window.start or "0") <= row.timestamp <= (query.window.end or "9")
    return in_time and bool(re.fullmatch(query.status or ".*", row.status))


def _memento_of(capture: Capture, page: ArchivedResponse) -> Memento:
    """The memento in a record of the file."""
    is_redirect = page.status in REDIRECT_STATUSES and page.location
    encoded = any(name.lower() in ("content-encoding", "transfer-encoding") for name, _ in page.headers)
    return Memento(
        capture.original,
        capture.timestamp,
        page.status,
        page.content_type,
        page.content,
        (capture.timestamp, urljoin(capture.original, page.location)) if is_redirect else None,
        headers=page.headers,
        digests=CandidateDigests((sha1_base32(page.content),), comparable=not encoded),
    )
