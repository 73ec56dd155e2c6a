"""`archived-policy`: from words to a command, and from an error to an exit code."""

from __future__ import annotations

import argparse
import errno
import os
import sqlite3
import sys

from rich.console import Console

from extractor.cli.commands import COMMANDS
from extractor.cli.parser import build_parser, load_command
from extractor.cli.screen import print_line, set_up_log
from extractor.errors import ArchivedPolicyError, ConfigurationError, DiskFullError, InterruptedRunError

_ADVICE = {
    errno.ENOENT: "check the path",
    errno.EISDIR: "name a file",
    errno.EEXIST: "a file stands where a folder has to be",
    errno.ENOTDIR: "a file stands where a folder has to be",
    errno.EACCES: "name a place that you may use",
    errno.EPERM: "name a place that you may use",
    errno.EROFS: "name a place that can be written to",
    errno.EBUSY: "another program has it open; when that has ended, run this again",
    errno.ESTALE: "another machine replaced or removed the file; run this again",
    errno.ENOLCK: "the file system has no locks for files; name a place on a local disk",
}
_DISK_FULL = "The disk is full. What was fetched so far is kept: make room and run the same command again."


def main(words: list[str] | None = None) -> int:
    """Runs a command and returns its exit code."""
    words = sys.argv[1:] if words is None else words
    parser = build_parser([name for name in COMMANDS if name in words])
    arguments = parser.parse_args(words)
    if not arguments.command:  # as pip, docker and gh do: whoever types the bare name asks what there is
        parser.print_help()
        return 0
    console = Console(stderr=True, highlight=False)
    set_up_log(console, verbose=getattr(arguments, "verbose", False))
    return _run_command(arguments, console)


def _run_command(arguments: argparse.Namespace, console: Console) -> int:
    """Runs a command; its errors become a line and an exit code."""
    try:
        code: int = load_command(arguments.command).run(arguments, console)
        if sys.stdout:
            sys.stdout.flush()  # a full disk shows itself here, and not only when Python ends
        return code
    except BrokenPipeError:
        _discard_output()
        return 0
    except KeyboardInterrupt:
        return _report_error(console, InterruptedRunError("Interrupted."))
    except OSError as error:
        _discard_output()
        return _report_error(console, _explain_os_error(error))
    except sqlite3.Error as error:
        return _report_error(console, _explain_ledger_error(error))
    except ArchivedPolicyError as error:
        return _report_error(console, error)


def _discard_output() -> None:
    """Sends what standard output cannot take any more to nowhere, or Python would fail on it at its end."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_error(console: Console, error: ArchivedPolicyError) -> int:
    """Writes an error as one line and gives its exit code."""
    print_line(console, f"archived-policy: {error}")
    return error.exit_code


def _explain_os_error(error: OSError) -> ArchivedPolicyError:
    """What the operating system refused, as a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(_DISK_FULL)
    where = f" {error.filename}" if error.filename else ""
    advice = f": {_ADVICE[error.errno]}" if error.errno in _ADVICE else ""
    return ArchivedPolicyError(f"Cannot read or write{where}: {error.strerror or error}{advice}.")


def _explain_ledger_error(error: sqlite3.Error) -> ArchivedPolicyError:
    """What SQLite refused, as a sentence."""
    if "disk is full" in str(error):
        return DiskFullError(_DISK_FULL)
    return ConfigurationError(f"The ledger cannot be used ({error}): it is no ledger.sqlite of ours, or not writable.")
