"""The captures of the address that a captured page names for the policy: a frame, an embedded document, a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from surt import surt

from extractor.records import Capture
from extractor.timestamps import parse_timestamp
from extractor.wayback.archive import Archive, IndexQuery, OnMalformedRow
from extractor.wayback.selection import Window, is_redirect, may_show_page, usable_captures

MAX_DAYS_ELSEWHERE = 183  # between a page and the capture of the address that it names


def captures_elsewhere(
    archive: Archive, url: str, timestamps: Sequence[str], window: Window, on_malformed: OnMalformedRow
) -> list[Capture]:
    """The usable captures of one address, and its redirects, that are near enough to a page that names it.

    `timestamps` are the times of such pages. The captures lie in the window, too, and `url` is their target.
    """
    near = Window(
        max(window.start, _shifted(min(timestamps), -MAX_DAYS_ELSEWHERE)),
        min(window.end or "9", _shifted(max(timestamps), MAX_DAYS_ELSEWHERE)),
    )
    rows = [row for row in archive.captures(IndexQuery(url, near, target=url), on_malformed) if row.urlkey == surt(url)]
    return [row for row in (*usable_captures(rows), *filter(is_redirect, rows)) if may_show_page(row)]


def nearest_capture(captures: Iterable[Capture], timestamp: str) -> Capture | None:
    """The capture nearest to a time, the earlier of two that are equally near; None where all are too far from it.

    A redirect is taken only where no page is near enough.
    """
    moment = parse_timestamp(timestamp)
    distances = [(abs(parse_timestamp(one.timestamp) - moment), one) for one in captures]
    near = [found for found in distances if found[0].days <= MAX_DAYS_ELSEWHERE]
    in_order = sorted(near, key=lambda found: (is_redirect(found[1]), found[0], found[1].timestamp, found[1].key))
    return in_order[0][1] if in_order else None


def _shifted(timestamp: str, days: int) -> str:
    """A timestamp some days later.

    >>> _shifted("20040301120000", -1)
    '20040229120000'
    """
    return f"{parse_timestamp(timestamp) + timedelta(days=days):%Y%m%d%H%M%S}"
