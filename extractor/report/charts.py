"""Charts over all sites as SVG: one small drawing for each measure, with gaps left open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from extractor.charts import Point, TimeChart, TimeLine, inline_svg, time_chart
from extractor.report.sanitize import replace_unshowable

_WIDTH, _HEIGHT = 270, 140


@dataclass(frozen=True, slots=True)
class Chart:
    """A measure over time: its points for all sites, and for the sites that are there all the time, if there are any.

    `unit` is "%" if values are shares of 1, "sites" for counts, drawn as bars. `practice` determines the colour, and
    `denied` are the shares that only deny it.
    """

    name: str
    points: Sequence[Point]
    panel: Sequence[Point] = ()
    unit: str = ""
    practice: str = ""
    denied: Sequence[Point] = ()

    def drawn(self) -> TimeChart:
        """What is drawn of it."""
        lines = [TimeLine("all sites", self.points)]
        lines += [TimeLine("fixed sites", self.panel, "panel")] if self.panel else []
        lines += [TimeLine("deny only", self.denied, "denied")] if self.denied else []
        return TimeChart(self.name, lines, is_share=self.unit == "%", has_bars=self.unit == "sites")

    def value_text(self, value: float | None) -> str:
        """A value in figures."""
        return self.drawn().value_text(value)


def chart_svg(chart: Chart) -> Markup:
    """The chart as SVG for the page."""
    parts = time_chart(chart.drawn(), (_WIDTH, _HEIGHT), named=False)
    return Markup(replace_unshowable(inline_svg(_WIDTH, _HEIGHT, _summary(chart), parts)))


def _summary(chart: Chart) -> str:
    """The chart in a sentence: its first, its highest and its last value."""
    known = [point for point in chart.points if point.value is not None]
    if not known:
        return f"{chart.name}: no values."
    named = {"first": known[0], "highest": max(known, key=lambda point: point.value or 0), "last": known[-1]}
    values = (f"{name} {chart.value_text(point.value)} in {point.period}" for name, point in named.items())
    return f"{chart.name}: {', '.join(values)}"


def chart_columns(charts: Sequence[Chart]) -> Iterator[str]:
    """The names of the columns of the table beside the drawings."""
    for chart in charts:
        yield chart.name
        yield from [f"{chart.name}, only denied"] if chart.denied else []


def chart_values(charts: Sequence[Chart], period: str) -> Iterator[str]:
    """The values of all charts in a period, for that table."""
    for chart in charts:
        for points in (chart.points, chart.denied) if chart.denied else (chart.points,):
            yield chart.value_text(next((point.value for point in points if point.period == period), None))
