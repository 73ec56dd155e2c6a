"""Captures in, bytes out: the archive's index, the choice of captures, replay, WARC and the ledger."""

from extractor.wayback.archive import Archive, replay
from extractor.wayback.choose import Choice, Every, Window, choose, parse_window
from extractor.wayback.discover import policy_pages
from extractor.wayback.ledger import Entry, Ledger
from extractor.wayback.opening import open_archive
from extractor.wayback.target import Target, find_captures, parse_target, read_targets
from extractor.wayback.warc import WarcStore, write_cdxj

__all__ = [
    "Archive",
    "Choice",
    "Entry",
    "Every",
    "Ledger",
    "Target",
    "WarcStore",
    "Window",
    "choose",
    "find_captures",
    "open_archive",
    "parse_target",
    "parse_window",
    "policy_pages",
    "read_targets",
    "replay",
    "write_cdxj",
]
