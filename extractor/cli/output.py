"""What commands write: records and lines to standard output, problems to the screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from rich.console import Console

from extractor.cli.screen import print_line
from extractor.compact import RecordForm, in_form
from extractor.errors import ArchivedPolicyError
from extractor.exports import encode_line
from extractor.records import Policy


def report_problems(console: Console, problems: list[str], *, fatal: bool) -> int:
    """Writes each problem as a line; exit code 1 where that leaves the job undone."""
    for problem in problems:
        print_line(console, f"archived-policy: {problem}")
    return 1 if fatal else 0


def write_policies(policies: Iterable[Policy], on_count: Callable[[int], None], form: RecordForm = "full") -> int:
    """Writes policies to standard output one by one and returns their number; `on_count` is called with each."""
    number = 0
    for number, policy in enumerate(policies, 1):
        write_out(encode_line(in_form(policy, form)))
        sys.stdout.flush()
        on_count(number)
    return number


def write_json_line(record: Any) -> None:
    """Writes a value as a line of JSON, lone surrogates and Unicode line ends escaped."""
    line = json.dumps(record, ensure_ascii=False)
    if any(char in line for char in "\u2028\u2029\u0085") or any("\ud800" <= char <= "\udfff" for char in line):
        line = json.dumps(record)
    write_out(line.encode() + b"\n")


def write_out(data: bytes) -> None:
    """Writes to standard output, in UTF-8 whatever the locale."""
    if sys.stdout is None:  # a caller may have closed it
        raise ArchivedPolicyError("Standard output is closed: give the command somewhere to write to.")
    sys.stdout.buffer.write(data)
