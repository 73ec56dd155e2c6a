"""What makes the shards of a corpus: this process, one after another, or Ray's tasks on the machines of a cluster.

An engine gives each shard with what became of it, in whatever order; `process_shard` is all that it has to call.
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
from typing import TYPE_CHECKING, Any, TypeAlias

from extractor.errors import ArchivedPolicyError, ConfigurationError
from extractor.run.corpus.merge import divisions
from extractor.run.corpus.shard import Corpus, Done, Shard, process_shard, shards_of
from extractor.run.pipeline.annotator import Annotator, load_to_stay

if TYPE_CHECKING:
    from extractor.run.collect.fetch import Progress

_log = logging.getLogger(__name__)

_RETRIES = 3  # of a task whose process or machine died, or that met an error of the file system
_SHARDS_A_CPU = 2  # so that none waits long for the last shard; each shard passes over the pages of all others
_PATIENCE = 10  # seconds, for the head of a cluster to answer
_HOST_AND_PORT = re.compile(r"\[?(?P<host>[^/\[\]]+?)\]?:(?P<port>\d{1,5})")
_Outcome: TypeAlias = Done | ArchivedPolicyError
_Outcomes: TypeAlias = Iterator[tuple[Shard, _Outcome]]


@dataclass(slots=True)
class ShardsSummary:
    """What became of shards: how many were made, and how many were complete before; what is wrong, in sentences.

    `unread` is what could not be read of the corpus, `empty` the paths without a page, `lost` why shards are missing.
    """

    made: int = 0
    kept: int = 0
    records: int = 0
    unread: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def enter(self, shard: Shard, outcome: _Outcome) -> None:
        """Adds what became of a shard."""
        if not isinstance(outcome, Done):
            self.lost.append(f"{shard} is missing: {outcome}")
            return
        self.made += not outcome.kept
        self.kept += outcome.kept
        self.records += outcome.made.records["policies"]
        self.unread += outcome.made.unread
        self.empty += outcome.made.empty


def annotate_shards(  # noqa: PLR0913 - what, where, with what, and which
    corpus: Corpus, folder: Path, annotator: Annotator, progress: Progress, *, of: int, number: int, workers: int
) -> ShardsSummary:
    """Makes a shard of a corpus in this process, or all of them one after another where `number` is 0."""
    shards = [shard for shard in shards_of(corpus, folder, of) if number in (0, shard.share.number)]
    return summarised(_in_turn(shards, folder, annotator, progress, workers=workers))


def annotate_on_ray(  # noqa: PLR0913
    corpus: Corpus, folder: Path, model: str, progress: Progress, *, of: int = 0, workers: int = 1, address: str = ""
) -> ShardsSummary:
    """Makes all shards of a corpus on Ray: the cluster at an address, "" for a Ray of its own on this machine.

    Without a number of shards it is that of the shards in the folder, else two for each processor of the cluster.
    """
    with _running_ray(address) as ray:
        begun = divisions(folder)
        usual = _SHARDS_A_CPU * int(ray.cluster_resources().get("CPU", 1))
        shards = shards_of(corpus, folder, of or (next(iter(begun)) if len(begun) == 1 else usual))
        outcomes = _on_ray(ray, shards, folder, model, workers=workers)
        return summarised(_shown(outcomes, len(shards), progress))


def summarised(outcomes: _Outcomes) -> ShardsSummary:
    """What became of all shards."""
    summary = ShardsSummary()
    for shard, outcome in outcomes:
        summary.enter(shard, outcome)
    return summary


def _shown(outcomes: _Outcomes, of: int, progress: Progress) -> _Outcomes:
    """The outcomes, shown as they come."""
    failed = 0
    progress("shards", 0, of)
    for done, (shard, outcome) in enumerate(outcomes, 1):
        failed += not isinstance(outcome, Done)
        progress("shards", done, of, failed)
        yield shard, outcome


def _in_turn(
    shards: Iterable[Shard], folder: Path, annotator: Annotator, progress: Progress, *, workers: int
) -> _Outcomes:
    """Makes shards in this process; what goes wrong with one is raised."""
    records = 0
    for shard in shards:
        count = partial(_told, progress, records)
        done = process_shard(shard, folder, annotator, workers=workers, count=count)
        records += done.made.records["policies"]
        _told(progress, records, 0)
        yield shard, done


def _told(progress: Progress, before: int, number: int) -> None:
    """Shows how many records there are, of nobody knows how many."""
    progress("annotate", before + number, 0)


def _on_ray(ray: Any, shards: list[Shard], folder: Path, model: str, *, workers: int) -> _Outcomes:
    """Makes shards by Ray's tasks, a processor for each of their workers.

    Ray does a task again where its process or machine died. A shard that is lost nevertheless probably has a page that
    kills: it is tried once more with worker processes, of which that page costs one and no more.
    """
    lost = yield from _finished(ray, shards, folder, model, workers, workers)
    for shard, reason in lost.items():
        _log.warning("%s was lost (%s): it is tried once more, with worker processes.", shard, reason)
    lost = yield from _finished(ray, lost, folder, model, max(2, workers), workers)
    for shard, reason in lost.items():
        yield shard, ArchivedPolicyError(f"{reason}.")


def _finished(  # noqa: PLR0913, PLR0917
    ray: Any, shards: Iterable[Shard], folder: Path, model: str, workers: int, processors: int
) -> Generator[tuple[Shard, _Outcome], None, dict[Shard, str]]:
    """What became of shards, as Ray finishes them; returns those whose processes died, with the reasons."""
    task = ray.remote(num_cpus=processors, max_retries=_RETRIES, retry_exceptions=[OSError])(_make_shard)
    home, lost = Path.cwd(), {}
    waiting = {task.remote(shard, folder, home, model, workers): shard for shard in shards}
    with _noted_interrupt() as interrupted:
        while waiting:
            ready, _ = ray.wait(list(waiting), num_returns=1, timeout=1)
            if interrupted.is_set():
                raise KeyboardInterrupt
            for reference in ready:
                shard = waiting.pop(reference)
                try:
                    yield shard, ray.get(reference)
                except ray.exceptions.RayTaskError as error:
                    yield shard, _named(error.cause)
                except ray.exceptions.RayError as error:
                    lost[shard] = _first_line(error)
    return lost


@contextmanager
def _noted_interrupt() -> Iterator[Event]:
    """An event that Ctrl-C sets: raised in the middle of Ray's calls, KeyboardInterrupt can get lost there."""
    interrupted = Event()
    if current_thread() is not main_thread():  # whose Ctrl-C is another's
        yield interrupted
        return
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _make_shard(shard: Shard, folder: Path, home: Path, model: str, workers: int) -> Done:
    """`process_shard` on a machine of the cluster, whose paths are those of the machine that asks."""
    os.chdir(home)
    return process_shard(shard, folder, _loaded(model), workers=workers)


@cache
def _loaded(model: str) -> Annotator:
    """The annotator with a model, loaded once a process."""
    return load_to_stay(model)


def _named(error: BaseException) -> ArchivedPolicyError:
    """What went wrong with a shard as an error of ours."""
    return error if isinstance(error, ArchivedPolicyError) else ArchivedPolicyError(f"{_first_line(error)}.")


def _first_line(error: BaseException) -> str:
    """What an error says, as the middle of a sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _knock(address: str) -> None:
    """Raises OSError where nobody answers at HOST:PORT: Ray itself would wait, and not hear Ctrl-C meanwhile."""
    if found := _HOST_AND_PORT.fullmatch(address):
        socket.create_connection((found["host"], int(found["port"])), timeout=_PATIENCE).close()


@contextmanager
def _running_ray(address: str) -> Iterator[Any]:
    """Ray, connected to the cluster at an address, "" for one of its own on this machine.

    Raises ConfigurationError where it is not installed or no cluster answers.
    """
    try:
        import ray
    except ImportError as error:
        raise ConfigurationError("--engine ray needs the extra: pip install 'archived-policy[ray]'.") from error
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # `annotate` uses no network but the cluster's
    try:
        _knock(address)
        ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, ValueError, RuntimeError) as error:
        where = f"the Ray cluster at {address}" if address else "Ray"
        raise ConfigurationError(f"Cannot use {where}: {_first_line(error)}.") from error
    try:
        yield ray
    finally:
        ray.shutdown()
