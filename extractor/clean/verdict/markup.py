"""Facts from the raw HTML of a page, for pages with little extracted text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

_HIDDEN_TAG = re.compile(r"<(/?)(script|style|noscript|template|svg)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_OPTION = re.compile(r"<option\b", re.IGNORECASE)
_PASSWORD = re.compile(r"<input\b[^<>]*\btype\s*=\s*[\"']?password", re.IGNORECASE)
_MOUNT_POINT = re.compile(
    r"\bid\s*=\s*[\"']?(root|app|__next|__nuxt|___gatsby|app-root|react-root|ember\d*)\b|<app-root", re.IGNORECASE
)
_FRAME = re.compile(r"<(i?frame|object|embed)\b([^<>]*)", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"<(a|div|section|article|span|script)\b([^<>]*)", re.IGNORECASE)
_PLACEHOLDER_HINT = re.compile(r"src\s*=|policy|notice|privacy|embed|legal|terms|declaration", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s([^<>]*)>((?:[^<]|<(?!/?a\b))*)", re.IGNORECASE)
_BASE = re.compile(r"<base\b([^<>]*)", re.IGNORECASE)
_META = re.compile(r"<meta\b([^<>]*)", re.IGNORECASE)
_REFRESH = re.compile(r"\burl\s*=\s*[\"']?([^\s\"']+)", re.IGNORECASE)
_SCRIPT_REDIRECT = re.compile(
    r"\blocation(?:\.href)?\s*=\s*[\"']([^\s\"'<>]{1,300})[\"']"
    r"|\blocation\.(?:replace|assign)\(\s*[\"']([^\s\"'<>]{1,300})[\"']"
)
_ATTRIBUTE = re.compile(r"([a-z][\w:-]{0,40})\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_JSON_URL = re.compile(r"https?:\\?/\\?/[^\s\"'<>]{1,300}?\.json\b", re.IGNORECASE)
_HEADLINE = re.compile(r"<h[12]\b[^<>]*>((?:[^<]|<(?!/?h[1-6]\b))*)", re.IGNORECASE)
_NOSCRIPT = re.compile(r"<noscript\b[^<>]*>((?:[^<]|<(?!/?noscript\b))*)", re.IGNORECASE)
_END_TAG = re.compile(r"</(?:body|html|frameset)\s*>", re.IGNORECASE)
_UNFINISHED_TAG = re.compile(r"<[a-z/!][^<>]*\Z", re.IGNORECASE)
_MAX_CHARACTERS = 400_000  # pages with little text are rarely longer
_MAX_TAG_CHARACTERS = 4_000


class Element(NamedTuple):
    """An element: its tag in lower case and its attributes by name."""

    tag: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MarkupFacts:
    """Facts about a page's HTML: texts, counts of elements, frames, and links as (text, target).

    `frames` are also objects; `placeholders` the elements, and scripts of other files, by which a service may put a
    text into the page; `base_address` is the target of <base>, `refresh_address` that of <meta http-equiv="refresh">
    or of a script that sets the page's location.
    """

    visible_text: str = ""
    headline: str = ""
    script_count: int = 0
    password_field_count: int = 0
    option_count: int = 0
    noscript_text: str = ""
    has_mount_point: bool = False  # the empty element that a script would fill
    frames: tuple[Element, ...] = ()
    placeholders: tuple[Element, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    json_urls: tuple[str, ...] = ()
    base_address: str = ""
    refresh_address: str = ""


def markup_facts(source: str) -> MarkupFacts:
    """The facts about a page's HTML, in time linear in its length."""
    source = _without_comments(source[:_MAX_CHARACTERS])
    return MarkupFacts(
        visible_text=_visible_text(source),
        headline=next((_plain_words(inner) for inner in _HEADLINE.findall(source)), ""),
        script_count=len(_SCRIPT.findall(source)),
        password_field_count=len(_PASSWORD.findall(source)),
        option_count=len(_OPTION.findall(source)),
        noscript_text=" ".join(_plain_words(inner) for inner in _NOSCRIPT.findall(source)),
        has_mount_point=bool(_MOUNT_POINT.search(source)),
        frames=_elements(_FRAME.findall(source)),
        placeholders=_elements(tag for tag in _PLACEHOLDER.findall(source) if _PLACEHOLDER_HINT.search(tag[1])),
        links=tuple((_plain_words(inner), _attributes(tag).get("href", "")) for tag, inner in _ANCHOR.findall(source)),
        json_urls=tuple(url.replace("\\/", "/") for url in _JSON_URL.findall(source)),
        base_address=next((_attributes(tag).get("href", "") for tag in _BASE.findall(source)), ""),
        refresh_address=_refresh_address(source),
    )


def _without_comments(source: str) -> str:
    """The source without comments; one that is not closed stays, as parsers differ on where it ends.

    >>> _without_comments("a<!-- <iframe> -->b<!--c")
    'ab<!--c'
    """
    first, *rest = source.split("<!--")
    return "".join([first, *(part.partition("-->")[2] if "-->" in part else f"<!--{part}" for part in rest)])


def _elements(tags: Iterable[tuple[str, str]]) -> tuple[Element, ...]:
    """Elements from their tags and the source of their attributes."""
    return tuple(Element(name.lower(), _attributes(attributes)) for name, attributes in tags)


def _attributes(tag: str) -> dict[str, str]:
    """The attributes in the source of a tag.

    >>> _attributes(" href='/a&amp;b' Class=big")
    {'href': '/a&b', 'class': 'big'}
    """
    pairs = _ATTRIBUTE.findall(tag[:_MAX_TAG_CHARACTERS])
    return {name.lower(): html.unescape(value.strip("\"'")).strip() for name, value in pairs}


def _refresh_address(source: str) -> str:
    """The URL that a page sends the browser to, "" if it does not."""
    by_meta = next(filter(None, map(_refresh_target, _META.findall(source))), "")
    by_script = _SCRIPT_REDIRECT.search(source)
    return by_meta or (by_script[1] or by_script[2] if by_script else "")


def _refresh_target(tag: str) -> str:
    """The URL that a <meta http-equiv="refresh"> leads to, "" of another meta element."""
    attributes = _attributes(tag)
    target = _REFRESH.search(attributes.get("content", ""))
    return target[1] if target and attributes.get("http-equiv", "").lower() == "refresh" else ""


def _visible_text(source: str) -> str:
    """The text outside scripts, styles and the like, as one line.

    >>> _visible_text("<title>Shop</title><script>let a</script><p>Please <b>log</b> in</p>")
    'Shop Please log in'
    """
    return _plain_words("".join(_parts_outside_hidden(source)))


def _parts_outside_hidden(source: str) -> list[str]:
    """The parts of the source outside scripts, styles and the like; an unclosed element hides the rest."""
    parts, start, inside = [], 0, ""
    for tag in _HIDDEN_TAG.finditer(source):
        closing, name = tag[1] == "/", tag[2].lower()
        if not inside and not closing:
            parts.append(source[start : tag.start()])
            inside = name
        elif closing and name == inside:
            start, inside = tag.end(), ""
    return parts if inside else [*parts, source[start:]]


def _plain_words(source: str) -> str:
    """The text of a piece of HTML, as one line."""
    return " ".join(html.unescape(_TAG.sub(" ", source)).split())


def is_cut_off(source: str) -> bool:
    """Whether the source stops in the middle of a tag. Missing end tags prove nothing: old pages omitted them."""
    end = source[-2000:]
    return bool(_UNFINISHED_TAG.match(end, end.rfind("<"))) and not _END_TAG.search(source[-4000:])
