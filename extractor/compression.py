"""Reading and writing of files that are compressed if their names end in .gz or .zst."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from extractor.errors import UnreadableError
from extractor.optional import require

_CHUNK_BYTES = 1 << 9  # compressed; as little is lost before damage, and as little memory goes to a bomb
_GZIP_WINDOW = 31  # zlib's number for the format
_PADDING = b"\0\r\n"  # that may follow a member
_TYPICAL_BYTES = 1 << 18  # bytes; most pages are smaller
_MAX_BYTES = 50_000_000  # of a decompressed file that is read whole: it may be a decompression bomb


class _Format(NamedTuple):
    """A format of compression: its signature, what makes a decompressor, and the names of a file and of its parts."""

    signature: re.Pattern[bytes]
    new_decompressor: Callable[[], Any]
    file: str
    unit: str


class _AvailableBytes(NamedTuple):
    """The decompressed bytes of a file up to where it is cut off or damaged, and a sentence on that, "" if whole."""

    content: bytes
    fault: str = ""


@contextmanager
def open_decompressed(path: Path) -> Iterator[io.BufferedReader]:
    """The decompressed bytes of a file as a stream, which raises EOFError where they are cut off or damaged.

    Raises UnreadableError if the file cannot be read, and in place of an EOFError that the caller lets pass.
    """
    try:
        with path.open("rb") as raw:
            yield _decompress(raw, path.suffix.lower())
    except EOFError as error:
        raise UnreadableError(incomplete_message(path, error)) from error
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror or error}.") from error


def incomplete_message(path: Path, error: EOFError) -> str:
    """A sentence on a compressed file that is cut off or damaged."""
    return f"{path} cannot be read to its end: {error}."


def read_bytes(path: Path) -> bytes:
    """The decompressed bytes of a file. Raises UnreadableError if it cannot be read whole or has more than 50 MB."""
    content, fault = read_available(path)
    if fault:
        raise UnreadableError(fault)
    return content


def read_available(path: Path, max_bytes: int = _MAX_BYTES) -> _AvailableBytes:
    """The decompressed bytes of a file, of a damaged one those before the damage.

    Raises UnreadableError if nothing can be read, or there is more than a maximum.
    """
    parts, size = [], 0
    with open_decompressed(path) as stream:
        try:
            while size <= max_bytes and (part := stream.read1(_TYPICAL_BYTES)):
                parts.append(part)
                size += len(part)
        except EOFError as error:
            return _AvailableBytes(b"".join(parts), incomplete_message(path, error))
    if size > max_bytes:
        raise UnreadableError(
            f"{path} has more than {max_bytes // 1_000_000} MB (a decompression bomb?): it was not read."
        )
    return _AvailableBytes(b"".join(parts))


def _decompress(raw: io.BufferedReader, suffix: str) -> io.BufferedReader:
    """A stream that decompresses another according to the suffix of its file name."""
    return io.BufferedReader(_DecompressingReader(raw, _FORMATS[suffix])) if suffix in _FORMATS else raw


@contextmanager
def compressed_writer(stream: BinaryIO, path: Path, *, gzip_level: int = 9) -> Iterator[BinaryIO]:
    """A stream that compresses into another according to the suffix of `path`; the output is deterministic."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        with gzip.GzipFile("", "wb", gzip_level, stream, mtime=0) as writer:
            yield cast(BinaryIO, writer)
    elif suffix == ".zst":
        with _zstd().ZstdCompressor().stream_writer(stream, closefd=False) as writer:
            yield writer
    else:
        yield stream


def has_compressed_name(path: Path) -> bool:
    """Whether a file is to be compressed, by its name."""
    return path.suffix.lower() in _FORMATS


def compress_block(content: bytes, path: Path) -> bytes:
    """Bytes as a whole gzip member or zstd frame, according to the suffix of `path`; gzip as fast as it can be."""
    out = io.BytesIO()
    with compressed_writer(out, path, gzip_level=1) as writer:
        writer.write(content)
    return out.getvalue()


def read_blocks(stream: BinaryIO, path: Path) -> Iterator[tuple[bytes, int]]:
    """The content of each gzip member or zstd frame in turn, and the offset at which it ends.

    The format is that of the suffix of `path`. What is cut off or damaged ends the blocks.
    """
    compression, pending = _FORMATS[path.suffix.lower()], b""
    while True:
        decompressor, content = compression.new_decompressor(), bytearray()
        while not decompressor.eof:
            if not (compressed := pending or stream.read(_TYPICAL_BYTES)):
                return
            try:
                content += decompressor.decompress(compressed)
            except Exception:  # noqa: BLE001 - each library has its own
                return
            pending = decompressor.unused_data
        yield bytes(content), stream.tell() - len(pending)


class _DecompressingReader(io.RawIOBase):
    """A stream that decompresses gzip members or zstd frames, one after another.

    Unlike Python's and zstandard's own, it gives all bytes before a cut or damage, and then raises EOFError.
    """

    def __init__(self, raw: BinaryIO, compression: _Format) -> None:
        self._raw, self._format = raw, compression
        self._decompressor: Any = None  # of one member or frame
        self._pending, self._output, self._fault = b"", memoryview(b""), ""

    def readable(self) -> bool:
        """True: the stream can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer, or part of it, and returns the number of bytes; 0 at the end."""
        while not (self._output or self._fault) and (compressed := self._pending or self._raw.read(_CHUNK_BYTES)):
            self._output = memoryview(self._decompress(compressed))
        if not self._output and (self._fault or (self._decompressor and not self._decompressor.eof)):
            raise EOFError(self._fault or f"the file ends within a {self._format.unit}")
        part, self._output = self._output[: len(buffer)], self._output[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _decompress(self, compressed: bytes) -> bytes:
        """The bytes in the next compressed ones, b"" for padding and where they are damaged."""
        self._pending = b""
        if not self._decompressor and not self._format.signature.match(compressed):
            raise OSError(f"Not a {self._format.file} file ({compressed[:2]!r})")
        if not self._decompressor or self._decompressor.eof:
            compressed = compressed.lstrip(_PADDING) if self._decompressor else compressed
            if not compressed:
                return b""
            self._decompressor = self._format.new_decompressor()
        try:
            output: bytes = self._decompressor.decompress(compressed)
        except Exception as error:  # noqa: BLE001 - each library has its own
            self._fault = f"its compressed bytes are damaged ({error})"
            return b""
        self._pending = self._decompressor.unused_data
        return output


def _zstd() -> Any:
    """The zstandard package. Raises ConfigurationError if it is not installed."""
    return require("zstandard", extra="zstd", purpose=".zst")


def _new_zstd_decompressor() -> Any:
    """A decompressor of one zstd frame."""
    return _zstd().ZstdDecompressor().decompressobj()


_GZIP = _Format(re.compile(rb"\x1f\x8b"), partial(zlib.decompressobj, _GZIP_WINDOW), "gzipped", "gzip member")
_ZSTD = _Format(re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), _new_zstd_decompressor, "zstd", "zstd frame")
_FORMATS = {".gz": _GZIP, ".zst": _ZSTD}
