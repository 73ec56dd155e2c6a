"""The interface of an archive (an index to query, mementos to read), and replay, which follows redirects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from extractor.errors import ArchiveError, TransientError, UnconfirmedError
from extractor.records import Capture, Snapshot
from extractor.timestamps import parse_timestamp
from extractor.warcfile import urlkey_of
from extractor.wayback.fixity import NO_DIGESTS, CandidateDigests, Fixity, FixityRecheck, check_fixity, names_content
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

    def memento(self, timestamp: str, url: str, digest: str = "") -> Memento:
        """The memento of `url` at `timestamp`, or the one nearest to it; of several at one time that with `digest`.

        A server cannot be asked for a digest.
        """

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
    if not hops and urlkey_of(memento.url) != urlkey_of(capture.original):
        memento = _own_page_or_other(archive, capture, memento)
    _check_drift(capture, memento, drift_days)
    if _fixity_of(capture, memento, hops) == "differs":
        memento = _request_again(archive, step, memento, capture)
    state = _fixity_of(capture, memento, hops)
    _check_differing_bytes(capture, memento, state)
    if archive.fixity_recheck:
        archive.fixity_recheck.equal += state == "equal"
    return _replayed_page(capture, memento, archive.replay_url(capture), tuple(hops), state)


def _own_page_or_other(archive: Archive, capture: Capture, other: Memento) -> Memento:
    """The page of a capture, asked for again where the archive served that of another address; else the other one.

    An answer to another request may have got in the way.
    """
    again = archive.memento(capture.timestamp, capture.original, capture.digest)
    is_own = again.redirect is None and urlkey_of(again.url) == urlkey_of(capture.original)
    return again if is_own else other


def _follow_redirects(archive: Archive, capture: Capture) -> tuple[Memento, list[Memento], tuple[str, str]]:
    """The page that a capture leads to, the redirects on the way, and the last (timestamp, URL) requested."""
    step = capture.timestamp, capture.original
    hops: list[Memento] = []
    visited: list[tuple[str, str]] = []
    while (memento := archive.memento(*step, "" if hops else capture.digest)).redirect is not None:
        visited.append(step)
        hops.append(memento)
        step = memento.redirect
        _check_redirect(capture, step, visited)
    return memento, hops, step


def _check_redirect(capture: Capture, step: tuple[str, str], visited: list[tuple[str, str]]) -> None:
    """Raises UnconfirmedError for a redirect in a circle, or after too many others: some are the archive's own."""
    name = f"{capture.original} at {capture.timestamp}"
    if step in visited:
        raise UnconfirmedError(f"{name} redirects in a circle inside the archive.", outcome="loop")
    if len(visited) > _MAX_HOPS:
        raise UnconfirmedError(f"{name} redirects more than {_MAX_HOPS} times.", outcome="too-many-hops")


def _check_drift(capture: Capture, memento: Memento, max_days: int) -> None:
    """Raises UnconfirmedError for a page too far in time from the capture: its text may have changed."""
    days = abs(parse_timestamp(memento.timestamp) - parse_timestamp(capture.timestamp)).days
    if days > max_days:
        raise UnconfirmedError(
            f"For {capture.original} at {capture.timestamp} the archive serves a page of {memento.timestamp}, {days} "
            "days away.",
            outcome="drift",
        )


def _fixity_of(capture: Capture, memento: Memento, hops: list[Memento]) -> Fixity:
    """The fixity of a page; "not checked" unless it is the capture itself, which the index's digest belongs to.

    The digest of nothing that a revisit bears is none of its page.
    """
    is_at_address = urlkey_of(memento.url) == urlkey_of(capture.original) and not any(hop.archived for hop in hops)
    is_capture = is_at_address and memento.timestamp == capture.timestamp
    is_revisit_of_nothing = capture.status == "-" and not names_content(capture.digest)
    return check_fixity(capture.digest, memento.digests) if is_capture and not is_revisit_of_nothing else "not checked"


def _request_again(archive: Archive, step: tuple[str, str], first: Memento, capture: Capture) -> Memento:
    """A second answer, for bytes that do not match the index's digest.

    Where it equals the first, the archive does hold other bytes; where it matches, the first was an error.
    """
    if not (archive.fixity_recheck and archive.fixity_recheck.is_worthwhile()):
        return first
    second = archive.memento(*step, capture.digest)
    archive.fixity_recheck.confirmed += second.content == first.content
    if second.content == first.content or check_fixity(capture.digest, second.digests) == "equal":
        return second
    message = f"{capture.original} at {capture.timestamp} came twice, each time with other bytes than the index names."
    raise TransientError(message, outcome="unsteady")


def _check_differing_bytes(capture: Capture, memento: Memento, state: Fixity) -> None:
    """Raises TransientError for bytes that do not match the index's digest and show that something went wrong.

    They are fewer than the site stated, or none, or those of an error that the index does not list. The length alone
    proves nothing: old servers stated wrong ones, and crawlers cut pages.
    """
    if state != "differs":
        return
    name = f"{capture.original} at {capture.timestamp}"
    if not memento.content or len(memento.content) < memento.stated_length:
        stated = f" instead of {memento.stated_length}" if memento.stated_length else ", though the index lists a page"
        raise TransientError(f"{name} came with {len(memento.content)} bytes{stated}.", outcome="wrong-length")
    if capture.status == "200" and (memento.status >= 500 or memento.status == 429):
        message = f"{name} came as an error ({memento.status}), and the index lists a page (200)."
        raise TransientError(message, outcome="archive-error")


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
    outcome = _outcome_of(capture, memento, archived_hops, state)
    return ReplayedPage(snapshot, outcome, state, memento.headers, archived_hops)


def _outcome_of(capture: Capture, memento: Memento, archived_hops: tuple[Memento, ...], state: Fixity) -> str:
    """The outcome of a page that was served, in one word."""
    if archived_hops or not (state == "equal" or _is_same_address(capture.original, memento.url)):
        return "redirected"
    if memento.timestamp != capture.timestamp:
        return "nearby"
    return "packed-twice" if memento.packed_twice else "whole"


def _is_same_address(one: str, other: str) -> bool:
    """Whether two URLs are the same but for the letter case of the host, a default port, quoting, and the fragment.

    >>> _is_same_address("http://A.example:80/a b", "http://a.example/a%20b#c")
    True
    >>> _is_same_address("http://a.example/privacy", "https://a.example/privacy")
    False
    """

    def plain(url: str) -> tuple[str | int | None, ...]:
        parts = urlsplit(url)
        return parts.scheme, *_host_and_port(parts), unquote(parts.path) or "/", unquote(parts.query)

    try:
        return one == other or plain(one) == plain(other)
    except ValueError:  # an address or a port that cannot be parsed
        return False


def redirect_target(base: str, asked: str, location: str) -> tuple[str, str]:
    """The (timestamp, URL) that a Location header of the archive leads to. Raises ArchiveError outside the archive.

    The scheme may differ from the base's, the default port may be written out, and one slash after the scheme of the
    archived URL may be missing. The next request goes to the base, never to the address in the header.
    """
    found = _MEMENTO_PATH.fullmatch(_path_in_archive(base, asked, location))
    if not found:
        message = f"{asked} redirects out of the archive, to {location!r}; that was not followed."
        raise ArchiveError(message, outcome="out-of-archive")
    return found[1], with_scheme(found[2])


def site_redirect_target(timestamp: str, url: str, location: str) -> tuple[str, str] | None:
    """The (timestamp, URL) that a captured redirect leads to whose Location the archive left as the site wrote it.

    An address of another archive is that of what it has archived. None where it is no address on the web.

    >>> site_redirect_target("20040101000000", "http://a.example/p", "/q")
    ('20040101000000', 'http://a.example/q')
    >>> site_redirect_target("20040101000000", "http://a.example/p", "https://b.example/web/2005id_/http://a.example/q")
    ('2005', 'http://a.example/q')
    """
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            return None
    except ValueError:
        return None
    archived = _MEMENTO_PATH.fullmatch(target.partition(parts.netloc)[2])
    return (archived[1], with_scheme(archived[2])) if archived else (timestamp, target)


def with_scheme(url: str) -> str:
    """A URL as archives name it in theirs: the scheme may be missing, in capital letters, or have lost a slash.

    >>> with_scheme("HTTP:/a.example/p"), with_scheme("a.example/p")
    ('http://a.example/p', 'http://a.example/p')
    """
    scheme, colon, rest = url.partition(":")
    if colon and scheme.lower() in DEFAULT_PORTS:
        return f"{scheme.lower()}://{rest.lstrip('/')}"
    return url if "://" in url else f"http://{url}"


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
