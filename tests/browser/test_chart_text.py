"""The text of charts on a phone: large enough, whole, and nothing over it."""

import pytest

from extractor.cli import main

pytestmark = pytest.mark.browser

SIZES = """() => [...document.querySelectorAll("svg text")].filter((one) => one.getClientRects().length)
  .map((one) => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)"""

# Texts that leave their drawing, or lie over another text of it
FAULTS = """() => [...document.querySelectorAll("svg")].filter((one) => !one.parentElement?.closest("svg") && one.getClientRects().length).flatMap((svg) => {
  const frame = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].map((one) => [one.firstChild.textContent, one.getBoundingClientRect()]);
  const outside = texts.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
  const over = ([, a], [, b]) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top + 4 < b.bottom && b.top + 4 < a.bottom;
  const pairs = texts.flatMap((one, place) => texts.slice(place + 1).filter((other) => over(one, other)).map((other) => [one[0], other[0]]));
  return [...outside.map(([words]) => words), ...pairs.map((words) => words.join(" over "))];
})"""


@pytest.fixture(scope="module")
def chart_files(sample_report, tmp_path_factory):
    """The folder of charts that `history` and `terms` draw of the sample archive."""
    folder = tmp_path_factory.mktemp("charts")
    for command in ("history", "terms"):
        assert main([command, str(sample_report.parent), "-o", str(folder), "--quiet"]) == 0
    return folder


@pytest.mark.parametrize("name", ["practices", "trends", "lengths", "terms"])
def test_text_of_a_chart_file_is_large_enough_and_whole_on_a_phone(chart_files, opened, name):
    page = opened(chart_files / f"{name}.svg", width=390)
    sizes = page.evaluate(SIZES)
    assert len(sizes) > 10 and min(sizes) >= 11
    assert page.evaluate(FAULTS) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1400])
def test_text_of_the_charts_of_a_report_is_large_enough_and_whole(sample_report, opened, width):
    page = opened(sample_report, width=width)
    for section in page.locator(".charts, .trend").all():
        section.scroll_into_view_if_needed()
    sizes = page.evaluate(SIZES)
    assert len(sizes) > 50
    assert min(sizes) >= (11 if width >= 390 else 8)
    assert page.evaluate(FAULTS) == []
