"""`completion`: the script that completes commands, options and files in a shell."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.cli.output import write_out

EXAMPLE = """archived-policy completion bash > ~/.local/share/bash-completion/completions/archived-policy
  archived-policy completion zsh > ~/.zfunc/_archived-policy           (with ~/.zfunc in fpath)
  archived-policy completion fish > ~/.config/fish/completions/archived-policy.fish"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `completion`."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="bash, zsh or fish")


def run(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Writes the script."""
    import shtab

    from extractor.cli.parser import build_parser, command_parsers  # it loads this module

    parser = build_parser()
    for command in command_parsers(parser).values():
        for action in command._actions:
            if action.type in (Path, nonempty_path):
                action.complete = shtab.DIR if action.metavar == "DIR" else shtab.FILE  # type: ignore[attr-defined]
    write_out(f"{shtab.complete(parser, arguments.shell)}\n".encode())
    return 0
