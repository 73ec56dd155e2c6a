"""Evidence: the words that led to a practice."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractor.label import Model, label_with_cache, load_model
from extractor.records import PRACTICES, Segment

EXTRA = "\N{GRINNING FACE}\N{MATHEMATICAL BOLD SMALL A}\N{RIGHT SINGLE QUOTATION MARK}\N{SOFT HYPHEN}"
EXTRA += (
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}\N{LATIN CAPITAL LETTER SHARP S}\N{COMBINING DOT ABOVE}\N{NO-BREAK SPACE}"
)
WORDS = [
    "we",
    "collect",
    "your",
    "e-mail",
    "share",
    "with",
    "advertisers",
    "cookies",
    "opt",
    "out",
    "children",
    "under",
]
WORDS += ["13", "delete", "partners", "don\N{RIGHT SINGLE QUOTATION MARK}t", ".", "!", "\n", "?", *EXTRA]
HEADINGS = st.lists(st.sampled_from(["Cookies", "Children", "Your choices", "Privacy Policy", ""]), max_size=2)
TEXTS = st.text(st.characters() | st.sampled_from(EXTRA + ".\n"), max_size=60) | st.builds(
    lambda parts, between: between.join(parts),
    st.lists(st.sampled_from(WORDS), max_size=40),
    st.sampled_from([" ", "", "\N{NO-BREAK SPACE}"]),
)


@pytest.fixture(scope="module")
def fast() -> Model:
    return load_model("fast")


def evidence_text(segment: Segment) -> dict[str, list[str]]:
    """The evidence as text, by practice."""
    return {
        practice: [segment.text[start - segment.start : end - segment.start] for start, end in spans]
        for practice, spans in segment.evidence.items()
        if spans
    }


@cache
def accurate() -> Model:
    return load_model("accurate")


def labelled(model: Model, text: str, *headings: str, context: str = "", start: int = 0) -> Segment:
    return model.label([Segment(3, start, start + len(text), text, headings=headings, context=context)])[0]


@pytest.mark.parametrize(
    ("text", "practice", "words"),
    [
        ("The weather is fine. We share your details with advertisers. Lunch is at noon.", "sharing", "advertisers"),
        ("The weather is fine. Cookies are set by this site. Lunch is at noon.", "cookies", "Cookies"),
        ("It has three floors. Children under 13 may not enter. The roof is red.", "children", "Children under 13"),
        ("The office is large. You can opt out of e-mails at any time. The roof is red.", "rights", "opt out"),
        (
            "The roof is red. We collect your name and address when you register. Tea is served.",
            "collection",
            "We collect",
        ),
    ],
)
def test_evidence_has_the_words_a_reader_would_mark(fast, text, practice, words):
    found = labelled(fast, text)
    assert practice in found.practices
    assert words in evidence_text(found)[practice][0]
    assert "roof" not in " ".join(evidence_text(found)[practice])
    assert "weather" not in " ".join(evidence_text(found)[practice])


def test_evidence_exists_for_the_labelled_practices_only(fast):
    found = labelled(fast, "We use cookies. We do not share them.")
    assert set(evidence_text(found)) == set(found.practices)


def test_evidence_offsets_count_from_the_start_of_the_policy(fast):
    here, there = labelled(fast, "Children under 13."), labelled(fast, "Children under 13.", start=1_000)
    assert there.evidence["children"] == tuple((a + 1_000, b + 1_000) for a, b in here.evidence["children"])


@pytest.mark.parametrize("where", ["headings", "context"])
def test_evidence_of_label_from_heading_or_lead_in_is_a_sentence_of_the_text(fast, where):
    text = "It has been so. Nothing else need be said."
    given_segment = Segment(
        0, 0, len(text), text, **{where: ("Cookies",) if where == "headings" else "We set cookies:"}
    )
    found = fast.label([given_segment])[0]
    assert "cookies" in found.practices
    assert evidence_text(found)["cookies"] in (["It has been so"], ["Nothing else need be said"])


def test_evidence_where_no_word_of_heading_or_text_speaks_for_the_label_is_a_sentence_of_the_text(fast):
    found = labelled(fast, "Burlington disproportion. Closest in-person", "Courthous")
    assert "collection" in found.practices
    assert evidence_text(found)["collection"] in (["Burlington disproportion"], ["Closest in-person"])


def test_evidence_is_one_to_three_runs_within_sentences(fast):
    text = "We share your data with advertisers.\nWe sell data to third parties! " * 4
    found = evidence_text(labelled(fast, text))["sharing"]
    assert 1 <= len(found) <= 3
    assert not any(mark in words for words in found for mark in ".!\n")


@settings(max_examples=300, deadline=None)
@example(text="\N{LATIN CAPITAL LETTER I WITH DOT ABOVE} we use cookies", headings=[], start=0)
@example(text="co\N{SOFT HYPHEN}okies", headings=["Cookies"], start=7)
@example(text="\N{GRINNING FACE}\N{GRINNING FACE} cookies", headings=[], start=5)
@example(text="...", headings=["Cookies"], start=0)
@given(text=TEXTS, headings=HEADINGS, start=st.integers(0, 10_000))
def test_evidence_spans_are_ordered_and_disjoint_and_inside_the_segment(fast, text, headings, start):
    found = labelled(fast, text, *headings, start=start)
    for practice in PRACTICES:
        spans = found.evidence[practice]
        assert bool(spans) == (practice in found.practices and bool(text))
        borders = [place for span in spans for place in span]
        assert borders == sorted(set(borders)) or not spans
        assert all(start <= place <= start + len(text) for place in borders)
        assert all(text[a - start : b - start].strip() or not text.strip() for a, b in spans)


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(TEXTS, min_size=2, max_size=6))
def test_evidence_of_batch_equals_evidence_of_each_segment(fast, texts):
    segments = [Segment(0, 0, len(text), text) for text in texts]
    assert fast.label(segments) == [fast.label([segment])[0] for segment in segments]


def test_evidence_of_passage_beyond_the_limit_is_inside_the_text(fast):
    text = "Tea is served. " * 600 + "We use cookies."
    found = labelled(fast, text, "Cookies")
    assert all(0 <= start < end <= len(text) for start, end in found.evidence["cookies"])
    assert found == replace(found, evidence=labelled(fast, text, "Cookies").evidence)


def test_label_with_cache_moves_evidence_to_the_new_position(fast):
    text, cache = "Tea is served. We use cookies.", {}
    earlier, later = Segment(0, 0, len(text), text), Segment(4, 500, 500 + len(text), text)
    assert label_with_cache([earlier], fast, cache) == fast.label([earlier])
    assert label_with_cache([later, earlier], fast, cache) == fast.label([later, earlier])


# The accurate model --------------------------------------------------------------------------------------------------
PASSAGE = (
    "This page tells you how we treat your privacy. We share your name and address with advertisers and other companies. "
    "If you have a question, write to us."
)


def test_evidence_of_passage_labelled_by_the_encoder_has_the_words_a_reader_would_mark():
    found = labelled(accurate(), PASSAGE)
    assert accurate().needs_encoder(accurate().fast.decision_values([(PASSAGE, "")])).all()
    assert "sharing" in found.practices
    assert "share your name" in " ".join(evidence_text(found)["sharing"])


@pytest.mark.parametrize("text", [PASSAGE, "We use cookies.", "", "...", "One. Two. Three.", "Children under 13! " * 9])
def test_evidence_spans_of_accurate_model_are_ordered_and_disjoint_and_inside_the_segment(text):
    given_segment = Segment(0, 5, 5 + len(text), text, headings=("Cookies",))
    found = accurate().label([given_segment])[0]
    for practice, spans in found.evidence.items():
        assert bool(spans) == (practice in found.practices and bool(text))
        assert [place for span in spans for place in span] == sorted({place for span in spans for place in span})
        assert all(5 <= start < end <= 5 + len(text) for start, end in spans)


def test_evidence_of_accurate_model_for_batch_equals_that_of_each_segment():
    segments = [Segment(0, 0, len(text), text) for text in (PASSAGE, "We use cookies. We like tea.", PASSAGE[30:])]
    model = accurate()
    assert model.label(segments) == [model.label([segment])[0] for segment in segments]


def test_evidence_exists_for_practices_found_by_the_encoder_only():
    texts = [PASSAGE, "People who write here are seen by all. That is so."]
    for found in accurate().label([Segment(0, 0, len(text), text) for text in texts]):
        assert set(evidence_text(found)) == set(found.practices)
