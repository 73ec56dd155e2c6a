"""Headings that are not marked as headings: titles of accordions and tabs, terms with a long description, images."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

_MAX_TITLE_WORDS = 15
_MIN_DESCRIPTION_WORDS = 20
_MIN_PROSE_WORDS = 8
_MIN_TITLING_IMAGES = 2
_MAX_CLIMB = 4  # wrappers around an image
# Class names of titles: "subheading", "section-title", "policy_heading2", "MsoHeading1"
_HEADING_CLASS = re.compile(
    r"(?:[a-z]{1,12}[-_]*)??(?:sub|section|page|main|legal|policy|block|mso|text|body)?[-_]*"
    r"(?:heading|headline|subhead|subheader|subtitle|sectionhead|title|hdr)s?[-_]*\d*",
    re.IGNORECASE,
)
_TITLED_TAGS = frozenset(("p", "span", "td", "div", "font"))
_TRIGGER_CLASS = re.compile(
    r"(?:^|[\s_-])(?:accordion|accordian|panel|card|toggle|collaps\w*|expand\w*|faq|spoiler|tab|question)[\s_-]*"
    r"(?:item|trigger|title|head|header|heading|button|btn|label|link|toggle|question)(?=$|[\s_-])",
    re.IGNORECASE,
)
_BUTTON_CLASS = re.compile(r"accordi[oa]n|collapsible|expand|toggle-?(?:title|head)|faq", re.IGNORECASE)
# Whatever one of these patterns matches has one of these parts
_HINT_PART = re.compile(
    "head|title|hdr|accordi|panel|card|toggle|collaps|expand|faq|spoiler|tab|question"
    "|nav|menu|dropdown|hamburger|search|close|dismiss"
)
_TOGGLES = ("collapse", "tab", "pill", "accordion")
_TITLING_ATTRIBUTES = frozenset(("role", "data-toggle", "data-bs-toggle", "aria-expanded"))
_MENU_CLASS = re.compile(r"\bnav|menu|dropdown|hamburger|search|close|dismiss", re.IGNORECASE)
TAB_SELECTOR = ", ".join(
    ("[role=tab]", *(f"[data-{prefix}toggle={kind}]" for prefix in ("", "bs-") for kind in ("tab", "pill")))
)
_LINE_BORDERS = frozenset("br p div table tbody tr td hr h1 center blockquote ul ol li dl dt dd".split())
_NO_TITLE_ALT = re.compile(
    r"\b(logo|seal|banner|advert\w*|click|home|button|spacer|image|photo|icon|picture|trust\w*|bbb\w*|arrow|bullet|"
    r"line|divider|map|search|menu|back|next|facebook|twitter|youtube|instagram)\b|\.(gif|jpe?g|png)\b|^\W*$|[.!]\s*$",
    re.IGNORECASE,
)
Attributes = Mapping[str, str | None]


def is_short(node: LexborNode) -> bool:
    """Whether an element has words, and no more than a title has."""
    return 0 < len(node.text(separator=" ").split()) <= _MAX_TITLE_WORDS


class _ClassHints(NamedTuple):
    """What the names in a class attribute suggest: a title, the title of an accordion, its button, part of a menu."""

    is_title: bool = False
    is_trigger: bool = False
    is_button: bool = False
    is_menu: bool = False


_NO_HINTS = _ClassHints()


@lru_cache(maxsize=5_000)
def _class_hints(names: str) -> _ClassHints:
    """What a class attribute suggests. Cached, because a page has few different ones."""
    if names.isascii() and not _HINT_PART.search(names.lower()):
        return _NO_HINTS
    return _ClassHints(
        any(_HEADING_CLASS.fullmatch(name) for name in names.split()),
        _TRIGGER_CLASS.search(names) is not None,
        _BUTTON_CLASS.search(names) is not None,
        _MENU_CLASS.search(names) is not None,
    )


def may_be_title(attributes: Attributes) -> bool:
    """Whether the attributes of an element that is not a title by its tag can be those of one: a fast first check."""
    if not _TITLING_ATTRIBUTES.isdisjoint(attributes):
        return True
    names = attributes.get("class")
    return bool(names) and _class_hints(names) is not _NO_HINTS


def has_heading_class(tag: str, attributes: Attributes) -> bool:
    """Whether an element has the class of a title."""
    return tag in _TITLED_TAGS and bool(names := attributes.get("class")) and _class_hints(names).is_title


def is_accordion_trigger(tag: str, attributes: Attributes) -> bool:
    """Whether an element is the title that opens a part of the page: of an accordion, a collapsible panel or the like.

    >>> is_accordion_trigger("button", {"aria-expanded": "false", "aria-controls": "c1"})
    True
    >>> is_accordion_trigger("a", {"href": "/shop", "aria-expanded": "false"})
    False
    """
    hints = _class_hints(attributes.get("class") or "")
    if hints.is_menu or "aria-haspopup" in attributes:
        return False
    if (attributes.get("data-toggle") or attributes.get("data-bs-toggle") or "") in _TOGGLES:
        return True
    if tag == "button" or attributes.get("role") == "button":
        return "aria-expanded" in attributes or hints.is_button
    if tag == "a":
        return ("aria-expanded" in attributes or hints.is_trigger) and _leads_nowhere(attributes)
    return hints.is_trigger


def _leads_nowhere(attributes: Attributes) -> bool:
    """Whether a link has no target outside the page."""
    return (attributes.get("href") or "#").startswith(("#", "javascript:"))


def is_titled_description(term: LexborNode) -> bool:
    """Whether a <dt> is the title of a long description: what is defined in a few words is no section."""
    description = term.next
    while description is not None and description.tag != "dd":
        if description.tag == "dt":
            return False
        description = description.next
    return description is not None and len(description.text(separator=" ").split()) >= _MIN_DESCRIPTION_WORDS


def is_lone_cell(cell: LexborNode) -> bool:
    """Whether a table cell has no words beside it in its row."""
    neighbours = (_neighbour(cell, "prev"), _neighbour(cell, "next"))
    return not any(other is not None and other.text().strip() for other in neighbours)


def tab_titles(tabs: Iterable[LexborNode]) -> dict[str, str]:
    """The titles of tabs (`TAB_SELECTOR`), by the id of the element that each one shows."""
    titles: dict[str, str] = {}
    for tab in tabs:
        title = " ".join(tab.text(separator=" ").split())
        if 0 < len(title.split()) <= _MAX_TITLE_WORDS:
            titles.update(dict.fromkeys(_shown_ids(tab), title))
    return titles


def _shown_ids(tab: LexborNode) -> Iterator[str]:
    """The ids that a tab, or the link inside it, names as what it shows."""
    for node in (tab, *tab.css("a")):
        for name in ("aria-controls", "href", "data-target", "data-bs-target"):
            value = node.attributes.get(name) or ""
            if value and (name == "aria-controls" or value.startswith("#")):
                yield value.lstrip("#")


def titling_images(tree: LexborHTMLParser, headings: Sequence[LexborNode]) -> dict[int, str]:
    """The alternative texts of images that stand as headings, by the `mem_id` of the image.

    They are in the page's headings below the first level, where they are mostly logos; or, on a page without headings,
    alone on their line with prose below.
    """
    if headings:
        images = [image for heading in headings if not heading.text().strip() for image in heading.css("img")[:1]]
        return {image.mem_id: title for image in images if (title := _title_of(image))}
    images = tree.css("img[alt]")
    alone = {image.mem_id: title for image in images if (title := _title_of(image)) and _is_alone_above_prose(image)}
    return alone if len(alone) >= _MIN_TITLING_IMAGES else {}


def _title_of(image: LexborNode) -> str:
    """The alternative text of an image if it can be a title, else ""."""
    text = " ".join((image.attributes.get("alt") or "").split())
    return text if len(text.split()) <= _MAX_TITLE_WORDS and not _NO_TITLE_ALT.search(text) else ""


def _is_alone_above_prose(image: LexborNode) -> bool:
    """Whether an image is alone on its line, and prose follows."""
    node: LexborNode | None = image
    for _ in range(_MAX_CLIMB):
        if node is None or not _is_line_border(_neighbour(node, "prev")):
            return False
        after = _neighbour(node, "next")
        while after is not None and after.tag == "br":
            after = _neighbour(after, "next")
        if after is not None:
            text = after.text_content if after.tag == "-text" else after.text(separator=" ")
            return len((text or "").split()) >= _MIN_PROSE_WORDS
        node = node.parent
    return False


def _is_line_border(node: LexborNode | None) -> bool:
    """Whether a neighbour of an element ends the line before it."""
    return node is None or node.tag in _LINE_BORDERS


def _neighbour(node: LexborNode, side: str) -> LexborNode | None:
    """The node before ("prev") or after ("next") a node, without white space and comments; None if there is none."""
    other: LexborNode | None = getattr(node, side)
    while other is not None and (other.tag in ("-comment", None) or _is_blank(other)):
        other = getattr(other, side)
    return other


def _is_blank(node: LexborNode) -> bool:
    """Whether a node is white space."""
    return node.tag == "-text" and not (node.text_content or "").strip()


def is_beside_text(node: LexborNode) -> bool:
    """Whether text, or a link or the like, stands directly before or after an element."""
    return any(
        other is not None and (other.tag == "-text" or other.tag in ("a", "b", "i", "em", "strong", "span"))
        for other in (_neighbour(node, "prev"), _neighbour(node, "next"))
    )
