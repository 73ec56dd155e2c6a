"""Where each site names each term first and last, and the sentences that do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from extractor.records import Policy
from extractor.report.sanitize import replace_unshowable
from extractor.report.sites import Site, TextPlace
from extractor.text import sentence_spans
from extractor.timestamps import known_date

_MAX_QUOTE_LENGTH = 180  # characters
_MAX_LEAD_LENGTH = 60  # of them, before the name in a long sentence
_PARAGRAPH_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class TermCitation:
    """A capture that names a term: its place among the records of its site, its segment (-1 if none), the sentence."""

    index: int
    timestamp: str
    segment: int
    words: str

    @property
    def day(self) -> str:
        """The day of the capture, as far as it is known."""
        return known_date(self.timestamp)


@dataclass(frozen=True, slots=True)
class NamingSite:
    """A site that names a term, with its number and name; the rest is as in `SiteTerm`."""

    site: int
    name: str
    first: TermCitation
    last: TermCitation
    captures_before: int
    is_current: bool


@dataclass(slots=True)
class TermMentions:
    """The sites that name each term, by the number of the term, in the order in which they were added."""

    sites: defaultdict[int, list[NamingSite]] = field(default_factory=lambda: defaultdict(list))

    def add(self, number: int, site: Site, policies: Sequence[Policy]) -> None:
        """Adds a site; `policies` are its records in order of time."""
        numbered = {policy.id: (index, policy) for index, policy in reversed(list(enumerate(policies)))}
        for one in site.named:
            first, last = _citation(one.first, numbered), _citation(one.last, numbered)
            naming = NamingSite(number, site.name, first, last, one.captures_before, one.is_current)
            self.sites[one.term].append(naming)

    def first(self, term: int) -> NamingSite:
        """The site whose capture is the first to name a term."""
        return min(self.sites[term], key=lambda one: (one.first.timestamp, one.name))


def _citation(place: TextPlace, numbered: Mapping[str, tuple[int, Policy]]) -> TermCitation:
    """The capture, the segment and the sentence at a place; a name in a heading has the segment below it."""
    index, policy = numbered[place.record]
    segment = next((one.index for one in policy.segments if one.end > place.start), -1)
    words = str(replace_unshowable(_sentence_at(policy.text, place.start, place.end)))
    return TermCitation(index, policy.capture.timestamp, segment, words)


def _sentence_at(text: str, start: int, end: int) -> str:
    """The sentence around a name; of a long one the words beside the name.

    >>> _sentence_at("One. We obey the GDPR. Two.", 17, 21)
    'We obey the GDPR.'
    >>> _sentence_at("so " * 40 + "we obey the GDPR as we should " * 20, 132, 136)[:60]
    '… so so so so so so so so so so so so so so so so we obey th'
    """
    above, below = text.rfind(_PARAGRAPH_BREAK, 0, start), text.find(_PARAGRAPH_BREAK, end)
    first = above + len(_PARAGRAPH_BREAK) if above >= 0 else 0
    paragraph = text[first : below if below >= 0 else len(text)]
    spans = sentence_spans(paragraph)
    begin, finish = next((span for span in spans if span[1] > start - first), (0, len(paragraph)))
    lead = " ".join(paragraph[begin : start - first].split())
    rest = " ".join(paragraph[start - first : max(finish, end - first)].split())
    gap = " " if lead and paragraph[: start - first][-1:].isspace() else ""
    if len(lead) + len(rest) < _MAX_QUOTE_LENGTH:
        return f"{lead}{gap}{rest}"
    if len(lead) > _MAX_LEAD_LENGTH:
        lead = f"… {lead[-_MAX_LEAD_LENGTH:].partition(' ')[2]}"
    room = _MAX_QUOTE_LENGTH - len(lead)
    shown = rest if len(rest) <= room else f"{rest[:room].rpartition(' ')[0]} …"
    return f"{lead}{gap}{shown}"
