"""Commands and options that messages, help and documentation name: they exist."""

import re
import shlex
from pathlib import Path

import pytest

from extractor.cli import build_parser
from extractor.cli.parser import command_parsers

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "Makefile", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = sorted((ROOT / "extractor").rglob("*.py"))
CALL = re.compile(r"archived-policy +([a-z][a-z-]*)([^\n`\"]*)")
MENTION = re.compile(r"`([a-z]+) (--[a-z-]+)[^`]*`")  # `evaluate --drift`, without the program's name
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
PROSE = set(
    "and authors does finds has is needs of said switches that turns was".split()
)  # "archived-policy finds captures"
COMMANDS = command_parsers(build_parser())


def options_of(command: str) -> set[str]:
    return set(COMMANDS[command]._option_string_actions)


def calls_in(path: Path) -> list[tuple[str, str]]:
    """The commands that a file names, each with the rest of its line."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    return [(name, rest) for name, rest in CALL.findall(text) if name not in PROSE and not rest.startswith("_")]


@pytest.mark.parametrize("path", [*PAGES, *SOURCES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_file_names_only_commands_and_options_that_exist(path):
    wrong = []
    for name, rest in calls_in(path):
        own = re.split(r"  |[|#;&]", rest)[0]
        unknown = set(OPTION.findall(own)) - options_of(name) if name in COMMANDS else {name}
        wrong += [f"archived-policy {name}{rest}: {sorted(unknown)}"] * bool(unknown)
    for name, option in MENTION.findall(path.read_text(encoding="utf-8")):
        if name in COMMANDS and option not in options_of(name):
            wrong.append(f"`{name} {option}`")
    assert wrong == []


def test_files_name_most_commands():
    named = {name for path in [*PAGES, *SOURCES] for name, _ in calls_in(path)}
    assert len(named & set(COMMANDS)) >= len(COMMANDS) - 2


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_in_the_help_are_calls_that_the_parser_takes(command, monkeypatch):
    parser = build_parser()
    for line in COMMANDS[command].epilog.splitlines()[1:]:
        call = re.split(r"   |>", line.rpartition("| ")[2])[0]
        program, *words = shlex.split(call)
        assert program == "archived-policy"
        assert parser.parse_args(words).command == command
