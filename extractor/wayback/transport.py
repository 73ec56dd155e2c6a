"""HTTP as an archive needs it: one pooled session, deadlines, whole bodies, and every failure by its name."""

from __future__ import annotations

import errno
import logging
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timezone
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError, IncompleteRead

from extractor.errors import ArchiveError, RefusedError, ThrottledError, TransientError
from extractor.wayback.connection import CheckedAdapter, deadline
from extractor.wayback.politeness import MAX_PAUSE, Politeness

_log = logging.getLogger(__name__)

_CONNECT_TIMEOUT = 20  # seconds
_READ_TIMEOUT = 30  # seconds between two bytes
_MAX_BODY = 20_000_000  # bytes, before and after the content encoding is undone
_CHUNK = 1 << 16
GZIP_MAGIC = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is asked for: its kind (each has a pace), how many a second, how often and how long.

    `tries` counts what fails for a passing reason; `first_wait` is in seconds and grows fourfold up to 30;
    `time_limit` is in seconds for the whole reply; what `gives_way` ends as soon as the user asks to stop.
    """

    kind: str
    rate: float
    tries: int = 4
    first_wait: float = 1.0
    time_limit: float = 60.0
    gives_way: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP reply: `sent` as it came over the wire, `body` with its content encodings undone.

    `packed_twice` says that there was one more layer of gzip than the archive spoke of.
    """

    status: int
    headers: CaseInsensitiveDict[str]
    sent: bytes
    body: bytes
    url: str
    packed_twice: bool = False


class Transport:
    """Fetches from one archive, politely; shared by all workers."""

    def __init__(self, user_agent: str, politeness: Politeness, *, connections: int = 8) -> None:
        self.politeness = politeness
        self.seconds_a_reply = 0.0  # of late: an average in which the last one counts a fifth
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = CheckedAdapter(pool_connections=2, pool_maxsize=connections)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def get(self, url: str, manner: Manner) -> Reply:
        """The reply to `url`, whatever its status but 429 and the archive's own 5xx, which are tried again.

        Raises TransientError when the tries are used up, ArchiveStopError when the archive refuses the connection
        or goes on throttling, ArchiveError when it cannot be reached at all.
        """
        for attempt in range(1, manner.tries + 1):
            try:
                return self._get_unthrottled(url, manner)
            except TransientError as error:
                if attempt == manner.tries:
                    raise
                self._wait(error, min(30.0, manner.first_wait * 4 ** (attempt - 1)))
        raise AssertionError("unreachable: the last try raises")

    def _get_unthrottled(self, url: str, manner: Manner) -> Reply:
        """One try; being throttled is no failure of the page, so it counts as none."""
        while True:
            asked, started = self.politeness.wait(manner.kind, manner.rate), time.monotonic()
            try:
                reply = self._get_once(url, manner)
            except ThrottledError as error:
                self.politeness.throttled(asked, error.retry_after, str(error))
            except RefusedError as error:
                raise self.politeness.ban(str(error)) from error
            else:
                self.politeness.succeeded()
                self.seconds_a_reply += (time.monotonic() - started - self.seconds_a_reply) / 5
                return reply

    def _wait(self, error: TransientError, seconds: float) -> None:
        if error.retry_after is None:
            _log.info("%s Trying again in %.0f s.", error, seconds)
            self.politeness.rest(seconds)
        elif error.retry_after > MAX_PAUSE:
            raise self.politeness.ban(str(error), at_least=error.retry_after)
        else:
            self.politeness.pause(error.retry_after, str(error))

    def _get_once(self, url: str, manner: Manner) -> Reply:
        stop = self.politeness.stop if manner.gives_way else None
        with deadline(manner.time_limit, stop) as until:
            try:
                reply = self._read_reply(url, until)
            except (requests.RequestException, HTTPError, OSError) as error:
                if stop:
                    self.politeness.check_stop()
                if time.monotonic() >= until:
                    raise _too_slow(url, manner.time_limit) from error
                raise _named_failure(error, url) from error
            if stop:  # shutting the socket looks like the end of a body without a length
                self.politeness.check_stop()
            return reply

    def _read_reply(self, url: str, until: float) -> Reply:
        timeout = (_CONNECT_TIMEOUT, _READ_TIMEOUT)
        with self._session.get(url, stream=True, allow_redirects=False, timeout=timeout) as response:
            _raise_if_passing(response)
            sent = _read_whole(response, until)
            body, twice = undo_encodings(sent, response.headers, url)
            return Reply(response.status_code, response.headers, sent, body, url, twice)


def _raise_if_passing(response: requests.Response) -> None:
    """Raises ThrottledError for a 429, TransientError for a 5xx, unless the status is the archived page's own."""
    if "Memento-Datetime" in response.headers:
        return
    retry_after = parse_retry_after(response.headers.get("Retry-After", ""))
    if response.status_code == 429:
        raise ThrottledError(f"The archive is throttling us (429) at {response.url}.", retry_after=retry_after)
    if response.status_code >= 500:
        message = f"The archive answered {response.status_code} to {response.url}."
        raise TransientError(message, outcome="archive-error", retry_after=retry_after)


def parse_retry_after(value: str) -> float | None:
    """Seconds to wait by a Retry-After header, which holds seconds or a date to come; None where it holds neither.

    >>> parse_retry_after("120"), parse_retry_after("soon"), parse_retry_after("Mon, 01 Jan 2001 00:00:00 GMT")
    (120.0, None, None)
    """
    if value.isascii() and value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        left = until.replace(tzinfo=until.tzinfo or timezone.utc).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return left if left > 0 else None


def _read_whole(response: requests.Response, until: float) -> bytes:
    """The body as sent, within the time and the size allowed; a cut body raises (urllib3 compares the lengths).

    `read1` gives what has come; `read` would wait for a whole chunk, and a body that drips would outlast any deadline.
    """
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > _MAX_BODY:
            raise _too_large(response.url)
        if time.monotonic() > until:
            raise requests.Timeout
    if time.monotonic() >= until:  # shutting the socket looks like the end of a body without a length
        raise requests.Timeout
    return bytes(body)


def _too_large(url: str) -> ArchiveError:
    """What to say of a page beyond the cap."""
    return ArchiveError(f"{url} is larger than {_MAX_BODY:,} bytes and was not kept.", outcome="too-large")


def _too_slow(url: str, seconds: float) -> TransientError:
    """What to say of a reply that took too long."""
    return TransientError(f"{url} did not arrive within {seconds:.0f} s.", outcome="too-slow")


def undo_encodings(sent: bytes, headers: CaseInsensitiveDict[str], url: str) -> tuple[bytes, bool]:
    """The body of a reply without its content encodings, and whether it was packed twice.

    A body that the site itself called gzip and did not pack stays as it is: old servers did that, and the archive
    replays it. A page that is still gzip after one unpacking was packed by the site and by the archive: unpacked again.
    """
    coding = headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        message = f"{url} came with the content coding {coding!r}, which was not asked for and is not known."
        raise ArchiveError(message, outcome="bad-encoding")
    said_by_site = "X-Archive-Orig-Content-Encoding" in headers
    body = _undo_encoding(sent, coding, url, may_be_plain=said_by_site)
    mime = (headers.get("X-Archive-Orig-Content-Type") or headers.get("Content-Type", "")).lower()
    if body.startswith(GZIP_MAGIC) and not mime.startswith("application/") and (coding or said_by_site):
        return _inflate(body, 31, url), body is not sent
    return body, False


def _undo_encoding(body: bytes, coding: str, url: str, *, may_be_plain: bool) -> bytes:
    """The body without its gzip or deflate coding.

    Raises TransientError where the coded bytes are damaged or end early.
    """
    if coding in ("", "identity") or not body:
        return body
    if coding == "deflate":
        return _inflate(body, 15 if body[0] & 0x0F == 8 else -15, url)
    if may_be_plain and not body.startswith(GZIP_MAGIC):
        return body
    return _inflate(body, 31, url)


def _inflate(body: bytes, window_bits: int, url: str) -> bytes:
    """`body` through zlib, whole and no larger than MAX_BODY, or an error."""
    unzip = zlib.decompressobj(window_bits)
    try:
        plain = unzip.decompress(body, _MAX_BODY)
    except zlib.error as error:
        message = f"The compressed body of {url} is damaged ({error})."
        raise TransientError(message, outcome="bad-encoding") from error
    if unzip.unconsumed_tail:
        raise _too_large(url)
    if not unzip.eof:
        raise TransientError(f"The compressed body of {url} ends early.", outcome="cut")
    return plain


def _named_failure(error: Exception, url: str) -> ArchiveError:
    """What a network failure means for us: a ban, an archive out of reach, or something that may pass."""
    host = urlsplit(url).netloc
    if _causes(error, lambda cause: getattr(cause, "errno", None) == errno.ECONNREFUSED):
        return RefusedError(f"{host} refused the connection and may have blocked this address.", outcome="refused")
    if _causes(error, lambda cause: type(cause).__name__ in ("NameResolutionError", "gaierror")):
        return ArchiveError(
            f"{host} is not known by that name: check the network and --archive-base.", outcome="unknown-host"
        )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return ArchiveError(f"{url} cannot be asked for: {error}.", outcome="bad-address")
    if isinstance(error, requests.Timeout) or _causes(error, lambda cause: isinstance(cause, TimeoutError)):
        return TransientError(f"Nothing more came from {url} for {_READ_TIMEOUT} s.", outcome="too-slow")
    if _causes(error, lambda cause: isinstance(cause, IncompleteRead)):
        return TransientError(f"The body of {url} is cut.", outcome="cut")
    return TransientError(f"The connection to {url} broke off ({type(error).__name__}).")


def _causes(error: BaseException | None, matches: Callable[[BaseException], bool]) -> bool:
    """Whether `matches` holds for the error or anything it was raised from."""
    seen: set[int] = set()
    pending = [error]
    while pending:
        cause = pending.pop()
        if cause is None or id(cause) in seen:
            continue
        if matches(cause):
            return True
        seen.add(id(cause))
        pending += [cause.__cause__, cause.__context__, *_inner_errors(cause)]
    return False


def _inner_errors(error: BaseException) -> list[BaseException]:
    """The exceptions that requests and urllib3 keep in `args` instead of chaining them."""
    return [value for value in error.args if isinstance(value, BaseException)]
