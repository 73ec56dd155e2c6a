"""OPP-115 as published: `sanitized_policies/` with `|||` between segments, `annotations/` with URLs and dates.

Wilson et al., "The Creation and Analysis of a Website Privacy Policy Corpus", ACL 2016. It is read here as documents;
`train` reads it as training data.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from extractor.compression import read_bytes
from extractor.corpora.items import CorpusFilter, CorpusItem, CorpusPart, UnreadableItem, source_path
from extractor.corpora.rows import PageMetadata
from extractor.errors import UnreadableError
from extractor.identity import Identity
from extractor.records import Capture, Snapshot, Source
from extractor.timestamps import timestamp_of_date

_POLICIES, _ANNOTATIONS = "sanitized_policies", "annotations"
_BOUNDARY = b"|||"
_PARAGRAPH = b"\n<br> <br>\n"  # between paragraphs of the sanitized pages
_COLUMN_COUNT = 9  # annotation, batch, annotator, policy, segment, category, attributes, date, URL


def is_opp115(folder: Path) -> bool:
    """Whether a folder is the corpus as published."""
    return (folder / _POLICIES).is_dir()


def read_opp115_corpus(folder: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """The policies of the corpus, ordered by name. Raises UnreadableError if there are none."""
    if not is_opp115(folder):
        raise UnreadableError(f"{folder} is not OPP-115 as published: it has no folder {_POLICIES}.")
    files = sorted((folder / _POLICIES).glob("*.html"))
    if not files:
        raise UnreadableError(f"{folder / _POLICIES} holds no policies: looked for *.html.")
    for file in filter(lambda file: corpus_filter.matches_name(file.name), files):
        annotations = folder / _ANNOTATIONS / f"{file.stem}.csv"
        yield CorpusPart(str(file), partial(_read_policy, file, annotations, corpus_filter))


def _read_policy(file: Path, annotations: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusItem]:
    """One policy without the boundaries of its segments; if its annotations cannot be read, the reason as well."""
    content = _without_boundaries(read_bytes(file))
    try:
        metadata = _metadata_in(annotations)
    except UnreadableError as error:
        yield UnreadableItem(f"{error} {file.name} is read without URL and date.")
        metadata = PageMetadata()
    if corpus_filter.matches_url(metadata.url):
        capture = Capture("", metadata.timestamp, metadata.url)
        policy_id, _, name = source_path(Path(file.stem)).partition("_")
        source = Source(source_path(file), fields={"policy_id": policy_id, "name": name} if name else {})
        names = Identity() if metadata.url else Identity(name, name)
        yield Snapshot(content, capture, source, "text/html; charset=utf-8", site=names.site, policy=names.policy)


def _without_boundaries(page: bytes) -> bytes:
    """A sanitized page with its segments as paragraphs.

    >>> _without_boundaries(b"We collect names.|||We share nothing.|||")
    b'We collect names.\\n<br> <br>\\nWe share nothing.'
    """
    return _PARAGRAPH.join(segment.strip() for segment in page.split(_BOUNDARY)).removesuffix(_PARAGRAPH)


def _metadata_in(annotations: Path) -> PageMetadata:
    """The URL and date of a policy, from its first annotation. A date may be "Not specified", which is unknown."""
    try:
        with annotations.open(encoding="utf-8", errors="replace", newline="") as lines:
            row = next(csv.reader(lines), [])
    except (OSError, csv.Error) as error:
        raise UnreadableError(f"{annotations} cannot be read: {getattr(error, 'strerror', '') or error}.") from error
    last = row[_COLUMN_COUNT - 2 :]
    url = next((value for value in last if "://" in value), "")
    date = next((value for value in last if value != url), "")
    return PageMetadata(url, _american_timestamp(date))


def _american_timestamp(date: str) -> str:
    """A date in the corpus's form, month/day/year, as 14 digits; "" if it is none.

    >>> _american_timestamp("6/23/15"), _american_timestamp("Not specified")
    ('20150623000000', '')
    """
    month, day, year = [*date.split("/"), "", ""][:3]
    try:
        return timestamp_of_date(f"20{year:0>2}-{month:0>2}-{day:0>2}")
    except ValueError:
        return ""
