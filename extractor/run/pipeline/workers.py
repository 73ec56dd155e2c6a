"""A stream of pages through several processes: captures of one policy go to the same one as long as none is idle.

A worker remembers documents, passages and texts of earlier pages (see `extractor.clean` and `extractor.label`), so the
next capture of a policy is less work for the one that had the last.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import count, islice
from math import ceil
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from extractor.records import Policy, Snapshot

_log = logging.getLogger(__name__)

AnyPage = bytes | str | Path | Snapshot

_CHUNK_SIZE = 16  # pages sent to a worker at a time
_MAX_SENT_CHUNKS = 2  # a worker has the next chunk when it finishes one
_MIN_PAGES = 16  # for each worker; fewer are finished before another has loaded the model
_MAX_PAGES_AHEAD = 64  # for each worker, taken from the stream before their policies are due
_MAX_KNOWN_POLICIES = 10_000  # those that were not seen for longest are forgotten, as workers have forgotten them


@dataclass(frozen=True)
class WorkerFunctions:
    """What workers do: each calls `start` once, then `annotate` with a few pages at a time; both must be picklable.

    `annotate_alone` is called in this process, with a page of which a worker may have died twice. `policy_of` is the
    name of the policy that a page is a capture of, "" if it is not known.
    """

    start: Callable[[], None]
    annotate: Callable[[list[AnyPage]], list[Policy]]
    annotate_alone: Callable[[AnyPage], Policy]
    policy_of: Callable[[AnyPage], str]


def pipe_through_workers(functions: WorkerFunctions, pages: Iterable[AnyPage], workers: int) -> Iterator[Policy]:
    """The policies of pages, in the order of the pages; only some pages for each worker are taken ahead.

    If a worker dies, the chunks it was sent are repeated one by one, and a chunk that kills a worker again is repeated
    page by page. So a page that kills its process affects no other page.
    """
    source = enumerate(pages)
    first = list(islice(source, _MAX_PAGES_AHEAD * workers))
    workers = min(workers, ceil(len(first) / _MIN_PAGES))
    with ExitStack() as stack:
        team = _Team([stack.enter_context(closing(_Worker(functions))) for _ in range(workers)], functions.policy_of)
        team.take(first)
        first.clear()
        for number in count():
            while number not in team.finished:
                if not team.is_working:
                    return
                team.wait()
            yield next(team.finished.pop(number))
            team.take(islice(source, 1))


def exit_with_parent() -> None:
    """Makes a worker end when the process that sends it pages is killed; it would wait for more of them forever."""
    Thread(target=_exit_after_parent, daemon=True).start()


def _exit_after_parent() -> None:
    """Waits for the end of the process that started this one, and ends this one."""
    if parent := parent_process():
        parent.join()
        os._exit(1)


class _NumberedPage(NamedTuple):
    """A page, its place in the stream, and the policy that it is a capture of."""

    number: int
    page: AnyPage
    policy: str


class _Chunk(NamedTuple):
    """Pages that were sent to a worker, and what it will return."""

    pages: list[_NumberedPage]
    result: Future[list[Policy]]


class _Worker:
    """A process, which starts with its first chunk, the chunks it was sent, and the pages that wait for it."""

    def __init__(self, functions: WorkerFunctions) -> None:
        self.waiting: deque[_NumberedPage] = deque()
        self.sent: deque[_Chunk] = deque()
        self._functions = functions
        self._pool = self._new_pool()

    @property
    def pages(self) -> int:
        """How many pages it has to do."""
        return sum(len(chunk.pages) for chunk in self.sent) + len(self.waiting)

    def send(self) -> None:
        """Sends waiting pages to the process: half of them at most, so that at the end others can take the rest.

        For the same reason it has a second chunk ahead only where as many pages still wait.
        """
        while len(self.waiting) >= (2 * _CHUNK_SIZE if self.sent else 1) and len(self.sent) < _MAX_SENT_CHUNKS:
            pages = [self.waiting.popleft() for _ in range(min(_CHUNK_SIZE, ceil(len(self.waiting) / 2)))]
            self.sent.append(_Chunk(pages, self._submit(pages)))

    def receive(self) -> Iterator[tuple[int, Iterator[Policy]]]:
        """The place of each page that is finished, and an iterator whose next item is its policy."""
        while self.sent and self.sent[0].result.done():
            chunk = self.sent.popleft()
            policies = self._policies_of(chunk)
            yield from ((page.number, policies) for page in chunk.pages)

    def hand_over_half(self) -> list[_NumberedPage]:
        """Removes and returns half of the waiting pages: those of the policies that began to wait last.

        So the captures of one policy at most are divided.
        """
        first = {page.policy: page.number for page in reversed(self.waiting)}
        by_policy = sorted(self.waiting, key=lambda page: (first[page.policy], page.number))
        half = len(by_policy) // 2
        self.waiting = deque(sorted(by_policy[:half]))
        return sorted(by_policy[half:])

    def close(self) -> None:
        """Ends the process after the chunk in progress."""
        self._pool.shutdown(cancel_futures=True)

    def _policies_of(self, chunk: _Chunk) -> Iterator[Policy]:
        """The policies of a chunk that is finished or whose process died."""
        try:
            policies = chunk.result.result()
        except BrokenProcessPool:
            _log.warning("A worker process died: repeating %d of the pages in progress.", len(chunk.pages))
            policies = self._repeat(chunk.pages)
        yield from policies

    def _repeat(self, pages: Sequence[_NumberedPage]) -> list[Policy]:
        """The policies of pages that were in progress when the process died."""
        try:
            return self._submit(pages).result()
        except BrokenProcessPool:
            return [self._functions.annotate_alone(page.page) for page in pages]

    def _submit(self, pages: Sequence[_NumberedPage]) -> Future[list[Policy]]:
        """What the process will return for pages. A process that died is replaced."""
        content = [page.page for page in pages]
        try:
            return self._pool.submit(self._functions.annotate, content)
        except BrokenProcessPool:
            self.close()
            self._pool = self._new_pool()
            return self._pool.submit(self._functions.annotate, content)

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=self._functions.start)


class _Team:
    """The workers, and the policies of pages that are finished, by their place in the stream."""

    def __init__(self, workers: Sequence[_Worker], policy_of: Callable[[AnyPage], str]) -> None:
        self.finished: dict[int, Iterator[Policy]] = {}
        self._workers = workers
        self._policy_of = policy_of
        self._worker_by_policy: dict[str, _Worker] = {}

    @property
    def is_working(self) -> bool:
        """Whether there are pages that are not finished."""
        return any(worker.sent for worker in self._workers)

    def take(self, pages: Iterable[tuple[int, AnyPage]]) -> None:
        """Gives pages to workers: captures of a policy to the one that had the last, others to the one with least."""
        for number, page in pages:
            policy = self._policy_of(page)
            worker = self._worker_by_policy.get(policy) or min(self._workers, key=lambda worker: worker.pages)
            self._give(worker, [_NumberedPage(number, page, policy)])
        self._exchange()

    def wait(self) -> None:
        """Waits until a worker finishes a chunk."""
        wait([chunk.result for worker in self._workers for chunk in worker.sent], return_when=FIRST_COMPLETED)
        self._exchange()

    def _exchange(self) -> None:
        """Receives what is finished, and sends what waits; a worker with nothing to do takes it from another."""
        for worker in self._workers:
            self.finished.update(worker.receive())
            worker.send()
        for idle in [worker for worker in self._workers if not worker.sent]:
            busiest = max(self._workers, key=lambda worker: len(worker.waiting))
            self._give(idle, busiest.hand_over_half())
            idle.send()

    def _give(self, worker: _Worker, pages: Iterable[_NumberedPage]) -> None:
        """Lets pages wait for a worker, which later captures of their policies will go to as well."""
        for page in pages:
            worker.waiting.append(page)
            self._worker_by_policy.pop(page.policy, None)
            if page.policy:
                self._worker_by_policy[page.policy] = worker
        while len(self._worker_by_policy) > _MAX_KNOWN_POLICIES:
            del self._worker_by_policy[next(iter(self._worker_by_policy))]
