"""How fast we may ask: one pace shared by all workers, and the pauses the archive asks for."""

from __future__ import annotations

import threading
import time


class Pace:
    """Lets `rate` callers through a second, evenly spaced, and none during a pause. A rate of 0 is no limit.

    One object is shared by all threads; `wait` blocks the caller until its turn.
    """

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._lock = threading.Lock()
        self._next_turn = 0.0
        self._paused_until = 0.0

    def wait(self) -> None:
        """Blocks until it is the caller's turn and no pause lasts."""
        self._sleep_until(self._take_turn())
        while (until := self._paused_until) > time.monotonic():
            self._sleep_until(max(until, self._take_turn()))

    def pause(self, seconds: float) -> None:
        """Lets nobody through for `seconds` from now."""
        with self._lock:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def _take_turn(self) -> float:
        with self._lock:
            turn = max(time.monotonic(), self._next_turn, self._paused_until)
            self._next_turn = turn + self._interval
            return turn

    @staticmethod
    def _sleep_until(moment: float) -> None:
        time.sleep(max(0.0, moment - time.monotonic()))
