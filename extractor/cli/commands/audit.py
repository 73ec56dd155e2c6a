"""`audit`: how right the labels are, by raters' answers."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.cli.output import write_out
from extractor.exports import encode_line

EXAMPLE = "archived-policy audit corpus sheet-anna.csv sheet-ben.csv"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `audit`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run folder, or the folder of the sample")
    parser.add_argument(
        "sheets",
        nargs="+",
        type=nonempty_path,
        metavar="CORRECTED",
        help="filled-in sheets, or Label Studio's export as JSON; one with all answers, or one a rater",
    )
    parser.add_argument(
        "-o", "--output", type=nonempty_path, metavar="FILE", help="(default: audit.json beside the sample)"
    )
    parser.add_argument("--policy", default="", metavar="NAME", help="the policy or site that the sample has to be of")
    parser.add_argument(
        "--format", choices=("markdown", "json"), default="markdown", help="of the table that is printed"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Writes the audit and prints it."""
    from extractor.audit import audit_table
    from extractor.run.studies import audit_sample

    audit = audit_sample(arguments.folder, arguments.sheets, arguments.output, arguments.policy)
    write_out(encode_line(audit) if arguments.format == "json" else f"{audit_table(audit)}\n".encode())
    return 0
