"""The URL that a saved page tells itself: in the comment of the program that saved it, or in its head."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from extractor.corpora.memento_urls import parse_archived_url
from extractor.records import Snapshot

_HEAD_BYTES = 20_000
_COMMENTS = (
    re.compile(r"<!--\s*saved from url=\(\d+\)\s*(\S+?)\s*-->", re.IGNORECASE),  # browsers
    re.compile(r"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)", re.IGNORECASE),
)
_TAG = re.compile(r"<(link|meta)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_NO_HTML = ("application/pdf", "text/markdown")


class _SavedUrl(NamedTuple):
    """A URL that a page tells, and what told it: "saved-from", "canonical" or "og:url"."""

    url: str = ""
    told_by: str = ""


def _saved_url(content: bytes) -> _SavedUrl:
    """The URL in the first 20 kB of a page, by the most reliable of what tells one; empty if nothing does.

    The home page of a site as the canonical one is a common mistake of programs, and is not taken for the page's URL.

    >>> _saved_url(b"<!-- saved from url=(0026)http://a.example/privacy -->")
    _SavedUrl(url='http://a.example/privacy', told_by='saved-from')
    >>> _saved_url(b'<link rel="canonical" href="https://a.example/privacy">').told_by
    'canonical'
    """
    if content.startswith(b"%PDF-"):
        return _SavedUrl()
    head = content[:_HEAD_BYTES].replace(b"\0", b"").decode("utf-8", "replace")
    for comment in _COMMENTS:
        if (match := comment.search(head)) and _is_web_address(match[1]):
            return _SavedUrl(match[1], "saved-from")
    told = {key: url for key, url in reversed(_addresses_in(_COMMENT.sub(" ", head))) if _is_page_address(url)}
    return next((_SavedUrl(told[key], key) for key in ("canonical", "og:url") if key in told), _SavedUrl())


def _addresses_in(head: str) -> list[tuple[str, str]]:
    """The addresses in the links and metadata of a head, each with what it is."""
    found = []
    for tag in _TAG.finditer(head):
        attributes = {match[1].lower(): match[2] or match[3] or match[4] or "" for match in _ATTRIBUTE.finditer(tag[2])}
        if "canonical" in attributes.get("rel", "").lower().split():
            found.append(("canonical", attributes.get("href", "")))
        elif "og:url" in (attributes.get("property", "").lower(), attributes.get("name", "").lower()):
            found.append(("og:url", attributes.get("content", "")))
    return [(key, html.unescape(url).strip()) for key, url in found]


def _is_web_address(url: str) -> bool:
    """Whether a URL is one of the web, with a host that has a dot."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and "." in (parts.hostname or "").strip(".")
    except ValueError:
        return False


def _is_page_address(url: str) -> bool:
    """Whether a URL is one of the web and more than a home page."""
    return _is_web_address(url) and bool(urlsplit(url).path.strip("/") or urlsplit(url).query)


def with_saved_url(snapshot: Snapshot) -> Snapshot:
    """The same page; if its URL is unknown, with the one that the page tells, and the date in an archive's URL."""
    media_type = snapshot.content_type.partition(";")[0]
    if snapshot.capture.original or media_type in _NO_HTML:
        return snapshot
    told = _saved_url(snapshot.content)
    if not told.url:
        return snapshot
    archived, known = parse_archived_url(told.url), snapshot.capture.timestamp
    timestamp = archived.timestamp if archived else ""
    capture = replace(snapshot.capture, original=archived.url if archived else told.url, timestamp=known or timestamp)
    date_from = told.told_by if timestamp and not known else snapshot.source.date_from
    source = replace(snapshot.source, url_from=told.told_by, date_from=date_from)
    archive_url = snapshot.archive_url or (told.url if archived else "")
    return replace(snapshot, capture=capture, source=source, archive_url=archive_url)
