"""What is counted over all policies while they pass, and the rows of the overview's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractor.records import PRACTICES, Policy, Practice, Provenance
from extractor.report.block import in_time
from extractor.report.sentences import PASSAGE_KINDS
from extractor.report.showing import language_tag
from extractor.report.story import Site, verdict_word
from extractor.timestamps import iso_day

MEANINGS: dict[Practice, str] = {
    "collection": "collects or uses information",
    "sharing": "passes information to others",
    "cookies": "cookies and other tracking",
    "rights": "what people can choose, see or delete",
    "children": "children and their data",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A record in the table of captures; `place` is its number among those of the site."""

    site: int
    place: int
    name: str
    day: str
    title: str
    language: str
    url: str
    verdict: str
    reasons: tuple[str, ...]
    labelled: bool
    segments: int
    uncertain: int
    practices: dict[Practice, int]


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site in the table of sites; `changes` are its events but those of single passages."""

    number: int
    name: str
    captures: int
    labelled: int
    days: tuple[str, str]
    changes: int
    passages: int


@dataclass(slots=True)
class Tally:
    """Running counts, and the rows; of a policy's text nothing is kept."""

    usable: int = 0
    labelled: int = 0
    years: set[str] = field(default_factory=set)
    practices: Counter[Practice] = field(default_factory=Counter)
    makers: Counter[Provenance] = field(default_factory=Counter)
    rows: list[_Row] = field(default_factory=list)
    sites: list[SiteRow] = field(default_factory=list)

    def add(self, site: Site) -> None:
        """Counts one site."""
        number = len(self.sites) + 1
        self.sites.append(_site_row(site, number))
        for place, policy in enumerate(in_time(site.policies)):
            self.rows.append(_row_of(policy, site.name, number, place))
            self.count(policy, self.rows[-1])

    def count(self, policy: Policy, row: _Row) -> None:
        """Counts one policy."""
        self.usable += policy.verdict.usable
        self.labelled += policy.labelled
        self.years.update({policy.capture.timestamp[:4]} - {""})
        self.practices.update(practice for practice, count in row.practices.items() if count)
        self.makers[policy.provenance] += 1


def _site_row(site: Site, number: int) -> SiteRow:
    """The row of a site."""
    days = sorted(filter(None, (iso_day(policy.capture.timestamp) for policy in site.policies)))
    single = Counter(event.kind in PASSAGE_KINDS for story in site.stories for event in story.events)
    labelled = sum(policy.labelled for policy in site.policies)
    period = (days[0], days[-1]) if days else ("", "")
    return SiteRow(number, site.name, len(site.policies), labelled, period, single[False], single[True])


def _row_of(policy: Policy, name: str, site: int, place: int) -> _Row:
    """The row of a record."""
    return _Row(
        site,
        place,
        name,
        iso_day(policy.capture.timestamp),
        policy.title,
        language_tag(policy.language),
        policy.capture.url or policy.source.path,
        verdict_word(policy),
        policy.verdict.reasons,
        policy.labelled,
        len(policy.segments),
        sum(segment.uncertain for segment in policy.segments),
        _practice_counts(policy),
    )


def _practice_counts(policy: Policy) -> dict[Practice, int]:
    """The number of segments that speak of each practice; none at all where nobody has looked."""
    if not policy.labelled:
        return {}
    return {practice: sum(practice in segment.practices for segment in policy.segments) for practice in PRACTICES}


def figures(tally: Tally) -> Iterator[tuple[str, str]]:
    """The numbers of the summary line, each with its words."""
    yield _counted(len(tally.sites), "site", "sites")
    yield _counted(len(tally.rows), "capture", "captures")
    if tally.years:
        yield "–".join(sorted({min(tally.years), max(tally.years)})), "captured"
    yield f"{tally.usable:,}", "usable"
    yield f"{tally.labelled:,}", "labelled"
    if changes := sum(site.changes for site in tally.sites):
        yield _counted(changes, "change told", "changes told")


def _counted(number: int, one: str, more: str) -> tuple[str, str]:
    """A number and the word that goes with it.

    >>> _counted(1, "site", "sites"), _counted(1200, "site", "sites")
    (('1', 'site'), ('1,200', 'sites'))
    """
    return f"{number:,}", one if number == 1 else more


def makers(tally: Tally) -> Iterator[tuple[str, str]]:
    """What made the records, with the number of records each maker made."""
    for maker, count in sorted(tally.makers.items(), key=str):
        read = f"read by {maker.extractor or 'an unnamed reader'}"
        labelled = f"labelled by {maker.model}" if maker.model else "not labelled"
        yield f"{' '.join(_counted(count, 'record', 'records'))}: {read}, {labelled}", maker.model_sha256
