"""How text is set: bold, large, emphasized or underlined, by a tag, an inline style or a class of the page's sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple


class Style(NamedTuple):
    """How text is set: in a link to `href`, bold, emphasized, larger than the text around it, underlined."""

    href: str = ""
    strong: bool = False
    emphasis: bool = False
    large: bool = False
    underline: bool = False


PLAIN_STYLE = Style()


class _StyleChange(NamedTuple):
    """What a declaration changes; None leaves a property as it is around the element."""

    strong: bool | None = None
    emphasis: bool | None = None
    large: bool | None = None
    underline: bool | None = None

    def applied_to(self, style: Style) -> Style:
        """A style with the change made."""
        if self == _NO_CHANGE:
            return style
        return Style(style.href, *[old if new is None else new for old, new in zip(style[1:], self, strict=True)])


_NO_CHANGE = _StyleChange()
ClassStyles = Mapping[str, _StyleChange]

_TAG_CHANGES = {
    **dict.fromkeys(("b", "strong"), _StyleChange(strong=True)),
    **dict.fromkeys(("i", "em"), _StyleChange(emphasis=True)),
    **dict.fromkeys(("u", "ins"), _StyleChange(underline=True)),
    "big": _StyleChange(large=True),
}
STYLING_TAGS = frozenset(("a", "font", *_TAG_CHANGES))
_WEIGHT = re.compile(r"font(?:-weight)?\s*:[^;]*?\b(bold(?:er)?|[6-9]00|normal|[1-5]00)\b", re.IGNORECASE)
_SIZE = re.compile(r"font(?:-size)?\s*:[^;]*?(?<![\w.-])([\d.]+)\s*(px|pt|r?em|%)", re.IGNORECASE)
_SIZE_NAME = re.compile(r"font(?:-size)?\s*:[^;]*?\b(x+-large|large|larger)\b", re.IGNORECASE)
_UNDERLINE = re.compile(r"text-decoration(?:-line)?\s*:[^;]*\bunderline\b", re.IGNORECASE)
_ITALIC = re.compile(r"font(?:-style)?\s*:[^;]*\bitalic\b", re.IGNORECASE)
_MIN_LARGE = {"px": 20.0, "pt": 15.0, "em": 1.2, "rem": 1.25, "%": 120.0}  # ordinary text has 16 pixels
_LARGE_FONT_SIZES = ("4", "5", "6", "7")
# A large sheet belongs to a page of a later time, which has real headings
_MAX_SHEET_CHARACTERS = 20_000
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]*)\}")
_CLASS_SELECTOR = re.compile(r"(?:[a-z]\w*)?\.([\w-]+)", re.IGNORECASE)
_SHEET_COMMENT = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")


def style_inside(around: Style, tag: str, attributes: Mapping[str, str | None], classes: ClassStyles) -> Style:
    """The style of the text inside an element."""
    style = around
    if tag == "a":
        href = attributes.get("href")
        style = Style(href, *around[1:]) if href else around
    elif tag in _TAG_CHANGES:
        style = _TAG_CHANGES[tag].applied_to(style)
    elif tag == "font" and _is_large_font(attributes.get("size") or ""):
        style = style._replace(large=True)
    if classes and (names := attributes.get("class")):
        for change in filter(None, map(classes.get, names.split())):
            style = change.applied_to(style)
    declarations = attributes.get("style")
    return _declared_change(declarations).applied_to(style) if declarations else style


def _is_large_font(size: str) -> bool:
    """Whether the size of a <font> is larger than that of ordinary text, which is 3."""
    return size.startswith("+") or size in _LARGE_FONT_SIZES


@lru_cache(maxsize=5_000)
def _declared_change(declarations: str) -> _StyleChange:
    """What the declarations of an inline style or a rule change.

    >>> _declared_change("FONT-WEIGHT: Bold; color: red")
    _StyleChange(strong=True, emphasis=None, large=None, underline=None)
    """
    if "font" not in (lower := declarations.lower()) and "underline" not in lower:
        return _NO_CHANGE
    weight = _WEIGHT.search(declarations)
    return _StyleChange(
        strong=_is_bold(weight[1].lower()) if weight else None,
        emphasis=True if _ITALIC.search(declarations) else None,
        large=_is_large(declarations),
        underline=True if _UNDERLINE.search(declarations) else None,
    )


def _is_bold(weight: str) -> bool:
    """Whether a weight is that of bold text."""
    return weight.startswith("bold") or weight in ("600", "700", "800", "900")


def _is_large(declarations: str) -> bool | None:
    """Whether declarations set a size larger than that of ordinary text; None if they set none."""
    if _SIZE_NAME.search(declarations):
        return True
    size = _SIZE.search(declarations)
    if not size:
        return None
    try:
        return float(size[1]) >= _MIN_LARGE[size[2].lower()]
    except ValueError:
        return None  # "1.2.3"


def class_styles(sheet: str) -> ClassStyles:
    """What the classes in a page's own style sheet change, by name; {} if the sheet is large.

    >>> class_styles(".c1 {font-weight: 700} p.sub, .x a {font-size: 24px} p {color: red}")["sub"].large
    True
    """
    if len(sheet) > _MAX_SHEET_CHARACTERS or ("font" not in sheet and "underline" not in sheet):
        return {}
    return _parsed_styles(sheet)


@lru_cache(maxsize=100)
def _parsed_styles(sheet: str) -> ClassStyles:
    """What the classes in a style sheet change. Cached, because the pages of a site have the same one."""
    changes: dict[str, _StyleChange] = {}
    for selectors, declarations in _RULE.findall(_SHEET_COMMENT.sub("", sheet)):
        change = _declared_change(declarations)
        if change != _NO_CHANGE:
            names = filter(None, (_CLASS_SELECTOR.fullmatch(selector.strip()) for selector in selectors.split(",")))
            changes.update({name[1]: change for name in names})
    return changes
