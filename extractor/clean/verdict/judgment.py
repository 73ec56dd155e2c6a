"""Judges whether a page can be used and whether it is a privacy policy, with reasons for readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from extractor.clean.verdict.faults import page_fault
from extractor.clean.verdict.language import ENGLISH, non_english_policy_score
from extractor.clean.verdict.markup import is_cut_off
from extractor.clean.verdict.page_content import PageContent
from extractor.clean.verdict.phrases import (
    POLICY_TOOL_TITLE,
    PRIVACY_NAME,
    SECTION_HEADING,
    TERMS_NAME,
    find_phrase,
)
from extractor.clean.verdict.text_kind import kind_probabilities
from extractor.records import Block, Verdict

_POLICY_THRESHOLD = 0.5
_MIN_PART_WORDS = 120  # a named part with as many, and a tenth of the page, is a separate document
_OPENING_BLOCKS = 5
_TITLE_ODDS = 8  # how many times the odds of a policy rise if title or heading name one
_TITLE_SEPARATOR = re.compile(r"\s*(?:[|:·»>]|\s[-–—]\s)\s*")


@dataclass(frozen=True, slots=True)
class _NamedPart:
    """A document within a page, with the name in its heading and the probability that it is what it is named."""

    name: str
    is_privacy: bool
    probability: float


class _Judgment(NamedTuple):
    """The verdict on a page, and the URL of the page that holds the policy instead, "" if none is known."""

    verdict: Verdict
    elsewhere: str = ""


def judge(page: PageContent) -> _Judgment:
    """The verdict on a page."""
    if page.status >= 400:
        return _Judgment(unusable_verdict(f"the site answered {page.status} instead of a page"))
    is_english = page.language in (ENGLISH, "")
    parts = _named_parts(page.blocks) if is_english else []
    kinds = kind_probabilities(page.text)
    is_named = _is_named_as_policy(page)
    score = (
        _policy_score(kinds["policy"], parts, is_named=is_named)
        if is_english
        else non_english_policy_score(page.title, page.text)
    )
    fault = page_fault(page, score, is_named=is_named)
    if fault.reason:
        return _Judgment(Verdict(usable=False, is_policy=0.0, reasons=(fault.reason, *page.notes)), fault.elsewhere)
    other_kind = "terms of service" if kinds["terms"] > kinds["other"] else ""
    return _Judgment(Verdict(True, score, (*page.notes, *_remarks(page, parts, score, other_kind))))


def _remarks(page: PageContent, parts: list[_NamedPart], score: float, other_kind: str) -> Iterator[str]:
    """Notes on a usable page for its readers."""
    if page.language != ENGLISH:
        yield f"not in English but in {page.language or 'an unknown language'}, so not labelled"
    elif score < _POLICY_THRESHOLD:
        reason = f"reads like {other_kind} rather than" if other_kind else "does not read like"
        yield f"{reason} a privacy policy"
    if len(parts) > 1:
        yield f"several policies on one page: {'; '.join(part.name for part in parts)}"
    if is_cut_off(page.source):
        yield "truncated: the page stops in the middle"


def _policy_score(page_probability: float, parts: list[_NamedPart], *, is_named: bool) -> float:
    """The probability that a page, or the best of its parts with the name of a policy, is a policy.

    It is raised if the page's title or first headings name a policy.
    """
    best = max([page_probability, *(part.probability for part in parts if part.is_privacy)])
    odds = _TITLE_ODDS if is_named else 1
    return round(best * odds / (best * odds + 1 - best), 4)


def _is_named_as_policy(page: PageContent) -> bool:
    """Whether the title or one of the first headings is the name of a privacy policy."""
    headings = [block.text for block in page.blocks[:3] if block.kind == "heading"]
    names = [*_TITLE_SEPARATOR.split(page.title), *headings]
    return any(map(_is_policy_name, names))


@lru_cache(maxsize=5_000)
def _is_policy_name(name: str) -> bool:
    """Whether a title or heading is the name of a privacy policy, and not of a tool for them. Cached, as most recur."""
    return _is_privacy_name(name) and not find_phrase(POLICY_TOOL_TITLE, name)


def _named_parts(blocks: tuple[Block, ...]) -> list[_NamedPart]:
    """The documents on a page: the parts between headings with names of documents, if they are long enough."""
    starts = [index for index, block in enumerate(blocks) if block.kind == "heading" and _is_document_name(block.text)]
    if not starts or (len(starts) == 1 and starts[0] < _OPENING_BLOCKS):
        return []  # one name at the beginning is that of the whole page
    words = [len(block.text.split()) for block in blocks]
    min_words = max(_MIN_PART_WORDS, sum(words) // 10)
    parts = [
        _build_part(blocks[start:end])
        for start, end in pairwise([*starts, len(blocks)])
        if sum(words[start + 1 : end]) >= min_words
    ]
    return _without_continuations([part for part in parts if part.probability >= _POLICY_THRESHOLD])


def _build_part(blocks: tuple[Block, ...]) -> _NamedPart:
    """A part, which begins with its name, with the probability that it is what it is named."""
    name, text = blocks[0].text, "\n".join(block.text for block in blocks)
    is_privacy = _is_privacy_name(name)
    return _NamedPart(name, is_privacy, kind_probabilities(text)["policy" if is_privacy else "terms"])


@lru_cache(maxsize=5_000)
def _is_document_name(heading: str) -> bool:
    """Whether a heading is the name of a policy or of terms. Cached, because most headings recur."""
    return _is_privacy_name(heading) or bool(TERMS_NAME.fullmatch(heading) and not SECTION_HEADING.search(heading))


def _is_privacy_name(name: str) -> bool:
    """Whether a title or heading is the name of a privacy policy."""
    return bool(PRIVACY_NAME.fullmatch(name.strip()) and not SECTION_HEADING.search(name))


def _without_continuations(parts: list[_NamedPart]) -> list[_NamedPart]:
    """The parts without those whose name is equal to or the end of another's: they continue that document."""
    kept: list[_NamedPart] = []
    for part in sorted(parts, key=lambda part: -len(part.name)):
        if not any(_letters_and_digits(other.name).endswith(_letters_and_digits(part.name)) for other in kept):
            kept.append(part)
    return [part for part in parts if part in kept]


def _letters_and_digits(name: str) -> str:
    """The letters and digits of a name."""
    return re.sub(r"\W", "", name.lower())


def unusable_verdict(reason: str) -> Verdict:
    """The verdict on a page that could not be read."""
    return Verdict(usable=False, is_policy=0.0, reasons=(reason,))
