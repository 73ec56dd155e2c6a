"""Facts from the raw HTML of a page, for pages with little extracted text."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_HIDDEN_TAG = re.compile(r"<(/?)(script|style|noscript|template|svg)\b[^<>]*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--[^<>]*-->")
_TAG = re.compile(r"<[^<>]*>")
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_PASSWORD = re.compile(r"<input\b[^<>]*\btype\s*=\s*[\"']?password", re.IGNORECASE)
_MOUNT_POINT = re.compile(
    r"\bid\s*=\s*[\"']?(root|app|__next|__nuxt|___gatsby|app-root|react-root|ember\d*)\b|<app-root", re.IGNORECASE
)
_FRAME = re.compile(r"<frame\b[^<>]*\bsrc\s*=\s*[\"']?([^\s\"'<>]+)", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s[^<>]*>((?:[^<]|<(?!/?a\b))*)", re.IGNORECASE)
_HEADLINE = re.compile(r"<h[12]\b[^<>]*>((?:[^<]|<(?!/?h[1-6]\b))*)", re.IGNORECASE)
_NOSCRIPT = re.compile(r"<noscript\b[^<>]*>((?:[^<]|<(?!/?noscript\b))*)", re.IGNORECASE)
_END_TAG = re.compile(r"</(?:body|html|frameset)\s*>", re.IGNORECASE)
_UNFINISHED_TAG = re.compile(r"<[a-z/!][^<>]*\Z", re.IGNORECASE)
_MAX_CHARACTERS = 400_000  # pages with little text are rarely longer


@dataclass(frozen=True, slots=True)
class MarkupFacts:
    """Facts about a page's HTML: texts, counts of elements, the URLs of frames and the texts of links."""

    visible_text: str = ""
    headline: str = ""
    script_count: int = 0
    password_field_count: int = 0
    noscript_text: str = ""
    has_mount_point: bool = False  # the empty element that a script would fill
    frame_urls: tuple[str, ...] = ()
    link_texts: tuple[str, ...] = ()


def markup_facts(source: str) -> MarkupFacts:
    """The facts about a page's HTML, in time linear in its length."""
    source = source[:_MAX_CHARACTERS]
    return MarkupFacts(
        visible_text=_visible_text(source),
        headline=next((_plain_words(inner) for inner in _HEADLINE.findall(source)), ""),
        script_count=len(_SCRIPT.findall(source)),
        password_field_count=len(_PASSWORD.findall(source)),
        noscript_text=" ".join(_plain_words(inner) for inner in _NOSCRIPT.findall(source)),
        has_mount_point=bool(_MOUNT_POINT.search(source)),
        frame_urls=tuple(_FRAME.findall(source)),
        link_texts=tuple(filter(None, (_plain_words(inner) for inner in _ANCHOR.findall(source)))),
    )


def _visible_text(source: str) -> str:
    """The text outside scripts, styles and the like, as one line.

    >>> _visible_text("<title>Shop</title><script>let a</script><p>Please <b>log</b> in</p>")
    'Shop Please log in'
    """
    return _plain_words("".join(_parts_outside_hidden(_COMMENT.sub(" ", source))))


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
    return bool(_UNFINISHED_TAG.search(source[-2000:])) and not _END_TAG.search(source[-4000:])
