"""What a person sees of a job: bars on a terminal, lines elsewhere, words that stay whole."""

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from extractor.cli import main, screen
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


PAGE = (
    "<title>Privacy</title><h1>Privacy policy</h1><p>We use cookies to remember what is in your basket. You can set your "
    "browser to refuse cookies. We share your personal information with third parties such as advertisers.</p>"
)


@pytest.fixture
def pages(tmp_path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.html").write_text(PAGE)
    return folder


def test_annotate_into_a_file_ends_with_a_summary_and_the_next_commands(pages, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    (pages / "broken.html.gz").write_bytes(b"no gzip")
    assert main(["annotate", str(pages), "-o", str(out)]) == 0
    error = capsys.readouterr().err
    assert f"3 records in {out}, 1 could not be read: " in error
    assert f"  archived-policy report {out} -o report.html\n" in error


def test_annotate_to_standard_output_ends_with_a_summary_on_stderr(pages, capsys):
    assert main(["annotate", str(pages)]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 3
    assert captured.err.startswith("3 records in standard output: ")


def test_annotate_with_quiet_prints_no_summary(pages, tmp_path, capsys):
    assert main(["annotate", str(pages), "-o", str(tmp_path / "out.jsonl"), "-q"]) == 0
    assert capsys.readouterr().err == ""


def counts_shown(monkeypatch, words: list[str]) -> set[tuple[int, int]]:
    """The (done, of) that the bar of `annotate` is called with."""
    shown = set()

    class Recorder(ProgressBar):
        def __call__(self, stage, done, of, *rest):
            shown.update([(done, of)] * (stage == "annotate"))
            super().__call__(stage, done, of, *rest)

    monkeypatch.setattr("extractor.cli.commands.annotate.ProgressBar", Recorder)
    assert main(["annotate", *words]) == 0
    return shown


def test_annotate_counts_pages_in_folders_and_lines_of_plain_jsonl_first(pages, tmp_path, monkeypatch):
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n".join([json.dumps({"html": PAGE})] * 4) + "\n\n")
    words = [str(pages), str(lines), "-o", str(tmp_path / "out.jsonl"), "-q"]
    assert {(number, 7) for number in range(1, 8)} <= counts_shown(monkeypatch, words)


def test_annotate_does_not_count_what_is_compressed_or_selected(pages, sample_warc, tmp_path, monkeypatch):
    for words in ([str(pages), str(sample_warc)], [str(pages), "--url-pattern", "*"]):
        assert {of for _, of in counts_shown(monkeypatch, [*words, "-o", str(tmp_path / "out.jsonl"), "-q"])} <= {0}
        (tmp_path / "out.jsonl").unlink()


def test_run_ends_with_its_sites_and_the_next_commands(tmp_path, sample_warc, capsys):
    out = tmp_path / "c"
    assert main(["demo", "-o", str(out)]) == 0
    error = capsys.readouterr().err
    rows = [line.split() for line in error.splitlines()]
    assert ["pinegrove-news.example", "4", "of", "5", "1999–2019"] in [row[:5] for row in rows]
    assert "21 captures: 21 fetched, 0 failed.\n21 records: 20 usable, 20 labelled" in error
    for words in ("history {}", "terms {}", "export {} --format csv -o {}/policies.csv"):
        assert f"  archived-policy {words.format(out, out)}\n" in error
    assert main(["export", str(out), "--format", "csv", "-o", str(out / "policies.csv")]) == 0


def test_run_with_verbose_prints_a_line_a_target(tmp_path, sample_warc, capsys):
    targets = ["tadpole-club.example", "nobody.example"]
    assert main(["run", *targets, "--archive-base", str(sample_warc), "-o", str(tmp_path), "--verbose"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert "tadpole-club.example: 4 captures to fetch, 0 passed over." in lines
    assert any("nobody.example" in line for line in lines)


def read_terminal(words: list[str | Path], width: int) -> str:
    """All that a command writes to a terminal of a width."""
    reader, writer = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm", "NO_COLOR": "1"}
    with subprocess.Popen(words, stdout=writer, stderr=writer, env=environment) as process:
        os.close(writer)
        shown = b""
        try:
            while chunk := os.read(reader, 65536):
                shown += chunk
        except OSError:  # how Linux tells the end
            pass
        assert process.wait() == 0
    os.close(reader)
    return shown.decode()


def test_run_on_a_terminal_names_what_it_does(tmp_path):
    shown = read_terminal([COMMAND, "demo", "-o", tmp_path / "c"], 60)
    stages = ["Loading the model", "Looking up brightcart.example", "Fetching", "Annotating", "Reading sites"]
    assert all(stage in shown for stage in stages)
    assert sorted(map(shown.index, stages)) == list(map(shown.index, stages))
    assert "\x1b[3" not in shown  # no colours
