"""Finds the page that holds the policy instead of this one: a frame, an embedded document, or a link.

Services that host policies put them into a page by a frame, whose URL a person can open, or by a script. For Termly,
GetTerms and Enzuzo the page that the script shows has a URL of its own, which follows from the script's settings.
OneTrust's script reads JSON, whose URL is in the page: that is the address. Of the other services' scripts no address
is known that a person could open: the address is "", and the reason names the script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, urljoin, urlsplit

from extractor.clean.inline import absolute_url
from extractor.clean.verdict.markup import Element, MarkupFacts
from extractor.clean.verdict.page_content import PageContent, markdown_links
from extractor.clean.verdict.phrases import POLICY_MENTION, READING_REQUEST, find_phrase
from extractor.records import Block

_POLICY_ADDRESS = re.compile(
    r"privac|polic(?:y|ies)|legal|notice|declaration|gdpr|data-?protection|datenschutz|confidentialit|vie-?privee|riservatezza"
    r"|informativa|termly|iubenda|enzuzo|getterms|termsfeed|onetrust|securiti|usercentrics|docs\.google"
    r"|drive\.google|officeapps\.live|scribd|issuu|\.pdf\b|\.docx?\b",
    re.IGNORECASE,
)
_OTHER_ADDRESS = re.compile(
    r"doubleclick|googlesyndication|googletag|analytics|/ads?[/.?]|\bads?\d*\.|adserv|adframe|banner|pixel|beacon|facebook|twitter"
    r"|instagram|youtu\.?be|vimeo|dailymotion|player|video|soundcloud|spotify|captcha|challenges\.cloudflare|\bmaps?\b|log-?in"
    r"|sign-?in|oauth|\bsso\b|\bauth\b|addthis|sharethis|disqus|chat|intercom|zendesk|newsletter|subscri|mailchimp|opt-?out|matomo"
    r"|piwik|hotjar|criteo|crossdomain|cookie-?(?:banner|bar|consent|notice)|consent-?(?:manager|frame)|\bcmp\b|checkout|paypal|stripe|trustpilot|calendly"
    r"|\.(?:swf|mp[34]|mov|avi|wmv|gif|jpe?g|png|svg|css|js|class)(?:\?|$)",
    re.IGNORECASE,
)
_NAVIGATION = re.compile(
    r"nav|menu|top|head|banner|foot|left|logo|title|toc|index|side|\bads?\b|blank|button|bottom", re.IGNORECASE
)
_NO_PAGE = ("about:", "javascript:", "data:", "#")
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|rtf|odt|ps|txt|pages)$", re.IGNORECASE)
_READER_PROGRAM = re.compile(r"adobe\.|acrobat|foxit|microsoft\.com", re.IGNORECASE)
_POLICY_SCRIPT = re.compile(
    r"otnotice|onetrust[^\s]{0,200}notice|privacyportal|termly\.io/embed-policy|iubenda\.com/iubenda|enzuzo[^\s]{0,200}(?:privacy|polic|legal)|getterms|termsfeed|privacypolicies\.com"
    r"|freeprivacypolicy|websitepolicies|policygenerator|usercentrics[^\s]{0,200}polic|securiti[^\s]{0,200}(?:notice|privacy)|osano[^\s]{0,200}polic"
    r"|cookiebot\.com/[^\s]{0,200}/cd\.js|trustarc[^\s]{0,200}(?:polic|notice)|(?:privacy|legal)-?(?:policy|notice|text)[^\s/]{0,100}\.js|it-recht-kanzlei"
    r"|legaltext|legalweb|policies\.[^\s]{0,100}\.js|avalex|clym|ketch[^\s]{0,200}polic|transcend[^\s]{0,200}polic",
    re.IGNORECASE,
)
_CONSENT_SCRIPT = re.compile(r"cookie-?(?:consent|bar|banner|notice)", re.IGNORECASE)
_INVISIBLE_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BY_SCRIPT = "the policy was to be put into the page by a script"
_ENZUZO_SCRIPT = re.compile(r"(enzuzo\.com)/scripts/(\w+)/")
_POLICY_PLACEHOLDER = re.compile(
    r"otnotice|termly-embed|iubenda-embed|enzuzo|getterms|termsfeed|osano-polic|cookiedeclaration|uc-(?:embed|privacy)|securiti|(?:privacy|policy|legal)-?(?:notice|policy|text)?-?(?:embed|widget)"
    r"|truste-?(?:policy|privacy)|avalex|trustedshops-legal",
    re.IGNORECASE,
)


class PolicyPointer(NamedTuple):
    """What shows or links to the policy.

    `address` is an absolute URL, "" if there is none that a person could open; `reason` names it, or the script.
    `is_certain` is whether the address, its name, or the service says that it is a policy.
    """

    address: str
    reason: str
    is_certain: bool = True


def embedded_policy(page: PageContent, markup: MarkupFacts) -> PolicyPointer | None:
    """The policy that a frame, an object or a service's script shows within the page, None if there is none."""
    base = _base_of(page, markup)
    frames = sorted(_frames(markup, base, page.address), key=lambda frame: not frame.is_certain)
    if frames and frames[0].is_certain:
        return frames[0]
    return next(_service_pointers(markup, base), frames[0] if frames else None)


def linked_policy(page: PageContent, markup: MarkupFacts) -> PolicyPointer | None:
    """The document or page that a short page sends its reader to, None if there is none."""
    links = [*_refresh_links(page, markup), *_document_links(page, markup), *_requested_links(page)]
    return max(links, key=lambda link: link.is_certain, default=None)


def _base_of(page: PageContent, markup: MarkupFacts) -> str:
    """The URL that a page's relative links start from."""
    return absolute_url(markup.base_address, page.address) or page.address


def _pointer(target: str, base: str, *, is_certain: bool = True) -> PolicyPointer:
    """A pointer to a target as it is written in the page."""
    address = absolute_url(_document_in_viewer(target), base)
    return PolicyPointer(address, f"the policy is in another page: {address or target}", is_certain)


def _document_in_viewer(target: str) -> str:
    """The document that a viewer is asked to show, or the target itself.

    >>> _document_in_viewer("https://docs.google.com/viewer?embedded=true&url=http%3A%2F%2Fa.example%2Fprivacy.pdf")
    'http://a.example/privacy.pdf'
    """
    query = parse_qs(_split(target).query)
    shown = [value for name in ("url", "src", "file", "document") for value in query.get(name, [])]
    document = next((value for value in shown if _is_document(value)), "")
    return urljoin(target, document) if document else target


def _split(target: str) -> SplitResult:
    """The parts of a URL, all empty if it is none."""
    try:
        return urlsplit(target)
    except ValueError:
        return urlsplit("")


def _is_document(target: str) -> bool:
    """Whether a link's target is a PDF or a file of a word processor."""
    return bool(_DOCUMENT.search(target.partition("#")[0].partition("?")[0]))


def _is_same_page(target: str, address: str) -> bool:
    """Whether a link leads to the page it is on."""
    return target.startswith("#") or (bool(address) and _comparable(target) == _comparable(address))


def _comparable(address: str) -> str:
    """A URL without what does not matter for which page it is."""
    return address.partition("#")[0].rstrip("/").lower().partition("://")[2]


def _frames(markup: MarkupFacts, base: str, address: str) -> Iterator[PolicyPointer]:
    """The frames and objects that may hold a policy. The first frame of a set is often the menu, so that goes last."""
    possible = [frame for frame in markup.frames if _may_hold_policy(frame)]
    for frame in sorted(possible, key=_is_navigation):
        target = _frame_target(frame)
        if not _is_same_page(absolute_url(target, base), address):
            yield _pointer(target, base, is_certain=_names_policy(target, frame, address))


def _is_navigation(frame: Element) -> bool:
    """Whether a frame is called like a menu, or its file is."""
    file = _split(_frame_target(frame)).path.rpartition("/")[2]
    return bool(_NAVIGATION.search(f"{_names_of(frame)} {file}"))


def _may_hold_policy(frame: Element) -> bool:
    """Whether a frame shows a page, and neither an advertisement, a video, a map nor the like."""
    target = _frame_target(frame)
    is_empty = any(frame.attributes.get(side) in ("0", "1", "0px", "1px") for side in ("height", "width"))
    is_hidden = is_empty or bool(_INVISIBLE_STYLE.search(frame.attributes.get("style", "")))
    if not target or is_hidden or "srcdoc" in frame.attributes:
        return False
    return not _OTHER_ADDRESS.search(f"{target} {_names_of(frame)}")


def _frame_target(frame: Element) -> str:
    """The URL in a frame, an object or an embed element, also of a frame that is loaded late or after consent."""
    names = ("src", "data-src", "data-lazy-src", "data-cookieblock-src", "data-url", "data")
    targets = [frame.attributes.get(name, "").strip() for name in names]
    return next((target for target in targets if target and not target.lower().startswith(_NO_PAGE)), "")


def _names_of(frame: Element) -> str:
    """What a frame is called."""
    return " ".join(frame.attributes.get(name, "") for name in ("name", "id", "title", "class"))


def _names_policy(target: str, frame: Element, address: str) -> bool:
    """Whether a frame's target or name says that it is a policy; the page's own host name does not count."""
    host = _split(address).netloc
    told = target.partition(host)[2] if host and host in target else target
    return bool(_POLICY_ADDRESS.search(f"{told} {_names_of(frame)}"))


def _service_pointers(markup: MarkupFacts, base: str) -> Iterator[PolicyPointer]:
    """The policies that the scripts of services put into a page, those with an address first."""
    known = [pointer for element in markup.placeholders if (pointer := _hosted_policy(element, base))]
    yield from known
    notice = next((url for url in markup.json_urls if _POLICY_ADDRESS.search(url)), "")
    if notice:
        yield _pointer(notice, base)
    scripts = [element.attributes.get("src", "") for element in markup.placeholders if element.tag == "script"]
    for script in scripts:
        if _POLICY_SCRIPT.search(script) and not _CONSENT_SCRIPT.search(script):
            yield _hosted_script(absolute_url(script, base) or script)
    for element in markup.placeholders:
        if element.tag != "script" and _POLICY_PLACEHOLDER.search(_names_of(element)):
            yield PolicyPointer("", f"{_BY_SCRIPT} (for {_names_of(element).split()[0]})")


def _hosted_policy(element: Element, base: str) -> PolicyPointer | None:
    """The policy that an element of a service stands for, if its address is known from the element alone."""
    names, attributes = _names_of(element).lower(), element.attributes
    if element.tag == "a" and "iubenda" in names and attributes.get("href"):
        return _pointer(attributes["href"], base)
    if "termly" in names and attributes.get("data-id"):
        return _pointer(f"https://app.termly.io/policy-viewer/policy.html?policyUUID={attributes['data-id']}", base)
    if attributes.get("data-getterms"):
        kind = attributes.get("data-getterms-document", "privacy")
        language = attributes.get("data-getterms-lang", "en-us")
        return _pointer(f"https://getterms.io/view/{attributes['data-getterms']}/{kind}/{language}", base)
    return None


def _hosted_script(script: str) -> PolicyPointer:
    """The page that a service's script shows; no address if only the script is known."""
    page = _ENZUZO_SCRIPT.sub(r"\1/policies/\2/", script)
    if page != script:
        return _pointer(page, "")
    return PolicyPointer("", f"{_BY_SCRIPT}: {script}")


def _refresh_links(page: PageContent, markup: MarkupFacts) -> Iterator[PolicyPointer]:
    """The page that this one sends the browser to."""
    if markup.refresh_address and not _is_same_page(markup.refresh_address, page.address):
        pointer = _pointer(markup.refresh_address, _base_of(page, markup))
        if not _is_same_page(pointer.address, page.address) and _split(pointer.address).path.strip("/"):
            yield pointer


def _document_links(page: PageContent, markup: MarkupFacts) -> Iterator[PolicyPointer]:
    """The links to PDF and word processor files that may be the policy, those in the page's text first."""
    in_text = dict.fromkeys(link for block in page.blocks for link in markdown_links(block))
    for text, target in (*in_text, *markup.links):
        if _is_document(target) and not _READER_PROGRAM.search(target):
            is_certain = bool(find_phrase(POLICY_MENTION, f"{text} {target}"))
            if is_certain or (text, target) in in_text:
                yield _pointer(target, _base_of(page, markup), is_certain=is_certain)


def _requested_links(page: PageContent) -> Iterator[PolicyPointer]:
    """The links of sentences such as "Click here to read our privacy policy"."""
    for block in page.blocks:
        if (
            block.kind != "heading"
            and find_phrase(POLICY_MENTION, block.text)
            and find_phrase(READING_REQUEST, block.text)
        ):
            yield from _links_of_request(block, page.address)


def _links_of_request(block: Block, address: str) -> Iterator[PolicyPointer]:
    """The pages that a sentence with a request to read something links to."""
    links = markdown_links(block)
    linked = sum(len(text.split()) for text, _ in links)
    is_menu = len(links) > 3 or (linked >= len(block.text.split()) and not find_phrase(READING_REQUEST, links[0][0]))
    for text, target in [] if is_menu else links:
        if target.startswith("http") and not _is_same_page(target, address) and not _READER_PROGRAM.search(target):
            yield _pointer(
                target, address, is_certain=bool(find_phrase(POLICY_MENTION, f"{text} {_split(target).path}"))
            )
