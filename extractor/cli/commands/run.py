"""`run`: the main job, from targets to a run folder."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.cli.archive_access import add_archive_options, job_of, open_archive_of, stop_on_signals
from extractor.cli.options import nonempty_path, nonnegative_float, positive_int
from extractor.cli.output import report_problems
from extractor.cli.screen import ProgressBar
from extractor.layout import RECORDS, REPORT
from extractor.records import PRACTICES
from extractor.run.collect import RunSummary, describe_failed_lookup, run_job
from extractor.run.folder import DENIED, lock_folder
from extractor.run.pipeline import load_long_lived
from extractor.wayback import DEFAULT_WARC_SIZE

EXAMPLE = "archived-policy run example.org --from 2005 --to 2015 -o example"
_RUN_AGAIN = "Run the same command again to look up what failed."


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `run`."""
    add_archive_options(parser)
    parser.add_argument("-o", "--output", type=nonempty_path, required=True, metavar="DIR", help="the run folder")
    parser.add_argument("--workers", type=positive_int, default=4, metavar="N", help="pages in flight (default: 4)")
    parser.add_argument(
        "--max-fail",
        type=nonnegative_float,
        default=float("inf"),
        metavar="F",
        help="stop at more failures: a share under 1, or a count",
    )
    parser.add_argument(
        "--retry",
        type=_outcomes,
        default=(),
        metavar="OUTCOMES",
        help="ask again for captures that failed with these outcomes, such as not-held,denied; `all` for every one, "
        "`damaged` for those whose bytes in the WARC are not whole",
    )
    parser.add_argument(
        "--warc-size",
        type=_bytes,
        default=DEFAULT_WARC_SIZE,
        metavar="SIZE",
        help="begin another WARC after so many bytes, such as 500M (default: 1G)",
    )
    parser.add_argument("--model", default="fast", help="fast, accurate, or the folder of a model")


def _outcomes(word: str) -> tuple[str, ...]:
    """Outcomes with commas between them."""
    found = tuple(filter(None, (outcome.strip() for outcome in word.split(","))))
    if unknown := [outcome for outcome in found if not re.fullmatch(r"[a-z]+(-[a-z]+)*", outcome)]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no outcome: docs/wayback.md lists them")
    return found


def _bytes(word: str) -> int:
    """A number of bytes, with K, M or G for thousands, millions and billions of them."""
    found = re.fullmatch(r"([1-9][0-9]{0,11})([KMG]?)B?", word.upper())
    if not found:
        raise argparse.ArgumentTypeError("must be a number of bytes such as 500M or 1G")
    return int(found[1]) * {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}[found[2]]


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Runs the job and shows its outcome."""
    job = job_of(arguments)
    with stop_on_signals() as stop:
        with lock_folder(job.folder):
            pass  # where another run is at work, that is said before an archive is opened and a model loaded
        archive = open_archive_of(arguments, stop)
        annotator = load_long_lived(arguments.model)
        with ProgressBar(console, quiet=arguments.quiet, waiting=archive.wait_reason) as bar:
            summary = run_job(job, archive, annotator, stop=stop, progress=bar)
    if summary.captures and not arguments.quiet:
        _show_summary(console, summary, job.folder)
    is_incomplete = bool(summary.failed_lookups) or not summary.records["policies"]
    return report_problems(console, _problems_of(summary), fatal=is_incomplete)


def _problems_of(summary: RunSummary) -> list[str]:
    """The targets without captures, what failed, each with the reason, and how many rows of the index are malformed."""
    failures = [f"{count} × {reason}" for reason, count in summary.failures.items()]
    lookups = [describe_failed_lookup(*failed) for failed in summary.failed_lookups]
    malformed = f"{summary.malformed_rows} malformed rows of the index were put aside (ledger.sqlite, table malformed)."
    return [
        *(reason for _, reason in summary.refused),
        *failures,
        *lookups,
        *[malformed] * bool(summary.malformed_rows),
        *[_RUN_AGAIN] * bool(lookups),
    ]


def _show_summary(console: Console, summary: RunSummary, folder: Path) -> None:
    console.print(_outcome_table(summary))
    unusual = {name: number for name, number in summary.outcomes.items() if name not in ("whole", "")}
    if unusual:
        words = ", ".join(f"{number} {name}" for name, number in unusual.items())
        console.print(Text(f"{summary.outcomes.get('whole', 0)} captures as they are, {words} (docs/wayback.md)"))
    if summary.differing:
        words = "captures came with other bytes than the index's digest names (fixity in ledger.sqlite: differs)"
        console.print(Text(f"{summary.differing} {words}"), soft_wrap=True)
    if redirects := summary.index["redirects skipped"]:
        words = f"captures passed over, {redirects} of them redirects (--every all takes them)"
        console.print(Text(f"{summary.index['skipped']} {words}"), soft_wrap=True)
    console.print(_practice_table(summary))
    console.print(Text(f"Records: {folder / RECORDS}   To read: {folder / REPORT}"), soft_wrap=True)


def _outcome_table(summary: RunSummary) -> Table:
    """How many captures were planned, and what became of them."""
    captures, records = summary.captures, summary.records
    table = Table("captures", "fetched", "failed", "records", "usable", "labelled", "segments")
    numbers = (
        sum(captures.values()),
        captures.get("annotated", 0),
        captures.get("failed", 0),
        records["policies"],
        records["usable"],
        records["labelled"],
        records["segments"],
    )
    table.add_row(*map(str, numbers))
    return table


def _practice_table(summary: RunSummary) -> Table:
    """How many of the labelled policies mention each practice, and how many of these only deny it."""
    counts = summary.records
    table = Table("policies that mention", *PRACTICES)
    table.add_row(f"of {counts['labelled']} labelled", *(str(counts[name]) for name in PRACTICES))
    table.add_row("and only deny it", *(str(counts[DENIED + name]) for name in PRACTICES))
    return table
