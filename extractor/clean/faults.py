"""Pages that are not what their address promises: error pages, parked domains, login walls and the like.

They are told by their own words, by what their HTML is made of, and by being short; a page that reads like a policy is
never taken for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.clean.language import words_in
from extractor.clean.markup import Markup, markup_of
from extractor.clean.phrases import (
    AGE_OR_PLACE,
    ARCHIVE,
    BANNER,
    COOKIES,
    LEGAL,
    MISSING,
    MISSING_TITLE,
    MOVED,
    PARKED,
    PLACEHOLDER,
    ROBOT,
    SCRIPTED,
    WALL,
)
from extractor.clean.reading import Reading
from extractor.records import Block

_SHORT = 400  # words: no error page, wall or parked page has more
_BRIEF = 150  # words: in these the words may stand anywhere
_FEW = 15  # words
_FILLED = 60  # words a reader sees; a page with scripts and fewer is waiting for them
_LINK = re.compile(r"\[((?:[^\]\\]|\\.)*)\]\(")

_PARTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (ARCHIVE, "a notice of the archive's, not the page it stands for"),
    (PARKED, "a parked domain: a page of the registrar or of a dealer in names, not of the site"),
    (
        PLACEHOLDER,
        "a server's placeholder (default page, directory listing, suspended account), not a page of the site",
    ),
    (MOVED, "a note that the page has moved, not the page"),
    (MISSING, "an error page that was served as if it were a page (soft 404)"),
    (ROBOT, "a wall against robots (captcha, browser check), not the page behind it"),
    (WALL, "a login wall: the page is behind it"),
    (AGE_OR_PLACE, "a wall that asks for an age or a country; the page is behind it"),
)


def fault_of(page: Reading, policy: float, *, named: bool) -> str:
    """Why a page that was read is not one to use, "" if it is.

    `policy` says how much its text reads like one, `named` whether it is named as one.
    """
    words = words_in(page.text)
    if _is_index(page.blocks, words, policy):
        return "an index of policies: it links to them and holds none itself"
    if words >= _SHORT or (words >= _FILLED and policy >= 0.95):
        return ""
    return next(_short_faults(page, markup_of(page.source), policy, named), "")


def _short_faults(page: Reading, markup: Markup, policy: float, named: bool) -> Iterator[str]:
    """What a short page may be instead of a policy, the likeliest first."""
    words = words_in(page.text)
    seen = page.text if words >= _FILLED or policy >= 0.5 else f"{page.text}\n{markup.visible}"
    yield from _told_by_words(f"{page.title}\n{markup.headline}", seen, policy)
    if policy < 0.5 and markup.passwords and words < _BRIEF:
        yield "a login wall: the page is behind it"
    if _is_shell(words, seen, policy, markup):
        yield "a JavaScript shell: its words were to be put there by scripts, which an archive does not run"
    if words < _FEW and markup.frames:
        yield f"a page of frames: its words are in other pages ({', '.join(markup.frames[:4])})"
    if not (named and policy >= 0.5 and words >= _FEW) and _is_banner(page.text, words, markup):
        yield "a consent or cookie banner and nothing behind it"
    if len({link.lower() for link in markup.links if _is_legal(link)}) >= 4 and words < _FILLED and policy < 0.5:
        yield "an index of policies: it links to them and holds none itself"
    if not words:
        yield "no text was found in the page"
    if words < _FEW:
        yield f"only {words} words were found in the page"


def _told_by_words(title: str, seen: str, policy: float) -> Iterator[str]:
    """The faults that a page's own words speak of."""
    opening = f"{title}\n{seen if len(seen.split()) < _BRIEF else seen[:400]}"
    if MISSING_TITLE.search(title) and policy < 0.9:
        yield "an error page that was served as if it were a page (soft 404)"
    for phrases, reason in _PARTS:
        found = phrases.search(opening)
        if found and (policy < 0.5 or (policy < 0.9 and found.start() < 200)):
            yield reason


def _is_shell(words: int, seen: str, policy: float, markup: Markup) -> bool:
    """Whether a page's words were to be put there by its scripts."""
    if words >= _FILLED or policy >= 0.9:
        return False
    if SCRIPTED.search(seen):
        return True
    waiting = markup.mounted or bool(SCRIPTED.search(markup.noscript)) or len(markup.visible.split()) < _FEW
    return markup.scripts > 0 and waiting and (words < _FEW or policy < 0.5)


def _is_banner(text: str, words: int, markup: Markup) -> bool:
    """Whether a page holds no more than a question for consent: it opens with cookies and has the buttons."""
    return words < 80 and bool(COOKIES.search(text[:120]) and BANNER.search(markup.visible or text))


def _is_index(blocks: tuple[Block, ...], words: int, policy: float) -> bool:
    """Whether a page is little more than links to policies."""
    if words > 4 * _SHORT or policy >= 0.9:
        return False
    links = [link for block in blocks for link in _LINK.findall(block.markdown)]
    legal = [link for link in links if _is_legal(link)]
    linked = sum(len(link.split()) for link in links)
    unlinked = words - linked
    listed = len(legal) >= 3 and len(legal) >= len(links) / 3
    return listed and unlinked < min(_SHORT, max(2 * linked, 12 * len(legal)))


def _is_legal(link: str) -> bool:
    """Whether the words of a link name a legal document."""
    return len(link.split()) <= 8 and bool(LEGAL.search(link))
