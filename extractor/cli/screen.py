"""What a person sees on stderr: the log, a progress bar on a terminal, the summary at the end."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

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
from rich.table import Table
from rich.text import Text

from extractor.records import PRACTICES

if TYPE_CHECKING:
    from extractor.run.collect import PlanPreview, RunSummary
    from extractor.run.corpus.engines import ShardsSummary
    from extractor.run.studies.history import HistorySummary

STAGES = {
    "plan": "Planning",
    "fetch": "Fetching",
    "annotate": "Annotating",
    "shards": "Annotating shards",
    "export": "Exporting",
    "tune": "Fine-tuning",
    "label": "Labelling",
}


class LogHandler(logging.Handler):
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
    logger.handlers = [LogHandler(console)]
    logger.setLevel(logging.WARNING)
    logger.propagate = False


class Doing(ProgressColumn):
    """How many a minute, how many failed, and what is waited for."""

    def __init__(self, waiting: Callable[[], str]) -> None:
        super().__init__()
        self._waiting = waiting

    def render(self, task: Task) -> Text:
        """The words for a stage."""
        if task.finished or task.description in (STAGES["annotate"], STAGES["export"]):
            return Text("")
        rate = f"{60 * task.speed:.0f}/min" if task.speed else ""
        failed = f"{task.fields['failed']} failed" if task.fields["failed"] else ""
        return Text(", ".join(filter(None, (rate, failed, self._waiting()))))


class Bar:
    """A progress bar for each stage, called with (stage, done, of how many, failed); only on a terminal."""

    def __init__(self, console: Console, *, quiet: bool, waiting: Callable[[], str] = str) -> None:
        bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        columns = (*bar, Doing(waiting))
        self._progress = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._progress.stop()

    def __call__(self, stage: str, done: int, of: int, failed: int = 0, /) -> None:
        """Shows how far a stage is."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(STAGES[stage], total=None, failed=0)
        self._progress.update(self._tasks[stage], completed=done, total=of or None, failed=failed)


def show_plan(console: Console, plan: PlanPreview, *, rate: float, to_server: bool) -> None:
    """What a run would fetch, what it would pass over and why, and how long the fetching would take."""
    from extractor.run.collect.status import duration

    pages = plan.taken - plan.repeated
    time = f", about {duration(pages / rate)} at {rate:g} a second" if to_server and rate else ""
    lines = [f"{plan.taken} captures to fetch, {plan.repeated} of them the same bytes as another: {pages} pages{time}."]
    if plan.skipped:
        reasons = ", ".join(f"{number} {reason}" for reason, number in plan.skipped.most_common())
        lines.append(f"{plan.skipped.total()} captures passed over: {reasons} (--skipped lists them).")
    if plan.malformed:
        lines.append(f"{len(plan.malformed)} malformed rows of the index put aside.")
    if plan.home_pages:
        lines.append(f"{plan.home_pages} home pages read in search of the policy.")
    for line in lines:
        console.print(Text(printable(line)), soft_wrap=True)


def show_summary(console: Console, summary: RunSummary, folder: Path) -> None:
    """The outcome of a run: its captures, its records, and where they are."""
    console.print(outcome_table(summary))
    unusual = {name: number for name, number in summary.outcomes.items() if name not in ("whole", "")}
    if unusual:
        words = ", ".join(f"{number} {name}" for name, number in unusual.items())
        console.print(Text(f"{summary.outcomes.get('whole', 0)} captures as they are, {words} (docs/wayback.md)"))
    console.print(practice_table(summary))
    console.print(Text(f"Records: {folder / 'policies.jsonl'}   To read: {folder / 'report.html'}"), soft_wrap=True)


def outcome_table(summary: RunSummary) -> Table:
    """How many captures were planned, and what became of them."""
    captures, records = summary.captures, summary.records
    table = Table("captures", "fetched", "failed", "records", "usable", "labelled", "segments")
    numbers = (
        sum(captures.values()),
        captures.get("annotated", 0),
        captures.get("failed", 0),
        records["policies"],
        records["usable"],
        records["labelled"],
        records["segments"],
    )
    table.add_row(*map(str, numbers))
    return table


def practice_table(summary: RunSummary) -> Table:
    """In how many of the labelled policies each practice is spoken of."""
    table = Table("policies that speak of", *PRACTICES)
    table.add_row(f"of {summary.records['labelled']} labelled", *(str(summary.records[name]) for name in PRACTICES))
    return table


def show_shards(console: Console, summary: ShardsSummary, folder: Path) -> None:
    """How many shards were made, and what puts them together."""
    kept = f", {summary.kept} were complete already" if summary.kept else ""
    then = f"archived-policy merge {shlex.quote(str(folder))}"
    line = f"Shards in {folder}: {summary.made} made{kept}; {summary.records} records. When all are there: {then}"
    console.print(Text(line), soft_wrap=True)


def show_history(console: Console, summary: HistorySummary, folder: Path) -> None:
    """What a history holds, and where it is."""
    if not summary.policies:
        console.print("No policy has a usable, labelled capture with a time, so there is no history to tell.")
        return
    table = Table("policies", "captures", "passages", "events")
    table.add_row(*map(str, (summary.policies, summary.captures, summary.passages, summary.events.total())))
    console.print(table)
    kinds = ", ".join(f"{count} {kind}" for kind, count in summary.events.most_common())
    console.print(Text(kinds or "No policy has two captures that differ."), soft_wrap=True)
    console.print(Text(f"Events: {folder / 'events.jsonl'}   Tables and charts: {folder}"), soft_wrap=True)
