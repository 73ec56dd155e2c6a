"""From the bytes of a page to its clean document: decode, find the main content, render, judge."""

from extractor.clean.document import clean

__all__ = ["clean"]
