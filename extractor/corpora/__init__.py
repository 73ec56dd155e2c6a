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
]
