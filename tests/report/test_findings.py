"""The report's findings, its chart of shares and its sites by period: what they say of gaps, denials and few captures."""

import itertools
import json

import pytest
from lxml import html

from extractor.records import PRACTICES, PolicyCapture, Verdict
from extractor.report import PeriodChoice, PolicyHistory, ReportInfo, Site, page, write_report
from report.records import policy, segment

SAYS = {".": "", "d": "does", "n": "does_not", "m": "mixed", "u": "unclear"}
YEARS = range(2001, 2010)


def record(site: str, year: int, said: str, document: str = "p"):
    """A capture of 1 May of a year: "." silent on children, "d" does, "n" denies, "m" both, "?" not looked at."""
    read = said != "?"
    polarity = dict.fromkeys(PRACTICES, "") | {"children": SAYS[said] if read else ""}
    practices = ("children",) if read and said != "." else ()
    return policy(
        id=f"{year}0501120000/http://{site}/{document}", site=site, domain=site, policy=f"{site}/{document}",
        labelled=read, verdict=Verdict(read, 0.9), capture=PolicyCapture(timestamp=f"{year}0501120000"),
        segments=(segment(0, "A preface.", practices=()),
                  segment(1, f"On children, in {year}: {said}.", practices=practices, polarity=polarity)),
    )  # fmt: skip


def site_of(name: str, *courses: str) -> Site:
    """A site with a policy for each course, of which a character is a year from 2001 on, and " " has no capture."""
    policies, histories = [], []
    for number, course in enumerate(courses):
        captures = [
            record(name, year, said, f"p{number}") for year, said in zip(YEARS, course, strict=False) if said != " "
        ]
        policies += captures
        read = tuple(one.id for one in captures if one.labelled)
        histories += [PolicyHistory(read)] if read else []
    return Site(name, tuple(policies), tuple(histories))


@pytest.fixture
def report_of(tmp_path):
    def write(*sites: Site, periods=PeriodChoice):
        write_report(iter(sites), tmp_path / "report.html", ReportInfo("A corpus"), periods=periods)
        return html.fromstring((tmp_path / "report.html").read_bytes())

    return write


def claims(tree, practice: str = "children") -> list[str]:
    return [one.text for one in tree.xpath(f"//div[@class='finding {practice}']//summary")]


BEGAN = "a.example, between 2001-05-01 and 2002-05-01"
COURSES = [
    ("silent", [["..."]], ["0 of 1 site speaks of children in its latest capture, 0 of 1 in its first"]),
    ("began", [[".dd"]], ["1 of 1 site speaks of children in its latest capture, 0 of 1 in its first",
                          f"1 began to speak of it: {BEGAN}"]),
    ("from the first capture", [["ddd"]], ["1 of 1 site speaks of children in its latest capture, 1 of 1 in its first"]),
    ("began after a gap", [[". d"]], [None, "1 began to speak of it: a.example, between 2001-05-01 and 2003-05-01"]),
    ("not looked at is not silent", [["?dd"]], ["1 of 1 site speaks of children in its latest capture, 1 of 1 in its first"]),
    ("not looked at in between", [[".?d"]], [None, "1 began to speak of it: a.example, between 2001-05-01 and 2003-05-01"]),
    ("not looked at in the end", [["d?"]], ["1 of 1 site speaks of children"]),
    ("ceased", [["dd."]], ["0 of 1 site speaks of children in its latest capture, 1 of 1 in its first",
                           "1 ceased to speak of it: a.example, between 2002-05-01 and 2003-05-01"]),
    ("ceased and returned", [["d.d"]], ["1 of 1 site speaks of children in its latest capture, 1 of 1 in its first"]),
    ("unclear is speaking", [["u"]], ["1 of 1 site speaks of children"]),
    ("one capture", [["d"]], ["1 of 1 site speaks of children"]),
    ("one capture, denied", [["n"]], ["1 of 1 site speaks of children", "1 only denies it in its latest capture: a.example"]),
    ("denied, then done", [["nm"]], [None, "1 that had only denied it began to say that it does: " + BEGAN]),
    ("done, then denied in part", [["dm"]], [None, "1 that had not denied it began to deny it, at least in part: " + BEGAN]),
    ("done, then denied", [["dn"]], [None, "1 that had not denied it began to deny it, at least in part: " + BEGAN,
                                     "1 only denies it in its latest capture: a.example"]),
    ("a second policy that nobody saw before", [["..", " d"]], [None, "1 first speaks of it in a policy without an earlier capture: a.example"]),
    ("a policy that is silent while another one is not captured", [["d d", " . "]],
     ["1 of 1 site speaks of children in its latest capture, 1 of 1 in its first"]),
    ("two sites", [[".d"], ["d."]], ["1 of 2 sites speak of children in their latest capture, 1 of 2 in their first",
     f"1 began to speak of it: {BEGAN}", "1 ceased to speak of it: b.example, between 2001-05-01 and 2002-05-01"]),
    ("most began at one time", [["..d"], ["..d"], [".d"]],
     [None, "3 began to speak of it, 2 of them between 2002-H1 and 2003-H1"]),
    ("a change with a wide gap lies in no narrow time", [[".      d"], ["..d"], ["..d"]],
     [None, "3 began to speak of it, 2 of them between 2002-H1 and 2003-H1"]),
    ("percentages of ten sites or more", [["d"]] * 4 + [["."]] * 6, ["4 of 10 sites (40%) speak of children"]),
]  # fmt: skip


@pytest.mark.parametrize(("courses", "expected"), [case[1:] for case in COURSES], ids=[case[0] for case in COURSES])
def test_findings_on_courses(report_of, courses, expected):
    found = claims(
        report_of(*(site_of(f"{letter}.example", *one) for letter, one in zip("abcdefghij", courses, strict=False)))
    )
    assert [a if b is not None else None for a, b in zip(found, expected, strict=True)] == expected


def test_findings_follow_the_steady_labels_of_a_history(report_of):
    of_record = site_of("a.example", "d.")
    said = dict.fromkeys(PRACTICES, "") | {"children": "does"}
    steady = PolicyHistory(of_record.histories[0].captures, polarities=(said, said))
    found = claims(report_of(Site("a.example", of_record.policies, (steady,))))
    assert found == ["1 of 1 site speaks of children in its latest capture, 1 of 1 in its first"]


def test_finding_links_to_the_words_of_each_site(report_of):
    tree = report_of(site_of("a.example", "?.d"), site_of("b.example", "n"))
    (row,) = tree.xpath("//details[@class='claim began']//tbody/tr")
    assert row.xpath(".//a/@href") == ["#s1", "#s1/c1", "#s1/c2/1"]
    assert row.xpath("td[@class='words']")[0].text == "“On children, in 2003: d.”"
    assert " ".join(row.xpath("td")[0].text_content().split()) == "2002-05-01 silent"
    rows = tree.xpath("//div[@class='finding children']//details[contains(@class, 'all')]//tbody/tr")
    assert [one.xpath(".//a/@href")[-1] for one in rows] == ["#s1/c2/1", "#s2/c0/1"]


def test_table_of_a_finding_has_first_captures_if_some_site_has_several(report_of):
    table = report_of(site_of("a.example", "d"), site_of("b.example", ".d")).xpath(
        "//table[@data-download='children-all.csv']"
    )[0]
    assert [one.text for one in table.xpath("thead//th")] == ["Site", "First capture", "Latest capture", "In its words"]
    assert [len(row) for row in table.xpath("tbody/tr")] == [4, 4]


def test_finding_on_very_many_sites_has_a_hundred_rows_and_the_others_as_data(report_of):
    tree = report_of(site_of("0.example", "d"), *(site_of(f"{number}.example", ".d") for number in range(1, 121)))
    began, every = (tree.xpath(f"//details[@class='claim {kind}']")[-1] for kind in ("began", "all"))
    assert [len(one.xpath(".//tbody/tr")) for one in (began, every)] == [100, 100]
    rest = [json.loads(one.xpath("script")[0].text) for one in (began, every)]
    assert [len(one) for one in rest] == [20, 21]
    number, name, said, words = rest[0][0]
    assert (f"{number - 1}.example", words) == (name, "On children, in 2002: d.")
    assert said == [[0, -1, "2001-05-01", "silent"], [1, 1, "2002-05-01", "says so"]]


def test_findings_of_one_capture_a_site_say_that_no_change_can_be_seen(report_of):
    note = report_of(site_of("a.example", "d"), site_of("b.example", ".")).xpath("//section[@class='findings']/p")[0]
    assert note.text.startswith("n is 2 sites with 2 usable English captures of 2001. No site has a second one,")


def test_sites_that_nobody_looked_at_have_no_findings(report_of):
    tree = report_of(site_of("a.example", "??"))
    assert not tree.xpath("//section[@class='findings']")
    assert tree.xpath("//table[contains(@class, 'sites')]//th/a/text()") == ["a.example"]


def test_records_without_date_count_in_findings(report_of):
    undated = policy(capture=PolicyCapture(), segments=(segment(0, "We use cookies."),))
    assert claims(report_of(Site("a.example", (undated,))), "cookies") == [
        "1 of 1 site speaks of cookies and other tracking"
    ]


def every_year(*sites: Site) -> PeriodChoice:
    """Each labelled capture stands for its site in its year; all policies of a site together."""
    chosen: dict[tuple[str, str], list[str]] = {}
    for one in sites:
        for capture in one.policies:
            if capture.labelled:
                chosen.setdefault((capture.capture.timestamp[:4], one.name), []).append(capture.id)
    return PeriodChoice("year", [(*key, tuple(records)) for key, records in chosen.items()])


def grid_of(tree) -> dict:
    return json.loads(tree.xpath("//script[@id='grid']")[0].text)


def test_sites_by_period_tell_silence_denial_unread_and_missing_captures_apart(report_of):
    sites = [site_of("a.example", ".d nm?"), site_of("b.example", "..", "d", " n")]
    grid = grid_of(report_of(*sites, periods=lambda: every_year(*sites)))
    assert grid["periods"] == ["2001", "2002", "2003", "2004", "2005", "2006"]
    children = PRACTICES.index("children")
    cells = [
        [
            (grid["periods"][period], (entries[children] if len(entries) > 1 else entries[0])[:4])
            for period, entries in row
        ]
        for _, _, row in grid["sites"]
    ]
    assert cells == [
        [("2001", [0, 0, "2001-05-01", -1]), ("2002", [1, 1, "2002-05-01", 1]), ("2004", [2, 2, "2004-05-01", 1]),
         ("2005", [3, 3, "2005-05-01", 1]), ("2006", [4, 4, "2006-05-01", -1])],
        [("2001", [1, 1, "2001-05-01", 1]), ("2002", [2, 3, "2002-05-01", 1])],
    ]  # fmt: skip
    assert "On children, in 2004: n." in grid["quotes"]


def test_shares_have_the_number_of_sites_and_gaps(report_of):
    sites = [site_of("a.example", "d d"), site_of("b.example", ". d")]
    tree = report_of(*sites, periods=lambda: every_year(*sites))
    rows = tree.xpath("//table[@data-download='shares-by-period.csv']//tr[td]")
    assert [[cell.text for cell in row] for row in rows] == [
        ["2001", "2", "0% (0–66)", "0% (0–66)", "0% (0–66)", "0% (0–66)", "50% (9–91)"],
        ["2002", "0", "–", "–", "–", "–", "–"],
        ["2003", "2", "0% (0–66)", "0% (0–66)", "0% (0–66)", "0% (0–66)", "100% (34–100)"],
    ]
    assert not tree.xpath("//section[@class='trend']//polyline")  # two sites are no trend


def test_share_chart_of_many_sites_has_lines_with_gaps_and_labels_apart(report_of):
    sites = [site_of(f"{number}.example", "dd dd") for number in range(6)]
    tree = report_of(*sites, periods=lambda: every_year(*sites))
    (wide,) = tree.xpath("//section[@class='trend']/div[@class='wide']/svg")
    assert len(wide.xpath("g[@class='children']/polyline")) == 2
    labels = [(one.text, float(one.get("y"))) for one in wide.xpath("g/text")]
    assert [words for words, _ in labels] == ["Children 100%", "Collection 0%", "Sharing 0%", "Cookies 0%", "Rights 0%"]
    places = [place for _, place in labels]
    assert all(b - a >= 15 for a, b in itertools.pairwise(places))
    assert max(places) <= 340


def test_period_of_one_time_has_no_trend(report_of):
    sites = [site_of("a.example", "d"), site_of("b.example", ".")]
    tree = report_of(*sites, periods=lambda: every_year(*sites))
    assert not tree.xpath("//section[@class='trend']")
    assert grid_of(tree)["periods"] == ["2001"]


def test_findings_of_a_large_report_link_into_the_pages_of_sites(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "MAX_POLICIES_IN_PAGE", 1)
    sites = [site_of("a.example", ".d")]
    write_report(sites, tmp_path / "r.html", ReportInfo("Large"), periods=lambda: every_year(*sites))
    tree = html.fromstring((tmp_path / "r.html").read_bytes())
    assert "r-sites/1.html#s1/c1/1" in tree.xpath("//details[@class='claim began']//a/@href")
    assert tree.xpath("//section[@class='by-period']/@data-folder") == ["r-sites/"]
    assert not html.fromstring((tmp_path / "r-sites" / "1.html").read_bytes()).xpath("//section")


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202e\ud800"])
def test_hostile_words_in_findings_and_grid_are_text(report_of, text):
    course = site_of("a.example", ".d")
    hostile = segment(0, text, practices=("children",), headings=(text,))
    last = course.policies[1]
    changed = policy(id=last.id, site=text, capture=last.capture, policy=text, segments=(hostile,))
    site = Site(text, (course.policies[0], changed), course.histories)
    tree = report_of(site, periods=lambda: every_year(site))
    assert not tree.xpath("//@onerror") and not tree.xpath("//img")
    assert len(tree.xpath("//script")) == 4
    assert grid_of(tree)["sites"][0][1] == text
