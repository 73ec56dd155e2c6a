"""A WARC or WACZ file as an archive: the same index rows and mementos that a server over it would give."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

from surt import surt

from extractor.errors import ArchiveError
from extractor.records import Capture
from extractor.warcfile import Indexed, Page, read, readable
from extractor.wayback.archive import REDIRECTS, Aside, Memento, Query
from extractor.wayback.choose import moment
from extractor.wayback.fixity import Digests, sha1

_log = logging.getLogger(__name__)


class FileArchive:
    """The archive in a file, with a warning where it is cut. Raises UnreadableError when opened on anything else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        records, fault = readable(path)
        if fault and not records:
            raise fault
        if fault:
            _log.warning("%s", fault)
        self._by_urlkey: dict[str, list[Indexed]] = defaultdict(list)
        for record in sorted(records, key=lambda record: record.capture.key):
            self._by_urlkey[record.capture.urlkey].append(record)

    @property
    def doubt(self) -> None:
        """A file says the same twice."""

    def captures(self, query: Query, aside: Aside = lambda _: None) -> Iterator[Capture]:  # noqa: ARG002
        """The rows of the index; see `Archive.captures`."""
        for urlkey in self._keys(query):
            months: set[str] = set()
            for record in self._by_urlkey.get(urlkey, ()):
                row = record.capture
                if _suits(row, query) and not (query.monthly and row.timestamp[:6] in months):
                    months.add(row.timestamp[:6])
                    yield replace(row, target=query.target)

    def memento(self, timestamp: str, url: str) -> Memento:
        """What was seen at `url`; see `Archive.memento`."""
        rivals = self._by_urlkey.get(surt(url))
        if not rivals:
            raise ArchiveError(f"{self._path} does not hold {url}.", outcome="not-held")
        found = min(rivals, key=lambda record: abs(moment(record.capture.timestamp) - moment(timestamp)))
        return _memento_of(found.capture, read(self._path, self._bytes_of(found).place))

    def url_of(self, capture: Capture) -> str:  # noqa: ARG002
        """A capture in a file has no address on the web."""
        return ""

    def patient(self) -> FileArchive:
        """A file needs no patience."""
        return self

    def waiting(self) -> str:
        """A file lets nobody wait."""
        return ""

    def useful_workers(self, most: int) -> int:
        """As many as there are."""
        return most

    def _keys(self, query: Query) -> list[str]:
        if query.match == "exact":
            return [surt(query.url)]
        start = surt(query.url).split(")")[0] if query.match == "domain" else surt(query.url)
        below = re.compile(re.escape(start) + ("[,)]" if query.match == "domain" else ""))
        pattern = re.compile(query.urlkey_pattern or ".*")
        return sorted(key for key in self._by_urlkey if below.match(key) and pattern.fullmatch(key))

    def _bytes_of(self, record: Indexed) -> Indexed:
        """The record that holds the bytes: for a revisit, the response with the same digest, of the same URL first."""
        if record.capture.mime != "warc/revisit":
            return record
        others = (other for records in self._by_urlkey.values() for other in records)
        for other in [*self._by_urlkey[record.capture.urlkey], *others]:
            if other.capture.digest == record.capture.digest and other.capture.mime != "warc/revisit":
                return other
        message = f"{self._path} holds a revisit of {record.capture.original} but not what it repeats."
        raise ArchiveError(message, outcome="not-held")


def _suits(row: Capture, query: Query) -> bool:
    """Whether a row lies in the time and has the status that a query asks for."""
    in_time = (query.window.start or "0") <= row.timestamp <= (query.window.end or "9")
    return in_time and bool(re.fullmatch(query.status or ".*", row.status))


def _memento_of(seen: Capture, page: Page) -> Memento:
    """The memento that a record of the file is."""
    redirects = page.status in REDIRECTS and page.location
    encoded = any(name.lower() in ("content-encoding", "transfer-encoding") for name, _ in page.headers)
    return Memento(
        seen.original,
        seen.timestamp,
        page.status,
        page.content_type,
        page.content,
        (seen.timestamp, urljoin(seen.original, page.location)) if redirects else None,
        headers=page.headers,
        digests=Digests((sha1(page.content),), comparable=not encoded),
    )
