"""The main job: targets → captures → bytes → records, in one folder, resumable at every point."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from filelock import FileLock, Timeout

from extractor.errors import (
    ArchivedPolicyError,
    ArchiveError,
    ArchiveStopError,
    ConfigurationError,
    InterruptedRunError,
    NoCapturesError,
    TooManyFailuresError,
    UnreadableError,
)
from extractor.exports import read_jsonl
from extractor.files import drop_drafts
from extractor.run.collect.fetch import Pool, Progress, check_stop, fetch_all
from extractor.run.collect.records import build_records
from extractor.run.folder.manifest import count_records, describe, write_manifest
from extractor.run.pipeline.annotator import Annotator
from extractor.run.studies.report import report_on
from extractor.wayback import (
    Archive,
    Choice,
    Ledger,
    Step,
    Target,
    Trail,
    WarcStore,
    Window,
    banned,
    choices_of,
    find_captures,
    is_shareable,
    store_size,
    user_agent,
    write_cdxj,
)

_log = logging.getLogger(__name__)

# What costs one target and not those beside it; ValueError: a header or address beyond parsing
_PLAN_FAILURES = (ArchiveError, UnreadableError, ValueError)


@dataclass(frozen=True, slots=True)
class Job:
    """What is wanted: the targets, the time, which captures, and where everything goes."""

    targets: tuple[Target, ...]
    folder: Path
    window: Window = field(default_factory=Window)
    every: str = "half-year"
    archive_name: str = "https://web.archive.org"
    workers: int = 4
    max_fail: float = float("inf")
    contact: str = ""
    lift_ban: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a job: captures by state and by outcome, records by kind, targets without captures, failures."""

    captures: dict[str, int]
    outcomes: dict[str, int]
    records: dict[str, int]
    refused: list[tuple[str, str]]
    failures: dict[str, int]


def run_job(job: Job, archive: Archive, annotator: Annotator, *, stop: Event, progress: Progress) -> Summary:
    """Does the job, or what is left of it. Running it again on the same folder goes on where it stopped.

    Raises ConfigurationError where the folder was begun with other settings or another run works in it, and what
    `fetch_all` raises; whatever was fetched by then is annotated first unless the user interrupts.
    """
    with exclusive(job.folder), closing(Ledger(job.folder / "ledger.sqlite")) as ledger:
        ledger.keep_settings(_settings_of(job))
        for folder in (job.folder, job.folder / "archive"):
            drop_drafts(folder)
        problem = collect(job, archive, ledger, stop, progress)
        if isinstance(problem, InterruptedRunError):
            raise problem
        summary = _finish(job, ledger, annotator, stop, progress)
        if problem:
            raise problem
        return summary


def collect(job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress) -> ArchivedPolicyError | None:
    """Plans and fetches; gives what ended that early. A ban that still lasts is obeyed without a request."""
    try:
        _check_breaker(ledger, lift=job.lift_ban)
        _make_plan(job, archive, ledger, stop, progress)
        _fetch(job, archive, ledger, stop, progress)
    except ArchiveStopError as error:
        ledger.open_breaker(error.come_back, error.reason)
        return error
    except (TooManyFailuresError, InterruptedRunError) as error:
        return error
    return None


def _check_breaker(ledger: Ledger, *, lift: bool) -> None:
    """Raises ArchiveStopError while a ban that an earlier run met still lasts."""
    until, reason = ledger.breaker() or (0.0, "")
    if until > time.time() and not lift:
        raise banned(reason, until)
    ledger.close_breaker()


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Makes the folder and holds it against a second run."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise ConfigurationError(f"Another run is at work in {folder}: wait for it, or use another folder.") from error


def _settings_of(job: Job) -> dict[str, str]:
    """The settings that must not change within a folder."""
    return {
        "archive": job.archive_name,
        "every": job.every,
        "from": job.window.start,
        "to": job.window.end,
    }


def _make_plan(job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress) -> None:
    """Enters each target's captures in the ledger, or why it has none."""
    for done, target in enumerate(job.targets, 1):
        check_stop(stop)
        if not ledger.is_planned(target.name):
            _plan_target(job, archive, ledger, target)
        progress("plan", done, len(job.targets))


def _plan_target(job: Job, archive: Archive, ledger: Ledger, target: Target) -> None:
    """Enters one target's captures in the ledger, or why it has none."""
    malformed: list[str] = []
    try:
        choices = _weighed(archive, target, job, ledger.trail(target.name), malformed)
        ledger.plan(target.name, choices, malformed)
    except ArchiveStopError:
        raise
    except _PLAN_FAILURES as error:
        _log.info("%s", error)
        ledger.refuse(target.name, _why_not_planned(target, error))


def _why_not_planned(target: Target, error: Exception) -> str:
    """What to say of a target that could not be planned."""
    return str(error) if isinstance(error, ArchivedPolicyError) else f"{target.name} cannot be planned: {error}."


def _weighed(archive: Archive, target: Target, job: Job, trail: Trail, malformed: list[str]) -> list[Choice]:
    """What becomes of each capture of a target. Raises NoCapturesError where none is taken."""
    found = find_captures(archive, target, job.window, trail, malformed.append)
    choices = choices_of(found, target, job.every)
    if not any(choice.taken for choice in choices):
        raise NoCapturesError(
            f"None of the {len(found)} captures of {target.name} shows a page (status 200): "
            "look at them with `captures --every all`.",
            outcome="no-captures",
        )
    return choices


@dataclass(slots=True)
class Plan:
    """What `plan_only` counted.

    `repeated` are captures taken whose digest another one has; `skipped` those passed over, by reason.
    """

    taken: int = 0
    repeated: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    malformed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    home_pages: int = 0


def plan_only(job: Job, archive: Archive, plan: Plan) -> Iterator[Choice]:
    """What would become of each capture, once, if the job were run; `plan` counts, and says which targets have none."""
    digests: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    for target in job.targets:
        trail: dict[str, Step] = {}
        try:
            choices = _weighed(archive, target, job, trail, plan.malformed)
        except ArchiveStopError:
            raise
        except _PLAN_FAILURES as error:
            plan.problems.append(_why_not_planned(target, error))
            continue
        plan.home_pages += len(trail)
        for choice in choices:
            if choice.capture.key not in seen:
                _count(choice, plan, digests)
                yield choice
            seen.add(choice.capture.key)


def _count(choice: Choice, plan: Plan, digests: set[str]) -> None:
    """Adds a choice to the counts of a plan."""
    if not choice.taken:
        plan.skipped[choice.why.partition("; ")[0].partition(" nearest ")[0]] += 1
        return
    plan.taken += 1
    if is_shareable(choice.capture):
        plan.repeated += choice.capture.digest in digests
        digests.add(choice.capture.digest)


def _fetch(job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress) -> None:
    """Fetches what is planned into the WARC."""
    folder = job.folder / "archive"
    with closing(WarcStore(folder, committed=_whole_end(ledger, folder), user_agent=user_agent(job.contact))) as store:
        fetch_all(archive, ledger, store, Pool(job.workers, job.max_fail, stop), progress)


def _whole_end(ledger: Ledger, folder: Path) -> int:
    """The offset to go on writing at: the last one committed, or an earlier one if the WARC lost its end since.

    Raises ConfigurationError where all of it is gone: to fetch all again is for the user to decide.
    """
    committed, size = ledger.committed(), store_size(folder)
    if size >= committed:
        return committed
    if not size:
        raise ConfigurationError(
            f"{folder} lost the WARC that the ledger promises ({committed:,} bytes): bring it back, or begin in "
            "another folder."
        )
    _log.warning("The WARC ends at %d, %d bytes early: what lay there is fetched again.", size, committed - size)
    return ledger.keep_only(size)


def _finish(job: Job, ledger: Ledger, annotator: Annotator, stop: Event, progress: Progress) -> Summary:
    """From the bytes to everything a reader opens: index, records, report, manifest."""
    (job.folder / "archive").mkdir(exist_ok=True)
    write_cdxj(job.folder / "archive", ledger.cdxj())
    of = sum(number for state, number in ledger.counts().items() if state in ("fetched", "annotated"))
    for done in build_records(ledger.with_bytes(), job.folder, annotator, workers=job.workers):
        progress("annotate", done, of)
        check_stop(stop)
    ledger.annotated()
    counts = count_records(read_jsonl(job.folder / "policies.jsonl"))
    description = describe(ledger, annotator.model, counts)
    report_on(job.folder, job.folder / "report.html", manifest=description)
    write_manifest(job.folder, description)
    return Summary(ledger.counts(), ledger.outcomes(), counts, ledger.refused(), ledger.failures())
