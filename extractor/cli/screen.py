"""What a person sees on stderr: the log, and how far a job is."""

from __future__ import annotations

import logging
import shlex
import shutil
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
)
from rich.table import Column, Table
from rich.text import Text

from extractor.timestamps import duration

_PROGRAM = "archived-policy"
_STAGES = {
    "open": "Opening the archive",
    "load": "Loading the model",
    "plan": "Looking up",
    "fetch": "Fetching",
    "annotate": "Annotating",
    "shards": "Annotating shards",
    "export": "Exporting",
    "tune": "Fine-tuning",
    "label": "Labelling",
    "report": "Reading sites",
    "pages": "Writing pages of sites",
    "history": "Comparing captures",
    "terms": "Searching for terms",
    "discover": "Reading phrases",
    "sample": "Reading texts",
}
_UNCOUNTED_STAGES = {"open", "load"}
_LINE_SECONDS = 30
_UNSTEADY_SECONDS = 1  # in which a rate says little


class _LogHandler(logging.Handler):
    """Writes log records above the progress bar, their control characters removed."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record."""
        mark = "error: " if record.levelno >= logging.ERROR else ""
        print_line(self._console, mark + record.getMessage())


def printable(message: str) -> str:
    """A message on one line without control characters, which a hostile page could put into a terminal.

    >>> printable("a\\x1b[2Jb\\nc")
    'a[2Jb c'
    """
    return "".join(char for char in " ".join(message.split()) if char.isprintable())


def print_line(console: Console, message: str) -> None:
    """Writes a message: on a terminal wrapped between words, so that paths stay whole; elsewhere as one line."""
    text = printable(message)
    if console.is_terminal:  # rich would break a path that is longer than the line
        text = textwrap.fill(text, console.width, break_long_words=False, break_on_hyphens=False)
    console.print(Text(text), soft_wrap=True)


def print_commands(console: Console, *commands: tuple[str, ...]) -> None:
    """Writes commands of this program, each on a line of its own, as they can be typed here."""
    is_found = shutil.which(_PROGRAM) or Path(sys.argv[0]).name != _PROGRAM
    program = _PROGRAM if is_found else sys.argv[0]  # of an environment that is not activated
    for words in commands:
        console.print(Text(f"  {printable(shlex.join((program, *words)))}"), soft_wrap=True)


def plain_table(*columns: str | Column) -> Table:
    """An empty table with these columns, narrow enough for small terminals."""
    return Table(*columns, box=box.SIMPLE, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))


def set_up_log(console: Console, *, verbose: bool = False) -> None:
    """Sends this package's warnings to the console, and with `verbose` what it does as well."""
    logger = logging.getLogger("extractor")
    logger.handlers = [_LogHandler(console)]
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    logger.propagate = False


class _StageCount(ProgressColumn):
    """How many are done, and of how many where that is known."""

    def render(self, task: Task) -> Text:
        """The numbers for a stage; nothing where nothing is counted."""
        return Text(_counted(int(task.completed), int(task.total or 0)))


class _StageDetails(ProgressColumn):
    """How many a minute, how many failed, and what is waited for."""

    def __init__(self, waiting: Callable[[], str]) -> None:
        super().__init__(Column(no_wrap=True, overflow="ellipsis"))
        self._waiting = waiting

    def render(self, task: Task) -> Text:
        """The words for a stage."""
        if task.finished:
            return Text("")
        is_steady = (task.elapsed or 0) > _UNSTEADY_SECONDS
        rate = f"{60 * task.speed:,.0f}/min" if task.speed and is_steady else ""
        left = f"{duration(task.time_remaining)} left" if task.time_remaining and is_steady else ""
        return Text(", ".join(filter(None, (rate, left, _failed(task.fields["failed"]), self._waiting()))))


def _counted(done: int, of: int) -> str:
    """How many are done of how many, 0 for unknown.

    >>> _counted(1200, 5000), _counted(12, 0), _counted(0, 0)
    ('1,200 of 5,000', '12', '')
    """
    return f"{done:,} of {of:,}" if of else f"{done:,}" * bool(done)


def _failed(number: int) -> str:
    """How many failed, "" where none did."""
    return f"{number:,} failed" if number else ""


class ProgressBar:
    """The progress of the stages of a job, called as `Progress` says.

    On a terminal, a bar for each stage. Elsewhere, such as in the log of a job in the background, a line now and then:
    none for what takes less than half a minute.
    """

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self.waiting: Callable[[], str] = str  # says what is waited for
        self._console, self._prints_lines = console, not (quiet or console.is_terminal)
        description = TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis"))
        details = _StageDetails(lambda: self.waiting())  # noqa: PLW0108 - `waiting` is set later
        columns = (description, BarColumn(bar_width=20), _StageCount(), details)
        self._progress = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}
        self._last_line = time.monotonic()

    def __enter__(self) -> ProgressBar:
        self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._progress.stop()

    def __call__(self, stage: str, done: int, of: int, failed: int = 0, subject: str = "", /) -> None:
        """Shows how far a stage is."""
        if self._prints_lines and time.monotonic() - self._last_line > _LINE_SECONDS:
            self._last_line = time.monotonic()
            numbers = (_counted(done, of), _failed(failed), self.waiting())
            line = f"{_STAGES[stage]}{f' {subject}' if subject else ''}: {', '.join(filter(None, numbers))}"
            print_line(self._console, line)
        text = f"{_STAGES[stage]} {printable(subject)}".strip()
        if stage not in self._tasks:
            self._remove_passing_stages()
            self._tasks[stage] = self._progress.add_task(text, total=None, failed=0)
        self._progress.update(self._tasks[stage], description=text, completed=done, total=of or None, failed=failed)

    def _remove_passing_stages(self) -> None:
        """Takes away the bars of stages without numbers: they were shown only until the next one."""
        for stage in _UNCOUNTED_STAGES & self._tasks.keys():
            self._progress.remove_task(self._tasks.pop(stage))
