"""Detects error pages, walls, articles, indexes and other pages that stand in for the policy at their address.

The rules use a page's phrases, its HTML, and the length of its prose: menus, links and headings do not count. Only
pages with little prose are faulty, and one that clearly reads like a policy never is, except that a page which states
no practice, or hardly any, is none, whatever its title: its policy is elsewhere or nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from extractor.clean.verdict.elsewhere import PolicyPointer, embedded_policy, linked_policy
from extractor.clean.verdict.language import ENGLISH, count_words
from extractor.clean.verdict.markup import MarkupFacts, markup_facts
from extractor.clean.verdict.page_content import PageContent, has_long_prose, markdown_links, practice_words, prose
from extractor.clean.verdict.phrases import (
    AGE_OR_COUNTRY_WALL,
    ARCHIVE_NOTICE,
    ARTICLE_TITLE,
    BYLINE,
    CHOICE_REQUEST,
    CODE_LINE,
    COMING_SOON,
    CONSENT_BUTTONS,
    COOKIE_MENTION,
    ERROR_PAGE,
    ERROR_PAGE_TITLE,
    JAVASCRIPT_REQUIRED,
    LEGAL_LINK,
    LOGIN_WALL,
    MOVED_PAGE,
    OLD_BROWSER,
    PARKED_DOMAIN,
    PLACEHOLDER_TEXT,
    POLICY_TOOL_TITLE,
    REGION_BLOCK,
    ROBOT_CHECK,
    SCRIPT_ERROR,
    SERVER_PLACEHOLDER,
    UNFILLED_BLANK,
    find_phrase,
)
from extractor.records import Block

_MAX_FAULT_WORDS = 400  # no error page, wall or parked page has more
_MAX_BRIEF_WORDS = 150  # in a page with fewer, the phrases may be anywhere
_MIN_WORDS = 15
_MIN_RENDERED_WORDS = 60  # a page with scripts and fewer words is waiting for its scripts
_MIN_PRACTICE_WORDS = 30  # a page that says more of its practices is a policy, even if it also shows or links to one
_MAX_BARE_WORDS = 40  # a page with a policy's title and fewer that state no practice has no policy
_INDEX_SCORE = 0.9  # an index of policies is less likely to be a policy itself
_MIN_CODE_SHARE = 0.6  # of a page's words, in lines of code
_MIN_CHOICES = 4
_MAX_PROSE_CHARACTERS = 20_000  # far more than `_MAX_FAULT_WORDS` have, unless a page is hostile
_MAX_TITLE_CHARACTERS = 500
_FIRST_PERSON = re.compile(r"\b(?:we|our|us)\b", re.IGNORECASE)

_JAVASCRIPT_SHELL = "a JavaScript shell: its words were to be put there by scripts, which an archive does not run"
_POLICY_INDEX = "an index of policies: it links to them and holds none itself"

# Phrases in up to 150 words of prose or between them, and in up to 60 words of prose: menus also have "Coming soon"
_STAND_IN_PHRASES: tuple[tuple[str, str], ...] = (
    (SCRIPT_ERROR, "an error of the site's database or script instead of the page"),
    (REGION_BLOCK, "a notice that the site is not available in the visitor's country or region"),
    (PLACEHOLDER_TEXT, "a placeholder for text that was still to be written"),
)
_BRIEF_PHRASES: tuple[tuple[str, str], ...] = (
    (OLD_BROWSER, "a request to use another browser; the page is behind it"),
    (COMING_SOON, "a note that the page is still to come"),
)

_FAULT_PHRASES: tuple[tuple[str, str], ...] = (
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


class _PageFault(NamedTuple):
    """Why a page cannot be used, "" if it can, and the URL of the page that has the policy, if that is known."""

    reason: str = ""
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class _ShortPage:
    """A page with little prose, and what the rules ask about it.

    `words` counts the words of its prose, `practice_words` those in sentences that state a practice: if they are many,
    the first `_MIN_PRACTICE_WORDS` or a few more.
    """

    content: PageContent
    prose: str
    words: int
    practice_words: int
    markup: MarkupFacts
    policy_score: float
    is_named: bool


def page_fault(page: PageContent, policy_score: float, *, is_named: bool) -> _PageFault:
    """Why a page cannot be used.

    `policy_score` is the probability that its text is a policy, `is_named` whether its title or heading names one.
    """
    if policy_score < _INDEX_SCORE and _is_policy_index(page.blocks, count_words(page.text)):
        return _PageFault(_POLICY_INDEX)
    if not is_named and _is_article(page):
        return _PageFault("an article, or a tool, about privacy policies or privacy: it is not the site's own policy")
    if has_long_prose(page.blocks, _MAX_FAULT_WORDS):
        return _PageFault()
    text = prose(page.blocks)[:_MAX_PROSE_CHARACTERS]
    prose_words, practices = count_words(text), _practice_words(page, text)
    if _is_like_policy(prose_words, policy_score) and practices >= _MIN_PRACTICE_WORDS:
        return _PageFault()
    short = _ShortPage(page, text, prose_words, practices, markup_facts(page.source), policy_score, is_named)
    return next(_short_page_faults(short), _PageFault())


def _is_like_policy(words: int, policy_score: float) -> bool:
    """Whether a text is long enough for its probability to be a policy to be trusted, and has a high one."""
    return words >= _MIN_RENDERED_WORDS and policy_score >= 0.95


def _practice_words(page: PageContent, text: str) -> int:
    """The words in sentences of a text that state a practice; in other languages all that are no placeholder."""
    is_english = page.language in (ENGLISH, "") or find_phrase(PLACEHOLDER_TEXT, text)
    return practice_words(text, _MIN_PRACTICE_WORDS) if is_english else count_words(text)


def _short_page_faults(short: _ShortPage) -> Iterator[_PageFault]:
    """The faults of a page with little prose, the likeliest first."""
    claims_policy = short.is_named or short.policy_score >= 0.5 or short.words < _MIN_WORDS
    embedded = embedded_policy(short.content, short.markup) if short.practice_words < _MIN_PRACTICE_WORDS else None
    if embedded and embedded.is_certain and claims_policy:
        yield _PageFault(embedded.reason, embedded.address)
    is_like_policy = _is_like_policy(short.words, short.policy_score)
    if not is_like_policy:
        yield from _faults_by_phrase(short)
    if short.practice_words < _MIN_WORDS and short.words < _MAX_BRIEF_WORDS:
        yield from _stand_in_faults(short)
        if claims_policy and _is_usual_page(short):
            yield from _pointer_faults(short, embedded)
    if not is_like_policy:
        yield from map(_PageFault, _faults_by_markup(short))
    if short.is_named and not short.practice_words and short.words < _MAX_BARE_WORDS:
        yield _PageFault(_reason_for_bare_page(short))


def _pointer_faults(short: _ShortPage, embedded: PolicyPointer | None) -> Iterator[_PageFault]:
    """The faults of a page that only names a policy and shows or links to it."""
    linked = linked_policy(short.content, short.markup)
    is_bare = short.words < _MAX_BARE_WORDS
    for pointer in filter(None, (linked, embedded)):
        if is_bare or pointer.is_certain:
            yield _PageFault(pointer.reason, pointer.address)


def _title_of(short: _ShortPage) -> str:
    """A page's title and its first heading."""
    return f"{short.content.title[:_MAX_TITLE_CHARACTERS]}\n{short.markup.headline[:_MAX_TITLE_CHARACTERS]}"


def _is_usual_page(short: _ShortPage) -> bool:
    """Whether a page has none of the phrases of error pages and walls."""
    opening = f"{_title_of(short)}\n{short.prose[:400]}"
    return not any(find_phrase(phrases, opening) for phrases, _ in _FAULT_PHRASES if phrases is not MOVED_PAGE)


def _reason_for_bare_page(short: _ShortPage) -> str:
    """What is wrong with a page that has a policy's title and no policy."""
    if short.markup.script_count:
        return _JAVASCRIPT_SHELL
    return f"a title without a policy: the page has {short.words} words besides its headings, links and menus"


def _stand_in_faults(short: _ShortPage) -> Iterator[_PageFault]:
    """The faults that phrases, code or a choice of policies reveal whatever a page's title."""
    title, text = _title_of(short), short.content.text[:_MAX_PROSE_CHARACTERS]
    yield from _matching_faults(_STAND_IN_PHRASES, f"{title}\n{text}")
    if short.words < _MIN_RENDERED_WORDS:
        yield from _matching_faults(_BRIEF_PHRASES, f"{title}\n{short.prose}")
        if find_phrase(UNFILLED_BLANK, text):
            yield _PageFault("a template whose blanks nobody has filled in")
    if _is_code(short.prose):
        yield _PageFault("code (of a program, a style sheet or data) instead of the page's text")
    if _is_choice(short):
        yield _PageFault("a choice of countries, languages or versions: the policies are in other pages")


def _matching_faults(table: tuple[tuple[str, str], ...], text: str) -> Iterator[_PageFault]:
    """The faults whose phrases are in a text."""
    return (_PageFault(reason) for phrases, reason in table if find_phrase(phrases, text))


def _is_choice(short: _ShortPage) -> bool:
    """Whether a page asks to choose one of several policies, or lists their versions."""
    links = {text for text, _ in short.markup.links if len(text.split()) <= 8}
    headings = " ".join(block.text for block in short.content.blocks if block.kind == "heading")
    has_options = short.markup.option_count + len(links) >= _MIN_CHOICES
    return (
        has_options
        and short.words < _MAX_BARE_WORDS
        and bool(find_phrase(CHOICE_REQUEST, f"{short.prose}\n{headings}"))
    )


def _is_code(text: str) -> bool:
    """Whether most words of a text are code."""
    lines = text.replace("\\", "").split("\n")
    code = sum(len(line.split()) for line in lines if find_phrase(CODE_LINE, line))
    return code > _MIN_CODE_SHARE * sum(len(line.split()) for line in lines)


def _is_article(page: PageContent) -> bool:
    """Whether a page is an article about policies or privacy: by title or byline, and the writer's site is not "we"."""
    titles = [page.title, *(block.text for block in page.blocks[:3] if block.kind == "heading")]
    has_title = any(_is_article_title(title[:_MAX_TITLE_CHARACTERS]) for title in titles)
    if not has_title and not any(len(block.text) < 120 and BYLINE.search(block.text) for block in page.blocks[:6]):
        return False
    words = count_words(page.text)
    return words > _MIN_RENDERED_WORDS and len(_FIRST_PERSON.findall(page.text)) < words / 200


@lru_cache(maxsize=5_000)
def _is_article_title(title: str) -> bool:
    """Whether a title or heading is one of an article, or a tool, about policies. Cached, because most recur."""
    return bool(find_phrase(ARTICLE_TITLE, title) or find_phrase(POLICY_TOOL_TITLE, title))


def _faults_by_phrase(short: _ShortPage) -> Iterator[_PageFault]:
    """The faults that the phrases of error pages and walls reveal."""
    title, text, score = _title_of(short), _all_text(short), short.policy_score
    opening = f"{title}\n{text if len(text.split()) < _MAX_BRIEF_WORDS else text[:400]}"
    if find_phrase(ERROR_PAGE_TITLE, title) and score < 0.9:
        yield _PageFault("an error page that was served as if it were a page (soft 404)")
    for phrases, reason in _FAULT_PHRASES:
        match = find_phrase(phrases, opening)
        if match and (score < 0.5 or (score < 0.9 and match.start() < 200)):
            moved_to = linked_policy(short.content, short.markup) if phrases is MOVED_PAGE else None
            yield _PageFault(reason, moved_to.address if moved_to else "")


def _all_text(short: _ShortPage) -> str:
    """The text of a page, with all that its HTML shows if it hardly has any that reads like a policy."""
    text = short.content.text[:_MAX_PROSE_CHARACTERS]
    is_enough = count_words(text) >= _MIN_RENDERED_WORDS or short.policy_score >= 0.5
    return text if is_enough else f"{text}\n{short.markup.visible_text[:_MAX_PROSE_CHARACTERS]}"


def _faults_by_markup(short: _ShortPage) -> Iterator[str]:
    """The faults that a page's HTML or its length reveals."""
    page, markup, score, words = short.content, short.markup, short.policy_score, count_words(short.content.text)
    if score < 0.5 and markup.password_field_count and words < _MAX_BRIEF_WORDS:
        yield "a login wall: the page is behind it"
    if _is_javascript_shell(words, _all_text(short), score, markup):
        yield _JAVASCRIPT_SHELL
    is_notice = short.is_named and score >= 0.5 and words >= _MIN_WORDS
    if not is_notice and _is_consent_banner(page.text, words, markup):
        yield "a consent or cookie banner and nothing behind it"
    legal_links = {text.lower() for text, _ in markup.links if _is_legal_link(text)}
    if len(legal_links) >= 4 and words < _MIN_RENDERED_WORDS and score < 0.5:
        yield _POLICY_INDEX
    if words < _MIN_WORDS:
        yield f"only {words} words were found in the page" if words else "no text was found in the page"


def _is_javascript_shell(words: int, text: str, policy_score: float, markup: MarkupFacts) -> bool:
    """Whether a page's text would be inserted by its scripts."""
    if words >= _MIN_RENDERED_WORDS or policy_score >= 0.9:
        return False
    if find_phrase(JAVASCRIPT_REQUIRED, text):
        return True
    is_waiting = (
        markup.has_mount_point
        or bool(find_phrase(JAVASCRIPT_REQUIRED, markup.noscript_text))
        or len(markup.visible_text.split()) < _MIN_WORDS
    )
    return markup.script_count > 0 and is_waiting and (words < _MIN_WORDS or policy_score < 0.5)


def _is_consent_banner(text: str, words: int, markup: MarkupFacts) -> bool:
    """Whether a page is only a request for consent: it begins with cookies and has the buttons."""
    return words < 80 and bool(
        find_phrase(COOKIE_MENTION, text[:120]) and find_phrase(CONSENT_BUTTONS, markup.visible_text or text)
    )


def _is_policy_index(blocks: tuple[Block, ...], words: int) -> bool:
    """Whether a page is little more than links to policies."""
    if words > 4 * _MAX_FAULT_WORDS:
        return False
    links = [text for block in blocks for text, _ in markdown_links(block)]
    legal = [link for link in links if _is_legal_link(link)]
    linked = sum(len(link.split()) for link in links)
    unlinked = words - linked
    has_legal_links = len(legal) >= 3 and len(legal) >= len(links) / 3
    return has_legal_links and unlinked < min(_MAX_FAULT_WORDS, max(2 * linked, 12 * len(legal)))


def _is_legal_link(link: str) -> bool:
    """Whether the text of a link names a legal document."""
    return len(link.split()) <= 8 and bool(find_phrase(LEGAL_LINK, link))
