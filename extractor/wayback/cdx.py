"""The index of an archive (CDX): queries through waybackpy, every row of the answers, and the errors of refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from typing import Any
from urllib.parse import unquote_plus, urlencode

from waybackpy import WaybackMachineCDXServerAPI

from extractor.errors import ArchiveError, ExcludedError, TransientError
from extractor.records import Capture
from extractor.timestamps import is_timestamp
from extractor.wayback.archive import IndexQuery, OnMalformedRow
from extractor.wayback.transport import HttpReply

CDX_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
ROWS_PER_QUERY = 25_000
_MAX_TRIES = 3  # for an answer that arrives incomplete
_MIN_ROW_LENGTH = 46  # letters; waybackpy drops shorter rows silently
ERROR_HEADER = "X-Archive-Wayback-Runtime-Error"
EXCLUDED_BY_OWNER = "AdministrativeAccessControlException"
EXCLUDED_BY_ROBOTS = "RobotAccessControlException"


class CdxIndex(WaybackMachineCDXServerAPI):
    """waybackpy's parameters and row objects over our transport.

    waybackpy 3.0.6 itself takes a 429 for an empty answer, has no timeout, stops without an error when a later page is
    throttled, and aborts at one malformed row. `cdx_api_manager` is its only method that uses the network.
    """

    def __init__(
        self, query: IndexQuery, base: str, get: Callable[[str], HttpReply], on_malformed: OnMalformedRow
    ) -> None:
        super().__init__(
            query.url,
            start_timestamp=query.window.start or None,
            end_timestamp=query.window.end or None,
            filters=[f"{name}:{value}" for name, value in _filters(query) if value],
            match_type=None if query.match == "exact" else query.match,
            collapses=["timestamp:6"] if query.monthly else [],
            limit=str(ROWS_PER_QUERY),
        )
        self.endpoint = f"{base}/cdx/search/cdx"
        self._get, self._on_malformed = get, on_malformed
        self._target = query.target
        self._malformed: set[str] = set()

    def rows(self) -> Iterator[Capture]:
        """The rows of all answers, as captures."""
        for row in self.snapshots():
            key = (row.urlkey, row.timestamp, row.original)
            yield Capture(*key, row.mimetype, row.statuscode, row.digest, row.length, self._target)

    def cdx_api_manager(self, payload: dict[str, str], headers: dict[str, str]) -> Generator[str, None, None]:  # noqa: ARG002
        """The answers to a query, page by page, as lines of seven words; malformed rows go to `on_malformed`."""
        payload |= {"output": "json", "fl": ",".join(CDX_FIELDS), "limit": str(self.limit), "showResumeKey": "true"}
        previous: set[str] = set()
        while True:
            rows, resume_key = self._answer(_cdx_url(self.endpoint, payload))
            lines = list(self._lines(rows))
            new = [line for line in lines if line not in previous]
            yield "\n".join(new)
            if not resume_key:
                return
            payload["resumeKey"] = key = _overlapping_key(resume_key, rows) if new else resume_key
            edge = f"{unquote_plus(key)} "
            previous = {line for line in lines if line.startswith(edge)}

    def _answer(self, url: str) -> tuple[list[Any], str]:
        """The rows and the resume key; an incomplete answer is requested again."""
        for tries_left in reversed(range(_MAX_TRIES)):
            reply = self._get(url)
            try:
                return parse_cdx_reply(reply, self.url)
            except TransientError:
                if not tries_left:
                    raise
        raise AssertionError("unreachable: the last try raises")

    def _lines(self, rows: list[Any]) -> Iterator[str]:
        for row in rows:
            if is_well_formed(row):
                yield " ".join(row)
            elif (text := json.dumps(row)) not in self._malformed:  # the overlap may bring it again
                self._malformed.add(text)
                self._on_malformed(text)


def _filters(query: IndexQuery) -> list[tuple[str, str]]:
    """The fields that a query filters by, each with a regular expression for the whole field."""
    return [("urlkey", query.urlkey_pattern), ("statuscode", query.status)]


def _overlapping_key(resume_key: str, rows: list[Any]) -> str:
    """A resume key that begins with the second of the last row, which is then returned again.

    The index's own key begins one second later, and loses the rows of the last second that were beyond the limit. A key
    of another form is used unchanged.
    """
    last: list[str] = rows[-1]
    if not is_well_formed(last):
        return resume_key
    urlkey, _, _ = unquote_plus(resume_key).rpartition(" ")
    return urlencode({"": f"{last[0]} {last[1]}"})[1:] if urlkey == last[0] else resume_key


def _cdx_url(endpoint: str, payload: dict[str, str]) -> str:
    """The URL of a query; waybackpy numbers `filter0`, `collapse0`, …, and the index takes them without numbers."""
    pairs = [(name.rstrip("0123456789"), value) for name, value in payload.items()]
    return f"{endpoint}?{urlencode(pairs)}"


def parse_cdx_reply(reply: HttpReply, url: str) -> tuple[list[Any], str]:
    """The rows in an answer of the index, and the resume key ("" at the end).

    Raises ExcludedError for a site that the archive does not show, TransientError for an answer that is not JSON.
    """
    if reply.status != 200:
        raise refusal_error(reply, url)
    try:
        rows = json.loads(reply.body.strip() or b"[]")
    except (ValueError, RecursionError) as error:
        raise TransientError(f"The index's answer about {url} is not whole ({error}).", outcome="cut") from error
    if not isinstance(rows, list):
        raise TransientError(f"The index's answer about {url} is not a list of rows.", outcome="cut")
    rows = rows[1:]  # the first names the fields
    if len(rows) >= 2 and rows[-2] == [] and isinstance(rows[-1], list):
        return rows[:-2], str(*rows[-1][:1])
    return rows, ""


def refusal_error(reply: HttpReply, url: str) -> ArchiveError:
    """The error for an answer that is not 200; only the archive's own mark says that a site is excluded."""
    text = reply.body[:2000].decode("utf-8", "replace")
    marks = f"{reply.headers.get(ERROR_HEADER, '')} {text}"
    if EXCLUDED_BY_OWNER in marks:
        return ExcludedError(
            f"{url} is excluded from this archive (its owner asked for that): there is no way in.", outcome="excluded"
        )
    if EXCLUDED_BY_ROBOTS in marks:
        return ExcludedError(
            f"{url} is kept out of this archive by its robots.txt: there is no way in.", outcome="robots"
        )
    message = f"The index answered {reply.status} about {url}: {' '.join(text.split())[:150]}"
    return TransientError(message, outcome="archive-page", answer=str(reply.status))


def is_well_formed(row: object) -> bool:
    """Whether a row has seven words and a real time; the index holds months and days of 00."""
    if not (isinstance(row, list) and len(row) == len(CDX_FIELDS) and all(isinstance(word, str) for word in row)):
        return False
    line = " ".join(row)
    return len(line.split()) == len(CDX_FIELDS) and is_timestamp(row[1]) and len(line) >= _MIN_ROW_LENGTH
