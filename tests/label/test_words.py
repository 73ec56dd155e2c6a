"""The words of many passages at once, compared with those of each text by itself."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractor.label import locate_words
from extractor.text import lowercase_words

ODD = "'-\u2019?_ \n\u00e9\u0301\u0130\u03a3\u00df\u00b2\u2028\x1c\x85\u00a0\u00ad\u6771\u24d0\u24b6\U0001f600\ud800"
TEXTS = st.text(st.characters(codec=None) | st.sampled_from(ODD + "abST.1"), max_size=40)


@settings(max_examples=500, deadline=None)
@example(texts=["", "'", "-we-", "don\u2019t", ""])
@example(texts=["\u0130yi e-mail", "caf\u00e9's \u03a3\u0391\u03a3", "no?t"])
@given(texts=st.lists(TEXTS, max_size=5))
def test_locate_words_for_several_texts_has_the_words_of_each(texts):
    found = locate_words(texts)
    assert found.rows.tolist() == sorted(found.rows.tolist()) and len(found.rows) == len(found.words)
    for row, text in enumerate(texts):
        assert found.words[found.first[row] : found.first[row + 1]] == lowercase_words(text)


@settings(max_examples=500, deadline=None)
@given(texts=st.lists(TEXTS, max_size=5))
def test_locate_words_for_several_texts_has_places_whose_text_is_the_word(texts):
    found = locate_words(texts)
    for word, row, start, end in zip(found.words, found.rows, found.starts, found.ends, strict=True):
        assert found.offsets[row] <= start < end <= found.offsets[row] + len(texts[row])
        assert word in lowercase_words(texts[row][start - found.offsets[row] : end - found.offsets[row]])
