"""Collects captures from a web archive: finds them in its index, chooses which to take, and fetches their pages.

Pages are stored in a WARC, and what became of each capture in a ledger. An archive is the Wayback Machine, a server
that answers like it, or a WARC or WACZ file.
"""

from extractor.wayback.archive import Archive, IndexQuery, ReplayedPage, replay
from extractor.wayback.discovery import DiscoveryStep, StepStore
from extractor.wayback.elsewhere import MAX_DAYS_ELSEWHERE, captures_elsewhere, nearest_capture
from extractor.wayback.factory import current_wait, open_archive
from extractor.wayback.ledger import FollowedLink, Ledger, LedgerEntry, is_shareable
from extractor.wayback.moved import with_moved_captures
from extractor.wayback.politeness import ban_error, format_utc, state_path
from extractor.wayback.selection import (
    EVERY_VALUES,
    CaptureChoice,
    Window,
    is_redirect,
    parse_every,
    parse_window,
    period_finder,
)
from extractor.wayback.target import Target, choose_for_target, find_policy_captures, parse_target
from extractor.wayback.target_list import read_targets
from extractor.wayback.wacz import PageEntry, write_wacz
from extractor.wayback.warc import WarcStore, WriteResult, cdxj_line, status_line, store_size, write_cdxj
from extractor.wayback.wayback_machine import ClientOptions, user_agent

__all__ = [
    "EVERY_VALUES",
    "MAX_DAYS_ELSEWHERE",
    "Archive",
    "CaptureChoice",
    "ClientOptions",
    "DiscoveryStep",
    "FollowedLink",
    "IndexQuery",
    "Ledger",
    "LedgerEntry",
    "PageEntry",
    "ReplayedPage",
    "StepStore",
    "Target",
    "WarcStore",
    "Window",
    "WriteResult",
    "ban_error",
    "captures_elsewhere",
    "cdxj_line",
    "choose_for_target",
    "current_wait",
    "find_policy_captures",
    "format_utc",
    "is_redirect",
    "is_shareable",
    "nearest_capture",
    "open_archive",
    "parse_every",
    "parse_target",
    "parse_window",
    "period_finder",
    "read_targets",
    "replay",
    "state_path",
    "status_line",
    "store_size",
    "user_agent",
    "with_moved_captures",
    "write_cdxj",
    "write_wacz",
]
