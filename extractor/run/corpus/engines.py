"""Makes the shards of a corpus: one after another in this process, or as Ray tasks on the machines of a cluster.

An engine calls `process_shard` for each shard, in any order, and yields the shard with its result.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import Any, TypeAlias

from extractor.errors import ArchivedPolicyError, ConfigurationError
from extractor.optional import require
from extractor.progress import Progress
from extractor.run.corpus.merge import shard_counts
from extractor.run.corpus.shard import CorpusSpec, Shard, ShardResult, process_shard, shards_of
from extractor.run.pipeline import Annotator, load_long_lived

_log = logging.getLogger(__name__)

_TASK_RETRIES = 3  # of a task whose process or machine died, or whose file system failed
_SHARDS_PER_CPU = 2  # several, so that nobody waits long for the last; few, as each shard goes through all pages
_CONNECT_SECONDS = 10  # for the head of a cluster to answer
_HOST_AND_PORT = re.compile(r"\[?(?P<host>[^/\[\]]+?)\]?:(?P<port>\d{1,5})")
_Outcome: TypeAlias = ShardResult | ArchivedPolicyError
_Outcomes: TypeAlias = Iterator[tuple[Shard, _Outcome]]


@dataclass(slots=True)
class ShardsSummary:
    """How many shards were made, how many were complete before, and how many records they have.

    `unread` are the reasons why pages could not be read, `empty` the paths without a page, `lost` why shards are
    missing.
    """

    made: int = 0
    kept: int = 0
    records: int = 0
    unread: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def add(self, shard: Shard, outcome: _Outcome) -> None:
        """Adds the outcome of a shard."""
        if not isinstance(outcome, ShardResult):
            self.lost.append(f"{shard} is missing: {outcome}")
            return
        self.made += not outcome.kept
        self.kept += outcome.kept
        self.records += outcome.manifest.records["policies"]
        self.unread += outcome.manifest.unread
        self.empty += outcome.manifest.empty


def annotate_shards(  # noqa: PLR0913 - what, where, with what, and which
    corpus: CorpusSpec, folder: Path, annotator: Annotator, progress: Progress, *, of: int, number: int, workers: int
) -> ShardsSummary:
    """Makes one shard of a corpus in this process, or, where `number` is 0, all of them one after another."""
    shards = [shard for shard in shards_of(corpus, folder, of) if number in (0, shard.position.number)]
    return summarize(_process_in_turn(shards, folder, annotator, progress, workers=workers))


def annotate_on_ray(  # noqa: PLR0913
    corpus: CorpusSpec,
    folder: Path,
    model: str,
    progress: Progress,
    *,
    of: int = 0,
    workers: int = 1,
    address: str = "",
) -> ShardsSummary:
    """Makes all shards of a corpus on the Ray cluster at an address; "" starts Ray on this machine.

    Where `of` is 0, the number of shards is that of the shards in the folder, else two for each CPU of the cluster.
    """
    with _ray_session(address) as ray:
        begun = shard_counts(folder)
        usual = _SHARDS_PER_CPU * int(ray.cluster_resources().get("CPU", 1))
        shards = shards_of(corpus, folder, of or (next(iter(begun)) if len(begun) == 1 else usual))
        outcomes = _process_on_ray(ray, shards, folder, model, workers=workers)
        return summarize(_with_progress(outcomes, len(shards), progress))


def summarize(outcomes: _Outcomes) -> ShardsSummary:
    """The outcomes of all shards together."""
    summary = ShardsSummary()
    for shard, outcome in outcomes:
        summary.add(shard, outcome)
    return summary


def _with_progress(outcomes: _Outcomes, of: int, progress: Progress) -> _Outcomes:
    """The same outcomes, reported as they come."""
    failed = 0
    progress("shards", 0, of)
    for done, (shard, outcome) in enumerate(outcomes, 1):
        failed += not isinstance(outcome, ShardResult)
        progress("shards", done, of, failed)
        yield shard, outcome


def _process_in_turn(
    shards: Iterable[Shard], folder: Path, annotator: Annotator, progress: Progress, *, workers: int
) -> _Outcomes:
    """Makes shards in this process; raises what goes wrong with one."""
    records = 0
    for shard in shards:
        on_count = partial(_report_records, progress, records)
        done = process_shard(shard, folder, annotator, workers=workers, on_count=on_count)
        records += done.manifest.records["policies"]
        _report_records(progress, records, 0)
        yield shard, done


def _report_records(progress: Progress, before: int, number: int) -> None:
    """Reports the number of records; how many there will be is not known."""
    progress("annotate", before + number, 0)


def _process_on_ray(ray: Any, shards: list[Shard], folder: Path, model: str, *, workers: int) -> _Outcomes:
    """Makes shards as Ray tasks, with one CPU for each of their workers.

    Ray repeats a task whose process or machine died. A shard that is lost even so probably has a page that kills the
    process: it is tried once more with worker processes, so that the page costs one of them and nothing else.
    """
    lost = yield from _completed_tasks(ray, shards, folder, model, workers, workers)
    for shard, reason in lost.items():
        _log.warning("%s was lost (%s): it is tried once more, with worker processes.", shard, reason)
    lost = yield from _completed_tasks(ray, lost, folder, model, max(2, workers), workers)
    for shard, reason in lost.items():
        yield shard, ArchivedPolicyError(f"{reason}.")


def _completed_tasks(  # noqa: PLR0913, PLR0917
    ray: Any, shards: Iterable[Shard], folder: Path, model: str, workers: int, processors: int
) -> Generator[tuple[Shard, _Outcome], None, dict[Shard, str]]:
    """The outcomes of shards as Ray finishes them; returns those whose processes died, with the reasons."""
    task = ray.remote(num_cpus=processors, max_retries=_TASK_RETRIES, retry_exceptions=[OSError])(_process_remotely)
    home, lost = Path.cwd(), {}
    waiting = {task.remote(shard, folder, home, model, workers): shard for shard in shards}
    with _deferred_interrupt() as interrupted:
        while waiting:
            ready, _ = ray.wait(list(waiting), num_returns=1, timeout=1)
            if interrupted.is_set():
                raise KeyboardInterrupt
            for reference in ready:
                shard = waiting.pop(reference)
                try:
                    yield shard, ray.get(reference)
                except ray.exceptions.RayTaskError as error:
                    yield shard, _as_package_error(error.cause)
                except ray.exceptions.RayError as error:
                    lost[shard] = _first_line(error)
    return lost


@contextmanager
def _deferred_interrupt() -> Iterator[Event]:
    """An event that Ctrl-C sets instead of raising KeyboardInterrupt, which can get lost within Ray's calls."""
    interrupted = Event()
    if current_thread() is not main_thread():  # only the main thread may set handlers
        yield interrupted
        return
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _process_remotely(shard: Shard, folder: Path, home: Path, model: str, workers: int) -> ShardResult:
    """`process_shard` on a machine of the cluster, in the working folder of the machine that asked."""
    os.chdir(home)
    return process_shard(shard, folder, _cached_annotator(model), workers=workers)


@cache
def _cached_annotator(model: str) -> Annotator:
    """The annotator with a model, loaded once a process."""
    return load_long_lived(model)


def _as_package_error(error: BaseException) -> ArchivedPolicyError:
    """An error of a shard as an error of this package."""
    return error if isinstance(error, ArchivedPolicyError) else ArchivedPolicyError(f"{_first_line(error)}.")


def _first_line(error: BaseException) -> str:
    """The first line of an error's message, without its full stop."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _check_reachable(address: str) -> None:
    """Raises OSError where nothing answers at HOST:PORT; Ray itself would wait and ignore Ctrl-C."""
    if found := _HOST_AND_PORT.fullmatch(address):
        socket.create_connection((found["host"], int(found["port"])), timeout=_CONNECT_SECONDS).close()


@contextmanager
def _ray_session(address: str) -> Iterator[Any]:
    """Ray, connected to the cluster at an address; "" starts it on this machine.

    Raises ConfigurationError where Ray is not installed or no cluster answers.
    """
    ray = require("ray", extra="ray", purpose="--engine ray")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # `annotate` uses no network but the cluster's
    try:
        _check_reachable(address)
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, ValueError, RuntimeError) as error:
        where = f"the Ray cluster at {address}" if address else "Ray"
        raise ConfigurationError(f"Cannot use {where}: {_first_line(error)}.") from error
    try:
        yield ray
    finally:
        ray.shutdown()
