"""The parser of `archived-policy`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from extractor.cli.commands import COMMANDS
from extractor.version import VERSION

_DESCRIPTION = "Privacy policies of the past: found in the Wayback Machine, cleaned, cut into segments and labelled."
_EPILOG = """examples:
  archived-policy run example.org https://shop.example/privacy --from 2005 --to 2015 -o shops
  archived-policy run @sites.txt --every year -o corpus          one target a line
  archived-policy captures example.org --every change            what would be fetched, and why
  archived-policy annotate pages/ crawl.warc.gz -o policies.jsonl.gz
  archived-policy annotate pages/ -o corpus --shards 100 --shard 7    a share of it; merge puts them together
  archived-policy extract policy.html --format markdown
  archived-policy status corpus                                  how far a run in the background is
  archived-policy verify corpus
  archived-policy history corpus                                 what changed, when, and with which words
  archived-policy sample corpus --per-stratum 10                 what raters are to read, for audit

exit codes: 0 done, 1 error, 2 usage, 3 disk full, 4 bad configuration or model, 5 more failures than --max-fail,
11 interrupted (run again to go on), 18 the archive asked to stop.
"""


def build_parser(loaded: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """The parser with all commands; only those `loaded` have their options, as to load a command takes time."""
    parser = argparse.ArgumentParser(
        "archived-policy",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"archived-policy {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text in COMMANDS.items():
        subparser = commands.add_parser(
            name,
            help=help_text,
            description=f"{help_text[0].upper()}{help_text[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name in loaded:
            _add_options(subparser, load_command(name))
    return parser


def _add_options(parser: argparse.ArgumentParser, command: Any) -> None:
    """The options of a command, and those that all have."""
    parser.epilog = f"example:\n  {command.EXAMPLE}"
    parser.add_argument("--quiet", "-q", action="store_true", help="no progress and no summary, only warnings")
    command.add_options(parser)


def load_command(name: str) -> Any:
    """The module of a command: it has `add_options`, `run` and `EXAMPLE`."""
    return import_module(f"extractor.cli.commands.{name}")
