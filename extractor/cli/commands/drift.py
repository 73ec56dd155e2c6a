"""`drift`: how far the wording of each year is from the training data."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from rich.console import Console

from extractor.cli.options import nonempty_path

EXAMPLE = "archived-policy drift corpus"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `drift`."""
    parser.add_argument("folder", type=nonempty_path, metavar="DIR", help="a run folder, or a policies.jsonl")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown", help="(default: markdown)")


def run(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Prints the drift of each year, and a warning where it is large."""
    from extractor.run.studies import drift_by_year, drift_table, drift_warnings

    drifts = drift_by_year(arguments.folder)
    if arguments.format == "json":
        print(json.dumps({one.period: {**asdict(one), "far": one.exceeds_limit} for one in drifts}, indent=2))
    else:
        print("\n\n".join([drift_table(drifts), *drift_warnings(drifts)]))
    return 0
