"""What kind of page the bytes are, and the characters they stand for."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from typing import Literal

from charset_normalizer import from_bytes

Media = Literal["html", "markdown", "text", "pdf", "empty", "binary"]

MAGIC = {
    b"\x89PNG": "a PNG image",
    b"GIF8": "a GIF image",
    b"\xff\xd8\xff": "a JPEG image",
    b"RIFF": "a RIFF file (image, sound or film)",
    b"PK\x03\x04": "a ZIP or office file",
    b"\xd0\xcf\x11\xe0": "an old office file",
    b"FWS": "a Flash film",
    b"CWS": "a Flash film",
    b"\x7fELF": "a program",
}
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
HTML_MARK = re.compile(
    rb"<\s*(!doctype\s+html|html|head|body|title|meta|table|div|p|h[1-6]|font|center|a\s|br|ul|frameset)\b",
    re.IGNORECASE,
)
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
MAX_UNPACKED = 50_000_000  # bytes


def undo_gzip(content: bytes) -> bytes:
    """The bytes without a gzip coding that neither server nor archive spoke of; unchanged where there is none."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return zlib.decompressobj(31).decompress(content, MAX_UNPACKED)
    except (zlib.error, gzip.BadGzipFile):
        return content


def media_of(content: bytes, content_type: str) -> tuple[Media, str]:
    """The kind of a page, and what to call it to a reader. The bytes are believed before the header."""
    start = content[:4096]
    if not content.strip():
        return "empty", "an empty page"
    if start.lstrip().startswith(b"%PDF-"):
        return "pdf", "a PDF"
    for magic, name in MAGIC.items():
        if start.startswith(magic):
            return "binary", name
    if start[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and len(CONTROL.findall(start)) > len(start) // 50:
        return "binary", "a binary file"
    return text_media(content, content_type)


def text_media(content: bytes, content_type: str) -> tuple[Media, str]:
    """Which of the kinds of text it is."""
    if content_type.startswith("text/markdown"):
        return "markdown", "Markdown"
    if "html" in content_type or HTML_MARK.search(content[:65536].replace(b"\x00", b"")):
        return "html", "HTML"
    return "text", "plain text"


def decode(content: bytes, content_type: str) -> tuple[str, str]:
    """The characters of a page and the name of the encoding they were read by.

    In this order: byte order mark, HTTP header, meta element, UTF-8 if it fits, else detection where much is not
    ASCII, else windows-1252, which is what browsers took an undeclared page for. A declaration that does not fit
    the bytes is passed over.
    """
    for bom, encoding in BOMS.items():
        if content.startswith(bom):
            return content.decode(encoding, "replace"), encoding
    for encoding in [*declared(content, content_type), "utf-8"]:
        try:
            return content.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError):
            continue
    encoding = detected(content)
    return content.decode(encoding, "replace"), encoding


def declared(content: bytes, content_type: str) -> list[str]:
    """The encodings that the header and the page name, read as browsers read them (Latin-1 is windows-1252)."""
    in_page = META_CHARSET.search(content[:8192])
    names = [*HEADER_CHARSET.findall(content_type), *([in_page[1].decode("ascii", "replace")] if in_page else [])]
    latin = ("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii")
    # a page that could be read as ASCII to find its meta element is not UTF-16, whatever it says
    return ["cp1252" if name.lower() in latin else name for name in names if not name.lower().startswith("utf-16")]


def detected(content: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8 and say nothing of themselves."""
    foreign = sum(byte > 127 for byte in content[:100_000])
    if foreign < 0.1 * min(len(content), 100_000):
        return "cp1252"
    best = from_bytes(content[:100_000]).best()
    return best.encoding if best else "cp1252"
