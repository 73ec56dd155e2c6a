"""Leaves out what surrounds the text of a page and is named as such in its HTML, before the content model sees it.

These are consent banners, sign-up and login dialogs, comments, news and footers, as well as second copies of a text for
other screens. Names can be wrong: an element is kept if it holds the policy, or if nothing else on the page does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from extractor.clean.content.text_signs import MAX_BANNER_LENGTH, ends_with_button
from extractor.clean.content.text_stats import MIN_PROSE_WORDS, TextStats, stats_of_pieces
from extractor.clean.tree import BlockElement, PagePiece

_Surrounding = Literal["platform", "consent", "dialog", "comments", "news", "footer"]

# Parts of the class names and ids of consent platforms, not of the policies and lists of cookies that some embed
_PLATFORM_NAMES = tuple(
    "onetrust-consent-sdk onetrust-banner onetrust-pc- ot-sdk-container cybotcookiebotdialog cookie-law-info-"
    " cookielawinfo- cli-bar cli-modal cli-settings cli-popup cli-tab- cli-privacy cmplz-cookiebanner"
    " cmplz-manage-consent cmplz-consent borlabscookie borlabs-cookie qc-cmp truste_box truste-consent truste_overlay"
    " trustarc-banner trustarc-consent consent_blackbar teconsent didomi-host didomi-popup didomi-notice didomi-consent"
    " usercentrics- osano-cm- termly-consent t-consentprompt klaro iubenda-cs- sliding-popup cky-consent cky-modal"
    " cky-overlay cky-notice cky-preference moove_gdpr sp_message evidon- ccc-notify ccc-overlay ccc-module"
    " cookiescript_ cookiefirst- axeptio tarteaucitron coi-banner coi-consent shopify-pc__ sqs-cookie- cookiehub-"
    " fc-consent- hs-eu-cookie- catapult-cookie- cookiechoiceinfo pea_cook notice-cookie-block orejime- ketch-banner"
    " ketch-consent termsfeed-com--- wpcc-container".split()
)
# What a consent platform shows on request: its list of cookies, its settings, its opt-out from sale
_DECLARATION_NAME = re.compile(
    r"onetrust-pc-sdk|ot-pc-content|ot-sdk-cookie|cli-modal|cli-tab|cookiebotdialogdetail|cmplz-manage|cmplz-categor"
    r"|cookie-?(?:declaration|list|table)|preferences?-?cent(?:er|re)|cky-(?:preference|modal|accordion)"
    r"|borlabs-?cookie.{0,40}(?:detail|preference)|truste.{0,20}preference|didomi.{0,20}preference|moove_gdpr"
)
_CONSENT_NAME = re.compile(
    r"(?:cookies?|gdpr|ccpa|consent|privacy)[-_]{0,2}(?:policy|notice|law|info|eu)?[-_]{0,2}(?:banner|bar|pop-?up|modal"
    r"|dialog|alert|message|msg|warning|overlay|settings?|preferences?|prefs|prompt|control|hint|box|layer|toast|strip"
    r"|disclaimer|notification|notice|compliance|wrapper|footer|header|widget|ribbon|drawer|root|cent(?:er|re)|manager)"
    r"|(?:banner|bar|popup|modal|dialog|alert|message|eu)s?[-_]{0,2}(?:cookie|gdpr|consent)"
    r"|cookie[-_]?(?:consent|law|accept|info(?:rmation)?\b)|gdpr[-_]?cookie|(?:^|\s)(?:cc|uc)[-_](?:window|banner|dialog|main)"
)
_CONSENT_WORDS = ("cookie", "gdpr", "ccpa", "consent", "privacy", "cc-", "cc_", "uc-")
_DIALOG_NAMES = tuple(
    "modal popup pop-up dialog lightbox light-box overlay interstitial fancybox fancy_content thickbox colorbox drawer"
    " flyout newsletter subscrib signup sign-up sign_up login log-in optin opt-in quote-form request-form leadform"
    " lead-form chat".split()
)
_COMMENTS_NAME = re.compile(r"(?:^|[\s_-])(?:comments?|commentlist|respond|responses|disqus_thread)(?:$|[\s_-])")
_NEWS_NAME = re.compile(
    r"(?:related|recommended|trending|popular|most-?(?:read|viewed|shared)|latest|recent|featured)[-_]?(?:posts?|articles?"
    r"|stor(?:y|ies)|news|headlines|products?|videos?|content|items?|links?)|most-?popular|you-may-|taboola|outbrain|zergnet"
    r"|(?:^|[\s_-])(?:latest|trending|related|teasers?|headlines|news|newsfeed)(?:$|[\s_-])"
)
_NEWS_WORDS = (
    "related", "recommend", "trending", "popular", "most", "latest", "recent", "featured", "you-may-", "taboola",
    "outbrain", "zergnet", "teaser", "headlines", "news",
)  # fmt: skip
_FOOTER_NAMES = ("footer", "contentinfo", "colophon")
_NAME_PARTS: Mapping[_Surrounding, tuple[str, ...]] = {
    "platform": _PLATFORM_NAMES,
    "consent": _CONSENT_WORDS,
    "dialog": _DIALOG_NAMES,
    "comments": ("comment", "respon", "disqus"),
    "news": _NEWS_WORDS,
    "footer": _FOOTER_NAMES,
}
_NAME_PATTERNS: Mapping[_Surrounding, re.Pattern[str]] = {
    "consent": _CONSENT_NAME,
    "comments": _COMMENTS_NAME,
    "news": _NEWS_NAME,
}
_WHOLE_PAGE_TAGS = frozenset(("html", "body", "main", "article"))  # their classes say what is open on the page
_NAMED_TAGS: dict[str, _Surrounding] = {"dialog": "dialog", "footer": "footer"}

_PRIVACY_CENTER = re.compile(r"always (?:active|enabled|on)\b|strictly necessary|manage consent|confirm my choices")
_SIGN_UP = re.compile(
    r"subscribe|sign(?:ing)?[ -]?up|sign in|newsletter|log ?in\b|password|create (?:an |your )?account|free quote|% off"
    r"|discount|coupon|your (?:e-?mail|phone|zip)|become a member|donat|join (?:us|now|our|the)|shopping (?:cart|bag)"
    r"|chat (?:with|to) us|live chat|survey|your feedback|exclusive offers|first to know"
)
_REPLY = re.compile(r"\brepl(?:y|ies)\b|\bcomments?\b|\bresponses?\b|\bsays:|\bposted (?:by|on)\b|\bago\b")
_REPLY_WORDS = ("reply", "replies", "comment", "response", "says:", "posted", " ago")  # one is in each of _REPLY
_COPYRIGHT = re.compile(r"©|\(c\)|copyright|all rights reserved")

_MIN_DECLARATION_WORDS = 100  # of prose: the settings of a banner have fewer if they only name its kinds of cookies
_MIN_REST_MENTIONS, _MIN_REST_WORDS = 3, 30  # of a page that still holds a policy
_MAX_DENSITY = 0.015  # mentions a word; policies have 0.025 or more
_MAX_BANNER_WORDS, _MAX_DIALOG_WORDS = 600, 400
_MAX_UNMARKED_WORDS = 60  # a consent banner with more has a button
# A copy has as many words, and this share of the page's prose unless it is large; most of it stands before
_MIN_COPY_WORDS, _LARGE_COPY_WORDS, _MIN_COPY_SHARE, _MIN_REPEATED_SHARE = 60, 300, 0.25, 0.85


class _Amounts(NamedTuple):
    """How much an element, or the page, holds: words, words in prose, mentions of personal data in prose, words
    "cookie", buttons of consent banners, words that ask to sign up or to reply, copyright lines, links.
    """

    words: int = 0
    prose: int = 0
    mentions: int = 0
    cookies: int = 0
    buttons: int = 0
    sign_ups: int = 0
    replies: int = 0
    copyright: int = 0
    links: int = 0

    def plus(self, other: _Amounts) -> _Amounts:
        """The sums."""
        return _Amounts(*(one + two for one, two in zip(self, other, strict=True)))

    def minus(self, other: _Amounts) -> _Amounts:
        """The differences."""
        return _Amounts(*(one - two for one, two in zip(self, other, strict=True)))


def without_surroundings(pieces: list[PagePiece], elements: Sequence[BlockElement]) -> list[PagePiece]:
    """The pieces of a page without those in elements that surround its text, and without second copies of it."""
    rest = _without_copies(_without_named_elements(pieces, elements), elements)
    stats = stats_of_pieces(rest)
    kept = _without_banner_text(rest, stats) if any(one.cookies for one in stats) else rest
    has_replies = any(one.is_title_of_replies for one in stats) and _count_reply_words(rest) > 1
    return _without_replies(kept) if has_replies else kept


def _without_named_elements(pieces: list[PagePiece], elements: Sequence[BlockElement]) -> list[PagePiece]:
    """The pieces that are not in an element with the name, and the text, of a surrounding."""
    kinds = _named_elements(elements)
    if not kinds:
        return pieces
    holders = _innermost_named(elements, kinds)
    amounts = _amounts_by_element(pieces, elements, holders, kinds)
    asks_consent = not {"platform", "consent"}.isdisjoint(kinds.values())
    declared = _declarations(pieces, elements) if asks_consent else set()
    dropped: set[int] = set()
    rest = amounts[-1]
    for index, kind in kinds.items():
        if holders[elements[index].parent] in dropped:
            dropped.add(index)
        elif _is_surrounding(kind, amounts[index], rest.minus(amounts[index])):
            dropped.add(index)
            rest = rest.minus(amounts[index])
    if not dropped:
        return pieces
    return [piece for piece in pieces if holders[piece.element] not in dropped or piece.element in declared]


def _declarations(pieces: Sequence[PagePiece], elements: Sequence[BlockElement]) -> set[int]:
    """The elements in which a consent platform declares, at length, which cookies there are and what they are for.

    A banner only asks; such a declaration is a statement of the site, which C3PA's annotators marked as one.
    """
    roots: dict[int, int] = {}
    for index, element in enumerate(elements):
        if element.parent in roots:
            roots[index] = roots[element.parent]
        elif element.hints and element.tag not in _WHOLE_PAGE_TAGS and _DECLARATION_NAME.search(element.hints.lower()):
            roots[index] = index
    words: Counter[int] = Counter()
    for piece in pieces:
        if piece.element in roots and (count := piece.text.count(" ") + 1) >= MIN_PROSE_WORDS:
            words[roots[piece.element]] += count
    return {index for index, root in roots.items() if words[root] >= _MIN_DECLARATION_WORDS}


def _named_elements(elements: Sequence[BlockElement]) -> dict[int, _Surrounding]:
    """What the elements that are named as surroundings are named as, by their indexes."""
    kinds = _kinds_of_names(frozenset([element.hints for element in elements]))
    return {
        index: kind
        for index, (tag, _, _, hints) in enumerate(elements)
        if (hints in kinds or tag in _NAMED_TAGS)
        and (kind := (kinds.get(hints) if tag not in _WHOLE_PAGE_TAGS else None) or _NAMED_TAGS.get(tag))
    }


@lru_cache(maxsize=500)
def _kinds_of_names(names: frozenset[str]) -> dict[str, _Surrounding]:
    """What the names of a page are names of. Cached, because the pages of a site have the same ones."""
    lower = "\0".join(names).lower()
    # Most parts of names are nowhere on a page: the others are few enough to be tried on each name
    parts = {kind: [part for part in kind_parts if part in lower] for kind, kind_parts in _NAME_PARTS.items()}
    return {name: kind for name in names if (kind := _kind_of_name(name.lower(), parts))}


def _kind_of_name(name: str, parts_of_kinds: Mapping[_Surrounding, Sequence[str]]) -> _Surrounding | Literal[""]:
    """The first kind of which a part is in a name, in lower case, and whose pattern, if it has one, matches."""
    for kind, parts in parts_of_kinds.items():
        pattern = _NAME_PATTERNS.get(kind)
        if any(map(name.__contains__, parts)) and (pattern is None or pattern.search(name)):
            return kind
    return ""


def _innermost_named(elements: Sequence[BlockElement], kinds: Mapping[int, _Surrounding]) -> list[int]:
    """For each element the index of the innermost named one that it is or is in, -1 if there is none; -1 at the end."""
    holders: list[int] = []
    for index, element in enumerate(elements):
        holders.append(index if index in kinds else holders[element.parent] if element.parent >= 0 else -1)
    return [*holders, -1]  # of the index -1, which stands for no element


def _amounts_by_element(
    pieces: Sequence[PagePiece],
    elements: Sequence[BlockElement],
    holders: Sequence[int],
    named: Mapping[int, _Surrounding],
) -> dict[int, _Amounts]:
    """What each named element with text holds, with the elements in it; at -1 what the whole page holds."""
    pieces_inside: dict[int, list[PagePiece]] = {index: [] for index in (-1, *named)}
    stats_inside: dict[int, list[TextStats]] = {index: [] for index in (-1, *named)}
    for piece, stats in zip(pieces, stats_of_pieces(pieces), strict=True):
        pieces_inside[holders[piece.element]].append(piece)
        stats_inside[holders[piece.element]].append(stats)
    amounts = {
        index: _named_amounts(members, stats_inside[index], named.get(index)) if members else _Amounts()
        for index, members in pieces_inside.items()
    }
    for index in sorted(amounts, reverse=True)[:-1]:
        around = holders[elements[index].parent]
        amounts[around] = amounts[around].plus(amounts[index])
    return amounts


def _prose_amounts(stats: Sequence[TextStats]) -> _Amounts:
    """The words of texts, and the mentions of personal data in their prose."""
    return _Amounts(
        sum([one.size for one in stats]), sum([one.prose for one in stats]), sum([one.mentions for one in stats])
    )


def _named_amounts(pieces: Sequence[PagePiece], stats: Sequence[TextStats], kind: _Surrounding | None) -> _Amounts:
    """What pieces, whose texts have these statistics, hold that matters for this kind of element."""
    amounts = _prose_amounts(stats)
    if kind is None:
        return amounts
    lines = [piece.text.lower() for piece in pieces]
    lower = "\n".join(lines)
    if kind in ("news", "footer"):
        links = sum([bool(part.style.href) for piece in pieces for part in piece.words])
        return amounts._replace(copyright=len(_COPYRIGHT.findall(lower)), links=links)
    if kind == "comments":
        return amounts._replace(replies=len(_REPLY.findall(lower)))
    return amounts._replace(
        cookies=sum([one.cookies for one in stats]),
        buttons=sum(map(ends_with_button, lines)) + len(_PRIVACY_CENTER.findall(lower)),
        sign_ups=len(_SIGN_UP.findall(lower)) if kind == "dialog" else 0,
    )


def _is_surrounding(kind: _Surrounding, own: _Amounts, rest: _Amounts) -> bool:
    """Whether an element named as a surrounding is one, by what it and the rest of the page hold."""
    return _holds_policy(rest) and _TESTS[kind](own, rest)


def _holds_policy(rest: _Amounts) -> bool:
    """Whether the rest of a page still holds a policy, however short."""
    return rest.mentions >= _MIN_REST_MENTIONS and rest.prose >= _MIN_REST_WORDS


def _is_platform(own: _Amounts, rest: _Amounts) -> bool:
    """Whether the element of a consent platform does not hold the policy: its list of cookies may be long."""
    return own.mentions <= 2 * rest.mentions and own.prose <= 2 * rest.prose


def _is_banner(own: _Amounts, rest: _Amounts) -> bool:
    """Whether an element is a consent banner, or a dialog of its settings."""
    is_small = own.words <= _MAX_UNMARKED_WORDS or (own.buttons > 0 and own.words <= _MAX_BANNER_WORDS)
    return is_small and own.mentions <= rest.mentions and (own.cookies > 0 or own.buttons > 0)


def _is_dialog(own: _Amounts, rest: _Amounts) -> bool:
    """Whether an element asks to sign up, log in or consent: some policies have parts of their text in dialogs."""
    is_request = own.sign_ups > 0 and 4 * own.mentions <= rest.mentions
    return own.words <= _MAX_DIALOG_WORDS and (is_request or (own.cookies > 0 and _is_banner(own, rest)))


def _is_comments(own: _Amounts, rest: _Amounts) -> bool:
    """Whether an element holds comments of readers."""
    return own.replies > 0 and own.mentions <= rest.mentions and _is_off_topic(own)


def _is_news(own: _Amounts, rest: _Amounts) -> bool:
    """Whether an element holds links to other pages with teasers."""
    return own.links > 0 and own.mentions <= rest.mentions and _is_off_topic(own)


def _is_footer(own: _Amounts, rest: _Amounts) -> bool:
    """Whether an element is the footer of the page, and not of the policy."""
    return (own.copyright > 0 or own.links >= 3) and own.mentions <= rest.mentions and _is_off_topic(own)


def _is_off_topic(own: _Amounts) -> bool:
    """Whether the prose of an element is not about personal data."""
    return own.mentions <= _MAX_DENSITY * own.prose


_TESTS: Mapping[_Surrounding, Callable[[_Amounts, _Amounts], bool]] = {
    "platform": _is_platform,
    "consent": _is_banner,
    "dialog": _is_dialog,
    "comments": _is_comments,
    "news": _is_news,
    "footer": _is_footer,
}


def _without_banner_text(pieces: list[PagePiece], stats: Sequence[TextStats]) -> list[PagePiece]:
    """The pieces without a consent banner that has no name: words about cookies, and buttons to accept them."""
    buttons = [index for index, one in enumerate(stats) if one.is_button]
    banner = {index for button in buttons for index in _banner_around(pieces, button)}
    banner |= {index for index, one in enumerate(stats) if one.is_banner_line}
    rest = [index for index in range(len(pieces)) if index not in banner] if banner else []
    holds_policy = _holds_policy(_prose_amounts([stats[index] for index in rest]))
    return [pieces[index] for index in rest] if holds_policy else pieces


def _banner_around(pieces: Sequence[PagePiece], button: int) -> list[int]:
    """The indexes of a button's banner: from the words about cookies shortly before it to the last button; or []."""
    for index in range(button - 1, max(button - 4, -1), -1):
        text = pieces[index].text
        if "ookie" in text and len(text) <= MAX_BANNER_LENGTH and text.count(" ") >= MIN_PROSE_WORDS - 1:
            return list(range(index, button + 1))
        if text.count(" ") >= MIN_PROSE_WORDS:
            break
    return []


def _count_reply_words(pieces: Sequence[PagePiece]) -> int:
    """The number of words in pieces that comments of readers have."""
    return sum([piece.text.lower().count(word) for piece in pieces for word in _REPLY_WORDS])


def _without_replies(pieces: list[PagePiece]) -> list[PagePiece]:
    """The pieces up to a heading above the comments of readers, if the policy is before it and not after it."""
    stats = stats_of_pieces(pieces)
    for index, one in enumerate(stats):
        if one.is_title_of_replies:
            after = _prose_amounts(stats[index:])
            replies = len(_REPLY.findall("\n".join([later.text for later in pieces[index:]]).lower()))
            if _holds_policy(_prose_amounts(stats[:index])) and replies > 1 and _is_off_topic(after):
                return pieces[:index]
    return pieces


def _without_copies(pieces: list[PagePiece], elements: Sequence[BlockElement]) -> list[PagePiece]:
    """The pieces without an element that repeats what stands before it: for another screen, or by mistake.

    Prose in it that is not repeated stays, as do repetitions outside of such an element.
    """
    if len({piece.text for piece in pieces}) == len(pieces):
        return pieces
    originals = _originals(pieces)
    prose = [one.prose for one in stats_of_pieces(pieces)]
    if sum(words for words, original in zip(prose, originals, strict=True) if original >= 0) < _MIN_COPY_WORDS:
        return pieces
    copies = _copying_elements(pieces, elements, prose, originals)
    return [
        piece
        for piece, words, original in zip(pieces, prose, originals, strict=True)
        if not copies[piece.element] or (words and original < 0)
    ]


def _originals(pieces: Iterable[PagePiece]) -> list[int]:
    """For each piece the index of the first one with the same text before it, -1 if there is none."""
    first: dict[str, int] = {}
    return [
        -1 if (known := first.setdefault(piece.text, index)) == index else known for index, piece in enumerate(pieces)
    ]


def _copying_elements(
    pieces: Sequence[PagePiece], elements: Sequence[BlockElement], prose: Sequence[int], originals: Sequence[int]
) -> list[bool]:
    """Whether each element is, or is in, one whose prose stands before it; False at the end."""
    least = max(_MIN_COPY_WORDS, min(_LARGE_COPY_WORDS, _MIN_COPY_SHARE * sum(prose)))
    copies: list[bool] = []
    for element, (start, end) in zip(elements, _piece_ranges(pieces, elements), strict=True):
        is_inside = element.parent >= 0 and copies[element.parent]
        copies.append(is_inside or _is_copy(prose[start:end], originals[start:end], start, least))
    return [*copies, False]


def _is_copy(prose: Sequence[int], originals: Sequence[int], start: int, least: float) -> bool:
    """Whether most of the prose of an element, which begins with piece `start`, stands before that piece."""
    words = sum(prose)
    if words < least:
        return False
    again = sum(count for count, original in zip(prose, originals, strict=True) if 0 <= original < start)
    return again >= least and again >= _MIN_REPEATED_SHARE * words


def _piece_ranges(pieces: Sequence[PagePiece], elements: Sequence[BlockElement]) -> list[tuple[int, int]]:
    """The first piece in each element and the one after the last; they stand in a row."""
    ranges = [(len(pieces), 0)] * (len(elements) + 1)  # the last one is that of no element
    for index, piece in enumerate(pieces):
        first, last = ranges[piece.element]
        ranges[piece.element] = (min(first, index), max(last, index + 1))
    for index in range(len(elements) - 1, -1, -1):
        (first, last), (start, end) = ranges[elements[index].parent], ranges[index]
        ranges[elements[index].parent] = (min(first, start), max(last, end))
    return ranges[:-1]
