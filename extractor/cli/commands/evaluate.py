"""`evaluate`: what the models are worth."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.errors import UsageError
from extractor.files import write_atomically

if TYPE_CHECKING:
    from extractor.label import Drift

EXAMPLE = "archived-policy evaluate data/opp115 --model fast --model accurate"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `evaluate`."""
    parser.add_argument("data", type=Path, nargs="?", metavar="DATA", help="as of train")
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="MODEL",
        help="measure this model as it is, and several side by side; details: polarity and types of data, built for "
        "each measurement (default: fast and details, built for each measurement)",
    )
    parser.add_argument("--teacher", type=Path, metavar="DIR", help="the teacher's scores that those builds learn from")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown", dest="form", help="of the tables")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write risk against coverage on the folds as SVG")
    parser.add_argument(
        "--html",
        type=nonempty_path,
        metavar="FILE",
        help="write one page with curves, calibration, confusion, risk against coverage, learning curve, drift",
    )
    parser.add_argument(
        "--drift",
        type=nonempty_path,
        metavar="DIR",
        help="add the drift of a run folder or policies.jsonl, as `drift` shows it",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """Measures the models and prints the figures."""
    from extractor.label import read_drift_reference
    from extractor.run.studies import drift_by_year
    from extractor.training import evaluate, evaluation_page, risk_plot

    if not (arguments.data or arguments.drift):
        raise UsageError("Name the folder of OPP-115 to measure models on, or a corpus with --drift.")
    if arguments.plot and (arguments.model or not arguments.data):
        raise UsageError("Risk against coverage is measured on folds, of builds for it: leave out --model, or --plot.")
    options = {"teacher": arguments.teacher, "learning_curve": bool(arguments.html)}
    parts = evaluate(arguments.data, arguments.model, **options) if arguments.data else []
    drifts = drift_by_year(arguments.drift) if arguments.drift else []
    print(_format_figures(parts, drifts, arguments.form))
    points = [point for part in parts for point in part.figures.get("risk by coverage", ())]
    if arguments.plot:
        arguments.plot.write_text(risk_plot(points), encoding="utf-8")
    if arguments.html:
        with write_atomically(arguments.html) as stream:
            stream.write(evaluation_page(parts, drifts, read_drift_reference()))
    return 0


def _format_figures(parts: list[Any], drifts: list[Drift], form: str) -> str:
    """The figures as Markdown or JSON."""
    from extractor.run.studies import drift_figures, drift_table, drift_warnings
    from extractor.training import Measurement, format_measurements, measurements_json

    if form == "json":
        measured_drift = [Measurement("drift", {"years": drift_figures(drifts)})] if drifts else []
        return measurements_json([*parts, *measured_drift])
    return "\n\n".join(filter(None, (format_measurements(parts), drift_table(drifts), *drift_warnings(drifts))))
