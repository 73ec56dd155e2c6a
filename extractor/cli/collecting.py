"""`run` and `captures`: what is had from an archive."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Event

from rich.console import Console

from extractor.cli.output import report_problems, write_line
from extractor.cli.parser import WAYBACK_MACHINE
from extractor.cli.screen import Bar, show_plan, show_summary
from extractor.errors import InterruptedRunError
from extractor.run.collect import Job, PlanPreview, RunSummary, preview_plan, run_job
from extractor.run.folder import lock_folder
from extractor.run.pipeline.annotator import load_to_stay
from extractor.wayback import Archive, Visitor, open_archive, parse_window, read_targets

log = logging.getLogger("extractor.cli")


def run_command(arguments: argparse.Namespace, console: Console) -> int:
    """`run`."""
    job = job_of(arguments)
    with stopping() as stop:
        with lock_folder(job.folder):
            pass  # where another run is at work, that is said before an archive is opened and a model loaded
        archive = archive_of(arguments, stop)
        annotator = load_to_stay(arguments.model)
        with Bar(console, quiet=arguments.quiet, waiting=archive.waiting) as bar:
            summary = run_job(job, archive, annotator, stop=stop, progress=bar)
    if summary.captures and not arguments.quiet:
        show_summary(console, summary, job.folder)
    return report_problems(console, problems_of(summary), fatal=not summary.records["policies"])


def problems_of(summary: RunSummary) -> list[str]:
    """The targets that have no captures and the captures that could not be had, each with the reason."""
    failures = [f"{count} × {reason}" for reason, count in summary.failures.items()]
    return [reason for _, reason in summary.refused] + failures


def job_of(arguments: argparse.Namespace) -> Job:
    """The job that the arguments describe."""
    return Job(
        targets=tuple(read_targets(arguments.targets)),
        folder=getattr(arguments, "output", Path()),
        window=parse_window(arguments.start, arguments.end),
        every=arguments.every,
        archive_name=archive_name(arguments.archive_base),
        workers=getattr(arguments, "workers", 1),
        max_fail=getattr(arguments, "max_fail", float("inf")),
        contact=arguments.contact,
        lift_ban=arguments.lift_ban,
    )


def archive_name(base: str) -> str:
    """What the ledger knows an archive by: a URL as it is, a file by its name, wherever it lies."""
    return base.rstrip("/") if "://" in base else Path(base).name


def archive_of(arguments: argparse.Namespace, stop: Event | None = None) -> Archive:
    """The archive that the arguments name; `stop` ends its waits."""
    if arguments.archive_base == WAYBACK_MACHINE and not arguments.contact:
        log.warning("No --contact is set: the archive cannot reach you, and may block you instead.")
    return open_archive(
        arguments.archive_base,
        rate=arguments.rate,
        cdx_rate=arguments.cdx_rate,
        connections=getattr(arguments, "workers", 1),
        visitor=Visitor(arguments.contact, stop, arguments.lift_ban),
    )


@contextmanager
def stopping() -> Iterator[Event]:
    """An event that the first Ctrl-C (or SIGTERM) sets, so that the run drains; the second stops at once."""
    stop = Event()

    def on_signal(number: int, frame: object) -> None:  # noqa: ARG001
        if stop.is_set():
            os._exit(InterruptedRunError.exit_code)
        stop.set()
        print("Stopping when the pages in flight are in; once more to stop now.", file=sys.stderr)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def captures_command(arguments: argparse.Namespace, console: Console) -> int:
    """`captures`."""
    job, plan = job_of(arguments), PlanPreview()
    for choice in preview_plan(job, archive_of(arguments), plan):
        if choice.taken:
            write_line({**asdict(choice.capture), "why": choice.why})
        elif arguments.skipped:
            write_line({**asdict(choice.capture), "why": choice.why, "skipped": True})
    if plan.taken and not arguments.quiet:
        show_plan(console, plan, rate=arguments.rate, to_server="://" in arguments.archive_base)
    return report_problems(console, plan.problems, fatal=len(plan.problems) == len(job.targets))
