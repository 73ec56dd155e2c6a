"""`demo`: the main job on the sample archive that ships with the package."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.cli.screen import print_line
from extractor.resources import bundled_path

EXAMPLE = """archived-policy demo
  archived-policy demo -o first-look"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `demo`."""
    parser.add_argument(
        "-o",
        "--output",
        type=nonempty_path,
        default=Path("demo-output"),
        metavar="DIR",
        help="the run folder (default: demo-output)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Does what `run` does, on the targets and the archive of the sample."""
    from extractor.cli.commands import run as run_command  # `--help` does without what it loads

    sample = bundled_path("corpus/sample")
    if not arguments.quiet:
        print_line(console, "The sample archive: captures of made-up sites, nothing is fetched from the network.")
    parser = argparse.ArgumentParser()
    run_command.add_options(parser)
    words = [f"@{sample / 'targets.txt'}", "--archive-base", str(sample / "sample.warc.gz")]
    job = parser.parse_args([*words, "-o", str(arguments.output)])
    return run_command.run(argparse.Namespace(**{**vars(job), "quiet": arguments.quiet}), console)
