"""Find in the report of the sample archive, and the download of tables, used as a reader would."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from report.records import policy, segment, site

from browser.waiting import wait_until
from extractor.cli import main
from extractor.exports import read_jsonl
from extractor.records import PolicyCapture
from extractor.report import ReportInfo, Site, write_report

pytestmark = pytest.mark.browser


@pytest.fixture
def find(opened):
    """Opens Find with an address, and waits for what it finds."""

    def open_find(report, asked: str = "", **options):
        page = opened(report, f"#find?{asked}", **options)
        page.wait_for_selector("#results h2", state="attached")
        return page

    return open_find


def words(locator) -> str:
    return " ".join(locator.text_content().split())


def count_of(page) -> str:
    return page.evaluate("document.querySelector('output').value")


def shown_captures(page) -> list[str]:
    return page.locator(".captures tbody tr").evaluate_all(
        "rows => rows.map(row => `${row.cells[0].textContent} ${row.cells[1].textContent.slice(0, 10)}`)"
    )


def lines_of(page) -> list[list[str]]:
    """What stands to the left, in the middle and to the right of each match."""
    return page.locator(".kwic tbody tr").evaluate_all(
        "rows => rows.map(row => [1, 2, 3].map(place => row.cells[place].textContent))"
    )


def download(page, button) -> list[list[str]]:
    with page.expect_download() as waiting:
        button.click()
    return list(csv.reader(io.StringIO(waiting.value.path().read_bytes().decode("utf-8-sig"), newline="")))


CAPTURES = [
    ("q=pinegrove", lambda row: "pinegrove" in row, 5),
    ("q=legal/privacy-policy", lambda row: row.startswith("brightcart.example 20"), 5),
    ("site=tadpole-club.example", lambda row: row.startswith("tadpole-club"), 4),
    ("from=2018&to=2020-06", lambda row: "2018" <= row[-10:] < "2020-07", 3),
    ("verdict=unusable", lambda row: row == "pinegrove-news.example 2012-05-05", 1),
    ("verdict=not+looked+at", lambda row: row == "pinegrove-news.example 2012-05-05", 1),
    ("practice=children&practice=rights&site=brightcart.example", lambda row: row[-10:] > "2003", 7),
    ("q=zebra+crossing", lambda row: False, 0),
]


@pytest.mark.parametrize(("asked", "fits", "count"), CAPTURES)
def test_captures_are_those_that_the_address_asks_for_and_clear_shows_all(sample_report, find, asked, fits, count):
    page = find(sample_report, f"view=captures&{asked}")
    rows = shown_captures(page)
    assert all(map(fits, rows))
    assert len(rows) == count
    assert count_of(page) == f"{count} of 21 captures"
    page.get_by_role("button", name="Clear").click()
    wait_until(page, "document.querySelector('output').value.startsWith('21')")
    assert page.url.endswith("#find?view=captures")


def test_form_writes_the_address_and_back_takes_a_filter_off(sample_report, find):
    page = find(sample_report)
    page.get_by_role("searchbox", name="Words").press_sequentially("cookies")
    wait_until(page, "location.hash === '#find?q=cookies'")
    page.get_by_role("checkbox", name="Rights").check()
    wait_until(page, "location.hash === '#find?q=cookies&practice=rights'")
    page.locator("[name=site]").select_option("brightcart.example")
    page.locator("[name=from]").fill("2010")
    wait_until(page, "location.hash.endsWith('&site=brightcart.example&from=2010')")
    narrow = count_of(page)
    page.go_back()
    wait_until(page, "!location.hash.includes('from') && document.querySelector('[name=from]').value === ''")
    wait_until(page, f"document.querySelector('output').value !== {json.dumps(narrow)}")
    page.go_back()
    page.go_back()
    wait_until(page, "location.hash === '#find?q=cookies' && !document.querySelector('[value=rights]').checked")
    page.go_back()
    wait_until(page, "document.querySelector('[name=q]').value === ''")


def test_unknown_values_in_the_address_are_left_out_with_a_sentence(sample_report, find):
    asked = "q=cookies&practice=cooking&stance=maybe&colour=red&from=May&site=nowhere&constructor=1&__proto__=2&sort=-x"
    page = find(sample_report, asked)
    warnings = page.locator("#results .warning").all_text_contents()
    for value in ("cooking", "maybe", "colour", "May", "nowhere", "constructor", "__proto__", "-x"):
        assert any(f"“{value}”" in sentence for sentence in warnings), value
    page_without = find(sample_report, "q=cookies")
    assert count_of(page) == count_of(page_without)


def test_passage_in_several_captures_is_shown_once_with_its_dates_and_opens(sample_report, find):
    page = find(sample_report, "q=%22so-called+cookies%22")
    assert count_of(page) == "1 match in 1 passage, 2 captures, 1 site"
    assert words(page.locator(".kwic .where small")) == "1999-05-08 to 2001-03-01, 2 captures"
    page.locator(".kwic .match a").click()
    page.wait_for_selector(".target")
    assert page.url.split("#")[1].startswith("s1/c0/")
    assert "so-called cookies" in words(page.locator(".target .text"))


def test_matches_are_all_in_the_records(sample_report, find):
    page = find(sample_report, "q=%22cookies%22")
    while page.get_by_role("button", name="Show").is_visible():
        page.get_by_role("button", name="Show").click()
    texts = {
        (one.site, part.text)
        for one in read_jsonl(sample_report.with_name("policies.jsonl"))
        for part in one.segments
        if "cookies" in part.text.lower()
    }
    assert {match.lower() for _, match, _ in lines_of(page)} == {"cookies"}
    assert f" in {len(texts)} passages" in count_of(page)


@pytest.fixture(scope="module")
def small_report(tmp_path_factory):
    """Two sites with words of several scripts."""
    texts = [
        "We use Cookies; a cookie-banner asks.",
        "Das Café nutzt \N{GRINNING FACE} kein COOKIE, naïve Straße.",
        "cafe\u0301s don’t sell personal\n data. =SUM(1)",
        "我们的隐私政策 protects.",
        "unbecookied words stand here",
    ]
    first = policy(segments=tuple(segment(index, text) for index, text in enumerate(texts)))
    second = replace(
        first, id="2", capture=PolicyCapture(url="", timestamp="20120304000000"), segments=first.segments[:1]
    )
    third = replace(first, id="3", capture=PolicyCapture(url="", timestamp="20130304000000"))
    path = tmp_path_factory.mktemp("small") / "report.html"
    other = policy(id="4", domain="=other.example", site="=other.example", segments=(segment(0, "Nothing here."),))
    write_report([site(first, second, third), site(other)], path, ReportInfo("Small"))
    return path


QUERIES = [
    ("cookie", ["Cookies", "cookie", "COOKIE"]),
    ('"cookie"', ["cookie", "COOKIE"]),
    ("CAFÉ", ["Café", "cafe\u0301s"]),
    ("strasse", ["Straße"]),
    ("don't", ["don’t"]),
    ('"personal data"', ["personal data"]),
    ('"data personal"', []),
    ("personal sell", ["personal"]),
    ("personal cookie", []),
    ("cookie-b", ["cookie-banner"]),
    ("隐私", ["隐私"]),
    ("naive", ["naïve"]),
    ("“personal data”", ["personal data"]),
]


@pytest.mark.parametrize(("query", "matches"), QUERIES)
def test_query_finds_words_whatever_their_case_and_accents(small_report, find, query, matches):
    page = find(small_report)
    page.get_by_role("searchbox", name="Words").fill(query)
    page.get_by_role("button", name="Find", exact=True).click()
    wait_until(page, "document.querySelector('output').value !== ''")
    assert [match for _, match, _ in lines_of(page)] == matches


def test_contexts_of_a_match_are_those_of_its_text(small_report, find):
    page = find(small_report, "q=naive")
    assert lines_of(page) == [["Das Café nutzt \N{GRINNING FACE} kein COOKIE, ", "naïve", " Straße."]]


def test_query_without_a_letter_says_so(small_report, find):
    page = find(small_report, "q=%24%24")
    assert "“$$” has no letter or digit" in words(page.locator("#results .warning"))


def test_passage_that_some_captures_between_lack_says_so(small_report, find):
    page = find(small_report, "q=sell")
    assert words(page.locator(".kwic .where small")) == "2005 archived to 2013-03-04, 2 of 3 captures"


def test_filter_by_what_is_said_of_a_practice(sample_report, find):
    counts = {}
    for stance in ("", "does", "denies", "mixed"):
        page = find(sample_report, f"view=captures&practice=sharing&stance={stance}")
        counts[stance] = len(shown_captures(page))
    assert counts[""] == counts["does"] + counts["denies"]
    assert 0 < counts["denies"] == page_marks(find(sample_report, "view=captures&practice=sharing&stance=denies"))
    assert counts["mixed"] <= counts["does"]
    page = find(sample_report, "practice=cookies&stance=mixed")
    assert {words(chip) for chip in page.locator(".kwic .chip.cookies").all()} == {"Cookies in part denied"}


def page_marks(page) -> int:
    return page.locator(".captures .mark.sharing.denied").count()


def test_filter_by_uncertain_shows_captures_with_uncertain_segments(sample_report, find):
    page = find(sample_report, "view=captures&uncertain=1")
    counts = page.locator(".captures tbody td:nth-child(6)").all_text_contents()
    assert counts
    assert all(count.isdigit() and int(count) for count in counts)


def test_term_finds_its_mentions_by_any_of_its_names(sample_report, find):
    page = find(sample_report, "term=coppa")
    assert lines_of(page)
    assert all("Children" in match or "COPPA" in match for _, match, _ in lines_of(page))
    captures = find(sample_report, "term=coppa&view=captures")
    assert f"{len(shown_captures(captures))} captures" in count_of(page)
    options = captures.get_by_label("Term").locator("option").all_text_contents()
    assert "COPPA" in options
    assert "Privacy Shield" not in options


def test_counts_by_year_and_site_add_up(sample_report, find):
    page = find(sample_report, "q=cookies")
    page.get_by_text("Counts by year and by site").click()
    page.wait_for_selector(".counts table")
    saved = download(page, page.get_by_role("button", name="Download passages.csv"))
    for name in ("year", "site"):
        table = download(page, page.get_by_role("button", name=f"Download matches-by-{name}.csv"))
        assert sum(int(row[1]) for row in table[1:]) == len(saved) - 1
        assert sum(int(row[3]) for row in table[1:]) == 21


def test_download_of_passages_has_each_match_in_each_capture(sample_report, find):
    page = find(sample_report, "q=%22so-called+cookies%22")
    columns, *rows = download(page, page.get_by_role("button", name="Download passages.csv"))
    assert columns == [
        "site",
        "policy",
        "capture",
        "date",
        "segment",
        "left",
        "match",
        "right",
        "practices",
        "polarities",
        "archived",
    ]
    records = {one.id: one for one in read_jsonl(sample_report.with_name("policies.jsonl"))}
    assert [row[3] for row in rows] == ["1999-05-08", "2001-03-01"]
    for row in rows:
        part = records[row[2]].segments[int(row[4])]
        assert row[6] in part.text
        assert row[8].split() == [
            name for name in ("collection", "sharing", "cookies", "rights", "children") if name in part.practices
        ]
        assert row[9].split() == [part.polarity[name] for name in row[8].split()]


def test_download_quotes_values_and_disarms_formulas(small_report, find):
    page = find(small_report, "view=captures")
    rows = download(page, page.get_by_role("button", name="Download captures.csv"))
    assert [row[0] for row in rows[1:]] == ["lamps.example"] * 3 + ["'=other.example"]
    page = find(small_report, "q=sum")
    rows = download(page, page.get_by_role("button", name="Download passages.csv"))
    assert rows[1][5].endswith("personal data. =")
    values = ["=1+1", "+49 30", "-5", "-5.5%", "@a", "\tx", 'say "so"', "a,b", "a\nb", ""]
    assert page.evaluate("values => values.map(csvValue)", values) == [
        "'=1+1", "'+49 30", "-5", "-5.5%", "'@a", "'\tx", '"say ""so"""', '"a,b"', '"a\nb"', "",
    ]  # fmt: skip


def test_tables_of_the_overview_and_of_a_site_can_be_downloaded(sample_report, opened):
    page = opened(sample_report)
    rows = download(page, page.get_by_role("button", name="Download sites.csv"))
    assert rows[0] == ["Site", "Captures", "First", "Last", "Changes", "Changed passages"]
    assert len(rows) == 5
    shares = download(page, page.get_by_role("button", name="Download shares.csv"))
    assert shares[0] == ["Practice", "Does", "Does, of all", "Only denies"]
    page.get_by_text("The same as a table", exact=True).click()
    assert len(download(page, page.get_by_role("button", name="Download values.csv"))) > 20
    page.evaluate("location.hash = '#s2'")
    page.wait_for_selector(".timeline")
    rows = download(page, page.get_by_role("button", name="Download timeline.csv"))
    assert {len(row) for row in rows} == {9}  # five captures and three gaps
    place = rows[0].index("2012-05-05")
    assert [row[place] for row in rows[1:6]] == ["not looked at"] * 5


@pytest.fixture(scope="module")
def long_report(tmp_path_factory):
    """A report of one site with 250 captures, each with a text of its own."""
    path = tmp_path_factory.mktemp("long") / "report.html"
    captures = [
        policy(
            id=str(number),
            capture=PolicyCapture(url="http://lamps.example/privacy", timestamp=f"{2000 + number // 12}{number % 12 + 1:02}01120000"),
            segments=(segment(0, f"We use cookies. Version {number}."),) * (number % 7 + 1),
        )
        for number in range(250)
    ]  # fmt: skip
    write_report([Site("lamps.example", tuple(captures))], path, ReportInfo("Long"))
    return path


def test_captures_are_shown_in_slices_and_sorted_over_all(long_report, find):
    page = find(long_report, "view=captures")
    assert len(shown_captures(page)) == 100
    page.get_by_role("button", name="Next").click()
    page.wait_for_selector("text=101 to 200 of 250")
    assert shown_captures(page)[0].endswith("2008-05-01")
    page.get_by_role("button", name="Next").click()
    page.wait_for_selector("text=201 to 250 of 250")
    assert len(shown_captures(page)) == 50
    page.locator(".captures").get_by_role("button", name="Segments").click()
    page.wait_for_selector(".captures [aria-sort=descending]")
    assert set(page.locator(".captures tbody td:nth-child(5)").all_text_contents()) == {"7", "6", "5"}
    assert len(download(page, page.get_by_role("button", name="Download captures.csv"))) == 251
    page.locator(".captures").get_by_role("button", name="Captured").click()
    page.wait_for_selector("th[aria-sort=ascending]:has-text('Captured')")
    page.locator(".captures").get_by_role("button", name="Captured").click()
    page.wait_for_selector("th[aria-sort=descending]:has-text('Captured')")
    assert shown_captures(page)[0].endswith("2020-10-01")
    page.go_back()
    page.wait_for_selector("th[aria-sort=ascending]:has-text('Captured')")


def test_passages_are_shown_in_slices_and_address_says_how_many(long_report, find):
    page = find(long_report, "q=cookies&sort=right")
    assert page.locator(".kwic tbody tr").count() == 100
    page.get_by_role("button", name="Show 100 more of 150").click()
    assert page.locator(".kwic tbody tr").count() == 200
    assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 101
    assert page.url.endswith("shown=200")
    rights = [right for _, _, right in lines_of(page)]
    assert rights == sorted(rights)
    page.reload()
    page.wait_for_selector(".kwic tr:nth-child(200)")


@pytest.fixture(scope="module")
def split_report(sample_report, tmp_path_factory):
    """The report of the sample as an overview and a page a site."""
    path = tmp_path_factory.mktemp("split") / "large.html"
    patch = pytest.MonkeyPatch()
    patch.setattr("extractor.report.page.MAX_POLICIES_IN_PAGE", 20)
    assert main(["report", str(sample_report.parent), "-o", str(path), "--quiet"]) == 0
    patch.undo()
    return path


def test_overview_of_many_pages_names_sites_that_have_the_words(sample_report, split_report, find):
    page = find(split_report, "q=%22Eastwind+Media%22&from=2003")
    texts: dict[str, str] = {}
    for one in read_jsonl(sample_report.with_name("policies.jsonl")):
        texts[one.site] = " ".join([texts.get(one.site, ""), *(part.text for part in one.segments)])
    having = {
        name for name, text in texts.items() if "Eastwind" in text and re.search(r"\bmedia\b", text, re.IGNORECASE)
    }
    assert {words(name) for name in page.locator("#results tbody th").all()} == having
    assert "brightcart.example" in having
    assert len(having) < 4
    page.get_by_role("link", name="Find in brightcart.example").click()
    page.wait_for_selector(".kwic")
    assert page.url.endswith("large-sites/1.html#find?q=%22Eastwind+Media%22&from=2003")
    assert words(page.locator("h1")) == "Find in brightcart.example"
    page.get_by_role("link", name="Captures", exact=True).click()
    page.wait_for_selector(".captures")
    assert {row.split()[0] for row in shown_captures(page)} == {"brightcart.example"}
    page.get_by_role("link", name="All sites").click()
    page.wait_for_selector("#overview")


def test_overview_of_many_pages_has_the_captures_of_all(split_report, find):
    page = find(split_report, "view=captures&practice=children&sort=-captured")
    row = page.locator(".captures tbody tr").first
    target = words(row.locator(".captured a"))[:10]
    row.locator(".captured a").click()
    page.wait_for_selector(".said li")
    assert page.locator("[aria-current=true]").text_content() == target


def test_box_on_the_page_of_a_site_finds_in_that_site(split_report, opened):
    page = opened(split_report.with_name("large-sites") / "2.html")
    page.get_by_role("searchbox", name="Find in this site").fill("cookies")
    page.keyboard.press("Enter")
    page.wait_for_selector(".kwic")
    assert {words(name) for name in page.locator(".kwic .where > a").all()} == {"pinegrove-news.example"}


FOLDED = [
    "Plain ASCII text, 100%", "Zürich’s Straße ‘quoted’", "ΟΔΟΣ οδός ΣΟΦΟΣ", "İstanbul ıI", "cafe\u0301 naïve Ångström", "ﬁne ™ ½ …",
    "\N{GRINNING FACE} 隐私政策", "한국어 개인정보", "हिन्दी गोपनीयता", "tab\tline\nno-break\xa0", "\ufb03 ẞ",
]  # fmt: skip


def test_page_and_index_fold_texts_alike(opened, tmp_path, monkeypatch):
    monkeypatch.setattr("extractor.report.page.MAX_POLICIES_IN_PAGE", 0)
    segments = tuple(segment(index, text) for index, text in enumerate(FOLDED))
    write_report([site(policy(segments=segments))], tmp_path / "folds.html", ReportInfo("Folds"))
    page = opened(tmp_path / "folds.html")
    of_page = page.evaluate("texts => texts.flatMap(text => folded(text).match(FOLDED_WORD))", FOLDED)
    assert set(of_page) == set(page.evaluate("wordIndex().words"))


@pytest.mark.parametrize("text", FOLDED)
def test_place_of_a_word_in_a_folded_text_is_its_place_in_the_text(small_report, opened, text):
    page = opened(small_report)
    found = page.evaluate(
        """text => folded(text).match(FOLDED_WORD).flatMap(word => {
            const spans = partSpans(text, queryPart(word, true));
            return [[word, spans.map(([from, to]) => folded(text.slice(from, to)))]];
        })""",
        text,
    )
    assert all(places and all(word in place for place in places) for word, places in found)  # "½" is "1⁄2"
