"""Git repositories read by git itself, without a checkout: every version of every file, oldest first, streamed."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO

from extractor.errors import UnreadableError

# A stranger's repository must neither run a program nor reach the network, whatever its configuration says
_SAFE = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}
_LOG = ("log", "--reverse", "--no-merges", "--full-history", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff",
       "--no-show-signature", "--diff-filter=d", "--root", "-z", "--format=%x01%H %at%n%B")  # fmt: skip
BUNDLE = re.compile(rb"# v\d git bundle\n")
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class _Commit:
    """A commit: its hash, the author's date as 14 digits in UTC, and its message."""

    sha: str
    timestamp: str
    message: str


@dataclass(frozen=True, slots=True)
class Version:
    """A file as a commit left it: its path in the repository, and the hash of its bytes."""

    commit: _Commit
    path: str
    blob: str


def is_repository(path: Path) -> bool:
    """Whether a path is a git repository: a work tree, a bare one, or a bundle."""
    return bool(_git_folder(path)) or _is_bundle(path)


def _git_folder(path: Path) -> Path | None:
    """The folder with git's own files in a repository, None where it is none."""
    for folder in (path / ".git", path):
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
            return folder
    return path / ".git" if (path / ".git").is_file() else None  # a linked work tree


def _is_bundle(path: Path) -> bool:
    """Whether a file is a git bundle, by its first line."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return bool(BUNDLE.match(stream.read(20)))


@contextmanager
def opened(path: Path) -> Iterator[list[str]]:
    """The beginning of a git command for a repository; a bundle is unpacked into a temporary folder meanwhile.

    Raises UnreadableError where git is missing or cannot read it.
    """
    with ExitStack() as stack:
        folder = _git_folder(path)
        if not folder:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="archived-policy-")))
            output(["git", "clone", "--quiet", "--bare", "--", str(path.absolute()), str(folder)], path)
        elif folder.is_file():
            folder = Path(output(["git", "-C", str(path), "rev-parse", "--absolute-git-dir"], path).strip())
        yield ["git", "--no-pager", "--git-dir", str(folder)]


def tip(git: list[str], path: Path) -> str:
    """What to read the history from: HEAD, or all branches where it names none (a bundle of one branch)."""
    return "HEAD" if output([*git, "rev-parse", "--verify", "--quiet", "HEAD"], path, check=False) else "--branches"


def output(command: list[str], path: Path, *, check: bool = True) -> str:
    """What a git command prints. Raises UnreadableError where it fails, unless that is not to be checked."""
    with _process(command) as running:
        out, error = running.communicate()
    if check and running.returncode:
        raise _refused(path, error)
    return out.decode("utf-8", "replace") if not running.returncode else ""


@contextmanager
def _process(command: list[str], stdin: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
    """A git command under way, ended when the block does. Raises UnreadableError where git is not installed."""
    try:
        running = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _SAFE,
        )
    except FileNotFoundError as error:
        raise UnreadableError("Git corpora are read by git, which is not installed: install it.") from error
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        for stream in (running.stdin, running.stdout, running.stderr):
            if stream:
                stream.close()
        running.wait()


def _refused(path: Path, error: bytes) -> UnreadableError:
    """What git said against a repository, as a sentence."""
    lines = error.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    return UnreadableError(f"{path} cannot be read by git: {lines[-1].removeprefix('fatal: ')}.")


def paths_in(git: list[str], path: Path) -> list[str]:
    """The paths of the files in the newest commit."""
    return [
        name
        for name in output([*git, "ls-tree", "-r", "--name-only", "-z", "HEAD"], path, check=False).split("\0")
        if name
    ]


def versions(git: list[str], path: Path) -> Iterator[Version]:
    """Every version of every file, oldest first. Raises UnreadableError where the history breaks off."""
    with _process([*git, *_LOG, tip(git, path)]) as running:
        assert running.stdout and running.stderr
        yield from parse_log(_fields(running.stdout))
        error = running.stderr.read()
        if running.wait():
            raise _refused(path, error)


def _fields(stream: IO[bytes]) -> Iterator[str]:
    """The fields of a stream that NULs part."""
    tail = b""
    while chunk := stream.read(_CHUNK):
        *whole, tail = (tail + chunk).split(b"\0")
        yield from (field.decode("utf-8", "replace") for field in whole)
    if tail:
        yield tail.decode("utf-8", "replace")


def parse_log(parts: Iterator[str]) -> Iterator[Version]:
    """The versions in git's log: a commit, then for each file `:modes hashes status` and its path."""
    commit = _Commit("", "", "")
    for part in (field.lstrip("\n") for field in parts):
        if part.startswith("\x01"):
            commit = _parse_commit(part[1:])
        elif part.startswith(":"):
            mode, blob = part.split()[1], part.split()[3]
            name = next(parts, "")
            if mode.startswith("100"):  # no links, no submodules
                yield Version(commit, name, blob)


def _parse_commit(text: str) -> _Commit:
    """A commit from its hash, its date in seconds since 1970, and its message."""
    first, _, message = text.partition("\n")
    sha, _, seconds = first.partition(" ")
    moment = datetime.fromtimestamp(int(seconds), timezone.utc)
    return _Commit(sha, moment.strftime("%Y%m%d%H%M%S"), message)


@contextmanager
def blobs(git: list[str]) -> Iterator[Blobs]:
    """The bytes of files by their hashes, from one `git cat-file` for all of them."""
    with _process([*git, "cat-file", "--batch"], subprocess.PIPE) as running:
        assert running.stdin and running.stdout
        yield Blobs(running.stdin, running.stdout)


@dataclass(frozen=True, slots=True)
class Blobs:
    """A running `git cat-file --batch`: its input and output."""

    ask: IO[bytes]
    answer: IO[bytes]

    def read(self, sha: str) -> bytes:
        """The bytes under a hash. Raises ValueError where the repository lacks them."""
        try:
            self.ask.write(f"{sha}\n".encode())
            self.ask.flush()
        except BrokenPipeError as error:
            raise ValueError("git broke off") from error
        head = self.answer.readline().split()
        if len(head) != 3:
            raise ValueError("the repository lacks it" if head[1:] == [b"missing"] else "git broke off")
        content = self.answer.read(int(head[2]))
        self.answer.read(1)
        return content
