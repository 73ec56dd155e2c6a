"""The main job: targets → captures → bytes → records, in one folder, resumable at every point."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from filelock import FileLock, Timeout

from extractor.errors import ArchiveError, ArchiveStopError, ConfigurationError, NoCapturesError, TooManyFailuresError
from extractor.exports import read_jsonl
from extractor.report import write_report
from extractor.run.annotator import Annotator
from extractor.run.fetch import Pool, Progress, check_stop, fetch_all
from extractor.run.manifest import count_records, write_manifest
from extractor.run.shards import build_records
from extractor.wayback import (
    Archive,
    Choice,
    Every,
    Ledger,
    Target,
    WarcStore,
    Window,
    choose,
    find_captures,
    write_cdxj,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What is wanted: the targets, the time, which captures, and where everything goes."""

    targets: tuple[Target, ...]
    folder: Path
    window: Window = field(default_factory=Window)
    every: Every = "half-year"
    archive_name: str = "https://web.archive.org"
    workers: int = 4
    max_fail: float = float("inf")


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a job: captures by state, records by kind, targets without captures with the reason, failures."""

    captures: dict[str, int]
    records: dict[str, int]
    refused: list[tuple[str, str]]
    failures: dict[str, int]


def run_job(job: Job, archive: Archive, annotator: Annotator, *, stop: Event, progress: Progress) -> Summary:
    """Does the job, or what is left of it. Running it again on the same folder goes on where it stopped.

    Raises ConfigurationError where the folder was begun with other settings or another run works in it, and what
    `fetch_all` raises; whatever was fetched by then is annotated first unless the user interrupts.
    """
    with exclusive(job.folder), closing(Ledger(job.folder / "ledger.sqlite")) as ledger:
        ledger.keep_settings(settings_of(job))
        make_plan(job, archive, ledger, stop, progress)
        try:
            fetch(job, archive, ledger, stop, progress)
        except (ArchiveStopError, TooManyFailuresError):
            finish(job, ledger, annotator, stop, progress)
            raise
        return finish(job, ledger, annotator, stop, progress)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Makes the folder and holds it against a second run."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise ConfigurationError(f"Another run is at work in {folder}: wait for it, or use another folder.") from error


def settings_of(job: Job) -> dict[str, str]:
    """The settings that must not change within a folder."""
    return {
        "archive": job.archive_name,
        "every": job.every,
        "from": job.window.start,
        "to": job.window.end,
    }


def make_plan(job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress) -> None:
    """Enters each target's captures in the ledger, or why it has none."""
    for done, target in enumerate(job.targets, 1):
        check_stop(stop)
        if not ledger.is_planned(target.name):
            plan_target(job, archive, ledger, target)
        progress("plan", done, len(job.targets))


def plan_target(job: Job, archive: Archive, ledger: Ledger, target: Target) -> None:
    """Enters one target's captures in the ledger, or why it has none."""
    try:
        ledger.plan(target.name, choices_of(archive, target, job.window, job.every))
    except ArchiveStopError:
        raise
    except ArchiveError as error:
        log.info("%s", error)
        ledger.refuse(target.name, str(error))


def choices_of(archive: Archive, target: Target, window: Window, every: Every) -> list[Choice]:
    """The captures of a target to take. Raises NoCapturesError where no capture suits."""
    captures = list(find_captures(archive, target, window))
    choices = list(choose(captures, every))
    if not choices:
        raise NoCapturesError(
            f"None of the {len(captures)} captures of {target.name} shows a page (status 200): "
            "look at them with `captures --every all`."
        )
    return choices


def plan_only(job: Job, archive: Archive, problems: list[str]) -> Iterator[Choice]:
    """The captures that a job would fetch, each once; the reasons of targets that have none go to `problems`."""
    seen = set()
    for target in job.targets:
        try:
            for choice in choices_of(archive, target, job.window, job.every):
                if choice.capture.key not in seen:
                    yield choice
                seen.add(choice.capture.key)
        except ArchiveStopError:
            raise
        except ArchiveError as error:
            problems.append(str(error))


def fetch(job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress) -> None:
    """Fetches what is planned into the WARC, then writes its index."""
    with closing(WarcStore(job.folder / "archive", committed=ledger.committed())) as store:
        fetch_all(archive, ledger, store, Pool(job.workers, job.max_fail, stop), progress)


def finish(job: Job, ledger: Ledger, annotator: Annotator, stop: Event, progress: Progress) -> Summary:
    """From the bytes to everything a reader opens: index, records, report, manifest."""
    write_cdxj(job.folder / "archive")
    for done in build_records(ledger.with_bytes(), job.folder, annotator, workers=job.workers):
        progress("annotate", done, 0)
        check_stop(stop)
    ledger.annotated()
    records = job.folder / "policies.jsonl"
    write_report(read_jsonl(records), job.folder / "report.html", title=f"Privacy policies in {job.folder.name}")
    counts = count_records(read_jsonl(records))
    write_manifest(job.folder, ledger, annotator.model, counts)
    failures = Counter(entry.reason for entry in ledger.entries() if entry.state == "failed")
    return Summary(ledger.counts(), counts, ledger.refused(), dict(failures.most_common()))
