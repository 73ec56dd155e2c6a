"""The process that heavy pages are worked on in, one after another: snapshots on stdin, policies on stdout.

`extractor.run.pipeline.sandbox` is at the other end.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import msgspec

import extractor.clean
import extractor.segment  # noqa: F401 - both before the limit: it is for the page alone
from extractor.label import Model, load_model
from extractor.records import Snapshot
from extractor.run.pipeline.annotator import annotate
from extractor.run.pipeline.sandbox import MEMORY, Answer, next_message, send

_GROWN = 300_000_000  # bytes; a process that has grown so far makes room for a new one


def _main(*how: Any) -> None:
    """Annotates each page that comes, until none does, by a model loaded so; without one they are not labelled."""
    pages, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    model = load_model(*how) if how else None
    least = _in_use()
    while page := next_message(pages):
        answer = _answer_to(page, model)
        answer = answer._replace(stays=answer.policy is not None and _in_use() < least + _GROWN)
        send(answer, answers)
        if not answer.stays:
            return


def _answer_to(page: bytes, model: Model | None) -> Answer:
    """What is sent back for a page."""
    _limit_memory()
    try:
        return Answer(annotate(msgspec.msgpack.decode(page, type=Snapshot), model), stays=True)
    except MemoryError:
        return Answer(None)


def _limit_memory() -> None:
    """Allows this process `MEMORY` more than it has; not on Windows, which has no such limit."""
    try:
        import resource
    except ImportError:
        return
    most = _in_use() + MEMORY
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _in_use() -> int:
    """The address space this process has, in bytes, 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - no file of ours
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


if __name__ == "__main__":
    _main(*sys.argv[1:])
