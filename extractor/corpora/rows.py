"""Pages in rows of a table: which column holds the page, its URL and its date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from extractor.corpora.items import CorpusFilter
from extractor.records import Capture, Snapshot, Source
from extractor.timestamps import first_second

PATH_COLUMNS = ("path", "file", "file_name", "filename")
URL_COLUMNS = ("url", "original", "original_url", "address", "uri")
DATE_COLUMNS = ("timestamp", "date", "datetime", "time", "fetch_date")
_CONTENT_TYPES = {"html": "text/html", "markdown": "text/markdown", "text": ""}  # the first that a row has is read
_MARKDOWN = re.compile(r"^#{1,6} \S|\]\(\S+\)", re.MULTILINE)
_MISSING_VALUES = ("", "-", "n/a", "na", "nan", "none", "not specified", "null", "unknown")
_DIGITS = re.compile(r"\d{4}(\d\d){0,5}")
_YEAR_MONTH = re.compile(r"(\d{4})-(\d\d)")


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """The URL and timestamp of a page, "" where unknown; `problem` says why its date was not understood."""

    url: str = ""
    timestamp: str = ""
    problem: str = ""

    @property
    def capture(self) -> Capture:
        """A capture with this URL and timestamp."""
        return Capture("", self.timestamp, self.url)


def metadata_of(row: Mapping[str, Any]) -> PageMetadata:
    """The URL and date in a row. One of our own records has them in `capture`."""
    capture = row.get("capture")
    fields = {**row, **capture} if isinstance(capture, dict) else row
    url, date = field_value(fields, URL_COLUMNS), field_value(fields, DATE_COLUMNS)
    try:
        return PageMetadata(url, timestamp_of_date(date) if date else "")
    except ValueError:
        problem = f"{date!r} is no date: write 2012-03-04 or 20120304050607; it is read without one"
        return PageMetadata(url, problem=problem)


def field_value(row: Mapping[str, Any], names: Iterable[str]) -> str:
    """The value, as text, of the first of some fields that a row has, in upper or lower case; "" if it has none."""
    fields = {key.strip().lower(): value for key, value in row.items() if isinstance(key, str)}
    values = (str(fields.get(name, "")).strip() for name in names)
    return next((value for value in values if value.lower() not in _MISSING_VALUES), "")


def timestamp_of_date(date: str) -> str:
    """A date in any usual form as 14 digits in UTC; missing parts are the first possible. Raises ValueError.

    >>> timestamp_of_date("2012-03-04T05:06:07+02:00"), timestamp_of_date("2012-03"), timestamp_of_date("20120304")
    ('20120304030607', '20120301000000', '20120304000000')
    """
    text = date.strip()
    if match := _YEAR_MONTH.fullmatch(text):
        text = match[1] + match[2]
    if _DIGITS.fullmatch(text):
        moment = datetime.strptime(first_second(text), "%Y%m%d%H%M%S")
    else:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo:
        moment = moment.astimezone(timezone.utc)
    return f"{moment.year:04}{moment:%m%d%H%M%S}"


def content_column(columns: Iterable[str], corpus_filter: CorpusFilter) -> str:
    """The column that holds the page: the one the filter names, else html, markdown or text; "" if there is none."""
    existing = list(columns)
    candidates = [corpus_filter.text_column] if corpus_filter.text_column else list(_CONTENT_TYPES)
    return next((name for name in candidates if name in existing), "")


def missing_content_message(columns: Iterable[str], corpus_filter: CorpusFilter) -> str:
    """The end of a sentence that says that none of the columns holds a page."""
    expected = corpus_filter.text_column or "html, markdown or text"
    existing = ", ".join(sorted(map(str, columns))) or "nothing"
    return f"has no {expected}, only {existing}: name the one with --text-column"


def row_snapshot(row: Mapping[str, Any], column: str, source: Source, metadata: PageMetadata) -> Snapshot:
    """The page in a row. Raises ValueError if its column holds no text."""
    value = row[column]
    if not isinstance(value, (str, bytes)):
        raise ValueError(f"its {column} is no text")  # noqa: TRY004 - callers expect one kind of error for a row
    content = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
    media_type = _CONTENT_TYPES.get(column, "") or _guess_text_type(content)
    return Snapshot(content, metadata.capture, source, f"{media_type}; charset=utf-8")


def _guess_text_type(content: bytes) -> str:
    """The media type of a text: Markdown if it has headings or links in that form and no HTML paragraphs."""
    is_markdown = _MARKDOWN.search(content[:20_000].decode("utf-8", "replace")) and b"<p" not in content[:20_000]
    return "text/markdown" if is_markdown else "text/plain"
