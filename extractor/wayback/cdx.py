"""The index of an archive (CDX): queries by waybackpy, every row of the answers, and what its refusals mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus, urlencode

from waybackpy import WaybackMachineCDXServerAPI

from extractor.errors import ArchiveError, ExcludedError, TransientError
from extractor.records import Capture
from extractor.wayback.archive import Aside, Query
from extractor.wayback.transport import Reply

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
ROWS_A_QUERY = 25_000
_TRIES = 3  # at an answer that came and is not whole
_SHORTEST_ROW = 46  # letters; waybackpy passes over what is shorter without a word
EXCLUDED_BY_OWNER = "AdministrativeAccessControlException"
EXCLUDED_BY_ROBOTS = "RobotAccessControlException"


class CdxIndex(WaybackMachineCDXServerAPI):
    """waybackpy's parameters and row objects over our transport.

    waybackpy 3.0.6 as it comes reads a 429 as an empty answer, has no timeout, stops without an error when a later
    page is throttled, and aborts on one malformed row. `cdx_api_manager` is its only method that uses the network.
    """

    def __init__(self, query: Query, base: str, ask: Callable[[str], Reply], aside: Aside) -> None:
        super().__init__(
            query.url,
            start_timestamp=query.window.start or None,
            end_timestamp=query.window.end or None,
            filters=[f"{name}:{value}" for name, value in _filters(query) if value],
            match_type=None if query.match == "exact" else query.match,
            collapses=["timestamp:6"] if query.monthly else [],
            limit=str(ROWS_A_QUERY),
        )
        self.endpoint = f"{base}/cdx/search/cdx"
        self._ask, self._aside = ask, aside
        self._target = query.target
        self._malformed: set[str] = set()

    def rows(self) -> Iterator[Capture]:
        """The rows of all answers, as captures."""
        for row in self.snapshots():
            key = (row.urlkey, row.timestamp, row.original)
            yield Capture(*key, row.mimetype, row.statuscode, row.digest, row.length, self._target)

    def cdx_api_manager(self, payload: dict[str, str], headers: dict[str, str]) -> Generator[str, None, None]:  # noqa: ARG002
        """The answers to a query, page by page, as lines of seven words; malformed rows are put aside."""
        payload |= {"output": "json", "fl": ",".join(FIELDS), "limit": str(self.limit), "showResumeKey": "true"}
        before: set[str] = set()
        while True:
            rows, resume_key = self._answer(_cdx_url(self.endpoint, payload))
            lines = list(self._lines(rows))
            new = [line for line in lines if line not in before]
            yield "\n".join(new)
            if not resume_key:
                return
            payload["resumeKey"] = key = _overlapping_key(resume_key, rows) if new else resume_key
            edge = f"{unquote_plus(key)} "
            before = {line for line in lines if line.startswith(edge)}

    def _answer(self, url: str) -> tuple[list[Any], str]:
        """The rows and the key to go on with; what is no whole answer is asked for again."""
        for _ in range(_TRIES - 1):
            with suppress(TransientError):
                return parse_answer(self._ask(url), self.url)
        return parse_answer(self._ask(url), self.url)

    def _lines(self, rows: list[Any]) -> Iterator[str]:
        for row in rows:
            if is_wellformed(row):
                yield " ".join(row)
            elif (text := json.dumps(row)) not in self._malformed:  # the overlap may bring it again
                self._malformed.add(text)
                self._aside(text)


def _filters(query: Query) -> list[tuple[str, str]]:
    """The fields a query filters by, each with a regular expression for the whole field."""
    return [("urlkey", query.urlkey_pattern), ("statuscode", query.status)]


def _overlapping_key(resume_key: str, rows: list[Any]) -> str:
    """The key to go on with, from the second of the last row on, which is then met again.

    The index's own key begins one second later, and loses the rows of the last second that were beyond the limit. Where
    the key is of another form, it is used as it came.
    """
    last: list[str] = rows[-1]
    if not is_wellformed(last):
        return resume_key
    place, _, _ = unquote_plus(resume_key).rpartition(" ")
    return urlencode({"": f"{last[0]} {last[1]}"})[1:] if place == last[0] else resume_key


def _cdx_url(endpoint: str, payload: dict[str, str]) -> str:
    """The URL of a query; waybackpy numbers `filter0`, `collapse0`, …, which the index knows without numbers."""
    pairs = [(name.rstrip("0123456789"), value) for name, value in payload.items()]
    return f"{endpoint}?{urlencode(pairs)}"


def parse_answer(reply: Reply, url: str) -> tuple[list[Any], str]:
    """The rows of an answer of the index, and the key to go on with ("" at the end).

    Raises ExcludedError for a site the archive does not show, TransientError where the answer is cut or no JSON.
    """
    if reply.status != 200:
        raise _index_refusal(reply, url)
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


def _index_refusal(reply: Reply, url: str) -> ArchiveError:
    """What an answer of the index that is not 200 means."""
    text = reply.body[:2000].decode("utf-8", "replace")
    if EXCLUDED_BY_OWNER in text:
        return ExcludedError(
            f"{url} is excluded from this archive (its owner asked for that): there is no way in.", outcome="excluded"
        )
    if EXCLUDED_BY_ROBOTS in text:
        return ExcludedError(
            f"{url} is kept out of this archive by its robots.txt: there is no way in.", outcome="robots"
        )
    return ArchiveError(
        f"The index answered {reply.status} about {url}: {' '.join(text.split())[:150]}", outcome="archive-page"
    )


def is_wellformed(row: object) -> bool:
    """Whether a row has seven words and a real time; the index holds months and days of 00."""
    if not (isinstance(row, list) and len(row) == len(FIELDS) and all(isinstance(word, str) for word in row)):
        return False
    line = " ".join(row)
    return len(line.split()) == len(FIELDS) and _is_moment(row[1]) and len(line) >= _SHORTEST_ROW


def _is_moment(timestamp: str) -> bool:
    """Whether 14 digits name a real second.

    >>> _is_moment("20100231000000"), _is_moment("20100228000000")
    (False, True)
    """
    if len(timestamp) != 14 or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    date, hours, minutes, seconds = timestamp[:8], timestamp[8:10], timestamp[10:12], timestamp[12:]
    try:  # a fifth of the time that strptime takes
        datetime.fromisoformat(f"{date[:4]}-{date[4:6]}-{date[6:]}T{hours}:{minutes}:{seconds}")
    except ValueError:
        return False
    return True
