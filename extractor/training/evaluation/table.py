"""Measurements as Markdown, for a terminal or a model card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractor.training.evaluation.evaluate import Measurement


def format_measurements(measurements: Sequence[Measurement]) -> str:
    """The measurements as Markdown tables, with a comparison of models that were measured on the same task."""
    tables = [f"{_heading(one)}\n\n{_table(one.figures)}{_uncertainty_note(one.figures)}" for one in measurements]
    return "\n\n".join([*tables, *_comparison_tables(measurements)])


def _heading(measurement: Measurement) -> str:
    """The name of a measurement with the figures over all labels."""
    name, figures = measurement.name, measurement.figures
    if "macro" not in figures:
        return f"{name} ({figures['passages']} passages)"
    macro, micro = (
        f"{mean} F1 {figures[mean]:.3f} {format_interval(figures[f'{mean} interval'])}" for mean in ("macro", "micro")
    )
    frequent = next(f"{key} {value:.3f}" for key, value in figures.items() if key.startswith("macro of"))
    return f"{name}: {macro}, {micro}, {frequent} ({figures['passages']} passages)"


def format_interval(interval: Sequence[float]) -> str:
    """An interval without leading zeros.

    >>> format_interval([0.7012, 0.7511])
    '(.701–.751)'
    """
    return "({}–{})".format(*(f"{bound:.3f}".removeprefix("0") for bound in interval))


def _table(figures: dict[str, Any]) -> str:
    """A row of figures for each label."""
    rows = figures["labels"]
    names = [name for name in next(iter(rows.values())) if name not in ("confusion", "f1 interval")]
    lines = [f"| label | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    for label, row in rows.items():
        cells = [f"{row[name]:.3f}" if isinstance(row[name], float) else str(row[name]) for name in names]
        if "f1 interval" in row:
            cells[names.index("f1")] += f" {format_interval(row['f1 interval'])}"
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _uncertainty_note(figures: dict[str, Any]) -> str:
    """The share of right labels among uncertain passages and among the others, "" if it was not measured."""
    if "uncertain" not in figures:
        return ""
    inside, outside = figures["right where uncertain"], figures["right elsewhere"]
    right = f"all labels right in {inside:.1%} of these and {outside:.1%} of the others"
    return f"\n\n{figures['uncertain']:.1%} uncertain; {right}"


def _comparison_tables(measurements: Sequence[Measurement]) -> list[str]:
    """A table for each task that several models were measured on."""
    by_task: dict[str, list[tuple[str, Measurement]]] = {}
    for measurement in measurements:
        model, task = measurement.name.split(": ", 1)
        by_task.setdefault(task.removesuffix(" (seen in training)"), []).append((model, measurement))
    return [_comparison_table(task, rows) for task, rows in by_task.items() if len(rows) > 1]


def _comparison_table(task: str, rows: Sequence[tuple[str, Measurement]]) -> str:
    """The F1 of each label by each model, or the recall if F1 was not measured."""
    models, figures = [model for model, _ in rows], [measurement.figures for _, measurement in rows]
    measure = "f1" if "macro" in figures[0] else "recall"
    lines = [f"{task}, {measure}", "", f"| label | {' | '.join(models)} |", f"|---|{'---:|' * len(models)}"]
    for label in figures[0]["labels"]:
        cells = (f"{one['labels'][label][measure]:.3f}" for one in figures)
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)
