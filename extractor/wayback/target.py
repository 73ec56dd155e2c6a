"""The targets of a run, domains or URLs of policies, and the captures of their policies."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from surt import surt

from extractor.errors import ArchiveError, NoCapturesError, UsageError
from extractor.identity import without_tracking
from extractor.records import Capture
from extractor.wayback.archive import DEFAULT_PORTS, Archive, IndexQuery, OnMalformedRow
from extractor.wayback.discovery import DiscoveredCapture, PageText, PolicySearch, StepStore, discover_captures
from extractor.wayback.selection import CaptureChoice, Window, choose_captures, may_show_page

_HOST = re.compile(r"(?!-)[\w-]{1,63}(\.[\w-]{1,63})+\.?|localhost|\[[0-9a-f:.]+\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """A domain whose policy is to be found, the URL of a policy, or a prefix of the URLs of several (`…/*`).

    `name` is what the user wrote, `domain` the domain in it, "" for a URL.
    """

    name: str
    domain: str = ""
    is_prefix: bool = False

    @property
    def is_domain(self) -> bool:
        """Whether the policy is still to be found."""
        return bool(self.domain)


def parse_target(name: str) -> Target:
    """The target with a name. The root of a site stands for its domain, as a home page is not a policy.

    >>> parse_target("https://brightcart.example/").domain, parse_target("brightcart.example/privacy").domain
    ('brightcart.example', '')
    """
    url = name if "://" in name else f"http://{name}"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "") if parts.port != 0 else ""  # reading a port out of range raises
    except ValueError:
        host = ""
    if "@" in name and "://" not in name and "/" not in name:
        raise UsageError(
            f"{name!r} is an e-mail address: write the domain, {name.rpartition('@')[2]}, if you mean its site."
        )
    if not _HOST.fullmatch(host) or parts.scheme not in ("http", "https") or re.search(r"[\s\ud800-\udfff]", name):
        raise UsageError(f"{name!r} is neither a domain nor a URL: write example.org or https://example.org/privacy.")
    return Target(name, host.rstrip(".") if _is_site_root(url) else "", name.endswith("/*"))


def lookup_key(target: Target) -> str:
    """What the index is asked for: the same for all spellings of a site or an address.

    >>> lookup_key(parse_target("http://WWW.shop.example:80/")) == lookup_key(parse_target("shop.example."))
    True
    """
    name = target.name if "://" in target.name else f"http://{target.name}"
    address = target.domain or name.removesuffix("*").partition("#")[0] if "#!" not in name else name
    kind = "domain" if target.is_domain else "prefix" if target.is_prefix else "exact"
    try:
        return f"{kind} {surt(_ascii_host(address))}"
    except ValueError:
        return f"{kind} {address}"


def _ascii_host(address: str) -> str:
    """An address with its host in ASCII, and without the dot at its end."""
    scheme, separator, rest = address.rpartition("://")
    host, slash, path = rest.partition("/")
    with suppress(UnicodeError):
        host = host.encode("idna").decode()
    host = host.rstrip(".")
    return f"{scheme}{separator}{host.lower()}{slash}{path}"


def _is_site_root(url: str) -> bool:
    """Whether an address is the root of a site, at a default port."""
    parts = urlsplit(url)
    is_plain = not (parts.username or "?" in url or "#" in url)
    return is_plain and parts.path in ("", "/") and parts.port in (None, *DEFAULT_PORTS.values())


def find_policy_captures(  # noqa: PLR0913 - what a search for a policy has
    archive: Archive,
    target: Target,
    window: Window,
    steps: StepStore,
    on_malformed: OnMalformedRow,
    *,
    page_text: PageText,
    workers: int = 1,
    on_failure: Callable[[ArchiveError], None] = lambda _: None,
) -> list[DiscoveredCapture]:
    """The captures of a target's policy, marked with the target; `workers` home pages are read at a time.

    Raises NoCapturesError where there are none. What failed on the way to those found is handed to `on_failure`.
    """
    if target.is_domain:
        search = PolicySearch(
            archive, target.domain, window, steps, page_text, on_malformed, workers=workers, on_failure=on_failure
        )
        found = list(discover_captures(search))
    else:
        url, match = (target.name.removesuffix("*"), "prefix") if target.is_prefix else (target.name, "exact")
        rows = archive.captures(IndexQuery(url, window, match, target=target.name), on_malformed)
        found = [DiscoveredCapture(row, "") for row in rows if not target.is_prefix or may_show_page(row)]
    if not found:
        raise NoCapturesError(_no_captures_message(target, window), outcome="no-captures")
    return [replace(one, capture=replace(one.capture, target=target.name)) for one in found]


def choose_for_target(found: list[DiscoveredCapture], target: Target, every: str) -> list[CaptureChoice]:
    """The choice for each capture of a target. Each page below a prefix is a series of its own."""
    notes = {one.capture.key: one.note for one in found}
    series: dict[str, list[Capture]] = {}
    for one in found:
        series.setdefault(without_tracking(one.capture.urlkey) if target.is_prefix else "", []).append(one.capture)
    choices = [choice for captures in series.values() for choice in choose_captures(captures, every)]
    return [replace(c, why=f"{c.why}; {notes[c.capture.key]}") if notes[c.capture.key] else c for c in choices]


def _no_captures_message(target: Target, window: Window) -> str:
    days = f" between {window.start[:8] or 'the beginning'} and {window.end[:8] or 'today'}"
    time = days if window != Window() else ""
    if target.is_domain:
        return (
            f"The archive holds no privacy policy of {target.name}{time} that its home pages link to or its address "
            "tells: name the policy's URL."
        )
    return f"The archive holds no capture of {target.name}{time}: check the address, or widen --from/--to."
