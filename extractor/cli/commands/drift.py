"""`drift`: how far the wording of each year is from the training data, and how right labels of its era were."""

from __future__ import annotations

import argparse
import json

from rich.console import Console

from extractor.cli.options import nonempty_path

EXAMPLE = "archived-policy drift corpus"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `drift`."""
    parser.add_argument(
        "folder", type=nonempty_path, metavar="DIR", help="a run folder, or a policies.jsonl or .parquet"
    )
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown", help="(default: markdown)")


def run(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Prints the drift of each year, and the warnings."""
    from extractor.run.studies import drift_by_year, drift_figures, drift_table, drift_warnings

    drifts = drift_by_year(arguments.folder)
    if arguments.format == "json":
        print(json.dumps(drift_figures(drifts), indent=2))
    else:
        print("\n\n".join([drift_table(drifts), *drift_warnings(drifts)]))
    return 0
