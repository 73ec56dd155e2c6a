"""What the readers of corpora return, and what a user selects from a corpus."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeAlias

from extractor.errors import UnreadableError
from extractor.records import Snapshot

CUT = "cut"  # the outcome of a snapshot whose bytes break off


class NoPagesError(UnreadableError):
    """A file that can be read but holds no pages: in a folder it is no part of the corpus."""


@dataclass(frozen=True, slots=True)
class UnreadableItem:
    """Something in a corpus that could not be read, with a sentence that says what, where and why.

    `is_kept` is true if it is a part of a page, and the rest of the page follows as a snapshot that says so itself.
    """

    reason: str
    is_kept: bool = False


CorpusItem: TypeAlias = Snapshot | UnreadableItem


@dataclass(frozen=True, slots=True)
class CorpusPart:
    """The smallest unit of a corpus, usually one page: its name, and a function that reads it."""

    name: str
    read: Callable[[], Iterator[CorpusItem]]


@dataclass(frozen=True, slots=True)
class Container:
    """A file or repository of many pages: its name, and a function that lists its parts.

    Each part has to be read before the next one is listed. `count_parts` says how many there are where that costs
    little, else 0.
    """

    name: str
    parts: Callable[[], Iterator[CorpusPart]]
    count_parts: Callable[[], int] = int


CorpusEntry: TypeAlias = CorpusPart | Container


def failed_part(reason: str) -> CorpusPart:
    """A part that only yields the reason why something could not be read.

    It has no name, because the reason may differ from one run to the next.
    """
    return CorpusPart("", lambda: iter((UnreadableItem(reason),)))


def read_entry(entry: CorpusEntry) -> Iterator[CorpusItem]:
    """The items of a part or container; a part that cannot be read yields the reason.

    Raises UnreadableError if a container cannot be listed.
    """
    if isinstance(entry, Container):
        for part in entry.parts():
            yield from read_entry(part)
        return
    try:
        yield from entry.read()
    except UnreadableError as error:
        yield UnreadableItem(str(error))
    except OSError as error:
        yield UnreadableItem(f"{entry.name} cannot be read: {error.strerror or error}.")


@dataclass(frozen=True, slots=True)
class CorpusFilter:
    """The pages that a user selects from a corpus, and where their text and metadata are.

    `documents` are names of documents or patterns of names ("Privacy Policy", "*.html"), () for those that the corpus
    is read for by default; `url_pattern` is a pattern that a page's URL has to match; `text_column` names the column or
    field with the text; `sidecar` is a table with the URLs and dates of files.
    """

    documents: tuple[str, ...] = ()
    url_pattern: str = ""
    text_column: str = ""
    sidecar: Path | None = None

    def matches_name(self, document: str) -> bool:
        """Whether the name of a document, with or without its suffix, is selected.

        >>> CorpusFilter(("privacy*",)).matches_name("Privacy Policy.md"), CorpusFilter().matches_name("anything")
        (True, True)
        """
        return not self.documents or any(
            _matches(name, pattern) for name in (document, Path(document).stem) for pattern in self.documents
        )

    def matches_url(self, url: str) -> bool:
        """Whether a URL matches the pattern."""
        return not self.url_pattern or _matches(url, self.url_pattern)


def _matches(name: str, pattern: str) -> bool:
    """Whether a name matches a pattern with * and ?, ignoring case."""
    return fnmatch(name.lower(), pattern.lower())


def source_path(path: Path) -> str:
    """A path as text for a record. Bytes that are not UTF-8 are escaped, since JSON cannot hold them.

    >>> source_path(Path("caf\\udce9.html"))
    'caf\\\\xe9.html'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def page_suffix(path: Path) -> str:
    """The suffix of a file name in lower case, without that of the compression.

    >>> page_suffix(Path("a.HTML.gz")), page_suffix(Path("a.md.zst")), page_suffix(Path("a.gz"))
    ('.html', '.md', '')
    """
    suffix = path.suffix.lower()
    return path.with_suffix("").suffix.lower() if suffix in (".gz", ".zst") else suffix
