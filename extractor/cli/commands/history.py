"""`history`: what changed between captures, and how practices spread over sites."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from extractor.cli.commands.diff import show_diff
from extractor.cli.options import nonempty_path
from extractor.cli.output import report_problems
from extractor.cli.screen import ProgressBar, plain_table, print_line
from extractor.layout import HISTORY, records_folder

if TYPE_CHECKING:
    from extractor.run.studies import HistorySummary

EXAMPLE = "archived-policy history corpus"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `history`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl or .parquet")
    parser.add_argument("--policy", default="", metavar="NAME", help="only this policy, or this site")
    parser.add_argument(
        "-o",
        "--output",
        type=nonempty_path,
        metavar="OUT",
        help="the folder for events.jsonl, passages.jsonl, tables and charts (default: history/ in the run folder)",
    )
    parser.add_argument(
        "--every", choices=("half-year", "year"), default="half-year", help="periods of the tables (default: half-year)"
    )
    parser.add_argument("--parquet", action="store_true", help="write the tables as Parquet as well")
    parser.add_argument(
        "--audit",
        type=nonempty_path,
        action="append",
        default=[],
        metavar="FILE",
        help="audit.json of `audit`: correct the trends by it; once for segments, once for sites",
    )
    _add_former_options(parser)


def _add_former_options(parser: argparse.ArgumentParser) -> None:
    """The options that `diff` had before it was a command of its own; they still work."""
    parser.add_argument("--diff", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--domain", dest="policy", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument("--format", choices=("text", "json"), default="text", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the history."""
    from extractor.run.studies import write_history

    if arguments.diff:
        return show_diff(arguments, *arguments.diff)
    output = arguments.output or records_folder(arguments.folder) / HISTORY
    with ProgressBar(console, quiet=arguments.quiet) as bar:
        summary = write_history(
            arguments.folder,
            output,
            every=arguments.every,
            parquet=arguments.parquet,
            audits=arguments.audit,
            policy=arguments.policy,
            progress=bar,
        )
    if not arguments.quiet:
        _show_summary(console, summary, output)
    return report_problems(console, summary.problems, fatal=False)


def _show_summary(console: Console, summary: HistorySummary, folder: Path) -> None:
    """Prints the size of the history, and where it is."""
    if not summary.policies:
        print_line(console, "No policy has a usable, labelled capture with a time, so there is no history to write.")
        return
    table = plain_table("policies", "captures", "passages", "events")
    table.add_row(*map(str, (summary.policies, summary.captures, summary.passages, summary.events.total())))
    console.print(table)
    kinds = ", ".join(f"{count} {kind}" for kind, count in summary.events.most_common())
    print_line(console, kinds or "No policy has two captures that differ.")
    print_line(console, f"Events: {folder / 'events.jsonl'}")
    print_line(console, f"Tables and charts: {folder}")
