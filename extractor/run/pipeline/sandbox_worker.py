"""The process that annotates heavy pages, one after another: snapshots on stdin, policies on stdout.

The other end is `extractor.run.pipeline.sandbox`.
"""

from __future__ import annotations

import os
import sys

import msgspec

import extractor.segment  # noqa: F401 - like all imports before the memory limit, which is for the page alone
from extractor.clean import unpack
from extractor.label import Model, load_model
from extractor.records import Snapshot
from extractor.run.pipeline.annotator import annotate
from extractor.run.pipeline.sandbox import MAX_MEMORY, SandboxReply, read_message, write_message

_MAX_GROWTH = 300_000_000  # bytes; a process that has grown more is replaced by a new one


def _main(*model_name: str) -> None:
    """Annotates the pages on stdin until there are no more; without a model they are not labelled."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not mix with the replies
    model = load_model(*model_name) if model_name else None
    initial_size = _address_space()
    while message := read_message(requests):
        reply = _reply_to(message, model)
        has_room = _address_space() < initial_size + _MAX_GROWTH
        reply = reply._replace(is_waiting=reply.policy is not None and has_room)
        write_message(reply, replies)
        if not reply.is_waiting:
            return


def _reply_to(message: bytes, model: Model | None) -> SandboxReply:
    """The reply to a message with a page."""
    _limit_memory()
    try:
        return SandboxReply(annotate(unpack(msgspec.msgpack.decode(message, type=Snapshot)), model))
    except MemoryError:
        return SandboxReply(None)


def _limit_memory() -> None:
    """Limits this process to `MAX_MEMORY` more than it has; not on Windows, which has no such limit."""
    try:
        import resource
    except ImportError:
        return
    limit = _address_space() + MAX_MEMORY
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _address_space() -> int:
    """The size of this process's address space in bytes, 0 if the system does not report it."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - not a file of this project
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


if __name__ == "__main__":
    _main(*sys.argv[1:])
