"""`archived-policy`: one function a command, and the way from an error to an exit code."""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Any

from rich.console import Console
from rich.text import Text

from extractor.atomic import write_atomically
from extractor.audit import audit_table
from extractor.cli.differences import diff_lines, plain_diff
from extractor.cli.parser import WAYBACK_MACHINE, build_parser
from extractor.cli.screen import Bar, printable, set_up_log, show_history, show_plan, show_shards, show_summary
from extractor.errors import (
    ArchivedPolicyError,
    ConfigurationError,
    DiskFullError,
    InterruptedRunError,
    UsageError,
)
from extractor.exports import encode_line
from extractor.history import Diff
from extractor.label.drift import Drift, read_reference
from extractor.records import Policy, Snapshot
from extractor.run import (
    Annotator,
    Corpus,
    Job,
    Plan,
    SamplePlan,
    ShardsSummary,
    Summary,
    Tally,
    Wanted,
    annotate_into,
    annotate_on_ray,
    annotate_shards,
    audit_sample,
    diff_captures,
    drift_by_year,
    drift_table,
    exclusive,
    export,
    export_wacz,
    extract_page,
    label_lines,
    load,
    load_to_stay,
    merge,
    plan_only,
    read_paths,
    report_on,
    run_job,
    status,
    verify,
    warning_of,
    write_history,
    write_sample,
)
from extractor.wayback import Archive, Visitor, open_archive, parse_window, read_targets

log = logging.getLogger("extractor.cli")

Arguments = argparse.Namespace
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
        code = COMMANDS[arguments.command](arguments, console)
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


def run_command(arguments: Arguments, console: Console) -> int:
    """`run`."""
    job = job_of(arguments)
    with stopping() as stop:
        with exclusive(job.folder):
            pass  # where another run is at work, that is said before an archive is opened and a model loaded
        archive = archive_of(arguments, stop)
        annotator = load_to_stay(arguments.model)
        with Bar(console, quiet=arguments.quiet, waiting=archive.waiting) as bar:
            summary = run_job(job, archive, annotator, stop=stop, progress=bar)
    if summary.captures and not arguments.quiet:
        show_summary(console, summary, job.folder)
    return report_problems(console, problems_of(summary), fatal=not summary.records["policies"])


def problems_of(summary: Summary) -> list[str]:
    """The targets that have no captures and the captures that could not be had, each with the reason."""
    failures = [f"{count} × {reason}" for reason, count in summary.failures.items()]
    return [reason for _, reason in summary.refused] + failures


def job_of(arguments: Arguments) -> Job:
    """The job that the arguments describe."""
    return Job(
        targets=tuple(read_targets(arguments.targets)),
        folder=getattr(arguments, "output", Path()),
        window=parse_window(arguments.start, arguments.end),
        every=arguments.every,
        archive_name=archive_name(arguments.archive_base),
        workers=getattr(arguments, "workers", 1),
        max_fail=getattr(arguments, "max_fail", float("inf")),
        contact=arguments.contact,
        lift_ban=arguments.lift_ban,
    )


def archive_name(base: str) -> str:
    """What the ledger knows an archive by: a URL as it is, a file by its name, wherever it lies."""
    return base.rstrip("/") if "://" in base else Path(base).name


def archive_of(arguments: Arguments, stop: Event | None = None) -> Archive:
    """The archive that the arguments name; `stop` ends its waits."""
    if arguments.archive_base == WAYBACK_MACHINE and not arguments.contact:
        log.warning("No --contact is set: the archive cannot reach you, and may block you instead.")
    return open_archive(
        arguments.archive_base,
        rate=arguments.rate,
        cdx_rate=arguments.cdx_rate,
        connections=getattr(arguments, "workers", 1),
        visitor=Visitor(arguments.contact, stop, arguments.lift_ban),
    )


@contextmanager
def stopping() -> Iterator[Event]:
    """An event that the first Ctrl-C (or SIGTERM) sets, so that the run drains; the second stops at once."""
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


def captures_command(arguments: Arguments, console: Console) -> int:
    """`captures`."""
    job, plan = job_of(arguments), Plan()
    for choice in plan_only(job, archive_of(arguments), plan):
        if choice.taken:
            write_line({**asdict(choice.capture), "why": choice.why})
        elif arguments.skipped:
            write_line({**asdict(choice.capture), "why": choice.why, "skipped": True})
    if plan.taken and not arguments.quiet:
        show_plan(console, plan, rate=arguments.rate, to_server="://" in arguments.archive_base)
    return report_problems(console, plan.problems, fatal=len(plan.problems) == len(job.targets))


def annotate_command(arguments: Arguments, console: Console) -> int:
    """`annotate`."""
    check_shards(arguments)
    if arguments.shards or arguments.engine == "ray":
        return shards_command(arguments, console)
    tally, wanted = Tally(), wanted_of(arguments)
    annotator = load_to_stay(arguments.model, arguments.evidence)
    pages = read_paths(arguments.paths, tally, wanted, form=arguments.format, strict=arguments.strict)
    if arguments.output:
        number = annotate_to_file(arguments, annotator, pages, console)
    else:
        number = write_policies(annotator.pipe(pages, workers=arguments.workers))
    if tally.unread:
        tally.unread.append(f"{len(tally.unread)} could not be read, {number} records were written.")
    return report_problems(console, tally.unread, fatal=bool(tally.empty))


def wanted_of(arguments: Arguments) -> Wanted:
    """What `annotate` is asked for of a corpus."""
    return Wanted(tuple(arguments.document), arguments.url_pattern, arguments.text_column, arguments.sidecar)


def check_shards(arguments: Arguments) -> None:
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
    if on_ray and arguments.evidence == "occlusion":
        raise UsageError("Evidence by occlusion is told here only: leave --engine ray out.")
    if (arguments.shards or on_ray) and not arguments.output:
        raise UsageError("Shards are made in a folder: name it with -o DIR.")


def shards_command(arguments: Arguments, console: Console) -> int:
    """`annotate` with shards."""
    corpus = Corpus(tuple(arguments.paths), wanted_of(arguments), arguments.format, arguments.strict)
    try:
        with Bar(console, quiet=arguments.quiet) as bar:
            summary = made_shards(arguments, corpus, bar)
    except KeyboardInterrupt as error:
        raise InterruptedRunError("Interrupted: the same command goes on with the shards that are missing.") from error
    if not arguments.quiet:
        show_shards(console, summary, arguments.output)
    return report_problems(console, summary.unread + summary.lost, fatal=bool(summary.lost or summary.empty))


def made_shards(arguments: Arguments, corpus: Corpus, bar: Bar) -> ShardsSummary:
    """Makes the shards that are asked for."""
    folder, of, workers = arguments.output, arguments.shards, arguments.workers
    annotator = load_to_stay(arguments.model, arguments.evidence)  # for Ray too: what cannot be loaded is said at once
    if arguments.engine == "ray":
        address = arguments.ray_address
        return annotate_on_ray(corpus, folder, arguments.model, bar, of=of, workers=workers, address=address)
    return annotate_shards(corpus, folder, annotator, bar, of=of, number=arguments.shard, workers=workers)


def merge_command(arguments: Arguments, console: Console) -> int:
    """`merge`."""
    output = arguments.output or arguments.folder / "policies.jsonl"
    manifest = merge(arguments.folder, output)
    if not arguments.quiet:
        unread = f", {manifest['unread']} pages or parts of them could not be read" if manifest["unread"] else ""
        shards = len(manifest["shards"])
        console.print(
            Text(f"{manifest['records']['policies']} records of {shards} shards in {output}{unread}"), soft_wrap=True
        )
    return 0


def annotate_to_file(arguments: Arguments, annotator: Annotator, pages: Iterable[Snapshot], console: Console) -> int:
    """Writes the records of `annotate` to a file; gives their number."""
    with Bar(console, quiet=arguments.quiet) as bar:
        try:
            return annotate_into(
                arguments.output, annotator, pages, lambda done: bar("annotate", done, 0), workers=arguments.workers
            )
        except KeyboardInterrupt as error:
            raise InterruptedRunError("Interrupted: the same command goes on where it stopped.") from error


def write_policies(policies: Iterable[Policy]) -> int:
    """Writes policies to standard output one by one; gives their number."""
    number = 0
    for number, policy in enumerate(policies, 1):  # noqa: B007 - given back
        write_out(encode_line(policy))
        sys.stdout.flush()
    return number


def report_problems(console: Console, problems: list[str], *, fatal: bool) -> int:
    """Writes each problem as a line; exit code 1 where that leaves the job undone."""
    for problem in problems:
        console.print(Text(f"archived-policy: {printable(problem)}"), soft_wrap=True)
    return 1 if fatal else 0


def extract_command(arguments: Arguments, console: Console) -> int:
    """`extract`."""
    policy = extract_page(arguments.file)
    if arguments.format == "json":
        write_out(encode_line(policy))
    else:
        write_out((policy.markdown if arguments.format == "markdown" else f"{policy.text}\n").encode())
    reasons = [] if policy.verdict.usable else [f"{arguments.file}: {reason}." for reason in policy.verdict.reasons]
    return report_problems(console, reasons, fatal=bool(reasons))


def label_command(arguments: Arguments, console: Console) -> int:
    """`label`."""
    if not arguments.file and sys.stdin is None:
        raise UsageError("Standard input is closed: name a file with a line of JSON for each text.")
    stream = arguments.file.open("rb") if arguments.file else sys.stdin.buffer
    problems: list[str] = []
    with stream:
        for line in label_lines(stream, load(arguments.model).model, arguments.scheme, problems):
            write_line(line)
    return report_problems(console, problems, fatal=bool(problems))


def write_line(record: Any) -> None:
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


def verify_command(arguments: Arguments, console: Console) -> int:  # noqa: ARG001
    """`verify`."""
    faults = list(verify(arguments.folder))
    for fault in faults:
        print(printable(fault))
    if not faults and not arguments.quiet:
        promise = "ledger promises" if (arguments.folder / "ledger.sqlite").exists() else "manifests promise"
        print(f"{arguments.folder} holds what its {promise}.")
    return 1 if faults else 0


def status_command(arguments: Arguments, console: Console) -> int:  # noqa: ARG001
    """`status`."""
    for line in status(arguments.folder):
        print(printable(line) if not line.startswith("  ") else f"  {printable(line)}")
    return 0


def export_command(arguments: Arguments, console: Console) -> int:
    """`export`."""
    if arguments.format == "wacz":
        if arguments.per_file:
            raise UsageError("A WACZ is one file: leave --per-file out.")
        export_wacz(arguments.folder, arguments.output)
        return 0
    wanted = (arguments.folder, arguments.format, arguments.output)
    with Bar(console, quiet=arguments.quiet) as bar:
        written = export(*wanted, per_file=arguments.per_file, progress=bar)
    if not arguments.quiet:
        console.print(Text(printable(written)), soft_wrap=True)
    return 0


def report_command(arguments: Arguments, console: Console) -> int:
    """`report`."""
    written = report_on(arguments.folder, arguments.output)
    if len(written) > 1 and not arguments.quiet:
        pages = f"{len(written) - 1:,} pages of sites in {written[1].parent}"
        console.print(Text(f"To read: {written[0]}, with {pages}"), soft_wrap=True)
    return 0


def history_command(arguments: Arguments, console: Console) -> int:
    """`history`."""
    if arguments.diff:
        return diff_command(arguments)
    options = {"every": arguments.every, "parquet": arguments.parquet, "audits": arguments.audit}
    summary = write_history(arguments.folder, history_folder(arguments), **options)
    if not arguments.quiet:
        show_history(console, summary, history_folder(arguments))
    return report_problems(console, summary.problems, fatal=False)


def sample_command(arguments: Arguments, console: Console) -> int:
    """`sample`."""
    plan = SamplePlan(arguments.per_stratum, arguments.unit, arguments.years, arguments.seed)
    summary = write_sample(arguments.folder, arguments.output or beside(arguments.folder) / "audit", plan)
    if not arguments.quiet:
        console.print(Text(printable(summary)), soft_wrap=True)
    return 0


def audit_command(arguments: Arguments, console: Console) -> int:  # noqa: ARG001
    """`audit`."""
    audit = audit_sample(arguments.folder, arguments.sheets, arguments.output)
    write_out(encode_line(audit) if arguments.format == "json" else f"{audit_table(audit)}\n".encode())
    return 0


def history_folder(arguments: Arguments) -> Path:
    """Where a history goes: beside the records."""
    return arguments.output or beside(arguments.folder) / "history"


def beside(place: Path) -> Path:
    """The folder of the records."""
    return place if place.is_dir() else place.parent


def diff_command(arguments: Arguments) -> int:
    """`history --diff`."""
    first, second = arguments.diff
    found = diff_captures(arguments.folder, first, second, arguments.domain)
    if arguments.output:
        arguments.output.write_bytes(encode_line(found) if arguments.format == "json" else plain_diff(found).encode())
    elif arguments.format == "json":
        write_out(encode_line(found))
    else:
        write_diff(found)
    return 0


def write_diff(found: Diff) -> None:
    """Writes a diff to standard output: with colours on a terminal, the same words without elsewhere."""
    if sys.stdout and sys.stdout.isatty():
        Console(highlight=False).print(diff_lines(found), soft_wrap=True)
    else:
        write_out(plain_diff(found).encode())


def train_command(arguments: Arguments, console: Console) -> int:
    """`train`."""
    from extractor.training import Sources, train

    given = ("data", "teacher", "encoders", "fast", "passages", "gold")
    sources = Sources(**{name: getattr(arguments, name) for name in given})
    with Bar(console, quiet=arguments.quiet) as bar:
        summary = train(arguments.model, sources, arguments.output, exclude=arguments.exclude or "", progress=bar)
    console.print(Text(summary))
    return 0


def evaluate_command(arguments: Arguments, console: Console) -> int:  # noqa: ARG001
    """`evaluate`."""
    from extractor.training import evaluate, evaluation_page, risk_plot

    if not (arguments.data or arguments.drift):
        raise UsageError("Name the folder of OPP-115 to measure models on, or a corpus with --drift.")
    if arguments.plot and (arguments.model or not arguments.data):
        raise UsageError("Risk against coverage is measured on folds, of builds for it: leave out --model, or --plot.")
    options = {"teacher": arguments.teacher, "learning": bool(arguments.html)}
    parts = evaluate(arguments.data, arguments.model, **options) if arguments.data else []
    drifts = drift_by_year(arguments.drift) if arguments.drift else []
    print(measured(parts, drifts, arguments.form))
    points = [point for part in parts for point in part.figures.get("risk by coverage", ())]
    if arguments.plot:
        arguments.plot.write_text(risk_plot(points), encoding="utf-8")
    if arguments.html:
        with write_atomically(arguments.html) as stream:
            stream.write(evaluation_page(parts, drifts, read_reference()))
    return 0


def measured(parts: list[Any], drifts: list[Drift], form: str) -> str:
    """What was measured, as Markdown or JSON."""
    from extractor.training import Part, as_json, format_report

    if form == "json":
        years = {one.period: {**asdict(one), "far": one.far} for one in drifts}
        return as_json([*parts, *([Part("drift", {"years": years})] if drifts else [])])
    return "\n\n".join(filter(None, (format_report(parts), drift_table(drifts), *warning_of(drifts))))


COMMANDS: dict[str, Callable[[Arguments, Console], int]] = {
    "run": run_command,
    "captures": captures_command,
    "annotate": annotate_command,
    "merge": merge_command,
    "extract": extract_command,
    "label": label_command,
    "status": status_command,
    "verify": verify_command,
    "export": export_command,
    "report": report_command,
    "history": history_command,
    "sample": sample_command,
    "audit": audit_command,
    "train": train_command,
    "evaluate": evaluate_command,
}
