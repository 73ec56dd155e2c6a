"""Text that a page holds where browsers without scripts or frames, or the page's own scripts, find it.

It is the page if little else is there (`document`). It stands in `<noscript>`, `<noframes>`, `<template>`,
`<textarea>`, the `srcdoc` of a frame, a script that is a template, or the JSON state that a script renders (Next.js,
Nuxt, Redux, Contentful …).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.clean.tree.walk import page_title, parse_html

_MIN_HIDDEN_WORDS = 40
_TEMPLATE_TYPE = re.compile(r"template|html|handlebars|mustache|tmpl|jsrender|underscore", re.IGNORECASE)
_TAG = re.compile(r"</?(?:p|br|h[1-6]|li|ul|ol|div|span|strong|b|em|table|td|section|a)\b[^<>]*>", re.IGNORECASE)
_JSON_TYPE = re.compile(r"json", re.IGNORECASE)
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.){80,})"')
_NESTED_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.){20,})"')
_MARKED_KEYS = ("nodeType", "style", "type", "tag", "tagName", "_type", "name")
_HEADING_KIND = re.compile(r"h[1-6]|head(?:ing|er)\W?\w*|sub-?title|title", re.IGNORECASE)
_PARAGRAPH_KIND = re.compile(r"p|paragraph|normal|block|unstyled|li|list-?item\w*|text-?block", re.IGNORECASE)
_TITLE_KEY = re.compile(r"title|head(?:ing|er|line)?|question|label|sub-?title|section_?name", re.IGNORECASE)
_TEXT_KEYS = frozenset(("value", "text", "children", "content", "plain_text", "nodes", "leaves", "props"))
_MIN_SENTENCE_WORDS = 6
_MAX_TITLE_WORDS = 12
_MAX_DEPTH = 60
_MAIN_SHARE = 0.85  # of the words of a value: the part of it that has them is the text
_MAX_SCRIPT_CHARACTERS = 5_000_000


class _HiddenText(NamedTuple):
    """Text that a page does not show by itself: what holds it, and the text as a page of HTML."""

    place: str
    page: str


def hidden_texts(page: str) -> list[_HiddenText]:
    """The texts that a page holds out of sight, the longest first; short ones are omitted."""
    tree = parse_html(page)
    title = f"<title>{html.escape(page_title(tree))}</title>"
    found = [_HiddenText(place, body) for place, body in _places(tree) if _count_words(body) >= _MIN_HIDDEN_WORDS]
    found.sort(key=lambda text: -_count_words(text.page))
    return [text._replace(page=f"{title}<body>{text.page}</body>") for text in found]


def _places(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """The places of a page with hidden text, each with its HTML."""
    yield from _template_texts(tree)
    yield "<textarea>", "".join(_text_as_html(node.text()) for node in tree.css("textarea"))
    yield "the srcdoc of a frame", "".join(node.attributes["srcdoc"] or "" for node in tree.css("iframe[srcdoc]"))
    scripts = tree.css("script")
    yield "a script template", "".join(script.text(deep=False) for script in scripts if _is_template(script))
    for script in scripts:
        if not _is_template(script):
            yield "the state of a script", _state_as_html(script)


def _template_texts(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """The HTML in templates, and in what `source_repair` has made templates of, by the name of the element."""
    texts: dict[str, str] = {}
    for node in tree.css("noscript"):
        texts["noscript"] = texts.get("noscript", "") + (node.inner_html or "")
    for node in tree.css("template"):
        name = next(
            (name for name in ("noscript", "noframes", "noembed") if f"data-{name}" in node.attributes), "template"
        )
        content = "".join(fragment.inner_html or "" for fragment in node.template_fragments()[:1])
        texts[name] = texts.get(name, "") + content
    yield from ((f"<{name}>", content) for name, content in texts.items())


def _is_template(script: LexborNode) -> bool:
    """Whether a script element holds HTML for other scripts."""
    return _TEMPLATE_TYPE.search(script.attributes.get("type") or "") is not None


def _count_words(source: str) -> int:
    """The number of words of a piece of HTML."""
    return len(_TAG.sub(" ", source).split())


def _text_as_html(text: str) -> str:
    """Text as HTML: as it is if it has tags, else as preformatted text.

    >>> _text_as_html("a < b"), _text_as_html("<p>a</p>")
    ('<pre>a &lt; b</pre>', '<p>a</p>')
    """
    return text if _TAG.search(text) else f"<pre>{html.escape(text)}</pre>"


def _state_as_html(script: LexborNode) -> str:
    """The sentences in the data of a script, as HTML; "" if it has none."""
    source = script.text(deep=False)
    if len(source) > _MAX_SCRIPT_CHARACTERS:
        return ""
    if _JSON_TYPE.search(script.attributes.get("type") or ""):
        try:
            return _value_as_html(_main_part(json.loads(source)), "", 0)
        except (ValueError, RecursionError):
            pass
    return _literals_as_html(source, _LITERAL)


def _literals_as_html(source: str, pattern: re.Pattern[str]) -> str:
    """The long string literals of a script that are text, as HTML; those that hold data in turn are searched too."""
    parts = []
    for literal in pattern.findall(source):
        try:
            text = json.loads(f'"{literal}"')
        except ValueError:
            continue
        is_data = text.count('":') >= 2 and pattern is _LITERAL
        parts.append(_literals_as_html(text, _NESTED_LITERAL) if is_data else _string_as_html(text, ""))
    return "".join(parts)


def _main_part(value: Any) -> Any:
    """The innermost part of a value with nearly all its words."""
    for _ in range(_MAX_DEPTH):
        parts = _children(value)
        words = [_sentence_words(part, 0) for part in parts]
        if not parts or not (total := sum(words)) or max(words) < _MAIN_SHARE * total:
            return value
        if isinstance(parts[words.index(max(words))], str):
            return value
        value = parts[words.index(max(words))]
    return value


def _children(value: Any) -> Sequence[Any]:
    """The values in a list or an object."""
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()


def _sentence_words(value: Any, depth: int) -> int:
    """The number of words in the sentences of a value."""
    if isinstance(value, str):
        words = _count_words(value)
        return words if words >= _MIN_SENTENCE_WORDS else 0
    return sum(_sentence_words(part, depth + 1) for part in _children(value)) if depth < _MAX_DEPTH else 0


def _value_as_html(value: Any, key: str, depth: int) -> str:
    """A value of a page's data as HTML."""
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, str):
        return _string_as_html(value, key)
    if kind := _kind_of(value):
        text = html.escape(" ".join(_inline_text(value, depth).split()))
        return f"<h2>{text}</h2>" if _HEADING_KIND.fullmatch(kind) else f"<p>{text}</p>"
    if isinstance(value, dict):
        return "".join(_value_as_html(part, name, depth + 1) for name, part in value.items())
    return "".join(_value_as_html(part, key, depth + 1) for part in _children(value))


def _string_as_html(text: str, key: str) -> str:
    """A string of a page's data as HTML; "" for addresses, names and the like."""
    words = len(text.split())
    if _TAG.search(text):
        return text
    if _TITLE_KEY.fullmatch(key) and 0 < words <= _MAX_TITLE_WORDS:
        return f"<h2>{html.escape(text)}</h2>"
    if words < _MIN_SENTENCE_WORDS or text.count(";") + text.count("{") > words / 4:
        return ""
    return f"<pre>{html.escape(text)}</pre>" if "\n" in text else f"<p>{html.escape(text)}</p>"


def _kind_of(value: Any) -> str:
    """The kind of block that an object of a rich text is, "" if it is none.

    >>> _kind_of({"nodeType": "heading-2", "content": []}), _kind_of(["$", "p", None, {"children": "We do."}])
    ('heading-2', 'p')
    """
    if isinstance(value, list) and len(value) == 4 and value[0] == "$" and isinstance(value[1], str):
        kinds = [value[1]]  # an element of React's server components
    elif isinstance(value, dict) and not _TEXT_KEYS.isdisjoint(value):
        kinds = [kind for name in _MARKED_KEYS if isinstance(kind := value.get(name), str)]
    else:
        kinds = []
    return next((kind for kind in kinds if _HEADING_KIND.fullmatch(kind) or _PARAGRAPH_KIND.fullmatch(kind)), "")


def _inline_text(value: Any, depth: int) -> str:
    """The text of a block of a rich text, without its blocks being told apart."""
    if isinstance(value, str):
        return value
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, dict):
        return "".join(_inline_text(part, depth + 1) for name, part in value.items() if name in _TEXT_KEYS)
    if isinstance(value, list) and len(value) == 4 and value[0] == "$":
        return _inline_text(value[3], depth + 1)
    return "".join(_inline_text(part, depth + 1) for part in _children(value))
