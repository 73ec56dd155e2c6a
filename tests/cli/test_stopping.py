"""A run that is stopped, gently or not, goes on where it was and ends with the same records."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extractor.cli import main

COMMAND = Path(sys.executable).with_name("archived-policy")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 11), (signal.SIGTERM, 11), (signal.SIGKILL, -9)])
def test_run_after_a_stop_goes_on_and_makes_the_same_records(tmp_path, wayback, number, code):
    wayback.reset()
    words = ["run", "brightcart.example", "--archive-base", wayback.base, "--cdx-rate", "0", "--quiet", "-o"]
    assert main([*words, str(tmp_path / "whole"), "--rate", "0"]) == 0
    wayback.reset()
    stopped = subprocess.Popen([COMMAND, *words, tmp_path / "halves", "--rate", "4"], stderr=subprocess.PIPE, text=True)
    while len(wayback.paths("/web/")) < 4:
        time.sleep(0.02)
    stopped.send_signal(number)
    _, message = stopped.communicate(timeout=30)
    assert stopped.returncode == code
    assert "Traceback" not in message
    assert ("Run the same command again" in message) == (code == 11)
    wayback.reset()
    assert main([*words, str(tmp_path / "halves"), "--rate", "0"]) == 0
    assert 0 < len(wayback.paths("/web/")) <= 6
    assert (tmp_path / "halves" / "policies.jsonl").read_bytes() == (tmp_path / "whole" / "policies.jsonl").read_bytes()
    assert main(["verify", str(tmp_path / "halves"), "--quiet"]) == 0
    wayback.reset()
