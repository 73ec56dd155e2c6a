"""A file with one page: HTML, PDF, Markdown or text, a page that a browser saved with its frames, each also packed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from extractor.compression import read_available
from extractor.corpora.items import CUT, CorpusFilter, CorpusItem, UnreadableItem, page_suffix, source_path
from extractor.corpora.mhtml import MHTML_SUFFIXES, SavedPage, is_mhtml, read_mhtml
from extractor.corpora.princeton import princeton_snapshot
from extractor.corpora.rows import PageMetadata, metadata_of_url
from extractor.corpora.saved_urls import with_saved_url
from extractor.corpora.terms_archive import dataset_names, timestamp_in_name
from extractor.records import Capture, Snapshot, Source

PAGE_MEDIA_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
    **dict.fromkeys(MHTML_SUFFIXES, ""),
}


def read_page_file(file: Path, corpus_filter: CorpusFilter, metadata: PageMetadata) -> Iterator[CorpusItem]:
    """The page in a file, and the reason for what could not be read of it."""
    content, fault = read_available(file)
    if fault:
        yield UnreadableItem(fault, is_kept=True)
    if is_mhtml(content):
        saved = read_mhtml(content)
        if saved.problem:
            yield UnreadableItem(f"{file} holds no page that can be read: {saved.problem}.")
        snapshot = _saved_snapshot(file, saved, metadata)
    else:
        snapshot = with_saved_url(_snapshot_of(file, content, metadata))
    if fault:
        snapshot = replace(snapshot, outcome=CUT)
    if corpus_filter.matches_url(snapshot.capture.original):
        yield snapshot


def _snapshot_of(file: Path, content: bytes, metadata: PageMetadata) -> Snapshot:
    """The page in a file; a document of the Princeton-Leuven corpus is recognized by its header."""
    source = Source(source_path(file), fields=dict(metadata.fields))
    if snapshot := princeton_snapshot(content, source):
        return replace(snapshot, site=metadata.site or snapshot.site, policy=metadata.policy or snapshot.policy)
    timestamp = metadata.timestamp or timestamp_in_name(file)
    names = dataset_names(file)
    return Snapshot(
        content,
        Capture("", timestamp, metadata.url, target=metadata.target),
        source,
        _media_type(file),
        archive_url=metadata.archive_url,
        site=metadata.site or names.site,
        policy=metadata.policy or names.policy,
    )


def _saved_snapshot(file: Path, saved: SavedPage, metadata: PageMetadata) -> Snapshot:
    """A page that a browser saved; what a sidecar says has precedence over the file's own header."""
    own = metadata_of_url(saved.url)
    capture = replace(
        metadata.capture,
        original=metadata.url or own.url,
        timestamp=metadata.timestamp or own.timestamp or saved.timestamp,
    )
    return Snapshot(
        saved.content,
        capture,
        Source(source_path(file), fields=dict(metadata.fields)),
        saved.content_type,
        archive_url=metadata.archive_url or own.archive_url,
        outcome=CUT if saved.is_cut else "",
        site=metadata.site,
        policy=metadata.policy,
    )


def _media_type(path: Path) -> str:
    """The media type of a page by its suffix, "" if unknown.

    >>> _media_type(Path("kayako.com.md.gz")), _media_type(Path("logo.png"))
    ('text/markdown', '')
    """
    return PAGE_MEDIA_TYPES.get(page_suffix(path), "")
