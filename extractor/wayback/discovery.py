"""The captures of a domain's privacy policy, searched anew for each half-year, as sites move their policy.

First the home pages of the time are read, with what stands behind them: frames, the page that a redirect or a splash
page leads to, pages of policies. Their links are scored (`links`). Where no link leads to a policy, the page whose
address looks most like a policy's is taken.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol
from urllib.parse import unquote, urlsplit

from surt import surt

from extractor.errors import (
    ArchiveError,
    ArchiveStopError,
    ExcludedError,
    TransientError,
    UnconfirmedError,
    UnreadableError,
)
from extractor.identity import registered_domain
from extractor.records import Capture, Snapshot
from extractor.timestamps import parse_timestamp, period_of
from extractor.warcfile import EMPTY_DIGEST
from extractor.wayback.archive import Archive, IndexQuery, OnMalformedRow, replay
from extractor.wayback.concurrent import run_concurrently
from extractor.wayback.links import best_link, hub_links, is_home, is_on_site
from extractor.wayback.page_links import MAX_SPLASH_LINKS, PageLink, find_links, pages_behind
from extractor.wayback.selection import Window, choose_captures, is_redirect, may_show_page, usable_captures

_log = logging.getLogger(__name__)

_OnFailure = Callable[[ArchiveError], None]
PageText = Callable[[Snapshot], str]  # the characters of a page, its encoding told by its headers and bytes

# The URL keys to ask for, by their path (the name of a domain may be about privacy, too), or the host `privacy.`; the
# archive filters by it, so that a large site costs one short reply
_URLKEY_PATTERN = (
    r"[^)]*\).*(privac|datenschutz|data[-_]?protection|data[-_]?policy|confidentialit|donnees-personnelles|riservatezza|"
    r"integritet|personvern|persondata|tietosuoja|prywatnosc|gizlilik).*|[^)]*,(privacy|datenschutz)\).*"
)
_HOME_DRIFT_DAYS = 183  # between the capture that was asked for and a page that leads to the policy
_HOME_STATUSES = "200|30[12378]"
_MAX_HUBS = 2  # pages of policies ("Legal", "Terms") opened in search of the link
_MAX_BEHIND = 4  # pages behind a home page without the link (frames, what a splash page leads to) opened
_MAX_DEPTH = 2  # of such pages behind such pages

_POLICY_HOST = re.compile(r"(privacy|legal|polic(y|ies)|datenschutz|about|corp(orate)?|info|help|support|www\d?|m)\.")
_ARTICLE_ADDRESS = re.compile(
    r"/(blogs?|news(room)?|articles?|press|stor(y|ies)|posts?|tags?|forums?|wiki|(19|20)\d\d/\d\d?)(/|$)"
)
_POLICY_NAME = re.compile(
    r"(our|your|site|web|website|online|internet)?[-_ ]?"
    r"(privacy|data[-_]?protection|data[-_]?policy|datenschutz|datenschutzerklaerung|politica[-_]de[-_]privacida[de]+|"
    r"confidentialite|confidentiality)"
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


@dataclass(frozen=True, slots=True)
class PolicySearch:
    """The search for the policy of a domain: the archive and how its pages are read, and what is kept of the search.

    `workers` home pages are read at a time. Failures that may pass are handed to `on_failure`.
    """

    archive: Archive
    domain: str
    window: Window
    steps: StepStore
    page_text: PageText
    on_malformed: OnMalformedRow
    workers: int = 1
    on_failure: _OnFailure = lambda _: None


def discover_captures(search: PolicySearch) -> Iterator[DiscoveredCapture]:
    """The captures of the policy of a domain, in order of time.

    Raises ArchiveError where none is found after a query or a home page failed: the policy may be behind it. Where some
    are found, the failures are handed to `on_failure`.
    """
    failures: list[ArchiveError] = []
    on_failure = search.on_failure
    search = replace(search, on_failure=failures.append)
    domain, window = search.domain, search.window
    rows = _rows_of_domain(search)
    is_partial = bool(failures)
    taken = [(home.timestamp, step) for home, step in home_page_steps(search)]
    known = {row.urlkey for row in rows}
    for link in dict.fromkeys(step.link for _, step in taken if step.link):
        if surt(link) not in known:
            known.add(surt(link))
            rows += _index_rows(search, IndexQuery(link, window, target=domain))
    found = list(policy_captures(rows, domain, lambda timestamp: _nearest_step(taken, timestamp)))
    if failures and not found:
        raise failures[0]
    if is_partial:
        on_failure(ArchiveError(f"Only addresses of {domain} that its home pages link to were looked at."))
    for failure in failures:
        on_failure(failure)
    return iter(found)


def _is_own(row: Capture, domain: str) -> bool:
    """Whether a page below a domain is of the domain's site: neither its home page, nor that of a customer's host.

    >>> [_is_own(Capture(surt(url), "", url), "github.io") for url in ("http://github.io/privacy", "http://a.github.io/privacy")]
    [True, False]
    """
    host = _host_of(row.original)
    is_customer = not host.startswith("www.") and registered_domain(host).endswith(f".{registered_domain(domain)}")
    return not is_customer and row.urlkey != surt(domain)


def home_page_steps(search: PolicySearch) -> Iterator[tuple[Capture, DiscoveryStep]]:
    """The home page nearest the middle of each half-year, and the step from it. The same bytes are read once.

    A half-year in which the root only redirects has the page that it redirects to. A failure that may pass is handed to
    `on_failure`. The step from a page that the archive did not serve is not kept in `steps`, to be taken again.
    """
    steps, workers = search.steps, search.workers
    rows = _index_rows(search, IndexQuery(search.domain, search.window, status=_HOME_STATUSES, monthly=True))
    homes = [choice.capture for choice in choose_captures(rows, "half-year") if choice.taken]
    by_content = {_content_key(home): step for home in homes if (step := steps.get(_page_id(home)))}
    failed: dict[str, DiscoveryStep] = {}
    while unread := _first_of_each_content(homes, by_content, failed):
        for home, result in run_concurrently(
            lambda home: _step_from(search, home),
            iter(unread),
            workers,
            lambda: search.archive.useful_workers(workers) if workers > 1 else 1,
        ):
            try:
                by_content[_content_key(home)] = result.result()
            except (TransientError, UnconfirmedError) as error:
                failed[_page_id(home)] = DiscoveryStep(_page_id(home), note=str(error))
                if isinstance(error, TransientError):
                    search.on_failure(error)
            else:
                steps[_page_id(home)] = by_content[_content_key(home)]
    for home in homes:
        step = by_content.get(_content_key(home))
        if step:
            steps[_page_id(home)] = step
        yield home, step or failed[_page_id(home)]


def _first_of_each_content(
    homes: list[Capture], by_content: Mapping[str, DiscoveryStep], failed: Mapping[str, DiscoveryStep]
) -> list[Capture]:
    """The home pages to read: of those with the same bytes the first that has not failed."""
    unread: dict[str, Capture] = {}
    for home in homes:
        if _content_key(home) not in by_content and _page_id(home) not in failed:
            unread.setdefault(_content_key(home), home)
    return list(unread.values())


def _content_key(home: Capture) -> str:
    """What home pages with the same bytes have in common: the digest, if it says anything.

    That of a redirect does not tell where it leads.
    """
    return _page_id(home) if is_redirect(home) or home.digest in ("", "-", EMPTY_DIGEST) else home.digest


def _rows_of_domain(search: PolicySearch) -> list[Capture]:
    """The rows of a domain whose address looks like a policy's; none where the index fails, as there are other ways.

    The index gives up on large domains, and goes on answering about single URLs. Raises ExcludedError.
    """
    query = IndexQuery(search.domain, search.window, "domain", _URLKEY_PATTERN, target=search.domain)
    try:
        return [row for row in search.archive.captures(query, search.on_malformed) if _is_own(row, search.domain)]
    except ArchiveStopError:
        raise
    except TransientError as error:
        search.on_failure(error)
        return []


def _index_rows(search: PolicySearch, query: IndexQuery) -> list[Capture]:
    """The rows of one URL; none where the index refuses it or fails, as there are other ways to the policy."""
    try:
        return [row for row in search.archive.captures(query, search.on_malformed) if row.urlkey == surt(query.url)]
    except ArchiveStopError:
        raise
    except ArchiveError as error:
        _log.info("%s", error)
        if not isinstance(error, ExcludedError):
            search.on_failure(error)
        return []


def _page_id(capture: Capture) -> str:
    """The key of a page among the steps: its time and URL, like the id of a record."""
    return f"{capture.timestamp}/{capture.original}"


@dataclass(frozen=True, slots=True)
class _ReadPage:
    """A page that was read in search of a link: its URL, its characters, and its links."""

    url: str
    text: str
    links: list[PageLink]


def _step_from(search: PolicySearch, home: Capture) -> DiscoveryStep:
    """The step from a home page to the policy, directly or by way of other pages.

    Raises TransientError, and UnconfirmedError where the archive gave the same answer twice.
    """
    try:
        first = _read_home(search, home)
    except (ArchiveStopError, TransientError, UnconfirmedError):
        raise
    except (ArchiveError, UnreadableError) as error:
        return DiscoveryStep(_page_id(home), note=str(error))
    pages, failures = [first], list[TransientError]()
    if found := _best_of(pages, search.domain):
        return DiscoveryStep(_page_id(home), found[1].url, found[1].text, found[2])
    for group in _pages_behind(search, home, first, failures):
        pages += group
        if found := _best_of(group, search.domain):
            page, link, points = found
            return DiscoveryStep(_page_id(home), link.url, link.text, points, note=f"by way of {page.url}")
    if failures:
        raise failures[0]
    number = sum(len(page.links) for page in pages)
    return DiscoveryStep(_page_id(home), note=f"none of its {number} links looks like one to the policy")


def _pages_behind(
    search: PolicySearch, home: Capture, first: _ReadPage, failures: list[TransientError]
) -> Iterator[list[_ReadPage]]:
    """The pages that may have the link which a home page lacks, in groups: those it stands in front of, then hubs."""
    front, visited, left = [first], {surt(first.url)}, _MAX_BEHIND
    pages = [first]
    for _ in range(_MAX_DEPTH):
        urls = dict.fromkeys(url for page in front for url in _urls_behind(page, search.domain))
        unread = list({surt(url): url for url in urls if surt(url) not in visited}.values())[:left]
        visited |= set(map(surt, unread))
        left -= len(unread)
        front = list(_read_pages(search, home, unread, failures))
        pages += front
        yield front
    hubs = [link.url for page in pages for link in hub_links(page.links, _site_of(page, search.domain))]
    for url in [url for url in dict.fromkeys(hubs) if surt(url) not in visited][:_MAX_HUBS]:
        yield list(_read_pages(search, home, [url], failures))


def _urls_behind(page: _ReadPage, domain: str) -> list[str]:
    """The URLs of the pages that a page stands in front of; the ways on from a splash page, which hardly has links."""
    behind = pages_behind(page.text, page.url)
    onward = list(dict.fromkeys(link.url for link in page.links))
    is_splash = len(onward) <= MAX_SPLASH_LINKS and not list(hub_links(page.links, _site_of(page, domain)))
    return [*behind, *onward] if is_splash else behind


def _read_pages(
    search: PolicySearch, home: Capture, urls: list[str], failures: list[TransientError]
) -> Iterator[_ReadPage]:
    """The pages at some URLs at the time of a home page, without those that cannot be replayed."""
    for url in urls:
        try:
            yield _read_page(search, Capture(surt(url), home.timestamp, url))
        except ArchiveStopError:
            raise
        except TransientError as error:
            failures.append(error)
        except (ArchiveError, UnreadableError) as error:
            _log.info("%s", error)


def _read_home(search: PolicySearch, home: Capture) -> _ReadPage:
    """The page of a home page, asked for again after an answer that counts only when given twice."""
    try:
        return _read_page(search, home)
    except UnconfirmedError:
        return _read_page(search, home)


def _read_page(search: PolicySearch, capture: Capture) -> _ReadPage:
    """The page of a capture, redirects followed. Raises ArchiveError."""
    served = replay(search.archive, capture, drift_days=_HOME_DRIFT_DAYS).snapshot
    text = search.page_text(served)
    return _ReadPage(served.served_url, text, find_links(text, served.served_url))


def _best_of(pages: list[_ReadPage], domain: str) -> tuple[_ReadPage, PageLink, float] | None:
    """The link to the policy with the highest score on some pages, with its page and score; None without one."""
    found = [(page, *best) for page in pages if (best := best_link(page.links, _site_of(page, domain)))]
    found = [one for one in found if not is_home(one[1].url, domain)]
    return max(found, key=lambda one: one[2], default=None)


def _site_of(page: _ReadPage, domain: str) -> str:
    """The domain that a page is on: the one that is searched, or another that its home page led to."""
    host = urlsplit(page.url).hostname or ""
    return domain if is_on_site(host, domain) else host.removeprefix("www.")


def _nearest_step(steps: list[tuple[str, DiscoveryStep]], timestamp: str) -> DiscoveryStep | None:
    """The step with a link from the home page nearest in time, within a year."""
    near = [
        (abs(parse_timestamp(seen) - parse_timestamp(timestamp)), step)
        for seen, step in steps
        if step.link and abs(parse_timestamp(seen) - parse_timestamp(timestamp)).days <= 366
    ]
    return min(near, key=lambda found: found[0])[1] if near else None


def policy_captures(
    captures: Iterable[Capture], domain: str, step_at: Callable[[str], DiscoveryStep | None] = lambda _: None
) -> Iterator[DiscoveredCapture]:
    """The captures of the page that is most likely the policy, chosen anew for each half-year, in order of time.

    The page that the home page of the time links to comes first, if it has a usable capture, or redirects to where the
    policy moved; then usable ones, that with the address most like a policy's first. Where a home page links to the
    policy, no article stands in for it.
    """
    pages = sorted(filter(may_show_page, captures), key=lambda c: (c.timestamp, c.key))
    live = {capture.key for capture in usable_captures(pages)}
    for _, group in groupby(pages, key=lambda capture: period_of(capture.timestamp, "half-year")):
        candidates = list(group)
        step = step_at(candidates[len(candidates) // 2].timestamp)
        linked = surt(step.link) if step else ""
        if step:
            candidates = [c for c in candidates if c.urlkey == linked or not _is_article(c.original)]
        ranks = {c.key: (_rank(c, live, linked), _address_rank(c.original, domain), c.urlkey) for c in candidates}
        best = min(candidates, key=lambda c: ranks[c.key], default=None)
        if best:
            note = _discovery_note(step) if step and best.urlkey == linked else "found by its address"
            yield from (DiscoveredCapture(capture, note) for capture in candidates if capture.urlkey == best.urlkey)


def _rank(capture: Capture, live: set[tuple[str, str, str, str]], linked: str) -> int:
    """The rank of a capture by what it shows and whether its address is linked; the lowest is the best."""
    is_linked, is_live = capture.urlkey == linked, capture.key in live
    if is_linked and (is_live or is_redirect(capture)):
        return 0 if is_live else 1
    if is_live or is_redirect(capture):
        return 2 if is_live else 3
    return 4 if is_linked else 5


def _discovery_note(step: DiscoveryStep) -> str:
    """How a page was found, for a page that a home page links to."""
    way = f" {step.note}" if step.note else ""
    return f"linked as {step.text[:60]!r} from the home page of {step.page[:8]}{way}"


def _address_rank(url: str, domain: str) -> tuple[bool, bool, int, bool, int, int]:
    """A sort key for URLs: the address that looks most like a privacy policy's comes first.

    Hosts below the domain come after it: they may be customers'.

    >>> addresses = ["http://a.example/blog/privacy-tips", "http://a.example/legal/privacy-policy.html"]
    >>> min([*addresses, "http://bob.a.example/privacy"], key=lambda url: _address_rank(url, "a.example"))
    'http://a.example/legal/privacy-policy.html'
    """
    address, _, query = url.partition("#")[0].partition("?")  # urlsplit refuses addresses that indexes hold
    path = [step for step in unquote(address.partition("://")[2]).lower().split("/")[1:] if step]
    name = path[-1] if path else ""
    named = 0 if _POLICY_NAME.fullmatch(name) else 1 if "privacy" in name else 2
    site = domain.lower().removeprefix("www.")
    host = _host_of(url)
    is_other_host = host.removeprefix("www.") != site and not _POLICY_HOST.match(host)
    return _is_article(url), is_other_host, named, bool(query), len(path), len(url)


def _host_of(url: str) -> str:
    """The host of a URL of the index, of whatever form."""
    return url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2].partition(":")[0].lower()


def _is_article(url: str) -> bool:
    """Whether a URL looks like that of an article, by its path."""
    return bool(_ARTICLE_ADDRESS.search(url.partition("://")[2].partition("?")[0].lower()))
