"""From all captures of a domain to those of its privacy policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from urllib.parse import unquote

from extractor.records import Capture
from extractor.wayback.choose import half_year, usable

# What an index row must contain to be looked at; the archive applies it, so that a large site costs one short reply
URLKEY_PATTERN = r".*(privacy|privacidad|datenschutz|confidentialite|privacidade).*"

PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/pdf", "text/plain", "warc/revisit", "unk", "-", "")
POLICY_NAME = re.compile(
    r"(our|your|site|web|website|online|internet)?[-_ ]?"
    r"(privacy|datenschutz|datenschutzerklaerung|politica[-_]de[-_]privacida[de]+|confidentialite)"
    r"[-_ ]?(policy|policies|notice|statement|pledge|info|information|center|centre)?(\.\w{2,5})?"
)


def policy_pages(captures: Iterable[Capture]) -> Iterator[Capture]:
    """The captures of the page that most looks like the policy, chosen anew for each half-year, in order of time.

    Sites move their policy; so what counts is the best address of the time, not of all times.
    """
    pages = sorted((c for c in captures if c.mime in PAGE_TYPES), key=lambda c: (c.timestamp, c.key))
    live = {capture.key for capture in usable(pages)}
    for _, members in groupby(pages, key=lambda capture: half_year(capture.timestamp)):
        rivals = list(members)
        best = min(rivals, key=lambda c: (c.key not in live, unlikeness(c.original), c.urlkey)).urlkey
        yield from (capture for capture in rivals if capture.urlkey == best)


def unlikeness(url: str) -> tuple[int, int, int, int]:
    """How unlike the address of a privacy policy a URL is; the smallest is the likeliest.

    >>> min(["http://a.example/blog/privacy-tips", "http://a.example/legal/privacy-policy.html"], key=unlikeness)
    'http://a.example/legal/privacy-policy.html'
    """
    address, _, query = url.partition("#")[0].partition("?")  # urlsplit refuses addresses that indexes hold
    path = [step for step in unquote(address.partition("://")[2]).lower().split("/")[1:] if step]
    name = path[-1] if path else ""
    named = 0 if POLICY_NAME.fullmatch(name) else 1 if "privacy" in name else 2
    return named, bool(query), len(path), len(url)
