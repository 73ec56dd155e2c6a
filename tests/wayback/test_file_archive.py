"""The archive in a WARC."""

import gzip
import io

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractor.errors import ArchiveError
from extractor.wayback import IndexQuery, open_archive, replay

PAGE = b"".join(b"<p>We keep letter %d of the year %d.</p>" % (number, number * 7919 % 997) for number in range(400))


@pytest.mark.parametrize(("body", "outcome"), [(gzip.compress(PAGE), ""), (gzip.compress(PAGE)[:-200], "cut")])
def test_memento_of_record_whose_encoding_breaks_off_is_refused(tmp_path, body, outcome):
    path = tmp_path / "crawl.warc.gz"
    with path.open("wb") as out:
        fields = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
        headers = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1")
        writer = WARCWriter(out, gzip=True)
        date = {"WARC-Date": "2024-01-01T00:00:00Z"}
        url = "http://a.example/privacy"
        writer.write_record(
            writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=headers, warc_headers_dict=date)
        )
    archive = open_archive(str(path), rate=0, cdx_rate=0, connections=1)
    if outcome:
        with pytest.raises(ArchiveError) as error:
            archive.memento("20240101000000", url)
        assert error.value.outcome == outcome
    else:
        assert archive.memento("20240101000000", url).content == PAGE


@pytest.mark.parametrize("name", ["crawl.warc.gz", "crawl.warc"])
def test_replay_of_a_redirect_from_http_to_https_leads_to_the_page_of_the_same_second(tmp_path, name):
    path = tmp_path / name
    secure = "https://a.example/privacy"
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=name.endswith(".gz"))
        moved = StatusAndHeaders("301 Moved Permanently", [("Location", secure)], protocol="HTTP/1.1")
        found = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        for year in (2023, 2024):
            date = {"WARC-Date": f"{year}-01-01T00:00:00Z"}
            for url, body, head in (("http://a.example/privacy", b"", moved), (secure, PAGE + b"%d" % year, found)):
                writer.write_record(
                    writer.create_warc_record(
                        url, "response", io.BytesIO(body), http_headers=head, warc_headers_dict=date
                    )
                )
    archive = open_archive(str(path), rate=0, cdx_rate=0, connections=1)
    rows = list(archive.captures(IndexQuery(secure)))
    assert [(row.timestamp[:4], row.status) for row in rows] == [
        ("2023", "301"),
        ("2023", "200"),
        ("2024", "301"),
        ("2024", "200"),
    ]
    for row in rows:
        served = replay(archive, row).snapshot
        assert (served.content, served.served_url) == (PAGE + row.timestamp[:4].encode(), secure)
