"""`report`: the records of a run folder, or a file of records, with their histories, as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from extractor.history import History, LengthPoint, Observation, SharePoint, histories, lengths, shares
from extractor.layout import MANIFEST, RECORDS
from extractor.records import PRACTICES, Policy
from extractor.report import About, Chart, Point, Site, Story, site_of, write_report
from extractor.run.folder import read_by_site, read_manifest, record_files
from extractor.run.studies.drift import Profiles, add_policies, drift_warnings, profile_drifts
from extractor.version import VERSION

_Quartiles = tuple[float | None, float | None, float | None]  # the median first


def report_on(place: Path, out: Path) -> list[Path]:
    """Writes the report of a run folder or a file of records and returns the files written, the one to open first.

    The records are read twice, and one site is held at a time. Raises UnreadableError where there are no records or
    they are damaged, OSError where `out` cannot be written.
    """
    return report_on_sites(
        read_by_site(place), place, out, read_manifest(place / MANIFEST), records_name=record_files(place)[0].name
    )


def report_on_sites(
    sites: Iterable[list[Policy]], place: Path, out: Path, manifest: Mapping[str, Any], *, records_name: str = RECORDS
) -> list[Path]:
    """As `report_on`, of records that are already read and grouped by site."""
    observations, profiles = list[Observation](), Profiles()
    about = About(f"Privacy policies in {place.name}", tuple(_facts_of(records_name, manifest)))
    return write_report(
        _told_sites(sites, observations, profiles),
        out,
        about,
        lambda: _charts_of(observations),
        lambda: list(drift_warnings(profile_drifts(profiles))),
    )


def _told_sites(sites: Iterable[list[Policy]], observations: list[Observation], profiles: Profiles) -> Iterator[Site]:
    """The sites with their stories; what charts count is added to `observations`, the words to `profiles`."""
    for policies in sites:
        add_policies(profiles, policies)
        for site in _separated(policies):
            found = list(histories(site))
            observations.extend(seen for history in found for seen in history.observations)
            yield Site(site_of(site[0]), tuple(site), tuple(map(_story_of, found)))


def _separated(policies: list[Policy]) -> Iterator[list[Policy]]:
    """The records of a domain together; those without a domain, from files, each by itself."""
    if policies[0].domain:
        yield policies
    else:
        yield from ([policy] for policy in policies)


def _story_of(history: History) -> Story:
    """A history as the report takes it."""
    return Story(tuple(policy.id for policy in history.series.captures), history.events, history.passages)


def _charts_of(observations: list[Observation]) -> list[Chart]:
    """How practices and lengths went over the sites; none where all captures are of one half-year."""
    by_share, by_length = shares(observations), lengths(observations)
    if len({point.period for point in by_share}) < 2:
        return []
    practices = [_share_chart(name, [point for point in by_share if point.practice == name]) for name in PRACTICES]
    words = _length_chart("Words", by_length, lambda one: (one.words_median, one.words_q1, one.words_q3))
    grade = _length_chart(
        "School grade (Coleman-Liau)", by_length, lambda one: (one.grade_median, one.grade_q1, one.grade_q3)
    )
    sites = Chart("Sites captured", tuple(_counted(by_length)), unit="sites")
    return [*practices, words, grade, sites]


def _counted(points: list[LengthPoint]) -> Iterator[Point]:
    """How many sites there are in each half-year."""
    return (Point(one.period, one.sites, one.sites) for one in points if one.panel == "all")


def _share_chart(name: str, points: list[SharePoint]) -> Chart:
    """The chart of a practice."""
    everywhere, fixed = (
        tuple(Point(one.period, one.sites, one.share, one.low, one.high) for one in points if one.panel == panel)
        for panel in ("all", "fixed")
    )
    return Chart(name.capitalize(), everywhere, fixed, unit="%", practice=name)


def _length_chart(name: str, points: list[LengthPoint], read: Callable[[LengthPoint], _Quartiles]) -> Chart:
    """The chart of a length: its median with the quartiles."""
    everywhere, fixed = (
        tuple(Point(one.period, one.sites, *read(one)) for one in points if one.panel == panel)
        for panel in ("all", "fixed")
    )
    return Chart(name, everywhere, fixed)


def _facts_of(records_name: str, manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where the records come from, in terms and words."""
    settings, model = manifest.get("configuration", {}), manifest.get("model", {})
    known = {
        "Archive": settings.get("archive", ""),
        "Captures": _listed(manifest.get("captures", {})),
        "Outcomes": _listed(manifest.get("outcomes", {})),
        "Chosen": " ".join(filter(None, (settings.get("every", ""), _period(settings)))),
        "Made by": manifest.get("made_by", f"archived-policy {VERSION}"),
        "Python": manifest.get("python", ""),
        "Model": " ".join(filter(None, (model.get("name"), model.get("version"), model.get("sha256", "")[:12]))),
        "Records": records_name,
        "Written": f"{datetime.now(timezone.utc):%Y-%m-%d}",
    }
    return ((term, str(value)) for term, value in known.items() if value)


def _listed(counts: Mapping[str, int]) -> str:
    """Counts in words.

    >>> _listed({"whole": 1900, "same-digest": 2})
    '1,900 whole, 2 same-digest'
    """
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _period(settings: Mapping[str, str]) -> str:
    """The time that captures were chosen from, "" where it had no bounds.

    >>> _period({"from": "2005", "to": ""})
    'from 2005'
    """
    return " ".join(f"{word} {settings[word]}" for word in ("from", "to") if settings.get(word))
