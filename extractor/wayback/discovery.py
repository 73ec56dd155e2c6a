"""The captures of a domain's privacy policy, searched anew for each half-year, as sites move their policy.

First the home pages of the time are read and their links scored (`links`). Where no link leads to a policy, the page
whose address looks most like a policy's is taken.
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

from extractor.errors import ArchiveError, ArchiveStopError, ExcludedError, TransientError, UnreadableError
from extractor.mediatypes import may_be_page
from extractor.records import Capture
from extractor.timestamps import parse_timestamp, period_of
from extractor.wayback.archive import Archive, IndexQuery, OnMalformedRow, replay
from extractor.wayback.links import best_link, find_links, hub_links
from extractor.wayback.selection import Window, choose_captures, usable_captures

_log = logging.getLogger(__name__)

_OnFailure = Callable[[ArchiveError], None]

# The URL keys to ask for; the archive filters by it, so that a large site costs one short reply
_URLKEY_PATTERN = (
    r".*(privac|datenschutz|confidentialite|donnees-personnelles|riservatezza|integritet|personvern|persondata|"
    r"tietosuoja|prywatnosc|gizlilik).*"
)
_HOME_DRIFT_DAYS = 183  # between the capture that was asked for and a page that leads to the policy
_MAX_HUBS = 2  # pages of policies ("Legal", "Terms") opened in search of the link

_POLICY_NAME = re.compile(
    r"(our|your|site|web|website|online|internet)?[-_ ]?"
    r"(privacy|datenschutz|datenschutzerklaerung|politica[-_]de[-_]privacida[de]+|confidentialite)"
    r"[-_ ]?(policy|policies|notice|statement|pledge|info|information|center|centre)?(\.\w{2,5})?"
)


@dataclass(frozen=True, slots=True)
class DiscoveryStep:
    """The link from a home page to the policy, with its text and score; "" and 0 where there is none."""

    page: str
    link: str = ""
    text: str = ""
    score: float = 0.0
    note: str = ""


class StepStore(Protocol):
    """Steps by the page they start from. A run keeps them in its ledger, so that no page is read twice."""

    def get(self, page: str) -> DiscoveryStep | None:
        """The step from a page that was read before."""

    def __setitem__(self, page: str, step: DiscoveryStep) -> None: ...


@dataclass(frozen=True, slots=True)
class DiscoveredCapture:
    """A capture of a policy, and how its address was found, in words."""

    capture: Capture
    note: str


def discover_captures(
    archive: Archive, domain: str, window: Window, steps: StepStore, on_malformed: OnMalformedRow
) -> Iterator[DiscoveredCapture]:
    """The captures of the policy of a domain, in order of time.

    Raises ArchiveError where none is found after a query or a home page failed: the policy may be behind it.
    """
    failures: list[ArchiveError] = []
    rows = list(archive.captures(IndexQuery(domain, window, "domain", _URLKEY_PATTERN, target=domain), on_malformed))
    homes = home_page_steps(archive, domain, window, steps, on_malformed, on_failure=failures.append)
    taken = [(home.timestamp, step) for home, step in homes]
    known = {row.urlkey for row in rows}
    for link in dict.fromkeys(step.link for _, step in taken if step.link):
        if surt(link) not in known:
            known.add(surt(link))
            rows += _index_rows(archive, IndexQuery(link, window, target=domain), on_malformed, failures.append)
    found = list(policy_captures(rows, lambda timestamp: _nearest_step(taken, timestamp)))
    if failures and not found:
        raise failures[0]
    return iter(found)


def home_page_steps(  # noqa: PLR0913 - what a search for a policy has
    archive: Archive,
    domain: str,
    window: Window,
    steps: StepStore,
    on_malformed: OnMalformedRow,
    *,
    on_failure: _OnFailure = lambda _: None,
) -> Iterator[tuple[Capture, DiscoveryStep]]:
    """The home page nearest the middle of each half-year, and the step from it. The same bytes are read once.

    A failure that may pass is handed to `on_failure`, and its step is not kept in `steps`, to be taken again.
    """
    homes = _index_rows(archive, IndexQuery(domain, window, status="200", monthly=True), on_malformed, on_failure)
    by_digest: dict[str, DiscoveryStep] = {}
    for choice in choose_captures(homes, "half-year"):
        home = choice.capture
        if choice.taken:
            try:
                step = by_digest.get(home.digest) or steps.get(_page_id(home)) or _step_from(archive, home, domain)
            except TransientError as error:
                on_failure(error)
                yield home, DiscoveryStep(_page_id(home), note=str(error))
                continue
            by_digest[home.digest] = steps[_page_id(home)] = step
            yield home, step


def _index_rows(
    archive: Archive, query: IndexQuery, on_malformed: OnMalformedRow, on_failure: _OnFailure
) -> list[Capture]:
    """The rows of one URL; none where the index refuses it, as there are other ways to the policy."""
    try:
        return [row for row in archive.captures(query, on_malformed) if row.urlkey == surt(query.url)]
    except (ArchiveStopError, TransientError):
        raise
    except ArchiveError as error:
        _log.info("%s", error)
        if not isinstance(error, ExcludedError):
            on_failure(error)
        return []


def _page_id(capture: Capture) -> str:
    """The key of a page among the steps: its time and URL, like the id of a record."""
    return f"{capture.timestamp}/{capture.original}"


def _step_from(archive: Archive, home: Capture, domain: str) -> DiscoveryStep:
    """The step from a home page to the policy, directly or by way of a page of policies. Raises TransientError."""
    try:
        served = replay(archive, home, drift_days=_HOME_DRIFT_DAYS).snapshot
    except (ArchiveStopError, TransientError):
        raise
    except (ArchiveError, UnreadableError) as error:
        return DiscoveryStep(_page_id(home), note=str(error))
    links = find_links(served.content, served.served_url)
    if found := best_link(links, domain):
        return DiscoveryStep(_page_id(home), found[0].url, found[0].text, found[1])
    for hub in list(hub_links(links, domain))[:_MAX_HUBS]:
        if step := _step_over_hub(archive, home, hub.url, domain):
            return step
    return DiscoveryStep(_page_id(home), note=f"none of its {len(links)} links looks like one to the policy")


def _step_over_hub(archive: Archive, home: Capture, url: str, domain: str) -> DiscoveryStep | None:
    """The step by way of a page of policies; None where it has no link to the policy, or cannot be replayed."""
    hub = Capture(surt(url), home.timestamp, url)
    try:
        served = replay(archive, hub, drift_days=_HOME_DRIFT_DAYS).snapshot
    except ArchiveStopError:
        raise
    except (ArchiveError, UnreadableError):
        return None
    found = best_link(find_links(served.content, served.served_url), domain)
    return (
        DiscoveryStep(_page_id(home), found[0].url, found[0].text, found[1], note=f"by way of {url}") if found else None
    )


def _nearest_step(steps: list[tuple[str, DiscoveryStep]], timestamp: str) -> DiscoveryStep | None:
    """The step with a link from the home page nearest in time, within a year."""
    near = [
        (abs(parse_timestamp(seen) - parse_timestamp(timestamp)), step)
        for seen, step in steps
        if step.link and abs(parse_timestamp(seen) - parse_timestamp(timestamp)).days <= 366
    ]
    return min(near, key=lambda found: found[0])[1] if near else None


def policy_captures(
    captures: Iterable[Capture], step_at: Callable[[str], DiscoveryStep | None] = lambda _: None
) -> Iterator[DiscoveredCapture]:
    """The captures of the page that is most likely the policy, chosen anew for each half-year, in order of time.

    Pages with a usable capture come first, then the one that the home page of the time links to, then the one whose
    address looks most like a policy's.
    """
    pages = sorted((c for c in captures if may_be_page(c.mime)), key=lambda c: (c.timestamp, c.key))
    live = {capture.key for capture in usable_captures(pages)}
    for _, group in groupby(pages, key=lambda capture: period_of(capture.timestamp, "half-year")):
        candidates = list(group)
        step = step_at(candidates[len(candidates) // 2].timestamp)
        linked = surt(step.link) if step else ""
        best = min(
            candidates, key=lambda c: (c.key not in live, c.urlkey != linked, _address_rank(c.original), c.urlkey)
        ).urlkey
        note = _discovery_note(step) if step and best == linked else "found by its address"
        yield from (DiscoveredCapture(capture, note) for capture in candidates if capture.urlkey == best)


def _discovery_note(step: DiscoveryStep) -> str:
    """How a page was found, for a page that a home page links to."""
    way = f" {step.note}" if step.note else ""
    return f"linked as {step.text[:60]!r} from the home page of {step.page[:8]}{way}"


def _address_rank(url: str) -> tuple[int, int, int, int]:
    """A sort key for URLs: the address that looks most like a privacy policy's comes first.

    >>> min(["http://a.example/blog/privacy-tips", "http://a.example/legal/privacy-policy.html"], key=_address_rank)
    'http://a.example/legal/privacy-policy.html'
    """
    address, _, query = url.partition("#")[0].partition("?")  # urlsplit refuses addresses that indexes hold
    path = [step for step in unquote(address.partition("://")[2]).lower().split("/")[1:] if step]
    name = path[-1] if path else ""
    named = 0 if _POLICY_NAME.fullmatch(name) else 1 if "privacy" in name else 2
    return named, bool(query), len(path), len(url)
