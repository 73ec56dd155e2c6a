"""What a user asks for: a domain or a policy's URL, one by one or in a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from extractor.errors import NoCapturesError, UnreadableError, UsageError
from extractor.records import Capture
from extractor.wayback.archive import USUAL_PORTS, Archive, Aside, Query
from extractor.wayback.choose import Choice, Window, weigh
from extractor.wayback.discover import Found, Trail, discover

_HOST = re.compile(r"(?!-)[\w-]{1,63}(\.[\w-]{1,63})+\.?|localhost|\[[0-9a-f:.]+\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """A domain whose policy is to be found, the URL of a policy, or what the URLs of several begin with (`…/*`).

    `name` is what the user wrote, `domain` the domain that it names, "" for a URL.
    """

    name: str
    domain: str = ""
    is_prefix: bool = False

    @property
    def is_domain(self) -> bool:
        """Whether the policy is still to be found."""
        return bool(self.domain)


def parse_target(name: str) -> Target:
    """The target that a user's word names. The bare root of a site is its domain: a home page is no policy.

    >>> parse_target("https://brightcart.example/").domain, parse_target("brightcart.example/privacy").domain
    ('brightcart.example', '')
    """
    url = name if "://" in name else f"http://{name}"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "") if parts.port != 0 else ""  # reading a port out of range raises
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host) or parts.scheme not in ("http", "https") or re.search(r"[\s\ud800-\udfff]", name):
        raise UsageError(f"{name!r} is neither a domain nor a URL: write example.org or https://example.org/privacy.")
    return Target(name, host.rstrip(".") if _is_root(url) else "", name.endswith("/*"))


def _is_root(url: str) -> bool:
    """Whether an address is that of a site and of no page of it, at a usual port."""
    parts = urlsplit(url)
    bare = not (parts.username or "?" in url or "#" in url)
    return bare and parts.path in ("", "/") and parts.port in (None, *USUAL_PORTS.values())


def read_targets(words: Iterable[str]) -> list[Target]:
    """The targets of a command line; `@file` stands for the lines of a file, "#" begins a comment there."""
    names = [name for word in words for name in (_read_list(Path(word[1:])) if word.startswith("@") else [word])]
    if not names:
        raise UsageError("No target was given: name a domain, a policy's URL, or @file with one a line.")
    return [parse_target(name) for name in dict.fromkeys(names)]


def _read_list(path: Path) -> list[str]:
    """The lines of a file of targets, without comments and empty ones."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UnreadableError(f"The list of targets {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"The list of targets {path} cannot be read: it is not in UTF-8 ({error}).") from error
    return [line for line in (raw.split(" #")[0].strip() for raw in lines) if line and not line.startswith("#")]


def find_captures(archive: Archive, target: Target, window: Window, trail: Trail, aside: Aside) -> list[Found]:
    """The captures of a target's policy, each marked with the target. Raises NoCapturesError where there are none."""
    found = list(_captures_of(archive, target, window, trail, aside))
    if not found:
        raise NoCapturesError(_nothing_found(target, window), outcome="no-captures")
    return found


def _captures_of(archive: Archive, target: Target, window: Window, trail: Trail, aside: Aside) -> Iterator[Found]:
    """The captures of a target's policy as the index has them."""
    if target.is_domain:
        found = discover(archive, target.domain, window, trail, aside)
        return (replace(one, capture=replace(one.capture, target=target.name)) for one in found)
    url, match = (target.name.removesuffix("*"), "prefix") if target.is_prefix else (target.name, "exact")
    rows = archive.captures(Query(url, window, match, target=target.name), aside)
    return (Found(row, "") for row in rows)


def choices_of(found: list[Found], target: Target, every: str) -> list[Choice]:
    """What becomes of each capture that was found. The pages below a prefix are one series each."""
    how = {one.capture.key: one.how for one in found}
    series: dict[str, list[Capture]] = {}
    for one in found:
        series.setdefault(one.capture.urlkey if target.is_prefix else "", []).append(one.capture)
    choices = [choice for captures in series.values() for choice in weigh(captures, every)]
    return [replace(c, why=f"{c.why}; {how[c.capture.key]}") if how[c.capture.key] else c for c in choices]


def _nothing_found(target: Target, window: Window) -> str:
    """What to say of a target without captures."""
    days = f" between {window.start[:8] or 'the beginning'} and {window.end[:8] or 'today'}"
    time = days if window != Window() else ""
    if target.is_domain:
        return (
            f"The archive holds no privacy policy of {target.name}{time} that its home pages link to or its address "
            "tells: name the policy's URL."
        )
    return f"The archive holds no capture of {target.name}{time}: check the address, or widen --from/--to."
