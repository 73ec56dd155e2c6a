"""Measurements as Markdown, for a terminal or a model card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractor.training.evaluation.evaluate import Measurement


def format_measurements(parts: Sequence[Measurement]) -> str:
    """The measurements as tables in Markdown; models measured on the same thing stand side by side as well."""
    tables = [f"{_heading(part)}\n\n{_table(part.figures)}{_uncertainty_note(part.figures)}" for part in parts]
    return "\n\n".join([*tables, *_comparison_tables(parts)])


def _heading(part: Measurement) -> str:
    """What was measured, with the figures over all labels."""
    figures = part.figures
    if "macro" not in figures:
        return f"{part.name} ({figures['passages']} passages)"
    macro, micro = (
        f"{name} F1 {figures[name]:.3f} {format_interval(figures[f'{name} interval'])}" for name in ("macro", "micro")
    )
    enough = next(f"{name} {value:.3f}" for name, value in figures.items() if name.startswith("macro of"))
    return f"{part.name}: {macro}, {micro}, {enough} ({figures['passages']} passages)"


def format_interval(interval: Sequence[float]) -> str:
    """An interval.

    >>> format_interval([0.7012, 0.7511])
    '(.701–.751)'
    """
    return "({}–{})".format(*(f"{bound:.3f}".removeprefix("0") for bound in interval))


def _table(figures: dict[str, Any]) -> str:
    """The figures of each label; the columns are those that were measured."""
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
    """What is right inside the unclear band and outside it, where that was measured."""
    if "uncertain" not in figures:
        return ""
    inside, outside = figures["right where uncertain"], figures["right elsewhere"]
    right = f"all labels right in {inside:.1%} of these and {outside:.1%} of the others"
    return f"\n\n{figures['uncertain']:.1%} uncertain; {right}"


def _comparison_tables(parts: Sequence[Measurement]) -> list[str]:
    """A table of F1 a label for each thing that several models were measured on."""
    things: dict[str, list[tuple[str, Measurement]]] = {}
    for part in parts:
        model, thing = part.name.split(": ", 1)
        things.setdefault(thing.removesuffix(" (seen in training)"), []).append((model, part))
    return [_comparison_table(thing, found) for thing, found in things.items() if len(found) > 1]


def _comparison_table(thing: str, found: Sequence[tuple[str, Measurement]]) -> str:
    """One such table; recall, where F1 was not measured."""
    measure = "f1" if "macro" in found[0][1].figures else "recall"
    lines = [f"{thing}, {measure}", "", f"| label | {' | '.join(model for model, _ in found)} |"]
    lines.append(f"|---|{'---:|' * len(found)}")
    for label in found[0][1].figures["labels"]:
        cells = (f"{part.figures['labels'][label][measure]:.3f}" for _, part in found)
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)
