"""Files, folders and archives as snapshots."""

import gzip
import os
import re
import zipfile
from pathlib import Path

import pytest
import zstandard

from extractor import load, read_corpus, read_jsonl, warcfile, write_jsonl
from extractor.cli import main
from extractor.errors import UnreadableError
from extractor.wayback import IndexQuery, open_archive

PRINCETON = """\
> *The following text is extracted and transformed from the lampworks.example privacy policy that was archived on \
2012-03-04. Please check the [original snapshot on the Wayback Machine](https://web.archive.org/web/20120304050607id_/\
http%3A//www.lampworks.example/info/privacy%3Flang%3Den) for the most accurate reproduction.*

# Lampworks: Privacy

We collect your name and your address when you order a lamp from our workshop.

## Cookies

We use cookies to remember your basket, and nobody else sets any on our pages.
"""


def test_annotate_princeton_document_takes_url_and_date_from_header(tmp_path):
    path = tmp_path / "lampworks.example.md"
    path.write_text(PRINCETON, encoding="utf-8")
    policy = load()(path)
    assert (policy.domain, policy.title) == ("lampworks.example", "Lampworks: Privacy")
    assert policy.capture.timestamp == "20120304050607"
    assert policy.capture.url == "http://www.lampworks.example/info/privacy?lang=en"
    assert policy.id == "20120304050607/http://www.lampworks.example/info/privacy?lang=en"
    assert policy.source.path == str(path)
    assert "extracted and transformed" not in policy.text
    assert [segment.headings[-1] for segment in policy.segments] == ["Lampworks: Privacy", "Cookies"]


def test_read_corpus_keeps_princeton_header_that_is_not_first(tmp_path):
    path = tmp_path / "note.md"
    path.write_text("# A note\n\n" + PRINCETON)
    assert b"extracted and transformed" in next(iter(read_corpus(path))).content


def test_read_corpus_of_run_folder_gives_only_its_captures(tmp_path, sample_warc):
    folder = tmp_path / "runs" / "clubs"
    words = ["run", "tadpole-club.example", "--archive-base", str(sample_warc), "-q", "-o", str(folder)]
    assert main(words) == 0
    (tmp_path / "runs" / "note.txt").write_text("A page beside the run.")
    archive = str(folder / "archive" / "captures.warc.gz")
    assert {s.source.path for s in read_corpus(folder)} == {archive}
    assert {s.source.path for s in read_corpus(tmp_path / "runs")} == {archive, str(tmp_path / "runs" / "note.txt")}
    hashes = [policy.capture.sha256 for policy in read_jsonl(folder / "policies.jsonl")]
    assert sorted(s.sha256 for s in read_corpus(folder)) == sorted(hashes)


def test_read_corpus_of_run_folder_without_captures_raises(tmp_path):
    (tmp_path / "ledger.sqlite").touch()
    (tmp_path / "report.html").write_text("<p>Nothing yet</p>")
    with pytest.raises(UnreadableError, match="holds no captures yet"):
        list(read_corpus(tmp_path))


def test_read_corpus_of_folder_gives_pages_by_name_and_skips_the_rest(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("b/2.htm", "1.html", "logo.png", ".git/3.html", "4.txt"):
        (tmp_path / name).write_text("<p>x</p>")
    (tmp_path / "5.html.gz").write_bytes(gzip.compress(b"<p>packed</p>"))
    snapshots = list(read_corpus(tmp_path))
    assert [Path(s.source.path).relative_to(tmp_path).as_posix() for s in snapshots] == [
        "1.html", "4.txt", "5.html.gz", "b/2.htm",
    ]  # fmt: skip
    assert snapshots[2].content == b"<p>packed</p>"


def test_read_corpus_of_warc_and_wacz_gives_same_pages_with_revisits(sample_warc, tmp_path):
    snapshots = list(read_corpus(sample_warc))
    by_time = {snapshot.capture.timestamp: snapshot for snapshot in snapshots}
    assert by_time["20010301090000"].content == by_time["19990508142233"].content != b""
    assert all(snapshot.source.path == str(sample_warc) and snapshot.source.record for snapshot in snapshots)
    assert b"<html" in by_time["20130806113000"].content  # gzipped in the archive
    with zipfile.ZipFile(tmp_path / "sample.wacz", "w") as bag:
        bag.write(sample_warc, "archive/sample.warc.gz")
    packed = list(read_corpus(tmp_path / "sample.wacz"))
    assert [snapshot.content for snapshot in packed] == [snapshot.content for snapshot in snapshots]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.html", None, "There is no file"),
        ("not.html.gz", b"plain", "cannot be read"),
    ],
)
def test_read_corpus_of_missing_file_raises_and_of_damaged_file_warns(tmp_path, caplog, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
        assert list(read_corpus(path)) == []
        assert says in caplog.text
        return
    with pytest.raises(UnreadableError, match=says):
        list(read_corpus(path))


NUMBERED = b"".join(b"<p>We collect item %d of %d.</p>\n" % (n, n * 7919 % 997) for n in range(2000))


def damaged(content: bytes) -> bytes:
    """Compressed bytes with a part in the middle overwritten."""
    middle = len(content) // 2
    return content[:middle] + b"\xff\x00\x13" * 40 + content[middle + 120 :]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("end.html.gz", gzip.compress(NUMBERED)[:-30]),
        ("start.html.gz", gzip.compress(NUMBERED)[:700]),
        ("header.html.gz", gzip.compress(NUMBERED)[:11]),
        ("middle.html.gz", damaged(gzip.compress(NUMBERED))),
        ("member.html.gz", gzip.compress(NUMBERED) + gzip.compress(NUMBERED)[:20]),
        ("end.txt.zst", zstandard.compress(NUMBERED * 20)[:-30]),
        ("middle.html.zst", damaged(zstandard.compress(NUMBERED * 20))),
    ],
)
def test_annotate_of_damaged_compressed_page_keeps_what_it_holds_and_says_truncated(tmp_path, capsys, name, content):
    (tmp_path / name).write_bytes(content)
    (tmp_path / "whole.html").write_bytes(NUMBERED)
    out = tmp_path.parent / f"{name}.jsonl"
    assert main(["annotate", str(tmp_path), "-o", str(out), "--quiet"]) == 0
    assert f"{name} cannot be read to its end: " in capsys.readouterr().err
    part, whole = read_jsonl(out)
    assert "truncated: its bytes break off" in part.verdict.reasons
    assert part.verdict.usable == bool(part.text)
    assert whole.verdict.usable
    assert (part.capture.outcome, whole.capture.outcome) == ("cut", "")
    assert load()(tmp_path / name).text == part.text


@pytest.mark.parametrize("rest", [b"", b"\0" * 3000, b"\r\n", gzip.compress(b"<p>end")])
def test_read_corpus_of_gzip_with_padding_or_members_is_whole(tmp_path, caplog, rest):
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(NUMBERED) + rest)
    (snapshot,) = read_corpus(tmp_path)
    assert snapshot.content in (NUMBERED, NUMBERED + b"<p>end")
    assert (snapshot.outcome, caplog.text) == ("", "")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("settings.json", b'{"name": "shop", "version": 1}', "is JSON without pages: none of its objects has html, markdown or text, only name, version"),
        ("list.json", b'["a", "b"]', "is JSON without pages"),
        ("no.json", b"{'a': 1}", "is not JSON"),
        ("empty.json", b"", "is empty"),
        ("answer", b'{"status": "ok"}', "is JSON without pages"),
        ("files.csv", b"path,url,date\na.html,http://a.example/,2012\n", "names a file and holds no page: name the folder, and this table with --sidecar"),
        ("votes.csv", b"segment,vote\n1,2\n", "has no html, markdown or text, only segment, vote: name the one with --text-column"),
        ("empty.tsv", b"", "is empty"),
        ("header.csv", b"url,text\n", "holds no page"),
        ("feed.xml", b"<?xml version='1.0'?><rss><item>We collect</item></rss>", "is data in XML or the like: if it is a page all the same, give --format pages"),
        ("policy.docx", b"PK\x03\x04", "is an office document: save it as PDF, HTML or text"),
        ("policy", b"{\\rtf1 We collect your name.}", "is RTF: save it as PDF, HTML or text"),
        ("pages.zip", b"PK\x03\x04", "holds several files: unpack it and name their folder"),
        ("policy.html.bz2", b"BZh9", "is compressed in a way that is not read"),
        ("policy.png", b"\x89PNG\r\n", "is an image"),
        ("script.js", b"function share(data) { return data; }", "is a program or its settings"),
    ],
)  # fmt: skip
def test_annotate_of_file_without_pages_is_refused(tmp_path, capsys, name, content, reason):
    (tmp_path / name).write_bytes(content)
    assert main(["annotate", str(tmp_path / name), "-o", str(tmp_path / "out.jsonl"), "--quiet"]) == 1
    assert reason in capsys.readouterr().err
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    assert main(["extract", str(tmp_path / name)]) == 1
    if name != "header.csv":
        with pytest.raises(UnreadableError, match=re.escape(reason)):
            load()(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["policy.php", "privacy", "policy.js", "index.xml", "data.json", "export.csv", "page.gz"]
)
def test_read_corpus_of_page_of_any_name_reads_it(tmp_path, name):
    page = b"<!DOCTYPE html><p>We use cookies."
    (tmp_path / name).write_bytes(gzip.compress(page) if name.endswith(".gz") else page)
    assert [s.content for s in read_corpus(tmp_path / name)] == [page]


def test_read_corpus_of_program_with_format_pages_reads_it_as_text(tmp_path):
    (tmp_path / "a.py").write_text("print(1)")
    assert [s.content for s in read_corpus(tmp_path / "a.py", format="pages")] == [b"print(1)"]


def test_read_corpus_of_empty_folder_names_known_suffixes(tmp_path):
    with pytest.raises(UnreadableError, match=r"holds no pages: looked for \.html"):
        list(read_corpus(tmp_path))


def test_read_corpus_of_cut_warc_gives_complete_pages_and_warns(sample_warc, tmp_path, caplog):
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(sample_warc.read_bytes()[:20_000])
    whole = {snapshot.id: snapshot.content for snapshot in read_corpus(sample_warc)}
    *before, last = read_corpus(path)
    assert len(before) > 3
    assert all(whole[snapshot.id] == snapshot.content for snapshot in before)
    assert last.outcome == "cut"
    assert whole[last.id].startswith(last.content)
    assert "ends in the middle of a record" in caplog.text


@pytest.mark.parametrize("behind", [1, 12, 200, 500])
def test_cut_warc_gives_all_records_before_cut_and_warns(sample_warc, tmp_path, caplog, behind):
    records = list(warcfile.iter_records(sample_warc))
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(sample_warc.read_bytes()[: records[10].position.offset + behind])
    found, fault = warcfile.scan_records(path)
    assert found[:10] == records[:10]
    assert "was cut" in str(fault)
    archive = open_archive(str(path), rate=0, cdx_rate=0, connections=1)
    assert list(archive.captures(IndexQuery(records[0].capture.original)))
    assert "was cut" in caplog.text


def test_damaged_warc_gives_all_records_before_and_after_damage(sample_warc, tmp_path, caplog):
    content, records = bytearray(sample_warc.read_bytes()), list(warcfile.iter_records(sample_warc))
    content[records[10].position.offset + 100 : records[10].position.offset + 103] = b"\x00\xff\x13"
    (tmp_path / "damaged.warc.gz").write_bytes(content)
    found, fault = warcfile.scan_records(tmp_path / "damaged.warc.gz")
    whole = [record for record in found if record.position.offset != records[10].position.offset]
    assert whole == records[:10] + records[11:]
    assert f"the first from byte {records[10].position.offset} to {records[11].position.offset}" in str(fault)
    assert len(list(read_corpus(tmp_path))) >= len([r for r in records if not r.is_revisit]) - 1


@pytest.mark.parametrize("date", ["WARC-Date: 0000-99-00\r\n", "", "WARC-Date: soon\r\n"])
def test_warc_record_without_valid_date_is_read_without_it_and_reported(sample_warc, tmp_path, caplog, date):
    head = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n{date}Content-Length: 0\r\n\r\n\r\n\r\n"
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(gzip.compress(head.encode()) + sample_warc.read_bytes())
    undated, *others = warcfile.iter_records(path)
    assert (undated.capture.original, undated.capture.timestamp) == ("http://a.example/", "")
    assert len(others) == len(list(warcfile.iter_records(sample_warc)))
    archive = open_archive(str(path), rate=0, cdx_rate=0, connections=1)
    assert list(archive.captures(IndexQuery("http://a.example/"))) == []
    assert "1 records have no date that exists" in caplog.text


def test_read_corpus_escapes_file_names_that_are_not_utf8(tmp_path, sample_warc):
    for name, content in ((b"caf\xe9.html", b"<p>We use cookies.</p>"), (b"\xff.warc.gz", sample_warc.read_bytes())):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(content)
    out = tmp_path / "out.jsonl"
    assert write_jsonl(load().pipe(read_corpus(tmp_path)), out) == 28
    assert {Path(policy.source.path).name for policy in read_jsonl(out)} == {"caf\\xe9.html", "\\xff.warc.gz"}
