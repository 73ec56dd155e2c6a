"""Blocks to segments: examples, and properties for any blocks."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.clean import render_text
from extractor.records import Block, Document, Verdict
from extractor.segment import segments, sentence_splitter


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


def segment_tuples(*blocks: Block):
    return [(segment.kind, segment.text, segment.headings, segment.context) for segment in segments(document(*blocks))]


def kinds_and_texts(*blocks: Block):
    return [(segment.kind, segment.text) for segment in segments(document(*blocks))]


LONG = ("word " * 120).strip()
SENTENCE = "We keep what you send us for as long as your account with us is open."
OTHER = "You can ask us at any time to send you a copy of what we hold on you."
LEAD = "These are the ways in which we come to know the things that we hold on you:"


def test_segments_have_heading_path_and_exclude_headings():
    blocks = (
        heading("Privacy", 1),
        heading("Cookies"),
        paragraph("a"),
        heading("Kinds", 3),
        paragraph("b"),
        heading("Us"),
        paragraph("c"),
    )
    assert segment_tuples(*blocks) == [
        ("paragraph", "a", ("Privacy", "Cookies"), ""),
        ("paragraph", "b", ("Privacy", "Cookies", "Kinds"), ""),
        ("paragraph", "c", ("Privacy", "Us"), ""),
    ]


def test_segments_of_document_with_headings_only_are_these():
    assert segment_tuples(heading("Privacy", 1), heading(SENTENCE), heading(OTHER, 3)) == [
        ("paragraph", f"Privacy\n\n{SENTENCE}", (), ""),
        ("paragraph", OTHER, (), ""),
    ]


def test_segments_of_short_list_include_lead_in():
    assert segment_tuples(paragraph("We collect:"), item("names"), item("addresses"), paragraph(SENTENCE)) == [
        ("list", "We collect:\n\nnames\naddresses", (), ""),
        ("paragraph", SENTENCE, (), ""),
    ]


def test_segments_of_long_list_are_items_with_lead_in_as_context():
    parts = segment_tuples(paragraph(LEAD), item(LONG), item("b", 2), item(LONG))
    assert [(kind, text[:11], context) for kind, text, _, context in parts] == [
        ("paragraph", LEAD[:11], ""),
        ("item", "word word w", LEAD),
        ("item", "word word w", LEAD),
    ]
    assert parts[1][1].endswith("word\nb")


def test_segments_of_long_list_with_short_lead_in_merge_it_into_first_item():
    parts = segment_tuples(paragraph("We collect:"), item(LONG), item(LONG))
    assert [(kind, text[:16], context) for kind, text, _, context in parts] == [
        ("item", "We collect:\n\nwor", ""),
        ("item", "word word word w", "We collect:"),
    ]


def test_segments_of_long_item_have_it_as_context_of_nested_items():
    parts = segment_tuples(item("Kinds of data"), item(LONG, 2), item(LONG, 2))
    assert [(text[:5], context) for _, text, _, context in parts] == [
        ("Kinds", ""), ("word ", "Kinds of data"), ("word ", "Kinds of data"),
    ]  # fmt: skip


def test_segments_of_long_item_have_its_first_paragraph_as_context():
    parts = segment_tuples(item("first"), item(LONG, marker=""), item(LONG, marker=""))
    assert [(text[:5], context) for _, text, _, context in parts] == [
        ("first", ""), ("word ", "first"), ("word ", "first"),
    ]  # fmt: skip


def test_segments_of_table_rows_have_header_as_context():
    assert segment_tuples(row("Data", "Why", header=True), row("Name", "Post"), paragraph("x"), row("a", "b")) == [
        ("row", "Data | Why", (), ""),
        ("row", "Name | Post", (), "Data | Why"),
        ("paragraph", "x", (), ""),
        ("row", "a | b", (), ""),
    ]


SHORT_LINES = {
    "a line that stands for a heading": (
        [paragraph("How long we keep it"), paragraph(SENTENCE), paragraph("Copies."), paragraph(OTHER)],
        [("paragraph", f"How long we keep it\n\n{SENTENCE}"), ("paragraph", f"Copies.\n\n{OTHER}")],
    ),
    "one before a list": (
        [paragraph(SENTENCE), paragraph("What we hold"), item("names"), item("addresses")],
        [("paragraph", SENTENCE), ("list", "What we hold\n\nnames\naddresses")],
    ),
    "one at the end": (
        [paragraph(SENTENCE), paragraph(OTHER), paragraph("All rights reserved."), heading("Us"), paragraph(SENTENCE)],
        [("paragraph", SENTENCE), ("paragraph", f"{OTHER}\n\nAll rights reserved."), ("paragraph", SENTENCE)],
    ),
    "a way up": (
        [paragraph(SENTENCE), paragraph("Back to top"), paragraph(OTHER)],
        [("paragraph", f"{SENTENCE}\n\nBack to top"), ("paragraph", OTHER)],
    ),
    "answers of a table in paragraphs": (
        [paragraph("A. Names"), paragraph(SENTENCE), paragraph("YES"), paragraph("B. Pay"), paragraph(OTHER), paragraph("No.")],
        [("paragraph", f"A. Names\n\n{SENTENCE}\n\nYES"), ("paragraph", f"B. Pay\n\n{OTHER}\n\nNo.")],
    ),
    "the date of a policy": (
        [paragraph("Last updated: 3 May 2014"), paragraph(SENTENCE), paragraph("Effective as of June 1, 2012")],
        [("paragraph", "Last updated: 3 May 2014"), ("paragraph", SENTENCE), ("paragraph", "Effective as of June 1, 2012")],
    ),
    "an address after a colon": (
        [paragraph(f"{SENTENCE} Write to:"), paragraph("Example Shop"), paragraph("1 High Street"), paragraph(OTHER)],
        [("list", f"{SENTENCE} Write to:\n\nExample Shop\n\n1 High Street"), ("paragraph", OTHER)],
    ),
    "a sentence after a colon": (
        [paragraph(f"{SENTENCE} In short:"), paragraph(OTHER), paragraph(SENTENCE)],
        [("paragraph", f"{SENTENCE} In short:\n\n{OTHER}"), ("paragraph", SENTENCE)],
    ),
    "a long paragraph after a colon": (
        [paragraph(f"{SENTENCE} In full:"), paragraph(LONG)],
        [("paragraph", f"{SENTENCE} In full:"), ("paragraph", LONG)],
    ),
    "never with a row": (
        [paragraph("What and why"), row("name", "post"), paragraph("Back to top")],
        [("paragraph", "What and why"), ("row", "name | post"), ("paragraph", "Back to top")],
    ),
    "never over a heading": (
        [paragraph("Hello."), heading("Names"), paragraph("Bye."), heading("Us"), paragraph(SENTENCE)],
        [("paragraph", "Hello."), ("paragraph", "Bye."), ("paragraph", SENTENCE)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("blocks", "expected"), SHORT_LINES.values(), ids=SHORT_LINES)
def test_segments_merge_short_lines_with_neighbours(blocks, expected):
    assert kinds_and_texts(*blocks) == expected


def test_segments_merge_paragraph_with_list_if_short_together():
    lead = " ".join([SENTENCE] * 5)
    assert kinds_and_texts(paragraph(lead), item("a"), item("b")) == [("list", f"{lead}\n\na\nb")]
    assert [kind for kind, _ in kinds_and_texts(paragraph(lead), item(LONG), item("b"))] == ["paragraph", "list"]


def test_segments_of_overlong_paragraph_with_a_long_token_are_split_at_final_punctuation_only():
    text = f"{'x' * 120} is no word. " + " ".join(f"this is number {n}\nof many lines. and so on." for n in range(100))
    parts = segments(document(paragraph(text)))
    assert len(parts) > 1
    assert all(part.text.endswith(".") for part in parts)
    assert all(part.text.startswith(("this is", "and so on.")) for part in parts[1:])


def test_segments_of_overlong_paragraph_are_split_between_sentences():
    text = " ".join(f"This is sentence number {n} of a very long paragraph about data." for n in range(100))
    parts = segments(document(paragraph(text)))
    assert len(parts) > 3
    assert all(part.text.startswith("This is") and part.text.endswith("data.") for part in parts)
    assert " ".join(part.text for part in parts) == text


@pytest.mark.parametrize("text", ["(" * 30_000, "a " * 500 + "b" * 5_000])
def test_segments_of_overlong_text_without_sentences_is_one(text):
    assert [part.text for part in segments(document(paragraph(text.strip())))] == [text.strip()]


@pytest.mark.parametrize("noise", ["(" * 12_000, "[{(" * 4_000, "https://www.example.org/" + "a" * 2_000])
def test_segments_of_text_with_overlong_token_are_split_between_sentences(noise):
    text = " ".join([f"{SENTENCE} {OTHER}"] * 20 + [noise + "."] + [SENTENCE] * 20)
    parts = segments(document(paragraph(text)))
    assert len(parts) > 3
    assert " ".join(part.text for part in parts) == text


def test_segments_of_text_above_spacy_limit_are_split():
    text = " ".join([SENTENCE] * 16_000)
    assert len(text) > 1_000_000
    assert all(len(part.text) < 3_000 for part in segments(document(paragraph(text))))


@pytest.mark.parametrize(
    "blocks",
    [
        [item("one two", level) for level in range(1, 3_000)],
        [item("one two"), *[item("one two", marker="")] * 3_000],
        [paragraph("one:")] * 3_000,
        [row("one", "two")] * 3_000,
    ],
    ids=["items within items", "paragraphs within an item", "lead-ins", "rows"],
)
def test_segments_of_deeply_nested_blocks_keep_all_text(blocks):
    parts = segments(document(*blocks))
    assert "".join("".join(part.text.split()) for part in parts) == "".join(
        "".join(block.text.split()) for block in blocks
    )


def test_segments_of_ordinary_policy_do_not_load_spacy():
    program = (
        "import sys; sys.path.insert(0, 'tests'); from test_segment import *; "
        "segments(document(heading('Us'), paragraph(SENTENCE), item(LONG))); print('spacy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)
lines = st.one_of(words, st.sampled_from(["We collect:", "Back to top", "No", "Effective May 2014", SENTENCE, LONG]))
some_block = st.one_of(
    st.builds(heading, words, st.integers(1, 6)),
    st.builds(paragraph, lines),
    st.builds(lambda text, times: paragraph(" ".join([text] * times)), lines, st.sampled_from([5, 500])),
    st.builds(lambda text, level, times, marker: item(" ".join([text] * times), level, marker),
              lines, st.integers(1, 10), st.sampled_from([1, 150]), st.sampled_from(["-", "1.", ""])),
    st.builds(lambda text, header: row(text, text, header=header), words, st.booleans()),
)  # fmt: skip


@given(st.lists(some_block, max_size=25))
def test_segments_of_any_blocks_are_ordered_and_exact_and_omit_only_headings(blocks):
    whole = document(*blocks)
    parts = segments(whole)
    assert [part.index for part in parts] == list(range(len(parts)))
    assert all(whole.text[part.start : part.end] == part.text for part in parts)
    ends = [0, *(part.end for part in parts)]
    assert all(part.start >= end for part, end in zip(parts, ends, strict=False))
    inside = "".join(part.text for part in parts)
    others = [block for block in blocks if block.kind != "heading"]
    outside_headings = "".join(block.text for block in others or blocks)
    assert "".join(inside.split()) == "".join(outside_headings.replace(" ", "").split())


@given(st.lists(some_block, max_size=25))
def test_segments_of_any_blocks_have_no_outer_space_and_single_rows(blocks):
    whole = document(*blocks)
    rows = {span for block, span in zip(blocks, whole.spans, strict=True) if block.kind == "row"}
    for part in segments(whole):
        assert part.text == part.text.strip() != ""
        assert part.kind != "row" or (part.start, part.end) in rows
        assert all(part.start >= end or part.end <= start for start, end in rows - {(part.start, part.end)})


@given(st.lists(some_block, max_size=25))
def test_segments_of_any_blocks_have_headings_above_and_none_inside(blocks):
    whole = document(*blocks)
    for part in segments(whole) if any(block.kind != "heading" for block in blocks) else ():
        above = [block for block, (_, end) in zip(blocks, whole.spans, strict=True) if end <= part.start]
        nearest = [block.text for block in above if block.kind == "heading"][-1:]
        assert list(part.headings[-1:]) == nearest
        assert not any(
            block.kind == "heading" and part.start <= start < part.end
            for block, (start, _) in zip(blocks, whole.spans, strict=True)
        )


def test_sentence_splitter_forgets_the_words_of_a_long_paragraph():
    strings = sentence_splitter().vocab.strings
    sentences = [f"We keep box{number} in shed{number}." for number in range(200)]
    assert len(segments(document(paragraph(" ".join(sentences))))) > 1
    assert "shed150" not in strings
