"""What an archive is to us: an index to query and mementos to read; and replay, which follows its redirects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin

from extractor.errors import ArchiveError
from extractor.records import Capture, Snapshot
from extractor.wayback.choose import Window

MAX_HOPS = 10
REDIRECTS = (301, 302, 303, 307, 308)
MEMENTO_PATH = re.compile(r"/web/(\d{1,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the index: all captures of a URL, or of a whole domain whose URL keys match a pattern."""

    url: str
    window: Window = Window()
    urlkey_pattern: str = ""

    @property
    def whole_domain(self) -> bool:
        """Whether every page of the domain is asked for."""
        return bool(self.urlkey_pattern)


@dataclass(frozen=True, slots=True)
class Memento:
    """What the archive gave for a URL at a time. `redirect` is the (timestamp, URL) to ask next, None at the end."""

    url: str
    timestamp: str
    status: int
    content_type: str
    content: bytes
    redirect: tuple[str, str] | None = None


class Archive(Protocol):
    """An archive: the Wayback Machine, anything that answers like it, or a file of WARC records."""

    def captures(self, query: Query) -> Iterator[Capture]:
        """The index's rows in order of URL key and time. Raises ExcludedError for a site it does not show."""

    def memento(self, timestamp: str, url: str) -> Memento:
        """What was seen at `url`, at `timestamp` or nearest to it."""

    def url_of(self, capture: Capture) -> str:
        """Where a reader finds the capture; "" where that is no web address."""


def replay(archive: Archive, capture: Capture) -> Snapshot:
    """The page of a capture, redirects followed inside the archive.

    Raises ArchiveError when the archive has no such page, when a redirect goes in a circle or out of the archive.
    """
    step = capture.timestamp, capture.original
    passed: list[tuple[str, str]] = []
    while step not in passed and len(passed) <= MAX_HOPS:
        passed.append(step)
        memento = archive.memento(*step)
        if memento.redirect is None:
            return snapshot_of(capture, memento, archive.url_of(capture))
        step = memento.redirect
    raise ArchiveError(f"{capture.original} at {capture.timestamp} redirects in a circle inside the archive.")


def snapshot_of(capture: Capture, memento: Memento, archive_url: str) -> Snapshot:
    """The snapshot of a capture that was served as this memento."""
    return Snapshot(
        memento.content,
        capture,
        content_type=memento.content_type,
        status=memento.status,
        archive_url=archive_url,
        served_url=memento.url,
        served_timestamp=memento.timestamp,
    )


def redirect_in_archive(base: str, asked: str, location: str) -> tuple[str, str]:
    """The (timestamp, URL) that a Location header of the archive leads to; ArchiveError where it leads out of it."""
    goal = urljoin(asked, location)
    found = MEMENTO_PATH.fullmatch(goal[len(base) :]) if goal.startswith(f"{base}/") else None
    if not found:
        raise ArchiveError(f"{asked} redirects out of the archive, to {location!r}; that was not followed.")
    return found[1], found[2]
