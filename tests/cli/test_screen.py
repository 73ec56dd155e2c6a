"""What a person sees of a job: bars on a terminal, lines elsewhere, words that stay whole."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from extractor.cli import screen
from extractor.cli.screen import ProgressBar, print_commands, print_line

COMMAND = Path(sys.executable).with_name("archived-policy")


def terminal(width: int = 120) -> Console:
    return Console(force_terminal=True, width=width, record=True, file=io.StringIO())


def test_progress_bar_shows_what_the_run_waits_for_and_what_failed():
    console = terminal()
    with ProgressBar(console, quiet=False) as bar:
        bar.waiting = lambda: "paused by the archive, 60 s left"
        bar("fetch", 3, 10, 2)
    shown = console.export_text()
    assert "3 of 10" in shown
    assert "2 failed, paused by the archive, 60 s left" in shown


def test_progress_bar_names_what_is_looked_up():
    console = terminal()
    with ProgressBar(console, quiet=False) as bar:
        bar("load", 0, 0)
        bar("plan", 2, 20, 0, "example.org")
    shown = console.export_text()
    assert shown.index("Loading the model") < shown.index("Looking up example.org")
    assert shown.rstrip().endswith("2 of 20")
    assert "Loading" not in shown.rpartition("Looking up example.org")[2]


@pytest.mark.parametrize(
    ("quiet", "lines"), [(False, ["Looking up a.example: 2 of 20", "Fetching: 3 of 10, 2 failed"]), (True, [])]
)
def test_progress_without_a_terminal_is_a_line_now_and_then(quiet, lines, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(screen.time, "monotonic", lambda: clock[0])
    console = Console(file=io.StringIO(), force_terminal=False, width=80)
    with ProgressBar(console, quiet=quiet) as bar:
        for seconds, report in (
            (5, ("plan", 1, 20)),
            (31, ("plan", 2, 20, 0, "a.example")),
            (40, ("plan", 3, 20)),
            (62, ("fetch", 3, 10, 2)),
        ):
            clock[0] = seconds
            bar(*report)
    assert console.file.getvalue().splitlines() == lines


@pytest.mark.parametrize("width", [40, 60])
def test_line_on_a_terminal_is_wrapped_between_words_only(width):
    console = terminal(width)
    path = "/home/somebody/studies/of-the-year-2026/children/policies.jsonl"
    print_line(console, f"Records of all the sites that were found in the archive: {path} and more words")
    shown = console.export_text()
    assert path in shown.splitlines()
    assert all(len(line) <= width for line in shown.splitlines() if line != path)


def test_line_elsewhere_is_not_wrapped():
    console = Console(file=io.StringIO(), force_terminal=False, width=40)
    print_line(console, "word " * 40)
    assert len(console.file.getvalue().splitlines()) == 1


@pytest.mark.parametrize(
    ("program", "on_path", "shown"),
    [
        (".venv/bin/archived-policy", False, "  .venv/bin/archived-policy history 'my corpus'"),
        ("/usr/bin/archived-policy", True, "  archived-policy history 'my corpus'"),
        ("pytest", False, "  archived-policy history 'my corpus'"),
    ],
)
def test_commands_are_printed_as_they_can_be_typed(program, on_path, shown, monkeypatch, tmp_path):
    if on_path:
        (tmp_path / "archived-policy").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [program])
    console = terminal(20)
    print_commands(console, ("history", "my corpus"))
    assert console.export_text(styles=False) == f"{shown}\n"
