"""`report`: records and their histories as HTML."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.cli.screen import ProgressBar, print_line
from extractor.layout import REPORT

EXAMPLE = "archived-policy report corpus -o corpus.html"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `report`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl or .parquet")
    parser.add_argument("--policy", default="", metavar="NAME", help="only this policy, or this site")
    parser.add_argument(
        "-o", "--output", type=nonempty_path, default=Path(REPORT), metavar="FILE", help=f"(default: {REPORT})"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the report."""
    from extractor.run.studies import report_on

    with ProgressBar(console, quiet=arguments.quiet) as bar:
        written = report_on(arguments.folder, arguments.output, arguments.policy, progress=bar)
    if len(written) > 1 and not arguments.quiet:
        print_line(console, f"To read: {written[0]}; pages of sites ({len(written) - 1:,}): {written[1].parent}")
    return 0
