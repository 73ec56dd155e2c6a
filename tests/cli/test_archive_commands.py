"""`captures`, `status`, `export` and the options that speak of an archive."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from replay.proxy import Fault
from rich.text import Text

from extractor.cli import main
from extractor.wayback import state_path

COMMAND = Path(sys.executable).with_name("archived-policy")


@pytest.fixture
def folder(tmp_path, sample_warc):
    assert (
        main(["run", "tadpole-club.example", "--archive-base", str(sample_warc), "-o", str(tmp_path / "c"), "-q"]) == 0
    )
    return tmp_path / "c"


def captures(sample_warc, capsys, *more: str) -> tuple[list[dict], str]:
    assert main(["captures", "--archive-base", str(sample_warc), *more]) == 0
    told = capsys.readouterr()
    return [json.loads(line) for line in told.out.splitlines()], told.err


def test_captures_writes_the_plan_to_stderr_and_only_data_to_stdout(sample_warc, capsys):
    lines, told = captures(sample_warc, capsys, "http://www.brightcart.example/privacy.html", "--every", "year")
    assert len(lines) == 5
    assert lines[-1]["status"] == "301"  # the year has nothing else
    assert "5 captures to fetch, 1 of them the same bytes as another: 4 pages." in told


def test_captures_counts_the_redirects_that_are_passed_over(sample_warc, capsys):
    _, told = captures(sample_warc, capsys, "http://www.brightcart.example/privacy.html", "--every", "change")
    assert "1 status 301" in told


def test_captures_of_a_server_estimates_the_time(wayback, capsys):
    wayback.reset()
    lines, told = captures(wayback.base, capsys, "brightcart.example", "--cdx-rate", "0", "--rate", "4")
    assert len(lines) == 9
    assert "8 pages, about 2 s at 4 a second" in told
    assert "1 home pages read" in told


def test_captures_with_skipped_lists_what_is_passed_over(sample_warc, capsys):
    lines, _ = captures(
        sample_warc, capsys, "http://www.brightcart.example/privacy.html", "--skipped", "--every", "nearest:2003"
    )
    assert [(line["timestamp"][:4], line.get("skipped", False)) for line in lines] == [
        ("1999", True), ("2001", True), ("2003", False), ("2006", True), ("2010", True),
    ]  # fmt: skip
    assert {line["why"] for line in lines if "skipped" in line} == {"not nearest 2003", "status 301"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--every", "weekly"], "is no choice of captures"),
        (["--every", "nearest:soon"], "is not a date"),
        (["--contact", "a\nb"], "plain letters"),
    ],
)
def test_run_with_a_wrong_option_exits_with_2(words, says, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["captures", "a.example", *words])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_status_of_a_finished_run_prints_its_counts(folder, capsys):
    assert main(["status", str(folder)]) == 0
    assert "captures: 4 planned, 4 done, 0 failed\n  whole: 4\n" in capsys.readouterr().out
    assert main(["status", str(folder / "archive")]) == 1


@pytest.mark.parametrize("command", ["run", "captures"])
def test_exit_code_with_a_failed_look_up_is_1_until_it_is_done(command, tmp_path, wayback, capsys, monkeypatch):
    monkeypatch.setattr("extractor.wayback.transport.Transport._wait", lambda *_: None)  # between tries
    wayback.reset()
    wayback.fault_for = lambda path: Fault("status", status=400) if "cdx" in path and "brightcart" in path else None
    folder = ["-o", str(tmp_path / "c")] if command == "run" else []
    words = [command, "brightcart.example", "tadpole-club.example", "--archive-base", wayback.base, "--cdx-rate", "0"]
    assert main([*words, *folder, "-q"]) == 1
    assert "The look-up of brightcart.example failed: The index answered 400" in capsys.readouterr().err
    if command == "run":
        assert main(["status", *folder[1:]]) == 0
        assert "  brightcart.example: The index answered 400" in capsys.readouterr().out
        assert main(["verify", *folder[1:]]) == 1
        assert "The look-up of brightcart.example failed" in capsys.readouterr().out
    wayback.reset()
    assert main([*words, *folder, "-q"]) == 0
    if command == "run":
        assert main(["verify", *folder[1:]]) == 0


@pytest.mark.parametrize("words", [["run", "sites.csv", "-o", "out"], ["captures", "sites.csv"]])
def test_a_list_of_targets_without_its_sign_is_said(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("sites.csv").write_text("rank,domain\n1,tadpole-club.example\n")
    assert main([*words, "-q"]) == 2
    assert "sites.csv is a file: write @sites.csv for the targets in it." in capsys.readouterr().err


def test_captures_of_a_ranked_list_are_those_of_its_domains(tmp_path, sample_warc, capsys):
    (tmp_path / "sites.csv").write_text("rank,domain\n1,tadpole-club.example\n2,brightcart.example\n")
    lines, _ = captures(sample_warc, capsys, f"@{tmp_path}/sites.csv", "--every", "nearest:2010")
    assert {line["target"] for line in lines} == {"tadpole-club.example", "brightcart.example"}


def test_export_of_a_run_writes_a_wacz(folder, tmp_path, capsys):
    assert main(["export", str(folder), "--format", "wacz", "-o", str(tmp_path / "c.wacz")]) == 0
    lines, _ = captures(tmp_path / "c.wacz", capsys, "tadpole-club.example")
    assert len(lines) == 4
    assert main(["export", str(tmp_path), "--format", "wacz", "-o", str(tmp_path / "d.wacz")]) == 1
    assert "is no run folder" in capsys.readouterr().err


def test_ctrl_c_during_a_pause_ends_the_run(tmp_path, wayback):
    wayback.reset()
    wayback.faults.append(Fault("status", path="/web/", status=429, retry_after="30"))
    words = ["run", "http://www.tadpole-club.example/privacy", "--archive-base", wayback.base, "--cdx-rate", "0", "-q"]
    run = subprocess.Popen([COMMAND, *words, "-o", tmp_path / "c"], stderr=subprocess.PIPE, text=True)
    while not wayback.paths("/web/"):
        time.sleep(0.02)
    time.sleep(0.3)
    run.send_signal(signal.SIGINT)
    _, message = run.communicate(timeout=15)
    assert run.returncode == 11
    assert "All workers wait 30 s" in message
    Path(state_path(wayback.base)).unlink()
    wayback.reset()


@pytest.mark.parametrize("command", ["run", "captures"])
def test_ctrl_c_during_a_stalled_index_query_ends_the_run(tmp_path, wayback, command):
    wayback.reset()
    wayback.faults.append(Fault("stall", path="/cdx/", seconds=20))
    words = [command, "tadpole-club.example", "--archive-base", wayback.base, "--cdx-rate", "0", "-q"]
    run = subprocess.Popen(
        [COMMAND, *words, *(["-o", tmp_path / "c"] if command == "run" else [])],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not wayback.paths("/cdx/"):
        time.sleep(0.02)
    time.sleep(0.3)
    asked, started = len(wayback.requests), time.monotonic()
    run.send_signal(signal.SIGINT)
    _, message = run.communicate(timeout=15)
    assert time.monotonic() - started < 5
    assert (run.returncode, len(wayback.requests)) == (11, asked)
    assert "Traceback" not in message
    wayback.reset()


def test_report_shows_its_progress_on_a_terminal_only_and_not_with_quiet(folder, capsys, monkeypatch):
    monkeypatch.setattr("extractor.report.page.MAX_POLICIES_IN_PAGE", 1)
    command = ["report", str(folder), "-o", str(folder / "large.html")]
    stages = ("Reading sites", "Writing pages of sites")
    assert main(command) == 0
    assert not any(stage in capsys.readouterr().err for stage in stages)
    monkeypatch.setenv("FORCE_COLOR", "1")  # which rich takes for a terminal
    assert main(command) == 0
    shown = capsys.readouterr().err
    assert all(stage in shown for stage in stages)
    assert " 1 of 1" in Text.from_ansi(shown.replace("\r", "\n")).plain
    assert main([*command, "--quiet"]) == 0
    assert not any(stage in capsys.readouterr().err for stage in stages)


def test_run_shows_the_progress_of_its_report_on_a_terminal(tmp_path, sample_warc, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    command = ["run", "tadpole-club.example", "--archive-base", str(sample_warc), "-o", str(tmp_path / "run")]
    assert main(command) == 0
    assert "Reading sites" in capsys.readouterr().err
