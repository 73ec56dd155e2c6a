"""A WARC or WACZ file as an archive, with the index rows and mementos that a server over it would return."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

from extractor.errors import ArchiveError
from extractor.records import Capture
from extractor.timestamps import parse_timestamp
from extractor.warcfile import ArchivedResponse, IndexedRecord, originals_of, read_record, scan_records, urlkey_of
from extractor.wayback.archive import REDIRECT_STATUSES, IndexQuery, Memento, OnMalformedRow
from extractor.wayback.fixity import CandidateDigests, sha1_base32

_log = logging.getLogger(__name__)

_MAX_EXACT_DISTANCE = timedelta(days=30)


class FileArchive:
    """The archive in a file. Logs a warning for a file that is cut, raises UnreadableError for one of another kind."""

    def __init__(self, path: Path) -> None:
        self._path = path
        records, fault = scan_records(path)
        if fault and not records:
            raise fault
        if fault:
            _log.warning("%s", fault)
        self._originals = originals_of(records)
        self._by_urlkey: dict[str, list[IndexedRecord]] = defaultdict(list)
        for record in sorted(records, key=lambda record: record.capture.key):
            if record.capture.timestamp:
                self._by_urlkey[record.capture.urlkey].append(record)
        if undated := [record for record in records if not record.capture.timestamp]:
            _log.warning("%s: %d records have no date that exists and are left out.", path, len(undated))

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

    def memento(self, timestamp: str, url: str) -> Memento:
        """The memento of `url` nearest to `timestamp`; see `Archive.memento`.

        A redirect to the URL that is asked for is passed over, as it is the way to the page and not the page.
        """
        records = self._by_urlkey.get(urlkey_of(url))
        if not records:
            raise ArchiveError(f"{self._path} does not hold {url}.", outcome="not-held")
        time = parse_timestamp(timestamp)
        mementos = map(self._memento_in, sorted(records, key=lambda record: _distance(record.capture, url, time)))
        first = next(mementos)
        return first if not _leads_to(first, url) else next((m for m in mementos if not _leads_to(m, url)), first)

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
            return [urlkey_of(query.url)]
        prefix = urlkey_of(query.url).split(")")[0] if query.match == "domain" else urlkey_of(query.url)
        below = re.compile(re.escape(prefix) + ("[,)]" if query.match == "domain" else ""))
        pattern = re.compile(query.urlkey_pattern or ".*")
        return sorted(key for key in self._by_urlkey if below.match(key) and pattern.fullmatch(key))

    def _memento_in(self, record: IndexedRecord) -> Memento:
        """The memento in a record. Raises ArchiveError where its bytes break off."""
        page = read_record(self._path, self._original_of(record).position)
        if page.is_cut:
            raise ArchiveError(f"The bytes of {record.capture.original} in {self._path} break off.", outcome="cut")
        return _memento_of(record.capture, page)

    def _original_of(self, record: IndexedRecord) -> IndexedRecord:
        """The record with the bytes: itself, or that which a revisit repeats."""
        original = self._originals.get(record.position) if record.is_revisit else record
        if original is None:
            message = f"{self._path} holds a revisit of {record.capture.original} but not what it repeats."
            raise ArchiveError(message, outcome="not-held")
        return original


def _distance(capture: Capture, url: str, time: datetime) -> tuple[bool, timedelta, bool]:
    """How far a capture is from what was asked for: other URLs of the same key, as of http and https, come last.

    Else a redirect from http to https would lead to itself. Such URLs do stand in for one of which there is no capture
    within a month.
    """
    days = abs(parse_timestamp(capture.timestamp) - time)
    is_other = capture.original != url
    return is_other or days > _MAX_EXACT_DISTANCE, days, is_other


def _leads_to(memento: Memento, url: str) -> bool:
    """Whether a memento is a redirect to a URL."""
    return memento.redirect is not None and memento.redirect[1] == url


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
