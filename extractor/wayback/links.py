"""The links of a page, scored by how likely they lead to the site's privacy policy.

The score adds points for what a reader goes by: the link's text, its address and its position. The weights were set by
hand on the pages of `tests/wayback/home_pages.py` marked "tune"; `docs/reliability.md` has precision and recall on the
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode
from surt import surt

_MIN_SCORE = 4.0  # of a link that is taken for one to the policy

# "privacy" as sites write it in their footers, in some twenty languages
_PRIVACY_WORDS = (
    r"privacy|datenschutz\w*|privatsph[aä]re|confidentialit[eé]|vie privée|donn[eé]es personnelles|privacidad|"
    r"protecci[oó]n de datos|privacidade|prote[cç][aã]o de dados|riservatezza|dati personali|persoonsgegevens|"
    r"integritet\w*|personuppgift\w*|personvern\w*|privatliv\w*|persondata\w*|tietosuoja\w*|yksityisyy\w*|"
    r"prywatno[sś]ci|ochrana (osobn[ií]ch )?[uú]daj[uů]|osobn[ií]ch [uú]daj[uů]|soukrom[ií]|adatv[eé]delm\w*|"
    r"конфиденциальност\w*|персональных данных|gizlilik|ki[sş]isel veriler\w*|kvkk|απορρ[ήη]του|"
    r"プライバシー\w*|個人情報\w*|隐私\w*|隱私\w*|개인정보\w*"
)
_POLICY_WORDS = (
    r"policy|policies|notice|statement|pledge|erkl[aä]rung|hinweise?|politique|charte|pol[ií]tica|aviso|informativa|"
    r"beleid|verklaring|policyn|erkl[aæ]ring|k[aä]yt[aä]nt[oö]|seloste|polityka|z[aá]sady|t[aá]j[eé]koztat[oó]|"
    r"политика|politikas[iı]|πολιτική|ポリシー|保護方針|政策|处理방침|처리방침"
)
_FILLERS = r"our|your|the|view|read|see|online|web|website|site|internet|on|of|de|la|et|y|und|zur|zum|e|sulla|&|and|\W"
_HUB_WORDS = (
    r"legal( (notices?|information|info|stuff))?|terms( (of (use|service)|and conditions|& conditions))?|policies|"
    r"site policies|terms (and|&) policies|policies (and|&) terms|privacy (and|&) (legal|terms)|disclaimer|fine print|"
    r"impressum|rechtliches|mentions l[eé]gales|aviso legal|note legali|colofon|about( us| this site)?|help|site ?map"
)
_OTHER_TOPIC_WORDS = (  # mentions of privacy that are not the policy of the site
    r"settings|preferences|choices|opt.?out|do not sell|shield|tips|blog|news|articles?|how to|protect your|guide|"
    r"report|lawsuit|bill|act\b|law\b|tools?|software|screens?|curtains?|fence|settlement|research|book|course|job|"
    r"applicants?|candidates?|employees?|vendors?|archived?|previous|ads\b|advertising|certified|seal|"
    r"trust-?e|center for"
)
_PRIVACY_WORD = re.compile(_PRIVACY_WORDS, re.IGNORECASE)
_POLICY_TITLE = re.compile(
    rf"({_FILLERS})*({_PRIVACY_WORDS})(({_FILLERS})|({_POLICY_WORDS})|({_PRIVACY_WORDS})|cookies?|terms|security|legal)*"
    rf"|({_FILLERS})*({_POLICY_WORDS})(({_FILLERS})|({_POLICY_WORDS}))*({_PRIVACY_WORDS})(({_FILLERS})|({_POLICY_WORDS}))*",
    re.IGNORECASE,
)
_HUB_TITLE = re.compile(rf"({_HUB_WORDS})\W*", re.IGNORECASE)
_OTHER_TOPIC = re.compile(_OTHER_TOPIC_WORDS, re.IGNORECASE)
_PRIVACY_ADDRESS = re.compile(
    r"privac|datenschutz|confidentialit|donnees-personnelles|riservatezza|integritet|personvern|persondata|tietosuoja|"
    r"prywatnosc|soukromi|adatvedel|gizlilik|kvkk|konfidencial|proteccion-de-datos",
    re.IGNORECASE,
)
_FOOTER_NAME = re.compile(r"foot|bottom|legal|colophon|copyright|bttm|subnav", re.IGNORECASE)
_MAX_FOOTER_DEPTH = 6
_FILE_EXTENSION = re.compile(r"\.(jpe?g|gif|png|svg|css|js|zip|exe|mp[34]|ico|xml|rss)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _PageLink:
    """A link: its URL, its text, and whether it is in the footer of the page."""

    url: str
    text: str
    in_footer: bool


def find_links(page: bytes, url: str) -> list[_PageLink]:
    """The links of an HTML page to other pages, in order."""
    tree = LexborHTMLParser(page)
    base = tree.css_first("base[href]")
    root = _join(url, base.attributes["href"] or "") if base else url
    anchors = [(node, _join(root, href)) for node in tree.css("a, area") if (href := node.attributes.get("href"))]
    links = [(node, target) for node, target in anchors if _may_be_page(target)]
    return [
        _PageLink(target, _link_text(node), _is_in_footer(node, index / len(links)))
        for index, (node, target) in enumerate(links)
    ]


def _join(root: str, href: str) -> str:
    """The URL of a link, without its fragment; "" for one that cannot be in an index."""
    try:
        url = urljoin(root, href.strip()).partition("#")[0]
        surt(url)
    except ValueError:
        return ""
    return url


def _may_be_page(url: str) -> bool:
    """Whether a URL may be that of a page, by its scheme and file extension."""
    return url.startswith(("http://", "https://")) and not _FILE_EXTENSION.search(url.partition("?")[0])


def _link_text(node: LexborNode) -> str:
    """The text of a link, else its alternative text or title."""
    if text := " ".join(node.text(separator=" ").split()):
        return text
    own = next(filter(None, (node.attributes.get(name) for name in ("alt", "title", "aria-label"))), "")
    return " ".join([*(image.attributes.get("alt") or "" for image in node.css("img")), own]).strip()


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


def link_score(link: _PageLink, domain: str) -> float:
    """The score of a link for leading to the privacy policy of a domain.

    >>> link_score(_PageLink("http://a.example/privacy.html", "Privacy Policy", True), "a.example")
    9.5
    >>> link_score(_PageLink("http://a.example/blog/privacy-tips", "Ten tips for your privacy", False), "a.example")
    0.0
    """
    return text_score(link.text) + _address_score(link.url, domain) + 1.5 * link.in_footer


def text_score(text: str) -> float:
    """5 for the name of a policy, fewer points the more other words there are, 0 without a word for privacy."""
    words = text.split()
    if not _PRIVACY_WORD.search(text):
        return 0.0
    points = 5.0 if _POLICY_TITLE.fullmatch(text) else 2.5 if len(words) <= 6 else 0.5
    return points - (3.0 if _OTHER_TOPIC.search(text) else 0.0)


def _address_score(url: str, domain: str) -> float:
    """Points for a path with a word for privacy; fewer if it has other topics as well, or leaves the site."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    last = path.rstrip("/").rpartition("/")[2]
    points = 3.0 if _PRIVACY_ADDRESS.search(last) else 2.0 if _PRIVACY_ADDRESS.search(f"{path}?{parts.query}") else 0.0
    points -= 2.5 if _OTHER_TOPIC.search(path) else 0.0
    return points - (0.0 if _is_on_site(parts.hostname or "", domain) else 2.0)


def _is_on_site(host: str, domain: str) -> bool:
    """Whether a host is the domain or below it."""
    site = domain.lower().removeprefix("www.").rstrip(".")
    return host == site or host.endswith(f".{site}")


def best_link(links: list[_PageLink], domain: str) -> tuple[_PageLink, float] | None:
    """The link with the highest score, and its score; None if that is too low."""
    scored = [(link_score(link, domain), -index, link) for index, link in enumerate(links)]
    points, _, link = max(scored, default=(0.0, 0, _PageLink("", "", False)), key=lambda found: found[:2])
    return (link, points) if points >= _MIN_SCORE else None


def hub_links(links: list[_PageLink], domain: str) -> Iterator[_PageLink]:
    """The links to pages that may link to the policy ("Legal", "Terms"), the likeliest first."""
    on_site = [link for link in links if _is_on_site(urlsplit(link.url).hostname or "", domain)]
    named = [link for link in on_site if _HUB_TITLE.fullmatch(link.text)]
    unique = {link.url: link for link in reversed(named)}
    return iter(
        sorted(unique.values(), key=lambda link: (not link.in_footer, "about" in link.text.lower(), len(link.text)))
    )
