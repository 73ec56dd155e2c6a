"""The index of an archive (CDX): queries through waybackpy, every row of the answers, and the errors of refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlencode

from surt import surt
from waybackpy import WaybackMachineCDXServerAPI

from extractor.errors import ArchiveError, ExcludedError, TransientError
from extractor.mediatypes import media_type
from extractor.records import Capture
from extractor.timestamps import is_timestamp
from extractor.wayback.archive import IndexQuery, OnMalformedRow
from extractor.wayback.transport import HttpReply

CDX_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
ROWS_PER_QUERY = 25_000
_MAX_TRIES = 3  # for an answer that arrives incomplete
_FIELD_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}  # of pywb, by those asked for
_REQUIRED_FIELDS = ("timestamp", "original")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LINE_TYPES = ("text/plain", "text/x-ndjson", "application/x-ndjson")
_TEXT_ROW = re.compile(rb"\S+ \d{14} \S+ ")
ERROR_HEADER = "X-Archive-Wayback-Runtime-Error"
EXCLUDED_BY_OWNER = "AdministrativeAccessControlException"
EXCLUDED_BY_ROBOTS = "RobotAccessControlException"
UNREADABLE_ANSWERS = ("malformed", "endless")  # outcomes of queries that were answered, in a way that nobody can read

Row = dict[str, Any]  # the values of a row by the names of the index's fields


@dataclass(frozen=True, slots=True)
class _CdxReply:
    """An answer of the index: its rows, and the key to ask for more with, "" at the end.

    A row whose fields cannot be told apart is kept as it came.
    """

    rows: list[Any]
    resume_key: str = ""


class CdxIndex(WaybackMachineCDXServerAPI):
    """waybackpy's parameters over our transport, and rows by the names of their fields.

    waybackpy 3.0.6 itself takes a 429 for an empty answer, has no timeout, stops without an error when a later page is
    throttled, aborts at one malformed row, drops short ones and splits a row where a field has a space. Only the
    parameters of the query are its own.
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
        """The rows of all answers, as captures.

        Raises ArchiveError where the answers do not come to an end, or hold rows of which none can be read.
        """
        found = False
        for capture in self._all_pages():
            found = True
            yield capture
        if self._malformed and not found:
            raise ArchiveError(
                f"The index has {len(self._malformed)} rows about {self.url}, and none of them can be read, as in "
                f"{min(self._malformed)[:150]}",
                outcome="malformed",
            )

    def _all_pages(self) -> Iterator[Capture]:
        """The captures in the answers to a query, page by page, each once; malformed rows go to `on_malformed`."""
        payload: dict[str, str] = {}
        self.add_payload(payload)
        payload |= {"output": "json", "fl": ",".join(CDX_FIELDS), "limit": str(self.limit), "showResumeKey": "true"}
        previous: set[Capture] = set()
        resume_keys: set[str] = set()  # as the index named them
        used_keys: set[str] = set()
        while True:
            reply = self._answer(_cdx_url(self.endpoint, payload))
            captures = list(self._captures_in(reply.rows))
            new = [capture for capture in captures if capture not in previous]
            yield from new
            if not reply.resume_key:
                return
            key = _overlapping_key(reply.resume_key, captures) if new else reply.resume_key
            key = reply.resume_key if key in used_keys else key
            if key in used_keys or (reply.resume_key in resume_keys and len({_place(one) for one in captures}) > 1):
                raise self._endless_error(reply.resume_key)
            resume_keys.add(reply.resume_key)
            used_keys.add(key)
            payload["resumeKey"] = key
            previous = {one for one in captures if _place(one) == unquote_plus(key)}

    def _endless_error(self, resume_key: str) -> ArchiveError:
        message = (
            f"The index's answers about {self.url} do not come to an end: it named {resume_key!r} again to go on at."
        )
        return ArchiveError(message, outcome="endless")

    def _answer(self, url: str) -> _CdxReply:
        """An answer; an incomplete one is requested again."""
        for tries_left in reversed(range(_MAX_TRIES)):
            reply = self._get(url)
            try:
                return parse_cdx_reply(reply, self.url)
            except TransientError:
                if not tries_left:
                    raise
        raise AssertionError("unreachable: the last try raises")

    def _captures_in(self, rows: list[Any]) -> Iterator[Capture]:
        for row in rows:
            if is_well_formed(row):
                yield _capture_of(row, self._target)
            elif (text := json.dumps(list(row.values()) if isinstance(row, dict) else row)) not in self._malformed:
                self._malformed.add(text)  # the overlap may bring it again
                self._on_malformed(text)


def _place(capture: Capture) -> str:
    """The place of a row in the index, in the form of a resume key."""
    return f"{capture.urlkey} {capture.timestamp}"


def _capture_of(row: Row, target: str) -> Capture:
    """The capture in a well-formed row; "-" stands for what the index does not say, as it does in the index."""
    mime, status, digest, length = (row.get(name, "-") for name in CDX_FIELDS[3:])
    urlkey = row.get("urlkey") or _urlkey(row["original"])
    return Capture(urlkey, row["timestamp"], row["original"], mime, status, digest, length, target)


def _urlkey(url: str) -> str:
    """The URL key of an address, or the address itself where it cannot be parsed."""
    try:
        return str(surt(url))
    except ValueError:
        return url


def _filters(query: IndexQuery) -> list[tuple[str, str]]:
    """The fields that a query filters by, each with a regular expression for the whole field."""
    return [("urlkey", query.urlkey_pattern), ("statuscode", query.status)]


def _overlapping_key(resume_key: str, captures: list[Capture]) -> str:
    """A resume key that begins with the second of the last row, which is then returned again.

    The index's own key begins one second later, and loses the rows of the last second that were beyond the limit. A key
    of another form is used unchanged.
    """
    if not captures:
        return resume_key
    last = captures[-1]
    urlkey, _, _ = unquote_plus(resume_key).rpartition(" ")
    return urlencode({"": _place(last)})[1:] if urlkey == last.urlkey else resume_key


def _cdx_url(endpoint: str, payload: dict[str, str]) -> str:
    """The URL of a query; waybackpy numbers `filter0`, `collapse0`, …, and the index takes them without numbers."""
    pairs = [(name.rstrip("0123456789"), value) for name, value in payload.items()]
    return f"{endpoint}?{urlencode(pairs)}"


def parse_cdx_reply(reply: HttpReply, url: str) -> _CdxReply:
    """The rows in an answer of the index, and the resume key.

    Raises ExcludedError for a site that the archive does not show, TransientError for an answer that has no rows in it.
    """
    if reply.status != 200:
        raise refusal_error(reply, url)
    rows = _parse_rows(reply, url)
    rows, resume_key = _split_resume_key(rows)
    columns = list(CDX_FIELDS)
    if rows and _is_header(rows[0]):
        columns = rows[0]
    return _CdxReply([_named_row(row, columns) for row in rows if row != columns], resume_key)


def _parse_rows(reply: HttpReply, url: str) -> list[Any]:
    """The rows in the body of an answer: a list of lists in JSON, or a row on each line, as an object or as text.

    Lines are what pywb and the index of Common Crawl give; then no line at all says that there is no row, but not where
    an empty body is said to be something else.
    """
    body = reply.body.strip()
    if not body and media_type(reply.headers.get("Content-Type", "")) in _LINE_TYPES:
        return []
    try:
        rows = _parse_lines(body) if body.startswith(b"{") or _TEXT_ROW.match(body) else json.loads(body)
    except (ValueError, RecursionError) as error:
        if not body.startswith((b"[", b"{")):
            raise _no_rows_error(body, url) from error
        raise TransientError(f"The index's answer about {url} is not whole ({error}).", outcome="cut") from error
    if not isinstance(rows, list) or any(isinstance(row, dict) and "timestamp" not in row for row in rows):
        raise _no_rows_error(body, url)
    return rows


def _no_rows_error(body: bytes, url: str) -> TransientError:
    """The error for an answer that is something else than rows."""
    text = " ".join(body[:2000].decode("utf-8", "replace").split())[:150]
    return TransientError(
        f"The index's answer about {url} is not a list of rows: {text or 'it is empty'}", outcome="cut"
    )


def _parse_lines(body: bytes) -> list[Any]:
    """The rows on the lines of a body: objects, or fields with a space between. Raises ValueError for broken JSON."""
    if body.startswith(b"{"):
        return [json.loads(line) for line in body.splitlines() if line.strip()]
    return [line.split() for line in body.decode("utf-8", "replace").splitlines()]


def _split_resume_key(rows: list[Any]) -> tuple[list[Any], str]:
    """The rows without the resume key after them, and the key.

    It follows an empty row, as a row of its own or as a string. Without the empty row it is known by its length, since
    all other rows have several fields.
    """
    if not rows:
        return rows, ""
    *before, last = rows
    has_gap = before[-1:] == [[]]
    key = last if isinstance(last, str) else last[0] if isinstance(last, list) and len(last) == 1 else None
    if has_gap and last == []:
        return before[:-1], ""
    if not isinstance(key, str) or not (has_gap or (before and _has_fields(before[0]))):
        return rows, ""
    return before[:-1] if has_gap else before, key


def _has_fields(row: Any) -> bool:
    """Whether a row has several fields."""
    return isinstance(row, list) and len(row) > 1


def _is_header(row: Any) -> bool:
    """Whether a row has the names of fields and not their values."""
    return isinstance(row, list) and (row[:1] == ["urlkey"] or all(name in row for name in _REQUIRED_FIELDS))


def _named_row(row: Any, columns: list[Any]) -> Any:
    """The values of a row by the names of its columns; the row itself where these are not as many."""
    if isinstance(row, dict):
        return {_FIELD_NAMES.get(name, name): value for name, value in row.items()}
    is_complete = isinstance(row, list) and len(row) == len(columns)
    return dict(zip(columns, row, strict=True)) if is_complete else row


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


def is_index_answer(reply: HttpReply) -> bool:
    """Whether a reply is an answer of the index: that there is nothing, or rows of which one at least can be read."""
    try:
        found = parse_cdx_reply(reply, reply.url)
    except ArchiveError:
        return False
    return not found.rows or any(map(is_well_formed, found.rows))


def is_well_formed(row: object) -> bool:
    """Whether a row names an address and a real time, and all its fields are texts; months and days of 00 occur."""
    if not (isinstance(row, dict) and all(row.get(name) for name in _REQUIRED_FIELDS)):
        return False
    values = [row[name] for name in CDX_FIELDS if name in row]
    are_texts = all(isinstance(value, str) and not _CONTROL.search(value) for value in values)
    return are_texts and is_timestamp(row["timestamp"])
