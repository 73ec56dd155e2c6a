"""OPP-115 as it is given out: `sanitized_policies/` with `|||` between segments, `annotations/` with URL and date.

Wilson et al., "The Creation and Analysis of a Website Privacy Policy Corpus", ACL 2016. Here as documents; as training
data it is read by `train`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from extractor.compression import read_bytes
from extractor.corpora.reading import Facts, Item, Part, Unread, Wanted, name_of, timestamp_of
from extractor.errors import UnreadableError
from extractor.records import Capture, Snapshot, Source

_POLICIES, _ANNOTATIONS = "sanitized_policies", "annotations"
_BOUNDARY = b"|||"
_PARAGRAPH = b"\n<br> <br>\n"  # as the sanitized pages part paragraphs
_COLUMNS = 9  # annotation, batch, annotator, policy, segment, category, attributes, date, URL


def is_opp115(folder: Path) -> bool:
    """Whether a folder is the corpus as it is given out."""
    return (folder / _POLICIES).is_dir()


def read_opp115(folder: Path, wanted: Wanted) -> Iterator[Part]:
    """The policies of the corpus, in the order of their names. Raises UnreadableError where there are none."""
    if not is_opp115(folder):
        raise UnreadableError(f"{folder} is not OPP-115 as it is given out: it has no folder {_POLICIES}.")
    files = sorted((folder / _POLICIES).glob("*.html"))
    if not files:
        raise UnreadableError(f"{folder / _POLICIES} holds no policies: looked for *.html.")
    for file in filter(lambda file: wanted.names(file.name), files):
        annotations = folder / _ANNOTATIONS / f"{file.stem}.csv"
        yield Part(str(file), partial(_read_policy, file, annotations, wanted))


def _read_policy(file: Path, annotations: Path, wanted: Wanted) -> Iterator[Item]:
    """One policy without its segments' boundaries, and that its annotations tell no URL where they do not."""
    content = _without_boundaries(read_bytes(file))
    try:
        facts = _facts_in(annotations)
    except UnreadableError as error:
        yield Unread(f"{error} {file.name} is read without URL and date.")
        facts = Facts()
    if wanted.has_url(facts.url):
        capture = Capture("", facts.timestamp, facts.url)
        yield Snapshot(content, capture, Source(name_of(file)), "text/html; charset=utf-8")


def _without_boundaries(page: bytes) -> bytes:
    """A sanitized page whose segments are paragraphs again.

    >>> _without_boundaries(b"We collect names.|||We share nothing.|||")
    b'We collect names.\\n<br> <br>\\nWe share nothing.'
    """
    return _PARAGRAPH.join(segment.strip() for segment in page.split(_BOUNDARY)).removesuffix(_PARAGRAPH)


def _facts_in(annotations: Path) -> Facts:
    """The URL and date of a policy, from its first annotation; a date that is "Not specified" is not known."""
    try:
        with annotations.open(encoding="utf-8", errors="replace", newline="") as lines:
            row = next(csv.reader(lines), [])
    except (OSError, csv.Error) as error:
        raise UnreadableError(f"{annotations} cannot be read: {getattr(error, 'strerror', '') or error}.") from error
    last = row[_COLUMNS - 2 :]
    url = next((value for value in last if "://" in value), "")
    date = next((value for value in last if value != url), "")
    return Facts(url, _american_timestamp(date))


def _american_timestamp(date: str) -> str:
    """A date as the corpus writes it as 14 digits, "" where it is none.

    >>> _american_timestamp("6/23/15"), _american_timestamp("Not specified")
    ('20150623000000', '')
    """
    month, day, year = [*date.split("/"), "", ""][:3]
    try:
        return timestamp_of(f"20{year:0>2}-{month:0>2}-{day:0>2}")
    except ValueError:
        return ""
