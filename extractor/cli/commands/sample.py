"""`sample`: texts for raters who do not see the labels."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.options import nonempty_path, positive_int
from extractor.cli.screen import ProgressBar, print_line
from extractor.layout import AUDIT, records_folder

EXAMPLE = "archived-policy sample corpus --per-stratum 10"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `sample`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl or .parquet")
    parser.add_argument("--policy", default="", metavar="NAME", help="only this policy, or this site")
    parser.add_argument("--per-stratum", type=positive_int, required=True, metavar="N", help="texts to draw from each")
    parser.add_argument(
        "--unit",
        choices=("segments", "sites"),
        default="segments",
        help="what is drawn: segments, or sites in half-years, as history counts them (default: segments)",
    )
    parser.add_argument("--years", type=positive_int, default=5, metavar="N", help="of a stratum (default: 5)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another one draws other texts (default: 0)")
    parser.add_argument(
        "-o", "--output", type=nonempty_path, metavar="FOLDER", help="(default: audit/ in the run folder)"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Draws the sample."""

    from extractor.run.studies import SamplePlan, write_sample

    plan = SamplePlan(arguments.per_stratum, arguments.unit, arguments.years, arguments.seed, arguments.policy)
    output = arguments.output or records_folder(arguments.folder) / AUDIT
    with ProgressBar(console, quiet=arguments.quiet) as bar:
        summary = write_sample(arguments.folder, output, plan, bar)
    if not arguments.quiet:
        print_line(console, summary)
    return 0
