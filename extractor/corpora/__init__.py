"""Other people's corpora, and plain files, as snapshots: a reader a file, chosen by what a path holds."""

from extractor.corpora.choose import FORMATS, read, read_file
from extractor.corpora.files import find_files
from extractor.corpora.reading import Item, Unread, Wanted

__all__ = ["FORMATS", "Item", "Unread", "Wanted", "find_files", "read", "read_file"]
