"""The links of a page, wherever a browser finds them, and the pages that stand behind one without links.

Pages of the 1990s and 2000s link by frames, image maps, form buttons, choices, scripts and images without a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode
from surt import surt

from extractor.mediatypes import names_asset

_LINK_SELECTOR = "a, area, link[rel], option, form, button, input, [onclick], noframes, script"
_MAX_FOOTER_DEPTH = 6
MAX_SPLASH_LINKS = 3  # a page with more is no mere entrance to another
_MAX_NESTING = 2  # of markup in <noframes> and scripts in such markup
_MAX_SCRIPT_CHARACTERS = 200_000
_MAX_GAP = 60  # characters of a script between a text and the address that belongs to it
_MAX_FUNCTION_CHARACTERS = 500  # from the head of a function to the address in it
_FOOTER_NAME = re.compile(r"foot|bottom|legal|colophon|copyright|bttm|subnav", re.IGNORECASE)
_PAGE_EXTENSION = re.compile(
    r"\.(s?html?|xhtml|php\d?|aspx?|jspx?|cfml?|do|cgi|pl|pdf|txt|nsf)(?=$|[?#;])", re.IGNORECASE
)
_ARCHIVED_ADDRESS = re.compile(r"^https?://web\.archive\.org/web/\d{1,14}(?:[a-z]{2}_)?/(?=https?://)", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[\w.!-]*", re.IGNORECASE)
_BUTTON_WORDS = re.compile(r"\b(bt?n|button|nav|foot(er)?|ft|link|icon|img|menu|on|off|over|up|down|\d+)\b")
_STRING = re.compile(r"(?:\"((?:[^\"\\\n]|\\.){0,400})\"|'((?:[^'\\\n]|\\.){0,400})')(\s*:)?")  # the last: it is a key
_CALL = re.compile(r"([\w$]+)\s*\(")
_STRING_JUNCTION = re.compile(r"([\"'])\s*\+\s*(?:[\w.$]+\s*\+\s*)?\1")
_CODED_CHARACTER = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_REFRESH = re.compile(r"\burl\s*=\s*[\"']?\s*([^\"'\s>][^\"'>]*)", re.IGNORECASE)
_SCRIPT_REDIRECT = re.compile(
    r"\blocation(?:\.href)?\s*=\s*[\"']([^\"'\n]{1,400})[\"']"
    r"|\blocation\.(?:replace|assign)\(\s*[\"']([^\"'\n]{1,400})[\"']"
)


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link: its URL, its text, whether it is in the footer of the page, and whether its markup says "privacy policy".

    The text is "" where there is none.
    """

    url: str
    text: str
    in_footer: bool
    is_declared: bool = False


class _Parsed(NamedTuple):
    """An HTML page: its tree, the URL that its relative links start from, and its scripts."""

    tree: LexborHTMLParser
    url: str
    base: str
    scripts: str


class _Candidate(NamedTuple):
    """What may be a link: the element, its target as a URL, and its text."""

    node: LexborNode
    url: str
    text: str


def find_links(page: str, url: str) -> list[PageLink]:
    """The links of an HTML page to other pages, in order; those that scripts write come last."""
    return _find_links(page, url, _MAX_NESTING)


def _find_links(page: str, url: str, nesting: int) -> list[PageLink]:
    """The links of a page, and of markup inside its markup, so many times over."""
    parsed = _parse(page, url)
    candidates = [one for one in _candidates(parsed) if _is_other_page(one.url, url)]
    links = [
        PageLink(one.url, one.text, _is_in_footer(one.node, index / len(candidates)), _is_declared(one.node))
        for index, one in enumerate(candidates)
    ]
    inside = _links_inside(parsed, nesting - 1) if nesting else ()
    return [*links, *(link for link in inside if _is_other_page(link.url, url))]


def pages_behind(page: str, url: str) -> list[str]:
    """The URLs of the pages that a page stands in front of: those that it sends the browser to, and its frames.

    Frames of a frameset may be on any host, as names of sites were pointed at other hosts by them; inline frames of
    other hosts are advertisements and the like.
    """
    parsed = _parse(page, url)
    links = {link.url for link in find_links(page, url)}
    refreshes = [target for node in parsed.tree.css("meta") if (target := _refresh_target(node))]
    if len(links) <= MAX_SPLASH_LINKS:
        refreshes += [found[1] or found[2] for found in _SCRIPT_REDIRECT.finditer(parsed.scripts)]
    frames = [node.attributes.get("src") or "" for node in parsed.tree.css("frame")]
    inline = [_join(parsed.base, node.attributes.get("src") or "") for node in parsed.tree.css("iframe")]
    targets = [
        *(_join(parsed.base, target) for target in (*refreshes, *frames)),
        *(target for target in inline if _host(target) == _host(url)),
    ]
    return [target for target in dict.fromkeys(targets) if _is_other_page(target, url)]


def _parse(page: str, url: str) -> _Parsed:
    tree = LexborHTMLParser(page)
    base = tree.css_first("base[href]")
    scripts = "\n".join(node.text() for node in tree.css("script"))[:_MAX_SCRIPT_CHARACTERS]
    return _Parsed(tree, url, _join(url, base.attributes["href"] or "") or url if base else url, scripts)


def _candidates(parsed: _Parsed) -> Iterator[_Candidate]:
    """The elements with a target, in order. A browser shows what is between <noframes> only without frames."""
    for node in parsed.tree.css(_LINK_SELECTOR):
        if node.tag not in ("noframes", "script") and (target := _target_of(node, parsed.scripts)):
            yield _Candidate(node, _join(parsed.base, target), _text_of(node))


def _links_inside(parsed: _Parsed, nesting: int) -> Iterator[PageLink]:
    """The links in markup that the parser does not read: between <noframes>, and written by scripts."""
    for node in parsed.tree.css("noframes"):
        yield from _find_links(node.text(), parsed.base, nesting)
    written = _unescaped(_STRING_JUNCTION.sub("", parsed.scripts))
    if re.search(r"<(a|area|option)\s", written, re.IGNORECASE):
        yield from _find_links(re.sub(r"</?script\b", "<x", written, flags=re.IGNORECASE), parsed.base, nesting)
    yield from (PageLink(_join(parsed.base, target), text, in_footer=False) for text, target in _pairs(parsed.scripts))


def _pairs(scripts: str) -> Iterator[tuple[str, str]]:
    """The texts of scripts with the address beside each, as in menus: first those before an address, then those after.

    >>> list(_pairs('add("Privacy", "/p.html"); x = {"url": "/t.html", "label": "Terms"}'))
    [('Privacy', '/p.html'), ('Terms', '/t.html')]
    """
    found = [string for string in _STRING.finditer(scripts) if (string[1] or string[2]) and not string[3]]
    strings = [(string, _unescaped(string[1] or string[2])) for string in found]
    beside = [
        (first, second)
        for (one, first), (other, second) in pairwise(strings)
        if other.start() - one.end() <= _MAX_GAP and not re.search(r"[;})\]]", scripts[one.end() : other.start()])
    ]
    yield from ((first, second) for first, second in beside if _is_address(second) and not _is_address(first))
    yield from ((second, first) for first, second in beside if _is_address(first) and not _is_address(second))


def _target_of(node: LexborNode, scripts: str) -> str:
    """Where an element leads, as written; "" where it leads nowhere, or only a running script knows where."""
    attributes = {name: value or "" for name, value in node.attributes.items()}
    if node.tag == "link":
        return attributes.get("href", "") if _is_declared(node) else ""
    if node.tag == "option":
        return attributes.get("value", "") if _is_address(attributes.get("value", "")) else ""
    if node.tag == "form":
        return attributes.get("action", "")
    target = (attributes.get("href") or attributes.get("formaction") or "").strip()
    if target and not target.startswith("#") and not target.lower().startswith("javascript:"):
        return target
    code = f"{target}\n{attributes.get('onclick', '')}"
    return _address_in(code) or next(
        filter(None, (_address_of_call(name, scripts) for name in _CALL.findall(code))), ""
    )


def _address_in(code: str) -> str:
    """The first address in a string of a script.

    >>> _address_in("javascript:openWin('/pp.html', 'width=300')")
    '/pp.html'
    """
    return next((text for found in _STRING.finditer(code) if _is_address(text := found[1] or found[2] or "")), "")


def _address_of_call(name: str, scripts: str) -> str:
    """The address in the function with a name."""
    head = re.search(rf"\bfunction\s+{re.escape(name)}\s*\(|\b{re.escape(name)}\s*=\s*function\b", scripts)
    return (
        _address_in(scripts[head.end() : head.end() + _MAX_FUNCTION_CHARACTERS].partition("function")[0])
        if head
        else ""
    )


def _is_address(text: str) -> bool:
    """Whether a string of a script looks like the address of a page.

    >>> [_is_address(text) for text in ("/legal/pp", "pp.html?a=1", "http://a.example", "width=300", "and/or", "1/2")]
    [True, True, True, False, False, False]
    """
    if re.search(r"[\s<>{}]", text) or not re.search(r"[^\W\d_]", text):
        return False
    has_scheme = text.lower().startswith(("http://", "https://"))
    return has_scheme or (text.startswith("/") and len(text) > 1) or bool(_PAGE_EXTENSION.search(text))


def _unescaped(text: str) -> str:
    r"""The characters of a script's string.

    >>> _unescaped(r'\x3ca href=\"\/pp\"\u003e')
    '<a href="/pp">'
    """
    return _CODED_CHARACTER.sub(lambda code: chr(int(code[1] or code[2], 16)) if code[1] or code[2] else code[3], text)


def _join(root: str, href: str) -> str:
    """The URL of a link, without its fragment and session, as browsers read it; "" for one that no index can hold."""
    href = _ARCHIVED_ADDRESS.sub("", href.strip())
    path, mark, query = href.partition("?")
    try:
        url = _SESSION.sub("", urljoin(root, path.replace("\\", "/") + mark + query)).partition("#")[0]
        surt(url)
    except ValueError:
        return ""
    return url


def _is_other_page(url: str, page: str) -> bool:
    """Whether a URL may be that of a page, by its scheme and file extension, and is not that of the page itself."""
    is_page = url.lower().startswith(("http://", "https://")) and not names_asset(url)
    return is_page and surt(url) != surt(page)


def _host(url: str) -> str:
    """The host of a URL without `www.`; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_declared(node: LexborNode) -> bool:
    """Whether an element's `rel` is "privacy-policy", the type of link that HTML has for it."""
    return "privacy-policy" in (node.attributes.get("rel") or "").lower().split()


def _refresh_target(node: LexborNode) -> str:
    """The target of a <meta http-equiv="refresh">; "" of another meta element."""
    target = _REFRESH.search(node.attributes.get("content") or "")
    return target[1] if target and (node.attributes.get("http-equiv") or "").lower() == "refresh" else ""


def _text_of(node: LexborNode) -> str:
    """The text of a link, else its alternative text or title, else the name of its image."""
    images = [*([node] if node.tag == "input" else []), *node.css("img, input[type=image]")]
    own = next(filter(None, (node.attributes.get(name) for name in ("alt", "title", "aria-label"))), "")
    texts = (
        _button_texts(node) if node.tag == "form" else node.text(separator=" "),
        (node.attributes.get("value") or "") if node.tag in ("input", "button") else "",
        " ".join([*(image.attributes.get("alt") or "" for image in images if image is not node), own]),
        *(image.attributes.get("title") or "" for image in images),
        *(_image_name(image.attributes.get(name) or "") for image in images for name in ("src", "name")),
    )
    return next(filter(None, (" ".join(text.split()) for text in texts)), "")


def _button_texts(form: LexborNode) -> str:
    """What the buttons of a form say."""
    inputs = [node.attributes.get("value") or "" for node in form.css("input[type=submit], input[type=button]")]
    return " ".join([*inputs, *(node.text(separator=" ") for node in form.css("button"))])


def _image_name(source: str) -> str:
    """The words in the name of an image.

    >>> _image_name("/img/btn_privacy-policy_off.gif")
    'privacy policy'
    """
    name = unquote(source).partition("?")[0].rpartition("/")[2].rpartition(".")[0] or source
    return " ".join(_BUTTON_WORDS.sub(" ", re.sub(r"[\W_]+", " ", name).lower()).split())


def _is_in_footer(node: LexborNode, share_before: float) -> bool:
    """Whether a link is in a footer, or among the last quarter of the page's links."""
    return share_before >= 0.75 or any(map(_is_footer, islice(_ancestors(node), _MAX_FOOTER_DEPTH)))


def _is_footer(element: LexborNode) -> bool:
    """Whether an element is a footer by its tag, class or id."""
    names = (element.attributes.get(name) or "" for name in ("class", "id"))
    return element.tag == "footer" or _FOOTER_NAME.search(" ".join(names)) is not None


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around an element, the innermost first."""
    parent = node.parent
    while parent is not None and parent.is_element_node:
        yield parent
        parent = parent.parent
