"""The measurements as one self-contained page, which loads nothing and runs no script."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from extractor.label import Drift, DriftReference
from extractor.training.evaluation.measurement import Measurement
from extractor.training.evaluation.plots import Axis, PlotLine, heat_map, line_plot, round_scale_end
from extractor.training.evaluation.table import format_interval, source_tables

_SCORE, _SHARE = Axis("score"), Axis("share with the label")
_MIN_PASSAGES = 10  # with a score; fewer are drawn as rings
_RECALL, _PRECISION = Axis("recall"), Axis("precision")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A drawing with its name and a remark below."""

    name: str
    drawing: Markup
    remark: str = ""


def evaluation_page(
    measurements: Sequence[Measurement], drifts: Sequence[Drift] = (), reference: DriftReference | None = None
) -> bytes:
    """The page of measurements, with the drift of each year beside the reference, if there is any."""
    style = (files("extractor.training.evaluation") / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("extractor.training.evaluation", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = environment.get_template("page.html.j2").render(
        parts=[_section(measurement) for measurement in measurements if not measurement.is_row_only],
        tables=list(source_tables(measurements)),
        drifts=drifts,
        drift_figures=list(_drift_figures(drifts, reference)) if drifts and reference else [],
        style=Markup(style),
        policy=f"default-src 'none'; style-src '{_style_hash(style)}'; base-uri 'none'; form-action 'none'",
    )
    return page.encode()


@cache
def _style_hash(source: str) -> str:
    """The hash of a style for a Content-Security-Policy (CSP level 3, hash-source)."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


def _section(measurement: Measurement) -> dict[str, Any]:
    """What the template shows of a measurement."""
    figures, curves = measurement.figures, measurement.figures.get("curves", {})
    return {
        "name": measurement.name,
        "facts": list(_facts(figures)),
        "columns": _columns(figures),
        "rows": [(_capitalized(label), _cells(row)) for label, row in figures["labels"].items()],
        "overall": list(_overall_figures(figures)),
        "precision": [_precision_figure(label, curve) for label, curve in curves.items()],
        "reliability": [
            _reliability_figure(label, curve, figures["labels"][label]["calibration error"])
            for label, curve in curves.items()
        ],
        "together": heat_map(f"{measurement.name}: labels in truth against labels given", figures["together"])
        if "together" in figures
        else "",
    }


def _facts(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The figures over all labels, as pairs of a term and its value."""
    yield "Passages", f"{figures['passages']:,}"
    for name in ("macro", "micro"):
        if name in figures:
            yield f"{name.capitalize()} F1", f"{figures[name]:.3f} {format_interval(figures[f'{name} interval'])}"
    if "uncertain" in figures:
        yield "Uncertain", f"{figures['uncertain']:.1%}"
        yield (
            "All labels right",
            f"{figures['right elsewhere']:.1%}; of the uncertain {figures['right where uncertain']:.1%}",
        )


def _capitalized(label: str) -> str:
    """A label with a capital.

    >>> _capitalized("collection"), _capitalized("Do Not Track")
    ('Collection', 'Do Not Track')
    """
    return label[:1].upper() + label[1:]


def _columns(figures: dict[str, Any]) -> list[str]:
    """The names of a table's columns: the figures of each label."""
    return [name for name in next(iter(figures["labels"].values())) if name not in ("confusion", "f1 interval")]


def _cells(row: dict[str, Any]) -> list[str]:
    """A row of the table."""
    plain = {name: f"{value:.3f}" if isinstance(value, float) else value for name, value in row.items()}
    if "f1 interval" in row:
        plain["f1"] = f"{plain['f1']} {format_interval(row['f1 interval'])}"
    return [str(value) for name, value in plain.items() if name not in ("confusion", "f1 interval")]


def _overall_figures(figures: dict[str, Any]) -> Iterator[_Figure]:
    """The drawings over all labels: risk against coverage, and the learning curve."""
    points = figures.get("risk by coverage", ())
    if points:
        top = Axis("a label wrong", high=round_scale_end(max(risk for _, risk in points)))
        half = next(risk for share, risk in points if share >= 0.5)
        summary = f"{half:.0%} of the surer half have a practice wrong, {points[-1][1]:.0%} of all."
        yield _Figure(
            "Risk against coverage", line_plot(summary, [PlotLine(points)], Axis("surest first"), top), summary
        )
    curve = figures.get("learning curve", ())
    if curve:
        yield _learning_figure(curve)


def _learning_figure(curve: Sequence[dict[str, float]]) -> _Figure:
    """The learning curve."""
    line = PlotLine(
        [(one["policies"], one["macro"]) for one in curve],
        band=[(one["policies"], one["low"], one["high"]) for one in curve],
        dots=True,
    )
    across = Axis("policies learned from", high=curve[-1]["policies"], value_text="{:.0f}".format)
    up = Axis("macro F1", low=0.2 * math.floor(5 * min(one["low"] for one in curve)), value_text="{:.2f}".format)
    summary = ", ".join(f"{one['macro']:.3f} from {one['policies']:.0f}" for one in curve) + " policies."
    return _Figure("Learning curve", line_plot(summary, [line], across, up), summary)


def _precision_figure(label: str, curve: dict[str, Any]) -> _Figure:
    """The precision of a label by recall."""
    points = curve["precision by recall"]
    if not points:
        return _Figure(
            _capitalized(label), line_plot(f"{label}: no passage has it", [], _RECALL, _PRECISION), "No passage has it."
        )
    area = sum((one[0] - before[0]) * one[1] for before, one in zip([(0.0, 1.0), *points], points, strict=False))
    remark = f"average precision {area:.2f}"
    drawing = line_plot(f"{label}: {remark}", [PlotLine(points)], _RECALL, _PRECISION)
    return _Figure(_capitalized(label), drawing, remark)


def _reliability_figure(label: str, curve: dict[str, Any], error: float) -> _Figure:
    """The share with the label by score; scores of few passages are drawn as rings."""
    diagonal = PlotLine([(0.0, 0.0), (1.0, 1.0)], "even")
    many, few = (
        [(score, share) for score, share, count in curve["reliability"] if (count >= _MIN_PASSAGES) == enough]
        for enough in (True, False)
    )
    remark = f"calibration error {error:.3f}"
    drawing = line_plot(f"{label}: {remark}", [diagonal, PlotLine(many, dots=True, rings=few)], _SCORE, _SHARE)
    return _Figure(_capitalized(label), drawing, remark)


def _drift_figures(drifts: Sequence[Drift], reference: DriftReference) -> Iterator[_Figure]:
    """Unknown words, distance and uncertain segments by year, with their limits, and the scores of each year."""
    yield _drift_figure("Unknown words", drifts, [one.unknown for one in drifts], [one.unknown_limit for one in drifts])
    yield _drift_figure(
        "Distance of words", drifts, [one.distance for one in drifts], [one.distance_limit for one in drifts]
    )
    yield _drift_figure(
        "Uncertain segments", drifts, [one.uncertain for one in drifts], [reference.uncertain] * len(drifts)
    )
    up = Axis("segments", high=round_scale_end(max(*reference.tops, *(share for one in drifts for share in one.tops))))
    for one in drifts:
        lines = [PlotLine(_histogram_points(reference.tops), "even"), PlotLine(_histogram_points(one.tops), dots=True)]
        drawing = line_plot(f"Scores of {one.period}", lines, _SCORE, up)
        yield _Figure(f"Highest score, {one.period}", drawing, "dashed: unseen policies")


def _whole_year(value: float) -> str:
    """A year, or "" between two years.

    >>> _whole_year(2024.0), _whole_year(2024.5)
    ('2024', '')
    """
    return f"{value:.0f}" if value == int(value) else ""


def _histogram_points(tops: Sequence[float]) -> list[tuple[float, float]]:
    """The middle of each bin with its share."""
    return [((k + 0.5) / len(tops), share) for k, share in enumerate(tops)]


def _drift_figure(name: str, drifts: Sequence[Drift], values: Sequence[float], limits: Sequence[float]) -> _Figure:
    """A measure by year, with its limits."""
    years = [float(one.period) if one.period.isdecimal() else float(k) for k, one in enumerate(drifts)]
    pairs = sorted(zip(years, values, limits, strict=True))
    lines = [
        PlotLine([(x, limit) for x, _, limit in pairs], "even"),
        PlotLine([(x, value) for x, value, _ in pairs], dots=True),
    ]
    across = Axis("year", low=pairs[0][0], high=pairs[-1][0], value_text=_whole_year)
    top = round_scale_end(max(*values, *limits))
    show = "{:.2f}".format if name.startswith("Distance") else "{:.0%}".format
    return _Figure(name, line_plot(f"{name} by year", lines, across, Axis(name.lower(), high=top, value_text=show)))
