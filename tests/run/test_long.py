"""What takes minutes: kills, faults in a third of all replies, a hundred thousand captures, memory, CPU.

`make test-long` prints the figures, which docs/reliability.md has.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from urllib.request import urlopen

import pytest
from replay.archive import running_archive
from replay.generated import URL, number_of, page_of, write_archive
from replay.proxy import Fault

from extractor import load, read_jsonl
from extractor.run.collect.job import Job, run_job
from extractor.run.collect.verify import verify
from extractor.wayback import Ledger, open_archive, read_targets

COMMAND = Path(sys.executable).with_name("archived-policy")
TESTS = Path(__file__).parents[1]
FAULTS = (
    Fault("status", status=429, retry_after="1"), Fault("status", status=503), Fault("status", status=500), Fault("cut"),
    Fault("reset"), Fault("double_gzip"), Fault("bad_gzip"), Fault("short"), Fault("drip", seconds=0.01),
    Fault("stall", seconds=3), Fault("skew", seconds=3600),
    Fault("status", status=200, text="This snapshot cannot be displayed due to an internal error."),
)  # fmt: skip


def report_figure(text: str) -> None:
    """A figure for docs/reliability.md."""
    print(f"\n  {text}", flush=True)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """pywb with three hundred captures, behind the proxy."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "pywb").mkdir()
    with running_archive(*write_archive(folder, 300), folder / "pywb") as front:
        yield front


def entries(folder: Path):
    with closing(Ledger(folder / "ledger.sqlite", read_only=True)) as ledger:
        return list(ledger.entries())


@pytest.mark.long
def test_run_killed_twenty_times_loses_nothing_and_fetches_a_page_again_at_most_once_a_kill(many, tmp_path):
    many.reset()
    chance = random.Random(6)
    words = [
        COMMAND,
        "run",
        URL,
        "--every",
        "all",
        "--archive-base",
        many.base,
        "--cdx-rate",
        "0",
        "--rate",
        "12",
        "-q",
    ]
    for _ in range(20):
        run = subprocess.Popen([*words, "-o", tmp_path / "run"])
        before = len(many.paths("/web/"))
        while run.poll() is None and len(many.paths("/web/")) == before:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 1.2))
        run.send_signal(signal.SIGKILL)
        run.wait()
    at_the_kills = len(set(many.paths("/web/")))
    assert at_the_kills < 300
    subprocess.run([*words[:-3], "--rate", "0", "-q", "-o", tmp_path / "run"], check=True)
    asked = Counter(many.paths("/web/"))
    again = sum(times - 1 for times in asked.values())
    report_figure(f"20 kills after {at_the_kills} of 300 pages: {again} pages fetched again")
    assert len(asked) == 300
    assert again <= 20  # one page may be in flight at two kills in a row, and is then asked for three times
    assert Counter(policy.id for policy in read_jsonl(tmp_path / "run" / "policies.jsonl")).most_common(1)[0][1] == 1
    assert [entry.state for entry in entries(tmp_path / "run")] == ["annotated"] * 300
    assert list(verify(tmp_path / "run")) == []


@pytest.mark.long
def test_run_with_faults_in_a_third_of_the_replies_stores_each_capture_or_its_outcome(many, tmp_path):
    many.reset()
    chance, pauses = random.Random(30), []

    def chaos(path: str) -> Fault | None:
        fault = chance.choice(FAULTS) if chance.random() < 0.3 else None
        if fault and fault.status == 429:
            pauses.append(time.monotonic())
        return fault

    archive = open_archive(many.base, rate=0, cdx_rate=0, connections=8)
    archive._pages = replace(archive._pages, first_wait=0.05, time_limit=2.0)
    archive._index = replace(archive._index, first_wait=0.05, time_limit=20.0)
    patient = archive.slower()
    patient._pages = replace(patient._pages, first_wait=0.05)
    archive.slower = lambda: patient
    job = Job(tuple(read_targets([URL])), tmp_path, every="all", workers=4)
    many.fault_for = chaos
    run_job(job, archive, load(), stop=Event(), progress=lambda *_: None)
    many.fault_for = lambda _: None
    found = entries(tmp_path)
    outcomes = Counter(entry.outcome for entry in found)
    report_figure(
        f"faults in 30% of the replies: {dict(outcomes)} after {len(many.requests)} requests, {len(pauses)} pauses"
    )
    for entry in found:
        if entry.state == "annotated":
            true = hashlib.sha256(page_of(number_of(entry.capture.timestamp))).hexdigest()
            assert entry.sha256 == true, entry
        else:
            assert (entry.state, bool(entry.outcome), bool(entry.reason)) == ("failed", True, True)
    assert len(found) == 300
    assert sum(entry.state == "annotated" for entry in found) >= 290
    late = [r.time for r in many.requests for start in pauses if start + 0.1 < r.time < start + 0.95]
    assert late == [], f"{len(late)} requests during a pause"
    assert list(verify(tmp_path)) == []


@contextmanager
def made_up_archive(count: int):
    """The base URL of a server with `count` captures, in a process of its own."""
    words = [sys.executable, "-m", "replay.generated", str(count)]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as server:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.kill()


def seen(base: str) -> int:
    with urlopen(f"{base}/seen") as answer:
        return json.load(answer)


def memory(pid: int, name: str) -> float:
    """VmHWM or VmRSS of a process, in MB."""
    return int(re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


@pytest.mark.long
def test_run_of_a_hundred_thousand_captures_is_planned_and_resumed(tmp_path):
    with made_up_archive(100_000) as base:
        for name in ("planning", "resuming"):
            before, started = seen(base), time.monotonic()
            words = ["run", URL, "--every", "all", "--archive-base", base, "--cdx-rate", "0", "--rate", "1", "-q", "-o"]
            run = subprocess.Popen([COMMAND, *words, tmp_path])
            while seen(base) == before and run.poll() is None:
                time.sleep(0.05)
            seconds, cpu, peak = time.monotonic() - started, cpu_of(run.pid), memory(run.pid, "VmHWM")
            run.kill()
            run.wait()
            report_figure(
                f"100,000 captures, {name}: {seconds:.1f} s to the first page ({cpu:.1f} s of CPU), {peak:.0f} MB"
            )
            assert cpu <= 10  # the time by the clock depends on who else works here
            assert peak <= 300


@pytest.mark.long
def test_run_in_a_folder_in_use_is_refused_within_a_second(many, tmp_path):
    many.reset()
    words = [
        COMMAND,
        "run",
        URL,
        "--every",
        "all",
        "--archive-base",
        many.base,
        "--cdx-rate",
        "0",
        "-q",
        "-o",
        tmp_path,
    ]
    first = subprocess.Popen([*words, "--rate", "2"])
    while not many.paths("/web/") and first.poll() is None:
        time.sleep(0.05)
    started = time.monotonic()
    second = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    _, message = second.communicate()
    seconds = time.monotonic() - started
    first.kill()
    first.wait()
    report_figure(f"a second run is refused after {seconds:.2f} s")
    assert second.returncode == 4
    assert "Another run is at work" in message


@pytest.mark.long
def test_run_of_many_pages_keeps_its_memory_and_costs_little_a_page(tmp_path):
    pages, warm = 12_000, 2_000
    with made_up_archive(pages + 1000) as base:
        words = ["run", URL, "--every", "all", "--archive-base", base, "--cdx-rate", "0", "--rate", "0", "-q", "-o"]
        run = subprocess.Popen([COMMAND, *words, tmp_path])
        marks = []
        for goal in (warm, pages):
            while seen(base) < goal and run.poll() is None:
                time.sleep(0.2)
            marks.append((memory(run.pid, "VmRSS"), cpu_of(run.pid), seen(base)))
        run.kill()
        run.wait()
    (before, cpu_before, seen_before), (after, cpu_after, seen_after) = marks
    cost = 1000 * (cpu_after - cpu_before) / (seen_after - seen_before)
    report_figure(
        f"{seen_after - seen_before} pages without a pace: {before:.0f} → {after:.0f} MB, {cost:.1f} ms of CPU a page"
    )
    assert after < 1.05 * before
    assert cost <= 10


def cpu_of(pid: int) -> float:
    """User and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
