"""The interface of an archive (an index to query, mementos to read), and replay, which follows redirects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

from extractor.errors import ArchiveError, TransientError
from extractor.records import Capture, Snapshot
from extractor.timestamps import parse_timestamp
from extractor.wayback.fixity import NO_DIGESTS, CandidateDigests, Fixity, FixityRecheck, check_fixity
from extractor.wayback.selection import REDIRECTS, Window

_MAX_HOPS = 10
_MAX_DRIFT_DAYS = 30  # between the capture that was asked for and the page that is served
DEFAULT_PORTS = {"http": 80, "https": 443}
REDIRECT_STATUSES = tuple(map(int, REDIRECTS))
_MEMENTO_PATH = re.compile(r"/web/(\d{1,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL)

Headers = tuple[tuple[str, str], ...]
OnMalformedRow = Callable[[str], None]  # called with each malformed row of the index


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """A query to the index: the captures of a URL, of all URLs that begin with it (`prefix`), or of a whole `domain`.

    `urlkey_pattern` is a regular expression for the whole URL key, `status` one for the status, "" for any; `monthly`
    asks for the first matching capture of each URL and month. `target` is what the user asked for; it is copied to each
    row.
    """

    url: str
    window: Window = Window()
    match: str = "exact"
    urlkey_pattern: str = ""
    status: str = ""
    monthly: bool = False
    target: str = ""


@dataclass(frozen=True, slots=True)
class Memento:
    """The archive's answer for a URL at a time.

    `redirect` is the (timestamp, URL) to request next, None for a page; `archived` is false for a redirect of the
    archive's own, to another time. `headers` are those of the site, `digests` those that the index's digest is compared
    with, `stated_length` the length that the site stated for its body, 0 where unknown.
    """

    url: str
    timestamp: str
    status: int
    content_type: str
    content: bytes
    redirect: tuple[str, str] | None = None
    archived: bool = True
    headers: Headers = ()
    digests: CandidateDigests = NO_DIGESTS
    stated_length: int = 0
    packed_twice: bool = False


@dataclass(frozen=True, slots=True)
class ReplayedPage:
    """A page as the archive served it: the snapshot, its outcome in one word, its fixity, and redirects on the way."""

    snapshot: Snapshot
    outcome: str = "whole"
    fixity: Fixity = "not checked"
    headers: Headers = ()
    hops: tuple[Memento, ...] = ()


class Archive(Protocol):
    """An archive: the Wayback Machine, anything that answers like it, or a file of WARC records."""

    @property
    def fixity_recheck(self) -> FixityRecheck | None:
        """Whether to request bytes that differ from the index's digest again; None where that makes no sense."""

    def captures(self, query: IndexQuery, on_malformed: OnMalformedRow = ...) -> Iterator[Capture]:
        """The index's rows in order of URL key and time; malformed ones are passed to `on_malformed`.

        Raises ExcludedError for a site that the archive does not show.
        """

    def memento(self, timestamp: str, url: str) -> Memento:
        """The memento of `url` at `timestamp`, or the one nearest to it."""

    def replay_url(self, capture: Capture) -> str:
        """The web address of a capture; "" where it has none."""

    def slower(self) -> Archive:
        """The same archive with a lower request rate, for a second pass."""

    def wait_reason(self) -> str:
        """Why requests wait, in a few words; "" while they do not."""

    def useful_workers(self, maximum: int) -> int:
        """How many pages in flight keep up the request rate. More would only be lost in a crash."""


def replay(archive: Archive, capture: Capture, *, drift_days: int = _MAX_DRIFT_DAYS) -> ReplayedPage:
    """The page of a capture, with redirects followed inside the archive.

    Raises ArchiveError when the archive has no such page, or when redirects lead in a circle, out of the archive or to
    another time. Raises TransientError when two answers in a row differ and neither matches the index's digest.
    """
    memento, hops, step = _follow_redirects(archive, capture)
    _check_drift(capture, memento, drift_days)
    if _fixity_of(capture, memento, hops) == "differs":
        memento = _request_again(archive, step, memento, capture)
    state = _fixity_of(capture, memento, hops)
    _check_length(capture, memento, state)
    if archive.fixity_recheck:
        archive.fixity_recheck.equal += state == "equal"
    return _replayed_page(capture, memento, archive.replay_url(capture), tuple(hops), state)


def _follow_redirects(archive: Archive, capture: Capture) -> tuple[Memento, list[Memento], tuple[str, str]]:
    """The page that a capture leads to, the redirects on the way, and the last (timestamp, URL) requested."""
    step = capture.timestamp, capture.original
    hops: list[Memento] = []
    visited: list[tuple[str, str]] = []
    while (memento := archive.memento(*step)).redirect is not None:
        visited.append(step)
        hops.append(memento)
        step = memento.redirect
        _check_redirect(capture, step, visited)
    return memento, hops, step


def _check_redirect(capture: Capture, step: tuple[str, str], visited: list[tuple[str, str]]) -> None:
    """Raises ArchiveError for a redirect in a circle, or after too many others."""
    name = f"{capture.original} at {capture.timestamp}"
    if step in visited:
        raise ArchiveError(f"{name} redirects in a circle inside the archive.", outcome="loop")
    if len(visited) > _MAX_HOPS:
        raise ArchiveError(f"{name} redirects more than {_MAX_HOPS} times.", outcome="too-many-hops")


def _check_drift(capture: Capture, memento: Memento, max_days: int) -> None:
    """Raises ArchiveError for a page too far in time from the capture: its text may have changed."""
    days = abs(parse_timestamp(memento.timestamp) - parse_timestamp(capture.timestamp)).days
    if days > max_days:
        raise ArchiveError(
            f"For {capture.original} at {capture.timestamp} the archive serves a page of {memento.timestamp}, {days} "
            "days away.",
            outcome="drift",
        )


def _fixity_of(capture: Capture, memento: Memento, hops: list[Memento]) -> Fixity:
    """The fixity of a page; "not checked" unless it is the capture itself, which the index's digest belongs to."""
    is_capture = memento.timestamp == capture.timestamp and not any(hop.archived for hop in hops)
    return check_fixity(capture.digest, memento.digests) if is_capture else "not checked"


def _request_again(archive: Archive, step: tuple[str, str], first: Memento, capture: Capture) -> Memento:
    """A second answer, for bytes that do not match the index's digest.

    Where it equals the first, the archive does hold other bytes; where it matches, the first was an error.
    """
    if not (archive.fixity_recheck and archive.fixity_recheck.is_worthwhile()):
        return first
    second = archive.memento(*step)
    archive.fixity_recheck.confirmed += second.content == first.content
    if second.content == first.content or check_fixity(capture.digest, second.digests) == "equal":
        return second
    message = f"{capture.original} at {capture.timestamp} came twice, each time with other bytes than the index names."
    raise TransientError(message, outcome="unsteady")


def _check_length(capture: Capture, memento: Memento, state: Fixity) -> None:
    """Raises TransientError for bytes that do not match the index's digest and are fewer than the site stated.

    The length alone proves nothing: old servers stated wrong ones, and crawlers cut pages.
    """
    if state == "differs" and len(memento.content) < memento.stated_length:
        raise TransientError(
            f"{capture.original} at {capture.timestamp} came with {len(memento.content)} bytes instead of "
            f"{memento.stated_length}.",
            outcome="wrong-length",
        )


def _replayed_page(
    capture: Capture, memento: Memento, archive_url: str, hops: tuple[Memento, ...], state: Fixity
) -> ReplayedPage:
    """The page of a capture that was served as this memento."""
    snapshot = Snapshot(
        memento.content,
        capture,
        content_type=memento.content_type,
        status=memento.status,
        archive_url=archive_url,
        served_url=memento.url,
        served_timestamp=memento.timestamp,
    )
    archived_hops = tuple(hop for hop in hops if hop.archived)
    return ReplayedPage(snapshot, _outcome_of(capture, memento, archived_hops), state, memento.headers, archived_hops)


def _outcome_of(capture: Capture, memento: Memento, archived_hops: tuple[Memento, ...]) -> str:
    """The outcome of a page that was served, in one word."""
    if archived_hops:
        return "redirected"
    if memento.timestamp != capture.timestamp:
        return "nearby"
    return "packed-twice" if memento.packed_twice else "whole"


def redirect_target(base: str, asked: str, location: str) -> tuple[str, str]:
    """The (timestamp, URL) that a Location header of the archive leads to. Raises ArchiveError outside the archive.

    The scheme may differ from the base's, the default port may be written out, and one slash after the scheme of the
    archived URL may be missing. The next request goes to the base, never to the address in the header.
    """
    found = _MEMENTO_PATH.fullmatch(_path_in_archive(base, asked, location))
    if not found:
        message = f"{asked} redirects out of the archive, to {location!r}; that was not followed."
        raise ArchiveError(message, outcome="out-of-archive")
    return found[1], re.sub(r"^(https?:)/+", r"\1//", found[2])


def _path_in_archive(base: str, asked: str, location: str) -> str:
    """The path of an address below the archive's base; "" where it is elsewhere or cannot be parsed."""
    try:
        url = urljoin(asked, location)
        root, target = urlsplit(base), urlsplit(url)
        inside = target.scheme in DEFAULT_PORTS and _host_and_port(target) == _host_and_port(root)
    except ValueError:
        return ""
    return url.split(target.netloc, 1)[-1].removeprefix(root.path) if inside else ""


def _host_and_port(parts: SplitResult) -> tuple[str | None, int | None]:
    """The host of an address, and its port unless that is a default one."""
    return parts.hostname, None if parts.port in DEFAULT_PORTS.values() else parts.port
