"""From a domain to the captures of its privacy policy, anew for each half-year: sites move their policy.

First the home pages of the time are read and their links scored (`links`); where that leads nowhere, the address that
most looks like a policy's is taken.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol
from urllib.parse import unquote

from surt import surt

from extractor.errors import ArchiveError, ArchiveStopError, TransientError, UnreadableError
from extractor.records import Capture
from extractor.wayback.archive import Archive, Aside, Query, replay
from extractor.wayback.choose import Window, half_year, moment, usable, weigh
from extractor.wayback.links import best_link, find_links, hubs

_log = logging.getLogger(__name__)

# What an index row must contain to be looked at; the archive applies it, so that a large site costs one short reply
_URLKEY_PATTERN = (
    r".*(privac|datenschutz|confidentialite|donnees-personnelles|riservatezza|integritet|personvern|persondata|"
    r"tietosuoja|prywatnosc|gizlilik).*"
)
_HOME_DRIFT_DAYS = 183  # how far in time a page that leads to the policy may be from what was asked for
_HUBS_A_PAGE = 2  # pages of policies that are opened in search of the link

_PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/pdf", "text/plain", "warc/revisit", "unk", "-", "")
_POLICY_NAME = re.compile(
    r"(our|your|site|web|website|online|internet)?[-_ ]?"
    r"(privacy|datenschutz|datenschutzerklaerung|politica[-_]de[-_]privacida[de]+|confidentialite)"
    r"[-_ ]?(policy|policies|notice|statement|pledge|info|information|center|centre)?(\.\w{2,5})?"
)


@dataclass(frozen=True, slots=True)
class Step:
    """Where a page led on the way to a policy: the link taken, its text and score; "" and 0 where there is none."""

    page: str
    link: str = ""
    text: str = ""
    score: float = 0.0
    note: str = ""


class Trail(Protocol):
    """The steps taken, by the page they started from; a run keeps them in its ledger, so that no page is read twice."""

    def get(self, page: str) -> Step | None:
        """The step from a page that was read before."""

    def __setitem__(self, page: str, step: Step) -> None: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A capture of a policy, and how its address was found."""

    capture: Capture
    how: str


def discover(archive: Archive, domain: str, window: Window, trail: Trail, aside: Aside) -> Iterator[Found]:
    """The captures of the policy of a domain, in order of time."""
    rows = list(archive.captures(Query(domain, window, "domain", _URLKEY_PATTERN, target=domain), aside))
    steps = [(home.timestamp, step) for home, step in from_home_pages(archive, domain, window, trail, aside)]
    known = {row.urlkey for row in rows}
    for link in dict.fromkeys(step.link for _, step in steps if step.link):
        if surt(link) not in known:
            known.add(surt(link))
            rows += _rows_of(archive, Query(link, window, target=domain), aside)
    return policy_pages(rows, lambda timestamp: _nearest_step(steps, timestamp))


def from_home_pages(
    archive: Archive, domain: str, window: Window, trail: Trail, aside: Aside
) -> Iterator[tuple[Capture, Step]]:
    """The home page nearest the middle of each half-year, and where its links led. The same bytes are read once."""
    homes = _rows_of(archive, Query(domain, window, status="200", monthly=True), aside)
    by_digest: dict[str, Step] = {}
    for choice in weigh(homes, "half-year"):
        home = choice.capture
        if choice.taken:
            step = by_digest.get(home.digest) or trail.get(_page_name(home)) or _step_from(archive, home, domain)
            by_digest[home.digest] = trail[_page_name(home)] = step
            yield home, step


def _rows_of(archive: Archive, query: Query, aside: Aside) -> list[Capture]:
    """The rows of one URL; none where the index does not show it, as there are other ways to the policy."""
    try:
        return [row for row in archive.captures(query, aside) if row.urlkey == surt(query.url)]
    except (ArchiveStopError, TransientError):
        raise
    except ArchiveError as error:
        _log.info("%s", error)
        return []


def _page_name(capture: Capture) -> str:
    """How a page is called in the trail: as records are, by time and URL."""
    return f"{capture.timestamp}/{capture.original}"


def _step_from(archive: Archive, home: Capture, domain: str) -> Step:
    """Where the links of a home page lead: to the policy, or over a page of policies to it."""
    try:
        served = replay(archive, home, drift_days=_HOME_DRIFT_DAYS).snapshot
    except ArchiveStopError:
        raise
    except (ArchiveError, UnreadableError) as error:
        return Step(_page_name(home), note=str(error))
    links = find_links(served.content, served.served_url)
    if found := best_link(links, domain):
        return Step(_page_name(home), found[0].url, found[0].text, found[1])
    for hub in list(hubs(links, domain))[:_HUBS_A_PAGE]:
        if step := _step_over_hub(archive, home, hub.url, domain):
            return step
    return Step(_page_name(home), note=f"none of its {len(links)} links looks like one to the policy")


def _step_over_hub(archive: Archive, home: Capture, url: str, domain: str) -> Step | None:
    """Where the links of a page of policies lead; None where they lead nowhere, or there is no such page."""
    hub = Capture(surt(url), home.timestamp, url)
    try:
        served = replay(archive, hub, drift_days=_HOME_DRIFT_DAYS).snapshot
    except ArchiveStopError:
        raise
    except (ArchiveError, UnreadableError):
        return None
    found = best_link(find_links(served.content, served.served_url), domain)
    return Step(_page_name(home), found[0].url, found[0].text, found[1], note=f"by way of {url}") if found else None


def _nearest_step(steps: list[tuple[str, Step]], timestamp: str) -> Step | None:
    """The step from the home page nearest in time, within a year, that led somewhere."""
    near = [
        (abs(moment(seen) - moment(timestamp)), step)
        for seen, step in steps
        if step.link and abs(moment(seen) - moment(timestamp)).days <= 366
    ]
    return min(near, key=lambda found: found[0])[1] if near else None


def policy_pages(
    captures: Iterable[Capture], step_at: Callable[[str], Step | None] = lambda _: None
) -> Iterator[Found]:
    """The captures of the page that most looks like the policy, chosen anew for each half-year, in order of time.

    What counts is the best page of the time, not of all times: one with a usable capture, then the one that the home
    page links to, then the one whose address looks most like a policy's.
    """
    pages = sorted((c for c in captures if c.mime in _PAGE_TYPES), key=lambda c: (c.timestamp, c.key))
    live = {capture.key for capture in usable(pages)}
    for _, members in groupby(pages, key=lambda capture: half_year(capture.timestamp)):
        rivals = list(members)
        step = step_at(rivals[len(rivals) // 2].timestamp)
        linked = surt(step.link) if step else ""
        best = min(
            rivals, key=lambda c: (c.key not in live, c.urlkey != linked, _unlikeness(c.original), c.urlkey)
        ).urlkey
        how = _how_found(step) if step and best == linked else "found by its address"
        yield from (Found(capture, how) for capture in rivals if capture.urlkey == best)


def _how_found(step: Step) -> str:
    """How a page was found, in words."""
    way = f" {step.note}" if step.note else ""
    return f"linked as {step.text[:60]!r} from the home page of {step.page[:8]}{way}"


def _unlikeness(url: str) -> tuple[int, int, int, int]:
    """How unlike the address of a privacy policy a URL is; the smallest is the likeliest.

    >>> min(["http://a.example/blog/privacy-tips", "http://a.example/legal/privacy-policy.html"], key=_unlikeness)
    'http://a.example/legal/privacy-policy.html'
    """
    address, _, query = url.partition("#")[0].partition("?")  # urlsplit refuses addresses that indexes hold
    path = [step for step in unquote(address.partition("://")[2]).lower().split("/")[1:] if step]
    name = path[-1] if path else ""
    named = 0 if _POLICY_NAME.fullmatch(name) else 1 if "privacy" in name else 2
    return named, bool(query), len(path), len(url)
