"""The links of a page, each with a score for leading to the site's privacy policy.

The score adds up what a reader goes by: the link's words, its address and its place. The weights were set by hand on
the self-made pages of `tests/wayback/homes.py` marked "tune"; `docs/reliability.md` has precision and recall on others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html
from surt import surt

_ENOUGH = 4.0  # the score from which a link is taken for one to the policy

# "privacy" as sites have it at their foot; the first words of each line are enough to know the language
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
_ELSEWHERE = (  # what speaks of privacy and is no policy of the site
    r"settings|preferences|choices|opt.?out|do not sell|shield|tips|blog|news|articles?|how to|protect your|guide|"
    r"report|lawsuit|bill|act\b|law\b|tools?|software|screens?|curtains?|fence|settlement|research|book|course|job|"
    r"applicants?|candidates?|employees?|vendors?|archived?|previous|ads\b|advertising|certified|seal|"
    r"trust-?e|center for"
)
_PRIVACY = re.compile(_PRIVACY_WORDS, re.IGNORECASE)
_NAMED = re.compile(
    rf"({_FILLERS})*({_PRIVACY_WORDS})(({_FILLERS})|({_POLICY_WORDS})|({_PRIVACY_WORDS})|cookies?|terms|security|legal)*"
    rf"|({_FILLERS})*({_POLICY_WORDS})(({_FILLERS})|({_POLICY_WORDS}))*({_PRIVACY_WORDS})(({_FILLERS})|({_POLICY_WORDS}))*",
    re.IGNORECASE,
)
_HUB = re.compile(rf"({_HUB_WORDS})\W*", re.IGNORECASE)
_NOT_IT = re.compile(_ELSEWHERE, re.IGNORECASE)
_ADDRESS = re.compile(
    r"privac|datenschutz|confidentialit|donnees-personnelles|riservatezza|integritet|personvern|persondata|tietosuoja|"
    r"prywatnosc|soukromi|adatvedel|gizlilik|kvkk|konfidencial|proteccion-de-datos",
    re.IGNORECASE,
)
_FOOT = re.compile(r"foot|bottom|legal|colophon|copyright|bttm|subnav", re.IGNORECASE)
_PAGE_END = re.compile(r"\.(jpe?g|gif|png|svg|css|js|zip|exe|mp[34]|ico|xml|rss)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Link:
    """A link: where it leads, what it says, and whether it stands at the foot of the page."""

    url: str
    text: str
    at_foot: bool


def find_links(page: bytes, url: str) -> list[_Link]:
    """The links of an HTML page to other pages, in their order; none where it cannot be parsed."""
    try:
        tree = html.document_fromstring(page, base_url=url)
    except (etree.ParserError, ValueError):
        return []
    base = tree.find(".//base[@href]")
    root = _join(url, base.get("href") or "") if base is not None else url
    anchors = [(node, _join(root, node.get("href") or "")) for node in tree.iter("a", "area") if node.get("href")]
    pages = [(node, goal) for node, goal in anchors if _leads_to_page(goal)]
    return [
        _Link(goal, _words_of(node), _is_at_foot(node, place / len(pages))) for place, (node, goal) in enumerate(pages)
    ]


def _join(root: str, href: str) -> str:
    """The URL a link leads to, without its fragment; "" for one that no index can have."""
    try:
        goal = urljoin(root, href.strip()).partition("#")[0]
        surt(goal)
    except ValueError:
        return ""
    return goal


def _leads_to_page(url: str) -> bool:
    """Whether a URL may be one of a page."""
    return url.startswith(("http://", "https://")) and not _PAGE_END.search(url.partition("?")[0])


def _words_of(node: html.HtmlElement) -> str:
    """What a link says: its text, else what stands for it."""
    text = " ".join(" ".join(node.itertext()).split())
    images = (image.get("alt", "") for image in node.iter("img"))
    return (
        text or " ".join([*images, node.get("alt", "") or node.get("title", "") or node.get("aria-label", "")]).strip()
    )


def _is_at_foot(node: html.HtmlElement, share_before: float) -> bool:
    """Whether a link stands in a footer, or among the last of the page's links."""
    if share_before >= 0.75:
        return True
    above = list(node.iterancestors())[:6]
    return any(box.tag == "footer" or _FOOT.search(f"{box.get('class', '')} {box.get('id', '')}") for box in above)


def score(link: _Link, domain: str) -> float:
    """How much a link looks like one to the privacy policy of a domain; ENOUGH and more is taken for it.

    >>> score(_Link("http://a.example/privacy.html", "Privacy Policy", True), "a.example")
    9.5
    >>> score(_Link("http://a.example/blog/privacy-tips", "Ten tips for your privacy", False), "a.example")
    0.0
    """
    return score_of_text(link.text) + _score_of_address(link.url, domain) + 1.5 * link.at_foot


def score_of_text(text: str) -> float:
    """5 for the name of a policy, less the more else is said, nothing without a word for privacy."""
    words = text.split()
    if not _PRIVACY.search(text):
        return 0.0
    points = 5.0 if _NAMED.fullmatch(text) else 2.5 if len(words) <= 6 else 0.5
    return points - (3.0 if _NOT_IT.search(text) else 0.0)


def _score_of_address(url: str, domain: str) -> float:
    """Points for a path that speaks of privacy, fewer where it speaks of something else, too, or leaves the site."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    last = path.rstrip("/").rpartition("/")[2]
    points = 3.0 if _ADDRESS.search(last) else 2.0 if _ADDRESS.search(f"{path}?{parts.query}") else 0.0
    points -= 2.5 if _NOT_IT.search(path) else 0.0
    return points - (0.0 if _is_on_site(parts.hostname or "", domain) else 2.0)


def _is_on_site(host: str, domain: str) -> bool:
    """Whether a host is that of the domain or below it."""
    site = domain.lower().removeprefix("www.").rstrip(".")
    return host == site or host.endswith(f".{site}")


def best_link(links: list[_Link], domain: str) -> tuple[_Link, float] | None:
    """The link that most looks like one to the policy, with its score, if it looks enough like it."""
    scored = [(score(link, domain), -place, link) for place, link in enumerate(links)]
    points, _, link = max(scored, default=(0.0, 0, _Link("", "", False)), key=lambda found: found[:2])
    return (link, points) if points >= _ENOUGH else None


def hubs(links: list[_Link], domain: str) -> Iterator[_Link]:
    """The links to pages that may hold the link to the policy ("Legal", "Terms"), the likeliest first."""
    on_site = [link for link in links if _is_on_site(urlsplit(link.url).hostname or "", domain)]
    named = [link for link in on_site if _HUB.fullmatch(link.text)]
    once = {link.url: link for link in reversed(named)}
    return iter(
        sorted(once.values(), key=lambda link: (not link.at_foot, "about" in link.text.lower(), len(link.text)))
    )
