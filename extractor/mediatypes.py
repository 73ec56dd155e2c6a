"""Media types as servers, crawlers and indexes write them."""

from __future__ import annotations

import re

# What is no page, whatever it holds. Anything else may be one: indexes have media types in any spelling, or none
_ASSET_TYPE = re.compile(
    r"(?:image|audio|video|font)/|text/(?:css|javascript|dns)\b|"
    r"application/(?:(?:x-)?javascript|json|(?:x-)?font|x-shockwave-flash|zip|(?:x-)?gzip)\b",
)
_ASSET_NAME = re.compile(
    r"\.(?:jpe?g|gif|png|svg|webp|bmp|ico|css|js|zip|gz|exe|mp[34]|avi|mov|swf|woff2?|ttf|eot|xml|rss)$", re.IGNORECASE
)


def media_type(content_type: str) -> str:
    """The media type in a header, without parameters and in lower case.

    >>> media_type(" Text/HTML;charset=utf-8"), media_type("")
    ('text/html', '')
    """
    return content_type.partition(";")[0].strip().lower()


def may_be_page(content_type: str) -> bool:
    """Whether something may be a page by its media type: unless that is an image, a style or the like.

    >>> [may_be_page(name) for name in ("TEXT/HTML; charset=x", "", "unk", "application/octet-stream", "image/gif")]
    [True, True, True, True, False]
    """
    return not _ASSET_TYPE.match(media_type(content_type))


def names_asset(url: str) -> bool:
    """Whether an address is that of an image, a style or the like, by the name of the file.

    >>> names_asset("http://a.example/logo.GIF?v=2"), names_asset("http://a.example/p?file=logo.gif")
    (True, False)
    """
    return bool(_ASSET_NAME.search(url.partition("#")[0].partition("?")[0]))
