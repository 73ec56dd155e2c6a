"""`train` and `evaluate`."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from extractor.cli.screen import Bar
from extractor.errors import UsageError
from extractor.files import write_atomically
from extractor.label.drift import Drift, read_reference
from extractor.run.studies.drift import drift_by_year, drift_table, warning_of
from extractor.training import Part, Sources, as_json, evaluate, evaluation_page, format_report, risk_plot, train


def train_command(arguments: argparse.Namespace, console: Console) -> int:
    """`train`."""
    given = ("data", "teacher", "encoders", "fast", "passages", "gold")
    sources = Sources(**{name: getattr(arguments, name) for name in given})
    with Bar(console, quiet=arguments.quiet) as bar:
        summary = train(arguments.model, sources, arguments.output, exclude=arguments.exclude or "", progress=bar)
    console.print(Text(summary))
    return 0


def evaluate_command(arguments: argparse.Namespace, console: Console) -> int:  # noqa: ARG001
    """`evaluate`."""
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
    if form == "json":
        years = {one.period: {**asdict(one), "far": one.far} for one in drifts}
        return as_json([*parts, *([Part("drift", {"years": years})] if drifts else [])])
    return "\n\n".join(filter(None, (format_report(parts), drift_table(drifts), *warning_of(drifts))))
