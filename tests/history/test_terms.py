"""Mentions of terms: the list that comes with the package, lists of one's own, offsets, tables and the chart."""

import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import ConfigurationError, UnreadableError
from extractor.history import (
    TermCapture,
    TermMention,
    find_terms,
    first_mentions,
    read_terms,
    term_capture,
    term_chart,
    term_shares,
    term_tree,
)
from extractor.history.terms import words_of

TERMS = read_terms()
TREE = term_tree(TERMS)
SOME_TERMS = """
version = 1
[groups]
laws = "Laws"
things = "Things"
[[term]]
id = "lamp_act"
label = "Lamp Act"
group = "laws"
names = ["Lamp Act", "Lamp Privacy Act"]
exact = ["LPA"]
with = ["lamp"]
not = ["Desk Lamp Act"]
[[term]]
id = "oil_lamp"
label = "Oil lamp"
group = "things"
names = ["oil lamp"]
also = ["lamp"]
[[term]]
id = "lamp"
label = "Lamp"
group = "things"
names = ["lamp"]
"""


def found_in(text, tree=TREE):
    return {mention.term for mention in find_terms(text, tree)}


@pytest.fixture
def some_terms(tmp_path):
    path = tmp_path / "terms.toml"
    path.write_text(SOME_TERMS, encoding="utf-8")
    return path


@pytest.mark.parametrize("term", TERMS.terms, ids=lambda term: term.id)
def test_each_term_is_found_where_it_should_be_and_nowhere_else(term):
    assert term.matches and term.not_matches, "write a sentence for each"
    assert [sentence for sentence in term.matches if term.id not in found_in(sentence)] == []
    assert [sentence for sentence in term.not_matches if term.id in found_in(sentence)] == []


@pytest.mark.parametrize("term", TERMS.terms, ids=lambda term: term.id)
def test_each_name_of_a_term_is_found(term):
    beside = f" beside {term.context[0]}" if term.context else ""
    names = [*term.names, *(name.upper() for name in term.names), *term.exact]
    assert [name for name in names if term.id not in found_in(f"Here {name} stands{beside}.")] == []


def test_the_list_has_enough_terms_with_sources_in_all_groups():
    assert len(TERMS.terms) >= 150
    assert {term.group for term in TERMS.terms} == set(TERMS.groups)
    assert [term.id for term in TERMS.terms if not term.source] == []


WAYS_OF_WRITING = [
    ("We use web-beacons.", "web_beacon", "web-beacons"),
    ("We use Web\u2010Beacons.", "web_beacon", "Web\u2010Beacons"),
    ("We use webbeacons.", "web_beacon", "webbeacons"),
    ("We use WEB\nBEACONS here.", "web_beacon", "WEB\nBEACONS"),
    ("the EU\u2013U.S. Privacy Shield Framework", "privacy_shield", "EU\u2013U.S. Privacy Shield"),
    ("the EU-US and Swiss-US Privacy Shield", "privacy_shield", "EU-US and Swiss-US Privacy Shield"),
    ("the Swiss-U.S. DPF", "data_privacy_framework", "Swiss-U.S. DPF"),
    ("the Children\u2019s Online Privacy Protection Act", "coppa", "Children\u2019s Online Privacy Protection Act"),
    ("H.I.P.A.A. applies", "hipaa", "H.I.P.A.A."),
    ("Lei Geral de Prote\u00e7\u00e3o de Dados", "lgpd", "Lei Geral de Prote\u00e7\u00e3o de Dados"),
    ("Regulation (EU) 2016/679", "gdpr", "Regulation (EU) 2016/679"),
    ("flash cookies", "cookie", None),  # only what a term is `also` counts twice
    ("persistent cookies", "cookie", "persistent cookies"),
    ("\U0001f36a cookies", "cookie", "cookies"),  # offsets count code points
    ("\u0130P and cookies", "cookie", "cookies"),  # a letter whose lower case is two characters long
]


@pytest.mark.parametrize(("text", "term", "words"), WAYS_OF_WRITING)
def test_find_terms_in_other_ways_of_writing_gives_the_words(text, term, words):
    found = [text[one.start : one.end] for one in find_terms(text, TREE) if one.term == term]
    assert found == ([words] if words else [])


NO_MENTIONS = [
    "Privacy. Shield your screen.",
    "web, beacons",
    "web\n\nbeacon",  # two paragraphs
    "\u201cThird Parties\u201d \u201cPaid Cookery\u201d",
    "",
    "   \n\n ",
    "...",
]


@pytest.mark.parametrize("text", NO_MENTIONS)
def test_find_terms_where_words_do_not_belong_together_finds_nothing(text):
    assert find_terms(text, TREE) == []


def test_find_terms_with_context_needs_a_word_of_it_in_the_same_paragraph():
    assert "daa" in found_in("The DAA has rules for advertising.")
    assert "daa" not in found_in("The DAA has rules.\n\nWe show advertising.")
    assert "vcdpa" not in found_in("cdpa of Virginia")  # not as it is written


def test_find_terms_counts_no_name_within_a_longer_one():
    assert found_in("the Children's Online Privacy Protection Act") == {"coppa"}
    assert found_in("Virginia Consumer Data Protection Act") == {"vcdpa"}
    assert found_in("Google Analytics") == {"google_analytics", "google", "analytics"}  # it is one of these
    assert found_in("personal information from children") == {"personal_information", "children_data"}  # they overlap


NAMES = [(term.id, name) for term in TERMS.terms for name in (*term.names, *term.exact) if not term.context]
FILLER = st.text(alphabet="xyz\u00e9\u0130\U0001f36a .,;-\n\u201d'", max_size=12)


@given(st.lists(st.tuples(FILLER, st.sampled_from(NAMES)), max_size=5), FILLER)
def test_offsets_give_words_that_are_a_name_of_the_term(parts, end):
    text = "".join(f"{filler} {name} " for filler, (_, name) in parts) + end
    by_id = {term.id: term for term in TERMS.terms}
    kinds = {term.id: {one.id for one in TERMS.terms if term.id in TREE.also[one.id]} for term in TERMS.terms}
    for mention in find_terms(text, TREE):
        assert 0 <= mention.start < mention.end <= len(text)
        written = "".join(words_of(text[mention.start : mention.end])).lower()
        owners = [by_id[mention.term], *(by_id[name] for name in kinds[mention.term])]
        names = {"".join(words_of(name)).lower() for owner in owners for name in (*owner.names, *owner.exact)}
        assert any(written in {name, f"{name}s", f"{name}es", re.sub("y$", "ies", name)} for name in names)


@given(st.lists(st.sampled_from([name for _, name in NAMES]), max_size=6))
def test_mentions_are_in_order_and_each_name_in_its_paragraph_is_found(names):
    text = "\n\n".join(names)
    found = find_terms(text, TREE)
    assert all(one.start <= other.start for one, other in pairwise(found))
    assert len({mention.start for mention in found}) >= len(names)


def test_read_terms_of_a_file_of_ones_own(some_terms):
    tree = term_tree(read_terms(some_terms))
    text = "The Lamp Act (LPA) is on lamps. No oil lamp, no Desk Lamp Act."
    found = [(one.term, text[one.start : one.end]) for one in find_terms(text, tree)]
    assert found == [
        ("lamp_act", "Lamp Act"), ("lamp_act", "LPA"), ("lamp", "lamps"), ("oil_lamp", "oil lamp"), ("lamp", "oil lamp"),
        ("lamp", "Lamp"),
    ]  # fmt: skip
    assert found_in("The LPA of a club.", tree) == set()


MISTAKES = [
    ("version = 1", "version = 2", "write `version = 1` at the top"),
    ('laws = "Laws"', "laws = 3", "write a table [groups]"),
    ("[[term]]", "[[thing]]", "write a table [[term]]"),
    ('id = "lamp_act"', 'id = "Lamp Act"', "term 1 (Lamp Act) needs an id of lower-case letters"),
    ('id = "lamp_act"', "", "term 1 has no `id`"),
    ('id = "lamp_act"', 'id = "lamp"', "the id 'lamp' stands twice"),
    ('label = "Oil lamp"', "label = 7", "term 2 (oil_lamp) needs a text as its `label`"),
    ('group = "laws"', 'group = "rules"', "is in the group 'rules', which [groups] does not list: it has laws, things"),
    ('names = ["oil lamp"]', 'names = "oil lamp"', "needs a list of texts as its `names`"),
    ('names = ["oil lamp"]', "", "term 2 (oil_lamp) has no name that could be found"),
    ('names = ["oil lamp"]', 'nmaes = ["oil lamp"]', "has a key `nmaes`, which means nothing"),
    ('names = ["oil lamp"]', 'names = ["-"]', "has '-' in `names`, which has no letter or digit"),
    ('names = ["oil lamp"]', 'names = ["lamp"]', "'lamp' is a name of the terms 'oil_lamp' and 'lamp'"),
    ('exact = ["LPA"]', "", "has `with` but no `exact`"),
    ('also = ["lamp"]', 'also = ["lantern"]', "the term 'oil_lamp' is also 'lantern', which is no other term"),
]


@pytest.mark.parametrize(("line", "other", "reason"), MISTAKES)
def test_a_list_with_a_mistake_says_where_and_what_to_write(tmp_path, line, other, reason):
    path = tmp_path / "terms.toml"
    path.write_text(SOME_TERMS.replace(line, other), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=re.escape(reason)):
        term_tree(read_terms(path))


def test_a_list_that_is_missing_or_no_toml_is_unreadable(tmp_path):
    with pytest.raises(UnreadableError, match="There is no file"):
        read_terms(tmp_path / "nowhere.toml")
    (tmp_path / "broken.toml").write_text("[[term]\n")
    with pytest.raises(UnreadableError, match="no list of terms in TOML"):
        read_terms(tmp_path / "broken.toml")


def capture(site, timestamp, terms, denied=(), policy="p"):
    return TermCapture(site, policy, timestamp, f"{timestamp}/{site}/{policy}", frozenset(terms), frozenset(denied))


def shares_of(captures, some_terms, every="half-year"):
    rows = term_shares(captures, read_terms(some_terms), every)
    return {(row.period, row.unit, row.panel, row.term): (row.mentioning, row.of, row.denying) for row in rows}


def test_term_shares_count_sites_and_policies_in_both_panels(some_terms):
    captures = [
        capture("a", "20100401000000", {"lamp"}),
        capture("a", "20100101000000", {"lamp", "lamp_act"}),  # further from the middle of the half-year
        capture("a", "20100401000000", set(), policy="q"),
        capture("a", "20101001000000", {"lamp"}),
        capture("b", "20100401000000", {"oil_lamp", "lamp"}, denied={"oil_lamp"}),
        capture("b", "20111001000000", set()),
    ]
    found = shares_of(captures, some_terms)
    assert found["2010-H1", "sites", "all", "lamp"] == (2, 2, 0)
    assert found["2010-H1", "policies", "all", "lamp"] == (2, 3, 0)
    assert found["2010-H1", "sites", "all", "lamp_act"] == (0, 2, 0)
    assert found["2010-H1", "sites", "all", "oil_lamp"] == (1, 2, 1)
    assert found["2011-H1", "sites", "all", "lamp"] == (0, 0, 0)
    assert found["2010-H2", "sites", "fixed", "lamp"] == (1, 1, 0)
    assert ("2011-H2", "sites", "fixed", "lamp") not in found
    assert shares_of(captures, some_terms, "year")["2010", "sites", "all", "lamp"] == (2, 2, 0)
    assert shares_of([], some_terms) == {}


def test_a_site_denies_a_term_only_if_all_its_policies_that_mention_it_do(some_terms):
    one, other = (
        capture("a", "20100401000000", {"lamp"}, {"lamp"}),
        capture("a", "20100401000000", {"lamp"}, policy="q"),
    )
    assert shares_of([one], some_terms)["2010-H1", "sites", "all", "lamp"] == (1, 1, 1)
    assert shares_of([one, other], some_terms)["2010-H1", "sites", "all", "lamp"] == (1, 1, 0)


def mention(term, timestamp, start=0, polarity="", record="r"):
    return TermMention(f"{timestamp}/{record}", term, start, start + 4, "lamp", polarity, "a", "p", timestamp)


def test_term_capture_denies_what_no_mention_asserts():
    mentions = [
        mention("lamp", "2010", 0, "does_not"),
        mention("lamp", "2010", 9),
        mention("oil_lamp", "2010", 3, "does_not"),
    ]
    found = term_capture(mentions, "a", "p", "20100401000000", "r")
    assert (found.mentioned, found.denied) == ({"lamp", "oil_lamp"}, {"oil_lamp"})


def test_first_mentions_are_the_earliest_of_each_term(some_terms):
    times = ["20090101000000", "20100101000000", "20110101000000"]
    mentions = [
        mention("lamp", times[2], 5),
        mention("lamp", times[1], 9),
        mention("lamp", times[1], 7),
        mention("oil_lamp", times[2]),
    ]
    found = first_mentions(mentions, times, read_terms(some_terms))
    assert [(one.term, one.group, one.timestamp, one.start, one.captures_before) for one in found] == [
        ("lamp", "things", times[1], 7, 1), ("oil_lamp", "things", times[2], 0, 2),
    ]  # fmt: skip


def test_term_chart_shows_the_terms_that_are_mentioned_with_n(some_terms):
    captures = [
        capture("a", "20100401000000", {"lamp"}),
        capture("b", "20110401000000", {"lamp"}),
        capture("c", "20110401000000", set()),
    ]
    terms = read_terms(some_terms)
    chart = term_chart(list(term_shares(captures, terms, "year")), terms)
    texts = [one.text for one in ET.fromstring(chart).iter("{http://www.w3.org/2000/svg}text")]
    assert {"Things", "Lamp", "50%", "2010", "2011", "n", "1", "2"} <= set(texts)
    assert not {"Laws", "Oil lamp"} & set(texts)
    assert "style=" not in chart
    assert ET.fromstring(term_chart([], terms)) is not None


def test_mentions_can_be_written_as_json():
    assert json.loads(json.dumps([tuple(one) for one in find_terms("We use cookies.", TREE)])) == [["cookie", 7, 14]]
