"""The links of a page, scored by how likely they lead to the site's privacy policy.

The score adds points for what a reader goes by: the link's text, its address and its position. The weights were set by
hand on the pages of `tests/wayback/home_pages.py` marked "tune"; `docs/reliability.md` has precision and recall on the
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from surt import surt

from extractor.wayback.page_links import PageLink

_MIN_SCORE = 4.0  # of a link that is taken for one to the policy
_DECLARED_SCORE = 20.0  # of a link whose markup says that it leads to the policy: more than all points together
_MAX_TITLE = 100  # characters; no name of a policy is longer
_MAX_PRIVACY_WORDS = 4  # in the name of a policy; more take a regular expression too long

# "privacy" as sites write it in their footers, in some twenty languages
_PRIVACY_WORDS = (
    r"privacy|data protection|gdpr|datenschutz\w*|privatsph[aä]re|confidentialit[eé]|vie priv[eé]e|"
    r"protection des donn[eé]es|donn[eé]es ([aà] caract[eè]re personnel|personnelles)|privacidad|"
    r"protecci[oó]n de datos|trattamento dei dati|confiden[tțţ]ialit[aă]te|fortrolighed\w*|"
    r"privacidade|prote[cç][aã]o de dados|riservatezza|dati personali|persoonsgegevens|"
    r"integritet\w*|personuppgift\w*|personvern\w*|privatliv\w*|persondata\w*|tietosuoja\w*|yksityisyy\w*|"
    r"prywatno[sś]ci|ochrana (osobn[ií]ch )?[uú]daj[uů]|osobn[ií]ch [uú]daj[uů]|soukrom[ií]|adatv[eé]delm\w*|"
    r"конфиденциальност\w*|конфіденційн\w*|персональны\w+ данны\w+|gizlilik|ki[sş]isel veriler\w*|kvkk|απορρ[ήη]του|"
    r"プライバシー\w*|個人情報\w*|隐私\w*|隱私\w*|개인정보\w*"
)
_POLICY_WORDS = (
    r"policy|policies|notice|statement|pledge|erkl[aä]rung|hinweise?|politique|charte|pol[ií]tica|aviso|informativa|"
    r"beleid|verklaring|policyn|erkl[aæ]ring|k[aä]yt[aä]nt[oö]|seloste|polityka|z[aá]sady|t[aá]j[eé]koztat[oó]|"
    r"политика|обработк\w+|защит\w+|положение|соглашение|politikas[iı]|πολιτική|ポリシー|保護方針|政策|处理방침|처리방침"
)
_FILLERS = (
    r"our|your|the|view|read|see|online|web|website|site|internet|on|of|de|des|du|la|les|vos|nos|et|y|und|zur|zum|e|"
    r"sulla|об?|в|и|&|and|\W"
)
# What sites call their policy without a word for privacy: "Data Policy", "Confidentiality Statement"
_POLICY_NAMES = (
    r"(notice of |(our|your|the|how|we) )*("
    r"((personal|customer|user|visitor) )?(data|information)( (use|usage|processing|collection|handling|security))? "
    r"(policy|policies|statement|notice|practices|charter)"
    r"|(use|protect(ing)?|handle|process|collect)( (of|your|our|personal))* (data|information)"
    r"|information (that )?we collect|do with your (personal )?(data|information)"
    r"|(protection|use) of (your )?(personal )?(data|information)"
    r"|confidentiality( (policy|statement|notice|pledge))?|(fair )?(processing|collection) notice|personal data)"
)
_HUB_WORDS = (
    r"legal( (notices?|information|info|stuff))?|terms( (of (use|service)|and conditions|& conditions))?|policies|"
    r"site policies|terms (and|&) policies|policies (and|&) terms|privacy (and|&) (legal|terms)|disclaimer|fine print|"
    r"impressum|rechtliches|mentions l[eé]gales|aviso legal|note legali|colofon|about( us| this site)?|help|site ?map"
)
_OTHER_TOPIC_WORDS = (  # mentions of privacy that are not the policy of the site
    r"settings|preferences|choices|opt.?out|do not sell|shield|tips|blog|news|articles?|how to|protect your|guides?\b|"
    r"report|lawsuit|bill|act\b|law\b|tools?|software|screens?|curtains?|fence|settlement|research|book|course|job|"
    r"applicants?|candidates?|employees?|vendors?|archived?|previous|ads\b|advertising|certified|seal|"
    r"trust-?e|center for"
)
_PRIVACY_WORD = re.compile(_PRIVACY_WORDS, re.IGNORECASE)
_PRIVACY_STEM = re.compile(_PRIVACY_WORDS.replace(r"\w*", ""), re.IGNORECASE)
_POLICY_TITLE = re.compile(
    rf"({_FILLERS})*({_PRIVACY_WORDS})(({_FILLERS})|({_POLICY_WORDS})|({_PRIVACY_WORDS})|cookies?|terms|security|legal)*"
    rf"|({_FILLERS})*({_POLICY_WORDS})(({_FILLERS})|({_POLICY_WORDS}))*({_PRIVACY_WORDS})(({_FILLERS})|({_POLICY_WORDS}))*",
    re.IGNORECASE,
)
_POLICY_NAME = re.compile(rf"\b({_POLICY_NAMES})(?!\w)", re.IGNORECASE)
_HUB_TITLE = re.compile(rf"({_HUB_WORDS})\W*", re.IGNORECASE)
_OTHER_TOPIC = re.compile(_OTHER_TOPIC_WORDS, re.IGNORECASE)
_PRIVACY_ADDRESS = re.compile(
    r"privac|datenschutz|confidentialit|donnees-personnelles|riservatezza|integritet|personvern|persondata|tietosuoja|"
    r"data[-_]?(protection|policy)|confidential(ity)?(\b|[-_]?(policy|statement))|"
    r"prywatnosc|soukromi|adatvedel|gizlilik|kvkk|konfidencial|proteccion-de-datos",
    re.IGNORECASE,
)


def link_score(link: PageLink, domain: str) -> float:
    """The score of a link for leading to the privacy policy of a domain.

    >>> link_score(PageLink("http://a.example/privacy.html", "Privacy Policy", True), "a.example")
    9.5
    >>> link_score(PageLink("http://a.example/blog/privacy-tips", "Ten tips for your privacy", False), "a.example")
    0.0
    """
    declared = _DECLARED_SCORE if link.is_declared else 0.0
    return max(declared, text_score(link.text) + _address_score(link.url, domain) + 1.5 * link.in_footer)


def text_score(text: str) -> float:
    """5 for the name of a policy, fewer points the more other words there are, 0 without a word for privacy."""
    words = text.split()
    if not (_PRIVACY_WORD.search(text) or _POLICY_NAME.search(text)):
        return 0.0
    points = 5.0 if _is_policy_title(text) else 2.5 if len(words) <= 6 else 0.5
    return points - (3.0 if _OTHER_TOPIC.search(text) else 0.0)


def _is_policy_title(text: str) -> bool:
    """Whether a text is the name of a policy and nothing else."""
    if len(text) > _MAX_TITLE or len(_PRIVACY_STEM.findall(text)) > _MAX_PRIVACY_WORDS:
        return False
    return bool(_POLICY_TITLE.fullmatch(text) or _POLICY_NAME.fullmatch(text.strip()))


def _address_score(url: str, domain: str) -> float:
    """Points for a path with a word for privacy; fewer if it has other topics as well, or leaves the site."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    last = path.rstrip("/").rpartition("/")[2]
    points = 3.0 if _PRIVACY_ADDRESS.search(last) else 2.0 if _PRIVACY_ADDRESS.search(f"{path}?{parts.query}") else 0.0
    points -= 2.5 if _OTHER_TOPIC.search(path) else 0.0
    return points - (0.0 if is_on_site(parts.hostname or "", domain) else 2.0)


def is_on_site(host: str, domain: str) -> bool:
    """Whether a host is the domain or below it."""
    site = domain.lower().removeprefix("www.").rstrip(".")
    return host == site or host.endswith(f".{site}")


def best_link(links: list[PageLink], domain: str) -> tuple[PageLink, float] | None:
    """The link with the highest score, and its score; None if that is too low."""
    scored = [
        (link_score(link, domain), -index, link) for index, link in enumerate(links) if not is_home(link.url, domain)
    ]
    points, _, link = max(scored, default=(0.0, 0, PageLink("", "", False)), key=lambda found: found[:2])
    return (link, points) if points >= _MIN_SCORE else None


def is_home(url: str, domain: str) -> bool:
    """Whether a URL is the home page of a domain, which is never its own policy.

    >>> is_home("https://www.a.example/index.html", "a.example"), is_home("https://privacy.a.example/", "a.example")
    (True, False)
    """
    urlkey: str = re.sub(r"(?:index|default|home|welcome)\.\w{2,5}$", "", surt(url))
    return urlkey == str(surt(domain))


def is_site_root(url: str) -> bool:
    """Whether a URL is the home page of its host.

    >>> is_site_root("https://www.a.example/"), is_site_root("https://a.example/privacy")
    (True, False)
    """
    return is_home(url, urlsplit(url).netloc)


def hub_links(links: list[PageLink], domain: str) -> Iterator[PageLink]:
    """The links to pages that may link to the policy ("Legal", "Terms"), the likeliest first."""
    on_site = [link for link in links if is_on_site(urlsplit(link.url).hostname or "", domain)]
    named = [link for link in on_site if _HUB_TITLE.fullmatch(link.text)]
    unique = {link.url: link for link in reversed(named)}
    return iter(
        sorted(unique.values(), key=lambda link: (not link.in_footer, "about" in link.text.lower(), len(link.text)))
    )
