"""`run`: the main job, from targets to a run folder."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from extractor.cli.archive_access import add_archive_options, job_of, open_archive_of, stop_on_signals
from extractor.cli.options import nonempty_path, nonnegative_float, positive_int
from extractor.cli.output import report_problems
from extractor.cli.screen import ProgressBar, plain_table, print_commands, print_line, printable
from extractor.layout import RECORDS, REPORT
from extractor.optional import missing_extra_advice
from extractor.records import PRACTICES
from extractor.run.collect import RunSummary, SiteSummary, describe_failed_lookup, run_job
from extractor.run.folder import DENIED, lock_folder
from extractor.run.pipeline import load_long_lived
from extractor.stances import has_stance
from extractor.wayback import DEFAULT_WARC_SIZE

EXAMPLE = "archived-policy run example.org --from 2005 --to 2015 -o example"
_RUN_AGAIN = "Run the same command again to look up what failed."
_SHOWN_SITES = 10


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
        with ProgressBar(console, quiet=arguments.quiet) as bar:
            bar("open", 0, 0)
            archive = open_archive_of(arguments, stop)
            bar("load", 0, 0)
            annotator = load_long_lived(arguments.model, job.workers)
            bar.waiting = archive.wait_reason
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
        *(missing_extra_advice(extra, pages) for extra, pages in summary.missing_extras.items()),
    ]


def _show_summary(console: Console, summary: RunSummary, folder: Path) -> None:
    """Prints what was collected, site by site, what the policies say, where it is and what may come next."""
    for line in _outcome_lines(summary):
        print_line(console, line)
    if summary.sites:
        console.print("", _site_table(summary.sites))
    if len(summary.sites) > _SHOWN_SITES:
        print_line(console, f"… and {len(summary.sites) - _SHOWN_SITES:,} more sites.")
    console.print("", _practice_table(summary), "")
    print_line(console, f"Records: {folder / RECORDS}")
    print_line(console, f"To read: {folder / REPORT}")
    print_line(console, "Next, for example:")
    name, table = str(folder), str(folder / "policies.csv")
    print_commands(console, ("history", name), ("terms", name), ("export", name, "--format", "csv", "-o", table))


def _outcome_lines(summary: RunSummary) -> Iterator[str]:
    """How many captures were planned, and what became of them, in sentences."""
    captures, records = summary.captures, summary.records
    fetched, failed = captures.get("annotated", 0), captures.get("failed", 0)
    yield f"{sum(captures.values()):,} captures: {fetched:,} fetched, {failed:,} failed."
    usable, labelled = f"{records['usable']:,} usable", f"{records['labelled']:,} labelled"
    yield f"{records['policies']:,} records: {usable}, {labelled}, {records['segments']:,} segments."
    unusual = {name: number for name, number in summary.outcomes.items() if name not in ("whole", "")}
    if unusual:
        words = ", ".join(f"{number} {name}" for name, number in unusual.items())
        yield f"{summary.outcomes.get('whole', 0)} captures as they are, {words} (docs/wayback.md)."
    if summary.differing:
        words = "captures came with other bytes than the index's digest names (fixity in ledger.sqlite: differs)"
        yield f"{summary.differing} {words}."
    if redirects := summary.index["redirects skipped"]:
        words = f"captures passed over, {redirects} of them redirects (--every all takes them)"
        yield f"{summary.index['skipped']} {words}."


def _site_table(sites: Sequence[SiteSummary]) -> Table:
    """The first sites: their captures, years, and the practices of their last labelled capture."""
    table = plain_table(Column("site", no_wrap=True), Column("usable", no_wrap=True), "years", "last capture speaks of")
    for one in sites[:_SHOWN_SITES]:
        years = "–".join(dict.fromkeys((one.first[:4], one.last[:4])))
        table.add_row(printable(one.site), f"{one.usable:,} of {one.captures:,}", years, _practice_words(one))
    return table


def _practice_words(site: SiteSummary) -> str:
    """The practices that a site's last capture speaks of; those that it only denies are set apart."""
    denied = [name for name, polarity in site.practices.items() if has_stance(polarity, "denies only")]
    others = [name for name in site.practices if name not in denied]
    if len(others) == len(PRACTICES):
        return "all practices"
    return "; ".join(filter(None, (", ".join(others), f"denies {', '.join(denied)}" * bool(denied))))


def _practice_table(summary: RunSummary) -> Table:
    """How many of the labelled policies mention each practice, and how many of these only deny it."""
    counts, right = summary.records, partial(Column, justify="right")
    table = plain_table("practice", right(f"mentioned by, of {counts['labelled']:,}"), right("only denied by"))
    for name in PRACTICES:
        table.add_row(name, f"{counts[name]:,}", f"{counts[DENIED + name]:,}")
    return table
