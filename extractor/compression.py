"""Reading and writing of files that are compressed if their names end in .gz or .zst."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from extractor.errors import UnreadableError
from extractor.optional import require

_CHUNK_BYTES = 1 << 16  # bytes
_TYPICAL_BYTES = 1 << 18  # bytes; most pages are smaller
_MAX_BYTES = 50_000_000  # of a decompressed file that is read whole: it may be a decompression bomb


@contextmanager
def open_decompressed(path: Path) -> Iterator[BinaryIO]:
    """The decompressed bytes of a file as a stream. Raises UnreadableError if the file cannot be read or is cut off."""
    try:
        with path.open("rb") as raw:
            yield _decompress(raw, path.suffix.lower())
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(f"{path} cannot be read: {getattr(error, 'strerror', '') or error}.") from error


def read_bytes(path: Path) -> bytes:
    """The decompressed bytes of a file. Raises UnreadableError if it cannot be read or has more than 50 MB."""
    with open_decompressed(path) as stream:
        content = stream.read(_TYPICAL_BYTES)
        if len(content) == _TYPICAL_BYTES:  # Python would allocate the maximum if asked for all at once
            content += stream.read(_MAX_BYTES + 1 - _TYPICAL_BYTES)
    if len(content) > _MAX_BYTES:
        raise UnreadableError(
            f"{path} has more than {_MAX_BYTES // 1_000_000} MB (a decompression bomb?): it was not read."
        )
    return content


def _decompress(raw: BinaryIO, suffix: str) -> BinaryIO:
    """A stream that decompresses another according to the suffix of its file name."""
    if suffix == ".gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    return cast(BinaryIO, io.BufferedReader(_ZstdReader(raw))) if suffix == ".zst" else raw


@contextmanager
def compressed_writer(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """A stream that compresses into another according to the suffix of `path`; the output is deterministic."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as writer:
            yield cast(BinaryIO, writer)
    elif suffix == ".zst":
        with _zstd().ZstdCompressor().stream_writer(stream, closefd=False) as writer:
            yield writer
    else:
        yield stream


class _ZstdReader(io.RawIOBase):
    """A stream that decompresses zstd frames. Unlike zstandard's own, it raises OSError if they are cut off."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._decompressor, self._pending, self._output = raw, _zstd().ZstdDecompressor(), b"", b""
        self._frame: Any = None

    def readable(self) -> bool:
        """True: the stream can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills the buffer, or part of it, and returns the number of bytes; 0 at the end."""
        while not self._output and (compressed := self._pending or self._raw.read(_CHUNK_BYTES)):
            self._output = self._decompress(compressed)
        if not self._output and self._frame and not self._frame.eof:
            raise OSError("the file ends within a zstd frame")
        part, self._output = self._output[: len(buffer)], self._output[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _decompress(self, compressed: bytes) -> bytes:
        if not self._frame or self._frame.eof:
            self._frame = self._decompressor.decompressobj()
        try:
            output: bytes = self._frame.decompress(compressed)
        except _zstd().ZstdError as error:
            raise OSError(str(error)) from error
        self._pending = self._frame.unused_data
        return output


def _zstd() -> Any:
    """The zstandard package. Raises ConfigurationError if it is not installed."""
    return require("zstandard", extra="zstd", purpose=".zst")
