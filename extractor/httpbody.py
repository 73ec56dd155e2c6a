"""Bodies of HTTP messages without their transfer and content codings (RFC 9110), as servers and crawlers wrote them.

What the headers say and what the bytes are may differ: a coding is declared over plain bytes, or twice, or not at all;
a charset stands where a coding should; chunk sizes were left in the body. Where both are possible the bytes decide.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from extractor.errors import UnreadableError
from extractor.mediatypes import media_type
from extractor.optional import require

GZIP_MAGIC = b"\x1f\x8b\x08"
# Of a member whose optional fields are at most a file name and a comment, as web servers and crawlers write it
_GZIP_HEADER = re.compile(
    rb"\x1f\x8b\x08(?:[\x00\x01].{6}|[\x08\x09].{6}[^\x00]*\x00|[\x18\x19].{6}(?:[^\x00]*\x00){2})", re.DOTALL
)
_BodyFault = Literal["", "cut", "damaged", "unknown", "too large"]

_CHUNK = 1 << 12  # compressed bytes at a time, so that little is lost before damage, and a bomb is noticed early
_PLAIN_SAMPLE = 1024
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # those that no text in a superset of ASCII has
_MAX_CONTROL_SHARE = 0.02  # compressed bytes have a tenth
_PLAIN_STARTS = (b"%PDF-", b"\xff\xfe", b"\xfe\xff")  # the latter two of UTF-16
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_SYNONYMS = {"x-gzip": "gzip", "x-deflate": "deflate", "brotli": "br", "x-brotli": "br", "x-zstd": "zstd"}
_UNREADABLE_CODINGS = ("compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip", "aes128gcm")
_PAGE_TYPES = ("application/pdf", "application/xhtml+xml")
_MAX_LEFT_LAYERS = 2  # of a coding that no header names


class BodyHeaders(NamedTuple):
    """What the headers of a message say of its body.

    `codings` is the message's Content-Encoding, `original_codings` that of the message that an archive stored, which
    may be undone already; `is_chunked` is whether a header says that the body came in chunks.
    """

    codings: str = ""
    original_codings: str = ""
    is_chunked: bool = False
    content_type: str = ""


class DecodedBody(NamedTuple):
    """A body without its codings; of one with a fault, what was read before it, and the fault in words.

    `extra_layers` is how many layers of coding there were beyond those that the headers name.
    """

    content: bytes
    fault: _BodyFault = ""
    reason: str = ""
    extra_layers: int = 0


class _Undone(NamedTuple):
    """Bytes without one coding, as far as they could be read."""

    content: bytes
    fault: _BodyFault = ""


def header_list(value: str) -> list[str]:
    """The elements of a header that is a list, in lower case; empty ones do not count (RFC 9110, 5.6.1).

    >>> header_list(", GZIP,,br "), header_list("")
    (['gzip', 'br'], [])
    """
    return [element for part in value.split(",") if (element := part.strip(" \t\"'").lower())]


def decode_http_body(raw: bytes, headers: BodyHeaders, *, max_bytes: int) -> DecodedBody:
    """The body of a message without chunk sizes and content codings; `max_bytes` is the most that is decompressed."""
    dechunked = _without_chunk_sizes(raw, is_declared=headers.is_chunked)
    declared, original = header_list(headers.codings), header_list(headers.original_codings)
    body = _undo_declared(DecodedBody(*dechunked), declared, max_bytes)
    if not declared or declared == ["identity"]:
        body = _undo_original(body, original, max_bytes)
    if _may_be_packed_page(headers.content_type, declared + original):
        body = _undo_undeclared(body, max_bytes)
    return body


def _undo_declared(body: DecodedBody, codings: Sequence[str], max_bytes: int) -> DecodedBody:
    """A body without the codings that its header names; the last one named was applied last."""
    for name in reversed(codings):
        if body.fault not in ("", "cut") or not body.content:
            return body
        body = _undo_one(body, _SYNONYMS.get(name, name), max_bytes)
    return body


def _undo_one(body: DecodedBody, coding: str, max_bytes: int) -> DecodedBody:
    """A body without a coding; unchanged where it was never applied, or names none."""
    if undo := _DECODERS.get(coding):
        undone, reason = _attempt(undo, body.content, max_bytes)
        was_applied = _is_whole(undone, body.content) or undone.fault == "too large" or not _is_plain(body.content)
        return _with_layer(body, undone, coding, reason) if was_applied else body
    if coding in _UNREADABLE_CODINGS and not _is_plain(body.content):
        return body._replace(content=b"", fault="unknown", reason=f"its content coding {coding!r} is not known")
    return body


def _undo_original(body: DecodedBody, codings: Sequence[str], max_bytes: int) -> DecodedBody:
    """A body without the codings that the site used, where the archive did not undo them."""
    for name in reversed(codings):
        coding = _SYNONYMS.get(name, name)
        if body.fault or coding not in _DECODERS:
            continue
        undone, reason = _attempt(_DECODERS[coding], body.content, max_bytes)
        has_signature = body.content.startswith(_SIGNATURES.get(coding, ()))
        is_missing = reason and not _is_plain(body.content)
        if _is_whole(undone, body.content) or has_signature or is_missing or undone.fault == "too large":
            body = _with_layer(body, undone, coding, reason)
    return body


def _undo_undeclared(body: DecodedBody, max_bytes: int) -> DecodedBody:
    """A body without layers of gzip and zstd that no header names."""
    for _ in range(_MAX_LEFT_LAYERS):
        coding = next((name for name, magic in _SIGNATURES.items() if body.content.startswith(magic)), "")
        if not coding or body.fault not in ("", "cut"):
            return body
        undone, reason = _attempt(_DECODERS[coding], body.content, max_bytes)
        body = _with_layer(body, undone, coding, reason)._replace(extra_layers=body.extra_layers + 1)
    return body


def _is_whole(undone: _Undone, packed: bytes) -> bool:
    """Whether a coding could be undone to its end. To brotli a text may look like a few bytes, with junk after them.

    Nothing at all has a single byte in brotli.
    """
    return not undone.fault and (2 * len(undone.content) >= len(packed) or len(packed) == 1)


def _attempt(undo: Callable[[bytes, int], _Undone], content: bytes, max_bytes: int) -> tuple[_Undone, str]:
    """The bytes without a coding, or the reason why it cannot be undone here: a package is missing."""
    try:
        return undo(content, max_bytes), ""
    except UnreadableError as error:
        return _Undone(b"", "unknown"), str(error).rstrip(".")


def _with_layer(body: DecodedBody, undone: _Undone, coding: str, reason: str) -> DecodedBody:
    """A body after a coding was undone, with what is wrong with it now."""
    sentences = {
        "": "",
        "cut": f"its {coding} coding ends early",
        "damaged": f"its {coding} coding is damaged",
        "unknown": reason,
        "too large": "it is too large",
    }
    fault = undone.fault or body.fault
    return body._replace(content=undone.content, fault=fault, reason=sentences[undone.fault] or body.reason)


def _may_be_packed_page(content_type: str, codings: Sequence[str]) -> bool:
    """Whether bytes that look compressed are a page that was compressed, and not a file to be had in that form."""
    name = media_type(content_type)
    if name.startswith("text/") or name in _PAGE_TYPES:
        return True
    return bool(codings) and not name.startswith("application/")


def _is_plain(content: bytes) -> bool:
    """Whether bytes are a text or a PDF, and so not compressed."""
    start = content[:_PLAIN_SAMPLE]
    if start.startswith(tuple(_SIGNATURES.values())):
        return False
    return start.startswith(_PLAIN_STARTS) or len(_CONTROL_BYTES.findall(start)) <= len(start) * _MAX_CONTROL_SHARE


def _without_chunk_sizes(raw: bytes, *, is_declared: bool) -> tuple[bytes, _BodyFault, str]:
    """A body without the sizes of its chunks, unchanged where it has none.

    Where no header names them, all of the body has to be chunks: a text may begin with a number.
    """
    chunks, position = bytearray(), 0
    while size := _CHUNK_SIZE.match(raw, position):
        length, start = int(size[1], 16), size.end()
        if not length:
            return bytes(chunks), "", ""
        chunks += raw[start : start + length]
        end = _LINE_END.match(raw, start + length)
        if not end:
            position = start
            break
        position = end.end()
    if chunks and is_declared:
        return bytes(chunks), "cut", "its chunks break off"
    return raw, "", ""


def _decompress(new_decompressor: Callable[[], Any], signature: bytes, content: bytes, max_bytes: int) -> _Undone:
    """Bytes decompressed: all members, one after another; what follows them and is none is dropped."""
    output = bytearray()
    while True:
        decompressor, position = new_decompressor(), 0
        while not decompressor.eof and position < len(content):
            try:
                output += decompressor.decompress(content[position : position + _CHUNK])
            except OverflowError:
                return _Undone(b"", "too large")
            except Exception:  # noqa: BLE001 - each library has its own
                return _Undone(bytes(output), "damaged")
            if len(output) > max_bytes:
                return _Undone(b"", "too large")
            position += _CHUNK
        if not decompressor.eof:
            return _Undone(bytes(output), "" if _lacks_only_trailer(content) else "cut")
        content = decompressor.unused_data + content[position:]
        if not signature or not content.startswith(signature):
            return _Undone(bytes(output))


def _lacks_only_trailer(content: bytes) -> bool:
    """Whether a gzip member has all its data, and only the checksum after them was cut off."""
    found = _GZIP_HEADER.match(content)
    if not found:
        return False
    inflater = zlib.decompressobj(-15)
    data = content[found.end() :]
    try:
        while data and not inflater.eof:
            inflater.decompress(data, _CHUNK << 4)
            data = inflater.unconsumed_tail
    except zlib.error:
        return False
    return bool(inflater.eof)


def _undo_gzip(content: bytes, max_bytes: int) -> _Undone:
    return _decompress(partial(zlib.decompressobj, 31), _SIGNATURES["gzip"], content, max_bytes)


def _undo_deflate(content: bytes, max_bytes: int) -> _Undone:
    """Deflate is zlib's format by the standard, but many servers sent the raw one."""
    is_zlib = len(content) > 1 and content[0] & 0x0F == 8 and not int.from_bytes(content[:2], "big") % 31
    forms = (15, -15) if is_zlib else (-15,)
    attempts = [_decompress(partial(zlib.decompressobj, bits), b"", content, max_bytes) for bits in forms]
    return next((one for one in attempts if not one.fault), max(attempts, key=lambda one: len(one.content)))


def _undo_brotli(content: bytes, max_bytes: int) -> _Undone:
    brotli = require("brotli", extra="brotli", purpose="The content coding 'br'", error_type=UnreadableError)
    return _decompress(lambda: _BrotliDecompressor(brotli.Decompressor(), max_bytes), b"", content, max_bytes)


def _undo_zstd(content: bytes, max_bytes: int) -> _Undone:
    zstandard = require("zstandard", extra="zstd", purpose="The content coding 'zstd'", error_type=UnreadableError)
    return _decompress(lambda: zstandard.ZstdDecompressor().decompressobj(), _SIGNATURES["zstd"], content, max_bytes)


class _BrotliDecompressor:
    """brotli's decompressor with the methods of zlib's. Raises OverflowError where more than a maximum comes out."""

    unused_data = b""  # brotli has no members, and does not tell what follows its end

    def __init__(self, decompressor: Any, max_bytes: int) -> None:
        self._decompressor, self._left = decompressor, max_bytes

    @property
    def eof(self) -> bool:
        """Whether all was decompressed."""
        return bool(self._decompressor.is_finished())

    def decompress(self, content: bytes) -> bytes:
        """The bytes that more compressed ones give."""
        output = bytearray(self._decompressor.process(content, output_buffer_limit=self._left + 1))
        while not self._decompressor.can_accept_more_data() and len(output) <= self._left:
            output += self._decompressor.process(b"", output_buffer_limit=self._left + 1)
        if len(output) > self._left:
            raise OverflowError
        self._left -= len(output)
        return bytes(output)


_SIGNATURES = {"gzip": GZIP_MAGIC, "zstd": b"\x28\xb5\x2f\xfd"}
_DECODERS: dict[str, Callable[[bytes, int], _Undone]] = {
    "gzip": _undo_gzip,
    "deflate": _undo_deflate,
    "br": _undo_brotli,
    "zstd": _undo_zstd,
}
