"""The drift of each year: how far its policies are from the training data, and how right labels of its era were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from extractor.errors import UsageError
from extractor.label import Drift, MeasuredEra, TextProfile, drift_of, read_drift_reference
from extractor.records import Policy
from extractor.run.folder import read_by_policy

_UNDATED = "undated"
_ADVICE = "audit a sample before you publish (archived-policy sample)."
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
    """A sentence for each measured reason to doubt the labels of some of the years."""
    measured = read_drift_reference().measured
    years = {name: [drift.period for drift in drifts if name in drift.reasons] for name in ("far", "not measured")}
    if years["far"]:
        yield (
            f"The wording of {_year_list(years['far'])} lies further from what the labels were learned from than 99 of "
            f"100 groups of as many policies of the same corpora; {_ADVICE}"
        )
    if years["not measured"]:
        span = f"{min(era.first_year for era in measured)}–{max(era.last_year for era in measured)}"
        yield (
            f"How right labels of {_year_list(years['not measured'])} are was not measured: the labelled passages are "
            f"of {span}; {_ADVICE}"
        )
    for era in dict.fromkeys(drift.era for drift in drifts if "less right" in drift.reasons):
        best = max(measured, key=lambda one: one.macro_f1)
        yield (
            f"Labels of {era.first_year}–{era.last_year} were right to F1 {_f1_text(era)} on passages labelled by "
            f"{era.labelled_by}, those of {best.first_year}–{best.last_year} to {_f1_text(best)}; {_ADVICE}"
        )


def _f1_text(era: MeasuredEra) -> str:
    """The F1 of an era with its interval, "" if it was not measured.

    >>> _f1_text(MeasuredEra(passages=9, macro_f1=0.871, low=0.844, high=0.89)), _f1_text(MeasuredEra())
    ('.87 (.84–.89)', '')
    """
    if not era.passages:
        return ""
    value, low, high = (f"{figure:.2f}".removeprefix("0") for figure in (era.macro_f1, era.low, era.high))
    return f"{value} ({low}–{high})"


def _year_list(years: Sequence[str]) -> str:
    """Years in words, with runs shortened.

    >>> _year_list(["1999", "2001", "2002", "2003"]), _year_list(["2001", "undated"])
    ('1999 and 2001–2003', '2001 and captures without a date')
    """
    runs: list[list[str]] = []
    for year in years:
        follows = runs and year.isdecimal() and runs[-1][-1].isdecimal() and int(year) == int(runs[-1][-1]) + 1
        runs[-1].append(year) if follows else runs.append([year])
    names = [run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    names = ["captures without a date" if name == _UNDATED else name for name in names]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def drift_table(drifts: Sequence[Drift]) -> str:
    """The drift as a table in Markdown, with the reasons to doubt the labels of a year. "" without any year."""
    if not drifts:
        return ""
    lines = [
        "| year | policies | words | unknown words (limit) | distance (limit) | uncertain | F1 of its era | warning |"
    ]
    lines.append("|---|---:|---:|---:|---:|---:|---:|---|")
    lines += [
        f"| {drift.period} | {drift.policies} | {drift.words:,} | {drift.unknown:.3f} ({drift.unknown_limit:.3f}) "
        f"| {drift.distance:.3f} ({drift.distance_limit:.3f}) | {drift.uncertain:.1%} "
        f"| {_f1_text(drift.era)} | {', '.join(drift.reasons)} |"
        for drift in drifts
    ]
    return "\n".join(lines)


def drift_figures(drifts: Sequence[Drift]) -> dict[str, Any]:
    """The drift of each year as plain values."""
    return {drift.period: msgspec.to_builtins(drift) for drift in drifts}
