"""Bodies of HTTP messages without their codings."""

import gzip
import sys
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from extractor.httpbody import BodyHeaders, decode_http_body, header_list

PAGE = b"<html><title>Privacy</title>" + b"".join(b"<p>We keep letter %d.</p>" % (n * 7919) for n in range(300))
GZ, BR, ZST, ZL = gzip.compress(PAGE), brotli.compress(PAGE), zstandard.compress(PAGE), zlib.compress(PAGE)
# Brotli that stores its bytes as they are, and so looks like a text: the window, the length less one, a flag; then the end
STORED_BR = (1 << 20 | len(PAGE) - 1 << 4).to_bytes(3, "little") + PAGE + b"\x03"
MAX = 20_000_000


def chunked(body: bytes, size: int = 600) -> bytes:
    parts = [body[n : n + size] for n in range(0, len(body), size)]
    return b"".join(b"%x \r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def decoded(raw: bytes, codings: str = "", original: str = "", *, content_type="text/html", is_chunked=False):
    return decode_http_body(raw, BodyHeaders(codings, original, is_chunked, content_type), max_bytes=MAX)


@pytest.mark.parametrize(
    ("value", "elements"),
    [("", []), (", ,", []), ("gzip", ["gzip"]), (" GZIP ,\tbr", ["gzip", "br"]), ('"gzip",', ["gzip"])],
)
def test_header_list_has_no_empty_elements(value, elements):
    assert header_list(value) == elements


@pytest.mark.parametrize(
    ("raw", "codings", "original"),
    [
        (GZ, ", gzip", ""),
        (GZ, "gzip,,", ""),
        (GZ, "gzip, gzip", ""),
        (gzip.compress(GZ), "gzip, gzip", ""),
        (gzip.compress(GZ), "gzip", ""),
        (GZ, "identity, gzip", ""),
        (GZ, "utf-8, X-GZip", ""),
        (PAGE, "gzip", ""),
        (PAGE, "br", ""),
        (PAGE, "zstd", ""),
        (PAGE, "deflate", ""),
        (PAGE, "utf-8", ""),
        (PAGE, "none", ""),
        (PAGE, "iso-8859-1, identity", ""),
        (PAGE, "compress", ""),
        (b"%PDF-1.4\n" + bytes(500), "gzip", ""),
        (PAGE.decode().encode("utf-16"), "gzip", ""),
        (BR, "br", ""),
        (BR, "brotli", ""),
        (ZST, "zstd", ""),
        (ZST + ZST, "zstd", ""),
        (ZL, "deflate", ""),
        (ZL[2:-4], "deflate", ""),
        (gzip.compress(BR), "br, gzip", ""),
        (GZ, "", "gzip"),
        (BR, "", "br"),
        (STORED_BR, "br", ""),
        (STORED_BR, "", "br"),
        (STORED_BR, "", "gzip, br"),
        (ZST, "", "zstd"),
        (BR, "identity", "br"),
        (PAGE, "", "br"),
        (GZ, "", ""),
        (ZST, "", ""),
        (gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:]), "gzip", ""),
        (GZ + b"\0\0\0junk", "gzip", ""),
        (GZ[:-8], "gzip", ""),
        (GZ[:-3], "gzip", ""),
        (b"", "gzip", ""),
        (b"", "br", "br"),
    ],
)
def test_body_with_codings_declared_or_not_is_the_page(raw, codings, original):
    body = decoded(raw, codings, original, content_type="text/html; charset=utf-8")
    plain = raw if raw[:5] == b"%PDF-" or raw[:2] == b"\xff\xfe" else PAGE * raw.count(b"\x28\xb5\x2f\xfd") or PAGE
    assert body.content == (plain if raw else b"")
    assert body.fault == ""


@pytest.mark.parametrize("is_chunked", [True, False])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, brotli.compress])
def test_body_with_chunk_sizes_left_in_it_is_without_them(pack, is_chunked):
    coding = {gzip.compress: "gzip", brotli.compress: "br"}.get(pack, "")
    body = decoded(chunked(pack(PAGE)), coding, is_chunked=is_chunked)
    assert (body.content, body.fault) == (PAGE, "")


@pytest.mark.parametrize(
    ("raw", "is_chunked"),
    [(PAGE, True), (b"12\nWe keep it.", False), (b"3\r\nabc", False), (b"3\r\nabc\r\nnot a size", False), (b"0", True)],
)
def test_body_that_only_looks_chunked_is_unchanged(raw, is_chunked):
    assert decoded(raw, is_chunked=is_chunked).content == raw


def test_body_with_chunks_that_break_off_is_cut():
    body = decoded(chunked(PAGE)[:2000], is_chunked=True)
    assert body.fault == "cut"
    assert PAGE.startswith(body.content)
    assert len(body.content) > 1800


@pytest.mark.parametrize(
    ("raw", "coding", "fault"),
    [
        (GZ[:-30], "gzip", "cut"),
        (BR[:-30], "br", "cut"),
        (ZST[:-30], "zstd", "cut"),
        (ZL[:-30], "deflate", "cut"),
        (GZ[:-8] + b"\1" * 8, "gzip", "damaged"),
        (GZ[4:], "gzip", "damaged"),
        (bytes(range(256)) * 5, "br", "damaged"),
        (GZ[4:], "compress", "unknown"),
        (gzip.compress(bytes(30_000_000)), "gzip", "too large"),
        (gzip.compress(gzip.compress(bytes(30_000_000))), "gzip", "too large"),
        (brotli.compress(bytes(30_000_000)), "br", "too large"),
        (zstandard.compress(bytes(30_000_000)), "zstd", "too large"),
        (zlib.compress(bytes(30_000_000)), "deflate", "too large"),
    ],
)
def test_body_that_cannot_be_read_whole_has_a_fault_and_what_was_read(raw, coding, fault):
    body = decoded(raw, coding)
    assert body.fault == fault
    assert body.reason
    if fault == "cut":
        assert body.content or coding == "zstd"  # which comes in blocks of up to 128 kB
        assert PAGE.startswith(body.content)


@pytest.mark.parametrize(("package", "coding", "raw"), [("brotli", "br", BR), ("zstandard", "zstd", ZST)])
def test_body_in_a_coding_whose_package_is_missing_names_it(package, coding, raw, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    body = decoded(raw, coding)
    assert body.fault == "unknown"
    assert f"'{coding}' needs the extra" in body.reason
    assert decoded(PAGE, coding) == (PAGE, "", "", 0)


@pytest.mark.parametrize("media_type", ["application/gzip", "application/octet-stream", ""])
def test_body_that_is_a_compressed_file_stays_one(media_type):
    assert decoded(GZ, content_type=media_type).content == GZ


@given(
    st.binary(max_size=300), st.sampled_from(["", "gzip", "br", "zstd", "deflate", "none", "gzip, br"]), st.booleans()
)
def test_body_of_any_bytes_raises_nothing(raw, coding, is_chunked):
    body = decoded(raw, coding, coding, is_chunked=is_chunked)
    assert isinstance(body.content, bytes)
    assert bool(body.fault) == bool(body.reason)


# A single byte such as "3" or ";" is an empty body in Brotli, and taken for one where that is declared
@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), min_size=2))
def test_body_of_any_text_survives_each_coding(text):
    page = text.encode()
    for coding, pack in (("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.compress)):
        assert decoded(pack(page), coding, content_type="text/plain").content == page
        assert decoded(page, coding, content_type="text/plain").content == page
