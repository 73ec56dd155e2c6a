"""Which policy a page is a capture of, and which site's: from its target, URL, names and path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from extractor.filenames import place_name

if TYPE_CHECKING:
    import tldextract

_SCHEME = re.compile(r"^(?:https?:)?/{0,2}(?:www\d?\.(?=[^/?#]*\.))?", re.IGNORECASE)
_USUAL_PORT = re.compile(r"^([^/?#]+):(?:80|443)(?=[/?#]|$)")
_HOST = re.compile(r"^[^/?#]*")
_TRACKING = re.compile(r"(utm_\w+|[fgd]clid|fbclid|gclsrc|msclkid|mc_[ce]id|_ga|_gl)(=|$)", re.IGNORECASE)
_PATH_SEPARATOR = re.compile(r"[\\/]|^[A-Za-z]:")
_SHOWN_DIGITS = 12
_IS_URL = re.compile(r"https?://|(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)


class Identity(NamedTuple):
    """What a reader calls the site of a page, and the document in the corpus that it is a capture of; "" if unknown."""

    site: str = ""
    policy: str = ""


_NOTHING_KNOWN = Identity()


class PageOrigin(NamedTuple):
    """Where a page comes from: what was asked for, its URL and registered domain, the file and the record in it.

    Where nothing of this is known, the hash of its bytes tells it from others. "" is unknown.
    """

    target: str = ""
    url: str = ""
    domain: str = ""
    path: str = ""
    record: str = ""
    sha256: str = ""


def identity_of(origin: PageOrigin, known: Identity = _NOTHING_KNOWN) -> Identity:
    """The site and policy of a page; neither is ever empty, neither is an absolute path.

    What is `known` comes first: the names that a corpus gives. Else they are those of the target, of the URL, of the
    file, or of the bytes.

    >>> identity_of(PageOrigin("www.shop.example/privacy/", "http://cdn.example/7", "cdn.example"))
    Identity(site='shop.example', policy='shop.example/privacy')
    >>> identity_of(PageOrigin(path="/home/me/acme/privacy.html"))
    Identity(site='acme', policy='home/me/acme/privacy')
    """
    page = f"page {origin.sha256[:_SHOWN_DIGITS]}".strip()
    place = _place_of(origin, page)
    target = "" if origin.target.endswith("/*") and origin.url else origin.target  # which stands for several policies
    policy = known.policy or name_of_url(target) or name_of_url(origin.url) or place.policy
    site = known.site or _site_of_target(origin.target) or origin.domain or _service_in(known.policy or origin.target)
    return Identity(site or place.site, policy)


def _place_of(origin: PageOrigin, page: str) -> Identity:
    """The names that the path of a file and the record in it give; those of the bytes if there is none."""
    parts = [part for part in _PATH_SEPARATOR.split(origin.path) if part not in ("", ".", "..")]
    if not parts:
        return Identity(page, page)
    site, policy, _ = place_name(parts)
    return Identity(*(2 * [f"{policy}#{origin.record}"])) if origin.record else Identity(site, policy)


def _site_of_target(target: str) -> str:
    """The registered domain of a target, "" if it is no URL."""
    return registered_domain(target) if _IS_URL.match(target) else ""


def _service_in(name: str) -> str:
    """The service in the name of a document, `Service/Document`."""
    return name.partition("/")[0]


def name_of_url(url: str) -> str:
    """A URL without its scheme, `www.`, the usual port, the part that follows a # and a trailing slash.

    >>> name_of_url("https://www.Shop.example:443/Privacy/"), name_of_url("shop.example"), name_of_url("Shop/Terms")
    ('shop.example/Privacy', 'shop.example', 'Shop/Terms')
    """
    url = url.strip()
    if not _IS_URL.match(url):
        return url
    name = _USUAL_PORT.sub(r"\1", _SCHEME.sub("", without_tracking(url.partition("#")[0]), count=1))
    return _HOST.sub(lambda host: host[0].lower(), name, count=1).rstrip("/")


def without_tracking(url: str) -> str:
    """A URL, or its key, without the parameters that only say from where its reader came.

    >>> without_tracking("example,a)/p?id=1&utm_source=mail"), without_tracking("http://a.example/p?utm_source=x&gclid=7")
    ('example,a)/p?id=1', 'http://a.example/p')
    """
    page, mark, query = url.partition("?")
    parts = query.split("&")
    kept = [part for part in parts if not _TRACKING.match(part)]
    return url if len(kept) == len(parts) else f"{page}{mark}{'&'.join(kept)}".rstrip("?")


@cache
def _domain_finder() -> tldextract.TLDExtract:
    """tldextract with its bundled public suffix list, that of hosts of sites included; it never uses the network."""
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=1_000)  # it is asked for twice for each page, and captures of a policy share their URL
def registered_domain(url: str) -> str:
    """The registered domain of a URL; its host if there is none (an IP address, a single label); "" without a URL.

    A suffix that is not in the list has one label, according to the list's rules. A suffix under which a company hosts
    the sites of others (github.io) is one: the sites below it are not of one domain.

    >>> registered_domain("http://www.shop.example.co.uk/privacy"), registered_domain("http://www.shop.example/")
    ('example.co.uk', 'shop.example')
    >>> registered_domain("https://acme.github.io/privacy"), registered_domain("https://github.io/privacy")
    ('acme.github.io', 'github.io')
    """
    if not url:
        return ""  # without loading the suffix list, which takes 0.1 s
    parts = _domain_finder()(url)
    if parts.suffix or parts.ipv4 or not parts.subdomain:
        return parts.top_domain_under_public_suffix or parts.domain or parts.suffix
    return f"{parts.subdomain.split('.')[-1]}.{parts.domain}"


def site_of(url: str, followed_from: Sequence[str]) -> str:
    """The registered domain of the site whose policy a page is: that of the first page that led to it, else its own.

    Else the policies of all customers of a host of policies would be one site's.

    >>> site_of("http://policies.example/7", ["20200301120000/http://www.shop.example/privacy"])
    'shop.example'
    """
    return registered_domain(followed_from[0].partition("/")[2] if followed_from else url)


def is_address(policy: str, domain: str, addresses: Iterable[str]) -> bool:
    """Whether the name of a policy is one of its addresses, on a known domain, and no name that somebody gave it.

    >>> is_address("shop.example/privacy", "shop.example", ["", "http://www.shop.example/privacy"])
    True
    >>> is_address("Shop/Privacy Policy", "shop.example", ["http://www.shop.example/privacy"])
    False
    """
    return bool(domain) and policy in [name_of_url(address) for address in addresses if address]
