"""A site's page and Find in Chromium: links into the archive, and the download of each table as CSV."""

import csv
import io
import json
from dataclasses import replace
from fnmatch import fnmatch

import pytest
from report.records import EVENT, LATER_POLICY, UNUSABLE_POLICY, policy, segment

from browser.waiting import wait_until
from extractor.records import PolicyCapture
from extractor.report import PeriodChoice, PolicyHistory, ReportInfo, Site, write_report

pytestmark = pytest.mark.browser

ADDRESSES = tuple(
    f"https://archive.example/web/{year}0101000000id_/http://lamps.example/privacy" for year in (2005, 2007)
)
HOSTILE = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)//https://archive.example/", " javascript:alert(1)", "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "//archive.example/web/", "#s1",
    "https://", "https://archive.example/\u202egpj.exe", "blob:https://archive.example/1", "archive.example/web/2005/",
]  # fmt: skip


def with_archive(record, address):
    return replace(record, capture=replace(record.capture, archive_url=address))


def report_of(path, *addresses):
    """The report of two captures of a policy with these addresses in an archive, and an event between them."""
    records = tuple(map(with_archive, (policy(), LATER_POLICY), addresses))
    history = PolicyHistory(tuple(one.id for one in records), (EVENT,), (), "lamps.example/privacy")
    unusable = replace(UNUSABLE_POLICY, capture=PolicyCapture(url="http://other.example/", timestamp="20050101000000"))
    sites = [Site("lamps.example", records, (history,)), Site("other.example", (unusable,))]
    chosen = [(one.capture.timestamp[:4], "lamps.example", (one.id,)) for one in records]
    write_report(sites, path, ReportInfo("Lamps"), periods=lambda: PeriodChoice("year", chosen))
    return path


@pytest.fixture(scope="module")
def archived_report(tmp_path_factory):
    return report_of(tmp_path_factory.mktemp("archived") / "report.html", *ADDRESSES)


def archive_links(page) -> list[tuple[str, str]]:
    """The visible links into the archive: what they are called, and the address without the text to go to."""
    links = page.locator("a[href^='http']:visible").all()
    return [(link.get_attribute("aria-label"), link.get_attribute("href").partition("#")[0]) for link in links]


VIEWS = [
    ("#s1/c0", [("The archived original, 2005", 0), *[("Archived page, 2005", 0)] * 2]),
    ("#s1/c1/1", [("The archived original, 2007", 1), *[("Archived page, 2007", 1)] * 2]),
    ("#s1/d0-1", [("archived page, 2007", 1), ("archived page, 2005", 0), ("archived page, 2007", 1)]),
    ("#s1/all", [("archived page, 2007", 1)]),
    ("#find?q=cookies", [("archived, 2005", 0), ("archived, 2007", 1)]),
    ("#find?view=captures", [("archived, 2005", 0), ("archived, 2007", 1)]),
]


@pytest.mark.parametrize(("view", "expected"), VIEWS)
def test_view_links_each_claim_to_the_page_in_the_archive(archived_report, opened, view, expected):
    page = opened(archived_report, view)
    page.wait_for_selector("a[href^='http']:visible")
    assert archive_links(page) == [(name, ADDRESSES[place]) for name, place in expected]
    rels = page.locator("a[href^='http']").evaluate_all("all => all.map((one) => one.rel)")
    assert set(rels) == {"noopener noreferrer nofollow"}


PASSAGES = [
    ("We use cookies.", "#:~:text=We%20use%20cookies."),
    ("Opt-out, of all & any?", "#:~:text=Opt%2Dout%2C%20of%20all%20%26%20any%3F"),
    ("one two three four five six seven eight nine ten", "#:~:text=one%20two%20three%20four%20five%20six%20seven%20eight%20nine%20ten"),
    ("one two three four five six\n\nseven eight nine ten eleven", "#:~:text=one%20two%20three%20four%20five,seven%20eight%20nine%20ten%20eleven"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fragment"), PASSAGES)
def test_archive_link_of_segment_goes_to_its_first_and_last_words(tmp_path, opened, text, fragment):
    record = with_archive(policy(segments=(segment(0, text),)), ADDRESSES[0])
    write_report([Site("lamps.example", (record,))], tmp_path / "one.html", ReportInfo("One"))
    link = opened(tmp_path / "one.html", "#s1/c0/0").get_by_role("link", name="Archived page, 2005")
    assert link.get_attribute("href") == ADDRESSES[0] + fragment


def test_mark_in_the_grid_is_two_clicks_from_the_archived_page(archived_report, opened):
    page = opened(archived_report)
    page.locator(".switch").get_by_label("Cookies").check()
    page.locator(".periods td a").first.click()
    page.wait_for_selector(".said .target")
    link = page.locator(".target").get_by_role("link", name="Archived page, 2005")
    assert link.evaluate("one => getComputedStyle(one.parentElement).opacity") == "1"
    box = link.bounding_box()
    assert 0 < box["y"] < 900 - box["height"]
    assert link.get_attribute("href").startswith(ADDRESSES[0])


@pytest.mark.parametrize("address", HOSTILE)
def test_address_that_is_no_web_page_becomes_no_link(tmp_path, opened, address):
    report = report_of(tmp_path / "report.html", address, address)
    page = opened(report)
    for view in ("#s1/c0/0", "#s1/d0-1", "#s1/all", "#find?q=cookies", "#find?view=captures", ""):
        page.evaluate("view => { location.hash = view; }", view)
        page.wait_for_timeout(50)
        links = page.locator("a").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
        assert links and all(link.startswith("#") for link in links)


def test_record_without_address_in_an_archive_has_no_link_to_it(tmp_path, opened):
    page = opened(report_of(tmp_path / "report.html", "", ADDRESSES[1]), "#s1/d0-1")
    assert {address for _, address in archive_links(page)} == {ADDRESSES[1]}
    page.evaluate("location.hash = '#s1/c0/0'")
    page.wait_for_selector(".said .target")
    assert archive_links(page) == []


def rows_of(page, name: str) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {name}").click()
    assert download.value.suggested_filename == name
    data = download.value.path().read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_download_of_a_comparison_has_each_passage_of_both_captures(sample_report, opened):
    page = opened(sample_report, "#s1/d5-6")
    rows = rows_of(page, "compared.csv")
    block = json.loads(page.locator("#site-1").text_content())
    for side, number in (("before", 5), ("after", 6)):
        listed = [int(index) for row in rows for index in row[f"segments_{side}"].split()]
        segments = block["captures"][number]["segments"]
        assert sorted(listed) == list(range(len(segments)))
        texts = {row[f"segments_{side}"]: row[f"text_{side}"] for row in rows}
        assert texts[str(listed[0])] == block["texts"][segments[listed[0]][0]]
        assert {row[side] for row in rows} == {block["captures"][number]["day"]}
    shown = page.locator(".diff tbody:not(.fold, .departure)").evaluate_all("all => all.map((one) => one.className)")
    assert [row["change"] for row in rows if row["change"] != "same"] == shown
    assert all((row["likeness"] != "") == (row["change"] == "rewritten") for row in rows)
    balance = " ".join(page.locator(".pair .balance").text_content().split())
    added, removed = (sum(int(row[f"words_{what}"]) for row in rows) for what in ("added", "removed"))
    assert balance == f"+{added:,} −{removed:,} words"


def test_download_of_changes_has_each_event_of_the_history(sample_report, archived_report, opened):
    page = opened(sample_report, "#s1/all")
    rows = rows_of(page, "changes.csv")
    events = json.loads(page.locator("#site-1").text_content())["events"]
    assert [row["sentence"] for row in rows] == [event[6] for event in events] and len(events) > 20
    assert [row["confidence"] for row in rows] == [f"{event[9] / 100:.2f}" for event in events]
    (row,) = rows_of(opened(archived_report, "#s1/all"), "changes.csv")
    assert (row["kind"], row["added"], row["before"], row["after"]) == ("retention_changed", "30 days", "2005", "2007")
    assert (row["archived_before"], row["archived_after"]) == ADDRESSES


WITHOUT_A_TABLE = {"terms.csv", "changes.csv"}  # all terms together, and the list of changes
TABLES = {
    "": ["sites.csv", "shares.csv", "values.csv", "shares-by-period.csv", "sites-*.csv", "*-*.csv", "terms.csv"],
    "#s1": ["timeline.csv", "compared.csv"],
    "#s1/all": ["changes.csv"],
    "#s1/c6": ["timeline.csv"],
    "#find?q=cookies": ["passages.csv", "matches-by-year.csv", "matches-by-site.csv"],
    "#find?view=captures": ["captures.csv"],
}


@pytest.mark.parametrize("view", TABLES)
def test_each_table_and_chart_of_a_view_has_a_download_that_fills_a_file(sample_report, opened, view):
    page = opened(sample_report, view)
    page.wait_for_selector("button.download", state="attached")
    for summary in page.locator("summary:visible").all():
        summary.click()
    shown = "[...document.querySelectorAll('button.download')].filter((one) => one.checkVisibility())"
    wait_until(page, f"{shown}.length >= {len(TABLES[view])}")
    buttons = page.locator("button.download:visible").all()
    names = [button.get_attribute("aria-label").removeprefix("Download ") for button in buttons]
    assert all(any(fnmatch(name, pattern) for name in names) for pattern in TABLES[view])
    assert page.locator("table:visible").count() == len([name for name in names if name not in WITHOUT_A_TABLE])
    for button in buttons:
        page.wait_for_timeout(100)  # Chromium saves ten files a second and no more
        with page.expect_download() as download:
            button.click()
        assert len(download.value.path().read_text("utf-8-sig").splitlines()) > 1


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("view", ["#s1", "#s1/c1/1", "#s1/all", "#find?q=cookies", "#find?view=captures"])
def test_axe_finds_no_violations_in_views_with_archive_links(archived_report, opened, view, width):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(archived_report, view, width=width)
    page.wait_for_selector("a[href^='http']:visible")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["impact"], rule["nodes"][0]["html"][:200]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_passages_with_one_heading_and_one_practice_but_no_common_words_are_not_paired(tmp_path, opened):
    same = [segment(place, f"Rule {place} stays.", headings=("Rules",), practices=()) for place in range(12)]
    before, after = (
        policy(
            id=year,
            capture=PolicyCapture(url="http://lamps.example/privacy", timestamp=f"{year}0203040506"),
            segments=(*same, segment(12, text, headings=("Beacons",))),
        )
        for year, text in (("2005", "Small gifs"), ("2007", "Which device"))
    )
    history = PolicyHistory(("2005", "2007"), name="lamps.example/privacy")
    write_report([Site("lamps.example", (before, after), (history,))], tmp_path / "apart.html", ReportInfo("Apart"))
    page = opened(tmp_path / "apart.html", "#s1/d0-1")
    page.wait_for_selector(".diff tbody")
    kinds = page.locator(".diff tbody").evaluate_all("all => all.map((one) => one.className)")
    assert kinds == ["fold", "removed", "added"]
