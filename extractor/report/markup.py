"""Text of others into HTML: one type for what is already markup, and the only doors to it.

Whatever a page said is hostile until `text` or `element` has passed it: mypy holds that `Html` is made nowhere else.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import NewType
from urllib.parse import urlsplit

Html = NewType("Html", str)

NOTHING = Html("")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Controls, line separators, bidi embeddings, overrides and isolates, halves of surrogate pairs, noncharacters
UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


def escape(value: str) -> str:
    """A string that HTML shows as it is, between tags and in quoted attributes.

    >>> escape('<b title="x">') + escape("a\\u202eb\\ud800")
    '&lt;b title=&quot;x&quot;&gt;a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}'
    """
    return html.escape(UNSHOWABLE.sub(REPLACEMENT, value))


def text(value: object) -> Html:
    """Anything as text between tags."""
    return Html(escape(str(value)))


def element(tag: str, *children: Html, **attributes: str) -> Html:
    """An element; `class_` stands for class and `data_site` for data-site. An attribute that is "" is left out.

    >>> element("a", text("1 < 2"), href="x", class_="")
    '<a href="x">1 &lt; 2</a>'
    """
    return Html(f"<{tag}{attributes_of(attributes)}>{''.join(children)}</{tag}>")


def attributes_of(attributes: dict[str, str]) -> str:
    """The attributes of a tag, each with a blank before it."""
    return "".join(
        f' {name.strip("_").replace("_", "-")}="{escape(value)}"' for name, value in attributes.items() if value
    )


def joined(parts: Iterable[Html], separator: str = "") -> Html:
    """Markup side by side; the separator is text."""
    return Html(escape(separator).join(parts))


def web_link(url: str, label: Html) -> Html:
    """A link out of the page, the bare label where the URL is not of http or https: `javascript:` leads nowhere.

    >>> web_link("javascript:alert(1)", text("here"))
    'here'
    """
    return element("a", label, href=url, rel="noopener noreferrer nofollow") if is_web(url) else label


def is_web(url: str) -> bool:
    """Whether a URL names a host under http or https, with nothing in it that cannot be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not UNSHOWABLE.search(url)


def language_tag(language: str) -> str:
    """The value of a `lang` attribute, "" where the language has not the form of one.

    >>> language_tag("de"), language_tag('en" onclick="')
    ('de', '')
    """
    return language if LANGUAGE.fullmatch(language) else ""
