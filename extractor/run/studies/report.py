"""Writes the HTML report of a run folder or a file of records, with the histories of its policies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, Literal

from extractor.charts import Point
from extractor.history import (
    CaptureSeries,
    Observation,
    SeriesNotes,
    TermCapture,
    TermList,
    TermMention,
    TermTree,
    find_terms,
    first_mentions,
    histories,
    lengths,
    panel_points,
    read_terms,
    representative_captures,
    shares,
    term_shares,
    term_tree,
)
from extractor.layout import MANIFEST, RECORDS
from extractor.progress import Progress, no_progress
from extractor.records import PRACTICES, Policy
from extractor.report import (
    Chart,
    NamedTerm,
    PeriodChoice,
    PolicyHistory,
    ReportInfo,
    Site,
    SiteTerm,
    TermPoint,
    TermSeries,
    TextPlace,
    write_report,
)
from extractor.run.folder import read_by_site, read_manifest, record_files
from extractor.run.studies.drift import Profiles, add_policies, drift_warnings, profile_drifts
from extractor.run.studies.terms import ParagraphMentions, series_mentions
from extractor.timestamps import PeriodLength, period_of, periods_between
from extractor.version import VERSION

_MAX_HALF_YEARS = 16  # columns of the table of sites by period; a longer time is shown by years


@dataclass(slots=True)
class _Tables:
    """What the tables over all sites count, added to site by site."""

    terms: TermList
    tree: TermTree
    observations: list[Observation] = field(default_factory=list)
    captures: list[TermCapture] = field(default_factory=list)
    profiles: Profiles = field(default_factory=Profiles)
    notes: SeriesNotes = field(default_factory=SeriesNotes)


def report_on(place: Path, out: Path, policy: str = "", *, progress: Progress = no_progress) -> list[Path]:
    """Writes the report of a run folder or a file of records and returns the files written, the main one first.

    The records are read twice, and one site is held at a time; `policy` narrows them to a site or a policy by its name,
    and `progress` is told of each site read and, if sites have pages of their own, of each page written. Raises
    UnreadableError if there are no records or they are damaged, UsageError if there is no such policy, OSError if `out`
    cannot be written.
    """
    name = record_files(place)[0].name
    sites = read_by_site(place, policy, partial(progress, "report"))
    manifest = read_manifest(place / MANIFEST)
    return report_on_sites(sites, place, out, manifest, records_name=name, progress=progress)


def report_on_sites(  # noqa: PLR0913 - what is told of the records beside them
    sites: Iterable[list[Policy]],
    place: Path,
    out: Path,
    manifest: Mapping[str, Any],
    *,
    records_name: str = RECORDS,
    progress: Progress = no_progress,
) -> list[Path]:
    """Writes the report of records that are already read and grouped by site, like `report_on`."""
    terms = read_terms()
    tables = _Tables(terms, term_tree(terms))
    named = tuple(NamedTerm(term.id, term.label, terms.groups[term.group]) for term in terms.terms)
    info = ReportInfo(f"Privacy policies in {place.name}", tuple(_facts(records_name, manifest)), named)
    return write_report(
        _sites_with_histories(sites, tables),
        out,
        info,
        lambda: _charts(tables.observations),
        lambda: [*tables.notes.sentences(), *drift_warnings(profile_drifts(tables.profiles))],
        periods=lambda: _period_choice(tables),
        progress=progress,
    )


def _sites_with_histories(sites: Iterable[list[Policy]], tables: _Tables) -> Iterator[Site]:
    """The sites with their histories and terms; adds them to the tables."""
    numbers = {term.id: number for number, term in enumerate(tables.terms.terms)}
    for policies in sites:
        add_policies(tables.profiles, policies)
        for group in _by_site_name(policies):
            shown, series = [], []
            for history in histories(group, tables.notes):
                tables.observations.extend(history.observations)
                records = tuple(policy.id for policy in history.series.captures)
                said = tuple(observation.polarity for observation in history.observations)
                shown.append(PolicyHistory(records, history.events, history.passages, history.series.policy, said))
                series.append(history.series)
            named = tuple(_named_terms(series, tables, numbers))
            texts = _terms_in_texts(group, tables.tree, numbers)
            yield Site(group[0].site, tuple(group), tuple(shown), texts, named)


def _terms_in_texts(
    policies: Iterable[Policy], tree: TermTree, numbers: Mapping[str, int]
) -> dict[str, tuple[tuple[int, int, int], ...]]:
    """The terms in the texts of the labelled segments of a site."""
    texts = {segment.text for policy in policies if policy.labelled for segment in policy.segments}
    return {text: _first_places(text, tree, numbers) for text in sorted(texts)}


def _first_places(text: str, tree: TermTree, numbers: Mapping[str, int]) -> tuple[tuple[int, int, int], ...]:
    """The number and the first place of each term in a text."""
    first: dict[str, tuple[int, int, int]] = {}
    for term, start, end in find_terms(text, tree):
        first.setdefault(term, (numbers[term], start, end))
    return tuple(first.values())


def _named_terms(series: Iterable[CaptureSeries], tables: _Tables, numbers: Mapping[str, int]) -> Iterator[SiteTerm]:
    """The terms that a site names, with its first and last mention of each; adds its captures to the tables."""
    captures, mentions, current = list[TermCapture](), list[TermMention](), set[str]()
    paragraphs: ParagraphMentions = {}
    for one in series:
        found = list(series_mentions(one, tables.tree, paragraphs))
        captures += [capture for capture, _ in found]
        mentions += [mention for _, of_capture in found for mention in of_capture]
        current |= found[-1][0].mentioned
    tables.captures += captures
    last: dict[str, TermMention] = {}
    for mention in sorted(mentions, key=lambda one: (one.timestamp, one.record, -one.start)):
        last[mention.term] = mention
    for first in first_mentions(mentions, [one.timestamp for one in captures], tables.terms):
        yield SiteTerm(
            numbers[first.term], TextPlace(first.record, first.start, first.end),
            TextPlace(last[first.term].record, last[first.term].start, last[first.term].end),
            first.captures_before, first.term in current,
        )  # fmt: skip


def _by_site_name(policies: Iterable[Policy]) -> Iterable[list[Policy]]:
    """Records by the name of their site: those of one domain may be of several."""
    groups: dict[str, list[Policy]] = defaultdict(list)
    for policy in policies:
        groups[policy.site].append(policy)
    return groups.values()


def _period_choice(tables: _Tables) -> PeriodChoice:
    """The captures that stand for sites in each period, and the sites that name each term.

    Periods are half-years, or years if there are too many half-years.
    """
    observations = tables.observations
    half_years = sorted({period_of(one.timestamp, "half-year") for one in observations})
    is_short = not half_years or len(periods_between(half_years[0], half_years[-1])) <= _MAX_HALF_YEARS
    length: PeriodLength = "half-year" if is_short else "year"
    chosen = [
        (period, captures[0].site, tuple(one.record for one in captures))
        for period, captures in representative_captures(observations, length)
    ]
    return PeriodChoice(length, chosen, _term_series(tables, length))


def _term_series(tables: _Tables, length: PeriodLength) -> list[TermSeries]:
    """The number of sites that name each term, period by period, for those that some site names: as in `terms.csv`."""
    numbers = {term.id: number for number, term in enumerate(tables.terms.terms)}
    found = frozenset().union(*(capture.mentioned for capture in tables.captures))
    points: dict[tuple[Literal["all", "fixed"], int], list[TermPoint]] = defaultdict(list)
    for one in term_shares(tables.captures, tables.terms, length):
        if one.unit == "sites" and one.term in found:
            point = TermPoint(one.period, one.of, one.mentioning, one.denying, one.share, one.low, one.high)
            points[one.panel, numbers[one.term]].append(point)
    return [TermSeries(term, panel, of_term) for (panel, term), of_term in points.items()]


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
