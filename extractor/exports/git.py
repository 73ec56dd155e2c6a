"""Revisions of files as a git repository, written by `git fast-import`: contents first, then commits by time."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timezone
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from extractor.errors import ArchivedPolicyError, DiskFullError
from extractor.gitprocess import git_process, run_git
from extractor.timestamps import parse_timestamp

_AUTHOR = b"archived-policy <archived-policy@localhost>"


@dataclass(frozen=True, slots=True)
class Revision:
    """The content of a file from a timestamp on (14 digits, UTC), and the message and key of its commit.

    Successive revisions with the same `commit` go into one commit, with the message of the first.
    """

    timestamp: str
    path: str
    content: bytes
    message: str
    commit: str


@dataclass(frozen=True, slots=True)
class _StoredRevision:
    """A revision whose content git has stored under a mark."""

    timestamp: str
    path: str
    message: str
    commit: str
    mark: int
    digest: bytes


def write_repository(revisions: Iterable[Revision], folder: Path) -> int:
    """Writes revisions into a new repository in a folder, checks out the last ones, and returns their number.

    A revision with the same content as the one before it is left out. Raises ConfigurationError if git is not
    installed, DiskFullError, and ArchivedPolicyError with git's message if git fails.
    """
    _run_git(folder, "init", "--quiet", "--initial-branch=main")
    with _fast_import(folder) as stream:
        stored = sorted(_write_blobs(revisions, stream), key=lambda one: (one.timestamp, one.path, one.mark))
        changed = list(_without_repeats(stored))
        for _, commit in groupby(changed, key=lambda one: one.commit):
            _write_commit(list(commit), stream)
    _run_git(folder, "reset", "--quiet", "--hard")
    return len(changed)


def _write_blobs(revisions: Iterable[Revision], stream: IO[bytes]) -> Iterator[_StoredRevision]:
    """Passes the contents to git, each under a mark."""
    for mark, one in enumerate(revisions, 1):
        stream.write(b"blob\nmark :%d\ndata %d\n%b\n" % (mark, len(one.content), one.content))
        yield _StoredRevision(one.timestamp, one.path, one.message, one.commit, mark, sha256(one.content).digest())


def _without_repeats(revisions: Iterable[_StoredRevision]) -> Iterator[_StoredRevision]:
    """The revisions that differ from the one before of the same file."""
    current: dict[str, bytes] = {}
    for one in revisions:
        if current.get(one.path) != one.digest:
            current[one.path] = one.digest
            yield one


def _write_commit(revisions: list[_StoredRevision], stream: IO[bytes]) -> None:
    """Passes a commit to git."""
    seconds = int(parse_timestamp(revisions[0].timestamp).replace(tzinfo=timezone.utc).timestamp())
    message = revisions[0].message.encode()
    stream.write(b"commit refs/heads/main\n")
    stream.write(b"author %b %d +0000\ncommitter %b %d +0000\n" % (_AUTHOR, seconds, _AUTHOR, seconds))
    stream.write(b"data %d\n%b\n" % (len(message), message))
    for one in revisions:
        stream.write(b"M 100644 :%d %b\n" % (one.mark, one.path.encode()))
    stream.write(b"\n")


@contextmanager
def _fast_import(folder: Path) -> Iterator[IO[bytes]]:
    """The input of `git fast-import` in a folder. Raises as `require_success` does when the block ends."""
    with TemporaryFile() as errors:
        arguments = ("-C", folder, "fast-import", "--quiet")
        with git_process(*arguments, stdin=subprocess.PIPE, stderr=errors) as process:
            assert process.stdin
            with suppress(BrokenPipeError):  # git ended: its reason is read below
                yield process.stdin
                process.stdin.close()
            process.wait()
        errors.seek(0)
        require_success(process.returncode, errors.read())


def _run_git(folder: Path, *arguments: str) -> None:
    """Runs a git command in a folder. Raises as `require_success` does, and ConfigurationError without git."""
    done = run_git("-C", folder, *arguments)
    require_success(done.returncode, done.stderr)


def require_success(exit_code: int, errors: bytes) -> None:
    """Raises DiskFullError, or ArchivedPolicyError with git's message, if a git command failed."""
    if exit_code == 0:
        return
    message = errors.decode("utf-8", "replace")
    if os.strerror(errno.ENOSPC) in message:
        raise DiskFullError("The disk is full: nothing was written. Make room and export again.")
    raise ArchivedPolicyError(f"git could not write the repository: {' '.join(message.split())[:300]}.")
