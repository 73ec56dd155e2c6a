"""Detects error pages, parked domains, login walls and other pages that stand in for the page at their address.

The rules use a page's phrases, its HTML, and its length: only short pages are faulty, and one that clearly reads like a
policy never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.clean.language import count_words
from extractor.clean.markup import MarkupFacts, markup_facts
from extractor.clean.page_content import PageContent
from extractor.clean.phrases import (
    AGE_OR_COUNTRY_WALL,
    ARCHIVE_NOTICE,
    CONSENT_BUTTONS,
    COOKIE_MENTION,
    ERROR_PAGE,
    ERROR_PAGE_TITLE,
    JAVASCRIPT_REQUIRED,
    LEGAL_LINK,
    LOGIN_WALL,
    MOVED_PAGE,
    PARKED_DOMAIN,
    ROBOT_CHECK,
    SERVER_PLACEHOLDER,
)
from extractor.records import Block

_MAX_FAULT_WORDS = 400  # no error page, wall or parked page has more
_MAX_BRIEF_WORDS = 150  # in a page with fewer, the phrases may be anywhere
_MIN_WORDS = 15
_MIN_RENDERED_WORDS = 60  # a page with scripts and fewer words is waiting for its scripts
_LINK = re.compile(r"\[((?:[^\]\\]|\\.)*)\]\(")

_FAULT_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = (
    (ARCHIVE_NOTICE, "a notice of the archive's, not the page it stands for"),
    (PARKED_DOMAIN, "a parked domain: a page of the registrar or of a dealer in names, not of the site"),
    (
        SERVER_PLACEHOLDER,
        "a server's placeholder (default page, directory listing, suspended account), not a page of the site",
    ),
    (MOVED_PAGE, "a note that the page has moved, not the page"),
    (ERROR_PAGE, "an error page that was served as if it were a page (soft 404)"),
    (ROBOT_CHECK, "a wall against robots (captcha, browser check), not the page behind it"),
    (LOGIN_WALL, "a login wall: the page is behind it"),
    (AGE_OR_COUNTRY_WALL, "a wall that asks for an age or a country; the page is behind it"),
)


def page_fault(page: PageContent, policy_score: float, *, is_named: bool) -> str:
    """The reason why a page cannot be used, "" if it can.

    `policy_score` is the probability that its text is a policy, `is_named` whether its title or heading names one.
    """
    words = count_words(page.text)
    if _is_policy_index(page.blocks, words, policy_score):
        return "an index of policies: it links to them and holds none itself"
    if words >= _MAX_FAULT_WORDS or (words >= _MIN_RENDERED_WORDS and policy_score >= 0.95):
        return ""
    return next(_short_page_faults(page, markup_facts(page.source), policy_score, is_named), "")


def _short_page_faults(page: PageContent, markup: MarkupFacts, policy_score: float, is_named: bool) -> Iterator[str]:
    """The faults of a short page, the likeliest first."""
    words = count_words(page.text)
    text = page.text if words >= _MIN_RENDERED_WORDS or policy_score >= 0.5 else f"{page.text}\n{markup.visible_text}"
    yield from _faults_by_phrase(f"{page.title}\n{markup.headline}", text, policy_score)
    if policy_score < 0.5 and markup.password_field_count and words < _MAX_BRIEF_WORDS:
        yield "a login wall: the page is behind it"
    if _is_javascript_shell(words, text, policy_score, markup):
        yield "a JavaScript shell: its words were to be put there by scripts, which an archive does not run"
    if words < _MIN_WORDS and markup.frame_urls:
        yield f"a page of frames: its words are in other pages ({', '.join(markup.frame_urls[:4])})"
    if not (is_named and policy_score >= 0.5 and words >= _MIN_WORDS) and _is_consent_banner(page.text, words, markup):
        yield "a consent or cookie banner and nothing behind it"
    legal_links = {link.lower() for link in markup.link_texts if _is_legal_link(link)}
    if len(legal_links) >= 4 and words < _MIN_RENDERED_WORDS and policy_score < 0.5:
        yield "an index of policies: it links to them and holds none itself"
    if not words:
        yield "no text was found in the page"
    if words < _MIN_WORDS:
        yield f"only {words} words were found in the page"


def _faults_by_phrase(title: str, text: str, policy_score: float) -> Iterator[str]:
    """The faults that a page's phrases reveal."""
    opening = f"{title}\n{text if len(text.split()) < _MAX_BRIEF_WORDS else text[:400]}"
    if ERROR_PAGE_TITLE.search(title) and policy_score < 0.9:
        yield "an error page that was served as if it were a page (soft 404)"
    for phrases, reason in _FAULT_PHRASES:
        match = phrases.search(opening)
        if match and (policy_score < 0.5 or (policy_score < 0.9 and match.start() < 200)):
            yield reason


def _is_javascript_shell(words: int, text: str, policy_score: float, markup: MarkupFacts) -> bool:
    """Whether a page's text would be inserted by its scripts."""
    if words >= _MIN_RENDERED_WORDS or policy_score >= 0.9:
        return False
    if JAVASCRIPT_REQUIRED.search(text):
        return True
    is_waiting = (
        markup.has_mount_point
        or bool(JAVASCRIPT_REQUIRED.search(markup.noscript_text))
        or len(markup.visible_text.split()) < _MIN_WORDS
    )
    return markup.script_count > 0 and is_waiting and (words < _MIN_WORDS or policy_score < 0.5)


def _is_consent_banner(text: str, words: int, markup: MarkupFacts) -> bool:
    """Whether a page is only a request for consent: it begins with cookies and has the buttons."""
    return words < 80 and bool(
        COOKIE_MENTION.search(text[:120]) and CONSENT_BUTTONS.search(markup.visible_text or text)
    )


def _is_policy_index(blocks: tuple[Block, ...], words: int, policy_score: float) -> bool:
    """Whether a page is little more than links to policies."""
    if words > 4 * _MAX_FAULT_WORDS or policy_score >= 0.9:
        return False
    links = [link for block in blocks for link in _LINK.findall(block.markdown)]
    legal = [link for link in links if _is_legal_link(link)]
    linked = sum(len(link.split()) for link in links)
    unlinked = words - linked
    has_legal_links = len(legal) >= 3 and len(legal) >= len(links) / 3
    return has_legal_links and unlinked < min(_MAX_FAULT_WORDS, max(2 * linked, 12 * len(legal)))


def _is_legal_link(link: str) -> bool:
    """Whether the text of a link names a legal document."""
    return len(link.split()) <= 8 and bool(LEGAL_LINK.search(link))
