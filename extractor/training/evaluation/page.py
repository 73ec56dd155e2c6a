"""The measurements as one self-contained page: nothing in it is fetched, nothing in it runs."""

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
from extractor.training.evaluation.evaluate import Measurement
from extractor.training.evaluation.plots import Axis, PlotLine, heat_map, line_plot, round_scale_end
from extractor.training.evaluation.table import format_interval

_SCORE, _SHARE = Axis("score"), Axis("share with the label")
_FEW = 10  # passages of a score that say little
_RECALL, _PRECISION = Axis("recall"), Axis("precision")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A drawing with its name and a remark below it."""

    name: str
    drawing: Markup
    remark: str = ""


def evaluation_page(
    parts: Sequence[Measurement], drifts: Sequence[Drift] = (), reference: DriftReference | None = None
) -> bytes:
    """The page of some measurements; with drift where it was measured, held against the reference."""
    style = (files("extractor.training.evaluation") / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("extractor.training.evaluation", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    words = environment.get_template("page.html.j2").render(
        parts=[_section(part) for part in parts],
        drifts=drifts,
        drift_figures=list(_drift_figures(drifts, reference)) if drifts and reference else [],
        style=Markup(style),
        policy=f"default-src 'none'; style-src '{_hashed(style)}'; base-uri 'none'; form-action 'none'",
    )
    return words.encode()


@cache
def _hashed(source: str) -> str:
    """The name of a style in a Content-Security-Policy (CSP level 3, hash-source)."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


def _section(part: Measurement) -> dict[str, Any]:
    """What the page shows of a measurement."""
    figures = part.figures
    return {
        "name": part.name,
        "facts": list(_facts(figures)),
        "columns": _columns(figures),
        "rows": [(_capital(label), _cells(row)) for label, row in figures["labels"].items()],
        "overall": list(_overall(figures)),
        "precision": [_precision_figure(label, one) for label, one in figures.get("curves", {}).items()],
        "reliability": [
            _reliability_figure(label, one, figures["labels"][label]["calibration error"])
            for label, one in figures.get("curves", {}).items()
        ],
        "together": heat_map(f"{part.name}: labels in truth against labels given", figures["together"])
        if "together" in figures
        else "",
    }


def _facts(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The figures over all labels, in terms and words."""
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


def _capital(label: str) -> str:
    """A label as it begins a line.

    >>> _capital("collection"), _capital("Do Not Track")
    ('Collection', 'Do Not Track')
    """
    return label[:1].upper() + label[1:]


def _columns(figures: dict[str, Any]) -> list[str]:
    """The names of a table's columns: what was measured of each label."""
    return [name for name in next(iter(figures["labels"].values())) if name not in ("confusion", "f1 interval")]


def _cells(row: dict[str, Any]) -> list[str]:
    """A row of the table."""
    plain = {name: f"{value:.3f}" if isinstance(value, float) else value for name, value in row.items()}
    if "f1 interval" in row:
        plain["f1"] = f"{plain['f1']} {format_interval(row['f1 interval'])}"
    return [str(value) for name, value in plain.items() if name not in ("confusion", "f1 interval")]


def _overall(figures: dict[str, Any]) -> Iterator[_Figure]:
    """What is drawn of all labels together: risk against coverage, and the learning curve."""
    points = figures.get("risk by coverage", ())
    if points:
        top = Axis("a label wrong", high=round_scale_end(max(risk for _, risk in points)))
        half = next(risk for share, risk in points if share >= 0.5)
        said = f"{half:.0%} of the surer half have a practice wrong, {points[-1][1]:.0%} of all."
        yield _Figure("Risk against coverage", line_plot(said, [PlotLine(points)], Axis("surest first"), top), said)
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
    said = ", ".join(f"{one['macro']:.3f} from {one['policies']:.0f}" for one in curve) + " policies."
    return _Figure("Learning curve", line_plot(said, [line], across, up), said)


def _precision_figure(label: str, curve: dict[str, Any]) -> _Figure:
    """Precision by recall of a label."""
    points = curve["precision by recall"]
    if not points:
        return _Figure(
            _capital(label), line_plot(f"{label}: no passage has it", [], _RECALL, _PRECISION), "No passage has it."
        )
    area = sum((one[0] - before[0]) * one[1] for before, one in zip([(0.0, 1.0), *points], points, strict=False))
    said = f"average precision {area:.2f}"
    return _Figure(_capital(label), line_plot(f"{label}: {said}", [PlotLine(points)], _RECALL, _PRECISION), said)


def _reliability_figure(label: str, curve: dict[str, Any], error: float) -> _Figure:
    """Share with the label by score; what few passages say is drawn apart."""
    even = PlotLine([(0.0, 0.0), (1.0, 1.0)], "even")
    many, few = (
        [(score, share) for score, share, count in curve["reliability"] if (count >= _FEW) == enough]
        for enough in (True, False)
    )
    said = f"calibration error {error:.3f}"
    drawing = line_plot(f"{label}: {said}", [even, PlotLine(many, dots=True, rings=few)], _SCORE, _SHARE)
    return _Figure(_capital(label), drawing, said)


def _drift_figures(drifts: Sequence[Drift], reference: DriftReference) -> Iterator[_Figure]:
    """Unknown words, distance and uncertain segments by year with their limits; the scores of each year."""
    yield _drift_figure("Unknown words", drifts, [one.unknown for one in drifts], [one.unknown_limit for one in drifts])
    yield _drift_figure(
        "Distance of words", drifts, [one.distance for one in drifts], [one.distance_limit for one in drifts]
    )
    yield _drift_figure(
        "Uncertain segments", drifts, [one.uncertain for one in drifts], [reference.uncertain] * len(drifts)
    )
    up = Axis("segments", high=round_scale_end(max(*reference.tops, *(share for one in drifts for share in one.tops))))
    for one in drifts:
        lines = [PlotLine(_histogram(reference.tops), "even"), PlotLine(_histogram(one.tops), dots=True)]
        drawing = line_plot(f"Scores of {one.period}", lines, _SCORE, up)
        yield _Figure(f"Highest score, {one.period}", drawing, "dashed: OPP-115, unseen")


def _whole(value: float) -> str:
    """A year; nothing between two years.

    >>> _whole(2024.0), _whole(2024.5)
    ('2024', '')
    """
    return f"{value:.0f}" if value == int(value) else ""


def _histogram(tops: Sequence[float]) -> list[tuple[float, float]]:
    """The middles of the bins with their shares."""
    return [((k + 0.5) / len(tops), share) for k, share in enumerate(tops)]


def _drift_figure(name: str, drifts: Sequence[Drift], values: Sequence[float], limits: Sequence[float]) -> _Figure:
    """A measure by year, and what it is held against."""
    years = [float(one.period) if one.period.isdecimal() else float(k) for k, one in enumerate(drifts)]
    pairs = sorted(zip(years, values, limits, strict=True))
    lines = [
        PlotLine([(x, limit) for x, _, limit in pairs], "even"),
        PlotLine([(x, value) for x, value, _ in pairs], dots=True),
    ]
    across = Axis("year", low=pairs[0][0], high=pairs[-1][0], value_text=_whole)
    top = round_scale_end(max(*values, *limits))
    show = "{:.2f}".format if name.startswith("Distance") else "{:.0%}".format
    return _Figure(name, line_plot(f"{name} by year", lines, across, Axis(name.lower(), high=top, value_text=show)))
