"""Measurements as Markdown, for a terminal or a model card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from extractor.training.evaluation.measurement import Measurement

_MAX_LABEL_COLUMNS = 5  # in the table by era and source
_MAX_INTERVAL_COLUMNS = 2
_MEANS = ("macro", "micro")


@dataclass(frozen=True, slots=True)
class _SourceTable:
    """A table of one kind of labels, by model and by the era or source of the passages."""

    title: str
    heads: list[str]
    rows: list[list[str]]


def format_measurements(measurements: Sequence[Measurement]) -> str:
    """The measurements as Markdown tables, with a comparison of models that were measured on the same task."""
    own = [one for one in measurements if not one.is_row_only]
    tables = [f"{_heading(one)}\n\n{_table(one.figures)}{_uncertainty_note(one.figures)}" for one in own]
    by_source = [_markdown(table) for table in source_tables(measurements)]
    return "\n\n".join([*tables, *_comparison_tables(own), *by_source])


def source_tables(measurements: Sequence[Measurement]) -> Iterator[_SourceTable]:
    """The tables of practices, categories and polarity by model, era and source, as far as they were measured."""
    for kind in ("practices", "categories", "polarity"):
        rows = [one for one in measurements if one.figures.get("kind") == kind]
        if rows:
            labels = list(dict.fromkeys(label for one in rows for label in one.figures["labels"]))
            columns = labels if len(labels) <= _MAX_LABEL_COLUMNS else []
            heads = ["model", "passages", "labelled by", "number", "macro F1", *(columns or ["micro F1"])]
            title = f"{kind.capitalize()} by era and source, F1"
            yield _SourceTable(title, heads, [_source_row(one, columns) for one in rows])


def _source_row(measurement: Measurement, columns: Sequence[str]) -> list[str]:
    """A row of the table: the figures over all labels, and those of each label that has a column."""
    figures = measurement.figures
    cells = [measurement.model, figures["source"], figures["labelled by"], f"{figures['passages']:,}"]
    means = [_f1_text(figures[mean], figures[f"{mean} interval"]) if mean in figures else "" for mean in _MEANS]
    return [*cells, means[0], *([_label_cell(figures, label, len(columns)) for label in columns] or means[1:])]


def _label_cell(figures: dict[str, Any], label: str, columns: int) -> str:
    """The F1 of a label, or its recall if F1 was not measured; with its interval if there is room. "" without any."""
    if label not in figures["labels"]:
        return ""
    row = figures["labels"][label]
    return (
        _f1_text(row["f1"], row["f1 interval"]) if columns <= _MAX_INTERVAL_COLUMNS else f"{row[_measure(figures)]:.3f}"
    )


def _markdown(table: _SourceTable) -> str:
    """A table as Markdown, with its title."""
    lines = [table.heads, ["---"] * 3 + ["---:"] * (len(table.heads) - 3), *table.rows]
    return "\n".join([table.title, "", *(f"| {' | '.join(cells)} |" for cells in lines)])


def _heading(measurement: Measurement) -> str:
    """The name of a measurement with the figures over all labels."""
    name, figures = measurement.name, measurement.figures
    if "macro" not in figures:
        return f"{name} ({figures['passages']} passages)"
    macro, micro = (f"{mean} F1 {_f1_text(figures[mean], figures[f'{mean} interval'])}" for mean in _MEANS)
    frequent = next(f"{key} {value:.3f}" for key, value in figures.items() if key.startswith("macro of"))
    return f"{name}: {macro}, {micro}, {frequent} ({figures['passages']} passages)"


def _f1_text(value: float, interval: Sequence[float]) -> str:
    """A figure with its interval."""
    return f"{value:.3f} {format_interval(interval)}"


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
    measure = _measure(figures[0])
    lines = [f"{task}, {measure}", "", f"| label | {' | '.join(models)} |", f"|---|{'---:|' * len(models)}"]
    for label in figures[0]["labels"]:
        cells = (f"{one['labels'][label][measure]:.3f}" for one in figures)
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _measure(figures: dict[str, Any]) -> str:
    """What was measured of each label."""
    return "f1" if "macro" in figures else "recall"
