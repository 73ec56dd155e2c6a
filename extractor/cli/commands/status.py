"""`status`: how far a run is."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.screen import printable
from extractor.run.collect import status

EXAMPLE = "archived-policy status corpus"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `status`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run folder")


def run(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Prints the state of the run."""
    for line in status(arguments.folder):
        print(printable(line) if not line.startswith("  ") else f"  {printable(line)}")
    return 0
