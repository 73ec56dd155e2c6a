"""Limits of 30 seconds and 1 GB for a page, enforced in a separate process.

The work on an ordinary page is bounded by its size. A heavy page (see `extractor.clean.is_heavy`) is processed in a
process of its own, which can be stopped: there is no other way to stop C code (libxml2, PDFium). Such a process takes
one to three seconds to start, then waits for the next heavy page. None of the 169 given pages needs one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, NamedTuple

import msgspec

from extractor.errors import UnreadableError
from extractor.records import Policy, Snapshot

_MAX_SECONDS = 30
MAX_MEMORY = 1_000_000_000  # bytes, in addition to the loaded code and models
_LENGTH_BYTES = 8  # before each message


class SandboxReply(NamedTuple):
    """The policy of a page, None if it took too much memory, and whether the process waits for another page."""

    policy: Policy | None
    is_waiting: bool = False


class _SandboxProcess(NamedTuple):
    """A process for heavy pages, and the file with its stderr."""

    program: subprocess.Popen[bytes]
    errors: IO[bytes]


# The process that waits for a page, by model; it ends when this process does
_idle_processes: dict[tuple[str, ...], _SandboxProcess] = {}


def annotate_in_sandbox(snapshot: Snapshot, *model: str) -> Policy:
    """The policy of a page, made in a separate process; `model` is the name to load it by, none to skip labelling.

    Raises UnreadableError if a limit was reached or the process died.
    """
    process = _idle_processes.pop(model, None)
    if not process or process.program.poll() is not None:
        process = _start_process(model)
    reply, start = None, time.monotonic()
    timer = Timer(_MAX_SECONDS, process.program.kill)
    timer.start()
    try:
        reply = _request_policy(process, snapshot)
        if reply and reply.policy:
            return reply.policy
        raise UnreadableError(f"stopped: reading it {_failure_reason(process, reply, time.monotonic() - start)}")
    finally:
        timer.cancel()
        if reply and reply.is_waiting:
            _idle_processes[model] = process
        else:
            _end_process(process)


def _end_process(process: _SandboxProcess) -> None:
    """Ends a process, whatever it is doing."""
    process.program.kill()
    with process.program, process.errors:
        pass  # waits for its end and closes its files


def _start_process(model: tuple[str, ...]) -> _SandboxProcess:
    """A new process that waits for heavy pages."""
    errors = TemporaryFile()  # noqa: SIM115 - open as long as the process
    program = subprocess.Popen(
        [sys.executable, "-m", "extractor.run.pipeline.sandbox_worker", *model],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,  # the first Ctrl-C lets the pages in progress finish
    )
    return _SandboxProcess(program, errors)


def _request_policy(process: _SandboxProcess, snapshot: Snapshot) -> SandboxReply | None:
    """The reply of a process to a page, None if it dies."""
    requests, replies = process.program.stdin, process.program.stdout
    assert requests and replies
    with suppress(BrokenPipeError):
        write_message(snapshot, requests)
    message = read_message(replies)
    return msgspec.msgpack.decode(message, type=SandboxReply) if message else None


def _failure_reason(process: _SandboxProcess, reply: SandboxReply | None, seconds: float) -> str:
    """Why a process did not return a policy."""
    if reply:
        return f"took more than {MAX_MEMORY // 1_000_000_000} GB of memory"
    if seconds >= _MAX_SECONDS:
        return f"took more than {_MAX_SECONDS} seconds"
    code = process.program.wait()
    process.errors.seek(0)
    lines = process.errors.read().decode(errors="replace").strip().splitlines()
    return f"broke down ({(lines or [f'exit code {code}'])[-1][:200]})"


def write_message(message: object, stream: IO[bytes]) -> None:
    """Writes a message to a stream: its length, then its msgpack."""
    packed = msgspec.msgpack.encode(message)
    stream.write(len(packed).to_bytes(_LENGTH_BYTES, "big") + packed)
    stream.flush()


def read_message(stream: IO[bytes]) -> bytes:
    """The next message of a stream, b"" at its end or if it is incomplete."""
    length = int.from_bytes(stream.read(_LENGTH_BYTES), "big")
    message = stream.read(length)
    return message if len(message) == length else b""
