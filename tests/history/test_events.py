"""Events rest on added or removed words; a label that flips over the same words is no event."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.history import SeriesNotes, histories
from extractor.identity import name_of_url
from extractor.records import PolicyCapture, Verdict

ORDER = ("When you place an order we ask for your name and the number of your card.", {"collection": 0.9})
CHILDREN = ("We do not knowingly collect information from children under the age of 13.", {"children": 0.95})
KEEP = ("We keep the record of an order for seven years. Logs are deleted after thirty days.", {"collection": 0.6})
BANK = ("The bank that clears the payment sees the number of your card and nothing else.", {"sharing": 0.8})


def scored(passage, **scores):
    return passage[0], {**passage[1], **scores}


def events_between(*policies, kinds=None):
    found = [event for history in histories(policies) for event in history.events]
    return [e for e in found if kinds is None or e.kind in kinds]


def practices(*policies):
    return [
        (e.after.timestamp[:4], e.kind, e.practice) for e in events_between(*policies) if e.kind.startswith("practice")
    ]


def test_practice_appears_disappears_and_returns_with_its_words(make_policy):
    years = [
        make_policy("20000101000000", ORDER),
        make_policy("20010101000000", ORDER, CHILDREN),
        make_policy("20020101000000", ORDER),
        make_policy("20030101000000", ORDER, CHILDREN),
    ]
    assert practices(*years) == [
        ("2001", "practice_appeared", "children"),
        ("2002", "practice_disappeared", "children"),
        ("2003", "practice_returned", "children"),
    ]
    appeared = events_between(*years, kinds=("practice_appeared",))[0]
    assert (appeared.before.segments, appeared.after.segments) == ((), (1,))
    assert [quote.text for quote in appeared.evidence.after] == [CHILDREN[0]]
    assert appeared.confidence == 0.95


@pytest.mark.parametrize("scores", [(0.48, 0.52, 0.48), (0.52, 0.48, 0.52), (0.9, 0.1, 0.9)])
def test_label_that_flips_over_the_same_words_is_no_event(make_policy, scores):
    years = [
        make_policy(f"200{number}0101000000", ORDER, scored(BANK, sharing=score)) for number, score in enumerate(scores)
    ]
    assert events_between(*years) == []


def test_label_that_flips_over_an_unrelated_edit_is_no_event(make_policy):
    other = BANK[0].replace("nothing else", "nothing more")
    years = [
        make_policy("20000101000000", ORDER, scored(BANK, sharing=0.52)),
        make_policy("20010101000000", ORDER, (other, {"sharing": 0.45})),
        make_policy("20020101000000", ORDER, (other + " Ask it if you wish.", {"sharing": 0.55})),
    ]
    assert practices(*years) == []


def test_edit_that_removes_a_practice_is_a_disappearance(make_policy):
    other = BANK[0].replace("number of your card and nothing else", "total of the bill and nothing else")
    years = [
        make_policy("20000101000000", ORDER, BANK),
        make_policy("20010101000000", ORDER, (other, {"sharing": 0.2})),
    ]
    assert practices(*years) == [("2001", "practice_disappeared", "sharing")]


def test_moved_passage_is_no_change_of_practice(make_policy):
    years = [make_policy("20000101000000", ORDER, CHILDREN, BANK), make_policy("20010101000000", CHILDREN, BANK, ORDER)]
    assert [e.kind for e in events_between(*years)] == ["moved"]


@pytest.mark.parametrize(
    "before, after, values",
    [
        ("for seven years", "for ten years", (("7 years",), ("10 years",))),
        ("after thirty days", "after 60 days", (("30 days",), ("60 days",))),
        ("for seven years", "for 84 months", None),
        ("We keep", "We store", None),
    ],
)
def test_retention_changed_for_other_periods_only(make_policy, before, after, values):
    years = [
        make_policy("20000101000000", ORDER, KEEP),
        make_policy("20010101000000", ORDER, (KEEP[0].replace(before, after), {})),
    ]
    found = [
        (e.evidence.values_before, e.evidence.values_after)
        for e in events_between(*years, kinds=("retention_changed",))
    ]
    assert found == ([values] if values else [])


@pytest.mark.parametrize(
    "sentence, names",
    [
        ("Banners are delivered by an outside company, Eastwind Media, which sets a cookie.", ["Eastwind Media"]),
        ("Visits are counted by Google Analytics for us.", ["Google Analytics"]),
        ("We share an identifier with AdLane.", ["AdLane"]),
        ("Payments go through Northbank, our payment processor.", ["Northbank"]),
        ("We are Lamps, Inc. and live in Millbrook.", []),
        ("The Federal Trade Commission and the State of Ohio may ask us.", []),
        ("You may write to Ines Halvorsen in January.", []),
    ],
)
def test_third_party_appears_and_disappears_with_its_name(make_policy, sentence, names):
    years = [make_policy("20000101000000", ORDER), make_policy("20010101000000", ORDER, sentence)]
    found = events_between(*years, kinds=("third_party_appeared",))
    assert [name for e in found for name in e.evidence.values_after] == names
    gone = events_between(years[1], make_policy("20020101000000", ORDER), kinds=("third_party_disappeared",))
    assert [name for e in gone for name in e.evidence.values_before] == names


def test_effective_date_changed_only_together_with_the_wording(make_policy):
    dated = [
        make_policy("20000601000000", "Effective date: May 1, 2000", ORDER),
        make_policy("20010601000000", "Effective date: May 1, 2001", ORDER),
        make_policy("20020601000000", "Effective date: May 1, 2001", ORDER, BANK),
        make_policy("20030601000000", "Effective date: July 1, 2003", ORDER),
        make_policy("20040601000000", "Effective date: January 1, 2003", ORDER, CHILDREN),
    ]
    found = events_between(*dated, kinds=("effective_date_changed",))
    assert [(e.evidence.values_after, e.evidence.note) for e in found] == [
        (("2003-07-01",), "The later text was captured 30 days before its own date."),
        (
            ("2003-01-01",),
            "The later text was captured 517 days after its own date. The archive still had the earlier text at that "
            "date or after it.",
        ),
    ]


def test_rewritten_for_other_words_but_not_for_a_shortened_policy(make_policy):
    old = make_policy("20000101000000", ORDER, KEEP, BANK)
    new = make_policy("20010101000000", CHILDREN, "Our pages are about boats. Nothing on them asks who you may be.")
    assert [e.kind for e in events_between(old, new, kinds=("rewritten",))] == ["rewritten"]
    assert events_between(old, make_policy("20010101000000", ORDER), kinds=("rewritten",)) == []


def at_address(make_policy, timestamp, url, *passages):
    capture = PolicyCapture(url=url, timestamp=timestamp, requested=url)
    return make_policy(timestamp, *passages, url=url, capture=capture, policy=name_of_url(url))


MOVED = "http://lamps.example/privacy", "https://lamps.example/legal/privacy"


@pytest.mark.parametrize(
    ("captures", "sizes", "kinds"),
    [
        ([(0, ORDER), (1, ORDER, BANK)], [2], ["policy_moved", "practice_appeared", "added"]),
        ([(0, ORDER), (0, ORDER)], [2], []),
        ([(0, ORDER), (1, ORDER), (0, ORDER)], [2, 1], []),  # both were there at one time
        ([(0, ORDER), (1, CHILDREN)], [1, 1], []),  # no words in common
    ],
)
def test_policy_moved_only_if_the_address_changes_and_the_wording_is_shared(make_policy, captures, sizes, kinds):
    years = [
        at_address(make_policy, f"200{year}0101000000", MOVED[address], *passages)
        for year, (address, *passages) in enumerate(captures)
    ]
    found = list(histories(years))
    assert [len(one.series.captures) for one in found] == sizes
    assert [event.kind for one in found for event in one.events] == kinds


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"policy": "a/privacy"}, {"policy": "b/privacy"}),  # names of files
        ({"site": "A", "policy": "A/Privacy Policy"}, {"site": "A", "policy": "A/Cookies Policy"}),
        ({"site": "A", "policy": "Privacy Policy"}, {"site": "B", "policy": "Privacy Policy"}),
        ({"policy": "lamps.example/privacy"}, {"policy": "Lamps"}),  # only one of them is an address
    ],
)
def test_histories_never_compare_records_of_two_policies(make_policy, first, second):
    nameless = {"domain": "", "capture": PolicyCapture(timestamp="20000101000000")}
    later = {**nameless, "capture": PolicyCapture(timestamp="20010101000000")}
    old = make_policy("20000101000000", ORDER, BANK, **{**nameless, **first})
    new = make_policy("20010101000000", ORDER, KEEP, **{**later, **second})
    found = list(histories([old, new]))
    assert [len(one.series.captures) for one in found] == [1, 1]
    assert [one.events for one in found] == [(), ()]


def test_events_of_a_policy_without_url_have_its_site_and_name(make_policy):
    names = {"site": "Lamps", "policy": "Lamps/Privacy Policy", "domain": ""}
    years = [
        make_policy(
            f"{year}0101000000", *passages, **names, id=str(year), capture=PolicyCapture(timestamp=f"{year}0101000000")
        )
        for year, passages in ((2000, [ORDER]), (2001, [ORDER, BANK]))
    ]
    (found,) = histories(years)
    assert {(e.site, e.policy, e.domain) for e in found.events} == {("Lamps", "Lamps/Privacy Policy", "")}
    assert [e.kind for e in found.events] == ["practice_appeared", "added"]
    assert {(p.site, p.policy) for p in found.passages} == {("Lamps", "Lamps/Privacy Policy")}
    assert [one.record for one in found.passages[0].versions[0].captures] == ["2000", "2001"]


def test_unlabelled_captures_are_a_gap_without_events(make_policy):
    years = [
        make_policy("20000101000000", ORDER, CHILDREN),
        make_policy("20010101000000", "Not found", verdict=Verdict(False, 0.0), labelled=False),
        make_policy("20020101000000", "Wir fragen nach Ihrem Namen.", language="de", labelled=False),
        make_policy("20030101000000", ORDER, CHILDREN),
    ]
    assert events_between(*years) == []


def test_histories_keep_captures_of_one_moment_and_count_those_without_a_date(make_policy):
    notes = SeriesNotes()
    captures = [
        make_policy("20000101000000", ORDER),
        make_policy("20000101000000", ORDER, CHILDREN, id="same moment"),
        make_policy("20010101000000", ORDER, CHILDREN, id="next year"),
        make_policy("20010101000000", ORDER, CHILDREN, id="next year"),
        make_policy("", ORDER, id="pages/privacy.html"),
        make_policy("20000231000000", ORDER, id="in February"),
    ]
    (found,) = histories(captures, notes)
    assert [one.id for one in found.series.captures] == [captures[0].id, "same moment", "next year"]
    assert [(e.kind, e.evidence.after_id) for e in found.events] == [
        ("practice_appeared", "same moment"),
        ("added", "same moment"),
    ]
    assert notes.sentences() == [
        "2 records have no date of capture and cannot be placed in time: left out of the history (first pages/privacy.html).",
        "1 record has the id of an earlier record of the same policy: counted once (first next year).",
        "1 record has the same time as an earlier one of the same policy: taken in the order of the file (first same moment).",
    ]


def test_histories_of_nothing_and_of_empty_policies(make_policy):
    assert list(histories([])) == []
    assert [one.events for one in histories([make_policy("20000101000000")])] == [()]
    assert [one.events for one in histories([make_policy("20000101000000"), make_policy("20010101000000")])] == [()]


def test_passages_keep_their_identity_through_edits_moves_splits_and_returns(make_policy):
    half, rest = "Logs are deleted after thirty days.", "We keep the record of an order for seven years, as we have to."
    years = [
        make_policy("20000101000000", ORDER, f"{half} {rest}", BANK),
        make_policy("20010101000000", ORDER, half, rest, BANK),
        make_policy("20020101000000", BANK, (ORDER[0].replace("your name", "your full name"), {}), half),
        make_policy("20030101000000", BANK, ORDER, half, rest),
    ]
    passages = next(iter(histories(years))).passages
    order, both, bank, logs = passages
    assert (order.first_seen, order.last_seen) == ("20000101000000", "20030101000000")
    assert [(v.text, [c.segment for c in v.captures]) for v in order.versions] == [
        (ORDER[0], [0, 0]), (years[2].segments[1].text, [1]), (ORDER[0], [1]),
    ]  # fmt: skip
    # The longer half continues the passage, is missing for a year, and comes back
    assert [(v.text, [c.timestamp[:4] for c in v.captures]) for v in both.versions] == [
        (f"{half} {rest}", ["2000"]), (rest, ["2001", "2003"]),
    ]  # fmt: skip
    assert (logs.first_seen, logs.parents) == ("20010101000000", (both.id,))
    assert [v.practices for v in bank.versions] == [("sharing",)]
    assert len({p.id for p in passages}) == 4
    assert passages == next(iter(histories(years[::-1]))).passages
    back = events_between(*years, kinds=("added",))
    assert [e.evidence.note for e in back] == ["It stood here before, last in 20010101000000."]


@pytest.mark.parametrize(
    "line",
    [
        "word " * 100_000,
        "A " * 100_000,
        "a day " * 60_000 + "kept",
        "|" * 300_000,
        "Keep " + "12 days, " * 30_000,
        "\n" * 200_000,
    ],
    ids=["words", "capitals", "days", "bars", "periods", "lines"],
)
def test_histories_of_very_long_lines_finish(make_policy, line):
    years = [make_policy("20000101000000", ORDER, line), make_policy("20010101000000", f"{line} and one", ORDER)]
    assert len(list(histories(years))) == 1


passages = st.sampled_from(
    [ORDER, CHILDREN, KEEP, BANK, ("Back to top", {}), ("Eastwind Media, our partner, sets a cookie.", {})]
)
scores = st.fixed_dictionaries({name: st.floats(0, 1) for name in ("sharing", "children", "rights")})
captures = st.lists(st.lists(st.tuples(passages, scores), max_size=6), min_size=1, max_size=5)


@settings(max_examples=25)
@given(captures)
def test_every_event_quotes_the_text_of_its_records(make_policy, captures):
    years = [
        make_policy(f"200{number}0101000000", *((one[0], {**one[1], **more}) for one, more in capture))
        for number, capture in enumerate(captures)
    ]
    records = {one.id: one for one in years}
    for e in events_between(*years):
        assert e.before.timestamp < e.after.timestamp
        assert 0 <= e.confidence <= 1
        for name, quotes in ((e.evidence.before_id, e.evidence.before), (e.evidence.after_id, e.evidence.after)):
            assert all(records[name].text[quote.start : quote.end] == quote.text for quote in quotes)


DENIAL = "We do not sell the list of our customers to advertisers or to anybody else, whatever they may offer us."
SALE = "We may sell the list of our customers to advertisers or to anybody else, whatever they may offer us."


def with_polarity(policy, **sides):
    """A policy whose last segment has the given polarities."""
    *others, last = policy.segments
    polarity = {**last.polarity, **sides}
    return replace(policy, segments=(*others, replace(last, polarity=polarity)))


def polarity_changes(*policies):
    found = events_between(*policies, kinds=("polarity_changed",))
    return [(e.practice, *e.evidence.values_before, *e.evidence.values_after) for e in found]


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("does_not", "does", [("sharing", "does_not", "does")]),
        ("does", "does_not", [("sharing", "does", "does_not")]),
        ("does_not", "does_not", []),
        ("does_not", "mixed", []),
        ("unclear", "does", []),
        ("does", "unclear", []),
    ],
)
def test_polarity_changed_only_if_both_sides_are_clear(make_policy, before, after, changes):
    old = with_polarity(make_policy("20000101000000", ORDER, (DENIAL, {"sharing": 0.9})), sharing=before)
    new = with_polarity(make_policy("20010101000000", ORDER, (SALE, {"sharing": 0.8})), sharing=after)
    assert polarity_changes(old, new) == changes


def test_polarity_changed_quotes_both_wordings(make_policy):
    old = with_polarity(make_policy("20000101000000", ORDER, (DENIAL, {"sharing": 0.9})), sharing="does_not")
    new = with_polarity(make_policy("20010101000000", ORDER, (SALE, {"sharing": 0.8})), sharing="does")
    event = events_between(old, new, kinds=("polarity_changed",))[0]
    assert [quote.text for quote in (*event.evidence.before, *event.evidence.after)] == [DENIAL, SALE]
    assert (event.before.segments, event.after.segments, event.confidence) == ((1,), (1,), 0.8)


def test_polarity_that_flips_over_the_same_words_is_no_event(make_policy):
    years = [
        with_polarity(make_policy(f"200{year}0101000000", ORDER, (DENIAL, {"sharing": 0.9})), sharing=side)
        for year, side in enumerate(("does_not", "does", "does_not"))
    ]
    assert events_between(*years) == []


def test_polarity_of_a_practice_on_one_side_only_is_no_event(make_policy):
    old = with_polarity(make_policy("20000101000000", ORDER, (DENIAL, {"sharing": 0.9})), sharing="does_not")
    new = with_polarity(make_policy("20010101000000", ORDER, (SALE, {"sharing": 0.1})), sharing="")
    assert polarity_changes(old, new) == []


@pytest.mark.parametrize(("side", "value"), [("does_not", "does_not"), ("does", "does"), ("", "unclear")])
def test_practice_events_say_what_the_policy_says_of_it(make_policy, side, value):
    old = make_policy("20000101000000", ORDER)
    new = with_polarity(make_policy("20010101000000", ORDER, (DENIAL, {"sharing": 0.9})), sharing=side)
    (came,) = events_between(old, new, kinds=("practice_appeared",))
    (went,) = events_between(replace(new, capture=old.capture), replace(old, capture=new.capture),
                             kinds=("practice_disappeared",))  # fmt: skip
    assert (came.evidence.values_after, went.evidence.values_before) == ((value,), (value,))


def test_passages_have_the_polarity_of_each_wording(make_policy):
    old = with_polarity(make_policy("20000101000000", (DENIAL, {"sharing": 0.9})), sharing="does_not")
    new = with_polarity(make_policy("20010101000000", (SALE, {"sharing": 0.9})), sharing="does")
    (passage,) = next(iter(histories([old, new]))).passages
    assert [version.polarity["sharing"] for version in passage.versions] == ["does_not", "does"]
    assert {version.polarity["rights"] for version in passage.versions} == {""}
