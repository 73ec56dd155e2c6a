"""At most 30 seconds and 1 GB for a page.

The work on an ordinary page is bounded by its size. A page that is large, a PDF, or built as no page is written is
worked on in a process of its own, which can be stopped: C code (libxml2, PDFium) can be stopped in no other way. Such a
process takes one to three seconds to start, and then waits for the next of these pages; of the 169 given pages none
needs one.
"""

from __future__ import annotations

import os
import re
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

_SECONDS = 30
MEMORY = 1_000_000_000  # bytes, besides the programs themselves
_LARGE = 1_000_000  # bytes
_MANY = {
    "<": 20_000,  # the most on a given page are 6,606
    **dict.fromkeys("([{", 12_000),  # the most of one kind on a given page are 8,129
    "\n": 60_000,
}
_LONG_TAG = re.compile(rb"<[a-zA-Z][\w:-]*\s[^<>]{20000,}")
_ATTRIBUTE = re.compile(rb"\s[\w:-]+(?:=[\"']|=\w|\s)")
_MANY_ATTRIBUTES = 2_000
_LARGE_MARKDOWN = 200_000  # bytes: markdown-it takes 20 times as long as libxml2
_LENGTH = 8  # bytes before a message


def is_heavy(snapshot: Snapshot) -> bool:
    """Whether a page could take more than its share of time or memory, once it is unpacked."""
    from extractor.clean.unpack import unpack

    try:
        content, _ = unpack(snapshot.content)
    except UnreadableError:
        return False  # a bomb, which is not read
    return (
        len(content) > (_LARGE_MARKDOWN if "markdown" in snapshot.content_type else _LARGE)
        or content.lstrip().startswith(b"%PDF-")
        or _has_many(content)
        or _has_endless_tag(content)
    )


def _has_many(content: bytes) -> bool:
    """Whether a page has more tags, brackets of a kind, or lines than pages have."""
    import numpy as np

    codes = np.frombuffer(content, np.uint8)  # counts five times as fast as bytes do
    return any(np.count_nonzero(codes == ord(char)) > most for char, most in _MANY.items())


def _has_endless_tag(content: bytes) -> bool:
    """Whether a tag has attributes without end."""
    from extractor.clean.tree import endless_tags

    tags = filter(None, (_LONG_TAG.match(content, start) for start in endless_tags(content)))
    return any(len(_ATTRIBUTE.findall(tag[0])) > _MANY_ATTRIBUTES for tag in tags)


class Answer(NamedTuple):
    """The policy of a page, None where it took too much memory; and whether the process waits for another page."""

    policy: Policy | None
    stays: bool = False


class _Process(NamedTuple):
    """A process for heavy pages, and the file that its complaints go to."""

    program: subprocess.Popen[bytes]
    complaints: IO[bytes]


# For each model the process that waits for a page; it ends when this one does
_waiting: dict[tuple[str, ...], _Process] = {}


def annotate_apart(snapshot: Snapshot, *model: str) -> Policy:
    """The policy of a page, made in a process of its own; `model` is how it is loaded, without one it is not labelled.

    Raises UnreadableError where the limits were reached or the process broke down.
    """
    process = _waiting.pop(model, None)
    if not process or process.program.poll() is not None:
        process = _started(model)
    answer, began = None, time.monotonic()
    timer = Timer(_SECONDS, process.program.kill)
    timer.start()
    try:
        answer = _asked(process, snapshot)
        if answer and answer.policy:
            return answer.policy
        raise UnreadableError(f"stopped: reading it {_what_failed(process, answer, time.monotonic() - began)}")
    finally:
        timer.cancel()
        if answer and answer.stays:
            _waiting[model] = process
        else:
            _end(process)


def _end(process: _Process) -> None:
    """Ends a process, whatever it is doing."""
    process.program.kill()
    with process.program, process.complaints:
        pass  # waits for its end and closes its files


def _started(model: tuple[str, ...]) -> _Process:
    """A process that waits for heavy pages."""
    complaints = TemporaryFile()  # noqa: SIM115 - open as long as the process
    program = subprocess.Popen(
        [sys.executable, "-m", "extractor.run.pipeline.sandbox_worker", *model],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,  # the first Ctrl-C lets pages under way come to their end
    )
    return _Process(program, complaints)


def _asked(process: _Process, snapshot: Snapshot) -> Answer | None:
    """The answer of a process to a page, None where it dies instead."""
    to, back = process.program.stdin, process.program.stdout
    assert to and back
    with suppress(BrokenPipeError):
        send(snapshot, to)
    answer = next_message(back)
    return msgspec.msgpack.decode(answer, type=Answer) if answer else None


def _what_failed(process: _Process, answer: Answer | None, seconds: float) -> str:
    """Why a process has no policy of a page."""
    if answer:
        return f"took more than {MEMORY // 1_000_000_000} GB of memory"
    if seconds >= _SECONDS:
        return f"took more than {_SECONDS} seconds"
    code = process.program.wait()
    process.complaints.seek(0)
    lines = process.complaints.read().decode(errors="replace").strip().splitlines()
    return f"broke down ({(lines or [f'exit code {code}'])[-1][:200]})"


def send(message: object, stream: IO[bytes]) -> None:
    """Writes a message to a stream, in msgpack, behind its length."""
    packed = msgspec.msgpack.encode(message)
    stream.write(len(packed).to_bytes(_LENGTH, "big") + packed)
    stream.flush()


def next_message(stream: IO[bytes]) -> bytes:
    """The next message of a stream, b"" at its end or where it breaks off."""
    length = int.from_bytes(stream.read(_LENGTH), "big")
    message = stream.read(length)
    return message if len(message) == length else b""
