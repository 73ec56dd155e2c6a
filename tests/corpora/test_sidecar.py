"""Folders with a table of the URL and date of each file."""

import json

import pytest
import zstandard

from extractor import read_corpus
from extractor.errors import UnreadableError


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "pages"
    (folder / "b").mkdir(parents=True)
    for name in ("a.html", "b/c.txt"):
        (folder / name).write_text("<p>We use cookies.")
    return folder


CSV = "path,url,date\na.html,http://a.example/p,2012-03-04\nb/c.txt,http://c.example/p,20130405060708\n"
TSV = CSV.replace(",", "\t")
JSONL = "".join(json.dumps({"file_name": name, "URL": url, "timestamp": time}) + "\n" for name, url, time in (line.split(",") for line in CSV.splitlines()[1:]))  # fmt: skip
IDS = ["20120304000000/http://a.example/p", "20130405060708/http://c.example/p"]


@pytest.mark.parametrize(("name", "content"), [("metadata.csv", CSV), ("index.csv", "\ufeff" + CSV), ("metadata.tsv", TSV), ("index.jsonl", JSONL)])  # fmt: skip
def test_read_corpus_finds_sidecar_in_folder(pages, name, content):
    (pages / name).write_text(content, encoding="utf-8")
    assert [s.id for s in read_corpus(pages)] == IDS


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_read_corpus_with_sidecar_option(pages, suffix):
    table = pages.parent / f"table.{suffix}"
    table.write_text(CSV if suffix == "csv" else JSONL)
    assert [s.id for s in read_corpus(pages, sidecar=table)] == IDS
    assert [s.id for s in read_corpus(pages / "a.html", sidecar=table)] == IDS[:1]


def test_read_corpus_warns_of_bad_sidecar_rows_and_uses_the_others(pages, caplog):
    rows = "a.html,http://a.example/p,2012-03-04\ngone.html,http://g.example/,2012\n,http://h.example/,2012\nb/c.txt,http://c.example/p,soon\na.html,http://x.example/,2012\nb/c.txt,1,2,3,4\n"
    (pages / "metadata.csv").write_text("path,url,date\n" + rows)
    assert [s.id for s in read_corpus(pages)] == [IDS[0], str(pages / "b/c.txt")]
    for words in ("line 3 names gone.html, which is not in", "line 4 names no file: it needs one of the columns path, file", "line 5: 'soon' is no date", "line 6 names a.html a second time", "line 7 has more fields than the first line names", "5 could not be read"):  # fmt: skip
        assert words in caplog.text
    with pytest.raises(UnreadableError, match=r"line 3 names gone.html"):
        list(read_corpus(pages, strict=True))


def test_read_corpus_reads_sidecar_in_windows_1252(pages):
    (pages / "metadata.csv").write_bytes("path,url,owner\na.html,http://a.example/p,Müller\n".encode("cp1252"))
    assert next(read_corpus(pages)).capture.original == "http://a.example/p"


def test_read_corpus_with_unusable_sidecar_option_raises(pages):
    (pages / "table.csv").write_text("name,colour\na,red\n")
    with pytest.raises(UnreadableError, match="is no sidecar: it has name, colour, and none of path, file"):
        list(read_corpus(pages, sidecar=pages / "table.csv"))
    with pytest.raises(UnreadableError, match=r"none.csv cannot be read: No such file"):
        list(read_corpus(pages, sidecar=pages / "none.csv"))


def test_read_corpus_ignores_metadata_file_without_path_column(pages):
    (pages / "metadata.csv").write_text("site,year\nlamps,2012\n")
    (pages / "index.jsonl").write_text('{"text": "We share."}\n')
    assert len(list(read_corpus(pages))) == 3


def test_read_corpus_with_damaged_sidecar_reads_pages_without_it(pages, caplog):
    (pages / "metadata.csv").write_bytes(
        b"path,url\na.html,http://a.example/p\n" + b"b/c.txt," + b"x" * 200_000 + b"\n"
    )
    assert len(list(read_corpus(pages))) == 2
    assert "is no CSV after line 2" in caplog.text
    assert "The pages are read without it" in caplog.text


def test_read_corpus_of_zst_pages(tmp_path):
    (tmp_path / "a.html.zst").write_bytes(zstandard.compress(b"<p>a") + zstandard.compress(b"b"))
    assert [(s.content, s.content_type) for s in read_corpus(tmp_path)] == [(b"<p>ab", "text/html")]


@pytest.mark.parametrize(
    "content",
    [
        CSV.replace(",", ";").encode(),
        b"sep=;\r\n" + CSV.replace(",", ";").replace("\n", "\r\n").encode(),
        TSV.encode("utf-16"),
        TSV.encode("utf-16-le"),
        CSV.replace("http://", "https://web.archive.org/web/2024/http://").encode(),
    ],
    ids=["semicolons", "Excel's first line", "UTF-16", "UTF-16 without mark", "URLs of an archive"],
)
def test_read_corpus_reads_sidecar_as_spreadsheets_write_it(pages, content):
    (pages / "metadata.csv").write_bytes(content)
    assert [s.id for s in read_corpus(pages)] == IDS
