"""The arguments of each command."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from extractor.corpora import FORMATS
from extractor.errors import UsageError
from extractor.exports import EXPORTS
from extractor.version import VERSION

WAYBACK_MACHINE = "https://web.archive.org"
DESCRIPTION = "Privacy policies of the past: found in the Wayback Machine, cleaned, cut into segments and labelled."
EPILOG = """examples:
  archived-policy run example.org https://shop.example/privacy --from 2005 --to 2015 -o shops
  archived-policy run @sites.txt --every year -o corpus          one target a line
  archived-policy captures example.org --every change            what would be fetched, and why
  archived-policy annotate pages/ crawl.warc.gz -o policies.jsonl.gz
  archived-policy annotate pages/ -o corpus --shards 100 --shard 7    a share of it; merge puts them together
  archived-policy extract policy.html --format markdown
  archived-policy status corpus                                  how far a run in the background is
  archived-policy verify corpus
  archived-policy history corpus                                 what changed, when, and with which words
  archived-policy sample corpus --per-stratum 10                 what raters are to read, for audit

exit codes: 0 done, 1 error, 2 usage, 3 disk full, 4 bad configuration or model, 5 more failures than --max-fail,
11 interrupted (run again to go on), 18 the archive asked to stop.
"""


def build_parser() -> argparse.ArgumentParser:
    """The parser of `archived-policy`."""
    parser = argparse.ArgumentParser(
        "archived-policy", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"archived-policy {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        add_run,
        add_captures,
        add_annotate,
        add_merge,
        add_extract,
        add_label,
        add_status,
        add_verify,
        add_export,
        add_report,
        add_history,
        add_sample,
        add_audit,
        add_train,
        add_evaluate,
    ):
        add(commands)
    return parser


def command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, does: str, example: str
) -> argparse.ArgumentParser:
    """A command with its help and an example."""
    parser = commands.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quiet", "-q", action="store_true", help="no progress and no summary, only warnings")
    return parser


def add_targets(parser: argparse.ArgumentParser) -> None:
    """What `run` and `captures` have in common."""
    parser.add_argument(
        "targets", nargs="+", metavar="TARGET", help="a domain, a policy's URL, or @file with one a line"
    )
    parser.add_argument(
        "--from", dest="start", default="", metavar="DATE", help="first year or day: YYYY, YYYYMM, YYYYMMDD"
    )
    parser.add_argument("--to", dest="end", default="", metavar="DATE", help="last year or day")
    parser.add_argument(
        "--every",
        type=every,
        default="half-year",
        metavar="CHOICE",
        help="which captures to take: half-year, year, month, change, all, or nearest:DATE (default: half-year)",
    )
    parser.add_argument(
        "--archive-base",
        default=WAYBACK_MACHINE,
        metavar="URL|FILE",
        help="another archive that answers as the Wayback Machine does, or a WARC or WACZ file",
    )
    parser.add_argument("--rate", type=rate, default=8.0, metavar="N", help="pages a second (default: 8, 0: no limit)")
    parser.add_argument(
        "--cdx-rate", type=rate, default=0.4, metavar="N", help="index queries a second (default: 0.4, 0: no limit)"
    )
    parser.add_argument(
        "--contact",
        type=contact,
        default=os.environ.get("ARCHIVED_POLICY_CONTACT", ""),
        metavar="ADDRESS",
        help="your e-mail or web address for the User-Agent, so that the archive can reach you "
        "(default: $ARCHIVED_POLICY_CONTACT)",
    )
    parser.add_argument(
        "--lift-ban", action="store_true", help="ask an archive again although it refused: only where it is your own"
    )


def add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`run`."""
    parser = command(
        commands,
        "run",
        "find captures, fetch, clean, segment and label them; run again to go on",
        "archived-policy run example.org --from 2005 --to 2015 -o example",
    )
    add_targets(parser)
    parser.add_argument("-o", "--output", type=named_path, required=True, metavar="DIR", help="the run folder")
    parser.add_argument("--workers", type=positive, default=4, metavar="N", help="pages in flight (default: 4)")
    parser.add_argument(
        "--max-fail",
        type=rate,
        default=float("inf"),
        metavar="F",
        help="stop at more failures: a share under 1, or a count",
    )
    parser.add_argument("--model", default="fast", help="fast, accurate, or the folder of a model")


def add_captures(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`captures`."""
    parser = command(
        commands,
        "captures",
        "list the captures that run would fetch and why, as JSONL; fetch no policy",
        "archived-policy captures example.org --every change",
    )
    add_targets(parser)
    parser.add_argument("--skipped", action="store_true", help="list those that are passed over, too, with the reason")


def add_annotate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`annotate`."""
    parser = command(
        commands,
        "annotate",
        "label pages from files, folders and corpora (docs/formats.md lists them); no network; run again to go on",
        "archived-policy annotate pages/ -o policies.jsonl.gz\n"
        "  archived-policy annotate pages/ -o corpus --shards 100 --shard 7\n"
        "  archived-policy annotate pages/ -o corpus --engine ray",
    )
    parser.add_argument("paths", nargs="+", type=named_path, metavar="PATH")
    parser.add_argument(
        "-o",
        "--output",
        type=named_path,
        metavar="FILE|DIR",
        help="JSONL, by its name .gz or .zst (default: standard output); with --shards or --engine ray a folder",
    )
    parser.add_argument("--workers", type=positive, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--model", default="fast", help="fast, accurate, or the folder of a model")
    add_shards(parser)
    add_corpus(parser)


def add_shards(parser: argparse.ArgumentParser) -> None:
    """How `annotate` may share its work (docs/cluster.md)."""
    parser.add_argument(
        "--shards", type=positive, default=0, metavar="N", help="divide the pages into N shards, for `merge`"
    )
    parser.add_argument(
        "--shard", type=positive, default=0, metavar="K", help="make shard K of 1 to N (default: all, in turn)"
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


def add_merge(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`merge`."""
    parser = command(
        commands,
        "merge",
        "put the shards of annotate together, in the order of the pages, with a manifest.json beside them",
        "archived-policy merge corpus\n  archived-policy merge corpus -o published/policies.jsonl.zst",
    )
    parser.add_argument("folder", type=named_path, metavar="DIR", help="the folder that the shards were made in")
    parser.add_argument(
        "-o",
        "--output",
        type=named_path,
        metavar="FILE",
        help="JSONL, by its name .gz or .zst (default: policies.jsonl in DIR)",
    )


def add_corpus(parser: argparse.ArgumentParser) -> None:
    """What `annotate` may be told of a corpus."""
    parser.add_argument(
        "--format", choices=FORMATS, default="", help="what the paths are (default: told by what they hold)"
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
        type=named_path,
        metavar="FILE",
        help="CSV or JSONL with path, url and date of each file (default: metadata.csv, index.csv, … in the folder)",
    )
    parser.add_argument(
        "--strict", action="store_true", help="stop at the first thing that cannot be read, exit code 1"
    )


def add_extract(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`extract`."""
    parser = command(commands, "extract", "write the clean policy of one page", "archived-policy extract policy.html")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--format", choices=("markdown", "text", "json"), default="markdown")


def add_label(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`label`."""
    parser = command(
        commands,
        "label",
        "add labels and scores to lines of JSON with a text each (and headings, context)",
        'echo \'{"text": "We use cookies."}\' | archived-policy label',
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="JSONL (default: standard input)")
    parser.add_argument("--scheme", choices=("practices", "opp115"), default="practices")
    parser.add_argument("--model", default="fast", help="fast, accurate, or the folder of a model")


def add_status(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`status`."""
    parser = command(
        commands,
        "status",
        "say how far a run is, what became of its captures and what it waits for",
        "archived-policy status corpus",
    )
    parser.add_argument("folder", type=Path, metavar="DIR")


def add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`export`."""
    parser = command(
        commands,
        "export",
        "write what a run holds in another format",
        "archived-policy export corpus --format parquet -o segments.parquet",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl (.gz, .zst)")
    parser.add_argument(
        "--format",
        choices=(*EXPORTS, "wacz"),
        required=True,
        metavar="F",
        help=f"{', '.join(EXPORTS)}, or wacz: the archive in one file, for replay (docs/formats.md)",
    )
    parser.add_argument(
        "-o", "--output", type=named_path, required=True, metavar="PATH", help="jsonl and csv: by its name .gz or .zst"
    )
    parser.add_argument(
        "--per-file", type=positive, default=0, metavar="N", help="a folder of files with N policies each"
    )


def add_verify(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`verify`."""
    parser = command(
        commands,
        "verify",
        "check that every planned capture has an outcome and every record its bytes; or that every shard is there and "
        "whole, and its records in the merged corpus",
        "archived-policy verify corpus",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or one with shards or what merge wrote")


def add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`report`."""
    parser = command(
        commands,
        "report",
        "write the records with their histories as one HTML page, or as a page a site",
        "archived-policy report corpus -o corpus.html",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl")
    parser.add_argument("-o", "--output", type=named_path, default=Path("report.html"), metavar="FILE")


def add_history(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`history`."""
    parser = command(
        commands,
        "history",
        "tell what changed in each policy between its captures, and how practices spread over sites; or, with --diff, "
        "where two captures differ",
        "archived-policy history corpus\n  archived-policy history corpus --diff 2010 2018 --domain shop.example",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl")
    parser.add_argument(
        "-o",
        "--output",
        type=named_path,
        metavar="OUT",
        help="the folder for events.jsonl, passages.jsonl, tables and charts (default: history/ in the run folder); "
        "with --diff a file (default: standard output)",
    )
    parser.add_argument(
        "--every", choices=("half-year", "year"), default="half-year", help="periods of the tables (default: half-year)"
    )
    parser.add_argument("--parquet", action="store_true", help="write the tables as Parquet as well")
    parser.add_argument(
        "--audit",
        type=named_path,
        action="append",
        default=[],
        metavar="FILE",
        help="audit.json of `audit`: correct the trends by it; once for segments, once for sites",
    )
    parser.add_argument(
        "--diff", nargs=2, metavar=("TIME", "TIME"), help="two captures by timestamp, or by as much of it as is needed"
    )
    parser.add_argument("--domain", default="", metavar="DOMAIN", help="the site whose captures --diff means")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of --diff (default: text)")


def add_sample(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`sample`."""
    parser = command(
        commands,
        "sample",
        "draw segments by years, practice and score for raters who do not see the labels: a CSV, and tasks of Label "
        "Studio",
        "archived-policy sample corpus --per-stratum 10",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl")
    parser.add_argument("--per-stratum", type=positive, required=True, metavar="N", help="texts to draw from each")
    parser.add_argument(
        "--unit",
        choices=("segments", "sites"),
        default="segments",
        help="what is drawn: segments, or sites in half-years, as history counts them (default: segments)",
    )
    parser.add_argument("--years", type=positive, default=5, metavar="N", help="of a stratum (default: 5)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another one draws other texts (default: 0)")
    parser.add_argument("-o", "--output", type=named_path, metavar="FOLDER", help="(default: audit/ in the run folder)")


def add_audit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`audit`."""
    parser = command(
        commands,
        "audit",
        "tell from raters' answers how right the labels are: precision, recall, agreement, corrected shares",
        "archived-policy audit corpus sheet-anna.csv sheet-ben.csv",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the run folder, or the folder of the sample")
    parser.add_argument(
        "sheets",
        nargs="+",
        type=named_path,
        metavar="CORRECTED",
        help="filled-in sheets, or Label Studio's export as JSON; one with all answers, or one a rater",
    )
    parser.add_argument(
        "-o", "--output", type=named_path, metavar="FILE", help="(default: audit.json beside the sample)"
    )
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown")


def add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`train`."""
    parser = command(
        commands,
        "train",
        "train a model on OPP-115",
        "archived-policy train data/opp115 --teacher models/teacher -o fast",
    )
    parser.add_argument(
        "data",
        type=Path,
        metavar="DATA",
        help="the folder with segments.jsonl.gz and majority_*.jsonl, or OPP-115 as it was published",
    )
    parser.add_argument("-o", "--output", type=named_path, required=True, metavar="DIR")
    parser.add_argument(
        "--model",
        choices=("fast", "details", "encoder", "teacher", "accurate", "drift"),
        default="fast",
        help="details: polarity and types of data for the model that --fast names (default: fast)",
    )
    parser.add_argument(
        "--exclude", choices=("validation", "fold"), help="leave out the benchmark's validation set, or 23 policies"
    )
    parser.add_argument("--teacher", type=Path, metavar="DIR", help="learn from the teacher's scores in DIR as well")
    parser.add_argument(
        "--gold",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="learn from corrected segments as well: Label Studio's JSON or doccano's JSONL; may be repeated",
    )
    parser.add_argument(
        "--encoder",
        dest="encoders",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="the encoder to tune, or tuned, where one is needed; several make the teacher",
    )
    parser.add_argument(
        "--fast", type=Path, metavar="DIR", help="the fast model that an encoder is averaged with, or that gets details"
    )
    parser.add_argument("--passages", type=positive, default=8_000, metavar="N", help="that the teacher is to label")


def add_evaluate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`evaluate`."""
    parser = command(
        commands,
        "evaluate",
        "measure models: on policy-level folds, the benchmark's validation set, and policies of 2023",
        "archived-policy evaluate data/opp115 --model fast --model accurate",
    )
    parser.add_argument("data", type=Path, nargs="?", metavar="DATA", help="as of train; not needed for --drift alone")
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="MODEL",
        help="measure this model as it is, and several side by side; details: polarity and types of data, built for "
        "each measurement (default: fast and details, built for each measurement)",
    )
    parser.add_argument("--teacher", type=Path, metavar="DIR", help="the teacher's scores that those builds learn from")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown", dest="form")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write risk against coverage on the folds as SVG")
    parser.add_argument(
        "--html",
        type=named_path,
        metavar="FILE",
        help="write one page with curves, calibration, confusion, risk against coverage, learning curve, drift",
    )
    parser.add_argument(
        "--drift",
        type=named_path,
        metavar="DIR",
        help="tell of each year of a run folder or policies.jsonl how far it lies from the training data",
    )


def named_path(word: str) -> Path:
    """A path; an empty word would mean the current folder."""
    if not word:
        raise argparse.ArgumentTypeError("is empty: name a file or folder")
    return Path(word)


def every(word: str) -> str:
    """A choice of captures."""
    from extractor.wayback import parse_every  # not for every command: the web's libraries come with it

    try:
        return parse_every(word)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def contact(word: str) -> str:
    """An address that may stand in a header."""
    if not (word.isascii() and word.isprintable()):
        raise argparse.ArgumentTypeError("must be plain letters: an e-mail or web address")
    return word


def positive(word: str) -> int:
    """A whole number of 1 or more."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError("must be a whole number of 1 or more")
    return int(word)


def rate(word: str) -> float:
    """A number of 0 or more."""
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if not number >= 0:
        raise argparse.ArgumentTypeError("must be a number of 0 or more")
    return number
