"""What is kept in memory from page to page."""

import re
from itertools import combinations, product
from struct import unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from extractor.clean.content.text_stats import stats_of_texts
from extractor.clean.verdict.language_model import ranked_languages


@pytest.fixture(scope="module")
def identifier():
    return LanguageIdentifier.from_model_file(MODEL_FILE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Wir geben Ihre Daten nicht weiter.",
        "Nous ne vendons pas vos données personnelles.",
        "我们不会出售您的个人信息。",
        "Мы не продаём ваши данные.",
        "x\udc80\x00 \uffff",
    ],
)
def test_ranked_languages_are_those_of_py3langid_with_the_same_scores(identifier, text):
    assert ranked_languages(text) == identifier.rank(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("We don't sell e-mail addresses.", ["we", "don't", "sell", "e-mail", "addresses"]),
        ("We don\u2019t sell \u201cdata\u201d \u2014 ever", ["we", "don\u2019t", "sell", "data", "ever"]),
        ("'Data' - - -- opt-out- '", ["data'", "opt-out-"]),
        ("l\u2019\u00e9t\u00e9 -\u00e9t\u00e9", ["l\u2019\u00e9t\u00e9", "\u00e9t\u00e9"]),
        ("a_b \u2122 \u0663 x\x1fy", ["a_b", "\u0663", "x", "y"]),
        ("\ud800word", ["word"]),
        (" \u201c\u201d - ", []),
        ("", []),
    ],
)
def test_stats_of_texts_count_words_with_their_hyphens_and_apostrophes(text, words):
    stats, *single = stats_of_texts([text, *words])
    assert unpack("6d", stats.measures)[0] == len(words)
    assert set(_numbers(stats)) == {number for one in single for number in _numbers(one)}


@given(st.lists(st.text(st.sampled_from("aBz09\u00e9\u00c9\u0130 '\u2019-_.,(\u2014\u00b2\ud800\uffff\n")), max_size=6))
def test_stats_of_texts_number_the_words_of_many_texts_as_those_of_each(texts):
    words = [re.findall(r"\w[\w'\u2019-]*", text.lower()) for text in texts]
    stats = stats_of_texts(texts)
    assert [unpack("6d", one.measures)[0] for one in stats] == [len(found) for found in words]
    assert [len(set(_numbers(one))) for one in stats] == [len(_numbers(one)) for one in stats]
    assert [len(_numbers(one)) for one in stats] == [len(set(found)) for found in words]
    for (one, found), (other, other_found) in combinations(zip(stats, words, strict=True), 2):
        assert len({*_numbers(one)} & {*_numbers(other)}) == len({*found} & {*other_found})


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("We collect your information.", {}),
        ("We (collect) and collect your data; your\nthird-party, third parties, e-mail addresses", {"mentions": 5}),
        ("To opt out or OPT-OUT, disclosing your IP address, of privacy and personalization now", {"mentions": 6}),
        ("Cookies, super-cookies and a cookie", {"cookies": 3}),
        ("Our bookies are liable; copyrighted, licensed, unwarranted infringements.", {"terms_stems": 5}),
        ("Los datos de la web", {"is_foreign": True}),
        ("Undecided about landscapes", {}),
        ("Accept all cookies!", {"is_button": True, "cookies": 1}),
        ("We use cookies to make this site better for all of you. OK", {"is_banner_line": True, "cookies": 1}),
        ("WE USE COOKIES TO MAKE THIS SITE BETTER FOR ALL OF YOU. OK", {"cookies": 1}),
        *[(title, {"is_title_of_replies": True}) for title in ("Leave a Reply", "2 thoughts on us", "Discussion (3):")],
    ],
)
def test_stats_of_texts_have_the_signs_of_a_text(text, signs):
    (stats,) = stats_of_texts([text])
    names = ("mentions", "cookies", "terms_stems", "is_foreign", "is_button", "is_banner_line", "is_title_of_replies")
    assert {name: value for name in names if (value := getattr(stats, name))} == signs


def test_stats_of_texts_give_a_word_one_number_in_all_texts_of_a_page():
    first, second, other = stats_of_texts(["Marmalade?", "marmalade!", "jam"])
    assert _numbers(first) == _numbers(second) != _numbers(other)


def test_stats_of_texts_after_many_words_begin_anew_with_the_same_statistics():
    before = stats_of_texts(["We use marmalade"])
    stats_of_texts([f"word{number}" for number in range(60_000)])
    assert stats_of_texts(["We use marmalade", "marmalade jam"])[0].measures == before[0].measures


def _numbers(stats):
    return memoryview(stats.words).cast("i").tolist()


def test_stats_of_texts_keep_those_in_use_when_many_others_are_asked_for():
    words = [*"abcdefghijklmnopqrstuvwxyz"]
    stats_of_texts([])
    used = stats_of_texts(["We use marmalade"])
    for first in words:
        others = {" ".join((first, *rest)) for rest in product(words, repeat=2)}
        assert len(stats_of_texts(others)) == len(others)
        assert stats_of_texts(["We use marmalade"])[0] is used[0]
