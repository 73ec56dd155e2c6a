"""The captures of the addresses that a policy moved to, for a choice of changes.

A redirect's digest does not tell whether the page it leads to has changed: the captures of that page do. Where one
capture a period is wanted, a redirect is taken and followed instead (`selection`), which costs no query.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby

from surt import surt

from extractor.errors import ArchiveError, ArchiveStopError, TransientError, UnreadableError
from extractor.records import Capture
from extractor.timestamps import period_of
from extractor.wayback.archive import Archive, IndexQuery, OnMalformedRow, replay
from extractor.wayback.discovery import DiscoveredCapture
from extractor.wayback.links import is_site_root
from extractor.wayback.selection import Window, is_redirect, may_show_page, usable_captures

_log = logging.getLogger(__name__)

_MAX_MOVES = 3  # of one policy that moves again and again
_MAX_DRIFT_DAYS = 183  # between a redirect and the page that it leads to


def with_moved_captures(
    archive: Archive, found: Sequence[DiscoveredCapture], window: Window, on_malformed: OnMalformedRow
) -> list[DiscoveredCapture]:
    """Captures of a policy, and those of the addresses to which it only redirects for half a year or longer.

    Asks for one page and one query a move. Raises ArchiveStopError and TransientError.
    """
    moved = list(found)
    seen = {one.capture.urlkey for one in found}
    for _ in range(_MAX_MOVES):
        new = [
            one for first, end in _moves(moved) for one in _captures_behind(archive, first, end, window, on_malformed)
        ]
        new = [one for one in new if one.capture.urlkey not in seen]
        seen |= {one.capture.urlkey for one in new}
        moved += new
        if not new:
            break
    return moved


def _moves(found: Sequence[DiscoveredCapture]) -> Iterator[tuple[Capture, str]]:
    """The first redirect of each run of half-years that have redirects and no page, and the time of the next page."""
    captures = sorted((one.capture for one in found), key=lambda one: (one.timestamp, one.key))
    pages = {one.key for one in usable_captures(captures)}
    previous_moved = False
    for _, group in groupby(captures, key=lambda one: period_of(one.timestamp, "half-year")):
        half = list(group)
        redirects = [one for one in half if is_redirect(one)]
        has_moved = bool(redirects) and not any(one.key in pages for one in half)
        if has_moved and not previous_moved:
            first = redirects[0]
            later = (one.timestamp for one in captures if one.key in pages and one.timestamp > first.timestamp)
            yield first, min(later, default="")
        previous_moved = has_moved


def _captures_behind(
    archive: Archive, redirect: Capture, end: str, window: Window, on_malformed: OnMalformedRow
) -> list[DiscoveredCapture]:
    """The captures of the page that a redirect leads to, from its time to an end; none where it leads nowhere else."""
    try:
        page = replay(archive, redirect, drift_days=_MAX_DRIFT_DAYS).snapshot
        url, start = page.served_url, max(window.start, min(redirect.timestamp, page.served_timestamp))
        if surt(url) == redirect.urlkey or is_site_root(url):
            return []
        query = IndexQuery(url, Window(start, end or window.end), target=redirect.target)
        rows = [row for row in archive.captures(query, on_malformed) if row.urlkey == surt(url) and may_show_page(row)]
    except (ArchiveStopError, TransientError):
        raise
    except (ArchiveError, UnreadableError, ValueError) as error:
        _log.info("%s", error)
        return []
    note = f"{redirect.original} redirects to it from {redirect.timestamp} on"
    return [DiscoveredCapture(row, note) for row in rows]
