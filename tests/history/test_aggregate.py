"""Shares, lengths and coverage over sites."""

import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace

import pytest

from extractor.history import (
    coverage_keys,
    coverage_rows,
    fixed_panel,
    histories,
    length_chart,
    lengths,
    share_chart,
    shares,
)
from extractor.intervals import wilson_interval
from extractor.records import Verdict

ORDER = ("When you place an order we ask for your name.", {"collection": 0.9})
CHILDREN = ("We do not knowingly collect information from children.", {"children": 0.95})


@pytest.fixture
def corpus(make_policy):
    def of(domain, timestamp, *passages, **changes):
        return make_policy(timestamp, *passages, domain=domain, id=f"{timestamp}/{domain}", **changes)

    return [
        of("a.example", "20100401000000", ORDER),
        of("a.example", "20100215000000", ORDER, CHILDREN),  # further from the middle
        of("a.example", "20101001000000", ORDER, CHILDREN),
        of("b.example", "20100401000000", CHILDREN),
        of("b.example", "20101001000000", CHILDREN, CHILDREN),
        of("b.example", "20120401000000", CHILDREN),
        of("c.example", "20100401000000", "Wir fragen.", labelled=False),
        of("c.example", "20120401000000", "Not found", labelled=False, verdict=Verdict(False, 0.0)),
    ]


@pytest.fixture
def observations(corpus):
    return [one for history in histories(corpus) for one in history.observations]


def test_shares_count_labelled_sites_by_period_and_panel(observations):
    found = {
        (p.period, p.panel): (p.with_practice, p.sites, p.share)
        for p in shares(observations)
        if (p.practice, p.stance) == ("children", "any")
    }
    assert found == {
        ("2010-H1", "all"): (1, 2, 0.5),
        ("2010-H2", "all"): (2, 2, 1.0),
        ("2011-H1", "all"): (0, 0, None),
        ("2011-H2", "all"): (0, 0, None),
        ("2012-H1", "all"): (1, 1, 1.0),
        ("2010-H1", "fixed"): (1, 2, 0.5),
        ("2010-H2", "fixed"): (2, 2, 1.0),
    }
    by_year = [
        p.period for p in shares(observations, "year") if (p.practice, p.panel, p.stance) == ("children", "all", "any")
    ]
    assert by_year == ["2010", "2011", "2012"]


DENIALS = [
    # the polarities of the passages of each policy of a site, and what the site then counts as
    ([["does_not"]], "denies only"),
    ([["does_not", "does_not"]], "denies only"),
    ([["does_not", "does"]], "does"),
    ([["mixed"]], "does"),
    ([["unclear"]], "does"),
    ([["does_not", "unclear"]], "does"),
    ([["does_not"], ["does"]], "does"),  # two documents of one site
    ([["does_not"], []], "denies only"),
    ([[]], ""),
]


@pytest.mark.parametrize(("policies", "stance"), DENIALS)
def test_shares_tell_sites_that_do_from_sites_that_only_deny(make_policy, policies, stance):
    records = []
    for number, polarities in enumerate(policies):
        passages = [(f"We never sell item {place} to anybody.", {"sharing": 0.9}) for place in range(len(polarities))]
        record = make_policy("20100401000000", ORDER, *passages, policy=f"document {number}", id=f"{number}")
        segments = [
            replace(segment, polarity={**segment.polarity, "sharing": polarity})
            for segment, polarity in zip(record.segments[1:], polarities, strict=True)
        ]
        records.append(replace(record, segments=(record.segments[0], *segments)))
    observed = [one for history in histories(records) for one in history.observations]
    counts = {p.stance: p.with_practice for p in shares(observed) if (p.practice, p.panel) == ("sharing", "all")}
    assert counts == {
        "any": int(stance != ""),
        "does": int(stance == "does"),
        "denies only": int(stance == "denies only"),
    }
    assert {p.sites for p in shares(observed)} == {1}


def test_shares_have_an_interval_for_each_stance(observations):
    rows = [p for p in shares(observations) if (p.practice, p.panel, p.period) == ("children", "all", "2010-H2")]
    assert [(p.stance, p.with_practice) for p in rows] == [("any", 2), ("does", 2), ("denies only", 0)]
    assert [(p.low, p.high) for p in rows] == [wilson_interval(count, 2) for count in (2, 2, 0)]


def test_wilson_interval_equals_published_values():
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson_interval(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)


def test_fixed_panel_is_the_largest_block_of_sites_and_periods(observations):
    assert fixed_panel(observations) == (["2010-H1", "2010-H2"], ["a.example", "b.example"])
    assert fixed_panel(observations[:1]) == ([], [])
    assert fixed_panel([]) == ([], [])


def test_lengths_are_medians_over_sites_with_gaps(observations):
    first = lengths(observations)[0]
    assert (first.period, first.sites, first.words_median) == ("2010-H1", 2, 9.0)  # of 10 and 8
    gap = next(point for point in lengths(observations) if point.period == "2011-H1")
    assert (gap.sites, gap.words_median, gap.grade_median) == (0, None, None)
    assert lengths([]) == shares([]) == []


SVG = "{http://www.w3.org/2000/svg}"


def coverage(corpus):
    return coverage_rows(Counter(key for policy in corpus for key in coverage_keys(policy, "half-year")))


def test_coverage_rows_include_zeros_for_gaps(corpus):
    rows = {(row.site, row.period): (row.records, row.usable, row.labelled) for row in coverage(corpus)}
    assert rows["a.example", "2010-H1"] == (2, 2, 2)
    assert rows["a.example", "2011-H1"] == (0, 0, 0)
    assert rows["c.example", "2010-H1"] == (1, 1, 0)
    assert rows["c.example", "2012-H1"] == (1, 0, 0)
    assert len(rows) == 3 * 5
    assert coverage([]) == []


def test_charts_leave_gaps_open_and_show_the_number_of_sites(observations):
    for chart in (share_chart(shares(observations)), length_chart(lengths(observations))):
        first = ET.fromstring(chart).find(f"{SVG}g")
        lines = [line for line in first.findall(f"{SVG}polyline") if line.get("class") == "all"]
        assert [len(line.get("points").split()) for line in lines] == [2]  # one site is a dot
        assert len(first.findall(f"{SVG}circle[@class='dot']")) == 3
        assert "style=" not in chart
        below = [t.text for t in first.findall(f"{SVG}text")][-9:]
        assert below == ["2010-H1", "2010-H2", "2011-H1", "2011-H2", "2012-H1", "n", "2", "2", "1"]
    assert ET.fromstring(share_chart([])) is not None
    assert ET.fromstring(length_chart([])) is not None
