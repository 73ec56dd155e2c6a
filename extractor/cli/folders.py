"""`status`, `verify`, `export` and `report`: what is made of a folder of records."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.text import Text

from extractor.cli.screen import Bar, printable
from extractor.errors import UsageError


def status_command(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """`status`."""
    from extractor.run.collect.status import status

    for line in status(arguments.folder):
        print(printable(line) if not line.startswith("  ") else f"  {printable(line)}")
    return 0


def verify_command(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """`verify`."""
    from extractor.run.collect.verify import verify

    faults = list(verify(arguments.folder))
    for fault in faults:
        print(printable(fault))
    if not faults and not arguments.quiet:
        promise = "ledger promises" if (arguments.folder / "ledger.sqlite").exists() else "manifests promise"
        print(f"{arguments.folder} holds what its {promise}.")
    return 1 if faults else 0


def export_command(arguments: argparse.Namespace, console: Console) -> int:
    """`export`."""
    from extractor.run.studies.export import export, export_wacz

    if arguments.format == "wacz":
        if arguments.per_file:
            raise UsageError("A WACZ is one file: leave --per-file out.")
        export_wacz(arguments.folder, arguments.output)
        return 0
    wanted = (arguments.folder, arguments.format, arguments.output)
    with Bar(console, quiet=arguments.quiet) as bar:
        written = export(*wanted, per_file=arguments.per_file, progress=bar)
    if not arguments.quiet:
        console.print(Text(printable(written)), soft_wrap=True)
    return 0


def report_command(arguments: argparse.Namespace, console: Console) -> int:
    """`report`."""
    from extractor.run.studies.report import report_on

    written = report_on(arguments.folder, arguments.output)
    if len(written) > 1 and not arguments.quiet:
        pages = f"{len(written) - 1:,} pages of sites in {written[1].parent}"
        console.print(Text(f"To read: {written[0]}, with {pages}"), soft_wrap=True)
    return 0
