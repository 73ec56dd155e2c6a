"""WARC and WACZ files: indexes, URL patterns and revisits."""

import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractor import load, read_corpus, warcfile


@pytest.fixture
def indexed_warc(tmp_path, sample_warc):
    """The sample archive with its index beside it."""
    shutil.copy(sample_warc, tmp_path / "sample.warc.gz")
    shutil.copy(sample_warc.with_name("sample.cdxj"), tmp_path / "sample.cdxj")
    os.utime(tmp_path / "sample.warc.gz", (1, 1))
    return tmp_path / "sample.warc.gz"


@pytest.fixture
def no_scan(monkeypatch):
    """Fails if the file is read record by record."""
    monkeypatch.setattr(warcfile, "iter_records", lambda path: pytest.fail(f"{path} was scanned"))


def without_path(snapshots):
    return [
        (s.id, s.content, s.capture.mime, s.capture.status, s.capture.digest, s.source.record, s.status)
        for s in snapshots
    ]


def test_read_corpus_of_indexed_warc_gives_same_pages_without_scan(indexed_warc, sample_warc, no_scan, request):
    found = without_path(read_corpus(indexed_warc))
    request.getfixturevalue("monkeypatch").undo()
    (indexed_warc.with_name("sample.cdxj")).unlink()
    assert found == without_path(read_corpus(indexed_warc))
    assert len(found) > 20


def test_read_corpus_ignores_index_older_than_warc(indexed_warc):
    index = indexed_warc.with_name("sample.cdxj")
    index.write_text("\n".join(index.read_text().splitlines()[:3]) + "\n")
    assert len(list(read_corpus(indexed_warc))) == 3
    os.utime(index, (0, 0))
    assert len(list(read_corpus(indexed_warc))) > 20


@pytest.mark.parametrize("line", ["no index at all", 'com,a)/ 20200101000000 {"url": "http://a.example/"}', "com,a)/ 20200101000000 {", "\udcff"])  # fmt: skip
def test_read_corpus_ignores_malformed_index(indexed_warc, line, caplog):
    indexed_warc.with_name("sample.cdxj").write_bytes(line.encode("utf-8", "surrogateescape"))
    assert len(list(read_corpus(indexed_warc))) > 20


@pytest.mark.parametrize("name", ["indexes/index.cdx", "indexes/index.cdx.gz", ""])
def test_read_corpus_of_wacz_uses_its_index(tmp_path, sample_warc, name, request):
    lines = b"!meta 0 {}\n" + sample_warc.with_name("sample.cdxj").read_bytes()
    with zipfile.ZipFile(tmp_path / "sample.wacz", "w") as bag:
        bag.write(sample_warc, "archive/sample.warc.gz")
        if name:
            bag.writestr(name, gzip.compress(lines) if name.endswith(".gz") else lines)
    if name:
        request.getfixturevalue("no_scan")
    found = without_path(read_corpus(tmp_path / "sample.wacz"))
    assert len(found) > 20


def test_read_corpus_of_pywb_layout_finds_index_in_indexes_folder(tmp_path, sample_warc, no_scan):
    for folder, file in (("archive", sample_warc), ("indexes", sample_warc.with_name("sample.cdxj"))):
        (tmp_path / folder).mkdir()
        shutil.copy(file, tmp_path / folder / file.name)
    os.utime(tmp_path / "archive/sample.warc.gz", (1, 1))
    assert len(list(read_corpus(tmp_path))) > 20


def test_read_corpus_with_url_pattern_gives_only_matching_pages(sample_warc):
    found = [snapshot.capture.original for snapshot in read_corpus(sample_warc, url_pattern="*brightcart*/privacy*")]
    assert found
    assert all("brightcart" in url and "/privacy" in url for url in found)


def test_read_corpus_recognizes_warc_without_suffix(sample_warc, tmp_path):
    (tmp_path / "crawl").write_bytes(gzip.decompress(sample_warc.read_bytes()))
    assert len(list(read_corpus(tmp_path / "crawl"))) > 20
    assert len(list(read_corpus(tmp_path))) > 20


def write_crawl(path: Path, *, revisit_only: bool) -> None:
    """Writes a WARC like Common Crawl's: a response and its revisit, or the revisit alone, and an image."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    digest = "sha1:" + base64.b32encode(hashlib.sha1(b"<p>We use cookies.").digest()).decode()
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    date = {"WARC-Date": "2020-01-01T00:00:00Z"}
    if not revisit_only:
        writer.write_record(writer.create_warc_record("http://a.example/p", "response", io.BytesIO(b"<p>We use cookies."), http_headers=headers, warc_headers_dict=date))  # fmt: skip
    writer.write_record(writer.create_revisit_record("http://a.example/p", digest, "http://a.example/p", "2020-01-01T00:00:00Z", http_headers=headers, warc_headers_dict={"WARC-Date": "2021-01-01T00:00:00Z"}))  # fmt: skip
    image = StatusAndHeaders("200 OK", [("Content-Type", "image/png")], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record("http://a.example/i", "response", io.BytesIO(b"\x89PNG"), http_headers=image)
    )
    path.write_bytes(out.getvalue())


def test_read_corpus_gives_revisit_the_content_of_its_original(tmp_path):
    write_crawl(tmp_path / "crawl.warc.gz", revisit_only=False)
    assert [(s.capture.timestamp, s.content) for s in read_corpus(tmp_path)] == [
        ("20200101000000", b"<p>We use cookies."), ("20210101000000", b"<p>We use cookies."),
    ]  # fmt: skip


def test_read_corpus_warns_of_revisit_without_original(tmp_path, caplog):
    write_crawl(tmp_path / "crawl.warc.gz", revisit_only=True)
    assert list(read_corpus(tmp_path)) == []
    assert "1 revisits repeat pages that are not in this file" in caplog.text


PAGE = b"".join(b"<p>We collect item %d of %d.</p>\n" % (n, n * 7919 % 997) for n in range(800))


def write_pages(path: Path, *pages: tuple[str, bytes, str]) -> bytes:
    """Writes a WARC with pages, each a URL, its bytes as served and their content encoding."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=path.suffix == ".gz")
    for url, content, encoding in pages:
        fields = [("Content-Type", "text/html"), *([("Content-Encoding", encoding)] if encoding else [])]
        headers = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1")
        date = {"WARC-Date": "2024-01-01T00:00:00Z"}
        writer.write_record(writer.create_warc_record(url, "response", io.BytesIO(content), http_headers=headers, warc_headers_dict=date))  # fmt: skip
    path.write_bytes(out.getvalue())
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["gzip", ""])
def test_annotate_of_record_with_cut_gzip_keeps_part_and_says_truncated(tmp_path, encoding):
    packed = gzip.compress(PAGE)
    pages = [("http://a.example/", packed[:-200], encoding), ("http://b.example/", packed, encoding)]
    write_pages(tmp_path / "crawl.warc.gz", *pages)
    cut, whole = load().pipe(read_corpus(tmp_path))
    assert cut.verdict.reasons[0].startswith("truncated: its ")
    assert whole.text.startswith(cut.text[:-50])
    assert whole.verdict.reasons == ()


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz", "crawl.gz"])
def test_annotate_of_cut_warc_keeps_beginning_of_last_page(tmp_path, name, caplog):
    path = tmp_path / name
    whole = write_pages(path, ("http://a.example/", PAGE, ""), ("http://b.example/", PAGE, ""))
    path.write_bytes(whole[:-300])
    first, second = load().pipe(read_corpus(path))
    assert first.verdict.reasons == ()
    assert second.verdict.reasons[0] == "truncated: its bytes break off"
    assert first.text.startswith(second.text[:-50])
    assert "breaks off; what there is of it was read" in caplog.text


def test_read_corpus_of_warc_crawled_from_archive_gives_page_and_its_time(tmp_path):
    url = "https://web.archive.org/web/20050304050607id_/http://a.example/privacy"
    write_pages(tmp_path / "crawl.warc.gz", (url, PAGE, ""))
    (snapshot,) = read_corpus(tmp_path, url_pattern="http://a.example/*")
    assert snapshot.id == "20050304050607/http://a.example/privacy"
    assert snapshot.archive_url == url


def test_run_with_list_of_urls_reads_archive_file(sample_warc, tmp_path):
    from extractor.cli import main

    urls = tmp_path / "urls.txt"
    urls.write_text("http://www.brightcart.example/legal/privacy-policy\n")
    words = [
        "run",
        f"@{urls}",
        "--archive-base",
        str(sample_warc),
        "--every",
        "all",
        "-o",
        str(tmp_path / "out"),
        "--quiet",
    ]
    assert main(words) == 0
    lines = (tmp_path / "out/policies.jsonl").read_text().splitlines()
    assert {json.loads(line)["capture"]["url"] for line in lines} == {
        "http://www.brightcart.example/legal/privacy-policy"
    }


def test_annotate_of_run_folder_gives_its_records_again(sample_warc, tmp_path, capsys):
    from extractor.cli import main

    run = tmp_path / "run"
    assert main(["run", "brightcart.example", "--archive-base", str(sample_warc), "-o", str(run), "--quiet"]) == 0
    assert main(["annotate", str(run), "-o", str(tmp_path / "out.jsonl"), "--quiet"]) == 0
    ids = [{json.loads(line)["id"] for line in path.read_text().splitlines()} for path in (run / "policies.jsonl", tmp_path / "out.jsonl")]  # fmt: skip
    assert ids[0] <= ids[1]
    assert capsys.readouterr().err == ""
