"""`export`: records in another format."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.options import nonempty_path, positive_int
from extractor.cli.screen import ProgressBar, print_line
from extractor.errors import UsageError
from extractor.exports import EXPORT_FORMATS, TABLE_ROWS

EXAMPLE = "archived-policy export corpus --format parquet -o segments.parquet"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `export`."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl (.gz, .zst) or .parquet"
    )
    parser.add_argument(
        "--format",
        choices=(*EXPORT_FORMATS, "wacz"),
        required=True,
        metavar="F",
        help=f"{', '.join(EXPORT_FORMATS)}, or wacz: the archive in one file, for replay (docs/formats.md)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=nonempty_path,
        required=True,
        metavar="PATH",
        help="jsonl and csv: by its name .gz or .zst",
    )
    parser.add_argument(
        "--rows",
        choices=TABLE_ROWS,
        help="of csv and parquet: a row a policy or a row a segment (default: csv policies, parquet segments)",
    )
    parser.add_argument(
        "--per-file", type=positive_int, default=0, metavar="N", help="a folder of files with N policies each"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the export."""
    from extractor.run.studies import export, export_wacz

    if arguments.format == "wacz":
        if arguments.per_file:
            raise UsageError("A WACZ is one file: leave --per-file out.")
        if arguments.rows:
            raise UsageError("A WACZ has no rows to choose: leave --rows out.")
        export_wacz(arguments.folder, arguments.output)
        if not arguments.quiet:
            print_line(console, f"The archive is in {arguments.output}.")
        return 0
    source, name, output = arguments.folder, arguments.format, arguments.output
    with ProgressBar(console, quiet=arguments.quiet) as bar:
        written = export(source, name, output, rows=arguments.rows, per_file=arguments.per_file, progress=bar)
    if not arguments.quiet:
        print_line(console, written)
    return 0
