"""The report as files: its content, its split into pages, and the escaping of hostile text."""

import json
import re
from dataclasses import replace
from itertools import accumulate
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from extractor.charts import Point
from extractor.records import Event, EventKind, Evidence, PolicyCapture, Side, Verdict, no_evidence
from extractor.report import Chart, NamedTerm, ReportInfo, Site, page, write_report
from extractor.report.sentences import event_sentence, quotes_text
from extractor.report.word_index import WordIndex
from report.records import EVENT, LATER_POLICY, SITE_WITH_HISTORY, UNUSABLE_POLICY, policy, segment, site

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</details></body>",
    "javascript:alert(1)",
    "\u202eevil\u2028\u0000\ud800",
    "<!-- ]]> &amp; -->",
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
]


@pytest.fixture
def page_of(tmp_path):
    def write(*sites: Site, title: str = "A corpus", facts=(), charts=tuple, terms=()):
        write_report(iter(sites), tmp_path / "report.html", ReportInfo(title, facts, terms), charts)
        return html.fromstring((tmp_path / "report.html").read_bytes())

    return write


def blocks(tree) -> list[dict]:
    """The data of each site."""
    return [json.loads(script.text) for script in tree.xpath("//script[starts-with(@id, 'site-')]")]


def block(tree, name: str) -> dict:
    (script,) = tree.xpath("//script[@id=$name]", name=name)
    return json.loads(script.text)


def test_overview_shows_counts_sites_and_origin(page_of):
    facts = (("Archive", "sample.warc.gz"), ("Outcomes", "19 whole, 2 same-digest"), ("Model", "fast 0.1.0 0123"))
    tree = page_of(SITE_WITH_HISTORY, site(UNUSABLE_POLICY), facts=facts)
    words = " ".join(tree.xpath("//body")[0].text_content().split())
    for expected in (
        "A corpus", "2 sites", "3 captures", "2005–2007 captured", "lamps.example", "2005",
        "sample.warc.gz", "19 whole, 2 same-digest", "fast 0.1.0 0123",
    ):  # fmt: skip
        assert expected in words
    captures = block(tree, "captures")
    assert captures["sites"] == {"1": "lamps.example", "2": "other.example"}
    assert [(row[0], row[1], row[2], captures["verdicts"][row[6]], row[7]) for row in captures["rows"]] == [
        (1, 0, "2005", "usable", 1), (1, 1, "2007", "usable", 1), (2, 0, "2005", "unusable", 0),
    ]  # fmt: skip


def on_sharing(polarity, **changes):
    """A policy that says of sharing only what the polarity says; nothing for ""."""
    said = {"collection": "", "sharing": polarity, "cookies": "", "rights": "", "children": ""}
    practices = ("sharing",) if polarity else ()
    return policy(segments=(segment(0, "Others.", practices=practices, polarity=said),), **changes)


def test_overview_counts_captures_that_only_deny_a_practice_apart(page_of):
    tree = page_of(*(site(on_sharing(side, domain=f"{side}.example")) for side in ("does", "does_not", "mixed", "")))
    (row,) = tree.xpath("//table[@class='shares']//tr[@class='sharing']")
    assert [cell.text_content() for cell in row.xpath("td")][1:] == ["50%", "2 of 4", "1 only denies"]
    captures = block(tree, "captures")
    place = captures["practices"].index("sharing")
    assert [(row[11][place], captures["polarities"][int(row[12][place])]) for row in captures["rows"]] == [
        (1, "does"), (1, "does_not"), (1, "mixed"), (0, ""),
    ]  # fmt: skip


def test_overview_names_the_policy_of_a_site_with_several(page_of):
    records = [policy(id=name, site="GitHub", domain="", policy=f"GitHub/{name}", capture=PolicyCapture())
               for name in ("Privacy Policy", "Terms of Service")]  # fmt: skip
    tree = page_of(site(*records, name="GitHub"))
    captures = block(tree, "captures")
    assert [captures["strings"][row[10]] for row in captures["rows"]] == [
        "GitHub/Privacy Policy", "GitHub/Terms of Service",
    ]  # fmt: skip
    assert [capture["policy"] for capture in blocks(tree)[0]["captures"]] == [one.policy for one in records]


def test_chart_shows_denials_as_a_line_and_a_column_of_their_own(page_of):
    points, denied = ([Point("2001-H1", 2, one), Point("2001-H2", 2, 0.5)] for one in (1.0, 0.0))
    tree = page_of(SITE_WITH_HISTORY, charts=lambda: [Chart("Sharing", points, unit="%", denied=denied)])
    assert [line.get("class") for line in tree.xpath("//figure//polyline")] == ["all", "denied"]
    assert [cell.text for cell in tree.xpath("//table[@class='values']//th[position() > 1]")] == [
        "Sharing", "Sharing, only denied",
    ]  # fmt: skip
    assert [cell.text for cell in tree.xpath("//table[@class='values']//td")] == ["100%", "0%", "50%", "50%"]


def test_text_in_several_captures_is_stored_once(page_of):
    same = [replace(policy(), id=str(number)) for number in range(5)]
    tree = page_of(site(*same))
    assert html.tostring(tree).count(b"We write to you.") == 1
    (data,) = blocks(tree)
    assert [[data["texts"][seg[0]] for seg in capture["segments"]] for capture in data["captures"]] == [
        ["We use cookies.", "We write to you."]
    ] * 5


@pytest.mark.parametrize(
    ("timestamp", "shown"),
    [
        ("20150101000000", "2015"), ("20150401000000", "2015-04"), ("20150402000000", "2015-04-02"),
        ("20150101120000", "2015-01-01"), ("", ""),
    ],
)  # fmt: skip
def test_capture_shows_as_much_of_its_date_as_is_known(page_of, timestamp, shown):
    tree = page_of(site(policy(capture=PolicyCapture(timestamp=timestamp))))
    assert blocks(tree)[0]["captures"][0]["day"] == shown
    assert block(tree, "captures")["rows"][0][2] == shown


def test_evidence_is_stored_as_code_points_of_the_segment(page_of):
    text = "\N{GRINNING FACE} We use cookies."
    evidence = {**no_evidence(), "cookies": ((105, 116),)}
    with_evidence = replace(segment(1, text), start=100, end=100 + len(text), evidence=evidence)
    (data,) = blocks(page_of(site(policy(segments=(segment(0, "We write to you."), with_evidence)))))
    first, second = data["captures"][0]["segments"]
    assert (first[9], second[9]) == ([], [data["practices"].index("cookies"), 5, 16])


def test_site_data_has_captures_in_order_of_time_and_events_as_sentences(page_of):
    (data,) = blocks(page_of(site(LATER_POLICY, policy(), histories=SITE_WITH_HISTORY.histories)))
    assert [capture["time"][:4] for capture in data["captures"]] == ["2005", "2007"]
    assert data["stories"] == [[0, 1]]
    (event,) = data["events"]
    assert event[6] == "A retention period is stated: 30 days, under “Cookies”."
    assert (event[2], event[3], event[5], event[9]) == (0, 1, [1], 75)


def test_segment_data_has_polarity_and_data_types(page_of):
    polarity = {"collection": "", "sharing": "does_not", "cookies": "does", "rights": "", "children": "mixed"}
    types = {"collection": (), "sharing": ("contact", "location")}
    denying = segment(0, "No.", practices=("sharing", "cookies", "children"), polarity=polarity, data_types=types)
    (data,) = blocks(page_of(site(policy(segments=(denying, segment(1, "We use cookies."))))))
    first, second = data["captures"][0]["segments"]
    assert first[10:] == [{"1": "does_not", "4": "mixed"}, [[], ["contact", "location"]]]
    assert second[10:] == [{}, [[], []]]


SENTENCES = [
    ("practice_appeared", {}, {"practice": "cookies"}, "The policy mentions cookies for the first time."),
    ("practice_returned", {}, {"practice": "rights"}, "The policy mentions rights again."),
    (
        "practice_appeared", {"values_after": ("does_not",)}, {"practice": "sharing"},
        "The policy mentions sharing for the first time, to deny it.",
    ),
    (
        "practice_disappeared", {"values_before": ("does_not",)}, {"practice": "sharing"},
        "The policy no longer mentions sharing, which it had only denied.",
    ),
    (
        "retention_changed", {"values_before": ("30 days",), "values_after": ("1 year", "2 years")}, {},
        "A retention period changed from 30 days to 1 year and 2 years, under “Cookies”.",
    ),
    ("third_party_disappeared", {"values_before": ("Eastwind Media",)}, {}, "Eastwind Media is no longer named."),
    (
        "policy_moved", {"values_before": ("http://a/",), "values_after": ("http://b/",), "note": "Two targets."}, {},
        "The policy moved from http://a/ to http://b/. Two targets.",
    ),
    (
        "polarity_changed", {"values_before": ("does_not",), "values_after": ("does",)}, {"practice": "sharing"},
        "What a passage says about sharing changed from “does not” to “does”, under “Cookies”.",
    ),
    ("split", {}, {"after": Side("", (1, 2))}, "A passage was split in 2, under “Cookies”."),
    ("rewritten", {}, {}, "The policy was rewritten."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "evidence", "changes", "expected"), SENTENCES)
def test_event_sentence(kind, evidence, changes, expected):
    fields = {"before": Side(), "after": Side(), "evidence": Evidence(**evidence), **changes}
    assert event_sentence(Event("a.example", "", "a.example", kind, **fields), segment(0, "x")) == expected


def test_event_sentence_of_every_kind_is_filled_in():
    for kind in get_args(EventKind):
        assert "{" not in event_sentence(replace(EVENT, kind=kind), None)
        assert not event_sentence(replace(EVENT, kind=kind), None).startswith("{kind}")


def test_quotes_text_of_long_quote_is_cut_after_a_word():
    quote = replace(EVENT.evidence.after[0], text="word " * 100)
    assert quotes_text((quote,)).endswith("word …")
    assert len(quotes_text((quote,))) < 230


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_escaped_everywhere(page_of, text):
    hostile = policy(
        id=text, title=text, domain=text, language=text, text=text,
        segments=(segment(0, text, headings=(text,), context=text),),
        capture=PolicyCapture(url=text, archive_url=text), verdict=Verdict(True, 0.5, (text,)),
    )  # fmt: skip
    tree = page_of(site(hostile), title=text, facts=((text, text),), charts=lambda: [Chart(text, (Point(text, 1, 1),))])
    harmless = page_of(site(policy()), facts=(("a", "b"),), charts=lambda: [Chart("c", (Point("2001-H1", 1, 1),))])
    for tag in ("script", "img", "style", "details", "body"):
        assert len(tree.xpath(f"//{tag}")) == len(harmless.xpath(f"//{tag}"))
    assert not tree.xpath("//@onerror")
    assert all(re.match("https?://|#", target) for target in tree.xpath("//@href"))
    assert "49" not in tree.xpath("//h1")[0].text_content()
    assert blocks(tree)[0]["captures"][0]["archive"] == ""
    assert blocks(tree)[0]["texts"][0] == text


@given(st.text(st.characters(), max_size=60))
def test_any_text_is_read_back_unchanged(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.html"
    write_report([site(policy(title=text, segments=(segment(0, text),)))], path, ReportInfo(text))
    tree = html.fromstring(path.read_bytes())
    (data,) = blocks(tree)
    assert (data["texts"][0], data["captures"][0]["title"]) == (text, text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", path.read_text("utf-8"))


def test_page_loads_nothing_and_has_no_inline_style_or_handler(page_of):
    tree = page_of(SITE_WITH_HISTORY)
    assert tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0].startswith("default-src 'none'")
    assert not tree.xpath("//@src | //link/@href | //@style | //@*[starts-with(name(), 'on')]")
    assert not [target for target in tree.xpath("//a/@href") if not target.startswith("#")]


def test_ids_of_elements_are_unique(page_of):
    ids = page_of(SITE_WITH_HISTORY, site(UNUSABLE_POLICY)).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_report_of_no_sites_says_what_to_do(page_of):
    words = page_of().text_content()
    assert "nothing here yet" in words
    assert "archived-policy run" in words


def test_write_report_reads_sites_once(tmp_path):
    held = []

    def stream():
        for number in range(3):
            held.append(number)
            yield site(policy(id=str(number), domain=f"{number}.example"))

    write_report(stream(), tmp_path / "r.html", ReportInfo("t"))
    assert held == [0, 1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_write_report_of_many_policies_writes_a_page_for_each_site(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "MAX_POLICIES_IN_PAGE", 2)
    sites = [site(policy(domain=f"{number}.example")) for number in range(3)]
    written = write_report(sites, tmp_path / "r.html", ReportInfo("Large"))
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "r.html", "r-sites/1.html", "r-sites/2.html", "r-sites/3.html",
    ]  # fmt: skip
    overview, one = (html.fromstring(written[place].read_bytes()) for place in (0, 2))
    assert not blocks(overview)
    assert overview.xpath("//@data-folder") == ["r-sites/"]
    assert len(block(overview, "captures")["rows"]) == 3
    assert block(overview, "words") == {"words": "cookies to use we write you", "sites": ["1 1 1"] * 6}
    assert [row[0] for row in block(one, "captures")["rows"]] == [2]
    assert not one.xpath("//script[@id='words']")
    assert [block["site"] for block in blocks(one)] == ["1.example"]
    assert one.xpath("//@data-home") == ["../r.html"]


def test_write_report_reports_each_page_of_a_site(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "MAX_POLICIES_IN_PAGE", 2)
    reports = []
    sites = [site(policy(domain=f"{number}.example")) for number in range(3)]
    write_report(sites, tmp_path / "r.html", ReportInfo("Large"), progress=lambda *words: reports.append(words))
    assert reports == [("pages", 1, 3), ("pages", 2, 3), ("pages", 3, 3)]


def test_index_of_words_that_is_too_large_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "MAX_POLICIES_IN_PAGE", 0)
    monkeypatch.setattr(page, "_MAX_INDEX_BYTES", 10)
    write_report([site(policy())], tmp_path / "r.html", ReportInfo("Large"))
    assert not html.fromstring((tmp_path / "r.html").read_bytes()).xpath("//script[@id='words']")


def test_terms_are_stored_with_their_first_place_and_those_found_are_named(page_of):
    terms = (
        NamedTerm("coppa", "COPPA", "Laws"),
        NamedTerm("gdpr", "GDPR", "Laws"),
        NamedTerm("cookie", "Cookies", "X"),
    )
    found = {"We use cookies.": ((2, 7, 14),), "We write to you.": (), "Elsewhere.": ((0, 0, 4),)}
    unlabelled = policy(id="2", labelled=False)
    tree = page_of(site(policy(), unlabelled, terms=found), terms=terms)
    (data,) = blocks(tree)
    assert data["terms"] == {"0": [2, 7, 14]}
    captures = block(tree, "captures")
    assert captures["terms"] == [[2, "cookie", "Cookies", "X"]]
    assert [captures["strings"][row[13]] for row in captures["rows"]] == ["4", "0"]


@given(st.lists(st.sets(st.sampled_from("a b c d e".split())), min_size=1, max_size=90))
def test_index_names_the_sites_of_each_word(words_of_sites):
    index = WordIndex()
    for words in words_of_sites:
        index.add(site(policy(segments=tuple(segment(0, word.upper()) for word in words))))
    data = index.data()
    for word in "abcde":
        having = [number for number, words in enumerate(words_of_sites, 1) if word in words]
        known = dict(zip(data["words"].split(), data["sites"], strict=True))
        assert list(accumulate(int(gap, 36) for gap in known.get(word, "").split())) == having


def test_write_report_removes_pages_of_an_earlier_larger_report(tmp_path, monkeypatch):
    sites = [site(policy(domain=f"{number}.example")) for number in range(3)]
    monkeypatch.setattr(page, "MAX_BYTES_IN_PAGE", 10)
    write_report(sites, tmp_path / "r.html", ReportInfo("Large"))
    (tmp_path / "r-sites" / "notes.txt").write_text("mine")
    monkeypatch.undo()
    assert write_report(sites, tmp_path / "r.html", ReportInfo("Small")) == [tmp_path / "r.html"]
    assert [path.name for path in (tmp_path / "r-sites").iterdir()] == ["notes.txt"]


def test_chart_leaves_gaps_open_and_has_its_values_as_text(page_of):
    points = (Point("2001-H1", 2, 0.5, 0.1, 0.9), Point("2001-H2", 0, None), Point("2002-H1", 1, 1.0, 0.2, 1.0))
    tree = page_of(SITE_WITH_HISTORY, charts=lambda: [Chart("Cookies", points, unit="%", practice="cookies")])
    (figure,) = tree.xpath("//figure")
    assert (len(figure.xpath(".//polyline")), len(figure.xpath(".//circle"))) == (0, 2)
    assert figure.xpath(".//svg/@aria-label") == [
        "Cookies: first 50% in 2001-H1, highest 100% in 2002-H1, last 100% in 2002-H1"
    ]
    assert [cell.text for cell in tree.xpath("//table[@class='values']//td")] == ["50%", "–", "100%"]
