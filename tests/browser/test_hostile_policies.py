"""Forty policies that try to run something in the reader's browser, or to look like part of the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report.records import policy, segment

from browser.waiting import wait_until
from extractor.charts import Point
from extractor.records import Event, Evidence, PolicyCapture, Quote, Side, Verdict
from extractor.report import Chart, PolicyHistory, ReportInfo, Site, page, write_report

pytestmark = pytest.mark.browser

MARK = "window.executed=(window.executed||0)+1"
WORDS = [
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f"<!--<script>{MARK}</script>-->",
    f"<!--</script><script>{MARK}//-->",
    f"--><script>{MARK}</script><!--",
    f"]]><script>{MARK}</script><![CDATA[",
    f"<SCRIPT/x>{MARK}</SCRIPT >",
    f"<scr<script>ipt>{MARK}</scr</script>ipt>",
    f"<script type=module>{MARK}</script>",
    f"<script src='data:text/javascript,{MARK}'></script>",
    f"<img src=x onerror='{MARK}'>",
    f'"><img src=x onerror="{MARK}">',
    f"' onmouseover='{MARK}' autofocus onfocus='{MARK}' x='",
    f'" onclick="{MARK}" tabindex="0',
    f"<svg onload='{MARK}'><animate onbegin='{MARK}' attributeName=x></svg>",
    f"<svg><script>{MARK}</script></svg>",
    f"<svg><foreignObject><iframe srcdoc='<script>parent.{MARK}</script>'></iframe></foreignObject></svg>",
    f"<math><mtext><script>{MARK}</script></mtext></math>",
    "<style>body{display:none}</style>",
    "</style><style>*{visibility:hidden}</style>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<form action='https://evil.example/'><button autofocus>Compare</button></form>",
    f"<iframe src='javascript:parent.{MARK}'></iframe>",
    f"<object data='javascript:{MARK}'></object><embed src='javascript:{MARK}'>",
    f"<details open ontoggle='{MARK}'><summary>x</summary></details>",
    f"javascript:{MARK}",
    f"JaVaScRiPt:{MARK}//https://web.archive.org/",
    f"data:text/html,<script>{MARK}</script>",
    "\u202e\u2066evil\u2069 \u202dtxet si siht\u202c \u200f\u061c",
    "\x00\x1b[31m\u2028\u2029\ud800\udfff\ufdd0\uffff",
    "</p></div></article></main></body></html><h1>Privacy policies in demo-output</h1>",
    "Collection 0.99 Sharing 0.99 ? uncertain Verdict: usable.",
    "{{ 7 * 7 }} {% for x in y %} ${7*7} #{7*7} <%= 7*7 %> {{constructor.constructor('" + MARK + "')()}}",
    "__proto__ constructor toString hasOwnProperty",
    '{"texts": [], "captures": null} \\u003cscript\\u003e &lt;script&gt; &#60;script&#62;',
    "x" * 1_000_000,
    "word " * 200_000 + "\U0001f469\u200d\U0001f4bb" * 1000,
]


FOREIGN = ":is(script, style, iframe, object, embed, link, base, meta, form, img)"


def hostile(number: int, words: str) -> Site:
    """A site whose every field is hostile, with a history between two captures of it."""
    short = words[:300]
    before = policy(
        id=f"1{short}", domain=f"{number}{short}", policy=short, title=short, language=short, text=words,
        segments=(
            segment(0, words, headings=(short, short), context=short, uncertain=True),
            segment(1, f"It ends here. {words}", headings=("__proto__",)),
        ),
        capture=PolicyCapture(url=short, timestamp="20050101000000", archive_url=short, served_url=short, requested=short),
        verdict=Verdict(True, 0.5, (short,)),
    )  # fmt: skip
    after = replace(
        before, id=f"2{short}", capture=replace(before.capture, timestamp="20150101000000"),
        segments=(segment(0, words + " more", headings=(short,)), segment(1, f"It began here. {words}", headings=())),
    )  # fmt: skip
    event = Event(
        short, short, short, "third_party_appeared", Side("20050101000000", (0,)), Side("20150101000000", (0,)),
        evidence=Evidence(
            before.id, after.id, (Quote(0, 0, 5, short),), (Quote(0, 0, 5, short),), (short,), (short,), note=short
        ),
    )  # fmt: skip
    return Site(before.domain, (before, after), (PolicyHistory((before.id, after.id), (event,), (), short),))


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    sites = [hostile(number, words) for number, words in enumerate(WORDS)]
    page.MAX_BYTES_IN_PAGE, usual = 10**9, page.MAX_BYTES_IN_PAGE
    write_report(
        sites, path, ReportInfo(WORDS[0], tuple((words[:300], words[:300]) for words in WORDS)),
        lambda: [Chart(words[:300], (Point("2005-H1", 1, 1.0), Point("2005-H2", 1, 0.5))) for words in WORDS],
    )  # fmt: skip
    page.MAX_BYTES_IN_PAGE = usual
    return path


def test_hostile_policies_run_nothing_in_any_view(hostile_report, opened):
    assert len(WORDS) == 40
    window = opened(hostile_report)
    window.set_default_timeout(60_000)
    window.evaluate("location.hash = '#find?view=captures'")
    window.wait_for_selector(".captures")
    assert window.locator(".captures tbody tr").count() == 80
    for number in range(1, 41):
        for view in ("", "/c0", "/c1/0", "/d0-1"):
            window.evaluate(f"location.hash = '#s{number}{view}'")
            wait_until(window, f"location.hash === '#s{number}{view}' && document.querySelector('#view h1')")
            assert window.locator("#view h1").is_visible()
            assert not window.locator(f"main {FOREIGN}:not(#find-box)").count()
            links = window.locator("#view a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
            assert all(link.startswith("#") for link in links)
    assert window.evaluate("window.executed") is None
    assert window.evaluate("document.querySelectorAll('#overview h1').length") == 1
    assert "7 * 7" in window.locator("#overview").text_content()


def test_find_in_hostile_policies_runs_nothing(hostile_report, opened):
    window = opened(hostile_report)
    for query in ("ends", "script", "window ends", "x", "practice=cookies", "view=captures&q=script"):
        window.evaluate(f"location.hash = '#find?{query if '=' in query else 'q=' + query}'")
        wait_until(
            window,
            "/^[1-9]/.test(document.querySelector('output')?.value ?? '') && document.querySelector('#results table')",
        )
        assert not window.locator(f"main {FOREIGN}:not(#find-box, #find-form)").count()
        assert "\u202e" not in window.locator("#results").text_content()
        links = window.locator("#view a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert all(link.startswith("#") for link in links)
    assert window.evaluate("window.executed") is None


def test_markup_in_policies_is_shown_as_text(hostile_report, opened):
    window = opened(hostile_report, "#s1/c0")
    assert window.locator(".said .text").first.text_content() == WORDS[0]
    assert window.locator("#view h1").text_content() == f"0{WORDS[0]}"
    window.evaluate("location.hash = '#s32/c0'")
    wait_until(window, "document.querySelector('#view h1').textContent.startsWith('31')")
    assert "\u202e" not in window.locator("#view").text_content()
    assert "evil" in window.locator(".said .text").first.text_content()
