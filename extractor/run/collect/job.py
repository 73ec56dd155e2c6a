"""The main job: targets → captures → bytes → records, in one folder, resumable at every point."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from extractor.errors import (
    ArchivedPolicyError,
    ArchiveStopError,
    ConfigurationError,
    TooManyFailuresError,
)
from extractor.exports import read_jsonl
from extractor.files import remove_drafts
from extractor.layout import ARCHIVE, LEDGER, RECORDS, REPORT, WARC
from extractor.progress import Progress
from extractor.records import Polarity, Policy, Practice
from extractor.run.collect.fetch import FetchLimits, check_stop, fetch_all
from extractor.run.collect.follow import follow_links
from extractor.run.collect.plan import DAMAGED, Job, plan_targets
from extractor.run.collect.records import build_records, snapshot_without_bytes
from extractor.run.collect.repair import repair_warcs
from extractor.run.collect.stand_ins import plan_stand_ins
from extractor.run.folder import (
    describe_run,
    group_by_site,
    lock_folder,
    with_counts,
    with_missing_extras,
    write_manifest,
    zero_counts,
)
from extractor.run.pipeline import Annotator, policy_identity
from extractor.stances import practice_stances
from extractor.wayback import Archive, Ledger, WarcStore, ban_error, user_agent, write_cdxj

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """What a run holds of a site: records, usable ones, the timestamps of the first and the last, "" if unknown.

    `practices` are those that the last labelled record speaks of.
    """

    site: str
    captures: int
    usable: int
    first: str
    last: str
    practices: dict[Practice, Polarity]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The outcome of a run: captures by state and by outcome, records by kind, and what is missing, with the reasons.

    `refused` are the targets without captures, `failed_lookups` targets and followed addresses that the index was asked
    for in vain, `failures` how many captures failed for each reason; `index` counts rows of the index by what became of
    them, `malformed_rows` those put aside. `differing` is how many captures have other bytes than the index's digest
    names, `missing_extras` how many pages were not read for want of each extra.
    """

    captures: dict[str, int]
    outcomes: dict[str, int]
    records: dict[str, int]
    refused: list[tuple[str, str]]
    failures: dict[str, int]
    failed_lookups: list[tuple[str, str]]
    index: dict[str, int]
    malformed_rows: int = 0
    sites: tuple[SiteSummary, ...] = ()
    differing: int = 0
    missing_extras: Mapping[str, int] = field(default_factory=dict)


def run_job(job: Job, archive: Archive, annotator: Annotator, *, stop: Event, progress: Progress) -> RunSummary:
    """Does the job, or what is left of it. Running it again on the same folder goes on where it stopped.

    Raises ConfigurationError where the folder was begun with other settings or another run works in it, and what
    `fetch_all` raises; what was fetched by then is annotated first, unless the user interrupts.
    """
    with lock_folder(job.folder), closing(Ledger(job.folder / LEDGER)) as ledger:
        ledger.keep_settings(job.settings)
        for folder in (job.folder, job.folder / ARCHIVE):
            remove_drafts(folder)
        problem = _collect(job, archive, annotator, ledger, stop=stop, progress=progress)
        summary = _report_and_summarise(job.folder, ledger, annotator, progress)
        if problem:
            raise problem
        return summary


def _collect(  # noqa: PLR0913 - all that a run has
    job: Job, archive: Archive, annotator: Annotator, ledger: Ledger, *, stop: Event, progress: Progress
) -> ArchivedPolicyError | None:
    """Fetches and annotates what is planned, then what these pages call for; returns what ended that early."""
    problem = plan_and_fetch(job, archive, ledger, stop, progress)
    _build_records(job, ledger, annotator, stop, progress)
    while not problem:
        planned = ledger.counts.last_number()
        problem = _follow_and_fetch(job, archive, ledger, stop, progress)
        if ledger.counts.last_number() == planned:
            break
        _build_records(job, ledger, annotator, stop, progress)
    return problem


def plan_and_fetch(
    job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress
) -> ArchivedPolicyError | None:
    """Plans and fetches; returns what ended that early, unless the user interrupts.

    A ban that still lasts is obeyed without a request.
    """
    with _keep_problem(ledger) as problems:
        _check_breaker(ledger, lift=job.lift_ban)
        plan_targets(job, archive, ledger, stop, progress)
        if set(job.retry) - {DAMAGED} and not ledger.queue.reopen(job.retry):
            _log.warning("No capture failed with the outcome %s: docs/wayback.md lists them.", " or ".join(job.retry))
        if DAMAGED in job.retry:
            _resume_position(ledger, job.folder / ARCHIVE)
            repair_warcs(ledger, job.folder / ARCHIVE)
        _fetch(job, archive, ledger, FetchLimits(job.workers, job.max_fail, stop), progress)
    return next(iter(problems), None)


def _follow_and_fetch(
    job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress
) -> ArchivedPolicyError | None:
    """Plans and fetches what annotated pages name for their policies, and stand-ins for those that cannot be used.

    Returns as `plan_and_fetch` does.
    """
    with _keep_problem(ledger) as problems:
        planned = ledger.counts.last_number()
        follow_links(job, archive, ledger, stop, progress)
        plan_stand_ins(job.folder, ledger)
        if ledger.counts.last_number() > planned:
            _fetch(job, archive, ledger, FetchLimits(job.workers, job.max_fail, stop, planned), progress)
    return next(iter(problems), None)


@contextmanager
def _keep_problem(ledger: Ledger) -> Iterator[list[ArchivedPolicyError]]:
    """A list that gets what ends the block early: too many failures, or the archive's refusal (see the breaker)."""
    problems: list[ArchivedPolicyError] = []
    try:
        yield problems
    except ArchiveStopError as error:
        ledger.breaker.open(error.come_back, error.reason)
        problems.append(error)
    except TooManyFailuresError as error:
        problems.append(error)


def _check_breaker(ledger: Ledger, *, lift: bool) -> None:
    """Raises ArchiveStopError while a ban that an earlier run met still lasts."""
    until, reason = ledger.breaker.state() or (0.0, "")
    if until > time.time() and not lift:
        raise ban_error(reason, until)
    ledger.breaker.close()


def _fetch(job: Job, archive: Archive, ledger: Ledger, limits: FetchLimits, progress: Progress) -> None:
    """Fetches what is planned into the WARC."""
    folder = job.folder / ARCHIVE
    part, end = _resume_position(ledger, folder)
    agent = user_agent(job.contact)
    with closing(WarcStore(folder, committed=end, part=part, max_size=job.warc_size, user_agent=agent)) as store:
        fetch_all(archive, ledger, store, limits, progress)


def _resume_position(ledger: Ledger, folder: Path) -> tuple[str, int]:
    """The WARC to go on writing to, and at which offset: the last one committed, or earlier if it lost its end since.

    Raises ConfigurationError where a WARC is gone: whether to fetch everything again is for the user to decide.
    """
    part, end = WARC, 0
    for part, committed in ledger.warc.committed_sizes().items():
        path = folder / part
        size = path.stat().st_size if path.exists() else 0
        end = committed
        if not size and committed:
            raise ConfigurationError(
                f"{folder} lost the WARC {part} that the ledger lists ({committed:,} bytes): restore it, or begin in "
                "another folder."
            )
        if size < committed:
            _log.warning(
                "%s ends at %d, %d bytes early: what was there is fetched again.", part, size, committed - size
            )
            end = ledger.warc.truncate(part, size)
            os.truncate(path, end)
    return part, end


def _build_records(job: Job, ledger: Ledger, annotator: Annotator, stop: Event, progress: Progress) -> None:
    """Builds from the bytes the index and the records, with a manifest so that the next run keeps them."""
    folder = job.folder
    (folder / ARCHIVE).mkdir(exist_ok=True)
    write_cdxj(folder / ARCHIVE, ledger.warc.cdxj_lines())
    of = sum(number for state, number in ledger.counts.by_state().items() if state in ("fetched", "annotated"))
    with closing(build_records(ledger, folder, annotator, workers=job.workers)) as numbers:
        for done in numbers:
            progress("annotate", done, of)
            check_stop(stop)
    ledger.mark_annotated()
    write_manifest(folder, describe_run(ledger, annotator.identity))


def _report_and_summarise(folder: Path, ledger: Ledger, annotator: Annotator, progress: Progress) -> RunSummary:
    """Writes the report and the manifest; returns the outcome of the run."""
    description = describe_run(ledger, annotator.identity)
    missing = Counter[str]()
    counts, sites = _report_and_count(folder, ledger, description, progress, missing)
    write_manifest(folder, {**description, "records": counts})
    index_rows = ledger.counts.index_rows()
    return RunSummary(
        ledger.counts.by_state(),
        ledger.counts.by_outcome(),
        counts,
        ledger.plan.problems(),
        ledger.counts.by_failure(),
        ledger.lookups.failed(),
        index_rows,
        index_rows["malformed"],
        tuple(sites),
        ledger.counts.differing(),
        missing,
    )


def _report_and_count(
    folder: Path, ledger: Ledger, description: dict[str, Any], progress: Progress, missing: Counter[str]
) -> tuple[dict[str, int], list[SiteSummary]]:
    """Writes the report, and counts the records, all of them and by site; they are read once for all this."""
    from extractor.run.studies import report_on_sites  # `status` and `verify` do without what the report needs

    counts, sites = zero_counts(), list[SiteSummary]()
    paths = ledger.followed.paths()
    pages = (snapshot_without_bytes(entry, paths) for entry in ledger.with_bytes())
    captures_of_site = Counter(policy_identity(page).site for page in pages)
    records = with_missing_extras(with_counts(read_jsonl(folder / RECORDS), counts), missing)
    groups = _with_summaries(group_by_site(records, captures_of_site), sites)
    report_on_sites(
        _with_progress(groups, len(captures_of_site), progress), folder, folder / REPORT, description, progress=progress
    )
    return counts, sorted(sites, key=lambda site: site.site)


def _with_progress(groups: Iterable[list[Policy]], of: int, progress: Progress) -> Iterator[list[Policy]]:
    """The same sites; each is reported once it was used."""
    for done, group in enumerate(groups, 1):
        yield group
        progress("report", done, of)


def _with_summaries(groups: Iterable[list[Policy]], summaries: list[SiteSummary]) -> Iterator[list[Policy]]:
    """The same sites; a summary of each is added to `summaries`."""
    for group in groups:
        summaries.append(_site_summary(group))
        yield group


def _site_summary(policies: Sequence[Policy]) -> SiteSummary:
    """The summary of a site's records."""
    times = sorted(policy.capture.timestamp for policy in policies)
    usable = sum(policy.verdict.usable for policy in policies)
    last = max((one for one in policies if one.labelled), key=lambda one: one.capture.timestamp, default=None)
    stances = practice_stances(last.segments if last else ())
    said = {name: stance.polarity for name, stance in stances.items() if stance.segments}
    return SiteSummary(policies[0].site, len(policies), usable, times[0], times[-1], said)
