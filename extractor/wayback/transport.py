"""HTTP as an archive needs it: one pooled session, deadlines, whole bodies, and every failure by its name."""

from __future__ import annotations

import errno
import logging
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from extractor.errors import ArchiveError, ArchiveStopError, ThrottledError, TransientError
from extractor.wayback.politeness import Pace

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 20  # seconds
READ_TIMEOUT = 30  # seconds between two bytes
DEADLINE = 60  # seconds for a whole page; an index query may take longer, since its first byte can be late
MAX_BODY = 20_000_000  # bytes, before and after the content encoding is undone
TRIES = 5
THROTTLE_PAUSE = 60.0  # seconds after a 429 without Retry-After; doubles
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole HTTP reply: `body` has its transfer and content encodings undone."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes
    url: str


class Transport:
    """Fetches from one archive at the pace it is given; shared by all workers.

    `retry_wait` is the first of the growing waits, in seconds, between the tries of a request that failed for a
    passing reason.
    """

    def __init__(self, user_agent: str, *, connections: int = 8, retry_wait: float = 1.0) -> None:
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=connections)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._retry_wait = retry_wait

    def get(self, url: str, pace: Pace, *, deadline: float = DEADLINE) -> Reply:
        """The reply to `url`, whatever its status but 429 and the archive's own 5xx, which are tried again.

        Raises TransientError when the tries are used up, ArchiveStopError when the archive refuses the connection
        or goes on throttling, ArchiveError when it cannot be reached at all.
        """
        for attempt in range(1, TRIES + 1):
            pace.wait()
            try:
                return self._get_once(url, deadline)
            except ThrottledError as error:
                self._back_off(error, pace, attempt)
            except TransientError as error:
                self._retry_later(error, attempt)
        raise AssertionError("unreachable: the last try raises")

    def _back_off(self, error: ThrottledError, pace: Pace, attempt: int) -> None:
        if attempt == TRIES:
            raise ArchiveStopError(f"{error} It did not let up after {TRIES} tries: go on in an hour.") from error
        known = error.retry_after is not None
        seconds = error.retry_after if known else THROTTLE_PAUSE * 2 ** (attempt - 1)
        log.warning("%s All workers wait %.0f s.", error, seconds)
        pace.pause(seconds or 0.0)

    def _retry_later(self, error: TransientError, attempt: int) -> None:
        if attempt == TRIES:
            raise error
        seconds = error.retry_after or min(30.0, self._retry_wait * 3 ** (attempt - 1))
        log.info("%s Trying again in %.0f s.", error, seconds)
        time.sleep(seconds)

    def _get_once(self, url: str, deadline: float) -> Reply:
        try:
            with self._session.get(
                url, stream=True, allow_redirects=False, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)
            ) as response:
                raise_if_passing(response)
                body = read_whole(response, time.monotonic() + deadline)
                encoding = response.headers.get("Content-Encoding", "")
                return Reply(response.status_code, response.headers, undo_encoding(body, encoding, url), url)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise named_failure(error, url) from error


def raise_if_passing(response: requests.Response) -> None:
    """Raises ThrottledError for a 429, TransientError for a 5xx, unless the status is the archived page's own."""
    if "Memento-Datetime" in response.headers:
        return
    retry_after = parse_retry_after(response.headers.get("Retry-After", ""))
    if response.status_code == 429:
        raise ThrottledError(f"The archive is throttling us (429) at {response.url}.", retry_after=retry_after)
    if response.status_code >= 500:
        message = f"The archive answered {response.status_code} to {response.url}."
        raise TransientError(message, retry_after=retry_after)


def parse_retry_after(value: str) -> float | None:
    """Seconds to wait by a Retry-After header, which holds seconds or a date; None where it holds neither.

    >>> parse_retry_after("120"), parse_retry_after("soon")
    (120.0, None)
    """
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def read_whole(response: requests.Response, until: float) -> bytes:
    """The body as sent, within the time and the size allowed; a cut body raises (urllib3 compares the lengths).

    `read1` gives what has come; `read` would wait for a whole chunk, and a body that drips would outlast any deadline.
    """
    body = bytearray()
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        body += chunk
        if len(body) > MAX_BODY:
            raise ArchiveError(f"{response.url} is larger than {MAX_BODY:,} bytes and was not kept.")
        if time.monotonic() > until:
            raise TransientError(f"{response.url} did not arrive within its time.")
    return bytes(body)


def undo_encoding(body: bytes, encoding: str, url: str) -> bytes:
    """The body without its gzip or deflate coding.

    A body that says gzip and is not stays as it is: old servers did that, and the archive replays it. Raises
    TransientError where the coded bytes end early, ArchiveError for a coding we never asked for.
    """
    coding = encoding.strip().lower()
    if coding in ("", "identity") or not body:
        return body
    if coding in ("gzip", "x-gzip"):
        return inflate(body, 31, url) if body.startswith(b"\x1f\x8b") else body
    if coding == "deflate":
        return inflate(body, 15 if body[0] & 0x0F == 8 else -15, url)
    raise ArchiveError(f"{url} came with the content coding {coding!r}, which was not asked for and is not known.")


def inflate(body: bytes, window_bits: int, url: str) -> bytes:
    """`body` through zlib, whole and no larger than MAX_BODY, or an error."""
    unzip = zlib.decompressobj(window_bits)
    try:
        plain = unzip.decompress(body, MAX_BODY)
    except zlib.error as error:
        raise TransientError(f"The compressed body of {url} is damaged ({error}).") from error
    if unzip.unconsumed_tail:
        raise ArchiveError(f"{url} unpacks to more than {MAX_BODY:,} bytes and was not kept.")
    if not unzip.eof:
        raise TransientError(f"The compressed body of {url} ends early.")
    return plain


def named_failure(error: Exception, url: str) -> ArchiveError:
    """What a network failure means for us: a ban, an archive out of reach, or something that may pass."""
    if causes(error, lambda cause: getattr(cause, "errno", None) == errno.ECONNREFUSED):
        return ArchiveStopError(
            f"{urlsplit(url).netloc} refused the connection. It may have blocked this address: wait some hours, "
            "then run the same command again; it goes on where it stopped."
        )
    if causes(error, lambda cause: type(cause).__name__ in ("NameResolutionError", "gaierror")):
        return ArchiveError(f"{urlsplit(url).netloc} is not known by that name: check the network and --archive-base.")
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return ArchiveError(f"{url} cannot be asked for: {error}.")
    return TransientError(f"The connection to {url} broke off ({type(error).__name__}).")


def causes(error: BaseException | None, matches: Callable[[BaseException], bool]) -> bool:
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
        pending += [cause.__cause__, cause.__context__, *inner_errors(cause)]
    return False


def inner_errors(error: BaseException) -> list[BaseException]:
    """The exceptions that requests and urllib3 keep in `args` instead of chaining them."""
    return [value for value in error.args if isinstance(value, BaseException)]
