"""Words of texts: splitting them gives what the definition, a pattern, gives."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.text import alphanumeric_words, lower_case, lowercase_words, restore_marks

TEXTS = st.text(st.one_of(st.sampled_from("abz9_'-. \n\u2019\u201c\u00e9\u00a0?"), st.characters()))


@given(TEXTS)
def test_lowercase_words_are_letters_with_hyphens_and_apostrophes_between_them(text):
    assert lowercase_words(text) == re.findall(r"\w[\w'-]*\b", lower_case(text))


@given(TEXTS)
def test_alphanumeric_words_are_runs_of_letters_and_digits(text):
    assert alphanumeric_words(text) == re.findall(r"\w+", text.lower())


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("DON?T, we?re", "DON'T, we're"),
        ("?t is, 3?t, page?t=1", "?t is, 3?t, page?t=1"),
        ("?cookies? (?beacons? [?tags?", '"cookies" ("beacons" ["tags"'),
        ("a?cookies? ?cookies?x", "a?cookies? ?cookies?x"),
        ("policy ? as revised", "policy - as revised"),
        ("? as revised, . ? as", "? as revised, . ? as"),
    ],
)
def test_restore_marks_replaces_question_marks_only_where_marks_were_lost(text, restored):
    assert restore_marks(text) == restored
