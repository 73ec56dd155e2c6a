"""JSON that is not one object a line."""

import gzip
import json

import pytest

from extractor import read_corpus

ROWS = [{"html": "<p>We use cookies.", "url": "http://a.example/p", "date": "2012"}, {"text": "We share.", "id": "b"}]
CONTENTS = [b"<p>We use cookies.", b"We share."]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson", "answer"])
@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ROWS).encode(),
        json.dumps(ROWS, indent=2).encode("utf-8-sig"),
        json.dumps({"count": 2, "policies": ROWS}, indent=1).encode(),
        "\n".join(json.dumps(row, indent=1) for row in ROWS).encode(),
    ],
    ids=["array", "indented array", "object with array", "objects"],
)
def test_read_corpus_of_json_in_any_usual_form_gives_rows(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    found = list(read_corpus(path))
    assert [s.content for s in found] == CONTENTS
    assert [s.id for s in found] == ["20120101000000/http://a.example/p", f"{path}#b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
def test_read_corpus_of_json_lines_named_json_in_any_encoding(tmp_path, encoding):
    lines = "\n".join(json.dumps(row) for row in ROWS)
    (tmp_path / "a.json").write_bytes(lines.encode(encoding))
    assert [s.content for s in read_corpus(tmp_path)] == CONTENTS


def test_read_corpus_of_one_object_gives_its_page(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({**ROWS[0], "tags": [1, 2]}, indent=2))
    assert [s.id for s in read_corpus(tmp_path / "a.json")] == ["20120101000000/http://a.example/p"]


def test_read_corpus_of_versions_in_object_have_its_url(tmp_path):
    versions = [{"text": "a", "date": "2012"}, {"text": "b", "date": "2013"}]
    (tmp_path / "a.json").write_text(json.dumps({"id": 7, "url": "http://a.example/p", "versions": versions}))
    ids = [s.id for s in read_corpus(tmp_path / "a.json")]
    assert ids == ["20120101000000/http://a.example/p", "20130101000000/http://a.example/p"]


@pytest.mark.parametrize(
    ("content", "pages", "problem"),
    [
        (json.dumps(ROWS) + "\n;", CONTENTS, "is not JSON (Expecting value: line 2 column 1 (char 112)). What follows record 2 is missing."),
        (json.dumps(ROWS)[:-9], CONTENTS[:1], "What follows record 1 is missing."),
        (json.dumps([*ROWS, {"title": "c"}, 7]), CONTENTS, "record 3 has no html, markdown or text, only title: name the one with --text-column"),
        (json.dumps([*ROWS, 7]), CONTENTS, "record 3 is no JSON object"),
        (json.dumps([{"n": n} for n in range(50)]), [], "is JSON without pages"),
        ("[" * 100_000, [], "is not JSON"),
        (b'[{"text": "\xe9"}]', [], "it is not UTF-8, as JSON has to be: byte 12"),
    ],
    ids=["garbage", "cut", "no field", "number", "no pages", "deep", "latin-1"],
)  # fmt: skip
def test_read_corpus_of_malformed_json_reports_it_and_gives_the_rest(tmp_path, caplog, content, pages, problem):
    (tmp_path / "a.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert [s.content for s in read_corpus(tmp_path / "a.json")] == pages
    assert problem in caplog.text


def test_read_corpus_of_cut_json_gives_complete_records_and_warns(tmp_path, caplog):
    rows = [{"text": f"We collect item {n * n}."} for n in range(5000)]
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps(rows).encode())[:-100])
    found = list(read_corpus(tmp_path))
    assert len(found) > 4000
    assert [s.content.decode() for s in found] == [row["text"] for row in rows[: len(found)]]
    assert f"What follows record {len(found)} is missing." in caplog.text
