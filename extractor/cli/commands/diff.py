"""`diff`: two captures of a policy, word by word."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.cli.output import write_out
from extractor.exports import encode_line

EXAMPLE = "archived-policy diff corpus 2010 2018 --policy shop.example"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `diff`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl or .parquet")
    parser.add_argument("before", metavar="FROM", help="a capture by its timestamp, or as much of it as is needed")
    parser.add_argument("after", metavar="TO", help="the other capture, likewise")
    parser.add_argument("--policy", default="", metavar="NAME", help="the policy or the site, where there are several")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="(default: text)")
    parser.add_argument("-o", "--output", type=nonempty_path, metavar="FILE", help="(default: standard output)")


def run(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Writes the diff."""
    return show_diff(arguments, arguments.before, arguments.after)


def show_diff(arguments: argparse.Namespace, before: str, after: str) -> int:
    """Writes a diff to a file or to standard output: with colours on a terminal, the same words without elsewhere."""

    from extractor.cli.diff_text import plain_diff, styled_diff
    from extractor.run.studies import diff_captures

    found = diff_captures(arguments.folder, before, after, arguments.policy)
    data = encode_line(found) if arguments.format == "json" else plain_diff(found).encode()
    if arguments.output:
        arguments.output.write_bytes(data)
    elif arguments.format == "text" and sys.stdout and sys.stdout.isatty():
        Console(highlight=False).print(styled_diff(found), soft_wrap=True)
    else:
        write_out(data)
    return 0
