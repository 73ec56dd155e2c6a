"""At most 30 seconds and 1 GB for a page.

The work on an ordinary page is bounded by its size. A page that is large, a PDF, or built as no page is written is
worked on in a process of its own, which can be stopped: C code (libxml2, PDFium) can be stopped in no other way. Such a
process takes one to three seconds to start; of the 169 given pages none needs one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import msgspec

from extractor.errors import UnreadableError
from extractor.records import Policy, Snapshot

SECONDS = 30
MEMORY = 1_000_000_000  # bytes, besides the programs themselves
LARGE = 1_000_000  # bytes
MANY_TAGS = 20_000  # the most on a given page are 6,606
MANY_BRACKETS = 12_000  # the most of one kind on a given page are 8,129
LONG_RUN = re.compile(rb"<[^<]{20000}")
LONG_TAG = re.compile(rb"<[a-zA-Z][\w:-]*\s[^<>]{20000,}")
ATTRIBUTE = re.compile(rb"\s[\w:-]+(?:=[\"']|=\w|\s)")
MANY_ATTRIBUTES = 2_000
MANY_LINES = 60_000
LARGE_MARKDOWN = 200_000  # bytes: markdown-it takes 20 times as long as libxml2
OUT_OF_MEMORY = 42  # exit code of the process


def is_heavy(snapshot: Snapshot) -> bool:
    """Whether a page could take more than its share of time or memory, once it is unpacked."""
    from extractor.clean.unpack import unpack

    try:
        content, _ = unpack(snapshot.content)
    except UnreadableError:
        return False  # a bomb, which is not read
    return (
        len(content) > (LARGE_MARKDOWN if "markdown" in snapshot.content_type else LARGE)
        or content.lstrip().startswith(b"%PDF-")
        or content.count(b"<") > MANY_TAGS
        or max(map(content.count, (b"(", b"[", b"{"))) > MANY_BRACKETS
        or content.count(b"\n") > MANY_LINES
        or (LONG_RUN.search(content) is not None and has_endless_tag(content))
    )


def has_endless_tag(content: bytes) -> bool:
    """Whether a tag has attributes without end."""
    return any(len(ATTRIBUTE.findall(tag)) > MANY_ATTRIBUTES for tag in LONG_TAG.findall(content))


def annotate_apart(snapshot: Snapshot, *model: str) -> Policy:
    """The policy of a page, made in a process of its own; `model` is how it is loaded, without one it is not labelled.

    Raises UnreadableError where the limits were reached or the process broke down.
    """
    command = [sys.executable, "-m", "extractor.run.apart", *model]
    known = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command,
            input=msgspec.msgpack.encode(snapshot),
            capture_output=True,
            env=known,
            timeout=SECONDS,
            check=False,
            start_new_session=True,  # the first Ctrl-C lets pages under way come to their end
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(f"stopped: reading it took more than {SECONDS} seconds") from error
    if done.returncode == OUT_OF_MEMORY:
        raise UnreadableError(f"stopped: reading it took more than {MEMORY // 1_000_000_000} GB of memory")
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise UnreadableError(f"stopped: reading it broke down ({last[0][:200]})")
    return msgspec.msgpack.decode(done.stdout, type=Policy)
