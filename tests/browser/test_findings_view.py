"""The first screen of the report in Chromium: findings, the chart of shares, sites by period, and their downloads."""

import csv
import io

import pytest

from browser.waiting import wait_until
from extractor.cli import main

pytestmark = pytest.mark.browser


def words(locator) -> str:
    return " ".join(locator.text_content().split())


def test_first_screen_says_when_sites_began(sample_report, opened):
    page = opened(sample_report)
    claim = page.locator(".finding.children .began summary")
    assert words(claim) == "1 began to speak of it: brightcart.example, between 2001-03-01 and 2003-09-19"
    assert all(one.bounding_box()["y"] < 900 for one in page.locator(".claim summary").all())


def test_claim_leads_to_the_words_in_the_capture(sample_report, opened):
    page = opened(sample_report)
    page.locator(".finding.children .began summary").click()
    row = page.locator(".finding.children .began tbody tr")
    quote = words(row.locator(".words")).strip("“”").partition(" …")[0]
    row.get_by_role("link", name="2003-09-19").click()
    page.wait_for_selector(".target")
    assert quote[:40] in words(page.locator(".target"))
    assert page.locator(".standing code").text_content() == "http://www.brightcart.example/privacy.html"


def marks(page, site: str) -> dict[str, str]:
    """The words and class of each mark in the row of a site, by day."""
    row = page.locator(".periods tbody tr", has_text=site)
    links = row.locator("td a").evaluate_all("all => all.map((one) => [one.textContent, one.firstChild.className])")
    return {text[-10:]: (text[:-12], kind.removeprefix("state ")) for text, kind in links}


def test_grid_has_a_mark_for_each_state_and_follows_the_switch(sample_report, opened):
    page = opened(sample_report)
    switch = page.locator(".switch")
    assert switch.get_by_label("Children").is_checked()
    assert marks(page, "brightcart")["2001-03-01"] == ("silent", "silent")
    assert marks(page, "brightcart")["2003-09-19"] == ("only denies it", "denies")
    assert marks(page, "brightcart")["2025-04-02"] == ("says so, and in part denies it", "both")
    assert marks(page, "healthbridge")["2011-03-15"] == ("says so", "does")
    switch.get_by_label("Sharing").check()
    assert marks(page, "tadpole")["2014-12-01"] == ("only denies it", "denies")
    assert page.locator(".periods tbody tr").count() == 4
    looks = page.locator(".legend .state").evaluate_all(
        "all => all.map((one) => [getComputedStyle(one), getComputedStyle(one, '::before')])"
        ".map(([one, before]) => [one.backgroundImage, one.backgroundColor, one.borderStyle, one.transform,"
        " before.content].join().replace(/rgba?\\([^)]*[1-9][^)]*\\)/g, 'colour'))"
    )
    assert len(set(looks)) == 6  # also without colours


def test_mark_shows_its_sentence_and_opens_it(sample_report, opened):
    page = opened(sample_report)
    page.locator(".periods a", has_text="2003-09-19").hover()
    assert words(page.locator(".quoted")).startswith("brightcart.example only denies it, 2003-09-19")
    assert page.locator(".quoted q").text_content()
    page.locator(".periods a", has_text="2003-09-19").click()
    page.wait_for_selector(".target")
    assert page.url.partition("#")[2].startswith("s1/c2/")


def test_arrow_keys_go_from_mark_to_mark(sample_report, opened):
    page = opened(sample_report)
    page.locator(".periods td a[tabindex='0']").focus()

    def press(key: str) -> str:
        page.keyboard.press(key)
        return page.evaluate("document.activeElement.textContent")[-10:]

    assert [press(key) for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")] == [
        "2001-03-01", "2003-09-19", "2011-03-15", "2011-03-15", "2010-02-22",
    ]  # fmt: skip
    assert page.locator(".periods td a[tabindex='0']").count() == 1
    assert "2010-02-22" in words(page.locator(".quoted"))


def downloaded(page, button) -> tuple[str, list[list[str]]]:
    with page.expect_download() as download:
        button.click()
    data = open(download.value.path(), "rb").read()  # noqa: PTH123, SIM115 - the browser's own temporary file
    assert data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")
    return download.value.suggested_filename, list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_tables_are_downloaded_as_csv(sample_report, opened):
    page = opened(sample_report)
    page.locator(".finding.children .began summary").click()
    name, rows = downloaded(page, page.get_by_role("button", name="Download children-began.csv"))
    assert name == "children-began.csv"
    assert rows[0] == ["Site", "Before", "Then", "In its words"]
    assert rows[1][:3] == ["brightcart.example", "2001-03-01 silent", "2003-09-19 only denies it"]
    name, rows = downloaded(page, page.get_by_role("button", name="Download sites-children.csv"))
    assert (name, rows[0][:3], len(rows)) == ("sites-children.csv", ["Site", "1999", "2000"], 5)
    assert rows[1][1] == "silent, 1999-05-08"
    page.locator(".trend summary").click()
    name, rows = downloaded(page, page.get_by_role("button", name="Download shares-by-period.csv"))
    assert rows[1] == ["1999", "2", *rows[1][2:]] and len(rows) == 28


FIELDS = [
    ("=1+1", "'=1+1"), ("+A1", "'+A1"), ("-A1", "'-A1"), ("@sum", "'@sum"), ("-12", "-12"), ("+3.5%", "+3.5%"),
    ('say "no", please', '"say ""no"", please"'), ("  plain\n text ", "plain text"), ("\t=1", "'=1"),
    ('=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field"), FIELDS)
def test_csv_field_is_quoted_and_no_formula(sample_report, opened, text, field):
    page = opened(sample_report)
    page.locator("h1").evaluate("(head, text) => { head.textContent = text; }", text)
    assert page.evaluate("csvValue(cellValue(document.querySelector('#overview h1')))") == field


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_labels_of_the_chart_lie_inside_it(sample_report, opened, width):
    page = opened(sample_report, width=width)
    drawing = page.locator(".trend svg:visible")
    assert drawing.count() == 1
    box = drawing.bounding_box()
    for text in drawing.locator("text").all():
        inner = text.bounding_box()
        assert box["x"] - 1 <= inner["x"] and inner["x"] + inner["width"] <= box["x"] + box["width"] + 1


def test_grid_of_a_large_report_opens_pages_of_sites(sample_report, opened, monkeypatch, tmp_path):
    monkeypatch.setattr("extractor.report.page.MAX_POLICIES_IN_PAGE", 20)
    assert main(["report", str(sample_report.parent), "-o", str(tmp_path / "large.html"), "--quiet"]) == 0
    page = opened(tmp_path / "large.html")
    page.locator(".periods a", has_text="2003-09-19").click()
    page.wait_for_selector(".target")
    wait_until(page, "location.href.includes('large-sites/1.html#s1/c2/')")
    page.get_by_role("link", name="All sites").click()
    page.locator(".finding.children .began summary").click()
    page.locator(".finding.children .began").get_by_role("link", name="2003-09-19").click()
    page.wait_for_selector(".target")
