"""The Wayback Machine, or an archive that answers as it does: its index, and pages as they were captured."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from threading import Event
from urllib.parse import quote

from requests.structures import CaseInsensitiveDict

from extractor.errors import ArchiveError, ExcludedError, TransientError
from extractor.records import Capture
from extractor.version import VERSION
from extractor.wayback.archive import REDIRECTS, Aside, Headers, Memento, Query, redirect_in_archive
from extractor.wayback.cdx import EXCLUDED_BY_OWNER, EXCLUDED_BY_ROBOTS, CdxIndex
from extractor.wayback.fixity import Digests, Doubt, sha1
from extractor.wayback.politeness import Politeness, state_path
from extractor.wayback.transport import GZIP_MAGIC, Manner, Reply, Transport

_URL_SAFE = "/:?=&;%#@!$'()*+,~[]|"
_INDEX_TIME_LIMIT = 300.0  # seconds; the first byte of an answer about a large domain can take minutes
_ORIGINAL = "x-archive-orig-"  # begins the names of the site's own headers
_PASSING = (b"internal error", b"temporarily", b"try again", b"down for maintenance")
_PATIENCE = 8  # how many times slower a second pass asks


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: an address under which the user can be reached; an event that ends all waiting; and whether an archive
    is asked again although it refused.
    """

    contact: str = ""
    stop: Event | None = None
    lifts_ban: bool = False


def user_agent(contact: str) -> str:
    """Who we are, with the address under which the user can be reached.

    >>> user_agent("lab@university.example")[-42:]
    '(privacy research; lab@university.example)'
    """
    return f"archived-policy/{VERSION} (privacy research{f'; {contact}' if contact else ''})"


class WaybackMachine:
    """An archive at a base URL; `rate` pages and `cdx_rate` index queries a second, 0 for no limit.

    All workers of all processes on this machine share that pace.
    """

    def __init__(self, base: str, *, rate: float, cdx_rate: float, connections: int, visitor: Visitor) -> None:
        self.doubt = Doubt()
        self._base = base.rstrip("/")
        self._politeness = Politeness(state_path(base), stop=visitor.stop)
        if visitor.lifts_ban:
            self._politeness.lift()
        self._transport = Transport(user_agent(visitor.contact), self._politeness, connections=connections)
        self._pages = Manner("pages", rate)
        self._index = Manner("index", cdx_rate, time_limit=_INDEX_TIME_LIMIT, gives_way=True)

    def captures(self, query: Query, aside: Aside = lambda _: None) -> Iterator[Capture]:
        """The rows of the index; see `Archive.captures`."""
        return CdxIndex(query, self._base, self._ask_index, aside).rows()

    def memento(self, timestamp: str, url: str) -> Memento:
        """What was seen at `url`; see `Archive.memento`. The bytes come as they were captured (`id_`)."""
        asked = self._replay_url(timestamp, url)
        reply = self._transport.get(asked, self._pages)
        location = reply.headers.get("Location")
        if reply.status in REDIRECTS and location:
            goal = redirect_in_archive(self._base, asked, location)
            return _redirect_of(reply, timestamp, url, goal)
        if "Memento-Datetime" not in reply.headers:
            raise _no_memento(reply, timestamp, url)
        return _memento_of(reply, url)

    def url_of(self, capture: Capture) -> str:
        """The address under which the archive replays the capture as it was."""
        return self._replay_url(capture.timestamp, capture.original)

    def patient(self) -> WaybackMachine:
        """The same archive at an eighth of the pace, with longer waits."""
        other = copy(self)
        other._pages = replace(
            self._pages, kind="second pass", rate=self._pages.rate / _PATIENCE, tries=2, first_wait=10
        )
        return other

    def waiting(self) -> str:
        """What requests wait for; see `Archive.waiting`."""
        return self._politeness.waiting()

    def useful_workers(self, most: int) -> int:
        """As many as answer while the pace lets one more begin, and some to spare."""
        if not self._pages.rate:
            return most
        return min(most, math.ceil(1.3 * self._pages.rate * self._transport.seconds_a_reply + 0.1))

    def _replay_url(self, timestamp: str, url: str) -> str:
        return f"{self._base}/web/{timestamp}id_/{quote(url, safe=_URL_SAFE)}"

    def _ask_index(self, url: str) -> Reply:
        return self._transport.get(url, self._index)


def _no_memento(reply: Reply, timestamp: str, url: str) -> ArchiveError:
    """What a page of the archive's own, told by its lack of a Memento-Datetime, means.

    An excluded URL answers 200 with such a page; so, at times, does a page that cannot be replayed just now.
    """
    error, text = reply.headers.get("X-Archive-Wayback-Runtime-Error", ""), reply.body[:50_000]
    if EXCLUDED_BY_OWNER in error or b"been excluded" in text:
        return ExcludedError(f"{url} is excluded from this archive (its owner asked for that).", outcome="excluded")
    if EXCLUDED_BY_ROBOTS in error or (reply.status != 404 and b"robots.txt" in text):
        return ExcludedError(f"{url} is kept out of this archive by its robots.txt.", outcome="robots")
    if reply.status in (403, 451):
        return ExcludedError(f"The archive does not show {url} ({reply.status}).", outcome="excluded")
    if reply.status == 404:
        return ArchiveError(f"The archive lists {url} at {timestamp} but does not hold it (404).", outcome="not-held")
    message = f"The archive gave a page of its own ({reply.status}) instead of {url} at {timestamp}."
    passing = reply.status == 200 and any(mark in text.lower() for mark in _PASSING)
    return (TransientError if passing else ArchiveError)(message, outcome="archive-page")


def _redirect_of(reply: Reply, timestamp: str, url: str, goal: tuple[str, str]) -> Memento:
    """The redirect in a reply: the site's own, as it was archived, or the archive's, to another time."""
    archived = "Memento-Datetime" in reply.headers
    seen = _memento_time(reply.headers) if archived else timestamp
    kind = _content_type(reply.headers)
    return Memento(
        original_url(reply.headers, url), seen, reply.status, kind, reply.body, redirect=goal, archived=archived
    )


def _memento_of(reply: Reply, url: str) -> Memento:
    """The memento in a reply of the replay server."""
    return Memento(
        original_url(reply.headers, url),
        _memento_time(reply.headers),
        reply.status,
        _content_type(reply.headers),
        reply.body,
        headers=_original_headers(reply.headers),
        digests=_digests_of(reply),
        stated_length=_stated_length(reply.headers),
        packed_twice=reply.packed_twice,
    )


def _memento_time(headers: CaseInsensitiveDict[str]) -> str:
    """The time of a memento as a timestamp. Raises TransientError where it cannot be read."""
    try:
        return f"{parsedate_to_datetime(headers['Memento-Datetime']):%Y%m%d%H%M%S}"
    except ValueError as error:
        message = f"The archive gave no readable Memento-Datetime: {headers['Memento-Datetime']!r}."
        raise TransientError(message, outcome="archive-page") from error


def _digests_of(reply: Reply) -> Digests:
    """The digests the stored bytes may have: of what was sent, of it without gzip.

    Comparable where neither the site nor the archive speaks of an encoding: then what came is what is stored.
    """
    encoded = any(
        reply.headers.get(name, "identity").lower() != "identity"
        for name in ("X-Archive-Orig-Content-Encoding", "X-Archive-Orig-Transfer-Encoding")
    )
    packed = reply.body.startswith(GZIP_MAGIC)
    return Digests((sha1(reply.body), sha1(reply.sent)), comparable=not encoded and not packed)


def _stated_length(headers: CaseInsensitiveDict[str]) -> int:
    """The length that the site itself gave for what it sent, 0 where unknown."""
    value = headers.get("X-Archive-Orig-Content-Length", "")
    return int(value) if value.isdecimal() else 0


def _original_headers(headers: CaseInsensitiveDict[str]) -> Headers:
    """The headers that the site itself sent."""
    return tuple(
        (name[len(_ORIGINAL) :], value) for name, value in headers.items() if name.lower().startswith(_ORIGINAL)
    )


def _content_type(headers: CaseInsensitiveDict[str]) -> str:
    """The Content-Type that the site itself sent, which the archive hands on under a name of its own."""
    return headers.get("X-Archive-Orig-Content-Type") or headers.get("Content-Type", "")


def original_url(headers: CaseInsensitiveDict[str], asked: str) -> str:
    """The URL that `Link: <…>; rel="original"` names, else the one asked for."""
    found = re.search(r'<([^>]*)>[^<]*\brel="?original\b', headers.get("Link", ""))
    return found[1] if found else asked
