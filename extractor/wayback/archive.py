"""What an archive is to us: an index to query and mementos to read; and replay, which follows its redirects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

from extractor.errors import ArchiveError, TransientError
from extractor.records import Capture, Snapshot
from extractor.wayback.choose import Window, moment
from extractor.wayback.fixity import UNKNOWN, Digests, Doubt, Fixity, fixity

_MAX_HOPS = 10
_MAX_DRIFT_DAYS = 30  # between the capture that was asked for and the page that was served in the end
USUAL_PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)
_MEMENTO_PATH = re.compile(r"/web/(\d{1,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL)

Headers = tuple[tuple[str, str], ...]
Aside = Callable[[str], None]  # takes a malformed row of the index


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the index: the captures of a URL; of what begins with it (`prefix`); or of a whole `domain`.

    `urlkey_pattern` is a regular expression for the whole URL key, `status` one for the status, "" for any; `monthly`
    asks for the first that suits of each month and URL. `target` is what the user asked for; rows are marked
    with it.
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
    """What the archive gave for a URL at a time.

    `redirect` is the (timestamp, URL) to ask next, None at the end; `archived` is false for a redirect of the archive's
    own, to another time. `headers` are those of the site, `digests` what the index's digest may be compared with,
    `stated_length` the length that the site gave for its body, 0 where unknown.
    """

    url: str
    timestamp: str
    status: int
    content_type: str
    content: bytes
    redirect: tuple[str, str] | None = None
    archived: bool = True
    headers: Headers = ()
    digests: Digests = UNKNOWN
    stated_length: int = 0
    packed_twice: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """A page as the archive served it: the snapshot, its outcome in one word, fixity, and the redirects on the way."""

    snapshot: Snapshot
    outcome: str = "whole"
    fixity: Fixity = "not checked"
    headers: Headers = ()
    hops: tuple[Memento, ...] = ()


class Archive(Protocol):
    """An archive: the Wayback Machine, anything that answers like it, or a file of WARC records."""

    @property
    def doubt(self) -> Doubt | None:
        """Whether bytes that differ from the index's digest are asked for again; None where that makes no sense."""

    def captures(self, query: Query, aside: Aside = ...) -> Iterator[Capture]:
        """The index's rows in order of URL key and time; those that are malformed go to `aside`.

        Raises ExcludedError for a site it does not show.
        """

    def memento(self, timestamp: str, url: str) -> Memento:
        """What was seen at `url`, at `timestamp` or nearest to it."""

    def url_of(self, capture: Capture) -> str:
        """Where a reader finds the capture; "" where that is no web address."""

    def patient(self) -> Archive:
        """The same archive, asked more slowly: for a second pass."""

    def waiting(self) -> str:
        """What requests wait for, in a few words; "" while they do not."""

    def useful_workers(self, most: int) -> int:
        """How many pages in flight keep the pace, at most so many: what is in flight is lost in a crash."""


def replay(archive: Archive, capture: Capture, *, drift_days: int = _MAX_DRIFT_DAYS) -> Served:
    """The page of a capture, redirects followed inside the archive.

    Raises ArchiveError when the archive has no such page, when a redirect goes in a circle, out of the archive or to
    another time, and TransientError when two answers in a row are not the bytes the index names and differ.
    """
    memento, hops, place = _followed(archive, capture)
    _check_drift(capture, memento, drift_days)
    if _fixity_of(capture, memento, hops) == "differs":
        memento = _asked_again(archive, place, memento, capture)
    state = _fixity_of(capture, memento, hops)
    _check_length(capture, memento, state)
    if archive.doubt:
        archive.doubt.equal += state == "equal"
    return _served(capture, memento, archive.url_of(capture), tuple(hops), state)


def _followed(archive: Archive, capture: Capture) -> tuple[Memento, list[Memento], tuple[str, str]]:
    """The page that a capture leads to, the redirects on the way, and what was asked for last."""
    step = capture.timestamp, capture.original
    hops: list[Memento] = []
    passed: list[tuple[str, str]] = []
    while (memento := archive.memento(*step)).redirect is not None:
        passed.append(step)
        hops.append(memento)
        step = memento.redirect
        _check_redirect(capture, step, passed)
    return memento, hops, step


def _check_redirect(capture: Capture, step: tuple[str, str], passed: list[tuple[str, str]]) -> None:
    """Raises ArchiveError where a redirect leads back or has too many before it."""
    name = f"{capture.original} at {capture.timestamp}"
    if step in passed:
        raise ArchiveError(f"{name} redirects in a circle inside the archive.", outcome="loop")
    if len(passed) > _MAX_HOPS:
        raise ArchiveError(f"{name} redirects more than {_MAX_HOPS} times.", outcome="too-many-hops")


def _check_drift(capture: Capture, memento: Memento, allowed: int) -> None:
    """Raises ArchiveError where the page is of another time than was asked for: it may say something else."""
    days = abs(moment(memento.timestamp) - moment(capture.timestamp)).days
    if days > allowed:
        raise ArchiveError(
            f"For {capture.original} at {capture.timestamp} the archive serves a page of {memento.timestamp}, {days} "
            "days away.",
            outcome="drift",
        )


def _fixity_of(capture: Capture, memento: Memento, hops: list[Memento]) -> Fixity:
    """How the bytes compare with the index's digest, which is the capture's own and not that of where it leads."""
    itself = memento.timestamp == capture.timestamp and not any(hop.archived for hop in hops)
    return fixity(capture.digest, memento.digests) if itself else "not checked"


def _asked_again(archive: Archive, step: tuple[str, str], first: Memento, capture: Capture) -> Memento:
    """A second answer, for bytes that are not those the index names: an archive may err once, or hold what it holds."""
    if not (archive.doubt and archive.doubt.is_reasonable()):
        return first
    second = archive.memento(*step)
    archive.doubt.confirmed += second.content == first.content
    if second.content == first.content or fixity(capture.digest, second.digests) == "equal":
        return second
    message = f"{capture.original} at {capture.timestamp} came twice, each time with other bytes than the index names."
    raise TransientError(message, outcome="unsteady")


def _check_length(capture: Capture, memento: Memento, state: Fixity) -> None:
    """Raises TransientError for bytes that are not those the index names and fewer than the site gave.

    The length alone proves nothing: old servers gave wrong ones, and crawlers cut pages.
    """
    if state == "differs" and len(memento.content) < memento.stated_length:
        raise TransientError(
            f"{capture.original} at {capture.timestamp} came with {len(memento.content)} bytes instead of "
            f"{memento.stated_length}.",
            outcome="wrong-length",
        )


def _served(capture: Capture, memento: Memento, archive_url: str, hops: tuple[Memento, ...], state: Fixity) -> Served:
    """What came of a capture that was served as this memento."""
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
    return Served(snapshot, _outcome_of(capture, memento, archived_hops), state, memento.headers, archived_hops)


def _outcome_of(capture: Capture, memento: Memento, archived_hops: tuple[Memento, ...]) -> str:
    """The word for a page that came."""
    if archived_hops:
        return "redirected"
    if memento.timestamp != capture.timestamp:
        return "nearby"
    return "packed-twice" if memento.packed_twice else "whole"


def redirect_in_archive(base: str, asked: str, location: str) -> tuple[str, str]:
    """The (timestamp, URL) that a Location header of the archive leads to; ArchiveError where it leads out of it.

    The scheme may differ from the base's, its usual port be written out, and a slash after the archived URL's scheme be
    lost on the way. Only what is named here is asked for next, at the base and never at the address in the header.
    """
    found = _MEMENTO_PATH.fullmatch(_path_in_archive(base, asked, location))
    if not found:
        message = f"{asked} redirects out of the archive, to {location!r}; that was not followed."
        raise ArchiveError(message, outcome="out-of-archive")
    return found[1], re.sub(r"^(https?:)/+", r"\1//", found[2])


def _path_in_archive(base: str, asked: str, location: str) -> str:
    """The path below the archive's base that an address leads to, "" where it leads elsewhere or is beyond parsing."""
    try:
        goal = urljoin(asked, location)
        root, target = urlsplit(base), urlsplit(goal)
        inside = target.scheme in USUAL_PORTS and _place_of(target) == _place_of(root)
    except ValueError:
        return ""
    return goal.split(target.netloc, 1)[-1].removeprefix(root.path) if inside else ""


def _place_of(parts: SplitResult) -> tuple[str | None, int | None]:
    """The host of an address, and its port where that is not a usual one."""
    return parts.hostname, None if parts.port in USUAL_PORTS.values() else parts.port
