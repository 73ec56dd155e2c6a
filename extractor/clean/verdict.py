"""Can the page be used, and is it a privacy policy? Each answer with a reason a reader understands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from extractor.clean.faults import fault_of
from extractor.clean.language import ENGLISH, policy_elsewhere
from extractor.clean.likeness import likeness
from extractor.clean.markup import is_cut
from extractor.clean.phrases import PRIVACY_NAME, TERMS_NAME, WITHIN
from extractor.clean.reading import Reading
from extractor.records import Block, Verdict

_POLICY = 0.5
_PART = 120  # words: a named part as long as that, and as a tenth of the page, is a document of its own
_OPENING = 5  # blocks
_NAMED = 8  # odds of a policy where title or heading say so, against where they do not
_TITLE_PARTS = re.compile(r"\s*(?:[|:·»>]|\s[-–—]\s)\s*")


@dataclass(frozen=True, slots=True)
class _Part:
    """A named document within a page."""

    name: str
    is_privacy: bool
    likeness: float


def judge(page: Reading) -> Verdict:
    """The verdict on a page that was read."""
    if page.status >= 400:
        return unusable(f"the site answered {page.status} instead of a page")
    english = page.language in (ENGLISH, "")
    parts = _named_parts(page.blocks) if english else []
    kinds = likeness(page.text)
    named = _is_named(page)
    score = _policy_score(kinds["policy"], parts, named=named) if english else policy_elsewhere(page.title, page.text)
    if fault := fault_of(page, score, named=named):
        return Verdict(usable=False, is_policy=0.0, reasons=(fault, *page.notes))
    instead = "terms of service" if kinds["terms"] > kinds["other"] else ""
    return Verdict(True, score, (*page.notes, *_remarks(page, parts, score, instead)))


def _remarks(page: Reading, parts: list[_Part], score: float, instead: str) -> Iterator[str]:
    """What a reader of a usable page should know."""
    if page.language != ENGLISH:
        yield f"not in English but in {page.language or 'an unknown language'}, so not labelled"
    elif score < _POLICY:
        yield f"reads like {instead} rather than a privacy policy" if instead else "does not read like a privacy policy"
    if len(parts) > 1:
        yield f"several policies on one page: {'; '.join(part.name for part in parts)}"
    if is_cut(page.source):
        yield "truncated: the page stops in the middle"


def _policy_score(whole: float, parts: list[_Part], *, named: bool) -> float:
    """How much a page reads like a policy: as a whole, or the best of its parts that have the name of one; a page that
    is named so itself gets the benefit of the doubt.
    """
    best = max([whole, *(part.likeness for part in parts if part.is_privacy)])
    odds = _NAMED if named else 1
    return round(best * odds / (best * odds + 1 - best), 4)


def _is_named(page: Reading) -> bool:
    """Whether the title or one of the first headings is the name of a privacy policy."""
    headings = [block.text for block in page.blocks[:3] if block.kind == "heading"]
    return any(_is_privacy(name) for name in [*_TITLE_PARTS.split(page.title), *headings])


def _named_parts(blocks: tuple[Block, ...]) -> list[_Part]:
    """The documents on a page: what stands between headings that name one, where it is long enough."""
    starts = [place for place, block in enumerate(blocks) if block.kind == "heading" and _is_name(block.text)]
    if len(starts) == 1 and starts[0] < _OPENING:
        return []  # all of the page goes by that name
    least = max(_PART, sum(len(block.text.split()) for block in blocks) // 10) if starts else 0
    parts = []
    for start, end in pairwise([*starts, len(blocks)]):
        text = "\n".join(block.text for block in blocks[start + 1 : end])
        if len(text.split()) >= least:
            parts.append(_part_of(blocks[start].text, text))
    return _distinct([part for part in parts if part.likeness >= _POLICY])


def _part_of(name: str, text: str) -> _Part:
    """A part, and how much it reads like what it is named."""
    privacy = _is_privacy(name)
    return _Part(name, privacy, likeness(f"{name}\n{text}")["policy" if privacy else "terms"])


def _is_name(heading: str) -> bool:
    """Whether a heading is the name of a policy or of terms."""
    return _is_privacy(heading) or bool(TERMS_NAME.fullmatch(heading) and not WITHIN.search(heading))


def _is_privacy(name: str) -> bool:
    """Whether a title or heading is the name of a privacy policy."""
    return bool(PRIVACY_NAME.fullmatch(name.strip()) and not WITHIN.search(name))


def _distinct(parts: list[_Part]) -> list[_Part]:
    """The parts without those whose name is another's or the end of another's: that document going on."""
    kept: list[_Part] = []
    for part in sorted(parts, key=lambda part: -len(part.name)):
        if not any(_bare(other.name).endswith(_bare(part.name)) for other in kept):
            kept.append(part)
    return [part for part in parts if part in kept]


def _bare(name: str) -> str:
    """The letters and digits of a name."""
    return re.sub(r"\W", "", name.lower())


def unusable(reason: str) -> Verdict:
    """The verdict on what could not be read at all."""
    return Verdict(usable=False, is_policy=0.0, reasons=(reason,))
