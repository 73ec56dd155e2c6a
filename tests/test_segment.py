"""Blocks to segments: examples, and the promises that hold for any blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.clean.render import render_text
from extractor.records import Block, Document, Verdict
from extractor.segment import segments


def document(*blocks: Block) -> Document:
    text, spans = render_text(blocks)
    return Document(Verdict(usable=True, is_policy=1), blocks=blocks, text=text, spans=spans)


def heading(text: str, level: int = 2) -> Block:
    return Block("heading", text, text, level)


def paragraph(text: str) -> Block:
    return Block("paragraph", text, text)


def item(text: str, level: int = 1, marker: str = "-") -> Block:
    return Block("item", text, text, level, marker)


def row(*cells: str, header: bool = False) -> Block:
    return Block("row", " | ".join(cells), cells=cells, header=header)


def cut(*blocks: Block):
    return [(segment.kind, segment.text, segment.headings, segment.context) for segment in segments(document(*blocks))]


LONG = "word " * 120


def test_headings_are_a_path_and_no_segments():
    blocks = (
        heading("Privacy", 1),
        heading("Cookies"),
        paragraph("a"),
        heading("Kinds", 3),
        paragraph("b"),
        heading("Us"),
        paragraph("c"),
    )
    assert cut(*blocks) == [
        ("paragraph", "a", ("Privacy", "Cookies"), ""),
        ("paragraph", "b", ("Privacy", "Cookies", "Kinds"), ""),
        ("paragraph", "c", ("Privacy", "Us"), ""),
    ]


def test_a_short_list_goes_with_its_lead_in():
    assert cut(paragraph("We collect:"), item("names"), item("addresses"), paragraph("End.")) == [
        ("list", "We collect:\n\nnames\naddresses", (), ""),
        ("paragraph", "End.", (), ""),
    ]


def test_a_long_list_is_cut_into_items_with_the_lead_in_as_context():
    parts = cut(paragraph("We collect:"), item(LONG.strip()), item("b", 2), item(LONG.strip()))
    assert [(kind, text[:11], context) for kind, text, _, context in parts] == [
        ("paragraph", "We collect:", ""),
        ("item", "word word w", "We collect:"),
        ("item", "word word w", "We collect:"),
    ]
    assert parts[1][1].endswith("word\nb")


def test_a_long_item_leads_into_those_below_it():
    parts = cut(item("Kinds of data"), item(LONG.strip(), 2), item(LONG.strip(), 2))
    assert [(text[:5], context) for _, text, _, context in parts] == [
        ("Kinds", ""), ("word ", "Kinds of data"), ("word ", "Kinds of data"),
    ]  # fmt: skip


def test_a_table_row_has_its_header_as_context():
    assert cut(row("Data", "Why", header=True), row("Name", "Post"), paragraph("x"), row("a", "b")) == [
        ("row", "Data | Why", (), ""),
        ("row", "Name | Post", (), "Data | Why"),
        ("paragraph", "x", (), ""),
        ("row", "a | b", (), ""),
    ]


def test_an_overlong_paragraph_is_cut_between_sentences():
    text = " ".join(f"This is sentence number {n} of a very long paragraph about data." for n in range(100))
    parts = segments(document(paragraph(text)))
    assert len(parts) > 3
    assert all(part.text.startswith("This is") and part.text.endswith("data.") for part in parts)
    assert " ".join(part.text for part in parts) == text


@pytest.mark.parametrize("text", ["(" * 30_000, "a " * 500 + "b" * 5_000])
def test_text_that_the_tokenizer_would_choke_on_stays_whole(text):
    assert [part.text for part in segments(document(paragraph(text.strip())))] == [text.strip()]


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)
some_block = st.one_of(
    st.builds(heading, words, st.integers(1, 6)),
    st.builds(lambda text, times: paragraph(" ".join([text] * times)), words, st.sampled_from([1, 5, 500])),
    st.builds(lambda text, level, times: item(" ".join([text] * times), level), words, st.integers(1, 4), st.sampled_from([1, 150])),
    st.builds(lambda text, header: row(text, text, header=header), words, st.booleans()),
)  # fmt: skip


@given(st.lists(some_block, max_size=25))
def test_segments_are_in_order_exact_and_leave_out_headings_only(blocks):
    whole = document(*blocks)
    parts = segments(whole)
    assert [part.index for part in parts] == list(range(len(parts)))
    assert all(whole.text[part.start : part.end] == part.text for part in parts)
    ends = [0, *(part.end for part in parts)]
    assert all(part.start >= end for part, end in zip(parts, ends, strict=False))
    inside = "".join(part.text for part in parts)
    outside_headings = "".join(block.text for block in blocks if block.kind != "heading")
    assert "".join(inside.split()) == "".join(outside_headings.replace(" ", "").split())
