"""Telling an archive that is out of order from one that does not hold a few captures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from extractor.errors import ArchiveError, TransientError
from extractor.wayback.politeness import Politeness

_MAX_ANSWERS = 5  # of a kind in a row, each to one request
_MAX_TRIED = 3  # failures in a row of requests that were tried several times
_MAX_MIXED = 10  # failures in a row of whatever kind
_MAX_ALLOWED = 8  # times as many at most, once asking showed that the archive works
_PAUSE = 30.0  # seconds before the archive is asked whether it works
_MAX_PROBES = 5
_FIRST_WAIT = 900.0  # seconds until the next run may ask
_NO_ANSWER = ("archive-error", "broken-off", "unknown-host", "too-slow")  # outcomes that are one kind


class OutageWatch:
    """Counts failures in a row, of one kind and of any, of requests of one sort from all workers.

    After several, all workers pause, and what is known to work is asked for: if it fails too, the failures are the
    state of the archive and not of what was asked for, and the run has to stop.
    """

    def __init__(self, sort: str, politeness: Politeness, works: Callable[[str], bool]) -> None:
        """`sort` names the requests ("pages"), `works` asks for an address and returns whether it was answered."""
        self._sort, self._politeness, self._works = sort, politeness, works
        self._lock = threading.RLock()
        self._known = ""
        self._kind, self._of_kind, self._in_a_row, self._since = "", 0, 0, 0.0
        self._checked, self._patience = 0.0, 1

    def report_answer(self, url: str = "") -> None:
        """Records an answer that shows that the archive works; `url` is an address to ask it for in doubt."""
        with self._lock:
            self._in_a_row = 0
            if url and not self._known:
                self._politeness.keep_known(self._sort, url)
            self._known = url or self._known

    def report_failure(self, error: ArchiveError, asked_at: float, others: Callable[[], Iterable[str]]) -> None:
        """Records a failure; `others` are addresses to ask for where none is known to work.

        Raises ArchiveStopError where the archive is out of order.
        """
        with self._lock:
            if asked_at < self._checked:
                return
            kind = "no answer" if error.outcome in _NO_ANSWER else f"{error.outcome} {error.answer}"
            if not self._in_a_row:
                self._since = asked_at
            self._of_kind = self._of_kind + 1 if self._in_a_row and kind == self._kind else 1
            self._kind = kind
            self._in_a_row += 1
            limit = _MAX_TRIED if isinstance(error, TransientError) else _MAX_ANSWERS
            if self._of_kind >= limit * self._patience or self._in_a_row >= _MAX_MIXED * self._patience:
                self._check(error, others)

    def _check(self, error: ArchiveError, others: Callable[[], Iterable[str]]) -> None:
        """Pauses, and asks whether the archive works. Raises ArchiveStopError where it does not."""
        is_one_kind = self._of_kind == self._in_a_row
        in_a_row = f"{self._in_a_row} {self._sort} in a row failed{' in the same way' if is_one_kind else ''}"
        self._politeness.pause(_PAUSE, f"{in_a_row}.")
        known = self._known or self._politeness.known(self._sort)
        probes = [self._known] if self._known else [*filter(None, [known]), *_spread(list(others()), _MAX_PROBES)]
        if not any(self._works(url) for url in probes):
            asked = "what worked before does not work now" if known else "none has worked before"
            reason = f"The archive seems to be out of order: {in_a_row}, and {asked}. The last: {error}"
            stop = self._politeness.ban(reason, first=_FIRST_WAIT)
            stop.failing_since = self._since
            raise stop
        self._in_a_row, self._checked = 0, self._politeness.now()
        self._patience = min(_MAX_ALLOWED, 2 * self._patience)


def _spread(urls: list[str], number: int) -> list[str]:
    """Some addresses from all over a list, the last first.

    >>> _spread(list("abcdefgh"), 3), _spread(["a"], 3)
    (['h', 'd', 'a'], ['a'])
    """
    last = len(urls) - 1
    return list(dict.fromkeys(urls[last * step // (number - 1)] for step in reversed(range(number)) if urls))
