"""`merge`: the shards of `annotate` to one file."""

from __future__ import annotations

import argparse

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.cli.screen import print_line
from extractor.run.corpus import merge

EXAMPLE = """archived-policy merge corpus
  archived-policy merge corpus -o published/policies.jsonl.zst"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `merge`."""
    parser.add_argument("folder", type=nonempty_path, metavar="DIR", help="the folder that the shards were made in")
    parser.add_argument(
        "-o",
        "--output",
        type=nonempty_path,
        metavar="FILE",
        help="JSONL, by its name .gz or .zst, or .parquet (default: policies.jsonl in DIR; "
        "shards of Parquet stay as they are)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Merges the shards."""
    manifest = merge(arguments.folder, arguments.output)
    if not arguments.quiet:
        unread = f", {manifest['unread']} pages or parts of them could not be read" if manifest["unread"] else ""
        counts = f"{manifest['records']['policies']} records of {len(manifest['shards'])} shards"
        files = list(manifest["files"])
        place = arguments.output or (arguments.folder / files[0] if len(files) == 1 else arguments.folder)
        print_line(console, f"{counts} in {place}{unread}")
    return 0
