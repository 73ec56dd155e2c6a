"""Codings that neither server nor archive spoke of, or undid only once: gzip, deflate, zstd, brotli."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from extractor.errors import UnreadableError

MOST = 50_000_000  # bytes, unpacked
_LAYERS = 4
_TRUNCATED = "truncated: its compressed bytes break off"
_GZIP, _ZLIB, _RAW = 31, 15, -15  # zlib's window sizes say which form is read


class _Unpacked(NamedTuple):
    """Bytes without a coding, and what went wrong while it was undone."""

    content: bytes
    notes: tuple[str, ...] = ()


def unpack(content: bytes) -> _Unpacked:
    """The bytes without codings, unchanged where there is none; of a truncated page what can be read, with a note.

    Raises UnreadableError for a bomb.
    """
    found = _Unpacked(content)
    for _ in range(_LAYERS):
        below = _undo_one(found.content)
        if below is None:
            return found
        found = _Unpacked(below.content, (*found.notes, *below.notes))
    raise UnreadableError(
        f"The page is packed more than {_LAYERS} times over, which only bombs are: it was not unpacked."
    )


def _undo_one(content: bytes) -> _Unpacked | None:
    """The bytes one layer below, None where no coding is known or it gives nothing."""
    if content.startswith(b"\x1f\x8b"):
        return _inflate(content, _GZIP)
    if content[:1] == b"\x78" and len(content) > 2 and (content[0] * 256 + content[1]) % 31 == 0:
        return _inflate(content, _ZLIB)
    if content.startswith(b"\x28\xb5\x2f\xfd"):
        return _streamed(content, "zstandard", lambda module: module.ZstdDecompressor().decompressobj())
    return None


def undo_unmarked(content: bytes) -> _Unpacked | None:
    """The page in bytes that look like none: deflate without a header and brotli, neither of which has a mark."""
    for found in (_inflate(content, _RAW), _streamed(content, "brotli", lambda module: module.Decompressor())):
        if found and not found.notes and b"<" in found.content[:2000] and b"\x00" not in found.content[:2000]:
            return found
    return None


def _inflate(content: bytes, window: int) -> _Unpacked | None:
    """The bytes that zlib reads, of all members of a gzip file; None where there is none."""
    read, rest, whole = b"", content, True
    while rest and whole and len(read) <= MOST:
        machine = zlib.decompressobj(window)
        try:
            read += machine.decompress(rest, MOST + 1 - len(read))
            whole = machine.eof
        except zlib.error:
            read, whole = read + _before_damage(rest, window), False
        # what follows a member is another one, or nothing to read
        rest = machine.unused_data if machine.unused_data.startswith(b"\x1f\x8b") else b""
    return _checked(read, whole=whole)


def _before_damage(content: bytes, window: int) -> bytes:
    """What zlib reads before the place where the bytes are damaged."""
    machine, read = zlib.decompressobj(window), b""
    for start in range(0, min(len(content), MOST), 256):
        try:
            read += machine.decompress(content[start : start + 256], MOST)
        except zlib.error:
            break
    return read


def _streamed(content: bytes, library: str, machine_of: Callable[[Any], Any]) -> _Unpacked | None:
    """The bytes that a library reads, None where it is not installed or does not know them."""
    try:
        machine = machine_of(importlib.import_module(library))
    except ImportError:
        return None
    read = bytearray()
    for start in range(0, len(content), 256):  # small bites, as these libraries know no limit
        try:
            read += machine.decompress(content[start : start + 256])
        except Exception:  # noqa: BLE001 - each library has its own
            return _checked(bytes(read), whole=False)
        if len(read) > MOST:
            break
    return _checked(bytes(read), whole=True)


def _checked(content: bytes, *, whole: bool) -> _Unpacked | None:
    """Unpacked bytes with a note where they break off. Raises UnreadableError where they are too many."""
    if len(content) > MOST:
        raise UnreadableError(f"The page unpacks to more than {MOST // 1_000_000} MB (a bomb?): it was not read.")
    if not content:
        return None
    return _Unpacked(content, () if whole else (_TRUNCATED,))
