"""What a person sees on stderr: the log, and on a terminal a progress bar."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_STAGES = {
    "plan": "Planning",
    "fetch": "Fetching",
    "annotate": "Annotating",
    "shards": "Annotating shards",
    "export": "Exporting",
    "tune": "Fine-tuning",
    "label": "Labelling",
    "report": "Reading sites",
    "pages": "Writing pages of sites",
}


class _LogHandler(logging.Handler):
    """Writes log records above the progress bar, their control characters removed."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record."""
        mark = "error: " if record.levelno >= logging.ERROR else ""
        self._console.print(Text(mark + printable(record.getMessage())), soft_wrap=True)


def printable(message: str) -> str:
    """A message on one line without control characters, which a hostile page could put into a terminal.

    >>> printable("a\\x1b[2Jb\\nc")
    'a[2Jb c'
    """
    return "".join(char for char in " ".join(message.split()) if char.isprintable())


def set_up_log(console: Console) -> None:
    """Sends this package's warnings to the console."""
    logger = logging.getLogger("extractor")
    logger.handlers = [_LogHandler(console)]
    logger.setLevel(logging.WARNING)
    logger.propagate = False


class _StageDetails(ProgressColumn):
    """How many a minute, how many failed, and what is waited for."""

    def __init__(self, waiting: Callable[[], str]) -> None:
        super().__init__()
        self._waiting = waiting

    def render(self, task: Task) -> Text:
        """The words for a stage."""
        if task.finished or task.description in (_STAGES["annotate"], _STAGES["export"]):
            return Text("")
        rate = f"{60 * task.speed:.0f}/min" if task.speed else ""
        failed = f"{task.fields['failed']} failed" if task.fields["failed"] else ""
        return Text(", ".join(filter(None, (rate, failed, self._waiting()))))


class ProgressBar:
    """A progress bar for each stage, called with (stage, done, of how many, failed); only on a terminal."""

    def __init__(self, console: Console, *, quiet: bool, waiting: Callable[[], str] = str) -> None:
        bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        columns = (*bar, _StageDetails(waiting))
        self._progress = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressBar:
        self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._progress.stop()

    def __call__(self, stage: str, done: int, of: int, failed: int = 0, /) -> None:
        """Shows how far a stage is."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(_STAGES[stage], total=None, failed=0)
        self._progress.update(self._tasks[stage], completed=done, total=of or None, failed=failed)
