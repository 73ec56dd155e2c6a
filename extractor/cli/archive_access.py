"""What `run` and `captures` share: the targets, the archive, and the signals that stop a run."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from extractor.cli.options import nonnegative_float
from extractor.cli.suggestions import suggestion
from extractor.errors import InterruptedRunError, UsageError
from extractor.run.collect import Job
from extractor.wayback import (
    DEFAULT_WARC_SIZE,
    EVERY_VALUES,
    Archive,
    ClientOptions,
    open_archive,
    parse_every,
    parse_window,
    read_targets,
)

_log = logging.getLogger("extractor.cli")

_WAYBACK_MACHINE = "https://web.archive.org"


def add_archive_options(parser: argparse.ArgumentParser) -> None:
    """The options of both commands."""
    parser.add_argument(
        "targets",
        nargs="+",
        metavar="TARGET",
        help="a domain, a policy's URL, or @FILE: one of them a line, or a CSV such as rank,domain",
    )
    parser.add_argument(
        "--from", dest="start", default="", metavar="DATE", help="first year or day: YYYY, YYYYMM, YYYYMMDD"
    )
    parser.add_argument("--to", dest="end", default="", metavar="DATE", help="last year or day")
    parser.add_argument(
        "--every",
        type=_capture_choice,
        default="half-year",
        metavar="CHOICE",
        help="which captures to take: half-year, year, month, change, all, or nearest:DATE (default: half-year)",
    )
    parser.add_argument(
        "--archive-base",
        default=_WAYBACK_MACHINE,
        metavar="URL|FILE",
        help="another archive that answers as the Wayback Machine does, or a WARC or WACZ file",
    )
    parser.add_argument(
        "--rate", type=nonnegative_float, default=8.0, metavar="N", help="pages a second (default: 8, 0: no limit)"
    )
    parser.add_argument(
        "--cdx-rate",
        type=nonnegative_float,
        default=0.4,
        metavar="N",
        help="index queries a second (default: 0.4, 0: no limit)",
    )
    parser.add_argument(
        "--contact",
        type=_header_text,
        default=os.environ.get("ARCHIVED_POLICY_CONTACT", ""),
        metavar="ADDRESS",
        help="your e-mail or web address for the User-Agent, so that the archive can reach you "
        "(default: $ARCHIVED_POLICY_CONTACT)",
    )
    parser.add_argument(
        "--verbose", "-v", action="store_true", help="a line for each target that is looked up and each failure"
    )
    parser.add_argument(
        "--lift-ban", action="store_true", help="ask an archive again although it refused: only where it is your own"
    )


def _capture_choice(word: str) -> str:
    """A choice of captures."""
    try:
        return parse_every(word)
    except UsageError as error:
        raise argparse.ArgumentTypeError(f"{error}{suggestion(word, EVERY_VALUES)}") from error


def _header_text(word: str) -> str:
    """An address that may be sent in a header."""
    if not (word.isascii() and word.isprintable()):
        raise argparse.ArgumentTypeError("must be plain letters: an e-mail or web address")
    return word


def job_of(arguments: argparse.Namespace) -> Job:
    """The job that the arguments describe."""
    return Job(
        targets=tuple(read_targets(arguments.targets)),
        folder=getattr(arguments, "output", Path()),
        window=parse_window(arguments.start, arguments.end),
        every=arguments.every,
        archive_name=_archive_name(arguments.archive_base),
        workers=getattr(arguments, "workers", 1),
        max_fail=getattr(arguments, "max_fail", float("inf")),
        contact=arguments.contact,
        lift_ban=arguments.lift_ban,
        retry=getattr(arguments, "retry", ()),
        warc_size=getattr(arguments, "warc_size", DEFAULT_WARC_SIZE),
    )


def _archive_name(base: str) -> str:
    """The name of an archive in the ledger: its URL, or the name of its file, wherever that lies."""
    return base.rstrip("/") if "://" in base else Path(base).name


def open_archive_of(arguments: argparse.Namespace, stop: Event | None = None) -> Archive:
    """The archive that the arguments name; `stop` ends its waits."""
    if arguments.archive_base == _WAYBACK_MACHINE and not arguments.contact:
        _log.warning("No --contact is set: the archive cannot reach you, and may block you instead.")
    return open_archive(
        arguments.archive_base,
        rate=arguments.rate,
        cdx_rate=arguments.cdx_rate,
        connections=getattr(arguments, "workers", 1),
        client=ClientOptions(arguments.contact, stop, arguments.lift_ban),
    )


@contextmanager
def stop_on_signals() -> Iterator[Event]:
    """An event that the first Ctrl-C (or SIGTERM) sets, so that the run drains; the second ends the process."""
    stop = Event()

    def on_signal(number: int, frame: object) -> None:  # noqa: ARG001
        if stop.is_set():
            os._exit(InterruptedRunError.exit_code)
        stop.set()
        print("Stopping when the pages in flight are in; once more to stop now.", file=sys.stderr)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
