"""Writes the HTML report of a run folder or a file of records, with the histories of its policies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

from extractor.charts import Point
from extractor.history import (
    Observation,
    SeriesNotes,
    TermList,
    TermTree,
    find_terms,
    histories,
    lengths,
    panel_points,
    read_terms,
    representative_captures,
    shares,
    term_tree,
)
from extractor.layout import MANIFEST, RECORDS
from extractor.progress import Progress, no_progress
from extractor.records import PRACTICES, Policy
from extractor.report import Chart, NamedTerm, PeriodChoice, PolicyHistory, ReportInfo, Site, write_report
from extractor.run.folder import read_by_site, read_manifest, record_files
from extractor.run.studies.drift import Profiles, add_policies, drift_warnings, profile_drifts
from extractor.timestamps import PeriodLength, period_of, periods_between
from extractor.version import VERSION

_MAX_HALF_YEARS = 16  # columns of the table of sites by period; a longer time is shown by years


def report_on(place: Path, out: Path, policy: str = "", *, progress: Progress = no_progress) -> list[Path]:
    """Writes the report of a run folder or a file of records and returns the files written, the main one first.

    The records are read twice, and one site is held at a time; `policy` narrows them to a site or a policy by its name,
    and `progress` is told of each site. Raises UnreadableError if there are no records or they are damaged, UsageError
    if there is no such policy, OSError if `out` cannot be written.
    """
    name = record_files(place)[0].name
    sites = read_by_site(place, policy, partial(progress, "report"))
    return report_on_sites(sites, place, out, read_manifest(place / MANIFEST), records_name=name)


def report_on_sites(
    sites: Iterable[list[Policy]], place: Path, out: Path, manifest: Mapping[str, Any], *, records_name: str = RECORDS
) -> list[Path]:
    """Writes the report of records that are already read and grouped by site, like `report_on`."""
    observations, profiles, notes = list[Observation](), Profiles(), SeriesNotes()
    terms = read_terms()
    named = tuple(NamedTerm(term.id, term.label, terms.groups[term.group]) for term in terms.terms)
    info = ReportInfo(f"Privacy policies in {place.name}", tuple(_facts(records_name, manifest)), named)
    return write_report(
        _with_terms(_sites_with_histories(sites, observations, profiles, notes), terms),
        out,
        info,
        lambda: _charts(observations),
        lambda: [*notes.sentences(), *drift_warnings(profile_drifts(profiles))],
        periods=lambda: _period_choice(observations),
    )


def _sites_with_histories(
    sites: Iterable[list[Policy]], observations: list[Observation], profiles: Profiles, notes: SeriesNotes
) -> Iterator[Site]:
    """The sites with their histories; adds to `observations` what the charts need, and to `profiles` the words."""
    for policies in sites:
        add_policies(profiles, policies)
        for group in _by_site_name(policies):
            shown = []
            for history in histories(group, notes):
                observations.extend(history.observations)
                records = tuple(policy.id for policy in history.series.captures)
                said = tuple(observation.polarity for observation in history.observations)
                shown.append(PolicyHistory(records, history.events, history.passages, history.series.policy, said))
            yield Site(group[0].site, tuple(group), tuple(shown))


def _with_terms(sites: Iterable[Site], terms: TermList) -> Iterator[Site]:
    """The sites with the terms in the texts of their labelled segments."""
    tree, numbers = term_tree(terms), {term.id: number for number, term in enumerate(terms.terms)}
    for site in sites:
        texts = {segment.text for policy in site.policies if policy.labelled for segment in policy.segments}
        yield replace(site, terms={text: _first_places(text, tree, numbers) for text in sorted(texts)})


def _first_places(text: str, tree: TermTree, numbers: Mapping[str, int]) -> tuple[tuple[int, int, int], ...]:
    """The number and the first place of each term in a text."""
    first: dict[str, tuple[int, int, int]] = {}
    for term, start, end in find_terms(text, tree):
        first.setdefault(term, (numbers[term], start, end))
    return tuple(first.values())


def _by_site_name(policies: Iterable[Policy]) -> Iterable[list[Policy]]:
    """Records by the name of their site: those of one domain may be of several."""
    groups: dict[str, list[Policy]] = defaultdict(list)
    for policy in policies:
        groups[policy.site].append(policy)
    return groups.values()


def _period_choice(observations: Sequence[Observation]) -> PeriodChoice:
    """The captures that stand for sites in each period: half-years, or years if there are too many half-years."""
    half_years = sorted({period_of(one.timestamp, "half-year") for one in observations})
    is_short = not half_years or len(periods_between(half_years[0], half_years[-1])) <= _MAX_HALF_YEARS
    length: PeriodLength = "half-year" if is_short else "year"
    chosen = representative_captures(observations, length)
    return PeriodChoice(
        length, [(period, captures[0].site, tuple(one.record for one in captures)) for period, captures in chosen]
    )


def _charts(observations: list[Observation]) -> list[Chart]:
    """Practices, lengths and the number of sites over time; empty if all captures are from one half-year."""
    by_share, by_length = shares(observations), lengths(observations)
    if len({point.period for point in by_share}) < 2:
        return []
    charts = []
    for practice in PRACTICES:
        does, denies = (
            panel_points([one for one in by_share if (one.practice, one.stance) == (practice, stance)],
                         "share", "low", "high")
            for stance in ("does", "denies only")
        )  # fmt: skip
        lines = {"points": does["all sites"], "panel": does["fixed sites"], "denied": _unless_zero(denies["all sites"])}
        charts.append(Chart(practice.capitalize(), **lines, unit="%", practice=practice))
    for name, column in (("Words", "words"), ("School grade (Coleman-Liau)", "grade")):
        everywhere, fixed = panel_points(by_length, f"{column}_median", f"{column}_q1", f"{column}_q3").values()
        charts.append(Chart(name, everywhere, fixed))
    counts = [Point(point.period, point.sites, point.sites) for point in by_length if point.panel == "all"]
    return [*charts, Chart("Sites captured", counts, unit="sites")]


def _unless_zero(points: Sequence[Point]) -> Sequence[Point]:
    """Points, or none if all of them are zero."""
    return points if any(point.value for point in points) else ()


def _facts(records_name: str, manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where the records come from (term, value)."""
    settings, model = manifest.get("configuration", {}), manifest.get("model", {})
    facts = {
        "Archive": settings.get("archive", ""),
        "Captures": _counts_text(manifest.get("captures", {})),
        "Outcomes": _counts_text(manifest.get("outcomes", {})),
        "Chosen": " ".join(filter(None, (settings.get("every", ""), _window_text(settings)))),
        "Made by": manifest.get("made_by", f"archived-policy {VERSION}"),
        "Python": manifest.get("python", ""),
        "Model": " ".join(filter(None, (model.get("name"), model.get("version"), model.get("sha256", "")[:12]))),
        "Records": records_name,
        "Written": f"{datetime.now(timezone.utc):%Y-%m-%d}",
    }
    return ((term, str(value)) for term, value in facts.items() if value)


def _counts_text(counts: Mapping[str, int]) -> str:
    """Counts in words.

    >>> _counts_text({"whole": 1900, "same-digest": 2})
    '1,900 whole, 2 same-digest'
    """
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _window_text(settings: Mapping[str, str]) -> str:
    """The bounds of the time that captures were chosen from, "" if it had none.

    >>> _window_text({"from": "2005", "to": ""})
    'from 2005'
    """
    return " ".join(f"{word} {settings[word]}" for word in ("from", "to") if settings.get(word))
