"""The counts over all policies, and the rows of the overview's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from extractor.records import Policy, Practice, Provenance
from extractor.report.findings import FindingsCollector
from extractor.report.periods import SiteCaptures, UnreadCapture
from extractor.report.sanitize import valid_language_tag
from extractor.report.sentences import PASSAGE_KINDS
from extractor.report.site_data import by_time
from extractor.report.sites import Site, verdict_name
from extractor.report.statements import SiteCapture, site_captures
from extractor.report.term_mentions import TermMentions
from extractor.stances import STANCES, PracticeStance, Stance, has_stance, practice_stances
from extractor.timestamps import known_date

PRACTICE_MEANINGS: dict[Practice, str] = {
    "collection": "collects or uses information",
    "sharing": "passes information to others",
    "cookies": "cookies and other tracking",
    "rights": "what people can choose, see or delete",
    "children": "children and their data",
}


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A record in the table of captures; `index` is its place among the records of its site."""

    site: int
    index: int
    name: str
    day: str
    title: str
    language: str
    url: str
    verdict: str
    labelled: bool
    segments: int
    uncertain: int
    policy: str
    terms: frozenset[int]
    stances: dict[Practice, PracticeStance]


@dataclass(frozen=True, slots=True)
class _SiteRow:
    """A site in the table of sites; `passages` counts its events about single passages, `changes` all others."""

    number: int
    name: str
    captures: int
    days: tuple[str, str]
    changes: int
    passages: int


@dataclass(slots=True)
class Overview:
    """Running counts and the rows of the tables; no text of a policy is kept."""

    usable: int = 0
    labelled: int = 0
    years: set[str] = field(default_factory=set)
    stances: Counter[tuple[Practice, Stance]] = field(default_factory=Counter)
    provenances: Counter[Provenance] = field(default_factory=Counter)  # without what differs from page to page
    captures: list[CaptureRow] = field(default_factory=list)
    sites: list[_SiteRow] = field(default_factory=list)
    by_site: list[SiteCaptures] = field(default_factory=list)
    courses: FindingsCollector = field(default_factory=FindingsCollector)
    terms: TermMentions = field(default_factory=TermMentions)

    def add(self, site: Site) -> None:
        """Adds a site and its policies."""
        number = len(self.sites) + 1
        self.sites.append(_site_row(site, number))
        policies = by_time(site.policies)
        read = site_captures(site, policies)
        self.courses.add(number, site.name, read)
        self.terms.add(number, site, policies)
        self.by_site.append(_captures_of_site(site.name, number, policies, read))
        for index, policy in enumerate(policies):
            row = _capture_row(policy, site, number, index)
            self.captures.append(row)
            self.usable += policy.verdict.usable
            self.labelled += policy.labelled
            self.years.update({policy.capture.timestamp[:4]} - {""})
            self.stances.update(
                (practice, stance)
                for practice, said in row.stances.items()
                for stance in STANCES
                if has_stance(said.polarity, stance)
            )
            self.provenances[replace(policy.provenance, elsewhere="", followed_from=())] += 1

    def summary(self) -> Iterator[tuple[str, str]]:
        """The numbers of the summary line, each with its words."""
        yield _with_noun(len(self.sites), "site", "sites")
        yield _with_noun(len(self.captures), "capture", "captures")
        if self.years:
            yield "–".join(sorted({min(self.years), max(self.years)})), "captured"
        yield f"{self.usable:,}", "usable"
        yield f"{self.labelled:,}", "labelled"
        if changes := sum(site.changes for site in self.sites):
            yield _with_noun(changes, "change", "changes")

    def provenance_lines(self) -> Iterator[tuple[str, str]]:
        """How many records each extractor and model made, with the SHA-256 of the model."""
        for provenance, count in sorted(self.provenances.items(), key=str):
            read = f"read by {provenance.extractor or 'an unnamed reader'}"
            labelled = f"labelled by {provenance.model}" if provenance.model else "not labelled"
            yield f"{' '.join(_with_noun(count, 'record', 'records'))}: {read}, {labelled}", provenance.model_sha256


def _site_row(site: Site, number: int) -> _SiteRow:
    """The row of a site."""
    days = sorted(filter(None, (known_date(policy.capture.timestamp) for policy in site.policies)))
    of_passage = Counter(event.kind in PASSAGE_KINDS for history in site.histories for event in history.events)
    first_and_last = (days[0], days[-1]) if days else ("", "")
    return _SiteRow(number, site.name, len(site.policies), first_and_last, of_passage[False], of_passage[True])


def _captures_of_site(name: str, number: int, policies: Sequence[Policy], read: Sequence[SiteCapture]) -> SiteCaptures:
    """The captures of a site that were looked at, and the others."""
    seen = {capture.record: capture for capture in read}
    unread = [
        UnreadCapture(index, policy.capture.timestamp) for index, policy in enumerate(policies) if policy.id not in seen
    ]
    return SiteCaptures(number, name, seen, unread)


def _capture_row(policy: Policy, site: Site, number: int, index: int) -> CaptureRow:
    """The row of a record; `number` is its site's."""
    return CaptureRow(
        number,
        index,
        site.name,
        known_date(policy.capture.timestamp),
        policy.title,
        valid_language_tag(policy.language),
        policy.capture.url or policy.policy,
        verdict_name(policy),
        policy.labelled,
        len(policy.segments),
        sum(segment.uncertain for segment in policy.segments),
        policy.policy if policy.policy != site.name else "",
        _terms_of(policy, site) if policy.labelled else frozenset(),
        practice_stances(policy.segments) if policy.labelled else {},
    )


def _terms_of(policy: Policy, site: Site) -> frozenset[int]:
    """The numbers of the terms that the segments of a record mention."""
    return frozenset(place[0] for segment in policy.segments for place in site.terms.get(segment.text, ()))


def _with_noun(number: int, singular: str, plural: str) -> tuple[str, str]:
    """A number and its noun.

    >>> _with_noun(1, "site", "sites"), _with_noun(1200, "site", "sites")
    (('1', 'site'), ('1,200', 'sites'))
    """
    return f"{number:,}", singular if number == 1 else plural
