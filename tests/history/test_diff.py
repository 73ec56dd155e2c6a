"""Diffs of two captures: applied to the earlier one, they return the later one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import UsageError
from extractor.history import apply_pieces, diff
from extractor.history.diff import joined_text, word_diff

tokens = st.sampled_from(
    ["we ", "keep ", "your ", "name", " for ", "a ", "year", ".", ", ", "\n\n", "“it”", "’s", "\u00a0", "I", "ı"]
)
texts = st.one_of(st.lists(tokens, max_size=30).map("".join), st.text(max_size=60))


@given(texts, texts)
def test_word_diff_pieces_make_up_both_texts(before, after):
    pieces = list(word_diff(before, after))
    assert "".join(piece.before for piece in pieces) == before
    assert apply_pieces(before, pieces) == after


@given(texts)
def test_word_diff_of_a_text_with_itself_has_only_equal_pieces(text):
    assert {piece.op for piece in word_diff(text, text)} <= {"equal"}


passages = st.lists(texts, max_size=8)


@given(passages, passages)
def test_apply_pieces_returns_the_later_text(make_policy, before, after):
    old, new = make_policy("20000101000000", *before), make_policy("20010101000000", *after)
    for row in diff(old, new).rows:
        assert apply_pieces(joined_text(old, row.before), row.pieces) == joined_text(new, row.after)


def test_apply_pieces_to_another_text_raises():
    pieces = list(word_diff("We keep it.", "We sell it."))
    with pytest.raises(UsageError, match="of another text: it expects 'We '"):
        apply_pieces("They keep it.", pieces)
    with pytest.raises(UsageError, match="ends at character"):
        apply_pieces("We keep it. Always.", pieces)


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ("We keep it a year.", "We keep it two years.", "We keep it [-a year.-]{+two years.+}"),
        ("We don't sell “it”.", 'We don’t sell "it".', "We don't sell “it”."),
        ("One two three four", "Nine two ten four", "[-One two three-]{+Nine two ten+} four"),
        ("", "New.", "{+New.+}"),
    ],
)
def test_word_diff_of_examples(before, after, expected):
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    shown = "".join(
        marks[p.op].format(p.before or p.after).replace(" -]", "-]").replace(" +}", "+}")
        for p in word_diff(before, after)
    )
    assert shown.replace("]{", "]{") == expected or shown.replace("+}four", "+} four") == expected
