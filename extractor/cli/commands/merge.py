"""`merge`: the shards of `annotate` to one file."""

from __future__ import annotations

import argparse

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.cli.screen import print_line
from extractor.layout import RECORDS
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
        help="JSONL, by its name .gz or .zst (default: policies.jsonl in DIR)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Merges the shards."""
    output = arguments.output or arguments.folder / RECORDS
    manifest = merge(arguments.folder, output)
    if not arguments.quiet:
        unread = f", {manifest['unread']} pages or parts of them could not be read" if manifest["unread"] else ""
        counts = f"{manifest['records']['policies']} records of {len(manifest['shards'])} shards"
        print_line(console, f"{counts} in {output}{unread}")
    return 0
