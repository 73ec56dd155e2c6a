"""The feature vectors of the fast model, compared with scikit-learn's TF-IDF of the same words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from extractor.label.features import CUE_WEIGHT, HEADING_WEIGHT, Vocabulary, terms
from extractor.label.stemming import stem

KNOWN = sorted({"share", "cooki", "we share", "opt", "opt out", "0", "13", "não"})
NAMES = [*KNOWN, "heading: cooki", "heading: share", "cue: choice"]
IDF = np.array([*np.linspace(1, 3, len(KNOWN)), 1, 1, 1], dtype=np.float32)
VOCABULARY = Vocabulary(NAMES, IDF, {"choice": ["opting out", "cookies"]})
WORDS = st.sampled_from(
    ["We", "share", "sharing", "cookies", "Cookie", "opt", "out", "2015", "13", "não", "\u2019s", "x" * 50]
)
TEXTS = st.lists(WORDS | st.text(max_size=8), max_size=30).map(" ".join)


def row(text: str, headings: str = "") -> dict[str, float]:
    vector = VOCABULARY.vectors([(text, headings)])
    return {NAMES[column]: float(vector[0, column]) for column in vector.nonzero()[1]}


@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@settings(deadline=None)
def test_vectors_of_stems_and_pairs_equal_scikit_learns_tfidf(texts):
    reference = TfidfVectorizer(analyzer=terms, vocabulary=KNOWN, sublinear_tf=True)
    reference.idf_ = IDF[: len(KNOWN)].astype(np.float64)
    vectors = VOCABULARY.vectors([(text, "") for text in texts])[:, : len(KNOWN)]
    assert np.allclose(vectors.toarray(), reference.transform(texts).toarray(), atol=1e-6)


@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
@settings(deadline=None)
def test_vectors_of_batch_equal_vectors_of_each_input(texts):
    batch = VOCABULARY.vectors([(text, text) for text in texts]).toarray()
    assert np.array_equal(batch, np.vstack([VOCABULARY.vectors([(text, text)]).toarray() for text in texts]))


@pytest.mark.parametrize(
    ("text", "headings", "expected"),
    [
        ("", "", {}),
        ("nothing known here", "", {}),
        ("sharing", "", {"share": 1}),
        ("opt out, opt out", "", {"cue: choice": CUE_WEIGHT}),
        ("unknown", "Cookies", {"heading: cooki": HEADING_WEIGHT}),
    ],
)
def test_vectors_have_features_for_headings_and_cues(text, headings, expected):
    found = row(text, headings)
    assert {name: found.get(name, 0) for name in expected} == pytest.approx(expected)
    assert set(found) - set(expected) <= {"opt", "opt out"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [("sharing", "share"), ("2015", "0"), ("13", "13"), ("under-13s", "0"), ("", ""), ("\U0001f36a", "\U0001f36a")],
)
def test_stem_of_word(word, expected):
    assert stem(word) == expected
