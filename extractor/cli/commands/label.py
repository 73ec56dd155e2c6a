"""`label`: labels and scores for texts of one's own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from extractor.cli.output import report_problems, write_json_line
from extractor.errors import UsageError
from extractor.run.pipeline import label_lines, load

EXAMPLE = 'echo \'{"text": "We use cookies."}\' | archived-policy label'


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `label`."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="JSONL (default: standard input)")
    parser.add_argument(
        "--scheme",
        choices=("practices", "opp115"),
        default="practices",
        help="the five practices, or the twelve categories of OPP-115 (default: practices)",
    )
    parser.add_argument("--model", default="fast", help="fast, accurate, or the folder of a model")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the same lines with labels added."""
    if not arguments.file and sys.stdin is None:
        raise UsageError("Standard input is closed: name a file with a line of JSON for each text.")
    stream = arguments.file.open("rb") if arguments.file else sys.stdin.buffer
    problems: list[str] = []
    with stream:
        for line in label_lines(stream, load(arguments.model).model, arguments.scheme, problems):
            write_json_line(line)
    return report_problems(console, problems, fatal=bool(problems))
