"""The main job: targets → captures → bytes → records, in one folder, resumable at every point."""

from __future__ import annotations

import logging
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from extractor.errors import (
    ArchivedPolicyError,
    ArchiveStopError,
    ConfigurationError,
    InterruptedRunError,
    TooManyFailuresError,
)
from extractor.exports import read_jsonl
from extractor.files import remove_drafts
from extractor.layout import ARCHIVE, LEDGER, RECORDS, REPORT
from extractor.progress import Progress
from extractor.run.collect.fetch import FetchLimits, check_stop, fetch_all
from extractor.run.collect.plan import Job, plan_targets
from extractor.run.collect.records import build_records
from extractor.run.folder import describe_run, group_by_site, lock_folder, with_counts, write_manifest, zero_counts
from extractor.run.pipeline import Annotator, registered_domain
from extractor.wayback import Archive, Ledger, WarcStore, ban_error, store_size, user_agent, write_cdxj

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The outcome of a run: captures by state and by outcome, records by kind, targets without captures, failures."""

    captures: dict[str, int]
    outcomes: dict[str, int]
    records: dict[str, int]
    refused: list[tuple[str, str]]
    failures: dict[str, int]


def run_job(job: Job, archive: Archive, annotator: Annotator, *, stop: Event, progress: Progress) -> RunSummary:
    """Does the job, or what is left of it. Running it again on the same folder goes on where it stopped.

    Raises ConfigurationError where the folder was begun with other settings or another run works in it, and what
    `fetch_all` raises; what was fetched by then is annotated first, unless the user interrupts.
    """
    with lock_folder(job.folder), closing(Ledger(job.folder / LEDGER)) as ledger:
        ledger.keep_settings(job.settings)
        for folder in (job.folder, job.folder / ARCHIVE):
            remove_drafts(folder)
        problem = plan_and_fetch(job, archive, ledger, stop, progress)
        if isinstance(problem, InterruptedRunError):
            raise problem
        summary = _build_outputs(job, ledger, annotator, stop, progress)
        if problem:
            raise problem
        return summary


def plan_and_fetch(
    job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress
) -> ArchivedPolicyError | None:
    """Plans and fetches; returns what ended that early. A ban that still lasts is obeyed without a request."""
    try:
        _check_breaker(ledger, lift=job.lift_ban)
        plan_targets(job, archive, ledger, stop, progress)
        _fetch(job, archive, ledger, stop, progress)
    except ArchiveStopError as error:
        ledger.breaker.open(error.come_back, error.reason)
        return error
    except (TooManyFailuresError, InterruptedRunError) as error:
        return error
    return None


def _check_breaker(ledger: Ledger, *, lift: bool) -> None:
    """Raises ArchiveStopError while a ban that an earlier run met still lasts."""
    until, reason = ledger.breaker.state() or (0.0, "")
    if until > time.time() and not lift:
        raise ban_error(reason, until)
    ledger.breaker.close()


def _fetch(job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress) -> None:
    """Fetches what is planned into the WARC."""
    folder = job.folder / ARCHIVE
    offset = _resume_offset(ledger, folder)
    with closing(WarcStore(folder, committed=offset, user_agent=user_agent(job.contact))) as store:
        fetch_all(archive, ledger, store, FetchLimits(job.workers, job.max_fail, stop), progress)


def _resume_offset(ledger: Ledger, folder: Path) -> int:
    """The offset to go on writing at: the last one committed, or an earlier one if the WARC lost its end since.

    Raises ConfigurationError where all of it is gone: whether to fetch everything again is for the user to decide.
    """
    committed, size = ledger.warc.committed_size(), store_size(folder)
    if size >= committed:
        return committed
    if not size:
        raise ConfigurationError(
            f"{folder} lost the WARC that the ledger lists ({committed:,} bytes): restore it, or begin in another "
            "folder."
        )
    _log.warning("The WARC ends at %d, %d bytes early: what was there is fetched again.", size, committed - size)
    return ledger.warc.truncate(size)


def _build_outputs(job: Job, ledger: Ledger, annotator: Annotator, stop: Event, progress: Progress) -> RunSummary:
    """Builds from the bytes what a reader opens: index, records, report, manifest."""
    folder = job.folder
    (folder / ARCHIVE).mkdir(exist_ok=True)
    write_cdxj(folder / ARCHIVE, ledger.warc.cdxj_lines())
    of = sum(number for state, number in ledger.counts.by_state().items() if state in ("fetched", "annotated"))
    with closing(build_records(ledger.with_bytes(), folder, annotator, workers=job.workers)) as numbers:
        for done in numbers:
            progress("annotate", done, of)
            check_stop(stop)
    ledger.mark_annotated()
    description = describe_run(ledger, annotator.model)
    write_manifest(folder, description)  # should this run end before the report, the next one keeps the records
    counts = _report_and_count(folder, ledger, description)
    write_manifest(folder, {**description, "records": counts})
    return RunSummary(
        ledger.counts.by_state(), ledger.counts.by_outcome(), counts, ledger.plan.problems(), ledger.counts.by_failure()
    )


def _report_and_count(folder: Path, ledger: Ledger, description: dict[str, Any]) -> dict[str, int]:
    """Writes the report and counts the records, which are read once for both."""
    from extractor.run.studies import report_on_sites  # `status` and `verify` do without what the report needs

    counts = zero_counts()
    captures_of_site = Counter(registered_domain(entry.capture.original) for entry in ledger.with_bytes())
    records = with_counts(read_jsonl(folder / RECORDS), counts)
    report_on_sites(group_by_site(records, captures_of_site), folder, folder / REPORT, description)
    return counts
