"""`annotate`: files and corpora to records, without a network; into one file, or in shards."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from extractor.cli.options import nonempty_path, positive_int
from extractor.cli.output import report_problems, write_policies
from extractor.cli.screen import ProgressBar
from extractor.corpora import CORPUS_FORMATS, CorpusFilter
from extractor.errors import InterruptedRunError, UsageError
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
from extractor.run.pipeline import Annotator, load_long_lived

EXAMPLE = """archived-policy annotate pages/ -o policies.jsonl.gz
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
        help="JSONL, by its name .gz or .zst (default: standard output); with --shards or --engine ray a folder",
    )
    parser.add_argument("--workers", type=positive_int, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--model", default="fast", help="fast, accurate, or the folder of a model")
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
    on_ray = arguments.engine == "ray" or bool(arguments.ray_address)
    if arguments.shards or arguments.shard or on_ray:
        return _run_shards(arguments, console, on_ray=on_ray)
    tally = CorpusTally()
    annotator = load_long_lived(arguments.model)
    options = {"format_name": arguments.format, "strict": arguments.strict}
    pages = read_paths(arguments.paths, tally, _filter_of(arguments), **options)
    if arguments.output:
        number = _annotate_to_file(arguments, annotator, pages, console)
    else:
        number = write_policies(annotator.pipe(pages, workers=arguments.workers))
    if tally.unread:
        tally.unread.append(f"{len(tally.unread)} could not be read, {number} records were written.")
    return report_problems(console, tally.unread, fatal=bool(tally.empty))


def _filter_of(arguments: argparse.Namespace) -> CorpusFilter:
    return CorpusFilter(tuple(arguments.document), arguments.url_pattern, arguments.text_column, arguments.sidecar)


def _annotate_to_file(
    arguments: argparse.Namespace, annotator: Annotator, pages: Iterable[Snapshot], console: Console
) -> int:
    """Writes the records to a file and returns their number."""
    with ProgressBar(console, quiet=arguments.quiet) as bar:
        try:
            return annotate_into(
                arguments.output, annotator, pages, lambda done: bar("annotate", done, 0), workers=arguments.workers
            )
        except KeyboardInterrupt as error:
            raise InterruptedRunError("Interrupted: the same command goes on where it stopped.") from error


def _run_shards(arguments: argparse.Namespace, console: Console, *, on_ray: bool) -> int:
    """Makes one shard or all of them, here or on Ray."""
    if arguments.shard and on_ray:
        raise UsageError("Ray makes all shards: leave --shard out.")
    if arguments.shard > arguments.shards:
        of = f"{arguments.shard} of {arguments.shards}"
        raise UsageError(f"There is no shard {of}: --shards N says how many there are.")
    if not arguments.output:
        raise UsageError("Shards are made in a folder: name it with -o DIR.")
    corpus = CorpusSpec(tuple(arguments.paths), _filter_of(arguments), arguments.format, arguments.strict)
    try:
        with ProgressBar(console, quiet=arguments.quiet) as bar:
            summary = _make_shards(arguments, corpus, bar, on_ray=on_ray)
    except KeyboardInterrupt as error:
        raise InterruptedRunError("Interrupted: the same command goes on with the shards that are missing.") from error
    if not arguments.quiet:
        _show_summary(console, summary, arguments.output)
    return report_problems(console, summary.unread + summary.lost, fatal=bool(summary.lost or summary.empty))


def _make_shards(arguments: argparse.Namespace, corpus: CorpusSpec, bar: ProgressBar, *, on_ray: bool) -> ShardsSummary:
    folder, of, workers = arguments.output, arguments.shards, arguments.workers
    annotator = load_long_lived(arguments.model)  # for Ray too: a model that cannot be loaded is reported at once
    if on_ray:
        address = arguments.ray_address
        return annotate_on_ray(corpus, folder, arguments.model, bar, of=of, workers=workers, address=address)
    return annotate_shards(corpus, folder, annotator, bar, of=of, number=arguments.shard, workers=workers)


def _show_summary(console: Console, summary: ShardsSummary, folder: Path) -> None:
    """How many shards were made, and the command that merges them."""
    kept = f", {summary.kept} were complete already" if summary.kept else ""
    then = f"archived-policy merge {shlex.quote(str(folder))}"
    line = f"Shards in {folder}: {summary.made} made{kept}; {summary.records} records. When all are there: {then}"
    console.print(Text(line), soft_wrap=True)
