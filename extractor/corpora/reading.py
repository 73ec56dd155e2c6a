"""What the readers share: what is asked for, what could not be read, and the address and date of a page in a table."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, TypeAlias

from extractor.errors import UnreadableError
from extractor.records import Capture, Snapshot, Source

PATHS = ("path", "file", "file_name", "filename")
ADDRESSES = ("url", "original", "original_url", "address", "uri")
DATES = ("timestamp", "date", "datetime", "time", "fetch_date")
_CONTENTS = {"html": "text/html", "markdown": "text/markdown", "text": ""}  # the first that a row has is read
_MARKDOWN = re.compile(r"^#{1,6} \S|\]\(\S+\)", re.MULTILINE)
_DIGITS = re.compile(r"\d{4}(\d\d){0,5}")
_UNKNOWN = ("", "-", "n/a", "na", "nan", "none", "not specified", "null", "unknown")  # how tables leave a field empty
_YEAR_MONTH = re.compile(r"(\d{4})-(\d\d)")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in a corpus that could not be read: a sentence that says what, where and why."""

    reason: str


Item: TypeAlias = Snapshot | Unread


@dataclass(frozen=True, slots=True)
class Part:
    """The least that can be read of a corpus, mostly a page: its name, and how to read it, now or never."""

    name: str
    read: Callable[[], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class Container:
    """A file or repository of many pages: its name, and how to list its parts, each to be read before the next."""

    name: str
    parts: Callable[[], Iterator[Part]]


Entry: TypeAlias = Part | Container


def fault(reason: str) -> Part:
    """A part that only says what could not be read; nameless, as a reason may differ from one reading to the next."""
    return Part("", lambda: iter((Unread(reason),)))


def items_of(entry: Entry) -> Iterator[Item]:
    """What there is in a part or a container, or why it cannot be read; what a container cannot list, it raises."""
    if isinstance(entry, Container):
        for part in entry.parts():
            yield from items_of(part)
        return
    try:
        yield from entry.read()
    except UnreadableError as error:
        yield Unread(str(error))
    except OSError as error:
        yield Unread(f"{entry.name} cannot be read: {error.strerror or error}.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for of a corpus.

    `documents` are names, or patterns of names, of documents ("Privacy Policy", "*.html"), () what the corpus is read
    for by default; `url_pattern` is a pattern that a page's URL has to fit; `text_column` names the column or field
    with the text; `sidecar` is a table with the URLs and dates of files.
    """

    documents: tuple[str, ...] = ()
    url_pattern: str = ""
    text_column: str = ""
    sidecar: Path | None = None

    def names(self, document: str) -> bool:
        """Whether a document is asked for by its name, with its ending or without.

        >>> Wanted(("privacy*",)).names("Privacy Policy.md"), Wanted().names("anything")
        (True, True)
        """
        return not self.documents or any(
            _fits(name, pattern) for name in (document, Path(document).stem) for pattern in self.documents
        )

    def has_url(self, url: str) -> bool:
        """Whether a URL fits the pattern."""
        return not self.url_pattern or _fits(url, self.url_pattern)


def _fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern with * and ?, in whatever case."""
    return fnmatch(name.lower(), pattern.lower())


def name_of(path: Path) -> str:
    """A path as a record names it; bytes of it that are no UTF-8 are written out, since JSON cannot hold them.

    >>> name_of(Path("caf\\udce9.html"))
    'caf\\\\xe9.html'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def timestamp_of(date: str) -> str:
    """A date in any of the usual forms as 14 digits in UTC; what it leaves out is the first of its kind.

    Raises ValueError where it is no date.

    >>> timestamp_of("2012-03-04T05:06:07+02:00"), timestamp_of("2012-03"), timestamp_of("20120304")
    ('20120304030607', '20120301000000', '20120304000000')
    """
    text = date.strip()
    if match := _YEAR_MONTH.fullmatch(text):
        text = match[1] + match[2]
    if _DIGITS.fullmatch(text):
        moment = datetime.strptime(text + "00000101000000"[len(text) :], "%Y%m%d%H%M%S")
    else:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo:
        moment = moment.astimezone(timezone.utc)
    return f"{moment.year:04}{moment:%m%d%H%M%S}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a row says of a page: its URL and timestamp, "" where it says none; `fault` where its date is none."""

    url: str = ""
    timestamp: str = ""
    fault: str = ""

    @property
    def capture(self) -> Capture:
        """The facts as a row of an index would have them."""
        return Capture("", self.timestamp, self.url)


def facts_of(row: Mapping[str, Any]) -> Facts:
    """The address and date in a row; a record of ours keeps them in `capture`."""
    inner = row.get("capture")
    fields = {**row, **inner} if isinstance(inner, dict) else row
    url, date = field_of(fields, ADDRESSES), field_of(fields, DATES)
    try:
        return Facts(url, timestamp_of(date) if date else "")
    except ValueError:
        return Facts(url, fault=f"{date!r} is no date: write 2012-03-04 or 20120304050607; it is read without one")


def field_of(row: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of some fields that a row has, in whatever case, as text; "" for none."""
    found = {key.strip().lower(): value for key, value in row.items() if isinstance(key, str)}
    values = (str(found.get(name, "")).strip() for name in names)
    return next((value for value in values if value.lower() not in _UNKNOWN), "")


def content_field(fields: Iterable[str], wanted: Wanted) -> str:
    """Which of some fields holds the page: the one asked for, else html, markdown or text; "" for none."""
    names = list(fields)
    choice = [wanted.text_column] if wanted.text_column else list(_CONTENTS)
    return next((name for name in choice if name in names), "")


def row_snapshot(row: Mapping[str, Any], column: str, source: Source, facts: Facts) -> Snapshot:
    """The page in a row. Raises ValueError where its column holds no text."""
    value = row[column]
    if not isinstance(value, (str, bytes)):
        raise ValueError(f"its {column} is no text")  # noqa: TRY004 - one kind of fault for a row
    content = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
    media = _CONTENTS.get(column, "") or _text_type(content)
    return Snapshot(content, facts.capture, source, f"{media}; charset=utf-8")


def _text_type(content: bytes) -> str:
    """The type of a text whose column does not tell: Markdown where it has headings or links of that form."""
    is_markdown = _MARKDOWN.search(content[:20_000].decode("utf-8", "replace")) and b"<p" not in content[:20_000]
    return "text/markdown" if is_markdown else "text/plain"


def lacking(fields: Iterable[str], wanted: Wanted) -> str:
    """That none of some fields holds a page, as the end of a sentence."""
    asked = wanted.text_column or "html, markdown or text"
    return f"has no {asked}, only {', '.join(sorted(map(str, fields))) or 'nothing'}: name the one with --text-column"


def page_suffix(path: Path) -> str:
    """The ending of a file's name, in small letters, below that of its compression.

    >>> page_suffix(Path("a.HTML.gz")), page_suffix(Path("a.md.zst")), page_suffix(Path("a.gz"))
    ('.html', '.md', '')
    """
    suffix = path.suffix.lower()
    return path.with_suffix("").suffix.lower() if suffix in (".gz", ".zst") else suffix
