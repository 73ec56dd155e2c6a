"""`archived-policy`: from words to a command, and from an error to an exit code."""

from __future__ import annotations

import argparse
import errno
import os
import sqlite3
import sys
from importlib import import_module

from rich.console import Console
from rich.text import Text

from extractor.cli.parser import build_parser
from extractor.cli.screen import printable, set_up_log
from extractor.errors import ArchivedPolicyError, ConfigurationError, DiskFullError, InterruptedRunError

COMMANDS = {  # and the modules that have them: a command loads only what it needs
    "run": "collecting",
    "captures": "collecting",
    "annotate": "annotating",
    "merge": "annotating",
    "extract": "annotating",
    "label": "annotating",
    "status": "folders",
    "verify": "folders",
    "export": "folders",
    "report": "folders",
    "history": "studying",
    "sample": "studying",
    "audit": "studying",
    "train": "models",
    "evaluate": "models",
}
WHAT_TO_DO = {
    errno.ENOENT: "check the path",
    errno.EISDIR: "name a file",
    errno.EEXIST: "a file stands where a folder has to be",
    errno.ENOTDIR: "a file stands where a folder has to be",
    errno.EACCES: "name a place that you may use",
    errno.EPERM: "name a place that you may use",
    errno.EROFS: "name a place that can be written to",
}
DISK_FULL = "The disk is full. What was fetched so far is kept: make room and run the same command again."


def main(words: list[str] | None = None) -> int:
    """Runs the command and gives its exit code."""
    arguments = build_parser().parse_args(words)
    console = Console(stderr=True, highlight=False)
    set_up_log(console)
    try:
        code = run(arguments, console)
        if sys.stdout:
            sys.stdout.flush()  # a full disk shows itself here, and not only when Python ends
        return code
    except BrokenPipeError:
        drop_output()
        return 0
    except KeyboardInterrupt:
        return report_error(console, InterruptedRunError("Interrupted."))
    except OSError as error:
        drop_output()
        return report_error(console, named_os_error(error))
    except sqlite3.Error as error:
        return report_error(console, named_ledger_error(error))
    except ArchivedPolicyError as error:
        return report_error(console, error)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Runs the command that the arguments name."""
    module = import_module(f"extractor.cli.{COMMANDS[arguments.command]}")
    code: int = getattr(module, f"{arguments.command}_command")(arguments, console)
    return code


def drop_output() -> None:
    """Sends what standard output cannot take any more to nowhere, or Python would fail on it at its end."""
    try:
        if sys.stdout:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report_error(console: Console, error: ArchivedPolicyError) -> int:
    """Writes an error as one line and gives its exit code."""
    console.print(Text(f"archived-policy: {printable(str(error))}"), soft_wrap=True)
    return error.exit_code


def named_os_error(error: OSError) -> ArchivedPolicyError:
    """What the operating system refused, as a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(DISK_FULL)
    where = f" {error.filename}" if error.filename else ""
    advice = f": {WHAT_TO_DO[error.errno]}" if error.errno in WHAT_TO_DO else ""
    return ArchivedPolicyError(f"Cannot read or write{where}: {error.strerror or error}{advice}.")


def named_ledger_error(error: sqlite3.Error) -> ArchivedPolicyError:
    """What SQLite refused, as a sentence."""
    if "disk is full" in str(error):
        return DiskFullError(DISK_FULL)
    return ConfigurationError(f"The ledger cannot be used ({error}): it is no ledger.sqlite of ours, or not writable.")
