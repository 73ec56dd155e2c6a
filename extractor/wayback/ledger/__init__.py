"""The ledger of a run: the captures that are planned, what became of each, and what the WARC holds."""

from extractor.wayback.ledger.entry import LedgerEntry, is_shareable
from extractor.wayback.ledger.followed import FollowedLink
from extractor.wayback.ledger.ledger import Ledger

__all__ = ["FollowedLink", "Ledger", "LedgerEntry", "is_shareable"]
