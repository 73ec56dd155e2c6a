"""`extract`: one page to its clean policy."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.output import report_problems, write_out
from extractor.exports import encode_line
from extractor.run.pipeline import extract_page

EXAMPLE = "archived-policy extract policy.html"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `extract`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a page: HTML, PDF, Markdown or text")
    parser.add_argument(
        "--format",
        choices=("markdown", "text", "json"),
        default="markdown",
        help="of what is written (default: markdown)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the policy to standard output."""
    policy = extract_page(arguments.file)
    if arguments.format == "json":
        write_out(encode_line(policy))
    else:
        write_out((policy.markdown if arguments.format == "markdown" else f"{policy.text}\n").encode())
    reasons = [] if policy.verdict.usable else [f"{arguments.file}: {reason}." for reason in policy.verdict.reasons]
    return report_problems(console, reasons, fatal=bool(reasons))
