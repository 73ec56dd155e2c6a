"""Compression that the server did not declare or the archive undid only in part: gzip, zlib, deflate, zstd, brotli."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from extractor.errors import UnreadableError
from extractor.records import Snapshot

MAX_UNPACKED_BYTES = 50_000_000
_MAX_LAYERS = 4
_TRUNCATED = "truncated: its compressed bytes break off"
_CUT = "cut"  # the outcome of a snapshot whose bytes break off
_GZIP, _ZLIB, _RAW = 31, 15, -15  # zlib's window sizes select the format to read


class UnpackedPage(NamedTuple):
    """A snapshot with its bytes unpacked, notes on damage, and the reason if it could not be unpacked, else ""."""

    snapshot: Snapshot
    content: bytes
    notes: tuple[str, ...] = ()
    error: str = ""


class _Decompressed(NamedTuple):
    """Decompressed bytes, and notes on damage."""

    content: bytes
    notes: tuple[str, ...] = ()


def unpack(snapshot: Snapshot) -> UnpackedPage:
    """A snapshot's page with all layers of compression removed; of a truncated page the readable part, with a note."""
    try:
        content, notes = decompress(snapshot.content)
    except UnreadableError as error:
        return UnpackedPage(snapshot, b"", error=str(error))
    if snapshot.outcome == _CUT and not notes:
        notes = ("truncated: its bytes break off",)
    return UnpackedPage(snapshot, content, notes)


def decompress(content: bytes) -> _Decompressed:
    """Bytes with all layers of compression removed; unchanged where there is none.

    Raises UnreadableError for a decompression bomb.
    """
    page = _Decompressed(content)
    for _ in range(_MAX_LAYERS):
        inner = _remove_layer(page.content)
        if inner is None:
            return page
        page = _Decompressed(inner.content, (*page.notes, *inner.notes))
    raise UnreadableError(
        f"The page is packed more than {_MAX_LAYERS} times over, which only bombs are: it was not unpacked."
    )


def _remove_layer(content: bytes) -> _Decompressed | None:
    """The bytes inside one layer of compression; None if the format is unknown or nothing comes out."""
    if content.startswith(b"\x1f\x8b"):
        return _inflate(content, _GZIP)
    if content[:1] == b"\x78" and len(content) > 2 and (content[0] * 256 + content[1]) % 31 == 0:
        return _inflate(content, _ZLIB)
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        return _decompress_stream(content, "zstandard", lambda module: module.ZstdDecompressor().decompressobj())
    return None


def decompress_unmarked(content: bytes) -> _Decompressed | None:
    """The HTML in raw deflate or brotli, formats that do not start with a signature; None if there is none."""
    for page in (
        _inflate(content, _RAW),
        _decompress_stream(content, "brotli", lambda module: module.Decompressor()),
    ):
        if page and not page.notes and b"<" in page.content[:2000] and b"\x00" not in page.content[:2000]:
            return page
    return None


def _inflate(content: bytes, window: int) -> _Decompressed | None:
    """The bytes that zlib reads, from all members of a gzip file; None if there are none."""
    output, rest, is_complete = b"", content, True
    while rest and is_complete and len(output) <= MAX_UNPACKED_BYTES:
        decompressor = zlib.decompressobj(window)
        try:
            output += decompressor.decompress(rest, MAX_UNPACKED_BYTES + 1 - len(output))
            is_complete = decompressor.eof
        except zlib.error:
            output, is_complete = output + _inflate_until_damage(rest, window), False
        # after a member comes another one, or bytes to ignore
        rest = decompressor.unused_data if decompressor.unused_data.startswith(b"\x1f\x8b") else b""
    return _check_output(output, is_complete=is_complete)


def _inflate_until_damage(content: bytes, window: int) -> bytes:
    """The bytes that zlib reads before the damaged place."""
    decompressor, output = zlib.decompressobj(window), b""
    for start in range(0, min(len(content), MAX_UNPACKED_BYTES), 256):
        try:
            output += decompressor.decompress(content[start : start + 256], MAX_UNPACKED_BYTES)
        except zlib.error:
            break
    return output


def _decompress_stream(content: bytes, library: str, new_decompressor: Callable[[Any], Any]) -> _Decompressed | None:
    """The bytes that a library reads; None if it is not installed or does not recognize them."""
    try:
        decompressor = new_decompressor(importlib.import_module(library))
    except ImportError:
        return None
    output = bytearray()
    for start in range(0, len(content), 256):  # small steps, because these libraries cannot limit their output
        try:
            output += decompressor.decompress(content[start : start + 256])
        except Exception:  # noqa: BLE001 - each library has its own
            return _check_output(bytes(output), is_complete=False)
        if len(output) > MAX_UNPACKED_BYTES or _is_at_end(decompressor):
            break
    return _check_output(bytes(output), is_complete=_is_at_end(decompressor))


def _is_at_end(decompressor: Any) -> bool:
    """Whether a decompressor of zstd or brotli has read all that was compressed."""
    return bool(decompressor.eof if hasattr(decompressor, "eof") else decompressor.is_finished())


def _check_output(content: bytes, *, is_complete: bool) -> _Decompressed | None:
    """Decompressed bytes, with a note if they are incomplete; None for no bytes. Raises UnreadableError if too many."""
    if len(content) > MAX_UNPACKED_BYTES:
        megabytes = MAX_UNPACKED_BYTES // 1_000_000
        raise UnreadableError(f"The page unpacks to more than {megabytes} MB (a bomb?): it was not read.")
    if not content:
        return None
    return _Decompressed(content, () if is_complete else (_TRUNCATED,))
