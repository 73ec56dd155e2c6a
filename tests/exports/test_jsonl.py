"""Policies as JSONL, written and read, and their schema."""

import json
import os
from threading import Thread

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import policy_schema, read_jsonl, write_jsonl
from extractor.errors import UnreadableError
from extractor.exports import encode_line
from extractor.records import (
    PRACTICES,
    SCHEMA_VERSION,
    Policy,
    PolicyCapture,
    Provenance,
    Segment,
    Source,
    Verdict,
    no_polarity,
)


def policy(text: str = "We use cookies.", **changes) -> Policy:
    segment = Segment(0, 0, len(text), text, headings=("Cookies",), practices=("cookies",))
    fields = {
        "schema_version": SCHEMA_VERSION,
        "id": "20050101000000/http://a.example/",
        "site": "a.example",
        "policy": "a.example",
        "domain": "a.example",
        "title": "",
        "language": "en",
        "source": Source(),
        "capture": PolicyCapture(url="http://a.example/", timestamp="20050101000000"),
        "verdict": Verdict(usable=True, is_policy=0.5),
        "markdown": text,
        "text": text,
        "labelled": True,
        "segments": (segment,),
        "provenance": Provenance(),
    }
    return Policy(**{**fields, **changes})


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.jsonl.zst"])
def test_read_jsonl_gives_written_policies_and_write_is_deterministic(tmp_path, name):
    policies = [policy("Ünïcödé \u2028 \U0001f36a"), policy(id="b")]
    assert write_jsonl(policies, tmp_path / name) == 2
    assert list(read_jsonl(tmp_path / name)) == policies
    before = (tmp_path / name).read_bytes()
    write_jsonl(policies, tmp_path / name)
    assert (tmp_path / name).read_bytes() == before


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_encode_line_with_any_text_is_one_line(text):
    line = encode_line(policy(text)).decode()
    assert len(line.splitlines()) == 1
    assert Policy.from_dict(json.loads(line)) == policy(text)


def test_read_jsonl_of_schema_1_0_fills_later_fields(tmp_path):
    record = {**policy().to_dict(), "schema_version": "1.0"}
    for field in ("polarity", "evidence", "data_types"):
        del record["segments"][0][field]
    for field in ("site", "policy", "summary"):
        del record[field]
    (tmp_path / "old.jsonl").write_text(json.dumps(record) + "\n")
    assert list(read_jsonl(tmp_path / "old.jsonl")) == [policy(schema_version="1.0")]


@pytest.mark.parametrize(
    ("polarities", "summary"),
    [
        ((), {"segments": 0, "polarity": ""}),
        (("does", "unclear"), {"segments": 2, "polarity": "does"}),
        (("does_not",), {"segments": 1, "polarity": "does_not"}),
        (("does_not", "does_not", "does"), {"segments": 3, "polarity": "mixed"}),
        (("",), {"segments": 1, "polarity": "unclear"}),  # as in schema 1.0
    ],
)
def test_summary_of_policy_counts_segments_and_joins_their_polarities(polarities, summary):
    segments = tuple(
        Segment(*(number, 0, 1, "x"), practices=("sharing",), polarity={**no_polarity(), "sharing": polarity})
        for number, polarity in enumerate(polarities)
    )
    found = policy(segments=segments)
    assert found.to_dict()["summary"]["sharing"] == summary
    assert list(found.summary) == list(PRACTICES)
    assert found.summary["children"] == {"segments": 0, "polarity": ""}


def test_read_jsonl_with_summary_that_contradicts_segments_follows_segments(tmp_path):
    record = policy().to_dict()
    record["summary"]["rights"] = {"segments": 7, "polarity": "does"}
    (tmp_path / "p.jsonl").write_text(json.dumps(record) + "\n")
    assert list(read_jsonl(tmp_path / "p.jsonl")) == [policy()]


def test_policy_schema_accepts_records_and_rejects_broken_ones():
    validator = jsonschema.Draft202012Validator(policy_schema())
    good = policy().to_dict()
    validator.validate(good)
    for breaking in (
        lambda r: r.pop("title"),
        lambda r: r.pop("summary"),
        lambda r: r["summary"]["rights"].update(polarity="may"),
        lambda r: r["summary"].pop("rights"),
        lambda r: r.update(language=None),
        lambda r: r["segments"][0]["scores"].pop("rights"),
        lambda r: r["segments"][0].update(practices=["spying"]),
        lambda r: r["capture"].update(timestamp="2005"),
        lambda r: r.update(extra=1),
    ):
        broken = policy().to_dict()
        breaking(broken)
        assert not validator.is_valid(broken)


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', "null"])
def test_read_jsonl_with_damaged_line_raises_with_its_number(tmp_path, line):
    path = tmp_path / "p.jsonl"
    path.write_bytes(encode_line(policy()) + line.encode() + b"\n")
    with pytest.raises(UnreadableError, match=r"damaged at or after line \d"):
        list(read_jsonl(path))


def test_write_jsonl_that_fails_keeps_old_file(tmp_path):
    path = tmp_path / "p.jsonl"
    write_jsonl([policy()], path)

    def failing():
        yield policy()
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        write_jsonl(failing(), path)
    assert list(read_jsonl(path)) == [policy()]
    assert [file.name for file in tmp_path.iterdir()] == ["p.jsonl"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_read_jsonl_of_cut_compressed_file_raises(tmp_path, suffix):
    whole = tmp_path / f"whole.jsonl{suffix}"
    write_jsonl([policy(f"We use {number} cookies. " * number) for number in range(1, 200)], whole)
    cut = tmp_path / f"cut.jsonl{suffix}"
    assert len(list(read_jsonl(whole))) == 199
    for left in (10, 40, len(whole.read_bytes()) - 1):
        cut.write_bytes(whole.read_bytes()[:left])
        with pytest.raises(UnreadableError, match="is damaged at or after line"):
            list(read_jsonl(cut))
    cut.write_bytes(b"not packed at all")
    with pytest.raises(UnreadableError, match="is damaged at or after line"):
        list(read_jsonl(cut))


def test_write_jsonl_to_pipe_does_not_replace_it(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_jsonl([policy()], pipe)
    reader.join()
    assert pipe.is_fifo()
    assert got == [encode_line(policy())]


def test_write_jsonl_to_link_keeps_link(tmp_path):
    link = tmp_path / "link.jsonl"
    link.symlink_to(tmp_path / "goal.jsonl")
    write_jsonl([policy()], link)
    assert link.is_symlink()
    assert (tmp_path / "goal.jsonl").read_bytes() == encode_line(policy())


def test_read_jsonl_with_deep_nesting_raises(tmp_path):
    (tmp_path / "deep.jsonl").write_text("[" * 100_000)
    with pytest.raises(UnreadableError, match="is damaged at or after line"):
        list(read_jsonl(tmp_path / "deep.jsonl"))
