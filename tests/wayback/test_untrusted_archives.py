"""Untrusted WARC and WACZ files: read with limits, in place, and without writing any file."""

import gzip
import zipfile
from io import BytesIO

import pytest
from replay.generated import write_archive
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractor import warcfile
from extractor.errors import UnreadableError


def warc_of(content: bytes, *headers: tuple[str, str]) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), *headers], "HTTP/1.1")
    record = writer.create_warc_record("http://a.example/", "response", payload=BytesIO(content), http_headers=head)
    writer.write_record(record)
    return out.getvalue()


@pytest.mark.parametrize(
    "bomb",
    [
        warc_of(bytes(30_000_000)),
        warc_of(gzip.compress(bytes(30_000_000)), ("Content-Encoding", "gzip")),
    ],
    ids=["packed record", "packed body"],
)
def test_read_record_of_a_gzip_bomb_raises_unreadable_error(tmp_path, bomb):
    path = tmp_path / "bomb.warc.gz"
    path.write_bytes(bomb)
    (record,) = warcfile.iter_records(path)
    with pytest.raises(UnreadableError, match="larger than 20,000,000 bytes"):
        warcfile.read_record(path, record.position)


@pytest.fixture
def warc(tmp_path) -> bytes:
    return write_archive(tmp_path, 3)[0].read_bytes()


def wacz(path, members: dict[str, bytes], compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as wacz_file:
        for name, content in members.items():
            wacz_file.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name", ["archive/../../../evil.warc.gz", "archive//etc/evil.warc.gz", "archive/a/b/c.warc.gz"]
)
def test_iter_records_of_a_wacz_extracts_no_file(tmp_path, warc, name):
    (tmp_path / "in").mkdir()
    path = wacz(tmp_path / "in" / "x.wacz", {name: warc, "../outside.warc.gz": warc})
    before = set(tmp_path.rglob("*"))
    records = list(warcfile.iter_records(path))
    assert len(records) == 3
    assert warcfile.read_record(path, records[0].position).content.startswith(b"<html>")
    assert set(tmp_path.rglob("*")) == before


def test_iter_records_of_a_wacz_bomb_raises_unreadable_error(tmp_path):
    path = wacz(tmp_path / "x.wacz", {"archive/a.warc": bytes(10_000_000)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(UnreadableError, match="no WACZ to trust"):
        list(warcfile.iter_records(path))


def test_iter_records_of_a_wacz_without_a_warc_raises_unreadable_error(tmp_path):
    with pytest.raises(UnreadableError, match="0 WARCs"):
        list(warcfile.iter_records(wacz(tmp_path / "x.wacz", {"datapackage.json": b"{}"})))


def test_iter_records_of_a_wacz_with_too_many_warcs_raises_unreadable_error(tmp_path, monkeypatch):
    monkeypatch.setattr(warcfile, "_MAX_PARTS", 2)
    with pytest.raises(UnreadableError, match="3 WARCs"):
        list(warcfile.iter_records(wacz(tmp_path / "x.wacz", {f"archive/{n}.warc.gz": b"" for n in range(3)})))


def test_iter_records_of_an_encrypted_wacz_raises_unreadable_error(tmp_path, warc):
    path = wacz(tmp_path / "x.wacz", {"archive/a.warc.gz": warc})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match="encrypted"):
        list(warcfile.iter_records(path))
