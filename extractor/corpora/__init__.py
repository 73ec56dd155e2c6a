"""Other people's corpora, and plain files, as snapshots."""

from extractor.corpora.files import find_files, read_file

__all__ = ["find_files", "read_file"]
