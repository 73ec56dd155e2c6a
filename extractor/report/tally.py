"""What is counted over all policies while they pass, and the overview made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractor.records import PRACTICES, Policy, Practice, Provenance
from extractor.report.markup import NOTHING, Html, element, joined, text

MEANINGS: dict[Practice, str] = {
    "collection": "collects or uses information",
    "sharing": "passes information to others",
    "cookies": "cookies and other tracking",
    "rights": "what people can choose, see or delete",
    "children": "children and their data",
}


@dataclass(slots=True)
class Tally:
    """Running counts; of a policy itself nothing is kept but the name of its site."""

    policies: int = 0
    usable: int = 0
    labelled: int = 0
    sites: set[str] = field(default_factory=set)
    years: set[str] = field(default_factory=set)
    practices: Counter[Practice] = field(default_factory=Counter)
    makers: Counter[Provenance] = field(default_factory=Counter)

    def add(self, policy: Policy) -> None:
        """Counts one policy."""
        self.policies += 1
        self.usable += policy.verdict.usable
        self.labelled += policy.labelled
        self.sites.add(site_of(policy))
        self.years.update({policy.capture.timestamp[:4]} - {""})
        self.practices.update(practice for practice, count in practice_counts(policy).items() if count)
        self.makers[policy.provenance] += 1


def site_of(policy: Policy) -> str:
    """The site a policy is of: its domain, or the file where it has none."""
    return policy.domain or policy.source.path or policy.id


def practice_counts(policy: Policy) -> dict[Practice, int]:
    """The number of segments that speak of each practice; none at all where nobody has looked."""
    if not policy.labelled:
        return {}
    return {practice: sum(practice in segment.practices for segment in policy.segments) for practice in PRACTICES}


def overview(tally: Tally) -> Html:
    """How much there is, and the share of the labelled policies with each practice."""
    figures = joined(figure(number, label) for number, label in figures_of(tally))
    return element(
        "section",
        element("h2", text("Overview"), id="overview"),
        element("ul", figures, class_="figures"),
        shares(tally) if tally.labelled else element("p", text("No policy was labelled, so no practice can be told.")),
        aria_labelledby="overview",
    )


def figures_of(tally: Tally) -> Iterator[tuple[str, str]]:
    """The numbers of the summary line, each with its words."""
    yield counted(tally.policies, "policy", "policies")
    yield counted(len(tally.sites), "site", "sites")
    if tally.years:
        yield years(tally.years), "captured"
    yield f"{tally.usable:,}", "usable"
    yield f"{tally.labelled:,}", "labelled"


def counted(number: int, one: str, more: str) -> tuple[str, str]:
    """A number and the word that goes with it."""
    return f"{number:,}", one if number == 1 else more


def years(found: set[str]) -> str:
    """The first and the last year.

    >>> years({"2003", "1999", "2001"})
    '1999–2003'
    """
    return "–".join(sorted({min(found), max(found)}))


def figure(number: str, label: str) -> Html:
    """One number of the summary line."""
    return element("li", element("b", text(number)), text(f" {label}"))


def shares(tally: Tally) -> Html:
    """One bar a practice, with its share in words."""
    base = counted(tally.labelled, "labelled policy", "labelled policies")
    return element(
        "table",
        element("caption", text(f"Share of the {' '.join(base)} with a passage on")),
        element("tbody", joined(share(practice, tally) for practice in PRACTICES)),
        class_="shares",
    )


def share(practice: Practice, tally: Tally) -> Html:
    """The row of one practice."""
    count = tally.practices[practice]
    name = element("th", text(practice.capitalize()), element("small", text(MEANINGS[practice])), scope="row")
    percent = element("td", text(f"{count / tally.labelled:.0%}"))
    amount = element("td", text(f"{count:,} of {tally.labelled:,}"), class_="amount")
    return element("tr", name, element("td", bar(100 * count / tally.labelled)), percent, amount, class_=practice)


def bar(percent: float) -> Html:
    """A bar of that length; the policy of the page allows no inline styles, so it is drawn."""
    length = element("rect", width=f"{percent:.1f}", height="8")
    track = element("rect", width="100", height="8", class_="track")
    return element("svg", track, length, viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true")


def makers(tally: Tally) -> Html:
    """What made the records, with the number of records each maker made."""
    lines = (made_by(maker, count) for maker, count in sorted(tally.makers.items(), key=str))
    return element("ul", joined(lines)) if tally.makers else NOTHING


def made_by(maker: Provenance, count: int) -> Html:
    """One maker: what read the page, what labelled it."""
    read = f"read by {maker.extractor or 'an unnamed reader'}"
    labelled = f"labelled by {maker.model}" if maker.model else "not labelled"
    digest = element("code", text(maker.model_sha256[:12])) if maker.model_sha256 else NOTHING
    return element("li", text(f"{' '.join(counted(count, 'record', 'records'))}: {read}, {labelled} "), digest)
