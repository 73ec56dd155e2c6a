"""Git as a program that is run: its environment, and its processes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from extractor.errors import ArchivedPolicyError, ConfigurationError

# No settings of the user's, which may change line ends; messages in English. Someone else's repository must neither
# run a program nor reach the network, whatever its configuration says.
_SETTINGS = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_TERMINAL_PROMPT": "0",
}


@contextmanager
def git_process(
    *arguments: str | Path,
    stdin: int = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.PIPE,
    error_type: type[ArchivedPolicyError] = ConfigurationError,
) -> Iterator[subprocess.Popen[bytes]]:
    """A running git command, its output piped; killed if it still runs when the block ends.

    Raises `error_type` if git is not installed.
    """
    command = ["git", *arguments]
    try:
        process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=_environment())
    except FileNotFoundError as error:
        raise error_type(
            "Git repositories are read and written by git, which is not installed: install git."
        ) from error
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with suppress(BrokenPipeError):  # what git did not read any more
                    stream.close()
        process.wait()


def run_git(
    *arguments: str | Path, error_type: type[ArchivedPolicyError] = ConfigurationError
) -> subprocess.CompletedProcess[bytes]:
    """A git command that has ended, with its output. Raises `error_type` if git is not installed."""
    with git_process(*arguments, error_type=error_type) as process:
        output, error = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, output, error)


def _environment() -> dict[str, str]:
    """The environment variables that git runs with."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | _SETTINGS
