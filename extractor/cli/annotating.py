"""`annotate`, `merge`, `extract` and `label`: pages and texts to records, without a network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from extractor.cli.output import report_problems, write_line, write_out, write_policies
from extractor.cli.screen import Bar, show_shards
from extractor.corpora import Wanted
from extractor.errors import InterruptedRunError, UsageError
from extractor.exports import encode_line
from extractor.records import Snapshot
from extractor.run.corpus.pages import CorpusTally, read_paths
from extractor.run.corpus.resume import annotate_into
from extractor.run.pipeline.annotator import Annotator, load, load_to_stay
from extractor.run.pipeline.single import extract_page, label_lines

if TYPE_CHECKING:
    from extractor.run.corpus.engines import ShardsSummary
    from extractor.run.corpus.shard import CorpusSpec


def annotate_command(arguments: argparse.Namespace, console: Console) -> int:
    """`annotate`."""
    check_shards(arguments)
    if arguments.shards or arguments.engine == "ray":
        return shards_command(arguments, console)
    tally, wanted = CorpusTally(), wanted_of(arguments)
    annotator = load_to_stay(arguments.model)
    pages = read_paths(arguments.paths, tally, wanted, form=arguments.format, strict=arguments.strict)
    if arguments.output:
        number = annotate_to_file(arguments, annotator, pages, console)
    else:
        number = write_policies(annotator.pipe(pages, workers=arguments.workers))
    if tally.unread:
        tally.unread.append(f"{len(tally.unread)} could not be read, {number} records were written.")
    return report_problems(console, tally.unread, fatal=bool(tally.empty))


def wanted_of(arguments: argparse.Namespace) -> Wanted:
    """What `annotate` is asked for of a corpus."""
    return Wanted(tuple(arguments.document), arguments.url_pattern, arguments.text_column, arguments.sidecar)


def check_shards(arguments: argparse.Namespace) -> None:
    """Raises UsageError where what is said of shards makes no sense."""
    on_ray = arguments.engine == "ray"
    if arguments.ray_address and not on_ray:
        raise UsageError("--ray-address is for --engine ray.")
    if arguments.shard and on_ray:
        raise UsageError("--engine ray makes all shards: leave --shard out.")
    if arguments.shard and not arguments.shards:
        raise UsageError("--shard K needs --shards N, the number of shards there are to be.")
    if arguments.shard > arguments.shards:
        raise UsageError(f"There is no shard {arguments.shard} of {arguments.shards}: they are counted from 1.")
    if (arguments.shards or on_ray) and not arguments.output:
        raise UsageError("Shards are made in a folder: name it with -o DIR.")


def annotate_to_file(
    arguments: argparse.Namespace, annotator: Annotator, pages: Iterable[Snapshot], console: Console
) -> int:
    """Writes the records of `annotate` to a file; gives their number."""
    with Bar(console, quiet=arguments.quiet) as bar:
        try:
            return annotate_into(
                arguments.output, annotator, pages, lambda done: bar("annotate", done, 0), workers=arguments.workers
            )
        except KeyboardInterrupt as error:
            raise InterruptedRunError("Interrupted: the same command goes on where it stopped.") from error


def shards_command(arguments: argparse.Namespace, console: Console) -> int:
    """`annotate` with shards."""
    from extractor.run.corpus.shard import CorpusSpec

    corpus = CorpusSpec(tuple(arguments.paths), wanted_of(arguments), arguments.format, arguments.strict)
    try:
        with Bar(console, quiet=arguments.quiet) as bar:
            summary = made_shards(arguments, corpus, bar)
    except KeyboardInterrupt as error:
        raise InterruptedRunError("Interrupted: the same command goes on with the shards that are missing.") from error
    if not arguments.quiet:
        show_shards(console, summary, arguments.output)
    return report_problems(console, summary.unread + summary.lost, fatal=bool(summary.lost or summary.empty))


def made_shards(arguments: argparse.Namespace, corpus: CorpusSpec, bar: Bar) -> ShardsSummary:
    """Makes the shards that are asked for."""
    from extractor.run.corpus.engines import annotate_on_ray, annotate_shards

    folder, of, workers = arguments.output, arguments.shards, arguments.workers
    annotator = load_to_stay(arguments.model)  # for Ray too: what cannot be loaded is said at once
    if arguments.engine == "ray":
        address = arguments.ray_address
        return annotate_on_ray(corpus, folder, arguments.model, bar, of=of, workers=workers, address=address)
    return annotate_shards(corpus, folder, annotator, bar, of=of, number=arguments.shard, workers=workers)


def merge_command(arguments: argparse.Namespace, console: Console) -> int:
    """`merge`."""
    from extractor.run.corpus.merge import merge

    output = arguments.output or arguments.folder / "policies.jsonl"
    manifest = merge(arguments.folder, output)
    if not arguments.quiet:
        unread = f", {manifest['unread']} pages or parts of them could not be read" if manifest["unread"] else ""
        shards = len(manifest["shards"])
        console.print(
            Text(f"{manifest['records']['policies']} records of {shards} shards in {output}{unread}"), soft_wrap=True
        )
    return 0


def extract_command(arguments: argparse.Namespace, console: Console) -> int:
    """`extract`."""
    policy = extract_page(arguments.file)
    if arguments.format == "json":
        write_out(encode_line(policy))
    else:
        write_out((policy.markdown if arguments.format == "markdown" else f"{policy.text}\n").encode())
    reasons = [] if policy.verdict.usable else [f"{arguments.file}: {reason}." for reason in policy.verdict.reasons]
    return report_problems(console, reasons, fatal=bool(reasons))


def label_command(arguments: argparse.Namespace, console: Console) -> int:
    """`label`."""
    if not arguments.file and sys.stdin is None:
        raise UsageError("Standard input is closed: name a file with a line of JSON for each text.")
    stream = arguments.file.open("rb") if arguments.file else sys.stdin.buffer
    problems: list[str] = []
    with stream:
        for line in label_lines(stream, load(arguments.model).model, arguments.scheme, problems):
            write_line(line)
    return report_problems(console, problems, fatal=bool(problems))
