"""What of others' words may be shown, and what of their addresses may be followed.

Whatever a page said is hostile. It comes into the report in two ways only: through the template, which escapes, and
as JSON in a script element that is never run, from which the page's own script makes text nodes.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Controls, line separators, bidi embeddings, overrides and isolates, halves of surrogate pairs, noncharacters
UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)
_IN_JSON = re.compile(f"[<>&]|{UNSHOWABLE.pattern}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


def showable(value: object) -> object:
    """A value of the template, without what cannot be shown; our own markup as it is.

    >>> showable("a\\u202eb\\ud800")
    'a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}'
    """
    return UNSHOWABLE.sub(REPLACEMENT, value) if isinstance(value, str) and not isinstance(value, Markup) else value


def json_block(value: Any) -> bytes:
    """A value as JSON that may stand in a script element: it holds no tag, comment or entity, and hides nothing.

    >>> json_block({"a": "</script>\\u202e"})
    b'{"a":"\\\\u003c/script\\\\u003e\\\\u202e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def web_address(url: str) -> str:
    """A URL that may be linked to, "" for any other: `javascript:` leads nowhere.

    >>> web_address("https://web.archive.org/"), web_address("javascript:alert(1)")
    ('https://web.archive.org/', '')
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    fit = parts.scheme in ("http", "https") and bool(parts.hostname) and not UNSHOWABLE.search(url)
    return url if fit else ""


def language_tag(language: str) -> str:
    """The value of a `lang` attribute, "" where the language has not the form of one.

    >>> language_tag("de"), language_tag('en" onclick="')
    ('de', '')
    """
    return language if _LANGUAGE.fullmatch(language) else ""
