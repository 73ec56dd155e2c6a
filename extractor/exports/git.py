"""Versions of files as a git repository, by `git fast-import`: contents as they come, commits in order of time."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from extractor.errors import ArchivedPolicyError, ConfigurationError, DiskFullError

_WHO = b"archived-policy <archived-policy@localhost>"


@dataclass(frozen=True, slots=True)
class Version:
    """What a file holds from a moment on (fourteen digits, UTC).

    Versions of one `_commit` that follow one another in time go into one commit, with the message of the first.
    """

    timestamp: str
    path: str
    content: bytes
    message: str
    commit: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """A version whose content git has under a mark."""

    timestamp: str
    path: str
    message: str
    commit: str
    mark: int
    digest: bytes


def write_repository(versions: Iterable[Version], folder: Path) -> int:
    """Writes versions into a new repository in a folder, with the last ones checked out. Gives their number.

    A version that says what the one before it says is left out. Raises ConfigurationError where git is not installed.
    """
    _git(folder, "init", "--quiet", "--initial-branch=main")
    with _importing(folder) as stream:
        kept = sorted(_keep(versions, stream), key=lambda one: (one.timestamp, one.path, one.mark))
        changed = list(_changes(kept))
        for _, together in groupby(changed, key=lambda one: one.commit):
            _commit(list(together), stream)
    _git(folder, "reset", "--quiet", "--hard")
    return len(changed)


def _keep(versions: Iterable[Version], stream: BinaryIO) -> Iterator[_Kept]:
    """Hands the contents to git, each under a mark."""
    for mark, one in enumerate(versions, 1):
        stream.write(b"blob\nmark :%d\ndata %d\n%b\n" % (mark, len(one.content), one.content))
        yield _Kept(one.timestamp, one.path, one.message, one.commit, mark, sha256(one.content).digest())


def _changes(kept: Iterable[_Kept]) -> Iterator[_Kept]:
    """The versions that differ from the one before of the same file."""
    now: dict[str, bytes] = {}
    for one in kept:
        if now.get(one.path) != one.digest:
            now[one.path] = one.digest
            yield one


def _commit(together: list[_Kept], stream: BinaryIO) -> None:
    """Hands a commit to git."""
    seconds = int(_moment(together[0].timestamp).timestamp())
    message = together[0].message.encode()
    stream.write(b"commit refs/heads/main\n")
    stream.write(b"author %b %d +0000\ncommitter %b %d +0000\n" % (_WHO, seconds, _WHO, seconds))
    stream.write(b"data %d\n%b\n" % (len(message), message))
    for one in together:
        stream.write(b"M 100644 :%d %b\n" % (one.mark, one.path.encode()))
    stream.write(b"\n")


def _moment(timestamp: str) -> datetime:
    """The moment that fourteen digits tell. Raises ValueError where they are no date."""
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)


def is_moment(timestamp: str) -> bool:
    """Whether fourteen digits are a date that git can tell.

    >>> is_moment("20051231235959"), is_moment("20051301000000"), is_moment("")
    (True, False, False)
    """
    try:
        return _moment(timestamp).year >= 1970
    except ValueError:
        return False


@contextmanager
def _importing(folder: Path) -> Iterator[BinaryIO]:
    """What `git fast-import` in a folder reads. Raises DiskFullError, and ArchivedPolicyError with git's own words."""
    with TemporaryFile() as said:
        process = subprocess.Popen(
            ["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE, stderr=said, env=_environment()
        )
        stream = cast(BinaryIO, process.stdin)
        try:
            yield stream
            stream.close()
        except BrokenPipeError:
            pass  # what git said of it is told below
        finally:
            with suppress(OSError):
                stream.close()
            code = process.wait()
        said.seek(0)
        require_success(code, said.read().decode("utf-8", "replace"))


def _git(folder: Path, *words: str) -> None:
    """Runs a git command in a folder. Raises as `_importing` does, and ConfigurationError where there is no git."""
    try:
        done = subprocess.run(["git", "-C", folder, *words], capture_output=True, check=False, env=_environment())
    except FileNotFoundError as error:
        raise ConfigurationError("This format is written by git, which is not installed: install git.") from error
    require_success(done.returncode, done.stderr.decode("utf-8", "replace"))


def _environment() -> dict[str, str]:
    """The environment without the user's settings for git, which may change line ends, and with English words."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def require_success(code: int, said: str) -> None:
    """Raises what git ended with."""
    if code == 0:
        return
    if os.strerror(errno.ENOSPC) in said:
        raise DiskFullError("The disk is full: nothing was written. Make room and export again.")
    raise ArchivedPolicyError(f"git could not write the repository: {' '.join(said.split())[:300]}.")
