"""What a corpus holds, counted while it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from extractor.records import PRACTICES, Policy, Practice
from extractor.stances import STANCES, Stance, has_stance
from extractor.timestamps import iso_day

CORPUS_CITATION = (
    "archived-policy (software), with labels learned from OPP-115: Wilson et al., The Creation and Analysis of a "
    "Website Privacy Policy Corpus, ACL 2016"
)
_DESCRIPTION = (
    "{policies} captures of {names} privacy policies of {sites} sites{span}, cut into {segments} segments and labelled."
)


@dataclass
class CorpusCounts:
    """Counts of what a corpus holds."""

    policies: int = 0
    usable: int = 0
    labelled: int = 0
    segments: int = 0
    sites: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    first: str = ""
    last: str = ""
    software: set[str] = field(default_factory=set)
    stances: Counter[tuple[Practice, Stance]] = field(default_factory=Counter)

    def counting(self, policies: Iterable[Policy]) -> Iterator[Policy]:
        """The policies, each counted when it is taken."""
        for policy in policies:
            self.add(policy)
            yield policy

    def add(self, policy: Policy) -> None:
        """Counts a policy."""
        day = policy.capture.timestamp[:8]
        self.policies += 1
        self.usable += policy.verdict.usable
        self.labelled += policy.labelled
        self.segments += len(policy.segments)
        self.sites.add(policy.site)
        self.names.add(policy.policy)
        self.languages |= {policy.language} - {""}
        self.first, self.last = min(filter(None, (self.first, day)), default=""), max(self.last, day)
        self.software |= {policy.provenance.extractor, policy.provenance.model} - {""}
        self.stances.update(
            (practice, stance)
            for practice in PRACTICES
            for stance in STANCES
            if has_stance(policy.summary[practice]["polarity"], stance)
        )

    @property
    def days(self) -> list[str]:
        """The days of the first and the last capture, YYYY-MM-DD; empty if no capture is dated."""
        return [iso_day(day) for day in (self.first, self.last) if day]

    @property
    def sentence(self) -> str:
        """A sentence that describes the corpus."""
        span = f" from {' to '.join(self.days)}" if self.days else ""
        figures = {"policies": self.policies, "names": len(self.names), "sites": len(self.sites)}
        return _DESCRIPTION.format(**figures, span=span, segments=self.segments)

    @property
    def stance_rows(self) -> str:
        """A row of a Markdown table for each practice: the number of captures of each stance."""
        return "\n".join(
            f"| {practice} | {' | '.join(str(self.stances[practice, stance]) for stance in STANCES)} |"
            for practice in PRACTICES
        )
