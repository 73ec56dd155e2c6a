"""Charts over all sites as SVG: one small drawing for each measure, with gaps left open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from extractor.charts import PlotArea, Point, inline_svg, runs_without_gap, svg_element, svg_text
from extractor.report.sanitize import replace_unshowable

_WIDTH, _HEIGHT = 270, 130
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 8, 20
_MAX_NAMED_YEARS = 5  # more would overlap


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

    @property
    def ceiling(self) -> float:
        """The upper end of the scale."""
        tops = [value for point in self.points for value in (point.value, point.high) if value is not None]
        return 1.0 if self.unit == "%" else max(tops, default=0) or 1.0

    def value_text(self, value: float | None) -> str:
        """A value in figures."""
        if value is None:
            return "–"
        return f"{value:.0%}" if self.unit == "%" else f"{value:,.0f}"


def chart_svg(chart: Chart) -> Markup:
    """The chart as SVG for the page."""
    edges = (_LEFT, _WIDTH - _RIGHT, _TOP, _HEIGHT - _BOTTOM)
    plot = PlotArea(*edges, x_range=(0, len(chart.points) - 1), y_range=(0, chart.ceiling))
    parts = [*plot.grid(2, chart.value_text), *_year_labels(chart, plot), *_shapes(chart, plot)]
    return Markup(replace_unshowable(inline_svg(_WIDTH, _HEIGHT, _summary(chart), parts)))


def _summary(chart: Chart) -> str:
    """The chart in a sentence: its first, its highest and its last value."""
    known = [point for point in chart.points if point.value is not None]
    if not known:
        return f"{chart.name}: no values."
    named = {"first": known[0], "highest": max(known, key=lambda point: point.value or 0), "last": known[-1]}
    values = (f"{name} {chart.value_text(point.value)} in {point.period}" for name, point in named.items())
    return f"{chart.name}: {', '.join(values)}"


def _year_labels(chart: Chart, plot: PlotArea) -> Iterator[str]:
    """Some years below the plot."""
    years = [point.period[:4] for point in chart.points]
    named = list(dict.fromkeys(years))
    for year in named[:: -(-len(named) // _MAX_NAMED_YEARS)]:
        number = years.index(year)
        yield svg_text(plot.x(number), _HEIGHT - 5, year, text_anchor="middle" if number else "start")


def _shapes(chart: Chart, plot: PlotArea) -> Iterator[str]:
    """Bars of counts; otherwise the lines, with intervals and dots for all sites."""
    if chart.unit == "sites":
        width = round(0.7 * (plot.right - plot.left) / len(chart.points), 1)
        yield from (plot.bar(x, point.value or 0, width, css_class="bar") for x, point in enumerate(chart.points))
        return
    periods = [point.period for point in chart.points]
    for css_class, points in (("all", chart.points), ("panel", chart.panel), ("denied", chart.denied)):
        for run in runs_without_gap(points, periods):
            known = [(x, point.low or 0, point.high) for x, point in run if point.high is not None]
            if css_class == "all" and known:
                yield _interval(plot, known)
            values = [(x, point.value or 0) for x, point in run]
            yield plot.line(values, css_class=css_class)
            if css_class == "denied" and len(values) == 1:
                yield plot.dot(*values[0], 1.5, css_class="denied")
            if css_class == "all":
                yield from (plot.dot(x, value, 2.2) for x, value in values)


def _interval(plot: PlotArea, intervals: Sequence[tuple[float, float, float]]) -> str:
    """The intervals as an area; a single one as a vertical line."""
    if len(intervals) > 1:
        return plot.band(intervals, css_class="band")
    x, low, high = intervals[0]
    return svg_element("line", css_class="whisker", x1=plot.x(x), x2=plot.x(x), y1=plot.y(low), y2=plot.y(high))


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
