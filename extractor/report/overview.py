"""The counts over all policies, and the rows of the overview's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from extractor.records import Policy, Practice, Provenance
from extractor.report.sanitize import valid_language_tag
from extractor.report.sentences import PASSAGE_KINDS
from extractor.report.site_data import by_time
from extractor.report.sites import Site, verdict_name
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
class _CaptureRow:
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
    captures: list[_CaptureRow] = field(default_factory=list)
    sites: list[_SiteRow] = field(default_factory=list)

    def add(self, site: Site) -> None:
        """Adds a site and its policies."""
        number = len(self.sites) + 1
        self.sites.append(_site_row(site, number))
        for index, policy in enumerate(by_time(site.policies)):
            row = _capture_row(policy, site.name, number, index)
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

    def sites_with_history(self) -> list[_SiteRow]:
        """The sites that have more than one capture."""
        return [site for site in self.sites if site.captures > 1]

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


def _capture_row(policy: Policy, name: str, site: int, index: int) -> _CaptureRow:
    """The row of a record."""
    return _CaptureRow(
        site,
        index,
        name,
        known_date(policy.capture.timestamp),
        policy.title,
        valid_language_tag(policy.language),
        policy.capture.url or policy.policy,
        verdict_name(policy),
        policy.labelled,
        len(policy.segments),
        sum(segment.uncertain for segment in policy.segments),
        policy.policy if policy.policy != name else "",
        practice_stances(policy.segments) if policy.labelled else {},
    )


def _with_noun(number: int, singular: str, plural: str) -> tuple[str, str]:
    """A number and its noun.

    >>> _with_noun(1, "site", "sites"), _with_noun(1200, "site", "sites")
    (('1', 'site'), ('1,200', 'sites'))
    """
    return f"{number:,}", singular if number == 1 else plural
