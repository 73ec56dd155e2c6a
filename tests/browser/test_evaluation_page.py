"""The page of `evaluate --html` in Chromium: accessible, in light and dark, on a narrow screen and printed."""

import pytest
from training.conftest import opp115  # noqa: F401 - a fixture

from extractor.cli import main

pytestmark = pytest.mark.browser
LOOKS = [{}, {"color_scheme": "dark"}, {"width": 320}]


@pytest.fixture(scope="module")
def evaluation(opp115, tmp_path_factory, sample_report):  # noqa: F811
    path = tmp_path_factory.mktemp("evaluation") / "page.html"
    assert main(["evaluate", str(opp115), "--html", str(path), "--drift", str(sample_report.parent)]) == 0
    return path


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_no_violations(evaluation, opened, look):
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": {"type": "tag", "values": tags}}
    found = Axe().run(opened(evaluation, **look), options=options).response["violations"]
    assert [(rule["id"], rule["impact"], rule["nodes"][0]["html"][:200]) for rule in found] == []


def test_page_fits_a_screen_of_320_pixels(evaluation, opened):
    assert opened(evaluation, width=320).evaluate("document.documentElement.scrollWidth") <= 320


def test_texts_of_drawings_lie_inside_them(evaluation, opened):
    outside = """() => [...document.querySelectorAll('svg')].flatMap((svg) => {
      const frame = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('text')].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
      }).map((text) => text.textContent);
    })"""
    assert opened(evaluation).evaluate(outside) == []


def test_page_prints(evaluation, opened):
    assert opened(evaluation).pdf()[:4] == b"%PDF"
