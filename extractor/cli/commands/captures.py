"""`captures`: the captures that `run` would fetch, and why."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from rich.console import Console

from extractor.cli.archive_access import add_archive_options, job_of, open_archive_of
from extractor.cli.output import report_problems, write_json_line
from extractor.cli.screen import print_line
from extractor.run.collect import PlanPreview, preview_plan
from extractor.timestamps import duration

EXAMPLE = "archived-policy captures example.org --every change"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `captures`."""
    add_archive_options(parser)
    parser.add_argument("--skipped", action="store_true", help="list those that are passed over, too, with the reason")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the captures as lines of JSON, and what was counted to the screen."""
    job, preview = job_of(arguments), PlanPreview()
    for choice in preview_plan(job, open_archive_of(arguments), preview):
        if choice.taken:
            write_json_line({**asdict(choice.capture), "why": choice.why})
        elif arguments.skipped:
            write_json_line({**asdict(choice.capture), "why": choice.why, "skipped": True})
    if preview.taken and not arguments.quiet:
        _show_preview(console, preview, rate=arguments.rate, from_server="://" in arguments.archive_base)
    fatal = bool(preview.failures) or len(preview.problems) == len(job.targets)
    malformed = [f"{len(preview.malformed)} malformed rows of the index were put aside."] * bool(preview.malformed)
    return report_problems(console, preview.problems + preview.failures + malformed, fatal=fatal)


def _show_preview(console: Console, preview: PlanPreview, *, rate: float, from_server: bool) -> None:
    """Prints what a run would fetch, what it would skip and why, and how long fetching would take."""
    pages = preview.taken - preview.repeated
    time = f", about {duration(pages / rate)} at {rate:g} a second" if from_server and rate else ""
    lines = [
        f"{preview.taken} captures to fetch, {preview.repeated} of them the same bytes as another: {pages} pages{time}."
    ]
    if preview.skipped:
        reasons = ", ".join(f"{number} {reason}" for reason, number in preview.skipped.most_common())
        lines.append(f"{preview.skipped.total()} captures passed over: {reasons} (--skipped lists them).")
    if preview.home_pages:
        lines.append(f"{preview.home_pages} home pages read in search of the policy.")
    for line in lines:
        print_line(console, line)
