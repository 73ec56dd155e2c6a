"""Folders of pages, other files and damaged files."""

import gzip

import pytest

from extractor import load, read_corpus
from extractor.cli import main
from extractor.errors import UnreadableError, UsageError

PAGE = "<html><h1>Privacy policy</h1><h2>Cookies</h2><p>We use cookies to remember what is in your basket.</p></html>"


def test_read_corpus_recognizes_pages_without_suffix(tmp_path):
    for name, content in (("privacy", PAGE), ("policy.php", "\n" + PAGE), ("notes", "some notes"), ("style.css", PAGE)):
        (tmp_path / name).write_text(content)
    (tmp_path / "paper").write_bytes(b"%PDF-1.4 and more")
    assert [s.source.path.rpartition("/")[2] for s in read_corpus(tmp_path)] == ["paper", "policy.php", "privacy"]


def test_read_corpus_logs_number_of_skipped_files(tmp_path, caplog):
    for name in ("a.html", "b.docx", "c.docx", "d.png", "e", ".hidden.html"):
        (tmp_path / name).write_text("<p>x")
    assert len(list(read_corpus(tmp_path))) == 1
    assert "3 files are no pages and were skipped: 2 .docx, 1 without suffix." in caplog.text


def test_read_corpus_of_mixed_encodings_and_damaged_file_gives_the_readable(tmp_path, caplog):
    sentence = "<html><h1>Privacy</h1><p>We collect your name – “Müller”, for one – when you order a lamp in our café.</p></html>"
    for encoding in ("utf-8", "cp1252", "utf-16"):
        (tmp_path / f"{encoding}.html").write_bytes(sentence.encode(encoding))
    (tmp_path / "cut.html.gz").write_bytes(gzip.compress(sentence.encode() * 100)[:-20])
    policies = list(load().pipe(read_corpus(tmp_path)))
    assert ["“Müller”" in policy.text for policy in policies] == [True] * 4
    assert "cut.html.gz cannot be read" in caplog.text
    assert "1 could not be read" in caplog.text


def test_read_corpus_with_strict_raises_at_first_unreadable_file(tmp_path):
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.html.gz").write_bytes(b"no gzip")
    (tmp_path / "c.html").write_text(PAGE)
    pages = read_corpus(tmp_path, strict=True)
    assert next(pages).content == PAGE.encode()
    with pytest.raises(UnreadableError, match=r"b.html.gz cannot be read: Not a gzipped file"):
        next(pages)


def test_read_corpus_with_documents_gives_files_of_that_name(tmp_path):
    for name in ("Privacy Policy.html", "Terms.html"):
        (tmp_path / name).write_text(PAGE)
    assert len(list(read_corpus(tmp_path, documents=["privacy policy"]))) == 1
    with pytest.raises(UnreadableError, match="has 2 files and none named Imprint"):
        list(read_corpus(tmp_path, documents=["Imprint"]))


def test_read_corpus_with_format_reads_only_that_format(tmp_path):
    (tmp_path / "lines.txt").write_text('{"text": "We use cookies."}\n')
    (tmp_path / "a.html").write_text(PAGE)
    assert [s.content for s in read_corpus(tmp_path / "lines.txt", format="jsonl")] == [b"We use cookies."]
    assert len(list(read_corpus(tmp_path, format="pages"))) == 2
    with pytest.raises(UnreadableError, match="none of the format warc"):
        list(read_corpus(tmp_path, format="warc"))
    with pytest.raises(UsageError, match="There is no format wark: choose one of pages, princeton"):
        list(read_corpus(tmp_path, format="wark"))


def test_read_corpus_opens_files_only_when_iterated(tmp_path):
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text(PAGE)
    pages = read_corpus(tmp_path)
    next(pages)
    (tmp_path / "b.html").unlink()
    assert list(pages) == []


@pytest.fixture
def damaged_folder(tmp_path):
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "a.html").write_text(PAGE)
    (folder / "b.html.gz").write_bytes(b"no gzip")
    return folder


def test_annotate_with_unreadable_file_reports_it_and_exits_0(damaged_folder, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert main(["annotate", str(damaged_folder), "-o", str(out), "--quiet"]) == 0
    error = capsys.readouterr().err
    assert "b.html.gz cannot be read" in error
    assert "1 could not be read, 1 records were written." in error
    assert len(out.read_text().splitlines()) == 1


def test_annotate_strict_with_unreadable_file_exits_1_without_output(damaged_folder, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert main(["annotate", str(damaged_folder), "-o", str(out), "--quiet", "--strict"]) == 1
    assert "b.html.gz cannot be read" in capsys.readouterr().err
    assert not out.exists()


def test_annotate_with_path_without_pages_exits_1(damaged_folder, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert (
        main(["annotate", str(damaged_folder / "b.html.gz"), str(damaged_folder / "a.html"), "-o", str(out), "--quiet"])
        == 1
    )
    assert len(out.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--document", "a"], 1),
        (["--document", "a", "--document", "c"], 2),
        (["--url-pattern", "*c.example*"], 1),
        (["--format", "jsonl", "--text-column", "body"], 1),
        (["--sidecar", "{folder}/table.csv", "--url-pattern", "*a.example*"], 1),
    ],
)
def test_annotate_options_select_pages(tmp_path, words, count):
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in ("a.html", "c.html"):
        (folder / name).write_text(PAGE)
    (folder / "lines.jsonl").write_text('{"body": "We use cookies.", "url": "http://c.example/p"}\n')
    (folder / "table.csv").write_text("path,url\na.html,http://a.example/p\n")
    (folder / "metadata.csv").write_text("path,url\nc.html,http://c.example/p\n")
    if "jsonl" not in words:
        (folder / "lines.jsonl").unlink()
    out = tmp_path / "out.jsonl"
    words = [word.format(folder=folder) for word in words]
    assert main(["annotate", str(folder), "-o", str(out), "--quiet", *words]) == 0
    assert len(out.read_text().splitlines()) == count


def test_annotate_without_matching_url_exits_1_with_message(tmp_path, capsys):
    (tmp_path / "a.html").write_text(PAGE)
    assert main(["annotate", str(tmp_path), "--url-pattern", "*shop*", "--quiet"]) == 1
    assert "holds no page whose URL fits *shop*." in capsys.readouterr().err


def test_read_corpus_skips_decompression_bomb(tmp_path, caplog):
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(b" " * 60_000_000))
    (tmp_path / "b.html").write_text(PAGE)
    assert len(list(read_corpus(tmp_path))) == 1
    assert "a.html.gz has more than 50 MB (a decompression bomb?): it was not read." in caplog.text


def test_read_corpus_of_folder_reads_tables_and_json_with_pages_and_skips_the_others(tmp_path, caplog):
    for name, content in (
        ("a.html", PAGE),
        ("a.json", '{"text": "A note on the page of the same name."}'),
        ("b.json", '[{"html": "<p>b"}]'),
        ("c.csv", "text,url\nc,http://c.example/\n"),
        ("d.csv", "segment,vote\n1,2\n"),
        ("package.json", '{"name": "shop"}'),
        ("records.json", '[{"schema_version": "1.1", "text": "a"}]'),
        ("records.jsonl", '{"schema_version":"1.1","text":"a"}'),
        ("broken.json", "{"),
    ):
        (tmp_path / name).write_text(content)
    assert [s.content for s in read_corpus(tmp_path)] == [PAGE.encode(), b"<p>b", b"c"]
    assert "6 files are no pages and were skipped: 4 .json, 1 .csv, 1 .jsonl." in caplog.text


def test_read_corpus_of_jsonl_beside_page_reads_it_if_it_is_named(tmp_path):
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "a.spans.jsonl").write_text('{"text": "cookies"}')
    assert [s.content for s in read_corpus(tmp_path / "a.spans.jsonl")] == [b"cookies"]
