"""A WARC or WACZ file as an archive: the same index rows and mementos that a server over it would give."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

from surt import surt

from extractor.errors import ArchiveError
from extractor.records import Capture
from extractor.warcfile import Indexed, read, readable
from extractor.wayback.archive import REDIRECTS, Memento, Query
from extractor.wayback.choose import moment

log = logging.getLogger(__name__)


class FileArchive:
    """The archive in a file, with a warning where it is cut. Raises UnreadableError when opened on anything else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        records, fault = readable(path)
        if fault and not records:
            raise fault
        if fault:
            log.warning("%s", fault)
        self._by_urlkey: dict[str, list[Indexed]] = defaultdict(list)
        for record in sorted(records, key=lambda record: record.capture.key):
            self._by_urlkey[record.capture.urlkey].append(record)

    def captures(self, query: Query) -> Iterator[Capture]:
        """The rows of the index; see `Archive.captures`."""
        keys = self._keys_of_domain(query) if query.whole_domain else [surt(query.url)]
        for urlkey in keys:
            for record in self._by_urlkey.get(urlkey, ()):
                if (query.window.start or "0") <= record.capture.timestamp <= (query.window.end or "9"):
                    yield record.capture

    def memento(self, timestamp: str, url: str) -> Memento:
        """What was seen at `url`; see `Archive.memento`."""
        rivals = self._by_urlkey.get(surt(url))
        if not rivals:
            raise ArchiveError(f"{self._path} does not hold {url}.")
        found = min(rivals, key=lambda record: abs(moment(record.capture.timestamp) - moment(timestamp)))
        page = read(self._path, self._bytes_of(found).place)
        seen = found.capture
        redirects = page.status in REDIRECTS and page.location
        goal = (seen.timestamp, urljoin(seen.original, page.location)) if redirects else None
        return Memento(seen.original, seen.timestamp, page.status, page.content_type, page.content, goal)

    def url_of(self, capture: Capture) -> str:  # noqa: ARG002
        """A capture in a file has no address on the web."""
        return ""

    def _keys_of_domain(self, query: Query) -> list[str]:
        domain = surt(query.url).split(")")[0]
        of_domain = (key for key in self._by_urlkey if re.match(rf"{re.escape(domain)}[,)]", key))
        return sorted(key for key in of_domain if re.fullmatch(query.urlkey_pattern, key))

    def _bytes_of(self, record: Indexed) -> Indexed:
        """The record that holds the bytes: for a revisit, the response with the same digest, of the same URL first."""
        if record.capture.mime != "warc/revisit":
            return record
        others = (other for records in self._by_urlkey.values() for other in records)
        for other in [*self._by_urlkey[record.capture.urlkey], *others]:
            if other.capture.digest == record.capture.digest and other.capture.mime != "warc/revisit":
                return other
        raise ArchiveError(f"{self._path} holds a revisit of {record.capture.original} but not what it repeats.")
