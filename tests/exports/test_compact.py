"""Compact records: everything but the Markdown comes back, and what is left out is absent, never blank."""

import json
from dataclasses import replace

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.test_jsonl import policy
from extractor import Policy, compact_schema, read_jsonl, write_jsonl
from extractor.compact import in_form
from extractor.errors import UnreadableError
from extractor.exports import encode_line
from extractor.records import CATEGORIES, DATA_TYPES, PRACTICES, Segment, no_evidence, no_polarity

SCORES = st.integers(0, 10_000).map(lambda value: value / 10_000)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
POLARITIES = st.sampled_from(["", "does", "does_not", "mixed", "unclear"])
OFFSETS = st.integers(0, 60)
TYPES = st.lists(st.sampled_from(DATA_TYPES), max_size=3).map(tuple)


def each_of(names, values):
    """Dicts with all of some keys."""
    return st.fixed_dictionaries(dict.fromkeys(names, values))


def some_of(names):
    """Tuples of some names in their order."""
    return st.sets(st.sampled_from(names)).map(lambda found: tuple(name for name in names if name in found))


SEGMENTS = st.builds(
    Segment,
    index=st.integers(0, 3),
    start=OFFSETS,
    end=OFFSETS,
    text=WORDS,
    kind=st.sampled_from(["paragraph", "list", "item", "row"]),
    headings=st.lists(WORDS, max_size=2).map(tuple),
    context=WORDS,
    practices=some_of(PRACTICES),
    scores=each_of(PRACTICES, SCORES) | st.just(dict.fromkeys(PRACTICES, 0.0)),
    categories=some_of(CATEGORIES),
    category_scores=each_of(CATEGORIES, SCORES) | st.just(dict.fromkeys(CATEGORIES, 0.0)),
    uncertain=st.booleans(),
    polarity=each_of(PRACTICES, POLARITIES),
    evidence=each_of(PRACTICES, st.lists(st.tuples(OFFSETS, OFFSETS), max_size=2).map(tuple)),
    data_types=each_of(("collection", "sharing"), TYPES),
)


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.lists(SEGMENTS, max_size=3),
    st.sets(st.integers(0, 2)),
)
def test_any_record_comes_back_from_its_compact_form(text, segments, regular):
    segments = [
        replace(one, index=number, text=text[one.start : one.end]) if number in regular else one
        for number, one in enumerate(segments)
    ]
    record = policy(text=text, segments=tuple(segments), markdown=f"# {text}")
    for form, expected in (("compact", replace(record, markdown="")), ("compact with Markdown", record)):
        line = encode_line(in_form(record, form))
        assert Policy.from_dict(json.loads(line)) == expected
        assert Policy.from_dict(msgspec.json.decode(line)) == expected
        jsonschema.validate(json.loads(line), compact_schema())


def test_compact_record_says_so_and_leaves_out_what_is_empty_or_told_by_the_rest():
    text = "We use cookies."
    full = policy(text)
    record = json.loads(encode_line(in_form(full, "compact")))
    assert record["form"] == "compact"
    assert set(full.to_dict()) - set(record) == {"markdown"}
    assert record["segments"] == [
        {"start": 0, "end": len(text), "headings": ["Cookies"], "practices": ["cookies"]},
    ]


def test_compact_segment_has_scores_in_order_and_only_keys_with_values():
    segment = Segment(
        *(0, 0, 2, "We"),
        kind="item",
        practices=("sharing",),
        scores=dict(zip(PRACTICES, (0.1, 0.9, 0.0, 0.2, 0.3), strict=True)),
        category_scores={**dict.fromkeys(CATEGORIES, 0.0), CATEGORIES[2]: 0.5},
        uncertain=True,
        polarity={**no_polarity(), "sharing": "does"},
        evidence={**no_evidence(), "sharing": ((0, 2),)},
    )
    record = json.loads(encode_line(in_form(policy("We", segments=(segment,)), "compact")))
    assert record["segments"] == [
        {
            "start": 0,
            "end": 2,
            "kind": "item",
            "practices": ["sharing"],
            "scores": [0.1, 0.9, 0.0, 0.2, 0.3],
            "category_scores": [0.0, 0.0, 0.5, *[0.0] * 9],
            "uncertain": True,
            "polarity": {"sharing": "does"},
            "evidence": {"sharing": [[0, 2]]},
        }
    ]


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.jsonl.zst"])
def test_read_jsonl_of_compact_records_and_full_ones_in_one_file(tmp_path, name):
    records = [policy("We share data."), policy("Ünïcödé \u2028 \U0001f36a", id="b", segments=(), labelled=False)]
    assert write_jsonl(records, tmp_path / name, form="compact") == 2
    assert list(read_jsonl(tmp_path / name)) == [replace(one, markdown="") for one in records]
    lines = encode_line(in_form(records[0], "compact with Markdown")) + encode_line(records[1])
    (tmp_path / "mixed.jsonl").write_bytes(lines)
    assert list(read_jsonl(tmp_path / "mixed.jsonl")) == records


@pytest.mark.parametrize(
    "breaking",
    [
        lambda record: record.pop("text"),
        lambda record: record["segments"][0].pop("start"),
        lambda record: record["segments"][0].update(scores=[0.5]),
        lambda record: record["segments"][0].update(scores=[0.5, 0.5, 0.5, 0.5, 2]),
        lambda record: record["segments"][0].update(practices=["spying"]),
        lambda record: record["segments"][0].update(polarity={"sharing": "may"}),
        lambda record: record.update(language=None),
    ],
)
def test_broken_compact_record_is_neither_read_nor_valid(tmp_path, breaking):
    record = json.loads(encode_line(in_form(policy(), "compact")))
    jsonschema.validate(record, compact_schema())
    breaking(record)
    (tmp_path / "p.jsonl").write_text(json.dumps(record) + "\n")
    with pytest.raises(UnreadableError, match="damaged at or after line 1"):
        list(read_jsonl(tmp_path / "p.jsonl"))
    assert not jsonschema.Draft202012Validator(compact_schema()).is_valid(record)
