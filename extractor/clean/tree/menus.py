"""Menus: lists of links that are named as such in the HTML, and hold nothing else.

They are a third of the elements of a page and never content, so that what follows need not look at them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from selectolax.lexbor import LexborNode

_MENU_NAME = re.compile(
    r"(?:^|[\s_-])(?:main|top|sub|sec|primary|secondary|global|site|foot(?:er)?|mega|sf|mobile|drop(?:down)?)?(?:nav|menu)",
    re.IGNORECASE,
)
MENU_TAGS = frozenset(("nav", "ul", "ol", "div", "header", "table", "section"))
_MIN_LINKS = 4
_MIN_LINKED_SHARE = 0.85
_MAX_LINK_CHARACTERS = 60  # on average


def is_menu(node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether an element with one of `MENU_TAGS` is a menu, by its name and what it holds."""
    get = attributes.get
    if tag != "nav" and not (attributes and _names_menu(get("class"), get("id"), get("role"))):
        return False
    links = node.css("a")
    if len(links) < _MIN_LINKS:
        return False
    linked = sum([len(link.text(strip=True)) for link in links])
    return linked <= _MAX_LINK_CHARACTERS * len(links) and linked >= _MIN_LINKED_SHARE * len(node.text(strip=True))


@lru_cache(maxsize=5_000)
def _names_menu(class_names: str | None, identifier: str | None, role: str | None) -> bool:
    """Whether a class, id or role is that of a menu."""
    if role in ("navigation", "menu", "menubar"):
        return True
    names = filter(None, (class_names, identifier))
    return any(_has_menu_name(name) for name in names)


def _has_menu_name(names: str) -> bool:
    """Whether one of the names in a class or id is that of a menu."""
    lower = names.lower()
    return ("nav" in lower or "menu" in lower) and _MENU_NAME.search(names) is not None
