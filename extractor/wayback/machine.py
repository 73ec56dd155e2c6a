"""The Wayback Machine, or an archive that answers as it does: index queries by waybackpy, transport by us."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode

from requests.structures import CaseInsensitiveDict
from waybackpy import WaybackMachineCDXServerAPI

from extractor.errors import ArchiveError, ExcludedError, TransientError
from extractor.records import Capture
from extractor.version import VERSION
from extractor.wayback.archive import REDIRECTS, Memento, Query, redirect_in_archive
from extractor.wayback.politeness import Pace
from extractor.wayback.transport import Reply, Transport

log = logging.getLogger(__name__)

USER_AGENT = f"archived-policy/{VERSION} (privacy research; python-requests)"
FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
ROWS_A_QUERY = 25_000
INDEX_DEADLINE = 300.0  # seconds; the first byte of an answer about a large domain can take minutes
EXCLUDED_MARKS = ("AdministrativeAccessControlException", "RobotAccessControlException")
URL_SAFE = "/:?=&;%#@!$'()*+,~[]|"


class WaybackMachine:
    """An archive at a base URL; `rate` pages and `cdx_rate` index queries a second, 0 for no limit."""

    def __init__(self, base: str, *, rate: float, cdx_rate: float, connections: int) -> None:
        self._base = base.rstrip("/")
        self._pages, self._index = Pace(rate), Pace(cdx_rate)
        self._transport = Transport(USER_AGENT, connections=connections)

    def captures(self, query: Query) -> Iterator[Capture]:
        """The rows of the index; see `Archive.captures`."""
        index = CdxIndex(query, self._base, self._ask_index)
        for row in index.snapshots():
            yield Capture(row.urlkey, row.timestamp, row.original, row.mimetype, row.statuscode, row.digest, row.length)
        if index.malformed:
            log.warning("%d malformed rows of the index were left out for %s.", index.malformed, query.url)

    def memento(self, timestamp: str, url: str) -> Memento:
        """What was seen at `url`; see `Archive.memento`. The bytes come as they were captured (`id_`)."""
        asked = self._replay_url(timestamp, url)
        reply = self._transport.get(asked, self._pages)
        location = reply.headers.get("Location")
        if reply.status in REDIRECTS and location:
            goal = redirect_in_archive(self._base, asked, location)
            return Memento(url, timestamp, reply.status, "", b"", redirect=goal)
        if "Memento-Datetime" not in reply.headers:
            raise no_memento(reply, timestamp, url)
        return memento_of(reply, url)

    def url_of(self, capture: Capture) -> str:
        """The address under which the archive replays the capture as it was."""
        return self._replay_url(capture.timestamp, capture.original)

    def _replay_url(self, timestamp: str, url: str) -> str:
        return f"{self._base}/web/{timestamp}id_/{quote(url, safe=URL_SAFE)}"

    def _ask_index(self, url: str) -> Reply:
        return self._transport.get(url, self._index, deadline=INDEX_DEADLINE)


class CdxIndex(WaybackMachineCDXServerAPI):
    """waybackpy's parameters and row objects over our transport.

    waybackpy 3.0.6 as it comes reads a 429 as an empty answer, has no timeout, stops without an error when a later
    page is throttled, and aborts on one malformed row. `cdx_api_manager` is its only method that uses the network.
    """

    def __init__(self, query: Query, base: str, ask: Callable[[str], Reply]) -> None:
        super().__init__(
            query.url,
            user_agent=USER_AGENT,
            start_timestamp=query.window.start or None,
            end_timestamp=query.window.end or None,
            filters=[f"urlkey:{query.urlkey_pattern}"] if query.whole_domain else [],
            match_type="domain" if query.whole_domain else None,
            limit=str(ROWS_A_QUERY),
        )
        self.endpoint = f"{base}/cdx/search/cdx"
        self.malformed = 0
        self._ask = ask

    def cdx_api_manager(self, payload: dict[str, str], headers: dict[str, str]) -> Generator[str, None, None]:  # noqa: ARG002
        """The answers to a query, page by page, as lines of seven words; malformed rows are counted and left out."""
        payload |= {"output": "json", "fl": ",".join(FIELDS), "limit": str(self.limit), "showResumeKey": "true"}
        seen_keys: set[str] = set()
        while True:
            rows, resume_key = parse_answer(self._ask(cdx_url(self.endpoint, payload)), self.url)
            good = [row for row in rows if is_wellformed(row)]
            self.malformed += len(rows) - len(good)
            yield "\n".join(" ".join(row) for row in good)
            if not resume_key or resume_key in seen_keys:
                return
            seen_keys.add(resume_key)
            payload["resumeKey"] = resume_key


def cdx_url(endpoint: str, payload: dict[str, str]) -> str:
    """The URL of a query; waybackpy numbers `filter0`, `filter1`, …, which the index knows as `filter`."""
    pairs = [("filter" if name.startswith("filter") else name, value) for name, value in payload.items()]
    return f"{endpoint}?{urlencode(pairs)}"


def parse_answer(reply: Reply, url: str) -> tuple[list[list[str]], str]:
    """The rows of an answer of the index, and the key to go on with ("" at the end).

    Raises ExcludedError for a site the archive does not show, TransientError where the answer is cut or no JSON.
    """
    if reply.status != 200:
        raise index_refusal(reply, url)
    try:
        rows = json.loads(reply.body or b"[]")
    except (ValueError, RecursionError) as error:
        raise TransientError(f"The index's answer about {url} is not whole ({error}).") from error
    if not isinstance(rows, list):
        raise TransientError(f"The index's answer about {url} is not a list of rows.")
    rows = rows[1:]  # the first names the fields
    if len(rows) >= 2 and rows[-2] == [] and isinstance(rows[-1], list):
        return rows[:-2], str(*rows[-1][:1])
    return rows, ""


def index_refusal(reply: Reply, url: str) -> ArchiveError:
    """What an answer of the index that is not 200 means."""
    text = reply.body[:2000].decode("utf-8", "replace")
    if any(mark in text for mark in EXCLUDED_MARKS):
        return ExcludedError(f"{url} is excluded from this archive (its owner asked for that): there is no way in.")
    return ArchiveError(f"The index answered {reply.status} about {url}: {' '.join(text.split())[:150]}")


def is_wellformed(row: object) -> bool:
    """Whether a row has seven words and a real time; the index holds months and days of 00."""
    if not (isinstance(row, list) and len(row) == len(FIELDS) and all(isinstance(word, str) for word in row)):
        return False
    return all(word and not any(c.isspace() for c in word) for word in row) and is_moment(row[1])


def is_moment(timestamp: str) -> bool:
    """Whether 14 digits name a real second.

    >>> is_moment("20100231000000"), is_moment("20100228000000")
    (False, True)
    """
    try:
        datetime.strptime(timestamp, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return len(timestamp) == 14


def no_memento(reply: Reply, timestamp: str, url: str) -> ArchiveError:
    """What a page of the archive's own, told by its lack of a Memento-Datetime, means.

    An excluded URL answers 200 with such a page.
    """
    if reply.status == 403 or b"excluded" in reply.body[:50_000]:
        return ExcludedError(f"{url} is excluded from this archive (its owner asked for that).")
    if reply.status == 404:
        return ArchiveError(f"The archive lists {url} at {timestamp} but does not hold it (404).")
    return ArchiveError(f"The archive gave a page of its own ({reply.status}) instead of {url} at {timestamp}.")


def memento_of(reply: Reply, url: str) -> Memento:
    """The memento in a reply of the replay server."""
    seen = parsedate_to_datetime(reply.headers["Memento-Datetime"])
    return Memento(
        original_url(reply.headers, url), f"{seen:%Y%m%d%H%M%S}", reply.status, content_type(reply.headers), reply.body
    )


def content_type(headers: CaseInsensitiveDict[str]) -> str:
    """The Content-Type that the site itself sent, which the archive hands on under a name of its own."""
    return headers.get("X-Archive-Orig-Content-Type") or headers.get("Content-Type", "")


def original_url(headers: CaseInsensitiveDict[str], asked: str) -> str:
    """The URL that `Link: <…>; rel="original"` names, else the one asked for."""
    found = re.search(r'<([^>]*)>[^<]*\brel="?original\b', headers.get("Link", ""))
    return found[1] if found else asked
