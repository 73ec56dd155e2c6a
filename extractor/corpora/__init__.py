"""Other people's corpora, and plain files, as snapshots: a reader a file, chosen by what a path holds."""

from extractor.corpora.choose import FORMATS, entries, no_page, read, read_file
from extractor.corpora.files import _find_files
from extractor.corpora.reading import Container, Entry, Item, Part, Unread, Wanted, fault, items_of

__all__ = [
    "FORMATS",
    "Container",
    "Entry",
    "Item",
    "Part",
    "Unread",
    "Wanted",
    "_find_files",
    "entries",
    "fault",
    "items_of",
    "no_page",
    "read",
    "read_file",
]
