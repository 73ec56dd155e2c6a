"""WARC, ARC and CDXJ files as other programs wrote them, and damaged ones: each page is read, or costs itself only."""

import gzip
import json
import os
import zipfile

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor import read_corpus
from extractor.errors import ArchiveError
from extractor.wayback import IndexQuery, open_archive

URL = "http://a.example/p{}.html"


def page(number: int) -> bytes:
    return b"<html><title>Privacy</title>" + b"<p>We collect your name (%d).</p>" % number * 40 + b"</html>"


def http(body: bytes, status: str = "HTTP/1.1 200 OK", extra: str = "") -> bytes:
    return f"{status}\r\nContent-Type: text/html\r\n{extra}\r\n".encode() + body


def record(number: int, block: bytes | None = None, **given: str) -> bytes:
    """A WARC record, by default a response; names in `given` have _ for -."""
    block = http(page(number)) if block is None else block
    fields = {"WARC-Type": "response", "WARC-Target-URI": URL.format(number), "WARC-Date": "2005-04-01T00:00:00Z"}
    fields |= {"WARC-Record-ID": f"<urn:id:{number}>", "Content-Type": "application/http; msgtype=response"}
    fields |= {"Content-Length": str(len(block))} | {name.replace("_", "-"): value for name, value in given.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def arc(*numbers: int) -> list[bytes]:
    version = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    parts = [b"filedesc://IA-1.arc 0.0.0.0 20010401000000 text/plain %d\n%s\n" % (len(version), version)]
    for number in numbers:
        block = http(page(number), "HTTP/1.0 200 OK")
        parts.append(b"%s 10.0.0.1 2001040%d000000 text/html %d\n%s\n" % (URL.format(number).encode(), number + 1, len(block), block))  # fmt: skip
    return parts


def joined(parts, *, packed: bool) -> bytes:
    return b"".join(gzip.compress(part) if packed else part for part in parts)


def contents(path) -> list[bytes]:
    return [snapshot.content for snapshot in read_corpus(path)]


THREE = [record(0), record(1), record(2)]
PAGES = [page(0), page(1), page(2)]


@pytest.mark.parametrize(
    "name", ["x.warc.gz", "x.warc.gz.open", "x.warc.open", "x.gz", "x", "x.bin", "X.WARC.GZ", "x.arc.gz"]
)
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("parts", [THREE, arc(0, 1, 2)])
def test_archive_of_any_name_is_known_by_its_first_bytes(tmp_path, name, packed, parts):
    (tmp_path / name).write_bytes(joined(parts, packed=packed))
    assert contents(tmp_path / name) == PAGES
    archive = open_archive(str(tmp_path / name), rate=0, cdx_rate=0, connections=1)
    (row,) = archive.captures(IndexQuery(URL.format(1)))
    assert archive.memento(row.timestamp, row.original).content == page(1)
    assert row.status == "200"


def test_arc_tells_url_and_time(tmp_path):
    (tmp_path / "old.arc").write_bytes(joined(arc(0, 1), packed=False))
    assert [(s.capture.original, s.capture.timestamp, s.content_type, s.status) for s in read_corpus(tmp_path)] == [
        (URL.format(0), "20010401000000", "text/html", 200), (URL.format(1), "20010402000000", "text/html", 200),
    ]  # fmt: skip


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("length", ["0", "10", "300", "2000", "100000000", "x", "-1", None])
def test_record_of_wrong_length_costs_no_other(tmp_path, packed, length):
    (tmp_path / "x.warc").write_bytes(joined([record(0), record(1, Content_Length=length), record(2)], packed=packed))
    found = contents(tmp_path / "x.warc")
    assert (found[0], found[-1]) == (page(0), page(2))


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    "junk", [b"\0\xffjunk\n" * 30, b"\r\n\r\n", b"WARC/1.0\r\nno header\r\n\r\n", b"\x1f\x8b\x08junk" * 9]
)
def test_junk_between_records_costs_none(tmp_path, packed, junk):
    parts = [joined([one], packed=packed) for one in THREE]
    (tmp_path / "x.warc").write_bytes(parts[0] + junk + parts[1] + parts[2])
    assert contents(tmp_path / "x.warc") == PAGES


@pytest.mark.parametrize(
    ("date", "timestamp"),
    [("2005", "20050101000000"), ("2005-04", "20050401000000"), ("2005-04-01", "20050401000000"),
     ("2005-04-01T10:30Z", "20050401103000"), ("2005-04-01T10:30:05.123456789Z", "20050401103005"),
     ("2005-04-01T00:00:00+02:00", "20050331220000"), ("2005-04-01 00:00:00", "20050401000000"),
     ("20050401000000", "20050401000000"), ("20050401000000123", "20050401000000"), ("2016-12-31T23:59:60Z", "20161231235959"),
     ("0000-00-00T00:00:00Z", ""), ("2005-02-30T00:00:00Z", ""), ("0001-01-01T00:00:00+09:00", ""), ("soon", ""), ("", "")],
)  # fmt: skip
def test_date_of_a_record_in_any_form_is_read_or_costs_itself(tmp_path, date, timestamp, caplog):
    (tmp_path / "x.warc").write_bytes(joined([record(0), record(1, WARC_Date=date), record(2)], packed=True))
    found = list(read_corpus(tmp_path / "x.warc"))
    assert [snapshot.content for snapshot in found] == PAGES
    assert found[1].capture.timestamp == timestamp
    assert ("states no date that exists" in caplog.text) is (not timestamp)


@pytest.mark.parametrize(
    "url",
    ["HTTP://A.EXAMPLE/p", "a.example/p", "ftp://a.example/p", "file:///p", "<http://a.example/p>", "http://[bad/p"],
)
@pytest.mark.parametrize(
    "status", ["HTTP/1.1 200 OK", "HTTP/2 200", "http/1.0 200", "ICY 200 OK", "HTTP 200 OK", "HTTP/1.1 OK"]
)
def test_http_head_of_a_record_with_any_address_is_no_text_of_the_page(tmp_path, url, status):
    block = http(page(1), status)
    (tmp_path / "x.warc").write_bytes(
        joined([record(0), record(1, block, WARC_Target_URI=url), record(2)], packed=True)
    )
    assert contents(tmp_path / "x.warc") == PAGES


def test_record_without_url_costs_itself(tmp_path, caplog):
    (tmp_path / "x.warc").write_bytes(joined([record(0), record(1, WARC_Target_URI=None), record(2)], packed=True))
    assert contents(tmp_path / "x.warc") == [page(0), page(2)]
    assert "1 records of" in caplog.text
    assert "have no URL and were left out" in caplog.text


def test_resource_records_are_pages_and_other_records_are_not(tmp_path, caplog):
    own = {"WARC_Type": "resource", "Content_Type": "text/html"}
    parts = [record(0), record(1, page(1), **own), record(3, b"text", WARC_Type="resource", WARC_Target_URI="urn:text:x"),
             record(4, b"via: x", WARC_Type="metadata"), record(5, http(b"a { color: red }").replace(b"html", b"css")),
             record(6, b"127.0.0.1", WARC_Target_URI="dns:a.example", Content_Type="text/dns"), record(2, page(2), **own)]  # fmt: skip
    (tmp_path / "x.warc").write_bytes(joined(parts, packed=True))
    assert contents(tmp_path / "x.warc") == PAGES
    archive = open_archive(str(tmp_path / "x.warc"), rate=0, cdx_rate=0, connections=1)
    assert [row.status for row in archive.captures(IndexQuery(URL.format(2)))] == ["200"]


def test_conversion_records_are_named(tmp_path, caplog):
    text = record(1, b"We collect your name.", WARC_Type="conversion", Content_Type="text/plain")
    (tmp_path / "x.warc").write_bytes(joined([text, text], packed=True))
    assert contents(tmp_path / "x.warc") == []
    assert "2 conversion records of" in caplog.text


REVISIT = {"WARC_Type": "revisit", "WARC_Date": "2006-04-01T00:00:00Z", "WARC_Target_URI": URL.format(1), "WARC_Record_ID": "<urn:id:r>"}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "original"),
    [
        ({"WARC_Refers_To_Target_URI": URL.format(1), "WARC_Refers_To_Date": "2005-04-01T00:00:00Z"}, 1),
        ({"WARC_Refers_To_Target_URI": URL.format(2), "WARC_Refers_To_Date": "2005-04-01T00:00:00Z"}, 2),
        ({"WARC_Refers_To": "<urn:id:0>"}, 0),
        ({}, 1),
        ({"WARC_Payload_Digest": "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"}, 1),  # of a "not modified" without a body
        ({"WARC_Refers_To_Target_URI": "http://b.example/", "WARC_Refers_To_Date": "2005-04-01T00:00:00Z"}, None),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_revisit_has_the_content_of_what_it_refers_to(tmp_path, more, original, is_first, caplog):
    revisit = record(9, b"", **REVISIT, **more)
    parts = [revisit, *THREE] if is_first else [*THREE, revisit]
    (tmp_path / "x.warc").write_bytes(joined(parts, packed=True))
    found = [s.content for s in read_corpus(tmp_path / "x.warc") if s.capture.timestamp == "20060401000000"]
    assert found == ([] if original is None else [page(original)])
    archive = open_archive(str(tmp_path / "x.warc"), rate=0, cdx_rate=0, connections=1)
    if original is None:
        assert "1 revisits repeat pages that are not in this file" in caplog.text
        with pytest.raises(ArchiveError, match="not what it repeats"):
            archive.memento("20060401000000", URL.format(1))
    else:
        assert archive.memento("20060401000000", URL.format(1)).content == page(original)


@pytest.mark.parametrize(
    ("body", "extra"),
    [
        (brotli.compress(page(1)), "Content-Encoding: br\r\n"),
        (gzip.compress(page(1)[:99]) + gzip.compress(page(1)[99:]), "Content-Encoding: , gzip\r\n"),
        (page(1), "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(page(1)), page(1)), ""),
    ],
)
def test_body_of_a_record_is_decoded_as_that_of_a_reply(tmp_path, body, extra):
    (tmp_path / "x.warc").write_bytes(joined([record(1, http(body, extra=extra))], packed=True))
    assert contents(tmp_path / "x.warc") == [page(1)]


def write_indexed(tmp_path, change=lambda row: row, time: str = "20050401000000"):
    """Writes a WARC and its index, each row of which is changed."""
    offset, lines = 0, []
    for number, part in enumerate(THREE):
        length = len(gzip.compress(part))
        row = {"url": URL.format(number), "mime": "text/html", "status": "200", "digest": f"sha1:{number}", "length": str(length), "offset": str(offset), "filename": "x.warc.gz"}  # fmt: skip
        lines.append(f"example,a)/p{number}.html {time} {json.dumps(change(row))}\n")
        offset += length
    (tmp_path / "x.warc.gz").write_bytes(joined(THREE, packed=True))
    (tmp_path / "x.cdxj").write_text("".join(lines))
    os.utime(tmp_path / "x.warc.gz", (1, 1))


@pytest.mark.parametrize(
    ("change", "time", "is_used"),
    [
        (lambda row: row | {"status": 200, "length": int(row["length"]), "offset": int(row["offset"])}, "20050401000000", True),
        (lambda row: row | {"status": None, "mime": None, "digest": None}, "20050401000000", True),
        (lambda row: row, "20050401000000123", True),
        (lambda row: row | {"offset": str(int(row["offset"]) + 7)}, "20050401000000", False),
        (lambda row: row | {"offset": "0"}, "20050401000000", False),
        (lambda row: row | {"offset": "99999999"}, "20050401000000", False),
        (lambda row: row | {"offset": "-5"}, "20050401000000", False),
        (lambda row: row, "20051301000000", False),
    ],
)  # fmt: skip
def test_index_of_others_is_used_or_passed_over(tmp_path, change, time, is_used, caplog):
    write_indexed(tmp_path, change, time)
    found = list(read_corpus(tmp_path / "x.warc.gz"))
    assert [(s.content, s.capture.timestamp) for s in found] == [(one, "20050401000000") for one in PAGES]
    assert ("the file is read through instead" in caplog.text) is not is_used


def test_warc_of_a_wacz_that_its_index_does_not_name_is_read(tmp_path):
    write_indexed(tmp_path)
    with zipfile.ZipFile(tmp_path / "x.wacz", "w") as bag:
        bag.writestr("archive/x.warc.gz", joined(THREE, packed=True))
        bag.writestr("archive/y.warc.gz", joined([record(3)], packed=True))
        bag.write(tmp_path / "x.cdxj", "indexes/index.cdxj")
    assert contents(tmp_path / "x.wacz") == [*PAGES, page(3)]


@pytest.mark.parametrize(
    ("pack", "says"),
    [(zstandard.compress, "unpack it with `zstd -d`"), (gzip.compress, "`warcio recompress` mends that")],
)
def test_warc_that_is_compressed_as_a_whole_is_refused_with_what_to_do(tmp_path, pack, says, caplog):
    (tmp_path / "x.warc.zst").write_bytes(pack(b"".join(THREE)))
    assert contents(tmp_path / "x.warc.zst") == []
    assert says in caplog.text


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.binary(min_size=1, max_size=40), st.booleans())
def test_archive_with_any_bytes_changed_is_read_without_a_traceback(tmp_path_factory, place, junk, packed):
    whole = joined(THREE, packed=packed)
    place %= len(whole)
    path = tmp_path_factory.mktemp("archive") / "x.warc"
    path.write_bytes(whole[:place] + junk + whole[place + len(junk) :])
    assert len(contents(path)) <= 3
