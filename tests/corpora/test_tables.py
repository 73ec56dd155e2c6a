"""CSV and TSV with a page in each row, as programs and spreadsheets write them."""

import csv
import gzip
import io

import pytest

from extractor import read_corpus
from extractor.errors import UnreadableError

TEXT = 'We collect your name – "Müller", for one –\nand we share it; with nobody, else.'
ROWS = [
    {"URL": "http://a.example/p", "Date": "2012-03-04", "Text": TEXT},
    {"URL": "http://b.example/p", "Date": "", "Text": "We use cookies."},
]
IDS = ["20120304000000/http://a.example/p", "{path}#2"]


def table(delimiter=",", first_line="", **options):
    out = io.StringIO()
    writer = csv.DictWriter(out, ROWS[0], delimiter=delimiter, **options)
    writer.writeheader()
    writer.writerows(ROWS)
    return first_line + out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", table().encode()),
        ("a.csv", table(lineterminator="\n").encode()),
        ("a.csv", table(quoting=csv.QUOTE_ALL).encode("utf-8-sig")),
        ("a.csv", table(";", "sep=;\r\n").encode("cp1252")),
        ("a.csv", table("\t").encode("utf-16")),
        ("a.csv", table("|").encode()),
        ("a.csv", ("\n" + table()).encode()),
        ("a.tsv", table("\t").encode()),
        ("a.tsv", table(",").encode()),
        ("a.csv.gz", gzip.compress(table().encode())),
    ],
    ids=["comma", "line ends", "quotes and mark", "German Excel", "Excel's Unicode", "bars", "empty line", "tsv", "tsv with commas", "gzip"],
)  # fmt: skip
def test_read_corpus_of_table_in_any_usual_form_gives_rows(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    found = list(read_corpus(path))
    assert [s.content.decode().replace("\r\n", "\n") for s in found] == [row["Text"] for row in ROWS]
    assert [s.id for s in found] == [identity.format(path=path) for identity in IDS]
    assert list(read_corpus(tmp_path)) == found


def test_read_corpus_of_table_takes_first_column_that_is_filled(tmp_path):
    (tmp_path / "a.csv").write_text("html,text\n<p>a,b\n,c\n NULL ,d\n,\n")
    found = list(read_corpus(tmp_path / "a.csv"))
    assert [(s.content, s.content_type.partition(";")[0]) for s in found[:3]] == [
        (b"<p>a", "text/html"), (b"c", "text/plain"), (b"d", "text/plain"),
    ]  # fmt: skip
    assert found[3].content == b""


def test_read_corpus_of_table_with_pages_of_megabytes_leaves_limit_of_csv(tmp_path):
    limit, page = csv.field_size_limit(), "<p>We use cookies. " * 100_000
    (tmp_path / "a.csv").write_text(f'html,url\n"{page}",http://a.example/\nb,http://b.example/\n')
    pages = read_corpus(tmp_path / "a.csv")
    assert len(next(pages).content) == len(page)
    assert csv.field_size_limit() == limit
    assert next(pages).content == b"b"


@pytest.mark.parametrize(
    ("content", "pages", "problem"),
    [
        ("text,url\na,b,c\nd,e\n", [b"d"], "row 1 has more fields than the first line names"),
        ('text,url\na,b\n"c,d\ne,f', [b"a", b"c,d\ne,f"], "row 3 opens a quotation mark that nothing closes: other rows may be lost in it"),
        ("text,url,Text\na,b,c\n", [], "has two columns named text: rename one of them"),
        ("text,date\na,soon\n", [b"a"], "row 1: 'soon' is no date"),
    ],
)  # fmt: skip
def test_read_corpus_of_malformed_table_reports_it_and_gives_the_rest(tmp_path, caplog, content, pages, problem):
    (tmp_path / "a.csv").write_text(content)
    assert [s.content for s in read_corpus(tmp_path / "a.csv")] == pages
    assert problem in caplog.text


def test_read_corpus_of_cut_table_gives_complete_rows_and_warns(tmp_path, caplog):
    rows = "".join(f'http://a{n}.example/,"We collect item {n * n}."\n' for n in range(5000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(f"url,text\n{rows}".encode())[:-100])
    found = list(read_corpus(tmp_path / "a.csv.gz"))
    assert [s.content for s in found] == [f"We collect item {n * n}.".encode() for n in range(len(found))]
    assert len(found) > 4000
    assert f"The rows after line {len(found) + 1} are missing." in caplog.text


def test_read_corpus_of_table_with_text_column_reads_that(tmp_path):
    (tmp_path / "a.csv").write_text("Policy,text\na,b\n")
    assert [s.content for s in read_corpus(tmp_path / "a.csv", text_column="policy")] == [b"a"]
    with pytest.raises(UnreadableError, match="has no body, only Policy, text"):
        list(read_corpus(tmp_path / "a.csv", text_column="body", strict=True))
