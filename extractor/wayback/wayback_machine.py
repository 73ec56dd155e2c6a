"""The Wayback Machine, or an archive that answers like it: its index, and pages as they were captured."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from threading import Event
from urllib.parse import parse_qs, quote, urlsplit

from requests.structures import CaseInsensitiveDict

from extractor.errors import ArchiveError, ArchiveStopError, ExcludedError, TransientError, UnconfirmedError
from extractor.httpbody import GZIP_MAGIC
from extractor.records import Capture
from extractor.version import VERSION
from extractor.wayback.archive import (
    REDIRECT_STATUSES,
    Headers,
    IndexQuery,
    Memento,
    OnMalformedRow,
    redirect_target,
    site_redirect_target,
    with_scheme,
)
from extractor.wayback.cdx import (
    ERROR_HEADER,
    EXCLUDED_BY_OWNER,
    EXCLUDED_BY_ROBOTS,
    UNREADABLE_ANSWERS,
    CdxIndex,
    is_index_answer,
    refusal_error,
)
from extractor.wayback.fixity import CandidateDigests, FixityRecheck, names_content, sha1_base32
from extractor.wayback.outage import OutageWatch
from extractor.wayback.politeness import Politeness, state_path
from extractor.wayback.transport import HttpReply, RequestPolicy, Transport

_URL_SAFE = "/:?=&;%#@!$'()*+,~[]|"
_INDEX_TIME_LIMIT = 300.0  # seconds; the first byte about a large domain can take minutes
_SITE_HEADER_PREFIX = "x-archive-orig-"  # of the names of the site's own headers
_TRANSIENT_PHRASES = (
    b"internal error",
    b"temporarily",
    b"try again",
    b"maintenance",
    b"too many requests",
    b"service unavailable",
    b"job failed",
    b"just a moment",  # the titles of pages that want to see a browser
    b"attention required",
    b"captcha",
)
_TITLE = re.compile(rb"<title[^>]*>([^<]{,100})", re.IGNORECASE)
_MAX_LISTED = 50  # captures of the index that are kept to ask for where none is known to play
_SECOND_PASS_SLOWDOWN = 8  # by which the request rate of a second pass is divided


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """The user's address for the archive, an event that ends all waiting, and whether to lift a ban by the archive."""

    contact: str = ""
    stop: Event | None = None
    lift_ban: bool = False


def user_agent(contact: str) -> str:
    """The User-Agent header: this package, and the address at which the archive can reach the user.

    >>> user_agent("lab@university.example")[-42:]
    '(privacy research; lab@university.example)'
    """
    return f"archived-policy/{VERSION} (privacy research{f'; {contact}' if contact else ''})"


class WaybackMachine:
    """An archive at a base URL, asked for `rate` pages and `cdx_rate` index queries a second, 0 for no limit.

    All workers of all processes on this machine share these rates.
    """

    def __init__(self, base: str, *, rate: float, cdx_rate: float, connections: int, client: ClientOptions) -> None:
        self.fixity_recheck = FixityRecheck()
        self._base = base.rstrip("/")
        self._politeness = Politeness(state_path(base), stop=client.stop)
        if client.lift_ban:
            self._politeness.lift_ban()
        self._transport = Transport(user_agent(client.contact), self._politeness, connections=connections)
        self._pages = RequestPolicy("pages", rate)
        self._index = RequestPolicy("index", cdx_rate, time_limit=_INDEX_TIME_LIMIT, interruptible=True)
        self._page_watch = OutageWatch("pages", self._politeness, self._plays)
        self._index_watch = OutageWatch("index queries", self._politeness, self._answers)
        self._listed: list[Capture] = []
        self._random = random.Random(0)
        self._last_query = ""

    def captures(self, query: IndexQuery, on_malformed: OnMalformedRow = lambda _: None) -> Iterator[Capture]:
        """The rows of the index; see `Archive.captures`."""
        asked_at = self._politeness.now()
        try:
            for row in CdxIndex(query, self._base, self._get_index, on_malformed).rows():
                self._keep_listed(row)
                yield row
        except ExcludedError:
            self._index_watch.report_answer()
            raise
        except ArchiveStopError:
            raise
        except ArchiveError as error:
            if isinstance(error, TransientError) or error.outcome in UNREADABLE_ANSWERS:
                self._index_watch.report_failure(error, asked_at, lambda: [self._last_query])
            raise
        self._index_watch.report_answer("" if query.match == "domain" else self._last_query)

    def memento(self, timestamp: str, url: str, digest: str = "") -> Memento:
        """The memento of `url`; see `Archive.memento`. The bytes are those captured (`id_`).

        Raises ArchiveStopError where several requests in a row fail in the same way and the archive is out of order.
        """
        asked_at = self._politeness.now()
        try:
            memento = self._request_memento(timestamp, url, digest)
        except (TransientError, UnconfirmedError) as error:
            self._page_watch.report_failure(error, asked_at, lambda: map(self.replay_url, self._listed))
            raise
        except ArchiveStopError:
            raise
        except ArchiveError:
            self._page_watch.report_answer()
            raise
        self._page_watch.report_answer("" if memento.redirect else self._memento_url(timestamp, url))
        return memento

    def replay_url(self, capture: Capture) -> str:
        """The address at which the archive replays the capture."""
        return self._memento_url(capture.timestamp, capture.original)

    def slower(self) -> WaybackMachine:
        """The same archive at an eighth of the rate, with longer waits."""
        other = copy(self)
        other._pages = replace(
            self._pages, kind="second pass", rate=self._pages.rate / _SECOND_PASS_SLOWDOWN, tries=2, first_wait=10
        )
        return other

    def wait_reason(self) -> str:
        """Why requests wait; see `Archive.wait_reason`."""
        return self._politeness.wait_reason()

    def useful_workers(self, maximum: int) -> int:
        """As many as requests begin while one reply is awaited, and a few to spare."""
        if not self._pages.rate:
            return maximum
        return min(maximum, math.ceil(1.3 * self._pages.rate * self._transport.mean_reply_seconds + 0.1))

    def _request_memento(self, timestamp: str, url: str, digest: str) -> Memento:
        asked = self._memento_url(timestamp, url)
        reply = self._transport.get(asked, self._pages)
        location = reply.headers.get("Location")
        if reply.status in REDIRECT_STATUSES and location:
            target = _redirect_target(self._base, asked, reply, location, (timestamp, url))
            return _redirect_memento(reply, timestamp, url, target)
        if "Memento-Datetime" in reply.headers:
            return _memento_of(reply, url, _memento_timestamp(reply.headers))
        if reply.status == 200 and names_content(digest) and digest in _digests_of(reply).values:
            return _memento_of(reply, url, timestamp)  # its bytes say that it is the capture
        raise _missing_memento_error(reply, timestamp, url)

    def _plays(self, url: str) -> bool:
        """Whether the archive replays the capture at an address of its own, asked once."""
        try:
            reply = self._transport.get(url, replace(self._pages, tries=1))
        except (TransientError, UnconfirmedError):
            return False
        return "Memento-Datetime" in reply.headers

    def _answers(self, url: str) -> bool:
        """Whether the index answers a query, asked once."""
        try:
            return is_index_answer(self._transport.get(url, replace(self._index, tries=1)))
        except (TransientError, UnconfirmedError):
            return False

    def _keep_listed(self, row: Capture) -> None:
        """Keeps a capture that should play, of the last ones some at random."""
        if row.status == "200":
            if len(self._listed) < _MAX_LISTED:
                self._listed.append(row)
            else:
                self._listed[self._random.randrange(_MAX_LISTED)] = row

    def _memento_url(self, timestamp: str, url: str) -> str:
        return f"{self._base}/web/{timestamp}id_/{quote(url, safe=_URL_SAFE)}"

    def _get_index(self, url: str) -> HttpReply:
        self._last_query = url
        return self._transport.get(url, self._index, _check_index_reply)


def _check_index_reply(reply: HttpReply) -> None:
    """Raises TransientError for a reply that is no answer of the index, ExcludedError for a site that is not shown."""
    if reply.status != 200:
        raise refusal_error(reply, parse_qs(urlsplit(reply.url).query)["url"][0])


def _redirect_target(base: str, asked: str, reply: HttpReply, location: str, step: tuple[str, str]) -> tuple[str, str]:
    """The target of a redirect; see `redirect_target`. One of the archive's own, out of it, may lead to a log-in.

    `step` is the (timestamp, URL) that was requested, where a Location starts from that the archive did not rewrite.
    """
    try:
        return redirect_target(base, asked, location)
    except ArchiveError as error:
        if "Memento-Datetime" in reply.headers:
            if target := site_redirect_target(*step, location):
                return target
            raise
        answer = location.partition("?")[0]
        raise UnconfirmedError(str(error), outcome=error.outcome, answer=answer) from error


def _missing_memento_error(reply: HttpReply, timestamp: str, url: str) -> ArchiveError:
    """The error for a page of the archive's own, which has no Memento-Datetime.

    An excluded URL is answered by 200 and such a page; at times, so is a page that cannot be replayed just now. Only
    the archive's own mark says that a site is excluded: a 403 may be meant for us.
    """
    error, text = reply.headers.get(ERROR_HEADER, ""), reply.body[:50_000]
    if EXCLUDED_BY_OWNER in error or "Blocked Site Error" in error or b"been excluded" in text:
        return ExcludedError(f"{url} is excluded from this archive (its owner asked for that).", outcome="excluded")
    if EXCLUDED_BY_ROBOTS in error or (reply.status != 404 and b"robots.txt" in text):
        return ExcludedError(f"{url} is kept out of this archive by its robots.txt.", outcome="robots")
    title = _TITLE.search(text)
    answer = f"{reply.status} {title[1].decode('utf-8', 'replace').strip() if title else ''}"
    if reply.status == 404:
        message = f"The archive lists {url} at {timestamp} but does not hold it (404)."
        return UnconfirmedError(message, outcome="not-held", answer=answer)
    message = f"The archive gave a page of its own ({answer.strip()}) instead of {url} at {timestamp}."
    if any(phrase in text.lower() for phrase in _TRANSIENT_PHRASES):
        return TransientError(message, outcome="archive-page", answer=answer)
    if reply.status in (401, 403, 451):
        message = f"The archive does not show {url} at {timestamp} ({reply.status}) and does not say why."
        return UnconfirmedError(message, outcome="denied", answer=answer)
    return UnconfirmedError(message, outcome="archive-page", answer=answer)


def _redirect_memento(reply: HttpReply, timestamp: str, url: str, target: tuple[str, str]) -> Memento:
    """The redirect in a reply: an archived one of the site, or one of the archive's own, to another time."""
    archived = "Memento-Datetime" in reply.headers
    return Memento(
        original_url(reply.headers, url),
        _memento_timestamp(reply.headers) if archived else timestamp,
        reply.status,
        _content_type(reply.headers),
        reply.body,
        redirect=target,
        archived=archived,
    )


def _memento_of(reply: HttpReply, url: str, timestamp: str) -> Memento:
    """The memento in a reply."""
    return Memento(
        original_url(reply.headers, url),
        timestamp,
        reply.status,
        _content_type(reply.headers),
        reply.body,
        headers=_original_headers(reply.headers),
        digests=_digests_of(reply),
        stated_length=_stated_length(reply.headers),
        packed_twice=reply.packed_twice,
    )


def _memento_timestamp(headers: CaseInsensitiveDict[str]) -> str:
    """The timestamp of a memento. Raises TransientError where it cannot be parsed."""
    try:
        return f"{parsedate_to_datetime(headers['Memento-Datetime']):%Y%m%d%H%M%S}"
    except ValueError as error:
        message = f"The archive gave no readable Memento-Datetime: {headers['Memento-Datetime']!r}."
        raise TransientError(message, outcome="archive-page") from error


def _digests_of(reply: HttpReply) -> CandidateDigests:
    """The digests that the stored bytes may have: of the body without its encodings, and of the body as sent.

    They are comparable where neither the site nor the archive names an encoding: then the body sent is the one stored.
    """
    encoded = any(
        reply.headers.get(name, "identity").lower() != "identity"
        for name in ("X-Archive-Orig-Content-Encoding", "X-Archive-Orig-Transfer-Encoding")
    )
    packed = reply.body.startswith(GZIP_MAGIC)
    return CandidateDigests((sha1_base32(reply.body), sha1_base32(reply.raw)), comparable=not encoded and not packed)


def _stated_length(headers: CaseInsensitiveDict[str]) -> int:
    """The length that the site stated for its body, 0 where unknown."""
    value = headers.get("X-Archive-Orig-Content-Length", "")
    return int(value) if value.isdecimal() else 0


def _original_headers(headers: CaseInsensitiveDict[str]) -> Headers:
    """The headers that the site sent."""
    return tuple(
        (name[len(_SITE_HEADER_PREFIX) :], value)
        for name, value in headers.items()
        if name.lower().startswith(_SITE_HEADER_PREFIX)
    )


def _content_type(headers: CaseInsensitiveDict[str]) -> str:
    """The Content-Type that the site sent; the archive passes it on under another name."""
    return headers.get("X-Archive-Orig-Content-Type") or headers.get("Content-Type", "")


def original_url(headers: CaseInsensitiveDict[str], asked: str) -> str:
    """The URL in `Link: <…>; rel="original"`, else the one asked for."""
    found = re.search(r'<([^>]*)>[^<]*\brel="?original\b', headers.get("Link", ""))
    return with_scheme(found[1]) if found else asked
