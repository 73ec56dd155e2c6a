"""`train`: the models, from the data."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.text import Text

from extractor.cli.options import nonempty_path, positive_int
from extractor.cli.screen import ProgressBar

_MODELS = ("fast", "details", "encoder", "teacher", "accurate", "drift", "content", "verdict")
EXAMPLE = "archived-policy train data/opp115 --teacher models/teacher -o fast"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `train`."""
    parser.add_argument(
        "data",
        type=Path,
        metavar="DATA",
        help="the folder with segments.jsonl.gz and majority_*.jsonl, or OPP-115 as it was published",
    )
    parser.add_argument(
        "-o", "--output", type=nonempty_path, required=True, metavar="DIR", help="the folder of the model"
    )
    parser.add_argument(
        "--model",
        choices=_MODELS,
        default="fast",
        help="details: polarity and types of data for the model that --fast names; content and verdict learn from the "
        "pages in extraction/ beside DATA (default: fast)",
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
    parser.add_argument(
        "--layers", type=_layer_numbers, default=(), metavar="N,N", help="of the encoder to tune, from 0 (default: all)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the encoder to tune (default: 0)")
    parser.add_argument(
        "--passages", type=positive_int, default=20_000, metavar="N", help="that the teacher is to label"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Trains the model and saves it."""
    from extractor.training import TrainingInputs, train

    given = ("data", "teacher", "encoders", "fast", "layers", "seed", "passages", "gold")
    sources = TrainingInputs(**{name: getattr(arguments, name) for name in given})
    with ProgressBar(console, quiet=arguments.quiet) as bar:
        summary = train(arguments.model, sources, arguments.output, exclude=arguments.exclude or "", progress=bar)
    console.print(Text(summary))
    return 0


def _layer_numbers(text: str) -> tuple[int, ...]:
    """The numbers of layers, separated by commas. Raises argparse's error for anything else."""
    try:
        return tuple(sorted({int(number) for number in text.split(",")}))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of layers: name numbers, such as 0,2,4.") from error
