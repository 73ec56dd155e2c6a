"""The first screen of the report in Chromium: findings, the chart of shares, sites by period, and their downloads."""

import csv
import io

import pytest
from report.records import policy, segment

from browser.waiting import wait_until
from extractor.cli import main
from extractor.records import PolicyCapture
from extractor.report import PeriodChoice, PolicyHistory, ReportInfo, Site, write_report

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


def many_sites(count: int) -> list[Site]:
    """Sites with two captures, silent and then speaking of children."""
    sites = []
    for number in range(count):
        records = [
            policy(id=f"{year}/{number}", site=f"s{number:03}.example", capture=PolicyCapture(timestamp=f"{year}0501000001"),
                   segments=(segment(0, f"In {year}.", practices=practices),))
            for year, practices in (("2001", ()), ("2002", ("children",)))
        ]  # fmt: skip
        history = PolicyHistory(tuple(one.id for one in records))
        sites.append(Site(records[0].site, tuple(records), (history,)))
    return sites


@pytest.fixture(scope="module")
def wide_report(tmp_path_factory):
    """A report of 150 sites."""
    path, sites = tmp_path_factory.mktemp("wide") / "report.html", many_sites(150)
    chosen = [(one.capture.timestamp[:4], site.name, (one.id,)) for site in sites for one in site.policies]
    write_report(sites, path, ReportInfo("Many sites"), periods=lambda: PeriodChoice("year", sorted(chosen)))
    return path


def test_grid_of_many_sites_draws_rows_as_the_reader_comes_near(wide_report, opened):
    page = opened(wide_report)
    rows = page.locator(".periods tbody tr")
    assert rows.count() == 30
    page.locator(".by-period .scroll").evaluate("(box) => { box.scrollTop = box.scrollHeight; }")
    wait_until(page, "document.querySelectorAll('.periods tbody tr').length === 90")
    name, table = downloaded(page, page.get_by_role("button", name="Download sites-children.csv"))
    assert (name, len(table), table[-1]) == (
        "sites-children.csv", 151, ["s149.example", "silent, 2001-05-01", "says so, 2002-05-01"],
    )  # fmt: skip
    page.emulate_media(media="print")
    page.pdf()
    assert rows.count() == 150


def test_arrow_key_goes_on_beyond_the_rows_that_are_drawn(wide_report, opened):
    page = opened(wide_report)
    page.locator(".periods tbody tr").last.locator("td a").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.site") == "s030.example"
    assert page.locator(".periods tbody tr").count() == 90


def test_finding_on_many_sites_has_all_of_them_when_opened(wide_report, opened):
    page = opened(wide_report)
    rows = page.locator(".finding.children .began tbody tr")
    assert rows.count() == 100
    page.locator(".finding.children .began summary").click()
    wait_until(page, "document.querySelectorAll('.finding.children .began tbody tr').length === 150")
    assert words(rows.last) == "s149.example2001-05-01 silent2002-05-01 speaks of it“In 2002.”"
    assert rows.last.locator("a").evaluate_all("all => all.map((one) => one.getAttribute('href'))") == [
        "#s150", "#s150/c0", "#s150/c1/0",
    ]  # fmt: skip
    _, table = downloaded(page, page.get_by_role("button", name="Download children-began.csv"))
    assert len(table) == 151


def test_terms_of_the_first_screen_are_one_click_from_their_words(sample_report, opened):
    page = opened(sample_report)
    claim = page.locator(".finding.terms .rise", has_text="Do Not Track")
    claim.locator("summary").click()
    row = claim.locator("tbody tr").first
    quote = words(row.locator(".words")).strip("“”… ")
    row.locator("td a").first.click()
    page.wait_for_selector(".target")
    assert quote[:40] in words(page.locator(".target"))


def test_term_of_the_table_leads_to_its_passages(sample_report, opened):
    page = opened(sample_report)
    page.locator(".term-group", has_text="Tracking and other technology").locator("summary").click()
    page.get_by_role("link", name="Do Not Track", exact=True).click()
    page.wait_for_selector("#view .kwic td")
    assert page.url.endswith("#find?term=dnt")
    assert page.locator("#find-form [name=term]").input_value() == "dnt"
    assert page.locator(".kwic .match").first.text_content()


def test_link_below_the_findings_goes_to_the_table_of_terms(sample_report, opened):
    page = opened(sample_report)
    page.get_by_role("link", name="What policies name").click()
    assert page.evaluate("document.activeElement.id") == "what-policies-name"
    assert page.locator("#overview").is_visible() and "#" not in page.url


def test_terms_are_downloaded_as_terms_csv_has_them(sample_report, opened, tmp_path):
    page = opened(sample_report)
    name, rows = downloaded(page, page.get_by_role("button", name="Download terms.csv"))
    assert main(["terms", str(sample_report.parent), "-o", str(tmp_path), "--every", "year", "--quiet"]) == 0
    with (tmp_path / "terms.csv").open(encoding="utf-8", newline="") as stream:
        expected = [one for one in csv.DictReader(stream) if one["unit"] == "sites"]
    found = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    columns = [column for column in rows[0] if column not in ("group", "label")]
    terms = {one["term"] for one in found}

    def values(row: dict[str, str]) -> list[str | float]:
        numbers = ("share", "low", "high")
        return [float(row[one]) if one in numbers and row[one] else row[one] for one in columns]

    assert name == "terms.csv" and len(terms) > 20
    assert sorted(map(values, found), key=str) == sorted(
        (values(one) for one in expected if one["term"] in terms), key=str
    )


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"width": 390}, {"width": 390, "color_scheme": "dark"}])
def test_axe_finds_no_violations_in_terms(sample_report, opened, look):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(sample_report, **look)
    for summary in page.locator(".finding.terms summary, .term-group > summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
    assert [(rule["id"], rule["impact"], rule["nodes"][0]["html"][:200]) for rule in found] == []
