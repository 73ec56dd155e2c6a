"""Reads other people's corpora, and plain files, as snapshots."""

from extractor.corpora.entries import CORPUS_FORMATS, list_entries, no_page_message, read_file, read_path
from extractor.corpora.items import (
    Container,
    CorpusEntry,
    CorpusFilter,
    CorpusItem,
    CorpusPart,
    UnreadableItem,
    failed_part,
    read_entry,
)
from extractor.corpora.places import root_of
from extractor.corpora.saved_urls import with_saved_url

__all__ = [
    "CORPUS_FORMATS",
    "Container",
    "CorpusEntry",
    "CorpusFilter",
    "CorpusItem",
    "CorpusPart",
    "UnreadableItem",
    "failed_part",
    "list_entries",
    "no_page_message",
    "read_entry",
    "read_file",
    "read_path",
    "root_of",
    "with_saved_url",
]
