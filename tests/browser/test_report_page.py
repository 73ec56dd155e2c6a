"""The report of the sample archive in Chromium, used as a reader would."""

import json
import re
from dataclasses import replace
from itertools import combinations

import pytest

from browser.waiting import wait_until
from extractor.cli import main
from extractor.exports import read_jsonl, write_jsonl

pytestmark = pytest.mark.browser

FIND_VIEWS = ["#find", "#find?q=cookies", "#find?q=cookies&view=captures&stance=said"]
VIEWS = [*FIND_VIEWS, "", "#s1", "#s1/c0", "#s1/c6/20", "#s1/d5-6", "#s2", "#s2/c2", "#s3/d0-3"]


def block_of(page, number: int) -> dict:
    return json.loads(page.locator(f"#site-{number}").text_content())


def words(locator) -> str:
    return " ".join(locator.text_content().split())


def test_overview_shows_counts_and_origin(sample_report, opened):
    page = opened(sample_report)
    head, foot = words(page.locator("header")), words(page.locator("footer"))
    for expected in ("4 sites", "21 captures", "1999–2025"):
        assert expected in head
    for expected in ("sample.warc.gz", "19 whole, 2 same-digest", "fast 0.1.0"):
        assert expected in foot
    assert page.locator(".sites tbody tr").count() == 4
    assert page.locator("figure svg").count() == 8


def test_timeline_has_captures_as_columns_practices_as_rows_and_gaps(sample_report, opened):
    page = opened(sample_report, "#s2")
    table = page.locator(".timeline")
    assert table.locator("thead th a").all_text_contents() == [
        "1999-11-28", "2004-10-03", "2012-05-05", "2012-10-19", "2019-03-28",
    ]  # fmt: skip
    assert [words(head) for head in table.locator("tbody th").all()] == [
        "Collection", "Sharing", "Cookies", "Rights", "Children",
    ]  # fmt: skip
    assert table.locator("thead .gap").all_text_contents() == [
        f"{years} y without a capture" for years in ("4.8", "7.6", "6.4")
    ]
    assert table.locator(".unlooked").all_text_contents() == ["not looked at"]
    block = block_of(page, 2)
    said = [
        [seg[10].get(str(place), "does") for seg in block["captures"][-1]["segments"] if seg[3] >> place & 1]
        for place in range(5)
    ]
    cells = table.locator("tbody tr td:last-child").all_text_contents()
    denied = ["" if set(polarities) - {"does_not"} else " no" for polarities in said]
    assert cells == [f"{len(one)}{word}" if one else "–" for one, word in zip(said, denied, strict=True)]
    assert " no" in denied
    table.get_by_role("link", name="2004-10-03", exact=True).click()
    assert page.url.endswith("#s2/c1")
    assert page.locator("[aria-current=true]").text_content() == "2004-10-03"


CHANGES = [
    ("brightcart.example", "2003-09-19", "mentions rights for the first time"),
    ("brightcart.example", "2003-09-19", "mentions children for the first time"),
    ("brightcart.example", "2003-09-19", "Eastwind Media is named"),
    ("brightcart.example", "2001-03-01", "Nothing changed."),
    ("brightcart.example", "2010-02-22", "moved from http://www.brightcart.example/privacy.html to "),
    ("brightcart.example", "2018-06-01", "The policy was rewritten."),
    ("pinegrove-news.example", "2004-10-03", "30 days"),
    ("pinegrove-news.example", "2012-10-19", "/about/privacy"),
    ("healthbridge.example", "2016-06-20", "Nothing changed."),
]


@pytest.mark.parametrize(("site", "day", "expected"), CHANGES)
def test_site_page_lists_changes_of_the_sample(sample_report, opened, site, day, expected):
    page = opened(sample_report)
    page.locator(".sites").get_by_role("link", name=site).click()
    step = page.locator(".step").filter(has=page.locator("h3 time", has_text=day))
    assert expected in words(step)


def test_link_of_event_opens_and_marks_its_passage(sample_report, opened):
    page = opened(sample_report, "#s1")
    event = page.locator(".events li", has_text="Eastwind Media is named")
    event.get_by_role("link").click()
    target = page.locator(".target")
    assert "Eastwind Media" in target.text_content()
    assert target.locator("mark").all_text_contents() == ["Eastwind Media"]
    assert target.evaluate("element => element === document.activeElement")


def test_click_on_summary_lists_changed_passages(sample_report, opened):
    page = opened(sample_report, "#s1")
    fold = page.locator(".step details").first
    fold.locator("summary").click()
    page.wait_for_selector(".step details[open] li")
    assert fold.locator("li").count() == int(re.match(r"\d+", words(fold.locator("summary")))[0])


def test_capture_shows_segments_outline_scores_and_uncertainty(sample_report, opened):
    page = opened(sample_report, "#s1/c6")
    capture = block_of(page, 1)["captures"][6]
    assert page.locator(".said li").count() == len(capture["segments"])
    assert page.locator(".outline a").count() > 10
    assert page.locator(".uncertain").count() == sum(seg[4] for seg in capture["segments"])
    assert page.locator(".chip.denied").count() == sum(len(seg[10]) for seg in capture["segments"]) > 0
    chip_texts = {" ".join(words(chip).split()[1:-1]) for chip in page.locator(".chip.denied").all()}
    assert chip_texts <= {"denied", "in part denied", "denied?"}
    assert page.locator(".types").count() == sum(bool(types) for seg in capture["segments"] for types in seg[11])
    striped = page.locator(".said li.cookies").first
    assert "repeating-linear-gradient" in striped.evaluate("item => getComputedStyle(item).backgroundImage")
    score = page.locator(".said li .scores").first
    assert not score.is_visible()
    page.get_by_label("Scores and categories").check()
    assert score.is_visible()
    assert page.locator(".categories").first.is_visible()
    page.get_by_role("link", name="Later →").click()
    assert page.get_by_label("Scores and categories").is_checked()
    page.locator(".tools").get_by_label("Capture").select_option(label="1999-05-08")
    assert page.url.endswith("#s1/c0")


def test_evidence_of_a_practice_is_underlined_and_nothing_else(sample_report, opened):
    page = opened(sample_report, "#s1/c6")
    block = block_of(page, 1)
    for index, segment in enumerate(block["captures"][6]["segments"]):
        item, text = page.locator(f"#segment-{index} .text"), block["texts"][segment[0]]
        assert item.evaluate("item => item.textContent") == text
        for place, name in enumerate(block["practices"]):
            spans = [segment[9][at + 1 : at + 3] for at in range(0, len(segment[9]), 3) if segment[9][at] == place]
            assert bool(spans) == bool(segment[3] >> place & 1)
            assert "".join(item.locator(f"u.{name}").all_text_contents()) == "".join(text[a:b] for a, b in spans)
    assert "gradient" in page.locator("u").first.evaluate("item => getComputedStyle(item).backgroundImage")


def test_unusable_capture_is_shown_as_not_looked_at(sample_report, opened):
    page = opened(sample_report, "#s2/c2")
    assert "Not looked at" in words(page.locator(".standing"))
    assert page.locator(".said .chip").count() == 0


def test_copy_buttons_of_segment_copy_id_and_selector(sample_report, opened):
    page = opened(sample_report, "#s1/c6/20", permissions=["clipboard-read", "clipboard-write"])
    segment = block_of(page, 1)["captures"][6]["segments"][20]
    text = block_of(page, 1)["texts"][segment[0]]
    page.get_by_role("button", name="Copy the id of segment 20").click()
    wait_until(page, "document.getElementById('copied').textContent !== ''")
    record = block_of(page, 1)["captures"][6]["id"]
    assert page.evaluate("navigator.clipboard.readText()") == f"{record}#20"
    page.get_by_role("button", name="Copy a selector of segment 20").click()
    wait_until(page, "document.getElementById('copied').textContent.includes('selector')")
    selector = json.loads(page.evaluate("navigator.clipboard.readText()"))
    quote, position = selector["selector"]
    assert (quote["type"], quote["exact"]) == ("TextQuoteSelector", text)
    assert (position["start"], position["end"]) == (segment[5], segment[5] + len(text))


def test_copy_refused_by_browser_shows_text_in_dialog(sample_report, opened):
    page = opened(sample_report, "#s1/c6/20")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Copy the id of segment 20").click()
    assert page.locator("dialog textarea").input_value().endswith("#20")
    page.keyboard.press("Escape")
    wait_until(page, "!document.querySelector('dialog')")  # the browser says later that it was closed


def test_comparison_of_any_two_captures_shows_all_text(sample_report, opened):
    page = opened(sample_report, "#s1/d0-1")
    captures = block_of(page, 1)["captures"]
    texts = block_of(page, 1)["texts"]
    for before, after in [*combinations(range(len(captures)), 2), (6, 2)]:
        page.evaluate(f"location.hash = '#s1/d{before}-{after}'")
        page.wait_for_selector(f"h2:has-text('{day(captures[before])} and {day(captures[after])}')")
        for button in page.locator(".fold button").all()[::-1]:
            button.click()
        for column, number in ((2, before), (3, after)):
            shown = page.locator(f".diff tbody tr > td:nth-child({column}) .text").all_text_contents()
            stored = [texts[segment[0]] for segment in captures[number]["segments"]]
            assert sorted(" ".join(shown).split()) == sorted(" ".join(stored).split())


def day(capture: dict) -> str:
    return re.sub(r"(....)(..)(..).*", r"\1-\2-\3", capture["time"])


def test_comparison_marks_words_that_differ(sample_report, opened):
    page = opened(sample_report, "#s1/d3-4")
    row = page.locator(".diff tr.edited").first
    assert row.locator("del").all_text_contents() == ["1 March 2006"]
    assert row.locator("ins").all_text_contents() == ["15 January 2010"]
    assert row.locator("th").text_content() == "reworded"


def test_comparison_of_equal_captures_marks_nothing(sample_report, opened):
    page = opened(sample_report, "#s1/d0-1")
    assert words(page.locator(".compare .note")).startswith("11 same.")
    assert page.locator("del, ins").count() == 0


def test_report_can_be_used_by_keyboard(sample_report, opened):
    page = opened(sample_report)
    press(page, "Tab")
    assert focused(page) == "Skip to the content"
    press(page, "Enter")
    tab_to(page, "brightcart.example")
    press(page, "Enter")
    page.wait_for_selector("#view h1")
    assert focused(page) == "brightcart.example"
    assert page.evaluate("document.activeElement.tagName") == "H1"
    tab_to(page, "Compare")
    press(page, "Enter")
    page.wait_for_selector(".diff")
    tab_to(page, re.compile("Show .* unchanged passages"))
    press(page, "Enter")
    assert page.evaluate("document.activeElement.tagName") == "TH"
    page.go_back()
    page.go_back()
    page.evaluate("document.getElementById('main').focus()")
    tab_to(page, "Find in all policies")
    page.keyboard.type("third parties")
    press(page, "Enter")
    page.wait_for_selector(".kwic")
    assert focused(page) == "Find"
    tab_to(page, "Cookies")
    page.keyboard.press("Space")
    wait_until(page, "location.hash === '#find?q=third+parties&practice=cookies'")
    tab_to(page, "Captures")
    press(page, "Enter")
    page.wait_for_selector(".captures")
    tab_to(page, "Segments")
    press(page, "Enter")
    page.wait_for_selector(".captures [aria-sort=descending]")
    assert focused(page) == "Segments"


def press(page, key: str) -> None:
    page.keyboard.press(key)


def focused(page) -> str:
    return page.evaluate(
        "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim().replace(/\\s+/g, ' ')"
    )


def tab_to(page, name: str | re.Pattern) -> None:
    for _ in range(150):
        press(page, "Tab")
        if re.fullmatch(name, focused(page)):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", "the focus cannot be seen"
            return
    raise AssertionError(f"the keyboard does not get to {name}")


LOOKS = [(view, {}) for view in VIEWS]
LOOKS += [(view, {"color_scheme": "dark"}) for view in ("", *FIND_VIEWS, "#s1", "#s1/c6/20", "#s1/d5-6", "#s2/c2")]
LOOKS += [(view, {"width": 390}) for view in ("", *FIND_VIEWS, "#s1/c6/20", "#s1/d5-6")]


@pytest.mark.parametrize(("view", "look"), LOOKS)
def test_axe_finds_no_violations(sample_report, opened, view, look):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(sample_report, view, **look)
    for summary in page.locator("summary:visible").all()[:3]:
        summary.click()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
    assert [(rule["id"], rule["impact"], rule["nodes"][0]["html"][:200]) for rule in found] == []


@pytest.mark.parametrize("view", VIEWS)
def test_page_fits_a_screen_of_320_pixels(sample_report, opened, view):
    page = opened(sample_report, view, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_printed_capture_has_text_and_no_controls(sample_report, opened):
    page = opened(sample_report, "#s1/c6")
    page.emulate_media(media="print")
    assert page.locator(".said .text").first.is_visible()
    for control in (".tabs", ".tools", ".copy", ".outline"):
        assert not page.locator(control).first.is_visible()
    assert page.pdf()[:4] == b"%PDF"


def test_practices_differ_by_name_and_pattern_not_only_colour(sample_report, opened):
    page = opened(sample_report, "#s1/c6")
    for item in page.locator(".said li[class]:not([class=''])").all()[:20]:
        named = {words(chip).split()[0].lower() for chip in item.locator(".chip:visible").all()}
        assert named == set(item.get_attribute("class").replace("target", "").split())
    patterns = page.locator(".swatch").evaluate_all(
        "all => all.map(one => getComputedStyle(one).backgroundImage.replace(/rgb[^)]*\\)/g, ''))"
    )
    assert len(set(patterns)) == 5


def test_large_report_links_pages_of_sites(sample_report, opened, monkeypatch, tmp_path):
    monkeypatch.setattr("extractor.report.page.MAX_POLICIES_IN_PAGE", 20)
    assert main(["report", str(sample_report.parent), "-o", str(tmp_path / "large.html"), "--quiet"]) == 0
    page = opened(tmp_path / "large.html")
    page.locator(".sites").get_by_role("link", name="pinegrove-news.example").click()
    page.wait_for_selector("#view .timeline")
    assert page.url.endswith("large-sites/2.html#s2")
    page.get_by_role("link", name="2019-03-28").first.click()
    page.wait_for_selector(".said li")
    page.get_by_role("link", name="All sites").click()
    page.wait_for_selector("#overview .sites")
    page.goto((tmp_path / "large-sites" / "3.html").as_uri())
    page.wait_for_selector("#view h1:has-text('tadpole-club.example')")


def test_unknown_capture_or_site_in_address_shows_message_or_overview(sample_report, opened):
    page = opened(sample_report, "#s1/c99")
    assert "no such capture" in words(page.locator("#view"))
    page.goto(sample_report.as_uri() + "#s99")
    assert page.locator("#overview").is_visible()


@pytest.fixture(scope="module")
def two_documents(sample_report, tmp_path_factory):
    """The report of a service with two documents and no URL: the captures of two sites of the sample."""
    folder = tmp_path_factory.mktemp("documents")
    names = {"brightcart.example": "Shop/Privacy Policy", "tadpole-club.example": "Shop/Terms"}
    write_jsonl(
        (
            replace(one, site="Shop", policy=names[one.domain], domain="", capture=replace(one.capture, url=""))
            for one in read_jsonl(sample_report.with_name("policies.jsonl"))
            if one.domain in names
        ),
        folder / "policies.jsonl",
    )
    assert main(["report", str(folder), "-o", str(folder / "report.html"), "--quiet"]) == 0
    return folder / "report.html"


def test_site_with_two_documents_has_a_timeline_of_each_and_compares_neither_with_the_other(two_documents, opened):
    page = opened(two_documents, "#s1")
    heads = [words(head) for head in page.locator(".time h2").all()]
    assert heads == ["Timeline 1 of 2: Shop/Privacy Policy", "Timeline 2 of 2: Shop/Terms"]
    captures = block_of(page, 1)["captures"]
    first = captures[0]["policy"]
    other = next(place for place, capture in enumerate(captures) if capture["policy"] != first)
    page.goto(f"{two_documents.as_uri()}#s1/d0-{other}")
    page.wait_for_selector("text=captures of two policies, which are not compared")
    same = [place for place, capture in enumerate(captures) if capture["policy"] == first]
    page.goto(f"{two_documents.as_uri()}#s1/d{same[0]}-{same[1]}")
    options = page.get_by_label("Later").locator("option").evaluate_all("all => all.map((one) => Number(one.value))")
    assert options == same
