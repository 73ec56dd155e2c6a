"""Measurements as Markdown, for a terminal or a model card, and as a plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractor.training.evaluation.evaluate import Part

_SIDE, _EDGE = 300, 40  # of the plot and around it, in pixels


def format_report(parts: Sequence[Part]) -> str:
    """The measurements as tables in Markdown; models measured on the same thing stand side by side as well."""
    tables = [f"{_heading(part)}\n\n{_table(part.figures)}{_below(part.figures)}" for part in parts]
    return "\n\n".join([*tables, *_beside(parts)])


def _heading(part: Part) -> str:
    """What was measured, with the figures over all labels."""
    figures = part.figures
    if "macro" not in figures:
        return f"{part.name} ({figures['passages']} passages)"
    macro, micro = (
        f"{name} F1 {figures[name]:.3f} {bounds(figures[f'{name} interval'])}" for name in ("macro", "micro")
    )
    enough = next(f"{name} {value:.3f}" for name, value in figures.items() if name.startswith("macro of"))
    return f"{part.name}: {macro}, {micro}, {enough} ({figures['passages']} passages)"


def bounds(interval: Sequence[float]) -> str:
    """An interval.

    >>> bounds([0.7012, 0.7511])
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
            cells[names.index("f1")] += f" {bounds(row['f1 interval'])}"
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _below(figures: dict[str, Any]) -> str:
    """What is right inside the unclear band and outside it, where that was measured."""
    if "uncertain" not in figures:
        return ""
    inside, outside = figures["right where uncertain"], figures["right elsewhere"]
    right = f"all labels right in {inside:.1%} of these and {outside:.1%} of the others"
    return f"\n\n{figures['uncertain']:.1%} uncertain; {right}"


def _beside(parts: Sequence[Part]) -> list[str]:
    """A table of F1 a label for each thing that several models were measured on."""
    things: dict[str, list[tuple[str, Part]]] = {}
    for part in parts:
        model, thing = part.name.split(": ", 1)
        things.setdefault(thing.removesuffix(" (seen in training)"), []).append((model, part))
    return [_side_by_side(thing, found) for thing, found in things.items() if len(found) > 1]


def _side_by_side(thing: str, found: Sequence[tuple[str, Part]]) -> str:
    """One such table; recall, where F1 was not measured."""
    measure = "f1" if "macro" in found[0][1].figures else "recall"
    lines = [f"{thing}, {measure}", "", f"| label | {' | '.join(model for model, _ in found)} |"]
    lines.append(f"|---|{'---:|' * len(found)}")
    for label in found[0][1].figures["labels"]:
        cells = (f"{part.figures['labels'][label][measure]:.3f}" for _, part in found)
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def risk_plot(points: Sequence[tuple[float, float]]) -> str:
    """Risk against coverage as SVG: the share of segments with a wrong label among the surest so many."""
    top = max(0.1, *(risk for _, risk in points))
    places = [(_EDGE + _SIDE * x, _EDGE + _SIDE * (1 - y / top)) for x, y in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    low, high = _EDGE + _SIDE, _EDGE + _SIDE + 16
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE + 2 * _EDGE} {_SIDE + 2 * _EDGE}" '
            'font-family="sans-serif" font-size="11">',
            "<title>Risk against coverage</title>",
            f'<rect width="{_SIDE + 2 * _EDGE}" height="{_SIDE + 2 * _EDGE}" fill="white"/>',
            f'<path d="M{_EDGE},{_EDGE}V{low}H{low}" fill="none" stroke="black"/>',
            f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="2"/>',
            *(f'<text x="{_EDGE + _SIDE * x}" y="{high}" text-anchor="middle">{x:.0%}</text>' for x in (0, 0.5, 1)),
            *(
                f'<text x="{_EDGE - 4}" y="{_EDGE + _SIDE * (1 - y)}" text-anchor="end">{y * top:.0%}</text>'
                for y in (0, 0.5, 1)
            ),
            f'<text x="{_EDGE + _SIDE / 2}" y="{high + 18}" text-anchor="middle">segments, the surest first</text>',
            f'<text x="{_EDGE}" y="{_EDGE - 12}">of these with a practice wrong</text>',
            "</svg>",
            "",
        ]
    )
