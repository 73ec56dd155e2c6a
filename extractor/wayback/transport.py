"""HTTP requests to an archive: one pooled session, deadlines, complete bodies, and an error for each failure."""

from __future__ import annotations

import errno
import logging
import time
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
from extractor.httpbody import BodyHeaders, decode_http_body, header_list
from extractor.wayback.connection import CheckedAdapter, deadline
from extractor.wayback.politeness import MAX_PAUSE, Politeness

_log = logging.getLogger(__name__)

_CONNECT_TIMEOUT = 20  # seconds
_READ_TIMEOUT = 30  # seconds between two bytes
_MAX_BODY_BYTES = 20_000_000  # bytes, before and after the content encoding is undone
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """How requests of one kind are made: their rate a second, tries, waits and time limit.

    Each kind has a rate of its own. Only transient failures are tried again, up to `tries` times; `first_wait` is in
    seconds and grows fourfold up to 30. `time_limit` is in seconds, for the whole reply; a request that is
    `interruptible` ends as soon as the user asks to stop.
    """

    kind: str
    rate: float
    tries: int = 4
    first_wait: float = 1.0
    time_limit: float = 60.0
    interruptible: bool = False


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A complete HTTP reply: `raw` is the body as it was sent, `body` the one without its content encodings.

    `packed_twice` is whether there was one more layer of gzip than the archive stated.
    """

    status: int
    headers: CaseInsensitiveDict[str]
    raw: bytes
    body: bytes
    url: str
    packed_twice: bool = False


class _Session(requests.Session):
    """A session that leaves redirects alone.

    requests looks ahead for the next request even where it must not follow, and for that reads and decodes the body.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        """None: no answer is a redirect to this session."""
        return


class Transport:
    """Requests to one archive at its request rates; shared by all workers."""

    def __init__(self, user_agent: str, politeness: Politeness, *, connections: int = 8) -> None:
        self.politeness = politeness
        self.mean_reply_seconds = 0.0  # a moving average in which the last reply counts a fifth
        self._session = _Session()
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = CheckedAdapter(pool_connections=2, pool_maxsize=connections)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def get(self, url: str, policy: RequestPolicy, check: Callable[[HttpReply], None] = lambda _: None) -> HttpReply:
        """The reply for a URL, of any status but those of the archive's own that may pass, which are tried again.

        So is a reply for which `check` raises TransientError. Raises TransientError when the tries are used up,
        ArchiveStopError when the archive refuses the connection or goes on throttling.
        """
        for attempt in range(1, policy.tries + 1):
            try:
                reply = self._get_unthrottled(url, policy)
                check(reply)
                return reply
            except TransientError as error:
                if attempt == policy.tries:
                    raise
                self._wait(error, min(30.0, policy.first_wait * 4 ** (attempt - 1)))
        raise AssertionError("unreachable: the last try raises")

    def _get_unthrottled(self, url: str, policy: RequestPolicy) -> HttpReply:
        """One try. A 429 is no failure of the page, so it does not count as a try."""
        while True:
            asked_at, started = self.politeness.wait(policy.kind, policy.rate), time.monotonic()
            try:
                reply = self._get_once(url, policy)
            except ThrottledError as error:
                self.politeness.report_throttling(asked_at, error.retry_after, str(error))
            except RefusedError as error:
                raise self.politeness.ban(str(error)) from error
            else:
                self.politeness.report_success()
                self.mean_reply_seconds += (time.monotonic() - started - self.mean_reply_seconds) / 5
                return reply

    def _wait(self, error: TransientError, seconds: float) -> None:
        if error.retry_after is None:
            _log.info("%s Trying again in %.0f s.", error, seconds)
            self.politeness.sleep(seconds)
        elif error.retry_after > MAX_PAUSE:
            raise self.politeness.ban(str(error), at_least=error.retry_after)
        else:
            self.politeness.pause(error.retry_after, str(error))

    def _get_once(self, url: str, policy: RequestPolicy) -> HttpReply:
        stop = self.politeness.stop if policy.interruptible else None
        with deadline(policy.time_limit, stop) as until:
            try:
                reply = self._read_reply(url, until)
            except (requests.RequestException, HTTPError, OSError) as error:
                if stop:
                    self.politeness.check_stop()
                if time.monotonic() >= until:
                    raise _too_slow_error(url, policy.time_limit) from error
                raise _network_error(error, url) from error
            if stop:  # shutting the socket looks like the end of a body without a length
                self.politeness.check_stop()
            return reply

    def _read_reply(self, url: str, until: float) -> HttpReply:
        timeout = (_CONNECT_TIMEOUT, _READ_TIMEOUT)
        with self._session.get(url, stream=True, allow_redirects=False, timeout=timeout) as response:
            _raise_for_archive_status(response)
            raw = _read_body(response, until)
            body, packed_twice = decode_body(raw, response.headers, url)
            return HttpReply(response.status_code, response.headers, raw, body, url, packed_twice)


def _raise_for_archive_status(response: requests.Response) -> None:
    """Raises ThrottledError for a 429, TransientError for a status that may pass, unless it is the archived page's own.

    Those are 5xx, 408, 425, and any error that comes with a time to try again.
    """
    if "Memento-Datetime" in response.headers:
        return
    retry_after = parse_retry_after(response.headers.get("Retry-After", ""))
    if response.status_code == 429:
        raise ThrottledError(f"The archive is throttling us (429) at {response.url}.", retry_after=retry_after)
    may_pass = response.status_code >= 500 or response.status_code in (408, 425)
    if may_pass or (response.status_code >= 400 and retry_after is not None):
        message = f"The archive answered {response.status_code} to {response.url}."
        raise TransientError(message, outcome="archive-error", retry_after=retry_after)


def parse_retry_after(value: str) -> float | None:
    """The seconds in a Retry-After header, or until the date in it; None for anything else, or a date in the past.

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


def _read_body(response: requests.Response, until: float) -> bytes:
    """The body as sent, within the limits on time and size; urllib3 raises an error for a body that is cut.

    `read1` returns what has arrived; `read` would wait for a whole chunk, and a body that drips would outlast the
    deadline.
    """
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise _too_large_error(response.url)
        if time.monotonic() > until:
            raise requests.Timeout
    if time.monotonic() >= until:  # shutting the socket looks like the end of a body without a length
        raise requests.Timeout
    return bytes(body)


def _too_large_error(url: str) -> ArchiveError:
    return ArchiveError(f"{url} is larger than {_MAX_BODY_BYTES:,} bytes and was not kept.", outcome="too-large")


def _too_slow_error(url: str, seconds: float) -> TransientError:
    return TransientError(f"{url} did not arrive within {seconds:.0f} s.", outcome="too-slow")


def decode_body(raw: bytes, headers: CaseInsensitiveDict[str], url: str) -> tuple[bytes, bool]:
    """The body of a reply without its codings, and whether it was packed once more than the archive stated.

    Raises TransientError where it is damaged, cut or in a coding that is not known, ArchiveError where it is too large.
    """
    body_headers = BodyHeaders(
        headers.get("Content-Encoding", ""),
        headers.get("X-Archive-Orig-Content-Encoding", ""),
        "chunked" in header_list(headers.get("X-Archive-Orig-Transfer-Encoding", "")),
        headers.get("X-Archive-Orig-Content-Type") or headers.get("Content-Type", ""),
    )
    body = decode_http_body(raw, body_headers, max_bytes=_MAX_BODY_BYTES)
    if body.fault == "too large":
        raise _too_large_error(url)
    if body.fault:
        outcome = "cut" if body.fault == "cut" else "bad-encoding"
        raise TransientError(f"The body of {url} cannot be read: {body.reason}.", outcome=outcome)
    return body.content, bool(body.extra_layers and header_list(body_headers.codings))


def _network_error(error: Exception, url: str) -> ArchiveError:
    """The error for a network failure: a refusal, an archive out of reach, or a transient one."""
    host = urlsplit(url).netloc
    if _has_cause(error, lambda cause: getattr(cause, "errno", None) == errno.ECONNREFUSED):
        return RefusedError(f"{host} refused the connection and may have blocked this address.", outcome="refused")
    if _has_cause(error, lambda cause: type(cause).__name__ in ("NameResolutionError", "gaierror")):
        return TransientError(
            f"{host} is not known by that name: check the network and --archive-base.", outcome="unknown-host"
        )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return ArchiveError(f"{url} cannot be asked for: {error}.", outcome="bad-address")
    if isinstance(error, requests.Timeout) or _has_cause(error, lambda cause: isinstance(cause, TimeoutError)):
        return TransientError(f"Nothing more came from {url} for {_READ_TIMEOUT} s.", outcome="too-slow")
    if _has_cause(error, lambda cause: isinstance(cause, IncompleteRead)):
        return TransientError(f"The body of {url} is cut.", outcome="cut")
    return TransientError(f"The connection to {url} broke off ({type(error).__name__}).")


def _has_cause(error: BaseException | None, matches: Callable[[BaseException], bool]) -> bool:
    """Whether `matches` holds for an error or anything that it was raised from."""
    seen: set[int] = set()
    pending = [error]
    while pending:
        cause = pending.pop()
        if cause is None or id(cause) in seen:
            continue
        if matches(cause):
            return True
        seen.add(id(cause))
        pending += [cause.__cause__, cause.__context__, *_wrapped_errors(cause)]
    return False


def _wrapped_errors(error: BaseException) -> list[BaseException]:
    """The exceptions that requests and urllib3 store in `args` instead of chaining them."""
    return [value for value in error.args if isinstance(value, BaseException)]
