"""JSONL: fields with the page, its URL and date, and lines that cannot be read."""

import gzip
import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from extractor import load, read_corpus, read_jsonl, write_jsonl
from extractor.corpora.rows import timestamp_of_date
from extractor.errors import UnreadableError


def write_rows(path, *rows):
    content = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows).encode()
    pack = {".gz": gzip.compress, ".zst": zstandard.compress}.get(path.suffix, bytes)
    path.write_bytes(pack(content))
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.ndjson"])
def test_read_corpus_of_jsonl_plain_and_compressed(tmp_path, name):
    path = write_rows(tmp_path / name, {"text": "We use cookies."}, {"text": "We share."})
    assert [(s.content, s.id) for s in read_corpus(path)] == [
        (b"We use cookies.", f"{path}#1"), (b"We share.", f"{path}#2"),
    ]  # fmt: skip
    assert len(list(read_corpus(tmp_path))) == 2


@pytest.mark.parametrize(
    ("row", "content", "media", "identity"),
    [
        ({"html": "<p>a", "text": "a"}, b"<p>a", "text/html", "{path}#1"),
        ({"text": "# A\n\nWe"}, b"# A\n\nWe", "text/markdown", "{path}#1"),
        ({"markdown": "We", "text": "a"}, b"We", "text/markdown", "{path}#1"),
        ({"text": "We", "id": "lamps-1"}, b"We", "text/plain", "{path}#lamps-1"),
        ({"text": "We", "url": "http://a.example/p", "date": "2012-03-04"}, b"We", "text/plain", "20120304000000/http://a.example/p"),
        ({"text": "We", "URL": "http://a.example/p", "timestamp": 20120304050607}, b"We", "text/plain", "20120304050607/http://a.example/p"),
        ({"text": "We", "capture": {"url": "http://a.example/p", "timestamp": "20120304050607"}}, b"We", "text/plain", "20120304050607/http://a.example/p"),
        ({"text": "We", "url": "http://a.example/p", "date": "Not specified"}, b"We", "text/plain", "{path}#1"),
        ({"text": "We", "url": None, "date": ""}, b"We", "text/plain", "{path}#1"),
    ],
)  # fmt: skip
def test_read_corpus_of_jsonl_row_finds_content_url_and_date(tmp_path, row, content, media, identity):
    path = write_rows(tmp_path / "a.jsonl", row)
    (snapshot,) = read_corpus(path)
    assert (snapshot.content, snapshot.content_type) == (content, f"{media}; charset=utf-8")
    assert snapshot.id == identity.format(path=path)


def test_read_corpus_with_text_column_reads_that_field(tmp_path):
    path = write_rows(tmp_path / "a.jsonl", {"body": "We use cookies.", "text": "no"})
    assert [s.content for s in read_corpus(path, text_column="body")] == [b"We use cookies."]


def test_read_corpus_of_jsonl_warns_of_bad_lines_and_reads_the_others(tmp_path, caplog):
    rows = [
        {"text": "a"},
        "no JSON",
        "[1]",
        {"title": "b", "x": 1},
        {"text": 7},
        {"text": "c", "date": "soon"},
        "",
        {"text": "d"},
    ]
    path = write_rows(tmp_path / "a.jsonl", *rows)
    assert [s.content for s in read_corpus(path)] == [b"a", b"c", b"d"]
    for words in ("line 2 is not JSON", "line 3 is no JSON object", "line 4 has no html, markdown or text, only title, x: name the one with --text-column", "line 5 its text is no text", "line 6: 'soon' is no date", "5 could not be read"):  # fmt: skip
        assert words in caplog.text
    with pytest.raises(UnreadableError, match="line 2 is not JSON"):
        list(read_corpus(path, strict=True))


def test_read_corpus_of_jsonl_skips_line_that_is_not_utf8(tmp_path, caplog):
    path = tmp_path / "a.jsonl"
    path.write_bytes('\ufeff{"text": "a é"}\n'.encode() + '{"text": "b é"}\n'.encode("cp1252") + b'{"text": "c"}\n')
    assert [s.content.decode() for s in read_corpus(path)] == ["a é", "c"]
    assert "line 2 is not UTF-8, as JSON has to be (byte 13)" in caplog.text


def test_read_corpus_of_jsonl_without_pages_gives_up_after_20_lines(tmp_path, caplog):
    path = write_rows(tmp_path / "a.jsonl", *[{"number": n} for n in range(1000)])
    assert list(read_corpus(path)) == []
    assert "none of its first 20 lines holds a page" in caplog.text
    assert len(caplog.records) < 30


@pytest.mark.parametrize(
    ("row", "content", "media"),
    [
        ({"html": None, "text": "We"}, b"We", "text/plain"),
        ({"html": "", "text": "We"}, b"We", "text/plain"),
        ({"html": " \n\t", "markdown": "", "text": "We"}, b"We", "text/plain"),
        ({"html": "NaN", "markdown": "# We", "text": "no"}, b"# We", "text/markdown"),
        ({"HTML": "<p>We", "text": "no"}, b"<p>We", "text/html"),
        ({"html": None, "text": None}, b"", "text/html"),
        ({"text": ""}, b"", "text/plain"),
    ],
)
def test_read_corpus_of_jsonl_row_takes_first_field_that_is_filled(tmp_path, row, content, media):
    (snapshot,) = read_corpus(write_rows(tmp_path / "a.jsonl", row))
    assert (snapshot.content, snapshot.content_type) == (content, f"{media}; charset=utf-8")


def test_annotate_of_jsonl_row_without_page_gives_record_with_reason(tmp_path):
    path = write_rows(tmp_path / "a.jsonl", {"html": None, "text": " "}, {"text": "We use cookies on every page."})
    first, second = load().pipe(read_corpus(path))
    assert first.verdict.reasons == ("no text was found in the page",)
    assert second.text


@pytest.mark.parametrize("cut", [20, 100, 5000])
def test_read_corpus_of_cut_gzip_gives_all_complete_lines_and_warns(tmp_path, caplog, cut):
    path = write_rows(tmp_path / "a.jsonl.gz", *[{"text": f"We {n * n}"} for n in range(5000)])
    path.write_bytes(path.read_bytes()[:-cut])
    found = list(read_corpus(path))
    assert [s.content for s in found] == [f"We {n * n}".encode() for n in range(len(found))]
    assert f"The lines after {len(found)} are missing." in caplog.text


def test_read_corpus_of_table_of_files_names_option(tmp_path, caplog):
    path = write_rows(tmp_path / "a.jsonl", {"path": "a.html", "url": "http://a.example/"})
    assert list(read_corpus(path)) == []
    assert "line 1 names a file and holds no page: name the folder, and this table with --sidecar" in caplog.text


def test_read_corpus_of_cut_jsonl_gives_complete_lines_and_warns(tmp_path, caplog):
    path = write_rows(tmp_path / "a.jsonl.zst", *[{"text": f"We {n * n}"} for n in range(20_000)])
    path.write_bytes(path.read_bytes()[:-1000])
    assert len(list(read_corpus(path))) > 1000
    assert "the file ends within a zstd frame" in caplog.text


def test_read_corpus_skips_jsonl_beside_page_of_same_name(tmp_path):
    (tmp_path / "a.html").write_text("<p>We use cookies.")
    write_rows(tmp_path / "a.spans.jsonl", {"text": "cookies"})
    assert [s.content for s in read_corpus(tmp_path)] == [b"<p>We use cookies."]


def test_read_corpus_of_own_records_gives_same_segments(tmp_path):
    page = "<html><h1>Privacy policy</h1><h2>Cookies</h2><p>We use cookies to remember your basket.</p></html>"
    write_jsonl([load()(page)], tmp_path / "policies.jsonl")
    (before,), (after,) = read_jsonl(tmp_path / "policies.jsonl"), load().pipe(read_corpus(tmp_path / "policies.jsonl"))
    assert after.text == before.text
    assert after.segments == before.segments
    (tmp_path / "a.html").write_text(page)
    assert [s.content_type for s in read_corpus(tmp_path)] == [
        "text/html"
    ]  # records are read only if the user names the file


@pytest.mark.parametrize(
    ("date", "timestamp"),
    [
        ("2012", "20120101000000"),
        ("2012-03", "20120301000000"),
        ("201203", "20120301000000"),
        ("2012-03-04", "20120304000000"),
        ("2012030405", "20120304050000"),
        ("2012-03-04T05:06:07Z", "20120304050607"),
        ("2012-03-04 05:06:07", "20120304050607"),
        ("2012-03-04T23:30:00-01:00", "20120305003000"),
    ],
)
def test_timestamp_of_date_in_usual_forms(date, timestamp):
    assert timestamp_of_date(date) == timestamp


@pytest.mark.parametrize("date", ["soon", "20121301", "2012-02-30", "99999999999999", "1/2/12", "²⁰¹²"])
def test_timestamp_of_date_with_invalid_date_raises(date):
    with pytest.raises(ValueError):
        timestamp_of_date(date)


@given(st.datetimes())
def test_timestamp_of_date_agrees_for_iso_text_and_digits(moment):
    digits = moment.strftime("%4Y%m%d%H%M%S")
    assert (
        timestamp_of_date(moment.isoformat()) == timestamp_of_date(str(moment)) == timestamp_of_date(digits) == digits
    )


texts = st.text(st.characters(blacklist_categories=("Cs",)))


@given(st.lists(st.fixed_dictionaries({"text": texts, "url": st.just("http://a.example/"), "timestamp": st.just("20120304050607")}), max_size=5))  # fmt: skip
def test_read_corpus_gives_texts_that_were_written(tmp_path_factory, rows):
    path = write_rows(tmp_path_factory.mktemp("lines") / "a.jsonl", *rows)
    assert [s.content.decode() for s in read_corpus(path)] == [row["text"] for row in rows]
