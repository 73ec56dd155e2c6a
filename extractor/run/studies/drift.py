"""The drift of each year: how far its policies are from the corpus that the labels were learned from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from extractor.errors import UsageError
from extractor.label import Drift, TextProfile, drift_of, read_drift_reference
from extractor.records import Policy
from extractor.run.folder import read_by_policy

_UNDATED = "undated"
Profiles = dict[str, TextProfile]  # by year


def drift_by_year(place: Path) -> list[Drift]:
    """The drift of each year of a run folder or file of records. Raises UnreadableError; UsageError if it is empty."""
    profiles: Profiles = defaultdict(TextProfile)
    for policies in read_by_policy(place):
        add_policies(profiles, policies)
    if not profiles:
        raise UsageError(f"{place} has no usable, labelled policy to measure drift on.")
    return profile_drifts(profiles)


def add_policies(profiles: Profiles, policies: Iterable[Policy]) -> None:
    """Adds policies to the profiles, each with its last capture of a year, so that it counts once."""
    last: dict[tuple[str, str, str], Policy] = {}
    for policy in policies:
        if policy.verdict.usable and policy.labelled:
            key = policy.capture.timestamp[:4] or _UNDATED, policy.site, policy.policy
            last[key] = max(last.get(key, policy), policy, key=lambda one: (one.capture.timestamp, one.id))
    for (year, *_), policy in last.items():
        profiles.setdefault(year, TextProfile()).add(policy.segments)


def profile_drifts(profiles: Profiles) -> list[Drift]:
    """The drift of each year, in order."""
    return [drift_of(year, profile, read_drift_reference()) for year, profile in sorted(profiles.items())]


def drift_warnings(drifts: Sequence[Drift]) -> Iterator[str]:
    """A sentence on the years that are far from the training data, if there are any."""
    far = [drift.period for drift in drifts if drift.exceeds_limit]
    if far:
        yield (
            f"The wording of {_year_list(far)} lies far from what the labels were learned from (OPP-115, of 2015): "
            "further than 99 of 100 groups of as many policies of that corpus. Labels of such years are less sure "
            "than the model's card says: in policies of 2023 more is missed on collection, sharing and rights. "
            "Audit a sample before you publish a trend."
        )


def _year_list(years: Sequence[str]) -> str:
    """Years in words, with runs shortened.

    >>> _year_list(["1999", "2001", "2002", "2003"]), _year_list(["2001", "undated"])
    ('1999 and 2001–2003', '2001 and undated')
    """
    runs: list[list[str]] = []
    for year in years:
        follows = runs and year.isdecimal() and runs[-1][-1].isdecimal() and int(year) == int(runs[-1][-1]) + 1
        runs[-1].append(year) if follows else runs.append([year])
    names = [run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def drift_table(drifts: Sequence[Drift]) -> str:
    """The drift as a table in Markdown; years beyond a limit are marked. "" without any year."""
    if not drifts:
        return ""
    lines = ["| year | policies | words | unknown words (limit) | distance (limit) | uncertain | far |"]
    lines.append("|---|---:|---:|---:|---:|---:|---|")
    lines += [
        f"| {drift.period} | {drift.policies} | {drift.words:,} | {drift.unknown:.3f} ({drift.unknown_limit:.3f}) "
        f"| {drift.distance:.3f} ({drift.distance_limit:.3f}) | {drift.uncertain:.1%} "
        f"| {'far' if drift.exceeds_limit else ''} |"
        for drift in drifts
    ]
    return "\n".join(lines)
