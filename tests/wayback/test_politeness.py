"""Request rates shared on a machine, pauses and bans; with a fake clock where real time would take long."""

import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from extractor.errors import ArchiveStopError, InterruptedRunError
from extractor.wayback import open_archive
from extractor.wayback.archive import IndexQuery
from extractor.wayback.politeness import (
    FIRST_BAN,
    MAX_BAN,
    MAX_THROTTLES,
    Politeness,
    open_state,
    state_path,
)


class Clock:
    """A clock that is advanced by sleeping."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def polite(tmp_path, clock):
    return Politeness(tmp_path / "state.sqlite", clock=lambda: clock.now, sleep=clock.sleep)


def another(tmp_path, clock) -> Politeness:
    """The state as another process on this machine has it."""
    return Politeness(tmp_path / "state.sqlite", clock=lambda: clock.now, sleep=clock.sleep)


def test_wait_spaces_turns_evenly_for_each_kind(polite, clock):
    moments = [polite.wait("pages", 8) for _ in range(9)]
    assert moments[-1] - moments[0] == pytest.approx(1.0)
    before = clock.now
    polite.wait("index", 0.4)
    assert clock.now == before
    polite.wait("index", 0.4)
    assert clock.now - before == pytest.approx(2.5)


def test_wait_with_rate_zero_does_not_sleep(polite, clock):
    for _ in range(100):
        polite.wait("pages", 0)
    assert clock.slept == 0


def test_wait_in_two_instances_shares_the_rate(polite, tmp_path, clock):
    other = another(tmp_path, clock)
    started = clock.now
    for _ in range(8):
        polite.wait("pages", 8)
        other.wait("pages", 8)
    assert clock.now - started == pytest.approx(15 / 8)


def test_wait_in_three_processes_shares_the_rate(tmp_path):
    program = textwrap.dedent(
        f"""
        import sys, time
        from pathlib import Path
        from extractor.wayback.politeness import Politeness
        polite = Politeness(Path({str(tmp_path / "state.sqlite")!r}))
        for _ in range(10):
            polite.wait("pages", 20)
            print(time.time(), flush=True)
        """
    )
    workers = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    moments = sorted(float(line) for worker in workers for line in worker.communicate()[0].split())
    assert len(moments) == 30
    assert moments[-1] - moments[0] >= 27 / 20  # a turn may be a gap late, and its time printed later still


def test_wait_in_threads_shares_the_rate_and_the_pause(tmp_path):
    polite, passed = Politeness(tmp_path / "state.sqlite"), []

    def worker():
        for _ in range(5):
            polite.wait("pages", 50)
            passed.append(time.monotonic())

    started = time.monotonic()
    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    polite.pause(0.5, "tests")
    paused = time.monotonic()
    for thread in threads:
        thread.join()
    assert len(passed) == 20
    assert passed[-1] - started >= 18 / 50
    assert not [moment for moment in passed if paused + 0.02 < moment < paused + 0.45]


@pytest.mark.parametrize(
    ("answers", "pauses"),
    [([None], [60]), ([None, None, None], [60, 120, 240]), ([5, 7], [5, 7]), ([None, 5, None], [60, 5, 240])],
)
def test_report_throttling_pauses_for_retry_after_or_else_a_doubling_minute(polite, clock, answers, pauses):
    took = []
    for retry_after in answers:
        polite.report_throttling(polite.wait("pages", 0), retry_after, "429.")
        before = clock.now
        polite.wait("pages", 0)
        took.append(round(clock.now - before))
    assert took == pauses


def test_report_success_resets_the_next_pause(polite, clock):
    polite.report_throttling(polite.wait("pages", 0), None, "429.")
    polite.wait("pages", 0)
    polite.report_success()
    polite.report_throttling(polite.wait("pages", 0), None, "429.")
    before = clock.now
    polite.wait("pages", 0)
    assert clock.now - before == pytest.approx(60)


def test_report_throttling_by_workers_at_the_same_time_counts_once(polite, clock):
    asked = [polite.wait("pages", 0) for _ in range(4)]
    clock.now += 1
    for moment in asked:
        polite.report_throttling(moment, None, "429.")
    before = clock.now
    polite.wait("pages", 0)
    assert clock.now - before == pytest.approx(60)


def test_pause_makes_other_processes_wait(polite, tmp_path, clock):
    polite.pause(30, "429.")
    other = another(tmp_path, clock)
    assert other.wait_reason() == "paused by the archive, 30 s left"
    before = clock.now
    other.wait("index", 0)
    assert clock.now - before == pytest.approx(30)
    assert other.wait_reason() == ""


def test_wait_reason_during_a_wait_for_the_index_counts_down(tmp_path, clock):
    reasons = []

    def sleep(seconds: float) -> None:
        reasons.append(polite.wait_reason())
        clock.sleep(seconds)

    polite = Politeness(tmp_path / "state.sqlite", clock=lambda: clock.now, sleep=sleep)
    for kind in ("index", "pages", "index", "pages"):
        polite.wait(kind, 0.5)
    assert reasons == [f"waiting {seconds} s for the index" for seconds in ("2.0", "1.5", "1.0", "0.5")]
    assert polite.wait_reason() == ""


def test_report_throttling_too_often_bans(polite):
    with pytest.raises(ArchiveStopError, match="did not let up"):
        for _ in range(MAX_THROTTLES + 1):
            polite.report_throttling(polite.wait("pages", 0), 1, "429.")
    with pytest.raises(ArchiveStopError, match="Come back after"):
        polite.wait("pages", 0)


def test_report_throttling_with_hours_to_wait_bans(polite, clock):
    with pytest.raises(ArchiveStopError) as stopped:
        polite.report_throttling(clock.now, 30_000, "429.")
    assert stopped.value.come_back == pytest.approx(clock.now + 30_000)


def test_ban_doubles_each_time_until_success(polite, tmp_path, clock):
    lengths = []
    for _ in range(6):
        lengths.append(polite.ban("Refused.").come_back - clock.now)
        clock.now += lengths[-1] + 1
    assert lengths[:3] == [FIRST_BAN, 2 * FIRST_BAN, 4 * FIRST_BAN]
    assert lengths[-1] == MAX_BAN
    another(tmp_path, clock).report_success()
    assert polite.ban("Refused.").come_back - clock.now == FIRST_BAN


def test_ban_by_workers_at_the_same_time_counts_once(polite, clock):
    assert polite.ban("Refused.").come_back == polite.ban("Refused.").come_back
    clock.now += FIRST_BAN + 1
    assert polite.ban("Refused.").come_back - clock.now == 2 * FIRST_BAN


def test_ban_stops_other_processes_until_it_is_lifted(polite, tmp_path, clock):
    polite.ban("It refused.")
    other = another(tmp_path, clock)
    with pytest.raises(ArchiveStopError, match=r"It refused\. Come back after 1970-01-12 14:46 UTC"):
        other.wait("pages", 8)
    other.lift_ban()
    polite.wait("pages", 8)


def test_wait_in_a_pause_ends_on_a_stop(tmp_path, clock):
    stop = threading.Event()
    polite = Politeness(tmp_path / "s.sqlite", stop=stop, clock=lambda: clock.now, sleep=clock.sleep)
    polite.pause(600, "429.")
    stop.set()
    with pytest.raises(InterruptedRunError):
        polite.wait("pages", 0)
    assert clock.slept == 0


@pytest.mark.parametrize("hours", [1, 24, 100_000])
def test_wait_after_the_clock_was_set_back_is_not_longer(polite, clock, hours):
    polite.wait("pages", 0.1)
    polite.pause(60, "429.")
    clock.now -= hours * 3600
    before = clock.now
    polite.wait("pages", 0.1)
    polite.wait("pages", 0.1)
    assert clock.now - before == pytest.approx(70)


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("https://web.archive.org", "web.archive.org-443.sqlite"),
        ("http://127.0.0.1:8080/x", "127.0.0.1-8080.sqlite"),
        ("http://[::1]:8080", "__1-8080.sqlite"),
    ],
)
def test_state_path_names_host_and_port(base, name):
    assert state_path(base).name == name


def test_open_state_in_a_read_only_cache_uses_the_temporary_folder(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    open_state(tmp_path / "file" / "state.sqlite").close()
    assert (tmp_path / f"archived-policy-{os.getuid()}" / "state.sqlite").exists()


def test_captures_after_a_refused_connection_raise_archive_stop_error():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for says in ("refused the connection", "refused the connection"):
        archive = open_archive(base, rate=0, cdx_rate=0, connections=1)
        with pytest.raises(ArchiveStopError, match=says) as stopped:
            list(archive.captures(IndexQuery("http://a.example/")))
        assert stopped.value.come_back > time.time() + FIRST_BAN - 60
    Path(state_path(base)).unlink()
