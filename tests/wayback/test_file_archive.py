"""The archive in a WARC."""

import gzip
import io

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractor.errors import ArchiveError
from extractor.wayback import open_archive

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
