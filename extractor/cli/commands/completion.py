"""`completion`: the script that completes commands, options and files in a shell."""

from __future__ import annotations

import argparse

from rich.console import Console

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

    from extractor.cli.parser import build_parser  # it loads this module

    script: str = shtab.complete(build_parser(), arguments.shell)
    write_out(f"{script}\n".encode())
    return 0
