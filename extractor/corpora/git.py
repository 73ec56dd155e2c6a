"""Reads git repositories without a checkout: every version of every file, oldest first, streamed."""

from __future__ import annotations

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
from extractor.gitprocess import git_process, run_git

_LOG = ("log", "--reverse", "--no-merges", "--full-history", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff",
       "--no-show-signature", "--diff-filter=d", "--root", "-z", "--format=%x01%H %at%n%B")  # fmt: skip
BUNDLE_HEADER = re.compile(rb"# v\d git bundle\n")
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class _Commit:
    """A commit: its hash, the author's date as 14 digits in UTC, and its message."""

    sha: str
    timestamp: str
    message: str


@dataclass(frozen=True, slots=True)
class FileVersion:
    """A file as a commit left it: its path in the repository, and the hash of its content."""

    commit: _Commit
    path: str
    blob: str


def is_repository(path: Path) -> bool:
    """Whether a path is a git repository: a work tree, a bare repository, or a bundle."""
    return bool(_git_directory(path)) or _is_bundle(path)


def _git_directory(path: Path) -> Path | None:
    """Where git's own files are: a folder, or a file in a linked work tree; None if there are none."""
    for folder in (path / ".git", path):
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
            return folder
    return path / ".git" if (path / ".git").is_file() else None


def _is_bundle(path: Path) -> bool:
    """Whether a file is a git bundle, by its first line."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return bool(BUNDLE_HEADER.match(stream.read(20)))


@contextmanager
def open_repository(path: Path) -> Iterator[list[str]]:
    """The options that make git use a repository; a bundle is cloned into a temporary folder for the block.

    Raises UnreadableError if git is not installed or cannot read the repository.
    """
    with ExitStack() as stack:
        folder = _git_directory(path)
        if not folder:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="archived-policy-")))
            git_output(["clone", "--quiet", "--bare", "--", str(path.absolute()), str(folder)], path)
        elif folder.is_file():
            folder = Path(git_output(["-C", str(path), "rev-parse", "--absolute-git-dir"], path).strip())
        yield ["--no-pager", "--git-dir", str(folder)]


def history_revision(repository: list[str], path: Path) -> str:
    """The revision to read the history from: HEAD, or all branches if HEAD names none (a bundle of one branch)."""
    head = git_output([*repository, "rev-parse", "--verify", "--quiet", "HEAD"], path, check=False)
    return "HEAD" if head else "--branches"


def git_output(arguments: list[str], path: Path, *, check: bool = True) -> str:
    """The output of a git command, "" if it fails. With `check`, raises UnreadableError if it fails."""
    done = run_git(*arguments, error_type=UnreadableError)
    if check and done.returncode:
        raise _git_failure(path, done.stderr)
    return done.stdout.decode("utf-8", "replace") if not done.returncode else ""


def _git_failure(path: Path, error: bytes) -> UnreadableError:
    """The error for a repository that git cannot read, with git's own message."""
    lines = error.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    return UnreadableError(f"{path} cannot be read by git: {lines[-1].removeprefix('fatal: ')}.")


def paths_in(repository: list[str], path: Path) -> list[str]:
    """The paths of the files in the newest commit."""
    output = git_output([*repository, "ls-tree", "-r", "--name-only", "-z", "HEAD"], path, check=False)
    return [name for name in output.split("\0") if name]


def file_versions(repository: list[str], path: Path) -> Iterator[FileVersion]:
    """Every version of every file, oldest first. Raises UnreadableError if git cannot read the whole history."""
    with git_process(*repository, *_LOG, history_revision(repository, path), error_type=UnreadableError) as process:
        assert process.stdout and process.stderr
        yield from parse_log(_nul_separated(process.stdout))
        error = process.stderr.read()
        if process.wait():
            raise _git_failure(path, error)


def _nul_separated(stream: IO[bytes]) -> Iterator[str]:
    """The NUL-separated fields of a stream."""
    tail = b""
    while chunk := stream.read(_CHUNK_BYTES):
        *complete, tail = (tail + chunk).split(b"\0")
        yield from (field.decode("utf-8", "replace") for field in complete)
    if tail:
        yield tail.decode("utf-8", "replace")


def parse_log(fields: Iterator[str]) -> Iterator[FileVersion]:
    """The versions in the fields of git's log: a commit, then for each file `:modes hashes status` and its path."""
    commit = _Commit("", "", "")
    for field in (field.lstrip("\n") for field in fields):
        if field.startswith("\x01"):
            commit = _parse_commit(field[1:])
        elif field.startswith(":"):
            mode, blob = field.split()[1], field.split()[3]
            path = next(fields, "")
            if mode.startswith("100"):  # no links, no submodules
                yield FileVersion(commit, path, blob)


def _parse_commit(text: str) -> _Commit:
    """A commit from its hash, its date in seconds since 1970, and its message."""
    first, _, message = text.partition("\n")
    sha, _, seconds = first.partition(" ")
    moment = datetime.fromtimestamp(int(seconds), timezone.utc)
    return _Commit(sha, moment.strftime("%Y%m%d%H%M%S"), message)


@contextmanager
def open_blobs(repository: list[str]) -> Iterator[BlobReader]:
    """A reader of the contents of files, which runs one `git cat-file` for all of them."""
    with git_process(*repository, "cat-file", "--batch", stdin=subprocess.PIPE, error_type=UnreadableError) as process:
        assert process.stdin and process.stdout
        yield BlobReader(process.stdin, process.stdout)


@dataclass(frozen=True, slots=True)
class BlobReader:
    """The input and output of a running `git cat-file --batch`."""

    requests: IO[bytes]
    responses: IO[bytes]

    def read(self, sha: str) -> bytes:
        """The content with a hash. Raises ValueError if the repository lacks it."""
        try:
            self.requests.write(f"{sha}\n".encode())
            self.requests.flush()
        except BrokenPipeError as error:
            raise ValueError("git broke off") from error
        header = self.responses.readline().split()
        if len(header) != 3:
            raise ValueError("the repository lacks it" if header[1:] == [b"missing"] else "git broke off")
        content = self.responses.read(int(header[2]))
        self.responses.read(1)
        return content
