"""The draft of a file of records: what an interrupted run made of it, and the next one goes on with.

The draft of a plain file is one file with its first lines. That of a compressed file is kept compressed as it grows: in
blocks of whole lines, each a gzip member or zstd frame of its own, and a plain file with the lines since the last
block. After a crash the packed file is read up to its last whole block, so that no line is lost. The draft of Parquet
is that of JSONL in gzip: it becomes Parquet when it is whole.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from filelock import FileLock, Timeout

from extractor.compression import compress_block, has_compressed_name, read_blocks
from extractor.errors import ConfigurationError
from extractor.exports import has_parquet_name, write_record_lines

_BLOCK_BYTES = 4_000_000  # of lines; more would compress hardly better


class _DraftCut(NamedTuple):
    """A place in a draft: the end of the last packed block before it, the lines from there, and the end of the tail.

    `lines` are those of a packed block that is cut within; where there are any, `tail_end` is 0.
    """

    packed_end: int
    lines: memoryview
    tail_end: int


BEGINNING = _DraftCut(0, memoryview(b""), 0)


class Draft:
    """The lines of an unfinished file: read from the beginning, cut, then appended to, and published."""

    def __init__(self, path: Path, tail: BinaryIO, packed: BinaryIO | None) -> None:
        """`path` is that of the finished file, `packed` the file of blocks, None if that file is not compressed."""
        self._path, self._tail, self._packed = path, tail, packed
        self._block_path = path.with_suffix(".gz") if has_parquet_name(path) else path  # whose suffix blocks have

    def lines(self) -> Iterator[tuple[bytes, _DraftCut]]:
        """The lines, the last of which may not be whole, each with the place where it ends."""
        packed_end = 0
        for block, end in self._blocks():
            stream, view = io.BytesIO(block), memoryview(block)
            for line in stream:
                is_last = stream.tell() == len(block)
                yield line, _DraftCut(end, view[:0], 0) if is_last else _DraftCut(packed_end, view[: stream.tell()], 0)
            packed_end = end
        self._tail.seek(0)
        tail_end = 0
        while line := self._tail.readline():
            tail_end += len(line)
            yield line, _DraftCut(packed_end, memoryview(b""), tail_end)

    def cut(self, place: _DraftCut) -> None:
        """Removes all lines after a place; what is appended follows there."""
        self._tail.seek(0 if place.lines else place.tail_end)
        self._tail.write(place.lines)
        self._tail.truncate()
        self._tail.flush()  # before the block that has the same lines goes
        if self._packed:
            self._packed.seek(place.packed_end)
            self._packed.truncate()

    def append(self, line: bytes) -> None:
        """Adds a line at the end, and packs the lines since the last block once they are enough for one."""
        self._tail.write(line)
        self._tail.flush()
        if self._packed and self._tail.tell() >= _BLOCK_BYTES:
            self._tail.seek(0)
            self._packed.write(compress_block(self._tail.read(), self._block_path))
            self._packed.flush()  # before the tail is cut: the next run may find its lines twice, and never not at all
            self._tail.seek(0)
            self._tail.truncate()

    def begin_with(self, finished: Path) -> None:
        """Copies the lines of a finished file, which is not compressed, to the draft of the next, if that has none."""
        self._tail.seek(0)
        if not self._tail.read(1):
            with finished.open("rb") as lines:
                shutil.copyfileobj(lines, self._tail)

    def publish(self) -> None:
        """Makes the finished file of the draft's lines, whole or not at all."""
        if not self._packed:
            self._tail.flush()
            os.fsync(self._tail.fileno())
            Path(self._tail.name).replace(os.path.realpath(self._path))
            return
        write_record_lines((line for line, _ in self.lines()), self._path)

    def _blocks(self) -> Iterator[tuple[bytes, int]]:
        """The lines of each whole block, and the offset in the packed file where it ends."""
        if self._packed:
            self._packed.seek(0)
            yield from read_blocks(self._packed, self._block_path)


@contextmanager
def open_draft(path: Path) -> Iterator[Draft]:
    """The draft of a file as an interrupted run left it, else empty. It is removed when the block ends well.

    Raises ConfigurationError where another run has it open.
    """
    goal = Path(os.path.realpath(path))
    tail, packed, lock = (goal.with_name(f".{goal.name}.{suffix}") for suffix in ("draft", "packed", "lock"))
    try:
        tail.touch()  # before the lock, which would make the folders that are missing
        with FileLock(lock, timeout=0):
            with _open_kept(tail) as tail_stream:
                if has_compressed_name(path) or has_parquet_name(path):
                    with _open_kept(packed) as packed_stream:
                        yield Draft(path, tail_stream, packed_stream)
                else:
                    yield Draft(path, tail_stream, None)
            for file in (tail, packed, lock):
                file.unlink(missing_ok=True)
    except Timeout as error:
        raise ConfigurationError(f"Another run writes {path}: wait for it, or name another file.") from error
    except OSError as error:
        if error.filename in (str(tail), str(packed), str(lock)):
            error.filename = str(path)
        raise


@contextmanager
def _open_kept(path: Path) -> Iterator[BinaryIO]:
    """A file to read and write, as it is, created where there is none."""
    path.touch()
    with path.open("r+b") as stream:
        yield stream
