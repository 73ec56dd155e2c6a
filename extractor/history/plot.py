"""Charts of the tables over sites as SVG: a small chart for each measure, with the numbers of sites below."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from textwrap import wrap

from extractor.charts import CHART_FILE_WIDTH, Point, TimeChart, TimeLine, chart_file, svg_element, svg_text, time_chart
from extractor.history.aggregate import LengthPoint, SharePoint, TrendPoint
from extractor.records import PRACTICES

_CHART_HEIGHT = 140
_LINE_HEIGHT, _LINE_LETTERS = 15, 42  # of the title


def panel_points(points: Sequence[SharePoint | LengthPoint], *columns: str) -> dict[str, list[Point]]:
    """Columns of a table (value, low, high) as points over all sites, and over the fixed panel."""
    values = attrgetter(*columns)
    return {
        f"{panel} sites": [Point(row.period, row.sites, *values(row)) for row in points if row.panel == panel]
        for panel in ("all", "fixed")
    }


def share_chart(points: Sequence[SharePoint]) -> str:
    """The shares of `shares` as SVG, a small chart for each practice: sites that do it, and those that only deny it.

    The fixed panel is dashed, the denials are dotted, with circles.
    """
    charts = []
    for name in PRACTICES:
        does, denies = (
            [point for point in points if (point.practice, point.stance) == (name, stance)]
            for stance in ("does", "denies only")
        )
        lines = _panel_lines(panel_points(does, "share", "low", "high"))
        denials = panel_points(denies, "share", "low", "high")["all sites"]
        charts.append(TimeChart(name.capitalize(), [*lines, TimeLine("deny only", denials, "denied")]))
    return _stacked(
        "Share of sites that say they do each practice, 95% intervals (Wilson); circles: only deny it; n: sites", charts
    )


def _panel_lines(points: dict[str, list[Point]]) -> list[TimeLine]:
    """All sites, and the fixed panel."""
    return [TimeLine("all sites", points["all sites"]), TimeLine("fixed sites", points["fixed sites"], "panel")]


def length_chart(points: Sequence[LengthPoint]) -> str:
    """The lengths and grades of `lengths` as SVG, with the quartiles as a band; the fixed panel is dashed."""
    charts = []
    for name, column in (("Words", "words"), ("School grade (Coleman-Liau)", "grade")):
        lines = _panel_lines(panel_points(points, f"{column}_median", f"{column}_q1", f"{column}_q3"))
        charts.append(TimeChart(name, lines, is_share=False))
    return _stacked("Length and readability of policies: median and quartiles over sites (n)", charts)


def trend_chart(points: Sequence[TrendPoint]) -> str:
    """The shares of `trends` that do each practice as SVG: raw ones dashed, corrected ones with their intervals.

    Those that only deny it are dotted, as counted.
    """
    charts = []
    for unit in ("sites", "segments"):
        for name in PRACTICES:
            does, denies = (
                [point for point in points if (point.unit, point.practice, point.stance) == (unit, name, stance)]
                for stance in ("does", "denies only")
            )
            corrected = [
                Point(row.period, row.of, row.corrected, row.corrected_low, row.corrected_high) for row in does
            ]
            lines = [
                TimeLine("corrected", corrected),
                TimeLine("as counted", [Point(row.period, row.of, row.share) for row in does], "panel"),
                TimeLine("deny only", [Point(row.period, row.of, row.share) for row in denies], "denied"),
            ]
            charts.append(TimeChart(f"{name.capitalize()}, share of {unit}", lines, counted=unit))
    return _stacked(
        "Shares that do a practice: corrected (95% band), as counted (dashed); circles: deny it; n: sites or segments",
        charts,
    )


def _stacked(title: str, charts: Sequence[TimeChart]) -> str:
    """The SVG of small charts, one below the other."""
    head = [
        svg_text(8, _LINE_HEIGHT * (1 + number), line, css_class="title")
        for number, line in enumerate(wrap(title, _LINE_LETTERS))
    ]
    top = _LINE_HEIGHT * len(head) + 12
    parts = (
        svg_element(
            "g", "".join(time_chart(chart, (CHART_FILE_WIDTH, _CHART_HEIGHT), (0, top + _CHART_HEIGHT * number)))
        )
        for number, chart in enumerate(charts)
    )
    return chart_file(CHART_FILE_WIDTH, top + _CHART_HEIGHT * len(charts), title, [*head, *parts])
