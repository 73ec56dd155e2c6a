"""What the raw HTML of a page tells about it, for pages in which few words were found."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_HIDDEN = re.compile(r"<(/?)(script|style|noscript|template|svg)\b[^<>]*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^<>]*-->")
_TAG = re.compile(r"<[^<>]*>")
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_PASSWORD = re.compile(r"<input\b[^<>]*\btype\s*=\s*[\"']?password", re.IGNORECASE)
_MOUNT = re.compile(
    r"\bid\s*=\s*[\"']?(root|app|__next|__nuxt|___gatsby|app-root|react-root|ember\d*)\b|<app-root", re.IGNORECASE
)
_FRAME = re.compile(r"<frame\b[^<>]*\bsrc\s*=\s*[\"']?([^\s\"'<>]+)", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s[^<>]*>((?:[^<]|<(?!/?a\b))*)", re.IGNORECASE)
_HEADLINE = re.compile(r"<h[12]\b[^<>]*>((?:[^<]|<(?!/?h[1-6]\b))*)", re.IGNORECASE)
_NOSCRIPT = re.compile(r"<noscript\b[^<>]*>((?:[^<]|<(?!/?noscript\b))*)", re.IGNORECASE)
_ENDED = re.compile(r"</(?:body|html|frameset)\s*>", re.IGNORECASE)
_UNFINISHED = re.compile(r"<[a-z/!][^<>]*\Z", re.IGNORECASE)
_MOST = 400_000  # characters looked at: pages with few words are seldom longer


@dataclass(frozen=True, slots=True)
class Markup:
    """Facts about a page's HTML: what a reader sees of it, its first heading, its scripts and what it says
    to those who run none, its fields, frames and links."""

    visible: str = ""
    headline: str = ""
    scripts: int = 0
    passwords: int = 0
    noscript: str = ""
    mounted: bool = False  # has the empty element that a script would fill
    frames: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


def markup_of(source: str) -> Markup:
    """The facts about a page's HTML. Takes time linear in its length."""
    source = source[:_MOST]
    return Markup(
        visible=_visible(source),
        headline=next((_words_of(inner) for inner in _HEADLINE.findall(source)), ""),
        scripts=len(_SCRIPT.findall(source)),
        passwords=len(_PASSWORD.findall(source)),
        noscript=" ".join(_words_of(inner) for inner in _NOSCRIPT.findall(source)),
        mounted=bool(_MOUNT.search(source)),
        frames=tuple(_FRAME.findall(source)),
        links=tuple(filter(None, (_words_of(inner) for inner in _ANCHOR.findall(source)))),
    )


def _visible(source: str) -> str:
    """The words that a reader sees, or would without scripts and styles, as one line.

    >>> _visible("<title>Shop</title><script>let a</script><p>Please <b>log</b> in</p>")
    'Shop Please log in'
    """
    return _words_of("".join(_outside_hidden(_COMMENT.sub(" ", source))))


def _outside_hidden(source: str) -> list[str]:
    """The parts of the source that are in no script, style or the like; an element left open hides what follows it."""
    parts, start, inside = [], 0, ""
    for tag in _HIDDEN.finditer(source):
        closing, name = tag[1] == "/", tag[2].lower()
        if not inside and not closing:
            parts.append(source[start : tag.start()])
            inside = name
        elif closing and name == inside:
            start, inside = tag.end(), ""
    return parts if inside else [*parts, source[start:]]


def _words_of(source: str) -> str:
    """The words of a piece of HTML in one line."""
    return " ".join(html.unescape(_TAG.sub(" ", source)).split())


def is_cut(source: str) -> bool:
    """Whether the source stops in the middle of a tag. That the end tags lack says nothing: old pages left them out."""
    return bool(_UNFINISHED.search(source[-2000:])) and not _ENDED.search(source[-4000:])
