"""JSONL: one policy a line, plain or `.gz` or `.zst`."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, cast

import jsonlines
import msgspec

from extractor.atomic import write_atomically
from extractor.errors import ConfigurationError, UnreadableError
from extractor.records import Policy

CHUNK = 1 << 16  # bytes

# Valid in JSON, but many readers of lines take them for line ends
LINE_ENDS = {"\u2028".encode(): b"\\u2028", "\u2029".encode(): b"\\u2029", "\u0085".encode(): b"\\u0085"}


def encode_line(policy: Policy) -> bytes:
    """A policy as a line of JSON, in UTF-8, with its line end."""
    return encode_json(policy)


def encode_json(record: object) -> bytes:
    """A record of any kind as such a line."""
    line = msgspec.json.encode(record)
    for raw, escaped in LINE_ENDS.items():
        line = line.replace(raw, escaped)
    return line + b"\n"


def write_jsonl(policies: Iterable[Policy], path: Path) -> int:
    """Writes policies to a file that is whole or not there; compressed by its name. Gives their number."""
    count = 0
    with write_atomically(path) as raw, packed(raw, path) as stream:
        for policy in policies:
            stream.write(encode_line(policy))
            count += 1
    return count


def read_jsonl(path: str | Path) -> Iterator[Policy]:
    """The policies of a file, one by one. Raises UnreadableError with the line's number where one is damaged."""
    with unpacked(Path(path)) as stream, jsonlines.Reader(lines_of(stream)) as lines:
        number = 0
        try:
            for number, record in enumerate(lines, 1):  # noqa: B007 - named in the error
                yield Policy.from_dict(record)
        except (jsonlines.Error, msgspec.ValidationError, UnicodeDecodeError, OSError, RecursionError) as error:
            raise UnreadableError(f"{path} is damaged at or after line {number}: {error}.") from error


def lines_of(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file. Raises OSError where a compressed one ends early: jsonlines takes EOFError for the end."""
    try:
        yield from stream
    except (EOFError, zlib.error) as error:
        raise OSError(str(error)) from error


@contextmanager
def packed(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """A stream that compresses into another as the file's name asks; the same bytes each time."""
    if path.suffix == ".gz":
        with gzip.GzipFile("", "wb", fileobj=stream, mtime=0) as packer:
            yield cast(BinaryIO, packer)
    elif path.suffix == ".zst":
        with zstd().ZstdCompressor().stream_writer(stream, closefd=False) as packer:
            yield packer
    else:
        yield stream


@contextmanager
def unpacked(path: Path) -> Iterator[Iterable[bytes]]:
    """The lines of a file that may be compressed."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.") from error
    with stream:
        if path.suffix == ".gz":
            yield gzip.GzipFile(fileobj=stream)
        elif path.suffix == ".zst":
            yield lines_in(unzst(stream))
        else:
            yield stream


def unzst(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of zstd frames, in pieces. Raises OSError where they end early: zstandard's own reader does not."""
    zstandard = zstd()
    frame = None
    try:
        while piece := stream.read(CHUNK):
            while piece:
                frame = frame if frame and not frame.eof else zstandard.ZstdDecompressor().decompressobj()
                yield frame.decompress(piece)
                piece = frame.unused_data
    except zstandard.ZstdError as error:
        raise OSError(str(error)) from error
    if frame and not frame.eof:
        raise OSError("the file ends within a zstd frame")


def lines_in(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a text that comes in pieces."""
    tail = b""
    for piece in pieces:
        *whole, tail = (tail + piece).split(b"\n")
        yield from whole
    yield from [tail] if tail else []


def zstd() -> ModuleType:
    """The zstandard package. Raises ConfigurationError where the extra is not installed."""
    try:
        import zstandard
    except ImportError as error:
        raise ConfigurationError(".zst needs the extra: pip install 'archived-policy[zstd]'.") from error
    return zstandard
