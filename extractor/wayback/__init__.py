"""Captures in, bytes out: the archive's index, the choice of captures, replay, WARC and the ledger."""

from extractor.wayback.archive import Archive, Served, replay
from extractor.wayback.choose import EVERY, Choice, Window, choose, parse_every, parse_window, period_finder
from extractor.wayback.discover import Step, Trail, policy_pages
from extractor.wayback.ledger import Entry, Ledger, is_shareable
from extractor.wayback.machine import Visitor, user_agent
from extractor.wayback.opening import open_archive, waiting_for
from extractor.wayback.politeness import banned, clock_time
from extractor.wayback.target import Target, choices_of, find_captures, parse_target, read_targets
from extractor.wayback.wacz import Entrance, write_wacz
from extractor.wayback.warc import WarcStore, Written, store_size, write_cdxj

__all__ = [
    "EVERY",
    "Archive",
    "Choice",
    "Entrance",
    "Entry",
    "Ledger",
    "Served",
    "Step",
    "Target",
    "Trail",
    "Visitor",
    "WarcStore",
    "Window",
    "Written",
    "banned",
    "choices_of",
    "choose",
    "clock_time",
    "find_captures",
    "is_shareable",
    "open_archive",
    "parse_every",
    "parse_target",
    "parse_window",
    "period_finder",
    "policy_pages",
    "read_targets",
    "replay",
    "store_size",
    "user_agent",
    "waiting_for",
    "write_cdxj",
    "write_wacz",
]
