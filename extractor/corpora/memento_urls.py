"""URLs of web archives: the page that one shows, and the time at which it was archived."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from extractor.timestamps import first_second, is_timestamp

# Archives, and what their URLs have before the time, which may be missing
_ARCHIVES = (
    r"(?:[\w-]+\.)*archive\.org/(?:(?:web|wayback|memento|eot)/)?(?:save/)?(?:_embed/)?",
    r"(?:[\w-]+\.)*waybackmachine\.org/",
    r"timetravel\.mementoweb\.org/(?:memento|list|reconstruct|api/json)/",
    r"archive\.(?:today|ph|is|li|fo|md|vn)/(?:o/\w+/|newest/|oldest/)?",
    r"(?:www\.)?arquivo\.pt/(?:wayback|noframe/replay)/(?:wayback/)?",
    r"(?:www\.)?webarchive\.org\.uk/(?:act/)?wayback/(?:\w\w/)?archive/",
    r"webarchive\.nationalarchives\.gov\.uk/(?:ukgwa/)?",
    r"webarchive\.loc\.gov/[\w-]+/",
    r"(?:[\w-]+\.)*vefsafn\.is/(?:\w+/)?",
    r"(?:[\w-]+\.)*perma\.cc/(?:warc|archive)/[\w-]+/",
    r"wayback\.archive-it\.org/[\w-]+/",
)
_TIME = r"(?P<time>\*|\d{1,14}\*?|\d{4}\.\d\d\.\d\d-\d{6})(?:[a-z]{2}_)*/"
_START = r"(?:https?:)?(?://?)?"
_KNOWN = re.compile(rf"{_START}(?:{'|'.join(_ARCHIVES)})(?:{_TIME})?(?P<url>\S.*)", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(r"^((?:https?:)?/{0,2}[\w.-]+):\d+(?=/)", re.IGNORECASE)
_USUAL_PORT = re.compile(r"^(http://[^/?#]*):80(?=[/?#]|$)|^(https://[^/?#]*):443(?=[/?#]|$)")
# Any archive that follows the form of pywb and OpenWayback, on whatever host
_USUAL_FORM = re.compile(
    r"https?://[^/?#\s]+/(?:[^?#\s/]*/){0,4}?(?P<time>\d{14})(?:[a-z]{2}_)?/(?P<url>https?(?::|%3A)/?\S+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"^(https?):/*(?=[^/])", re.IGNORECASE)
_HOST = re.compile(r"^(?:[\w-]+\.)+[a-z][\w-]+(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)
_MAX_NESTED = 5  # an archive may have archived another


class _ArchivedUrl(NamedTuple):
    """The URL of a page without the archive around it, and its time in the archive; `is_exact` if that is a second."""

    url: str
    timestamp: str = ""
    is_exact: bool = False


def parse_archived_url(url: str) -> _ArchivedUrl | None:
    """What a web archive's URL shows; None for any other URL, and for pages of the archive's own.

    >>> parse_archived_url("https://web.archive.org/web/20050304050607id_/http://a.example/privacy")
    _ArchivedUrl(url='http://a.example/privacy', timestamp='20050304050607', is_exact=True)
    >>> parse_archived_url("web.archive.org:80/web/2005if_/a.example%2Fprivacy")
    _ArchivedUrl(url='http://a.example/privacy', timestamp='20050101000000', is_exact=False)
    >>> parse_archived_url("https://archive.ph/2015.01.02-030405/http:/a.example/")
    _ArchivedUrl(url='http://a.example/', timestamp='20150102030405', is_exact=True)
    >>> parse_archived_url("http://a.example/privacy"), parse_archived_url("https://archive.org/about/")
    (None, None)
    """
    inner = _parse_once(url.strip())
    for _ in range(_MAX_NESTED):
        if not inner or not (deeper := _parse_once(inner.url)):
            break
        inner = deeper if deeper.timestamp else deeper._replace(timestamp=inner.timestamp, is_exact=inner.is_exact)
    return inner


def _parse_once(url: str) -> _ArchivedUrl | None:
    """What an archive's URL shows, which may again be an archive's."""
    match = _USUAL_FORM.match(url) or _KNOWN.match(_PORT.sub(r"\1", url))
    if not match or not (page := _page_url(match["url"], has_time=bool(match["time"]))):
        return None
    digits = re.sub(r"\D", "", match["time"] or "")
    timestamp = first_second(digits) if len(digits) >= 4 else ""
    return _ArchivedUrl(page, timestamp, len(digits) == 14) if is_timestamp(timestamp) else _ArchivedUrl(page)


def _page_url(url: str, *, has_time: bool) -> str:
    """The URL of a page as an archive writes it, made whole; "" if it is none. Without a time it needs a scheme."""
    if re.match(r"(?:https?%3A|[^/?#]+%2F)", url, re.IGNORECASE):
        url = unquote(url)
    if match := _SCHEME.match(url):
        return _without_usual_port(f"{match[1].lower()}://{url[match.end() :]}")
    host = url.removeprefix("//")
    return _without_usual_port(f"http://{host}") if has_time and _HOST.match(host) else ""


def _without_usual_port(url: str) -> str:
    """A URL without the port that its scheme implies, which the archive's index has in old captures.

    >>> _without_usual_port("http://a.example:80/privacy"), _without_usual_port("http://a.example:8080/")
    ('http://a.example/privacy', 'http://a.example:8080/')
    """
    return _USUAL_PORT.sub(lambda match: match[1] or match[2], url)
