"""`history`, `sample` and `audit`: policies over time, and how far their labels can be believed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from extractor.audit import audit_table
from extractor.cli.differences import diff_lines, plain_diff
from extractor.cli.output import report_problems, write_out
from extractor.cli.screen import printable, show_history
from extractor.exports import encode_line
from extractor.history import Diff
from extractor.run.studies.audit import SamplePlan, audit_sample, write_sample
from extractor.run.studies.history import diff_captures, write_history


def history_command(arguments: argparse.Namespace, console: Console) -> int:
    """`history`."""
    if arguments.diff:
        return diff_command(arguments)
    options = {"every": arguments.every, "parquet": arguments.parquet, "audits": arguments.audit}
    summary = write_history(arguments.folder, history_folder(arguments), **options)
    if not arguments.quiet:
        show_history(console, summary, history_folder(arguments))
    return report_problems(console, summary.problems, fatal=False)


def diff_command(arguments: argparse.Namespace) -> int:
    """`history --diff`."""
    first, second = arguments.diff
    found = diff_captures(arguments.folder, first, second, arguments.domain)
    if arguments.output:
        arguments.output.write_bytes(encode_line(found) if arguments.format == "json" else plain_diff(found).encode())
    elif arguments.format == "json":
        write_out(encode_line(found))
    else:
        write_diff(found)
    return 0


def write_diff(found: Diff) -> None:
    """Writes a diff to standard output: with colours on a terminal, the same words without elsewhere."""
    if sys.stdout and sys.stdout.isatty():
        Console(highlight=False).print(diff_lines(found), soft_wrap=True)
    else:
        write_out(plain_diff(found).encode())


def sample_command(arguments: argparse.Namespace, console: Console) -> int:
    """`sample`."""
    plan = SamplePlan(arguments.per_stratum, arguments.unit, arguments.years, arguments.seed)
    summary = write_sample(arguments.folder, arguments.output or beside(arguments.folder) / "audit", plan)
    if not arguments.quiet:
        console.print(Text(printable(summary)), soft_wrap=True)
    return 0


def audit_command(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """`audit`."""
    audit = audit_sample(arguments.folder, arguments.sheets, arguments.output)
    write_out(encode_line(audit) if arguments.format == "json" else f"{audit_table(audit)}\n".encode())
    return 0


def history_folder(arguments: argparse.Namespace) -> Path:
    """Where a history goes: beside the records."""
    return arguments.output or beside(arguments.folder) / "history"


def beside(place: Path) -> Path:
    """The folder of the records."""
    return place if place.is_dir() else place.parent
