"""Files that may be compressed, by the ending of their names: .gz and .zst; read and written."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from extractor.errors import ConfigurationError, UnreadableError

_CHUNK = 1 << 16  # bytes
_USUAL = 1 << 18  # bytes; most pages have fewer
_MOST = 50_000_000  # bytes, unpacked, of a file that is read as a whole: a stranger's may be a bomb


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file as a stream of its bytes, unpacked. Raises UnreadableError where it cannot be read, or ends early."""
    try:
        with path.open("rb") as raw:
            yield _unpacked(raw, path.suffix.lower())
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(f"{path} cannot be read: {getattr(error, 'strerror', '') or error}.") from error


def read_bytes(path: Path) -> bytes:
    """All bytes of a file, unpacked. Raises UnreadableError, also where there are too many."""
    with opened(path) as stream:
        content = stream.read(_USUAL)
        if len(content) == _USUAL:  # asked for all at once, Python makes room for the most there may be
            content += stream.read(_MOST + 1 - _USUAL)
    if len(content) > _MOST:
        raise UnreadableError(f"{path} has more than {_MOST // 1_000_000} MB (a bomb?): it was not read.")
    return content


def _unpacked(raw: BinaryIO, suffix: str) -> BinaryIO:
    """A stream that unpacks another as a name's ending asks."""
    if suffix == ".gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    return cast(BinaryIO, io.BufferedReader(_Unzst(raw))) if suffix == ".zst" else raw


@contextmanager
def packed(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """A stream that compresses into another as the file's name asks; the same bytes each time."""
    suffix = path.suffix.lower()
    if suffix == ".gz":
        with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packer:
            yield cast(BinaryIO, packer)
    elif suffix == ".zst":
        with _zstd().ZstdCompressor().stream_writer(stream, closefd=False) as packer:
            yield packer
    else:
        yield stream


class _Unzst(io.RawIOBase):
    """A stream that unpacks zstd frames. Reading raises OSError where they end early: zstandard's own does not."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._machine, self._rest, self._ready = raw, _zstd().ZstdDecompressor(), b"", b""
        self._frame: Any = None

    def readable(self) -> bool:
        """That the stream can be read."""
        return True

    def readinto(self, room: Any) -> int:
        """Fills the room, or part of it."""
        while not self._ready and (packed := self._rest or self._raw.read(_CHUNK)):
            self._ready = self._unpack(packed)
        if not self._ready and self._frame and not self._frame.eof:
            raise OSError("the file ends within a zstd frame")
        part, self._ready = self._ready[: len(room)], self._ready[len(room) :]
        room[: len(part)] = part
        return len(part)

    def _unpack(self, packed: bytes) -> bytes:
        if not self._frame or self._frame.eof:
            self._frame = self._machine.decompressobj()
        try:
            ready: bytes = self._frame.decompress(packed)
        except _zstd().ZstdError as error:
            raise OSError(str(error)) from error
        self._rest = self._frame.unused_data
        return ready


def _zstd() -> Any:
    """The zstandard package. Raises ConfigurationError where the extra is not installed."""
    try:
        import zstandard
    except ImportError as error:
        raise ConfigurationError(".zst needs the extra: pip install 'archived-policy[zstd]'.") from error
    return zstandard
