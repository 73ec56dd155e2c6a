"""Terms in the report: that it counts them as `terms` does, which changes it tells in sentences, and its table of them."""

import csv
import json
from dataclasses import replace

import pytest
from lxml import html

from extractor.cli import main
from extractor.exports import read_jsonl, write_jsonl
from extractor.records import PolicyCapture
from report.records import policy, segment

NAMED = {
    ".": "We write letters.",
    "g": "We obey the GDPR in all that we do.",
    "n": "We do not use cookies. Nobody else does.",
    "c": "Cookies are set.",
    "s": "We follow the EU-US Safe Harbor.",
}
HALF_YEARS = [f"{year}{day}120000" for year in range(2015, 2019) for day in ("0501", "1101")]


def capture(site: str, half_year: int, named: str, policy_name: str = "", **changes):
    """A capture of 1 May or 1 November, counted from 2015 on, with a paragraph for each letter of `NAMED`, below one without a term."""
    passages, at = [], 0
    for number, words in enumerate(["A preface.", *(NAMED[letter] for letter in named)]):
        passages.append(replace(segment(number, words), start=at, end=at + len(words)))
        at += len(words) + 2
    name, timestamp = f"{site}/{policy_name}" if policy_name else site, HALF_YEARS[half_year]
    fields = {
        "text": "\n\n".join(one.text for one in passages),
        "capture": PolicyCapture(timestamp=timestamp),
        **changes,
    }
    return policy(
        id=f"{timestamp}/http://{name}", site=site, domain=site, policy=name, segments=tuple(passages), **fields
    )


def course(site: str, letters: str, policy_name: str = ""):
    """The captures of a policy, of which a character is a half-year from 2015 on, and " " has no capture."""
    return [capture(site, number, named, policy_name) for number, named in enumerate(letters) if named != " "]


def sites(*courses: tuple[int, str]):
    """Captures of sites 1.example, 2.example and so on: (number of sites, course)."""
    every = [letters for count, letters in courses for _ in range(count)]
    return [one for number, letters in enumerate(every, 1) for one in course(f"{number}.example", letters)]


@pytest.fixture
def report_of(tmp_path):
    """Writes records and their report, and returns its page."""

    def write(records):
        write_jsonl(records, tmp_path / "policies.jsonl")
        assert main(["report", str(tmp_path / "policies.jsonl"), "-o", str(tmp_path / "r.html"), "-q"]) == 0
        return html.fromstring((tmp_path / "r.html").read_bytes())

    return write


def claims(tree) -> list[str]:
    return [one.text for one in tree.xpath("//div[@class='finding terms']//summary")]


def rows_in_report(tree) -> list[tuple]:
    """The numbers in the page by period, panel and term, as its script reads them."""
    data = json.loads(tree.xpath("//script[@id='terms']")[0].text)
    return sorted(
        (period, panel, term, of[place], count, *data["shares"].get(f"{count}/{of[place]}", (None,) * 3), denied)
        for number, (panel, periods, of) in enumerate(data["panels"])
        for place, period in enumerate(periods)
        for term, _, _, mentioning, denying in data["terms"]
        for count, denied in [(mentioning[number][place], denying[number][place])]
    )


def rows_of_terms(path) -> list[tuple]:
    """The same numbers in `terms.csv`, for the terms that some site names."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["unit"] == "sites"]

    def number(text: str) -> float | None:
        return float(text) if text else None

    return sorted(
        (
            row["period"], row["panel"], row["term"], int(row["of"]), int(row["mentioning"]),
            number(row["share"]), number(row["low"]), number(row["high"]), int(row["denying"]),
        )
        for row in rows
    )  # fmt: skip


def assert_agrees(tree, records, folder, every: str) -> None:
    """Asserts that a report has the rows of `terms.csv`, apart from terms that no site names."""
    assert main(["terms", str(records), "-o", str(folder / "terms"), "--every", every, "-q"]) == 0
    expected, found = rows_of_terms(folder / "terms" / "terms.csv"), rows_in_report(tree)
    reported = {row[2] for row in found}
    assert found == [row for row in expected if row[2] in reported]
    with (folder / "terms" / "first_mentions.csv").open(encoding="utf-8", newline="") as stream:
        dated = {row["term"] for row in csv.DictReader(stream)}
    assert reported == dated and len(reported) > 1


def test_report_of_the_sample_counts_terms_as_terms_csv_does(sample_warc, tmp_path):
    targets = f"@{sample_warc.parent / 'targets.txt'}"
    run = tmp_path / "run"
    assert main(["run", targets, "--archive-base", str(sample_warc), "-o", str(run), "-q"]) == 0
    assert_agrees(html.fromstring((run / "report.html").read_bytes()), run, tmp_path, "year")


def test_report_counts_terms_of_gaps_denials_panels_and_several_policies_as_terms_csv_does(report_of, tmp_path):
    records = [
        *course("a.example", "nccg"), *course("a.example", " s.c", "children"), *course("b.example", ".. c"),
        *course("c.example", "s n"), capture("d.example", 1, "g", labelled=False),
        capture("d.example", 2, "c", capture=PolicyCapture()),
    ]  # fmt: skip
    tree = report_of(records)
    assert_agrees(tree, tmp_path / "policies.jsonl", tmp_path, "half-year")
    assert {row[1] for row in rows_in_report(tree)} == {"all", "fixed"}
    assert ("2015-H1", "all", "cookie", 3, 1, 0.3333, 0.0615, 0.7923, 1) in rows_in_report(tree)


CHANGES = [
    ("nothing changes", [(12, "cc")], []),
    ("rise of many", [(9, "..g"), (3, "...")], ["GDPR: named by none of 12 sites in 2015-H2, 9 of 12 (75%) in 2016-H1; first by 1.example on 2016-05-01"]),
    ("rise of few is chance", [(2, "..g"), (10, "...")], []),
    ("fall of all", [(9, "ss.."), (3, "....")],
     ["Safe Harbor: named by 9 of 12 sites (75%) in 2015-H2, none of 12 in 2016-H1 or since; last by 9.example on 2015-11-01"]),
    ("fall of most", [(9, "s."), (2, "ss")], ["Safe Harbor: named by 11 of 11 sites (100%) in 2015-H1, 2 of 11 (18%) in 2015-H2"]),
    ("rise and return", [(9, ".g."), (2, ".gg")],
     ["GDPR: named by none of 11 sites in 2015-H1, 11 of 11 (100%) in 2015-H2, 2 of 11 (18%) in 2016-H1; first by 1.example on 2015-11-01"]),
    ("a period of few sites does not count", [(9, " gg"), (3, "...")], []),
    ("one rise and one fall of a group", [(12, "sg")],
     ["GDPR: named by none of 12 sites in 2015-H1, 12 of 12 (100%) in 2015-H2; first by 1.example on 2015-11-01",
      "Safe Harbor: named by 12 of 12 sites (100%) in 2015-H1, none of 12 in 2015-H2; last by 9.example on 2015-05-01"]),
    ("few sites, by captures", [(2, ".g"), (1, "..")],
     ["GDPR: named by 2 of 3 sites in their latest capture, by 0 in their first; first by 1.example on 2015-11-01"]),
    ("few sites, one changes", [(1, ".g"), (2, "..")], []),
    ("one site", [(1, ".g")], ["GDPR: named by 1 of 1 site in its latest capture, by 0 in its first; first by 1.example on 2015-11-01"]),
    ("one site that named it and returned", [(1, "g.g")], []),
    ("few sites, fall", [(2, "s.")], ["Safe Harbor: named by 0 of 2 sites in their latest capture, by 2 in their first; last by 2.example on 2015-05-01"]),
]  # fmt: skip


@pytest.mark.parametrize(("courses", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_findings_on_terms(report_of, courses, expected):
    assert claims(report_of(sites(*courses))) == expected


def test_first_site_whose_first_capture_names_a_term_may_have_done_so_earlier(report_of):
    (claim,) = claims(report_of(sites((1, "  g"), (8, "...g"), (8, "...."))))
    assert claim.endswith("; first by 1.example, 2016-05-01 or earlier")


def test_finding_on_a_term_links_to_the_words_in_captures(report_of):
    tree = report_of(sites((9, ".sg"), (3, "...")))
    table = tree.xpath("//table[@data-download='gdpr-rise.csv']")[0]
    row = table.xpath(".//tr[th/a[text()='2.example']]")[0]
    number = row.xpath("th/a/@href")[0]
    assert row.xpath("td/a/@href") == [f"{number}/c2/1", f"{number}/c2/1"]
    assert [" ".join(cell.text_content().split()) for cell in row.xpath("td")] == [
        "2016-05-01", "2016-05-01 its latest capture", "“We obey the GDPR in all that we do.”",
    ]  # fmt: skip
    assert table.xpath("../following-sibling::p/a/@href") == ["#find?term=gdpr"]


def test_finding_on_a_term_of_many_sites_lists_a_hundred(report_of):
    tree = report_of(sites((120, ".g")))
    assert len(tree.xpath("//table[@data-download='gdpr-rise.csv']/tbody/tr")) == 100
    note = tree.xpath("//details[contains(@class, 'rise')]/p")[0]
    assert note.text_content() == "100 of 120 sites. Find all passages that name it"


def term_rows(tree) -> dict[str, list[str]]:
    return {
        row.xpath("th")[0].text_content(): [" ".join(cell.text_content().split()) for cell in row.xpath("td")]
        for row in tree.xpath("//table[@class='term-rows']/tbody/tr")
    }


def test_table_of_terms_has_sites_periods_panel_and_first_mention(report_of):
    tree = report_of(sites((9, ".gg"), (3, "..."), (1, "  s")))
    assert term_rows(tree) == {
        "GDPR": ["9 of 13", "", "9 of 12 (75%) 2015-H2", "9 of 13 (69%) 2016-H1", "0 → 9", "2015-11-01 1.example"]
    }
    assert [one.text for one in tree.xpath("//th[@class='span']/span")] == ["2015-H1", "2016-H1"]
    assert tree.xpath("//td[@class='strip']/svg/@aria-label") == [
        "0 of 12 in 2015-H1, 9 of 12 in 2015-H2, 9 of 13 in 2016-H1"
    ]
    assert tree.xpath("//details[@class='term-group']/summary")[0].text_content() == (
        "Laws and transfer regimes 1 term: GDPR 9"
    )


def test_strip_has_a_bar_for_each_period_with_captures_and_none_for_a_gap(report_of):
    (drawn,) = report_of([*course("a.example", "gg gg"), *course("b.example", "g. .g")]).xpath(
        "//td[@class='strip']//path/@d"
    )
    assert drawn.count("z") == 4
    heights = [float(bar.split("v-")[1].split("h")[0]) for bar in drawn.split("z")[:-1]]
    assert heights == [28, 14, 14, 28]


def test_table_of_terms_of_few_sites_has_latest_captures_and_no_periods(report_of):
    tree = report_of(sites((1, ".g"), (1, "g."), (1, "sc")))
    assert term_rows(tree) == {"GDPR": ["2 of 3", "", "1 of 3", "2015-05-01 2.example"]}


def test_report_of_records_that_name_no_term_has_neither_findings_nor_table(report_of):
    tree = report_of(sites((2, "..")))
    assert not tree.xpath("//section[@class='named'] | //div[@class='finding terms'] | //script[@id='terms']")


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\u202e\x00"])
def test_hostile_words_beside_a_term_are_text(report_of, text):
    hostile = f"{text} We obey the GDPR."
    late = replace(capture("a.example", 2, "g"), text=hostile, segments=(segment(0, hostile),), site=text, policy=text)
    tree = report_of([replace(capture("a.example", 0, "."), site=text, policy=text), late])
    assert len(claims(tree)) == 1
    assert not tree.xpath("//@onerror") and not tree.xpath("//img")
    assert len(tree.xpath("//script")) == len(report_of(sites((1, ".g"))).xpath("//script"))


def test_report_of_records_read_again_is_the_same(report_of, tmp_path):
    tree = report_of(sites((9, ".gs"), (3, "c..")))
    again = report_of(reversed(list(read_jsonl(tmp_path / "policies.jsonl"))))
    assert claims(tree) == claims(again)
    assert rows_in_report(tree) == rows_in_report(again)
