"""The process that heavy pages are worked on in: a snapshot on stdin, its policy on stdout (`extractor.run.limits`)."""

from __future__ import annotations

import os
import sys
from typing import Any

import msgspec

import extractor.clean
import extractor.segment  # noqa: F401 - both before the limit: it is for the page alone
from extractor.label import load_model
from extractor.records import Snapshot
from extractor.run.annotator import annotate
from extractor.run.limits import MEMORY, OUT_OF_MEMORY


def main(*how: Any) -> int:
    """Annotates the one page; gives the exit code."""
    page = sys.stdin.buffer.read()
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    model = load_model(*how) if how else None
    limit_memory()
    try:
        answer.write(msgspec.msgpack.encode(annotate(msgspec.msgpack.decode(page, type=Snapshot), model)))
    except MemoryError:
        return OUT_OF_MEMORY
    answer.flush()
    return 0


def limit_memory() -> None:
    """Allows this process `MEMORY` more than it has; not on Windows, which has no such limit."""
    try:
        import resource
    except ImportError:
        return
    most = in_use() + MEMORY
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def in_use() -> int:
    """The address space this process has, in bytes, 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - no file of ours
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
