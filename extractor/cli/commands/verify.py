"""`verify`: whether a folder keeps what its ledger or its manifests promise."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.screen import printable
from extractor.layout import is_run_folder
from extractor.run.collect import verify

EXAMPLE = "archived-policy verify corpus"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `verify`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or one with shards or what merge wrote")


def run(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Prints the faults of the folder."""
    faults = list(verify(arguments.folder))
    for fault in faults:
        print(printable(fault))
    if not faults and not arguments.quiet:
        promise = "ledger promises" if is_run_folder(arguments.folder) else "manifests promise"
        print(f"{arguments.folder} holds what its {promise}.")
    return 1 if faults else 0
