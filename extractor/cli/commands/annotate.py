"""`annotate`: files and corpora to records, without a network; into one file, or in shards."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from rich.console import Console

from extractor.cli.options import nonempty_path, positive_int
from extractor.cli.output import report_problems, write_policies
from extractor.cli.screen import ProgressBar, print_commands, print_line
from extractor.compact import RecordForm
from extractor.corpora import CORPUS_FORMATS, CorpusFilter
from extractor.errors import InterruptedRunError, UsageError
from extractor.modelcard import identify_model
from extractor.optional import missing_extra_advice
from extractor.records import Snapshot
from extractor.run.corpus import (
    CorpusSpec,
    CorpusTally,
    ShardsSummary,
    annotate_into,
    annotate_on_ray,
    annotate_shards,
    read_paths,
)
from extractor.run.folder import with_missing_extras
from extractor.run.pipeline import Annotator, load_long_lived
from extractor.timestamps import duration

_LONG_SECONDS = 60

EXAMPLE = """archived-policy annotate pages/ -o policies.jsonl.gz
  archived-policy annotate pages/ -o policies.parquet
  archived-policy annotate pages/ -o corpus --shards 100 --shard 7
  archived-policy annotate pages/ -o corpus --engine ray"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `annotate`."""
    parser.add_argument(
        "paths", nargs="+", type=nonempty_path, metavar="PATH", help="a file, folder, git repository or bundle"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=nonempty_path,
        metavar="FILE|DIR",
        help="JSONL, by its name .gz or .zst, or .parquet (default: standard output); with --shards or --engine ray a "
        "folder, whose shards are Parquet if its name ends in .parquet",
    )
    parser.add_argument("--workers", type=positive_int, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--model", default="fast", help="fast, accurate, or the folder of a model")
    parser.add_argument(
        "--compact",
        action="store_true",
        help="records of less than half the size, without Markdown; all commands read them (docs/records.md)",
    )
    parser.add_argument("--with-markdown", action="store_true", help="with --compact: keep the Markdown")
    _add_shard_options(parser)
    _add_corpus_options(parser)


def _add_shard_options(parser: argparse.ArgumentParser) -> None:
    """How the work may be divided (docs/cluster.md)."""
    parser.add_argument(
        "--shards", type=positive_int, default=0, metavar="N", help="divide the pages into N shards, for `merge`"
    )
    parser.add_argument(
        "--shard", type=positive_int, default=0, metavar="K", help="make shard K of 1 to N (default: all, in turn)"
    )
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="where shards are made: here, or as tasks of Ray (default: local)",
    )
    parser.add_argument(
        "--ray-address",
        default="",
        metavar="ADDRESS",
        help="the head of a Ray cluster, HOST:PORT, or auto for the one on this machine (default: a Ray of its own)",
    )


def _add_corpus_options(parser: argparse.ArgumentParser) -> None:
    """The options that select what is read of a corpus (docs/formats.md)."""
    parser.add_argument(
        "--format",
        choices=CORPUS_FORMATS,
        default="",
        help="what the paths are (default: detected from their contents)",
    )
    parser.add_argument(
        "--document",
        action="append",
        default=[],
        metavar="NAME",
        help="read only documents of this name, with * and ?; several times for several "
        '(default: of Open Terms Archive those with "privacy" in their names, of others all)',
    )
    parser.add_argument(
        "--url-pattern", default="", metavar="PATTERN", help="read only pages whose URL fits, with * and ?"
    )
    parser.add_argument(
        "--text-column",
        default="",
        metavar="NAME",
        help="the field of JSONL or the column of Parquet with the text (default: html, markdown or text)",
    )
    parser.add_argument(
        "--sidecar",
        type=nonempty_path,
        metavar="FILE",
        help="CSV or JSONL with path, url and date of each file (default: metadata.csv, index.csv, … in the folder)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="stop at the first thing that cannot be read, exit code 1"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Annotates into a file, to standard output, or in shards."""
    form = _form_of(arguments)
    on_ray = arguments.engine == "ray" or bool(arguments.ray_address)
    if arguments.shards or arguments.shard or on_ray:
        return _run_shards(arguments, console, form, on_ray=on_ray)
    tally, started = CorpusTally(), time.monotonic()
    is_shown = not arguments.quiet and (arguments.output or not sys.stdout or not sys.stdout.isatty())
    with ProgressBar(console, quiet=not is_shown) as bar:
        bar("load", 0, 0)
        annotator = load_long_lived(arguments.model, arguments.workers)
        options = {"format_name": arguments.format, "strict": arguments.strict}
        pages = read_paths(arguments.paths, tally, _filter_of(arguments), **options)
        missing = Counter[str]()
        number = _annotate(arguments, annotator, pages, partial(_report_records, bar, tally), missing, form)
    advice = [missing_extra_advice(extra, pages) for extra, pages in missing.items()]
    code = report_problems(console, [*tally.unread, *advice], fatal=bool(tally.empty))
    if number and not arguments.quiet:
        seconds = time.monotonic() - started
        _show_summary(console, arguments.output, number, len(tally.unread), seconds)
        if hint := _hint_at_workers(arguments.workers, _count_processors(), seconds):
            print_line(console, hint)
    elif tally.unread:
        print_line(console, f"{len(tally.unread)} could not be read, {number} records were written.")
    return code


def _form_of(arguments: argparse.Namespace) -> RecordForm:
    """The form of the records. Raises UsageError where the options contradict each other."""
    if arguments.with_markdown and not arguments.compact:
        raise UsageError("--with-markdown goes with --compact: other records have their Markdown anyway.")
    if arguments.compact:
        return "compact with Markdown" if arguments.with_markdown else "compact"
    return "full"


def _report_records(bar: ProgressBar, tally: CorpusTally, done: int) -> None:
    """Shows how many records there are, and how many there will be if that is known."""
    bar("annotate", done, max(done, tally.expected - len(tally.unread)) if tally.expected else 0)


def _filter_of(arguments: argparse.Namespace) -> CorpusFilter:
    return CorpusFilter(tuple(arguments.document), arguments.url_pattern, arguments.text_column, arguments.sidecar)


def _annotate(  # noqa: PLR0913, PLR0917 - what to write where, and what is said of it
    arguments: argparse.Namespace,
    annotator: Annotator,
    pages: Iterable[Snapshot],
    on_count: Callable[[int], None],
    missing: Counter[str],
    form: RecordForm,
) -> int:
    """Writes the records to the output and returns their number; counts the extras that pages were not read without."""
    on_count(0)
    if not arguments.output:
        policies = with_missing_extras(annotator.pipe(pages, workers=arguments.workers), missing)
        number = write_policies(policies, on_count, form)
        sys.stdout.flush()  # a closed pipe shows itself before the summary says that all was written
        return number
    try:
        workers, path = arguments.workers, arguments.output
        return annotate_into(path, annotator, pages, on_count, workers=workers, missing_extras=missing, form=form)
    except KeyboardInterrupt as error:
        raise InterruptedRunError("Interrupted: the same command goes on where it stopped.") from error


def _show_summary(console: Console, output: Path | None, number: int, unread: int, seconds: float) -> None:
    """How many records were written, in which time, and the command that shows them."""
    lost = f", {unread:,} could not be read" if unread else ""
    print_line(console, f"{number:,} records in {output or 'standard output'}{lost}: {duration(seconds)}.")
    if output:
        print_line(console, "Next, for example:")
        print_commands(console, ("report", str(output), "-o", "report.html"), ("history", str(output)))


def _hint_at_workers(workers: int, processors: int, seconds: float) -> str:
    """How a long run would have taken less time; "" if it was short, or used all processors.

    >>> _hint_at_workers(1, 8, 300)
    '1 of 8 processors worked on it: --workers 8 uses all of them.'
    >>> _hint_at_workers(8, 8, 300), _hint_at_workers(1, 8, 20)
    ('', '')
    """
    if seconds < _LONG_SECONDS or workers >= processors:
        return ""
    return f"{workers} of {processors} processors worked on it: --workers {processors} uses all of them."


def _count_processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _run_shards(arguments: argparse.Namespace, console: Console, form: RecordForm, *, on_ray: bool) -> int:
    """Makes one shard or all of them, here or on Ray."""
    if arguments.shard and on_ray:
        raise UsageError("Ray makes all shards: leave --shard out.")
    if arguments.shard > arguments.shards:
        of = f"{arguments.shard} of {arguments.shards}"
        raise UsageError(f"There is no shard {of}: --shards N says how many there are.")
    if not arguments.output:
        raise UsageError("Shards are made in a folder: name it with -o DIR.")
    corpus = CorpusSpec(tuple(arguments.paths), _filter_of(arguments), arguments.format, arguments.strict, form)
    try:
        with ProgressBar(console, quiet=arguments.quiet) as bar:
            summary = _make_shards(arguments, corpus, bar, on_ray=on_ray)
    except KeyboardInterrupt as error:
        raise InterruptedRunError("Interrupted: the same command goes on with the shards that are missing.") from error
    if not arguments.quiet:
        _show_shards(console, summary, arguments.output)
    return report_problems(console, summary.unread + summary.lost, fatal=bool(summary.lost or summary.empty))


def _make_shards(arguments: argparse.Namespace, corpus: CorpusSpec, bar: ProgressBar, *, on_ray: bool) -> ShardsSummary:
    folder, of, workers = arguments.output, arguments.shards, arguments.workers
    if on_ray:
        identify_model(arguments.model)  # so that one that is missing is reported at once
        address = arguments.ray_address
        return annotate_on_ray(corpus, folder, arguments.model, bar, of=of, workers=workers, address=address)
    annotator = load_long_lived(arguments.model, workers)
    return annotate_shards(corpus, folder, annotator, bar, of=of, number=arguments.shard, workers=workers)


def _show_shards(console: Console, summary: ShardsSummary, folder: Path) -> None:
    """How many shards were made, and the command that merges them."""
    kept = f", {summary.kept} were complete already" if summary.kept else ""
    print_line(console, f"Shards in {folder}: {summary.made} made{kept}; {summary.records} records.")
    print_line(console, "When all are there:")
    print_commands(console, ("merge", str(folder)))
