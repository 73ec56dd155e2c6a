"""Pages in rows of a table: which column holds the page, its URL and its date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from pathlib import Path
from typing import Any

from extractor.corpora.columns import field_value, is_missing_word, names_in, other_fields
from extractor.corpora.items import CorpusFilter, CorpusItem, UnreadableItem, source_path
from extractor.corpora.memento_urls import parse_archived_url
from extractor.corpora.saved_urls import with_saved_url
from extractor.records import Capture, Snapshot, Source
from extractor.timestamps import timestamp_of_date

PATH_COLUMNS = ("path", "file", "file_name", "filename")
_URL_COLUMNS = ("url", "original", "original_url", "address", "uri")
_ARCHIVE_URL_COLUMNS = ("archive_url", "archived_url", "wayback_url", "memento_url", "snapshot_url")
_DATE_COLUMNS = ("timestamp", "date", "datetime", "time", "fetch_date")
_CONTENT_TYPES = {"html": "text/html", "markdown": "text/markdown", "text": ""}  # the first that is filled is read
CONTENT_COLUMNS = frozenset(_CONTENT_TYPES)
KNOWN_COLUMNS = frozenset((*PATH_COLUMNS, *_URL_COLUMNS, *_ARCHIVE_URL_COLUMNS, *_DATE_COLUMNS, *_CONTENT_TYPES, "id"))
_MAX_NAMED_COLUMNS = 20
_MARKDOWN = re.compile(r"^#{1,6} \S|\]\(\S+\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """The URL and timestamp of a page, "" where unknown; `problem` says why its date was not understood.

    `archive_url` is the URL in a web archive that they were taken from; `site` and `policy` are the names that the
    corpus has for them, `fields` its other columns, and `target` is what was asked for, of a record of our own.
    """

    url: str = ""
    timestamp: str = ""
    problem: str = ""
    archive_url: str = ""
    site: str = ""
    policy: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    target: str = ""

    @property
    def capture(self) -> Capture:
        """A capture with this URL and timestamp."""
        return Capture("", self.timestamp, self.url, target=self.target)


def metadata_of(row: Mapping[str, Any], content: Iterable[str] = ()) -> PageMetadata:
    """What a row says about its page; `content` are the columns with the page itself.

    One of our own records has its URL and date in `capture`.
    """
    metadata = _url_and_date_in(row)
    others = {key: value for key, value in row.items() if key not in content}
    site, policy = names_in(others, metadata.url)
    capture = row.get("capture")
    target = field_value(capture, ("requested",)) if isinstance(capture, dict) else ""
    fields = other_fields(others, KNOWN_COLUMNS)
    return replace(metadata, site=site, policy=policy, fields=fields, target=target)


def _url_and_date_in(row: Mapping[str, Any]) -> PageMetadata:
    """The URL and date in a row."""
    capture = row.get("capture")
    fields = {**row, **capture} if isinstance(capture, dict) else row
    url, archive_url = field_value(fields, _URL_COLUMNS), field_value(fields, _ARCHIVE_URL_COLUMNS)
    date = field_value(fields, _DATE_COLUMNS)
    metadata = metadata_of_url(url, date)
    if archive_url and not metadata.archive_url:
        archived = metadata_of_url(archive_url)
        timestamp = metadata.timestamp or archived.timestamp
        metadata = replace(metadata, url=url or archived.url, timestamp=timestamp, archive_url=archive_url)
    return metadata


def metadata_of_url(url: str, date: str = "") -> PageMetadata:
    """The URL and timestamp of a page; if the URL is a web archive's, those of the page that it shows.

    A second in an archive's URL has precedence over the date, which may be that of a download; less than that does not.
    """
    if not (archived := parse_archived_url(url)):
        return _dated_metadata(url, date)
    if date and not archived.is_exact:
        return replace(_dated_metadata(archived.url, date), archive_url=url)
    return PageMetadata(archived.url, archived.timestamp, archive_url=url)


def _dated_metadata(url: str, date: str) -> PageMetadata:
    """A URL with the timestamp of a date, or the reason why that was not understood."""
    try:
        return PageMetadata(url, timestamp_of_date(date) if date else "")
    except ValueError:
        problem = f"{date!r} is no date: write 2012-03-04 or 20120304050607; it is read without one"
        return PageMetadata(url, problem=problem)


def content_columns(columns: Iterable[str], corpus_filter: CorpusFilter) -> list[str]:
    """The columns that may hold the page: the one the filter names, else html, markdown and text, in this order."""
    names = {name.strip().lower(): name for name in reversed([*columns]) if isinstance(name, str)}
    if column := corpus_filter.text_column:
        return [column] if column in names.values() else [names[column.lower()]] if column.lower() in names else []
    return [names[name] for name in _CONTENT_TYPES if name in names]


def has_path_column(columns: Iterable[Any]) -> bool:
    """Whether there is a column of paths among some columns."""
    return bool({name.strip().lower() for name in columns if isinstance(name, str)} & set(PATH_COLUMNS))


def missing_content_message(columns: Iterable[str], corpus_filter: CorpusFilter) -> str:
    """The end of a sentence that says that none of the columns holds a page."""
    columns = list(columns)
    if has_path_column(columns):
        return "names a file and holds no page: name the folder, and this table with --sidecar"
    expected = corpus_filter.text_column or "html, markdown or text"
    names = sorted(str(name)[:40] for name in columns)
    existing = ", ".join(names[:_MAX_NAMED_COLUMNS]) or "nothing"
    return f"has no {expected}, only {existing}: name the one with --text-column"


def read_row(
    path: Path, place: str, number: int, row: Mapping[str, Any], corpus_filter: CorpusFilter
) -> Iterator[CorpusItem]:
    """The page in a row of a file, and the reason for what could not be read of it. `place` is "line 3" or the like."""
    columns = content_columns(row, corpus_filter)
    if not columns:
        yield UnreadableItem(f"{path}: {place} {missing_content_message(row, corpus_filter)}.")
        return
    metadata = metadata_of(row, columns)
    place_in_file = field_value(row, ("id",)) or str(number)
    try:
        source = Source(source_path(path), place_in_file, fields=dict(metadata.fields))
        snapshot = with_saved_url(_row_snapshot(row, columns, source, metadata))
    except ValueError as error:
        yield UnreadableItem(f"{path}: {place} {error}.")
        return
    if corpus_filter.matches_url(snapshot.capture.original):
        if metadata.problem:
            yield UnreadableItem(f"{path}: {place}: {metadata.problem}.")
        yield snapshot


def _row_snapshot(row: Mapping[str, Any], columns: list[str], source: Source, metadata: PageMetadata) -> Snapshot:
    """The page in the first filled of some columns of a row, empty if none is. Raises ValueError if it is no text."""
    column = next((name for name in columns if not _is_blank(row[name])), columns[0])
    value = "" if _is_null(row[column]) else row[column]
    if not isinstance(value, (str, bytes)):
        raise ValueError(f"its {column} is no text")  # noqa: TRY004 - callers expect one kind of error for a row
    content = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
    media_type = _CONTENT_TYPES.get(column.strip().lower(), "") or _guess_text_type(content)
    content_type = f"{media_type}; charset=utf-8"
    return Snapshot(
        content,
        metadata.capture,
        source,
        content_type,
        archive_url=metadata.archive_url,
        site=metadata.site,
        policy=metadata.policy,
    )


def _is_null(value: Any) -> bool:
    """Whether a value is missing: null, or NaN, which pandas writes for it."""
    return value is None or (isinstance(value, float) and isnan(value))


def _is_blank(value: Any) -> bool:
    """Whether a value is missing, or a text of nothing but white space or a word for a missing value.

    >>> _is_blank(None), _is_blank(b" \\n"), _is_blank("NaN"), _is_blank("<p>We use cookies."), _is_blank(7)
    (True, True, True, False, False)
    """
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
    return _is_null(value) or (isinstance(text, str) and is_missing_word(text))


def _guess_text_type(content: bytes) -> str:
    """The media type of a text: Markdown if it has headings or links in that form and no HTML paragraphs."""
    is_markdown = _MARKDOWN.search(content[:20_000].decode("utf-8", "replace")) and b"<p" not in content[:20_000]
    return "text/markdown" if is_markdown else "text/plain"
