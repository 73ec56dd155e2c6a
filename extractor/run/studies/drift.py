"""How far the policies of each year lie from what the labels were learned from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from extractor.errors import UsageError
from extractor.label.drift import Drift, Profile, drift_of, read_reference
from extractor.records import Policy
from extractor.run.folder import read_by_site

_UNDATED = "undated"
Profiles = dict[str, Profile]  # by year


def drift_by_year(place: Path) -> list[Drift]:
    """The drift of each year of a run folder or file of records. Raises UnreadableError, and UsageError of nothing."""
    profiles: Profiles = defaultdict(Profile)
    for site in read_by_site(place):
        add_site(profiles, site)
    if not profiles:
        raise UsageError(f"{place} has no usable, labelled policy to measure drift on.")
    return drifts(profiles)


def add_site(profiles: Profiles, policies: Iterable[Policy]) -> None:
    """Adds the policies of a site: of each, the last capture of a year, so that many captures count as one."""
    last: dict[tuple[str, str], Policy] = {}
    for policy in policies:
        if policy.verdict.usable and policy.labelled:
            key = policy.capture.timestamp[:4] or _UNDATED, policy.capture.requested if policy.domain else policy.id
            last[key] = max(last.get(key, policy), policy, key=lambda one: (one.capture.timestamp, one.id))
    for (year, _), policy in last.items():
        profiles.setdefault(year, Profile()).add(policy.segments)


def drifts(profiles: Profiles) -> list[Drift]:
    """The drift of each year, in order."""
    return [drift_of(year, profile, read_reference()) for year, profile in sorted(profiles.items())]


def warning_of(found: Sequence[Drift]) -> Iterator[str]:
    """What a reader is to know of years that lie far from the training data; nothing where none does."""
    far = [one.period for one in found if one.far]
    if far:
        yield (
            f"The wording of {_listed(far)} lies far from what the labels were learned from (OPP-115, of 2015): "
            "further than 99 of 100 groups of as many policies of that corpus. Labels of such years are less sure "
            "than the model's card says: in policies of 2023 more is missed on collection, sharing and rights. "
            "Audit a sample before you publish a trend."
        )


def _listed(years: Sequence[str]) -> str:
    """Years in words, runs of them shortened.

    >>> _listed(["1999", "2001", "2002", "2003"]), _listed(["2001", "undated"])
    ('1999 and 2001–2003', '2001 and undated')
    """
    runs: list[list[str]] = []
    for year in years:
        follows = runs and year.isdecimal() and runs[-1][-1].isdecimal() and int(year) == int(runs[-1][-1]) + 1
        runs[-1].append(year) if follows else runs.append([year])
    names = [run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def drift_table(found: Sequence[Drift]) -> str:
    """The drift as a table in Markdown; what lies beyond its limit is marked. "" of nothing."""
    if not found:
        return ""
    lines = ["| year | policies | words | unknown words (limit) | distance (limit) | uncertain | far |"]
    lines.append("|---|---:|---:|---:|---:|---:|---|")
    lines += [
        f"| {one.period} | {one.policies} | {one.words:,} | {one.unknown:.3f} ({one.unknown_limit:.3f}) "
        f"| {one.distance:.3f} ({one.distance_limit:.3f}) | {one.uncertain:.1%} | {'far' if one.far else ''} |"
        for one in found
    ]
    return "\n".join(lines)
