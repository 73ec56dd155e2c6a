"""The parser of `archived-policy`."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from rich.console import Console

from extractor.cli.commands import COMMAND_GROUPS, COMMANDS
from extractor.cli.screen import print_line
from extractor.cli.suggestions import suggestion, unknown_arguments, unknown_command
from extractor.version import VERSION

_PROGRAM = "archived-policy"
_DESCRIPTION = """\
Privacy policies of the past: found in the Wayback Machine, cleaned, cut into segments and labelled.

to begin with:
  archived-policy demo
  archived-policy run example.org --from 2015 -o example
"""
_EPILOG = """`archived-policy COMMAND --help` has its options and an example.

exit codes: 0 done, 1 error, 2 usage, 3 disk full, 4 bad configuration or model, 5 more failures than --max-fail, \
11 interrupted (run again to go on), 18 the archive asked to stop.
"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Wraps the paragraphs of a description, and leaves its indented lines, which are commands, as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = text.splitlines()
        return "\n".join(line if line.startswith(" ") else textwrap.fill(line, width) for line in lines) + indent


class _Parser(argparse.ArgumentParser):
    """A parser that suggests what was meant: argparse does it from Python 3.14 on only, and not for options."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As in argparse; what is not known is an error here, where the options are known that come near."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            is_command = self.prog != _PROGRAM
            self.error(unknown_arguments(unknown, self._option_string_actions, after_command=is_command))
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        if action.dest == "command":
            self.error(unknown_command(value))
        choices = list(map(str, action.choices))
        message = f"invalid choice: {value!r} (choose from {', '.join(map(repr, choices))})."
        raise argparse.ArgumentError(action, message + suggestion(str(value), choices))

    def error(self, message: str) -> NoReturn:
        """Ends the program with code 2 and a message below the usage, which leaves out what may be left out."""
        needed = [action for action in self._actions if action.required or not action.option_strings]
        formatter = self._get_formatter()
        formatter.add_usage(self.usage or f"%(prog)s [options] {_without_program(needed)}", needed, [])
        for line in (formatter.format_help(), f"{self.prog}: {message}", f"See `{self.prog} --help`."):
            print_line(Console(stderr=True, highlight=False), line)
        self.exit(2)


def _without_program(actions: Sequence[argparse.Action]) -> str:
    """The usage of a few arguments without the name of the program."""
    formatter = argparse.HelpFormatter("", width=1000)
    formatter.add_usage(None, actions, [], "")
    return formatter.format_help().strip()


class _MainParser(_Parser):
    """The parser of the program itself, whose help groups the commands by what they are for."""

    def format_help(self) -> str:
        """The help: usage, the commands to begin with, all commands, the options, the exit codes."""
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, [], [])
        formatter.add_text(self.description)
        for title, commands in COMMAND_GROUPS.items():
            formatter.start_section(title)
            formatter.add_arguments([argparse.Action([], name, help=text) for name, text in commands.items()])
            formatter.end_section()
        formatter.start_section("options")
        formatter.add_arguments([action for action in self._actions if action.option_strings])
        formatter.end_section()
        formatter.add_text(self.epilog)
        return formatter.format_help()


def build_parser(loaded: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """The parser with all commands; only those `loaded` have their options, as to load a command takes time."""
    usage = "%(prog)s COMMAND ..."
    parser = _MainParser(_PROGRAM, usage, description=_DESCRIPTION, epilog=_EPILOG, formatter_class=_Formatter)
    parser.add_argument("--version", action="version", version=f"{_PROGRAM} {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", prog=_PROGRAM, parser_class=_Parser)
    for name, help_text in COMMANDS.items():
        description = f"{help_text[0].upper()}{help_text[1:]}."
        subparser = commands.add_parser(name, help=help_text, description=description, formatter_class=_Formatter)
        if name in loaded:
            _add_options(subparser, load_command(name))
    return parser


def command_parsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parser of each command, by its name."""
    return next(dict(action.choices) for action in parser._actions if isinstance(action.choices, dict))


def _add_options(parser: argparse.ArgumentParser, command: Any) -> None:
    """The options of a command, and those that all have."""
    parser.epilog = f"example:\n  {command.EXAMPLE}"
    parser.add_argument("--quiet", "-q", action="store_true", help="no progress and no summary, only warnings")
    command.add_options(parser)


def load_command(name: str) -> Any:
    """The module of a command: it has `add_options`, `run` and `EXAMPLE`."""
    return import_module(f"extractor.cli.commands.{name}")
