"""The stratified sample of texts for raters, in which the chance of each text of being drawn is known.

A stratum is a span of years, a practice, and a band of the practice's score; a text lies in one stratum of each
practice. From each stratum a number of texts is drawn without replacement, independently for each practice, and a drawn
text is judged on all five practices. So its chance is 1 minus the product of (1 - drawn / size) over its strata.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from math import prod
from typing import Literal, NamedTuple, get_args

from extractor.records import PRACTICES, Practice

Band = Literal["surely given", "barely given", "barely not", "surely not"]
Unit = Literal["segments", "sites"]
BANDS: tuple[Band, ...] = get_args(Band)
_SURELY_GIVEN, _SURELY_NOT = 0.8, 0.1  # scores: at least the one, less than the other
_UNDATED = "undated"


class Stratum(NamedTuple):
    """A span of years, a practice and a band of its score."""

    span: str
    practice: Practice
    band: Band


@dataclass(frozen=True, slots=True)
class AuditItem:
    """A text that can be drawn: its place, its span of years, the model's labels and scores, and what a rater sees."""

    place: str
    span: str
    practices: frozenset[Practice]
    scores: Mapping[Practice, float]
    text: str
    headings: tuple[str, ...] = ()
    context: str = ""

    @property
    def strata(self) -> tuple[Stratum, ...]:
        """The stratum of each practice."""
        return tuple(Stratum(self.span, name, band_of(name in self.practices, self.scores[name])) for name in PRACTICES)


@dataclass(frozen=True, slots=True)
class DrawnItem:
    """A drawn text with its id on the sheet and its chance of being drawn."""

    id: str
    item: AuditItem
    chance: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The drawn texts in random order, and the number of texts in each stratum."""

    sizes: Mapping[Stratum, int]
    items: tuple[DrawnItem, ...]


def band_of(given: bool, score: float) -> Band:
    """The band of a practice's score.

    >>> band_of(True, 0.6), band_of(False, 0.02)
    ('barely given', 'surely not')
    """
    if given:
        return "surely given" if score >= _SURELY_GIVEN else "barely given"
    return "surely not" if score < _SURELY_NOT else "barely not"


def span_of(timestamp: str, years: int) -> str:
    """The span of whole years that a timestamp lies in.

    >>> span_of("20070301000000", 5), span_of("20070301000000", 1), span_of("", 5)
    ('2005-2009', '2007', 'undated')
    """
    if not timestamp[:4].isdecimal():
        return _UNDATED
    first = int(timestamp[:4]) // years * years
    return f"{first:04}" if years == 1 else f"{first:04}-{first + years - 1:04}"


def draw_sample(items: Iterable[AuditItem], per_stratum: int, seed: int) -> Sample:
    """The sample of some texts. It depends on the texts and the seed, not on their order; one pass, little memory.

    Each text has a random number for each practice, a hash of seed and place; the lowest of a stratum are drawn.
    """
    sizes, lowest = Counter[Stratum](), defaultdict[Stratum, list[tuple[int, str, AuditItem]]](list)
    for item in items:
        for stratum, number in zip(item.strata, _random_numbers(item.place, seed), strict=False):
            sizes[stratum] += 1
            _keep_lowest(lowest[stratum], (-number, item.place, item), per_stratum)
    found = {item.place: item for kept in lowest.values() for _, _, item in kept}
    drawn = [
        DrawnItem(_sheet_id(place, seed), item, _chance(item, sizes, per_stratum)) for place, item in found.items()
    ]
    return Sample(
        dict(sorted(sizes.items())), tuple(sorted(drawn, key=lambda one: _random_numbers(one.item.place, seed)[-1]))
    )


def _keep_lowest(kept: list[tuple[int, str, AuditItem]], entry: tuple[int, str, AuditItem], limit: int) -> None:
    """Adds an entry to a heap of the lowest numbers; they are negated, so that the highest is removed first."""
    if len(kept) < limit:
        heapq.heappush(kept, entry)
    elif entry[:2] > kept[0][:2]:
        heapq.heapreplace(kept, entry)


def _random_numbers(place: str, seed: int) -> list[int]:
    """Random numbers of 64 bits: one for each practice, and one for the order on the sheet."""
    digest = blake2b(f"{seed}\n{place}".encode("utf-8", "surrogatepass"), digest_size=8 * (len(PRACTICES) + 1)).digest()
    return [int.from_bytes(digest[at : at + 8], "big") for at in range(0, len(digest), 8)]


def _sheet_id(place: str, seed: int) -> str:
    """The id of a text on the sheet, from which nobody can tell its place."""
    return blake2b(f"sheet {seed}\n{place}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _chance(item: AuditItem, sizes: Mapping[Stratum, int], per_stratum: int) -> float:
    """The chance of a text of being drawn for any practice."""
    return 1 - prod(1 - min(1.0, per_stratum / sizes[stratum]) for stratum in item.strata)


def stratum_counts(sample: Sample) -> Iterator[tuple[Stratum, int, int]]:
    """Each stratum with the number of its texts, and of those that will be judged."""
    judged = Counter(stratum for drawn in sample.items for stratum in drawn.item.strata)
    return ((stratum, size, judged[stratum]) for stratum, size in sample.sizes.items())
