"""Makes texts and addresses from policies safe to show and to link.

Whatever comes from a policy may be hostile. It enters the report in two ways only: through the template, which escapes
it, and as JSON in a script element that is never run, from which the page's own script makes text nodes.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Controls, line separators, bidi embeddings, overrides and isolates, halves of surrogate pairs, noncharacters
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)
_IN_JSON = re.compile(f"[<>&]|{_UNSHOWABLE.pattern}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


def replace_unshowable(value: object) -> object:
    """A value of the template with unshowable characters replaced; our own markup is returned unchanged.

    >>> replace_unshowable("a\\u202eb\\ud800")
    'a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}'
    """
    return _UNSHOWABLE.sub(_REPLACEMENT, value) if isinstance(value, str) and not isinstance(value, Markup) else value


def script_json(value: Any) -> bytes:
    """A value as JSON for a script element: it contains no tag, comment or entity, and no invisible characters.

    >>> script_json({"a": "</script>\\u202e"})
    b'{"a":"\\\\u003c/script\\\\u003e\\\\u202e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def linkable_url(url: str) -> str:
    """A URL if it may be linked to, "" for any other, such as `javascript:`.

    >>> linkable_url("https://web.archive.org/"), linkable_url("javascript:alert(1)")
    ('https://web.archive.org/', '')
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    linkable = parts.scheme in ("http", "https") and bool(parts.hostname) and not _UNSHOWABLE.search(url)
    return url if linkable else ""


def valid_language_tag(language: str) -> str:
    """A language if it has the form of a `lang` attribute, otherwise "".

    >>> valid_language_tag("de"), valid_language_tag('en" onclick="')
    ('de', '')
    """
    return language if _LANGUAGE.fullmatch(language) else ""
