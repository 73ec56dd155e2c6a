"""Repairs the source of pages from which an HTML5 parser would lose words that browsers of their time showed.

The parser (lexbor, through selectolax) follows the HTML standard: what stands after a first `</html>` belongs to the
body, and misnested tags are put right as in a browser, on every machine in the same way. But by the standard an
unclosed `<title>`, `<style>` or comment swallows the rest of the page, which older browsers did not allow; and some
sources make any parser that follows it slow.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborHTMLParser, LexborNode

_MAX_TAG_LENGTH = 20_000  # characters: a parser takes quadratic time over the attributes of one tag
_OVERLONG_TAG = re.compile(rb"<(\w+)\s[^<>]{%d,}>" % _MAX_TAG_LENGTH)
_LOWER_CASE = 0x20  # the bit by which a letter differs from its capital
_NOSCRIPT_NAMES = (b"noscript", b"NOSCRIPT")
_NOSCRIPT_TAG = re.compile(rb"</?noscript\b[^<>]*>", re.IGNORECASE)
# The parser drops what is in a frameset, and takes what is for browsers without frames for raw text
_FRAMESET_TAG = re.compile(r"</?frameset\b[^<>]*>", re.IGNORECASE)
_FALLBACK_START = re.compile(r"<(noframes|noembed)\b", re.IGNORECASE)
_FALLBACK_END = re.compile(r"</(?:noframes|noembed)\b", re.IGNORECASE)
_DROPPED_TAGS = frozenset(("frameset", "noframes", "noembed"))
_RAW_TEXT_SELECTOR = "title, style, script, iframe, plaintext, frameset, noframes, noembed"
_PAGE_START = re.compile(r"</head|<body|<(?:p|div|h[1-6]|table)\b|</plaintext", re.IGNORECASE)
_SELF_CLOSED = re.compile(
    r"<(title|style|script|textarea|iframe|xmp|select|object|noscript|noframes|template)\b((?:[^<>]*[\s\"'])?)/>",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_PLAIN_TEXT_TAG = re.compile(r"<(/?)plaintext\b", re.IGNORECASE)
_PAGE_TAG = r"<(?:/head|body|/style|meta|link|h[1-6]|p|div|table|center|ul|ol|font|hr)\b"
_RAW_TEXT = re.compile(r"<(title|style|iframe|script)\b[^<>]*>", re.IGNORECASE)
_ENDS_OF_UNCLOSED = {
    "title": re.compile(_PAGE_TAG + r"|<(?:style|script|base)\b", re.IGNORECASE),
    "style": re.compile(_PAGE_TAG, re.IGNORECASE),
    "script": re.compile(r"</head\s*>\s*<body\b|<body\b[^<>]*>\s*<", re.IGNORECASE),
    "iframe": re.compile(r"<(?:h[1-6]|p|div|table|center|ul|ol)\b", re.IGNORECASE),
}
_MIN_SWALLOWED = 200  # characters after an unclosed tag or comment: fewer are not worth a repair
_MAX_REPAIRS = 20
_ESCAPED_END = re.compile(r"&lt;/(?:p|h[1-6]|li|div|td)&gt;", re.IGNORECASE)
_REAL_END = re.compile(r"</(?:p|h[1-6]|li|div|td)>", re.IGNORECASE)
_ESCAPED_TAG = re.compile(
    r"&lt;(/?(?:p|h[1-6]|ul|ol|li|div|span|table|tbody|tr|td|th|b|strong|i|em|u|a|br|hr|font|section)\b"
    r"(?:[^&<>]|&(?!gt;))*)&gt;",
    re.IGNORECASE,
)
_TAG = re.compile(r"(<[a-zA-Z/!][^<>]*>)")
_ESCAPED_ENTITY = re.compile(
    r"&amp;((?:nbsp|amp|quot|apos|[lr][sd]quo|[mn]dash|hellip|copy|reg|trade|bull|middot|[lg]t|#\d{2,5}|#x[\da-f]{2,4});)"
)
_ESCAPED_MARKUP = re.compile(rb"&(?:lt;(/)|%s)" % _ESCAPED_ENTITY.pattern.removeprefix("&").encode())
_MIN_ESCAPED = 5
_FORMATTING_TAG = re.compile(rb"<(/?)((?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?:\s[^<>]*)?)>", re.I)
_MAX_FORMATS = 60
_MAX_UNCLOSED = 500  # tags without an end tag, void ones included
_NESTING_TAG = re.compile(rb"<(/?)(?:div|span|font|center|section|article|ul|ol|li|table|td|tr|dl|blockquote)\b")
_WRAPPER = re.compile(
    rb"</?(?:div|span|font|b|i|u|em|strong|big|small|center|section|article|a|ul|ol|li)\b[^>]*>", re.I
)
_MAX_SHALLOW_TAGS = 4_000  # a page with fewer cannot be nested deeply enough to take long
_MAX_DEPTH = 2_000


def prepare_source(page: bytes) -> bytes:
    """The source of a page without what takes a parser quadratic time or memory, and with `noscript` mended."""
    page = _OVERLONG_TAG.sub(rb"<\1>", page) if overlong_tag_starts(page) else page
    tags = _find_tags(page)
    limited = _limit_depth(page) if len(tags.starts) > _MAX_SHALLOW_TAGS else page
    limited = _limit_formats(limited) if len(tags.starts) - 2 * tags.end_count > _MAX_UNCLOSED else limited
    return _mend_noscript(limited, tags if limited is page else _find_tags(limited))


class _Tags(NamedTuple):
    """The indices of a page's "<", but for one at its end; how many are in end tags; and the first bytes of names."""

    starts: NDArray[np.intp]
    end_count: int
    initials: NDArray[np.uint8]


def _find_tags(page: bytes) -> _Tags:
    """The tags of a page."""
    codes = np.frombuffer(page, np.uint8)  # searched several times as fast as bytes are
    starts = np.flatnonzero(codes[:-1] == ord("<"))
    initials = codes[starts + 1]
    is_end = initials == ord("/")
    names = starts + 1 + is_end
    return _Tags(starts, int(np.count_nonzero(is_end)), codes.take(names, mode="clip"))


def _mend_noscript(page: bytes, tags: _Tags) -> bytes:
    """A page in which `noscript` hides only its own words.

    What it holds would leave it in the head, so that it becomes a template there; if one is not closed all are opened.
    """
    places = _places_of(tags, "n")
    name = next((name for name in _NOSCRIPT_NAMES if _first_at(b"<" + name, page, places) >= 0), b"")
    if not name:
        return page
    first, *others = _at_mark(b"<" + name, page, places)
    ends = [at for at in _at_mark(b"</" + name, page, places) if at > first]
    if len(ends) != 1 + len(others):
        return _NOSCRIPT_TAG.sub(b"", page)
    if 0 < _first_at(b"<body", page, _places_of(tags, "b")) < first:
        return page
    return re.sub(b"<(/?)" + name, lambda tag: b"</template" if tag[1] else b"<template data-noscript", page)


def _places_of(tags: _Tags, initial: str) -> list[int]:
    """The indices of the tags whose names start with a letter, or its capital."""
    places: list[int] = tags.starts[(tags.initials | _LOWER_CASE) == ord(initial)].tolist()
    return places


def _at_mark(mark: bytes, page: bytes, places: Sequence[int]) -> Iterator[int]:
    """Those of some places in a page at which a mark stands."""
    return (at for at in places if page.startswith(mark, at))


def _first_at(mark: bytes, page: bytes, places: Sequence[int]) -> int:
    """The first of some places in a page at which a mark stands, -1 if there is none."""
    return next(_at_mark(mark, page, places), -1)


def loses_words(page: bytes, tree: LexborHTMLParser) -> bool:
    """Whether the tree of a page may lack words of its source, so that the source has to be repaired."""
    return (
        any(map(_may_hide_page, tree.css(_RAW_TEXT_SELECTOR)))
        or page.rfind(b"<!--") > page.rfind(b"-->")
        or _has_escaped_markup(page)
    )


def _has_escaped_markup(page: bytes) -> bool:
    """Whether a page has several end tags as text, or several entities that were escaped twice."""
    found = _ESCAPED_MARKUP.findall(page)
    entities = sum(1 for _, entity in found if entity)
    return entities >= _MIN_ESCAPED or len(found) - entities >= _MIN_ESCAPED


def _may_hide_page(node: LexborNode) -> bool:
    """Whether an element whose content is raw text, or dropped, has tags of a page in it."""
    tag = node.tag
    if tag in _DROPPED_TAGS:
        return True
    text = node.text(deep=False)
    if "<" not in text:
        return False
    if tag == "script":  # one with an address that has words was not closed
        return "</head" in text or "</HEAD" in text or bool(node.attributes.get("src"))
    return len(text) >= _MIN_SWALLOWED and _PAGE_START.search(text) is not None


def repair_source(page: str) -> str:
    """The source of a page with all its words where the parser finds them."""
    page = _close_plain_text(_SELF_CLOSED.sub(r"<\1\2></\1>", page))
    page = _FALLBACK_START.sub(r"<template data-\1", _FALLBACK_END.sub("</template", _FRAMESET_TAG.sub("", page)))
    return _unescape_markup(_close_comments(_close_raw_text(page)))


def overlong_tag_starts(content: bytes) -> list[int]:
    """The positions of "<" that are not followed by ">" or another "<" for `_MAX_TAG_LENGTH` bytes."""
    half = _MAX_TAG_LENGTH // 2  # such a "<" is followed by a whole part of a page cut into parts of this length
    parts = [at for at in range(half, len(content), half) if not _has_tag_mark(content, at, at + half)]
    starts = [content.rfind(b"<", at - half, at) for at in parts]
    return [
        start
        for start in starts
        if 0 <= start < len(content) - _MAX_TAG_LENGTH
        and not _has_tag_mark(content, start + 1, start + 1 + _MAX_TAG_LENGTH)
    ]


def _has_tag_mark(content: bytes, start: int, end: int) -> bool:
    """Whether there is a "<" or ">" in a part of a page."""
    return content.find(b"<", start, end) >= 0 or content.find(b">", start, end) >= 0


def _close_plain_text(page: str) -> str:
    """A page whose `<plaintext>` ends at its end tag, as in the browsers that knew it; the standard has no end."""
    tags = _PLAIN_TEXT_TAG.findall(page)
    return _PLAIN_TEXT_TAG.sub(r"<\1xmp", page) if "/" in tags else page


def _close_raw_text(page: str) -> str:
    """A page in which a title, style sheet, script or frame ends where the page's own tags begin.

    >>> _close_raw_text("<style>p {color: red} <body><p>We" + " collect" * 40)[:40]
    '<style>p {color: red} </style><body><p>W'
    """
    parts, at = [], 0
    ends = dict.fromkeys(_ENDS_OF_UNCLOSED, 0)
    while opening := _RAW_TEXT.search(page, at):
        name = opening[1].lower()
        if 0 <= ends[name] < opening.end():
            ends[name] = _find_end_tag(page, name, opening.end())
        end = _end_of_unclosed(page, name, opening.end(), ends[name])
        parts += [page[at:end], f"</{name}>"] if end >= 0 else [page[at : opening.end()]]
        at = end if end >= 0 else max(ends[name], opening.end())
        parts += [page[opening.end() : at]] if end < 0 else []
    return "".join(parts) + page[at:] if parts else page


def _end_of_unclosed(page: str, name: str, start: int, closing: int) -> int:
    """The index at which raw text that starts at `start` ends although its end tag is missing, -1 if it is not.

    `closing` is the index of the next end tag of this name, which may be another element's, -1 if there is none.
    """
    limit = closing if closing >= 0 else len(page)
    if limit - start < _MIN_SWALLOWED or (
        name == "script" and closing >= 0 and not _opens_script(page, start, closing)
    ):
        return -1  # scripts write pages
    own = _ENDS_OF_UNCLOSED[name].search(page, start, limit)
    return own.start() if own else -1


def _opens_script(page: str, start: int, end: int) -> bool:
    """Whether a script begins in a part of a page."""
    return _SCRIPT.search(page, start, end) is not None


def _find_end_tag(page: str, name: str, start: int) -> int:
    """The index of the next end tag of this name, -1 if there is none."""
    found = re.compile(rf"</{name}\b", re.IGNORECASE).search(page, start)
    return found.start() if found else -1


def _close_comments(page: str) -> str:
    """A page in which a comment that never ends is ended by the first ">", as in older browsers.

    >>> _close_comments("<p>a</p><!-- menu ><p>b" + "!" * 200)[:16]
    '<p>a</p><p>b!!!!'
    """
    at = max(page.rfind("-->"), page.rfind("--!>"))
    for _ in range(_MAX_REPAIRS):
        start = page.find("<!--", max(at, 0))
        end = page.find(">", start) if start >= 0 else -1
        if end < 0 or len(page) - end < _MIN_SWALLOWED:
            break
        at = start + 4 if _is_in_script(page, start) else start
        page = page if at > start else page[:start] + page[end + 1 :]
    return page


def _is_in_script(page: str, at: int) -> bool:
    """Whether a place is in a script, where "<!--" begins no comment."""
    closing = _find_end_tag(page, "script", at)
    return closing >= 0 and not _opens_script(page, at, closing)


def _unescape_markup(page: str) -> str:
    """A page whose text shows tags and entities that were escaped twice, with these as tags and characters.

    >>> _unescape_markup("<td>" + "&lt;p&gt;We do.&lt;/p&gt;" * 5)[:17]
    '<td><p>We do.</p>'
    """
    if page.count("&amp;") >= _MIN_ESCAPED and len(_ESCAPED_ENTITY.findall(page)) >= _MIN_ESCAPED:
        page = _outside_tags(page, lambda text: _ESCAPED_ENTITY.sub(r"&\1", text))
    if page.count("&lt;/") < _MIN_ESCAPED or not _has_more_escaped_ends(page):
        return page
    return _outside_tags(page, lambda text: _ESCAPED_TAG.sub(lambda tag: f"<{html.unescape(tag[1])}>", text))


def _has_more_escaped_ends(page: str) -> bool:
    """Whether the text of a page shows more end tags of paragraphs and the like than the page has."""
    least = max(_MIN_ESCAPED, len(_REAL_END.findall(page)) + 1)
    if len(_ESCAPED_END.findall(page)) < least:  # with those in attributes
        return False
    return len(_ESCAPED_END.findall("<>".join(_TAG.split(page)[::2]))) >= least


def _outside_tags(page: str, change: Callable[[str], str]) -> str:
    """A page with a change made to the text between its tags that has entities."""
    parts = _TAG.split(page)  # text and tags in turn
    parts[::2] = [change(text) if "&" in text else text for text in parts[::2]]
    return "".join(parts)


def _limit_formats(page: bytes) -> bytes:
    """A page without its formatting tags if very many different ones are open: the standard has each of them opened
    again in every later paragraph, which makes millions of elements.
    """
    tags = _FORMATTING_TAG.findall(page)
    open_count = sum(-1 if slash else 1 for slash, _ in tags)
    if open_count <= _MAX_FORMATS or len({name for slash, name in tags if not slash}) <= _MAX_FORMATS:
        return page
    return _FORMATTING_TAG.sub(b"", page)


def _limit_depth(page: bytes) -> bytes:
    """A page without wrappers if its elements are nested so deeply that a parser takes quadratic time."""
    return page if _depth(page) <= _MAX_DEPTH else _WRAPPER.sub(b"<br><br>", page)


def _depth(page: bytes) -> int:
    """How deep a page's elements are nested, if all end tags are there."""
    steps = (-1 if slash else 1 for slash in _NESTING_TAG.findall(page.lower()))
    return max(accumulate(steps, initial=0))
