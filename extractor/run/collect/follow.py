"""From unusable pages that name another address for the policy to planned captures of that address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import msgspec
from surt import surt

from extractor.errors import ArchiveStopError, TransientError
from extractor.layout import RECORDS
from extractor.progress import Progress
from extractor.records import Capture, PolicyCapture, Provenance, Verdict
from extractor.run.collect.fetch import check_stop
from extractor.run.collect.plan import TARGET_ERRORS, Job
from extractor.wayback import (
    MAX_DAYS_ELSEWHERE,
    Archive,
    CaptureChoice,
    FollowedLink,
    Ledger,
    captures_elsewhere,
    nearest_capture,
)

_MAX_PATH = 2  # pages that lead to a capture, one after the other: a frame in a frame is real, more are a trap


class _PageElsewhere(msgspec.Struct):
    """The part of a record that says which page it is, and which address it names for the policy."""

    id: str
    capture: PolicyCapture
    verdict: Verdict
    provenance: Provenance


def pages_elsewhere(records: Path) -> Iterator[_PageElsewhere]:
    """The unusable pages of a file of records that name another address for the policy."""
    with records.open("rb") as lines:
        for line in lines:
            page = msgspec.json.decode(line, type=_PageElsewhere)
            if page.provenance.elsewhere and not page.verdict.usable:
                yield page


def follow_links(job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress) -> None:
    """Plans the capture nearest in time of each address that a page names, or enters in the ledger why there is none.

    A page is looked up once. Raises ArchiveStopError; a failure that may pass is kept in the ledger, and the next run
    asks again.
    """
    links: dict[str, list[_PageElsewhere]] = defaultdict(list)
    looked_up = ledger.followed.pages()
    for page in pages_elsewhere(job.folder / RECORDS):
        if page.id not in looked_up:
            links[page.provenance.elsewhere.partition("#")[0]].append(page)
    for done, (link, pages) in enumerate(links.items(), 1):
        check_stop(stop)
        try:
            _follow_link(link, pages, job, archive, ledger)
        except TransientError as error:
            ledger.lookups.mark_failed(link, str(error), is_followed=True)
        progress("plan", done, len(links))


def _follow_link(link: str, pages: list[_PageElsewhere], job: Job, archive: Archive, ledger: Ledger) -> None:
    """Looks up an address that pages name, and plans the capture for each of them, or notes why there is none."""
    reasons = [(page, _refusal_reason(page, link)) for page in pages]
    refused = [FollowedLink(page.id, link, note=reason) for page, reason in reasons if reason]
    asking = [page for page, reason in reasons if not reason]
    malformed: list[str] = []
    captures, note = _find_captures(link, asking, job, archive, malformed)
    followed = [_followed_link(page, link, captures, note) for page in asking]
    ledger.followed.add([*refused, *followed], _others(captures, followed), malformed)


def _find_captures(
    link: str, pages: list[_PageElsewhere], job: Job, archive: Archive, malformed: list[str]
) -> tuple[list[Capture], str]:
    """The captures of an address near the pages that name it, and the note for a page that none of them is near to."""
    if not pages:
        return [], ""
    timestamps = [page.capture.timestamp for page in pages]
    try:
        found = captures_elsewhere(archive, link, timestamps, job.window, malformed.append)
    except (ArchiveStopError, TransientError):
        raise
    except TARGET_ERRORS as error:
        return [], str(error)
    return (
        found,
        f"the archive has no usable capture of it within {MAX_DAYS_ELSEWHERE} days of the page and in --from and --to",
    )


def _followed_link(page: _PageElsewhere, link: str, captures: list[Capture], note: str) -> FollowedLink:
    """The link of a page with the capture nearest to it, or with the note where none is near."""
    nearest = nearest_capture(captures, page.capture.timestamp)
    if not nearest:
        return FollowedLink(page.id, link, note=note)
    why = f"nearest to {page.capture.timestamp} (of {len(captures)} usable); followed from {page.id}"
    return FollowedLink(page.id, link, CaptureChoice(replace(nearest, target=page.capture.requested), why))


def _others(captures: list[Capture], followed: list[FollowedLink]) -> Iterator[CaptureChoice]:
    """The captures of an address that are nearest to no page, as skipped."""
    taken = {link.choice.capture.key for link in followed if link.choice}
    why = "not nearest to a page that names its address"
    return (CaptureChoice(capture, why, taken=False) for capture in captures if capture.key not in taken)


def _refusal_reason(page: _PageElsewhere, link: str) -> str:
    """Why the link of a page is not looked up; "" where it is."""
    path = page.provenance.followed_from
    if len(path) >= _MAX_PATH:
        return f"{len(path)} pages led to this one already"
    if not _is_page_address(link):
        return "it is no address of a page"
    visited = (page.capture.url, page.capture.served_url, *(id.partition("/")[2] for id in path))
    return "it leads back" if surt(link) in map(surt, filter(None, visited)) else ""


def _is_page_address(url: str) -> bool:
    """Whether a URL is that of one page on the web; the index takes a star for many."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname and surt(url)) and "*" not in url
    except ValueError:
        return False
